/**
 * The platform server (ACMS): settings, its two ports, start and end. CLU-002.
 *
 * It wires the parts of this folder to a Platform. Drive it: set settings, `await initialize()`, `close()`.
 */
import type { Platform, TcpConnection, TcpListener } from '../../../spec/platform.ts';
import { PlatformPurpose } from '../../../spec/errors.ts';
import { ACMS_SERVICE_PORT_DEFAULT, ACMS_TRANSFER_PORT_DEFAULT } from '../../../spec/limits.ts';
import { telnetSpanSecs, waitResponseTimeoutSecs } from '../../../spec/timing.ts';
import { describeValue, encodeUtf8, LocalProtocolError } from '../../wire/index.ts';
import { checkInteger, checkSecs, checkText, checkUserIdBytesMax } from '../arguments.ts';
import { promised } from '../callbacks.ts';
import { ServerAssignedPolicy } from '../enums.ts';
import { ConnectException } from '../errors.ts';
import { checkMessageBytesMax, commonDefaults } from '../global-util.ts';
import { defineAccessors, microsOrNever, secsToMicros, Settings } from '../settings.ts';
import type { SettingRules } from '../settings.ts';
import { AcmsCluster } from './acms-cluster.ts';
import { AcmsPeer } from './acms-peer.ts';
import { createAcmsAnswers, localPort } from './acms-port.ts';
import type { AcmsAnswers } from './acms-port.ts';
import type { Acms, ClusterControlService, PlatformCustomizeService, PlatformUserManager } from './api.ts';
import { createClusterControlService, createPlatformCustomizeService } from './outside-services.ts';
import { factsOf, userDataOf } from './platform-user-data.ts';
import { ServerProbe } from './server-probe.ts';
import { transferLimits } from './transfer-limits.ts';

type AcmsValues = {
  serverAssignedPolicy: ServerAssignedPolicy;
  servicePort: number;
  transferPort: number;
  ipAddressBinding: string | null;
  secret: string;
  openLookup: boolean;
  waitResponseTimeoutInSecs: number;
  maxLengthOfUserID: number;
  maxLengthOfMessage: number;
};

const port = (value: number, name: string): void => checkInteger(name, 'CLU-002', value, 0, 65_535);

const RULES: SettingRules<AcmsValues> = {
  serverAssignedPolicy: (value) => {
    if (Object.values(ServerAssignedPolicy).includes(value)) return;
    const text = `serverAssignedPolicy must be one of ServerAssignedPolicy, got ${describeValue(value)}`;
    throw new LocalProtocolError('E_ARGUMENT', 'CLU-013', text);
  },
  servicePort: port,
  transferPort: port,
  ipAddressBinding: (value, name) => void checkText(name, value),
  secret: (value, name) => void checkText(name, value),
  openLookup: () => undefined,
  waitResponseTimeoutInSecs: (value, name) => checkSecs(name, value),
  maxLengthOfUserID: checkUserIdBytesMax,
  maxLengthOfMessage: checkMessageBytesMax,
};

type Phase = 'idle' | 'starting' | 'running' | 'closed';

/** The engine behind `platformEngineFactory.createAcms`. */
export class AcmsEngine implements Acms {
  declare serverAssignedPolicy: ServerAssignedPolicy;
  declare servicePort: number;
  declare transferPort: number;
  declare ipAddressBinding: string | null;
  declare secret: string;
  declare openLookup: boolean;
  declare waitResponseTimeoutInSecs: number;
  declare maxLengthOfUserID: number;
  declare maxLengthOfMessage: number;
  readonly settings: Settings<AcmsValues>;
  readonly clusterControlService: ClusterControlService;
  readonly platformCustomizeService: PlatformCustomizeService;
  readonly platformUserManager: PlatformUserManager;
  readonly #platform: Platform;
  readonly #peers = new Set<AcmsPeer>();
  readonly #cluster: AcmsCluster;
  readonly #answers: AcmsAnswers;
  readonly #probe: ServerProbe;
  #listeners: TcpListener[] = [];
  #phase: Phase = 'idle';
  #failStart: ((error: Error) => void) | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
    const { maxLengthOfUserID, maxLengthOfMessage } = commonDefaults();
    const defaults: AcmsValues = {
      serverAssignedPolicy: ServerAssignedPolicy.MinUserCount,
      servicePort: ACMS_SERVICE_PORT_DEFAULT,
      transferPort: ACMS_TRANSFER_PORT_DEFAULT,
      ipAddressBinding: null,
      secret: '',
      openLookup: true,
      waitResponseTimeoutInSecs: waitResponseTimeoutSecs,
      maxLengthOfUserID,
      maxLengthOfMessage,
    };
    this.settings = new Settings(defaults, RULES, () => this.#phase !== 'idle');
    this.#cluster = new AcmsCluster(platform, () => this.#limits());
    this.#answers = createAcmsAnswers(this.#cluster, () => this.serverAssignedPolicy);
    this.#probe = new ServerProbe(platform, this.#cluster, secsToMicros(telnetSpanSecs));
    const outside = localPort(platform, this.#cluster, () => this.#running());
    this.clusterControlService = createClusterControlService(outside, this.#cluster);
    this.platformCustomizeService = createPlatformCustomizeService(outside);
    this.platformUserManager = userManagerOf(this.#cluster, () => void this.#running());
  }

  initialize(): Promise<void> {
    return promised(async () => {
      if (this.#phase === 'closed') throw closedError();
      if (this.#phase !== 'idle') {
        throw new LocalProtocolError('E_ARGUMENT', 'ENG-003', 'initialize was called before; it starts once');
      }
      this.#phase = 'starting';
      const { Application, Lookup, Outside, Transfer } = PlatformPurpose;
      const service: number[] = [Application, Outside, ...(this.openLookup ? [Lookup] : [])];
      await Promise.all([this.#listen(this.servicePort, service), this.#listen(this.transferPort, [Transfer])]);
      this.#finishStart();
    });
  }

  #finishStart(): void {
    if (this.#phase !== 'starting') return;
    this.#phase = 'running';
    this.#probe.start();
  }

  close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#platform.noteAsyncEdge();
    this.#failStart?.(closedError());
    this.#probe.stop();
    for (const listener of this.#listeners) listener.close();
    for (const peer of this.#peers) peer.close();
    this.#peers.clear();
  }

  /** The bound ports, once running: those asked for, or the ones the system chose. */
  get ports(): { readonly service: number; readonly transfer: number } {
    this.#running();
    return { service: this.#listeners[0]?.local.port ?? 0, transfer: this.#listeners[1]?.local.port ?? 0 };
  }

  #limits(): { userIdBytesMax: number; messageBytesMax: number } {
    return transferLimits({ userIdBytesMax: this.maxLengthOfUserID, messageBytesMax: this.maxLengthOfMessage });
  }

  #running(): AcmsAnswers {
    if (this.#phase === 'running') return this.#answers;
    if (this.#phase === 'closed') throw closedError();
    throw new LocalProtocolError('E_NOT_INITIALIZED', 'ENG-004', 'the platform server does not run; await initialize');
  }

  #listen(wanted: number, purposes: readonly number[]): Promise<void> {
    this.#platform.noteAsyncEdge();
    const address = this.ipAddressBinding;
    return new Promise<void>((resolve, reject) => {
      this.#failStart = reject;
      const listener = this.#platform.listenTcp(
        { port: wanted, ...(address === null ? {} : { address }) },
        {
          onListening: () => {
            this.#platform.noteAsyncEdge();
            resolve();
          },
          onConnection: (tcp) => this.#accept(tcp, purposes),
          onError: (code, detail) => {
            this.#platform.noteAsyncEdge();
            const inUse = code === 'EADDRINUSE';
            const text = inUse ? `port ${wanted} is in use; choose another` : `port ${wanted}: ${code} ${detail}`;
            reject(new ConnectException(inUse ? 'E_ADDRINUSE' : 'E_CONNECT', 'CLU-002', text));
            this.close();
          },
        },
      );
      this.#listeners.push(listener);
    });
  }

  #accept(tcp: TcpConnection, purposes: readonly number[]): PlatformHandlers {
    const peer = new AcmsPeer(
      {
        platform: this.#platform,
        limits: this.#limits(),
        waitMicros: microsOrNever(this.waitResponseTimeoutInSecs),
        secret: encodeUtf8(this.secret) ?? new Uint8Array(0),
        purposes,
        cluster: this.#cluster,
        answers: this.#answers,
        noteGone: (gone) => this.#peers.delete(gone),
      },
      tcp,
    );
    if (this.#phase === 'closed') peer.close();
    else this.#peers.add(peer);
    return peer.link;
  }
}
defineAccessors(AcmsEngine.prototype, RULES);

type PlatformHandlers = AcmsPeer['link'];

function userManagerOf(cluster: AcmsCluster, requireRunning: () => void): PlatformUserManager {
  return {
    get userCount() {
      return cluster.directory.size;
    },
    isUserOnLine(userID) {
      requireRunning();
      return cluster.directory.get(userID) !== undefined;
    },
    getOnlineUserList() {
      requireRunning();
      return [...cluster.directory.all()].map((user) => user.userID);
    },
    getUserData(userID) {
      requireRunning();
      const user = cluster.wireUserOf(userID);
      return user === null ? null : userDataOf(userID, user.ServerID, factsOf(user));
    },
    selectOnlineUserFrom(userIDs) {
      requireRunning();
      return [...new Set(userIDs)].filter((userID) => cluster.directory.get(userID) !== undefined);
    },
  };
}

function closedError(): LocalProtocolError {
  return new LocalProtocolError('E_CLOSED', 'CUS-011', 'the platform server is closed; make a new one');
}

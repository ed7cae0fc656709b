/**
 * One accepted connection of the platform server: who it is, and then what such a peer may say (CLU-003 to CLU-005).
 *
 * Until the hello is accepted nothing else is taken. What messages mean for the cluster stands in `acms-cluster.ts`.
 */
import type { Platform, TcpConnection, Timer } from '../../../spec/platform.ts';
import { PlatformPurpose } from '../../../spec/errors.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { platformHelloSecs, platformSilenceSecs } from '../../../spec/timing.ts';
import { isHelloProof, NONCE_BYTES } from '../../core/cluster/hello-proof.ts';
import { codecs } from '../../wire/index.ts';
import type { FrameLimits, FrameView } from '../../wire/index.ts';
import { secsToMicros } from '../settings.ts';
import type { AcmsAnswers } from './acms-port.ts';
import type { AcmsCluster, AppServer } from './acms-cluster.ts';
import type { ClusterServerInfo } from './api.ts';
import type { ControlAction } from './outside-services.ts';
import { PlatformLink } from './platform-link.ts';

/** Version of the platform room, ours. */
const PLATFORM_VERSION = 1;

/** Bytes that may wait for one peer before it is given up. Ours. */
const QUEUED_BYTES_MAX = 67_108_864;

export type AcmsPeerOptions = {
  readonly platform: Platform;
  readonly limits: FrameLimits;
  readonly waitMicros: number;
  /** The secret's UTF-8 bytes. */
  readonly secret: Uint8Array;
  /** What a peer on this port may be. */
  readonly purposes: readonly number[];
  readonly cluster: AcmsCluster;
  readonly answers: AcmsAnswers;
  readonly noteGone: (peer: AcmsPeer) => void;
};

type Identity = { readonly purpose: number; readonly serverID: number; readonly instanceID: number };

/** A peer of the platform server. */
export class AcmsPeer {
  readonly link: PlatformLink;
  readonly #options: AcmsPeerOptions;
  readonly #nonce = new Uint8Array(NONCE_BYTES);
  #helloTimer: Timer | undefined;
  #identity: Identity | undefined;
  #server: AppServer | undefined;
  #unsubscribe: (() => void)[] = [];

  constructor(options: AcmsPeerOptions, tcp: TcpConnection) {
    this.#options = options;
    const { platform, limits, waitMicros } = options;
    const view = new DataView(this.#nonce.buffer);
    for (let at = 0; at < NONCE_BYTES; at += 4) view.setUint32(at, platform.randomUint32());
    this.link = new PlatformLink(
      { platform, side: 'acms', limits, waitMicros, queuedBytesMax: QUEUED_BYTES_MAX },
      {
        handleMessage: (frame) => this.#handleMessage(frame),
        handleDown: (detail) => this.#handleDown(detail),
      },
    );
    this.link.start(tcp);
    const challenge = { Nonce: this.#nonce, Version: PLATFORM_VERSION };
    this.link.post(MessageType.PlatformChallenge, codecs.PlatformChallengeContract, challenge);
    this.#helloTimer = platform.setTimer(secsToMicros(platformHelloSecs), () => {
      this.#helloTimer = undefined;
      this.close();
      this.#handleDown('no hello in time (CLU-004)');
    });
  }

  /** Ends the connection. */
  close(): void {
    this.#helloTimer?.cancel();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#unsubscribe = [];
    this.link.close();
  }

  #handleDown(detail: string): void {
    this.#helloTimer?.cancel();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    const { cluster, noteGone, platform } = this.#options;
    noteGone(this);
    if (this.#server !== undefined) cluster.removeServer(this.#server, detail);
    else if (this.#identity?.purpose === PlatformPurpose.Transfer) cluster.transferDown(this.link, this.#identity);
    else platform.log('debug', `a platform connection ended: ${detail}`);
  }

  #handleMessage(frame: FrameView): boolean {
    switch (this.#identity?.purpose) {
      case undefined:
        return frame.messageType === MessageType.PlatformHello && this.#handleHello(frame);
      case PlatformPurpose.Application:
        return this.#handleApplication(frame);
      case PlatformPurpose.Transfer:
        if (frame.messageType === MessageType.TransferMessage) this.#options.cluster.transfer(this.link, frame);
        else if (frame.messageType === MessageType.TransferFailed) this.#options.cluster.giveBack(frame);
        else return false;
        return true;
      case PlatformPurpose.Lookup:
        return frame.messageType === MessageType.GetServerToLogon && this.#handleOutside(frame);
      default:
        return this.#handleOutside(frame);
    }
  }

  #handleHello(frame: FrameView): boolean {
    const { cluster, purposes, secret } = this.#options;
    const hello = codecs.PlatformHelloContract.decode(frame.body());
    if (!hello.ok) return false;
    const { InstanceID: instanceID, Proof, Purpose: purpose, ServerID: serverID } = hello.value;
    const identity = { purpose, serverID, instanceID };
    const isProved =
      purpose === PlatformPurpose.Lookup || isHelloProof(secret, { nonce: this.#nonce, ...identity }, Proof);
    if (!isProved || !purposes.includes(purpose)) {
      this.#reply(frame, { ErrorCode: 'E_CONNECT', Info: null, Message: 'refused: wrong secret, port or purpose' });
      this.#options.platform.log('warn', `${this.link.remote.address} was refused as platform peer (CLU-003)`);
      return false;
    }
    this.#helloTimer?.cancel();
    this.#identity = identity;
    this.#reply(frame, DONE);
    if (purpose === PlatformPurpose.Application) this.link.watchSilence(secsToMicros(platformSilenceSecs));
    if (purpose === PlatformPurpose.Transfer) cluster.attachTransfer(this.link, identity);
    return true;
  }

  #handleApplication(frame: FrameView): boolean {
    const { cluster, platform } = this.#options;
    const server = this.#server;
    if (server === undefined) return frame.messageType === MessageType.RegisterServer && this.#register(frame);
    switch (frame.messageType) {
      case MessageType.ReportServerState: {
        const state = codecs.ServerStateContract.decode(frame.body());
        if (!state.ok) return false;
        server.cpuUsage = state.value.CpuUsage;
        server.memoryUsage = state.value.MemoryUsage;
        server.lastUpdateTime = platform.wallMillis();
        this.#reply(frame, DONE);
        return true;
      }
      case MessageType.UnregisterServer:
        cluster.removeServer(server, 'it unregistered');
        return true;
      default:
        return cluster.handleUsers(server, frame);
    }
  }

  #register(frame: FrameView): boolean {
    const { cluster } = this.#options;
    const body = codecs.RegisterServerContract.decode(frame.body());
    if (!body.ok || this.#identity === undefined) return false;
    const refusal = cluster.register(this.link, this.#identity, body.value);
    if (refusal !== null) {
      this.#reply(frame, { ErrorCode: 'E_CONNECT', Info: null, Message: refusal });
      return false;
    }
    this.#reply(frame, DONE);
    this.#server = cluster.servers.get(this.#identity.serverID);
    if (this.#server !== undefined) cluster.welcome(this.#server);
    return true;
  }

  #handleOutside(frame: FrameView): boolean {
    const { answers, cluster } = this.#options;
    const { messageId, messageType } = frame;
    const result = (value: ContractOf<'PlatformResultContract'>): void =>
      this.link.post(messageType, codecs.PlatformResultContract, value, messageId);
    switch (messageType) {
      case MessageType.GetServerToLogon: {
        const found = answers.serverToLogon();
        const value = found && { Address: found.address, Port: found.port, ServerID: found.serverID };
        this.link.post(messageType, value && codecs.ServerConfigurationContract, value, messageId);
        return true;
      }
      case MessageType.GetClusterServers: {
        const asked = codecs.GetClusterServersContract.decode(frame.body());
        if (!asked.ok) return false;
        const Servers = answers.servers(asked.value.ServerID).map(wireServer);
        this.link.post(messageType, codecs.ClusterServersContract, { Servers }, messageId);
        return true;
      }
      case MessageType.ControlServer: {
        const order = codecs.ControlServerContract.decode(frame.body());
        if (!order.ok) return false;
        answers.control(order.value.Action as ControlAction, order.value.ServerID, result);
        return true;
      }
      case MessageType.CallCluster: {
        const call = codecs.CallClusterContract.decode(frame.body());
        if (!call.ok) return false;
        answers.call(call.value, result);
        return true;
      }
      case MessageType.GetPlatformUser: {
        const asked = codecs.GetPlatformUserContract.decode(frame.body());
        if (!asked.ok) return false;
        const User = asked.value.UserID === null ? null : cluster.wireUserOf(asked.value.UserID);
        const answer = { Count: cluster.directory.size, User };
        this.link.post(messageType, codecs.PlatformUserResContract, answer, messageId);
        return true;
      }
      case MessageType.SubscribeServers:
        this.#subscribe();
        result(DONE);
        return true;
      default:
        return false;
    }
  }

  /** CLU-036: from now on the peer hears of servers that come and go. */
  #subscribe(): void {
    if (this.#unsubscribe.length > 0) return;
    const { cluster } = this.#options;
    const notify = (Registered: boolean, server: ClusterServerInfo): void =>
      this.link.post(MessageType.ServerNotice, codecs.ServerNoticeContract, { Registered, Server: wireServer(server) });
    this.#unsubscribe = [
      cluster.serverRegistered.add((server) => notify(true, server)),
      cluster.serverUnregistered.add((serverID) => notify(false, { ...NO_SERVER, serverID })),
    ];
  }

  #reply(frame: FrameView, value: ContractOf<'PlatformResultContract'>): void {
    this.link.post(frame.messageType, codecs.PlatformResultContract, value, frame.messageId);
  }
}

const DONE: ContractOf<'PlatformResultContract'> = { ErrorCode: null, Info: null, Message: null };

/** All that is told of a server that is gone, besides its ID. */
const NO_SERVER: ClusterServerInfo = {
  serverID: 0,
  address: '',
  port: 0,
  startTime: 0,
  userCount: 0,
  cpuUsage: 0,
  memoryUsage: 0,
  frozen: false,
  telnetFailure: false,
  lastUpdateTime: 0,
};

function wireServer(server: ClusterServerInfo): ContractOf<'ClusterServerInfoContract'> {
  return {
    Address: server.address,
    CpuUsage: server.cpuUsage,
    Frozen: server.frozen,
    LastUpdateTime: server.lastUpdateTime,
    MemoryUsage: server.memoryUsage,
    Port: server.port,
    ServerID: server.serverID,
    StartTime: server.startTime,
    TelnetFailure: server.telnetFailure,
    UserCount: server.userCount,
  };
}

/**
 * A system outside the cluster: one authenticated connection to the platform server, and the two services over it.
 *
 * It does not reconnect by itself: `connectionInterrupted` says that it is over, `connect` makes it anew (CLU-034, CLU-040).
 */
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import { PlatformPurpose } from '../../../spec/errors.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { waitResponseTimeoutSecs } from '../../../spec/timing.ts';
import { codecs } from '../../wire/index.ts';
import type { Codec, FrameView } from '../../wire/index.ts';
import { promised } from '../callbacks.ts';
import { ConnectException, DisconnectedException, LocalProtocolError, TimeoutException } from '../errors.ts';
import { EventSource } from '../event.ts';
import { commonDefaults } from '../global-util.ts';
import { secsToMicros } from '../settings.ts';
import type {
  ClusterControlClient,
  ClusterControlService,
  ClusterServerInfo,
  PlatformCustomizeService,
  ServerConfiguration,
} from './api.ts';
import { dialPlatform } from './dial-platform.ts';
import { createClusterControlService, createPlatformCustomizeService } from './outside-services.ts';
import type { OutsidePort } from './outside-services.ts';
import type { PlatformLink } from './platform-link.ts';
import { transferLimits } from './transfer-limits.ts';

export type ControlClientOptions = {
  /** The platform server's address and service port. */
  readonly acms: Endpoint;
  readonly secret: string;
  /** Seconds to wait for each answer; default 30. */
  readonly waitResponseTimeoutInSecs?: number;
  readonly maxLengthOfUserID?: number;
  readonly maxLengthOfMessage?: number;
};

/** The client behind `createClusterControlClient`. */
export class ControlClient implements ClusterControlClient {
  readonly clusterControlService: ClusterControlService;
  readonly platformCustomizeService: PlatformCustomizeService;
  readonly connectionInterrupted: EventSource<[]>;
  readonly #platform: Platform;
  readonly #options: ControlClientOptions;
  readonly #events: {
    readonly serverRegistered: EventSource<[server: ClusterServerInfo]>;
    readonly serverUnregistered: EventSource<[serverID: number]>;
  };
  #link: PlatformLink | undefined;
  #isUp = false;
  #closed = false;
  #connecting: { resolve(): void; reject(error: Error): void } | undefined;

  constructor(platform: Platform, options: ControlClientOptions) {
    this.#platform = platform;
    this.#options = options;
    this.connectionInterrupted = new EventSource(platform, 'connectionInterrupted');
    this.#events = {
      serverRegistered: new EventSource(platform, 'serverRegistered'),
      serverUnregistered: new EventSource(platform, 'serverUnregistered'),
    };
    const port = this.#port();
    this.clusterControlService = createClusterControlService(port, this.#events);
    this.platformCustomizeService = createPlatformCustomizeService(port);
  }

  connect(): Promise<void> {
    return promised(() => {
      if (this.#closed) throw new LocalProtocolError('E_CLOSED', 'CUS-011', 'the client is closed; make a new one');
      if (this.#link !== undefined) {
        throw new LocalProtocolError(
          'E_ARGUMENT',
          'ENG-003',
          'connect was called before and the connection still runs',
        );
      }
      this.#platform.noteAsyncEdge();
      return new Promise<void>((resolve, reject) => {
        this.#connecting = { resolve, reject };
        this.#dial();
      });
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#platform.noteAsyncEdge();
    this.#link?.close();
    this.#link = undefined;
    this.#isUp = false;
    this.#connecting?.reject(new LocalProtocolError('E_CLOSED', 'CUS-011', 'the client was closed'));
    this.#connecting = undefined;
  }

  get connected(): boolean {
    return this.#isUp;
  }

  #dial(): void {
    const { acms, secret, waitResponseTimeoutInSecs = waitResponseTimeoutSecs } = this.#options;
    const defaults = commonDefaults();
    const limits = transferLimits({
      userIdBytesMax: this.#options.maxLengthOfUserID ?? defaults.maxLengthOfUserID,
      messageBytesMax: this.#options.maxLengthOfMessage ?? defaults.maxLengthOfMessage,
    });
    this.#link = dialPlatform(
      {
        platform: this.#platform,
        limits,
        remote: acms,
        secret,
        purpose: PlatformPurpose.Outside,
        serverID: -1,
        instanceID: 0,
        waitMicros: secsToMicros(waitResponseTimeoutInSecs),
      },
      {
        handleUp: () => this.#handleUp(),
        handleMessage: (frame) => this.#handleMessage(frame),
        handleDown: (detail) => this.#handleDown(detail),
      },
    );
  }

  #handleUp(): void {
    this.#link?.ask({
      messageType: MessageType.SubscribeServers,
      codec: null,
      value: null,
      onReply: (frame) => {
        if (frame === undefined) return;
        this.#isUp = true;
        this.#platform.noteAsyncEdge();
        this.#connecting?.resolve();
        this.#connecting = undefined;
      },
    });
  }

  #handleDown(detail: string): void {
    const wasUp = this.#isUp;
    this.#link = undefined;
    this.#isUp = false;
    this.#platform.noteAsyncEdge();
    const { address, port } = this.#options.acms;
    this.#connecting?.reject(
      new ConnectException(
        'E_CONNECT',
        'CLU-003',
        `the platform server at ${address}:${port} cannot be used: ${detail}`,
      ),
    );
    this.#connecting = undefined;
    if (wasUp) this.connectionInterrupted.raise();
  }

  #handleMessage(frame: FrameView): boolean {
    if (frame.messageType !== MessageType.ServerNotice) return true;
    const notice = codecs.ServerNoticeContract.decode(frame.body());
    if (!notice.ok || notice.value.Server === null) return false;
    const server = serverOf(notice.value.Server);
    if (notice.value.Registered) this.#events.serverRegistered.raise(server);
    else this.#events.serverUnregistered.raise(server.serverID);
    return true;
  }

  #port(): OutsidePort {
    const { ClusterServersContract, ControlServerContract, CallClusterContract } = codecs;
    return {
      servers: async (serverID) => {
        const asked = { ServerID: serverID };
        const question = { type: MessageType.GetClusterServers, codec: codecs.GetClusterServersContract, value: asked };
        const answer = await this.#ask(question, ClusterServersContract);
        return (answer?.Servers ?? []).flatMap((server) => (server === null ? [] : [serverOf(server)]));
      },
      serverToLogon: async () => {
        const question = { type: MessageType.GetServerToLogon, codec: null, value: null };
        return configurationOf(await this.#ask(question, codecs.ServerConfigurationContract));
      },
      control: async (action, serverID) => {
        const value = { Action: action, ServerID: serverID };
        return await this.#result({ type: MessageType.ControlServer, codec: ControlServerContract, value });
      },
      call: async (call) =>
        await this.#result({ type: MessageType.CallCluster, codec: CallClusterContract, value: call }),
      user: async (userID) => {
        const value = { UserID: userID };
        const question = { type: MessageType.GetPlatformUser, codec: codecs.GetPlatformUserContract, value };
        const answer = await this.#ask(question, codecs.PlatformUserResContract);
        return { count: answer?.Count ?? 0, user: answer?.User ?? null };
      },
    };
  }

  async #result<Value>(question: Question<Value>): Promise<ContractOf<'PlatformResultContract'>> {
    const answer = await this.#ask(question, codecs.PlatformResultContract);
    return answer ?? { ErrorCode: 'E_DISCONNECTED', Info: null, Message: 'an empty answer' };
  }

  /** Rejects `E_DISCONNECTED` without a connection, or when it ends first; `E_TIMEOUT`. */
  #ask<Value, Answer>(question: Question<Value>, answer: Codec<Answer>): Promise<Answer | null> {
    const link = this.#link;
    if (link === undefined || !this.#isUp) return Promise.reject(new DisconnectedException('CLU-034'));
    this.#platform.noteAsyncEdge();
    return new Promise((resolve, reject) => {
      link.ask({
        messageType: question.type,
        codec: question.codec,
        value: question.value,
        onReply: (frame) => {
          this.#platform.noteAsyncEdge();
          const decoded = frame === undefined ? undefined : answer.decodeNullable(frame.body());
          if (decoded?.ok === true) resolve(decoded.value);
          else reject(link.isOpen ? new TimeoutException('CLU-034') : new DisconnectedException('CLU-034'));
        },
      });
    });
  }
}

type Question<Value> = { readonly type: number; readonly codec: Codec<Value> | null; readonly value: Value | null };

/** The wire's form to the public one. */
export function configurationOf(found: ContractOf<'ServerConfigurationContract'> | null): ServerConfiguration | null {
  return found === null ? null : { serverID: found.ServerID, address: found.Address ?? '', port: found.Port };
}

function serverOf(server: ContractOf<'ClusterServerInfoContract'>): ClusterServerInfo {
  return {
    serverID: server.ServerID,
    address: server.Address ?? '',
    port: server.Port,
    startTime: Number(server.StartTime),
    userCount: server.UserCount,
    cpuUsage: server.CpuUsage,
    memoryUsage: server.MemoryUsage,
    frozen: server.Frozen,
    telnetFailure: server.TelnetFailure,
    lastUpdateTime: Number(server.LastUpdateTime),
  };
}

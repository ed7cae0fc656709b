/**
 * One client of the reference adapter: requests of the adapter protocol turned into calls of the engine, events into lines.
 *
 * Methods are named after the verbs, call the engine before their first `await`, and let its errors through.
 */
import { rapidEngineFactory, ActionTypeOnChannelIsBusy, LogonResult } from '../../impl/index.ts';
import type { CustomizeHandler, LogonResponse, RapidPassiveEngine } from '../../impl/index.ts';
import { MessageInvalidType } from '../../spec/errors.ts';
import type { Platform } from '../../spec/platform.ts';
import { QUERY_RULES, THROWING_INFORMATION_TYPE } from './client-subject.ts';

/** A JSON object of the protocol. */
export type Line = Readonly<Record<string, unknown>>;

/** Longer than any run: how "never" is said to a setting for which 0 means something else. */
const NEVER_SECS = 1e6;

/** An engine, its handler and its event lines. */
export class ReferenceClient {
  readonly #engine: RapidPassiveEngine;
  readonly #config: Line;
  readonly #platform: Platform;
  readonly #emit: (event: Line) => void;
  #closed = false;

  constructor(config: Line, platform: Platform, emit: (event: Line) => void) {
    this.#config = config;
    this.#platform = platform;
    this.#emit = (event) => {
      if (!this.#closed) emit(event);
    };
    this.#engine = rapidEngineFactory.createPassiveEngine(platform);
    this.#configure();
    this.#subscribe();
  }

  async logon(request: Line): Promise<Line> {
    const { userID, password, address, port } = request as {
      userID: string;
      password: string | null;
      address: string;
      port: number;
    };
    return toLine(await this.#engine.initialize(userID, password, address, port, this.#handler()));
  }

  async send(request: Line): Promise<Line> {
    const { customizeOutter } = this.#engine;
    const { target, informationType, post, actionOnChannelIsBusy, byServer } = request as Send;
    const info = unhex(request.info);
    if (byServer) {
      customizeOutter.transferByServer(target!, informationType, info);
      return Promise.resolve({ sent: true });
    }
    const action = ActionTypeOnChannelIsBusy[actionOnChannelIsBusy];
    return Promise.resolve({ sent: customizeOutter.send(target, informationType, info, post, action) });
  }

  async query(request: Line): Promise<Line> {
    const { target, informationType } = request as Send;
    return { info: hex(await this.#engine.customizeOutter.query(target, informationType, unhex(request.info))) };
  }

  async sendCertainly(request: Line): Promise<Line> {
    const { target, informationType } = request as Send;
    await this.#engine.customizeOutter.sendCertainly(target, informationType, unhex(request.info));
    return {};
  }

  async sendBlob(request: Line): Promise<Line> {
    const { target, informationType } = request as Send;
    const fragmentSize = request.fragmentSize as number;
    await this.#engine.customizeOutter.sendBlob(target, informationType, unhex(request.blob), fragmentSize);
    return {};
  }

  async sendMessage(request: Line): Promise<Line> {
    const { target, informationType } = request as Send;
    const { tag, fragmentSize } = request as { tag: string | null; fragmentSize: number | null };
    await this.#engine.sendMessage(target, informationType, unhex(request.message), tag, fragmentSize ?? undefined);
    return {};
  }

  async basic(request: Line): Promise<Line> {
    const { basicOutter } = this.#engine;
    const { verb, userID, userIDs } = request.request as {
      verb: string;
      userID: string;
      userIDs: readonly string[];
    };
    switch (verb) {
      case 'ping':
        return { result: await basicOutter.ping() };
      case 'pingByServer':
        return { result: await basicOutter.pingByServer(userID) };
      case 'isUserOnline':
        return { result: await basicOutter.isUserOnline(userID) };
      case 'areUsersOnline':
        return { result: Object.fromEntries(await basicOutter.isUserOnline(userIDs)) };
      case 'getAllOnlineUsers':
        return { result: await basicOutter.getAllOnlineUsers() };
      case 'getMyIPE':
        return { result: await basicOutter.getMyIPE() };
      case 'getUserIPE':
        return { result: await basicOutter.getUserIPE(userID) };
      case 'kickOut':
        basicOutter.kickOut(userID);
        return { result: null };
      case 'sendHeartBeatMessage':
        basicOutter.sendHeartBeatMessage();
        return { result: null };
      default:
        throw new Error(`there is no basic request "${verb}"`);
    }
  }

  connected(): Promise<Line> {
    return Promise.resolve({ connected: this.#engine.connected });
  }

  closeConnection(request: Line): Promise<Line> {
    this.#engine.closeConnection(request.reconnectNow === true);
    return Promise.resolve({});
  }

  /** Resolves once everything pending has been answered. */
  async close(): Promise<Line> {
    this.#engine.close();
    // What the close made fail settles in microtasks; its replies come before this one's.
    await new Promise((resolve) => setImmediate(resolve));
    this.#closed = true;
    return {};
  }

  #configure(): void {
    const engine = this.#engine;
    const config = this.#config as Config;
    engine.systemToken = config.systemToken;
    engine.heartBeatSpanInSecs = config.heartBeatSpanInSecs;
    engine.waitResponseTimeoutInSecs = config.waitResponseTimeoutInSecs;
    engine.autoReconnect = config.autoReconnect;
    engine.clientType = config.clientType;
    engine.version = config.version;
    engine.authorizedUser = config.authorizedUser;
    engine.maxLengthOfUserID = config.maxLengthOfUserID;
    engine.maxLengthOfMessage = config.maxLengthOfMessage;
    engine.advanced.reconnectDelaySecs = config.reconnectDelaySecs;
    engine.advanced.blobBytesMax = config.blobBytesMax;
    engine.advanced.heartbeatTimeoutInSecs =
      config.heartbeatTimeoutInSecs > 0 ? config.heartbeatTimeoutInSecs : NEVER_SECS;
  }

  #subscribe(): void {
    const engine = this.#engine;
    engine.connectionInterrupted.add(() => this.#emit({ ev: 'connectionInterrupted' }));
    engine.connectionRebuildStart.add(() => this.#emit({ ev: 'connectionRebuildStart' }));
    engine.relogonCompleted.add((response) => this.#emit({ ev: 'relogonCompleted', response: toLine(response) }));
    engine.invalidMsgReceived.add((_address, kind) =>
      this.#emit({ ev: 'invalidMsgReceived', invalidType: invalidTypeName(kind) }),
    );
    engine.messageReceived.add((source, informationType, message, tag) =>
      this.#emit({ ev: 'messageReceived', source, informationType, info: hex(message), tag }),
    );
    engine.basicOutter.beingPushedOut.add(() => this.#emit({ ev: 'beingPushedOut' }));
    engine.basicOutter.beingKickedOut.add(() => this.#emit({ ev: 'beingKickedOut' }));
  }

  /** The built-in handler of chapter 20, section 5. */
  #handler(): CustomizeHandler {
    return {
      handleInformation: (source, informationType, info) => {
        this.#emit({ ev: 'information', source, informationType, info: hex(info) });
        if (informationType === THROWING_INFORMATION_TYPE) throw new Error('asked to throw');
      },
      handleQuery: (source, informationType, info) => {
        this.#emit({ ev: 'query', source, informationType, info: hex(info) });
        switch (informationType) {
          case QUERY_RULES.throws:
            throw new Error('asked to throw');
          case QUERY_RULES.null:
            return null;
          case QUERY_RULES.silent:
            return new Promise(() => undefined);
          case QUERY_RULES.delayedReverse:
            return this.#reverseLater(info);
          case QUERY_RULES.doubled:
            return info === null ? null : Buffer.concat([info, info]);
          default:
            return info;
        }
      },
    };
  }

  #reverseLater(info: Uint8Array | null): Promise<Uint8Array | null> {
    const millis = (info?.[0] ?? 0) + 256 * (info?.[1] ?? 0);
    const answer = info === null ? null : info.slice().reverse();
    const delayMicros = Math.ceil(millis * (this.#config as Config).timeFactor) * 1000;
    return new Promise((resolve) => this.#platform.setTimer(delayMicros, () => resolve(answer)));
  }
}

type Send = {
  readonly target: string | null;
  readonly informationType: number;
  readonly post: boolean;
  readonly actionOnChannelIsBusy: 'Continue' | 'Discard';
  readonly byServer: boolean;
};

type Config = {
  readonly systemToken: string | null;
  readonly heartBeatSpanInSecs: number;
  readonly waitResponseTimeoutInSecs: number;
  readonly autoReconnect: boolean;
  readonly reconnectDelaySecs: readonly number[];
  readonly maxLengthOfUserID: number;
  readonly maxLengthOfMessage: number;
  readonly clientType: RapidPassiveEngine['clientType'];
  readonly version: number;
  readonly authorizedUser: string;
  readonly heartbeatTimeoutInSecs: number;
  readonly blobBytesMax: number;
  readonly timeFactor: number;
};

function toLine(response: LogonResponse): Line {
  const name = Object.entries(LogonResult).find(([, value]) => value === response.logonResult)![0];
  return { logonResult: name, failureCause: response.failureCause };
}

function invalidTypeName(kind: unknown): string {
  return Object.entries(MessageInvalidType).find(([name, value]) => value === kind || name === kind)![0];
}

function hex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function unhex(value: unknown): Uint8Array | null {
  if (value === null) return null;
  if (typeof value !== 'string' || value.length % 2 !== 0 || /[^0-9a-f]/.test(value)) {
    throw new Error(`bytes must be lowercase hex or null, not ${JSON.stringify(value)}`);
  }
  return new Uint8Array(Buffer.from(value, 'hex'));
}

/**
 * A client as scenarios see it: the reference engine in this process, or a foreign one behind an adapter.
 *
 * Types and the rules of the built-in information handler only; `engine-client.ts` and `exec-client.ts` implement it.
 */
import type { ActionTypeOnNoP2PChannel, ChannelMode, RapidPassiveEngine } from '../../impl/index.ts';
import type { DirectSwitchboard } from './direct-switchboard.ts';
import type { NetworkOptions } from './network-options.ts';

import type { AcmsSubject } from './cluster-subjects.ts';

/** Settings by the manual's names; absent ones keep their defaults. Seconds are scenario seconds: targets scale them. */
export type ClientOptions = {
  /** Before each reconnect the client asks there which server to go to. Reference clients only. */
  readonly lookup?: AcmsSubject;
  readonly password?: string;
  readonly systemToken?: string | null;
  readonly heartBeatSpanInSecs?: number;
  readonly waitResponseTimeoutInSecs?: number;
  readonly autoReconnect?: boolean;
  readonly maxLengthOfUserID?: number;
  readonly maxLengthOfMessage?: number;
  readonly clientType?: number;
  readonly version?: number;
  readonly authorizedUser?: string;
  /** Client-side heartbeat timeout; 0 off. */
  readonly heartbeatTimeoutInSecs?: number;
  /** Largest blob this client accepts. */
  readonly blobBytesMax?: number;
  /** Milliseconds of scenario time its handler takes for an information, after recording it; default 0, synchronous. */
  readonly informationMillis?: number;
  /** Who links it directly to others, instead of hole punching; reference clients only. */
  readonly direct?: DirectSwitchboard;
  /** Where its host stands; default: on the public network. Only on the simulator. */
  readonly network?: NetworkOptions;
};

export type LogonOutcome = {
  readonly logonResult: 'Succeed' | 'Failed' | 'HadLoggedOn' | 'VersionMismatched';
  readonly failureCause: string | null;
};

/** What happened at a client, in order. `atMicros` counts from the start of the run. */
export type ClientEvent = { readonly atMicros: number } & (
  | {
      readonly kind: 'information';
      readonly source: string | null;
      readonly informationType: number;
      readonly info: Uint8Array | null;
    }
  | {
      readonly kind: 'query';
      readonly source: string | null;
      readonly informationType: number;
      readonly info: Uint8Array | null;
    }
  | {
      readonly kind: 'messageReceived';
      readonly source: string | null;
      readonly informationType: number;
      readonly info: Uint8Array | null;
      readonly tag: string | null;
    }
  | {
      readonly kind: 'broadcastReceived';
      readonly source: string | null;
      readonly groupID: string;
      readonly broadcastType: number;
      readonly info: Uint8Array | null;
      readonly tag: string | null;
    }
  | { readonly kind: 'contactsConnected' | 'contactsOffline'; readonly userID: string }
  | { readonly kind: 'relogonCompleted'; readonly response: LogonOutcome }
  | { readonly kind: 'invalidMsgReceived'; readonly invalidType: string }
  | { readonly kind: 'connectionInterrupted' }
  | { readonly kind: 'connectionRebuildStart' }
  | { readonly kind: 'beingPushedOut' }
  | { readonly kind: 'beingKickedOut' }
);

export type ClientEventKind = ClientEvent['kind'];

/**
 * Every client under test installs this handler, so that no case needs code of its own in an adapter.
 * `handleInformation` records. `handleQuery` answers by the query's information type:
 */
export const QUERY_RULES = {
  /** The request's bytes, unchanged (also null). */
  echo: 1,
  /** Throws. */
  throws: 2,
  /** Null. */
  null: 3,
  /** Never answers. */
  silent: 4,
  /** The bytes in reverse order, after as many milliseconds (scenario time) as the first two bytes say, little-endian. */
  delayedReverse: 5,
  /** The request's bytes twice over; null for null. (6 is taken by `THROWING_INFORMATION_TYPE`.) */
  doubled: 7,
} as const;

/** Information of this type makes the recorded handler throw after recording. */
export const THROWING_INFORMATION_TYPE = 6;

export type SendOptions = {
  readonly post?: boolean;
  readonly actionOnChannelIsBusy?: 'Continue' | 'Discard';
  readonly byServer?: boolean;
  /** Reference clients only, like the next. */
  readonly mode?: ChannelMode;
  /** Sends by sendByP2PChannel with this action. */
  readonly onNoChannel?: ActionTypeOnNoP2PChannel;
};

/** A target of null is the server. Rejections carry the codes of ERR-001 in `code`. */
export type ClientSubject = {
  readonly userID: string;
  /** The host it runs on, for `NetControl`. */
  readonly host: string;
  readonly events: readonly ClientEvent[];
  /** The engine itself, for cases with `clients: 'reference'`; null behind an adapter. */
  readonly engine: RapidPassiveEngine | null;
  logon(
    server: { readonly address: string; readonly port: number },
    options?: { readonly password?: string },
  ): Promise<LogonOutcome>;
  send(
    target: string | null,
    informationType: number,
    info: Uint8Array | null,
    options?: SendOptions,
  ): Promise<boolean>;
  query(target: string | null, informationType: number, info: Uint8Array | null): Promise<Uint8Array | null>;
  sendCertainly(target: string | null, informationType: number, info: Uint8Array | null): Promise<void>;
  sendBlob(
    target: string | null,
    informationType: number,
    blob: Uint8Array | null,
    fragmentSize: number,
    mode?: ChannelMode,
  ): Promise<void>;
  sendMessage(
    target: string | null,
    informationType: number,
    message: Uint8Array | null,
    tag: string | null,
    fragmentSize?: number,
  ): Promise<void>;
  basic(request: BasicRequest): Promise<unknown>;
  connected(): Promise<boolean>;
  closeConnection(reconnectNow: boolean): Promise<void>;
  /** Graceful end of the engine; also done for every client when the run ends. */
  close(): Promise<void>;
  /** Waits for an event of a kind, from index `from` on (default 0), that `match` accepts. */
  waitFor<K extends ClientEventKind>(
    kind: K,
    options?: {
      readonly match?: (event: Extract<ClientEvent, { kind: K }>) => boolean;
      readonly from?: number;
      readonly withinSecs?: number;
      readonly clause?: string;
    },
  ): Promise<Extract<ClientEvent, { kind: K }>>;
};

export type BasicRequest =
  | { readonly verb: 'ping' }
  | { readonly verb: 'pingByServer'; readonly userID: string }
  | { readonly verb: 'isUserOnline'; readonly userID: string }
  | { readonly verb: 'areUsersOnline'; readonly userIDs: readonly string[] }
  | { readonly verb: 'getAllOnlineUsers' }
  | { readonly verb: 'getMyIPE' }
  | { readonly verb: 'getUserIPE'; readonly userID: string }
  | { readonly verb: 'kickOut'; readonly userID: string }
  | { readonly verb: 'sendHeartBeatMessage' };

/** A reference server as scenarios see it. Types only; `engine-server.ts` implements it over impl/. */
import type { BroadcastInformation, CustomizeHandler } from '../../impl/index.ts';
import type { PlatformCallbackHandler, PlatformRapidServerEngine, RapidServerEngine } from '../../impl/index.ts';
import type { AcmsSubject } from './cluster-subjects.ts';

export type ServerOptions = {
  readonly relogonMode?: 'IgnoreNew' | 'ReplaceOld';
  readonly heartbeatTimeoutInSecs?: number;
  readonly autoRespondHeartBeat?: boolean;
  readonly waitResponseTimeoutInSecs?: number;
  readonly maxLengthOfUserID?: number;
  readonly maxLengthOfMessage?: number;
  readonly maxConnectionCount?: number;
  readonly emptyConnectionTimeoutInSecs?: number;
  readonly maxChannelCacheSize?: number;
  readonly version?: number;
  readonly authorizedUser?: string;
  readonly blobBytesMax?: number;
  /** Accepts everybody when absent. May take (virtual) time. */
  readonly verifyUser?: (
    systemToken: string | null,
    userID: string,
    password: string | null,
  ) => VerifyAnswer | Promise<VerifyAnswer>;
  /** Milliseconds of scenario time each event handler (pushed out, ignored, timed out) takes; 0 is synchronous. */
  readonly eventHandlerMillis?: number;
  /** The cluster to join; a single server when absent. */
  readonly acms?: AcmsSubject;
  /** The server's own ID in the cluster; default 1. */
  readonly serverID?: number;
  readonly callbackHandler?: PlatformCallbackHandler;
  /** Default 0: any free port. */
  readonly port?: number;
  /** `none`: the engine gets no customizeHandler at all, so no information or query is recorded either. */
  readonly customizeHandler?: 'none';
  /** `none`: the engine gets no basicHandler at all, so no `verifyUser` is recorded either. */
  readonly basicHandler?: 'recorded' | 'none';
  /** Called with the engine before it is initialized: to set what has no option here, or to use it too early. */
  readonly beforeStart?: (engine: RapidServerEngine) => void;
  /** What `handleInformation` does after it has recorded; a returned promise is given to the engine. */
  readonly onInformation?: (source: string, informationType: number) => void | Promise<void>;
  /** What the engine gets instead of the recorded handler; usually something around it. */
  readonly wrapHandler?: (recorded: CustomizeHandler) => CustomizeHandler;
  /** Runs on this host, whose server was closed or crashed, instead of a new one; with `port` it takes its old place. */
  readonly host?: string;
};

export type VerifyAnswer = { readonly ok: boolean; readonly failureCause?: string };

/** What happened at the server, in order. */
export type ServerEvent = { readonly atMicros: number } & (
  | {
      readonly kind: 'information' | 'query';
      readonly source: string;
      readonly informationType: number;
      readonly info: Uint8Array | null;
    }
  | {
      readonly kind: 'informationReceived' | 'transmitFailed';
      readonly sourceID: string;
      /** Null when it was for the server. */
      readonly destID: string | null;
      readonly informationType: number;
      readonly content: Uint8Array | null;
    }
  | {
      readonly kind: 'messageReceived';
      readonly source: string;
      readonly informationType: number;
      readonly info: Uint8Array | null;
      readonly tag: string | null;
    }
  | {
      readonly kind: 'broadcastReceived';
      readonly source: string;
      readonly groupID: string;
      readonly broadcastType: number;
      readonly info: Uint8Array | null;
      readonly tag: string | null;
    }
  | { readonly kind: 'broadcastFailed'; readonly userID: string; readonly information: BroadcastInformation }
  | { readonly kind: 'someOneConnected' | 'someOneBeingPushedOut' | 'someOneTimeOuted'; readonly userID: string }
  | {
      readonly kind: 'someOneBeingPushedOut.done' | 'someOneTimeOuted.done' | 'newConnectionIgnored.done';
      readonly userID: string;
    }
  | { readonly kind: 'someOneDisconnected'; readonly userID: string; readonly disconnectedType: string }
  | { readonly kind: 'newConnectionIgnored'; readonly userID: string; readonly address: string }
  | { readonly kind: 'userCountChanged'; readonly count: number }
  | { readonly kind: 'platformConnectionInterrupted' | 'platformConnectionRebuild' }
  | { readonly kind: 'invalidMsgReceived'; readonly address: string; readonly invalidType: string }
  | {
      readonly kind: 'verifyUser';
      readonly userID: string;
      readonly password: string | null;
      readonly systemToken: string | null;
    }
);

export type ServerEventKind = ServerEvent['kind'];

/** The events of one kind, also where several kinds share a shape. */
export type ServerEventOf<K extends ServerEventKind> = EventOf<ServerEvent, K>;

type EventOf<E, K> = E extends { readonly kind: infer Kinds }
  ? K extends Kinds
    ? E & { readonly kind: K }
    : never
  : never;

export type ServerSubject = {
  readonly address: string;
  readonly port: number;
  readonly host: string;
  /** The engine itself; its handler follows `QUERY_RULES`. */
  readonly engine: RapidServerEngine;
  /** The same engine as a member of its cluster; undefined for a single server. */
  readonly member: PlatformRapidServerEngine | undefined;
  readonly events: readonly ServerEvent[];
  waitFor<K extends ServerEventKind>(
    kind: K,
    options?: {
      readonly match?: (event: ServerEventOf<K>) => boolean;
      readonly from?: number;
      readonly withinSecs?: number;
      readonly clause?: string;
    },
  ): Promise<ServerEventOf<K>>;
  close(): Promise<void>;
};

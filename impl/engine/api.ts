/**
 * The public API as types: what an application of the engines sees, under the manual's names in camel case.
 *
 * Types only. `null` as a source or target UserID means the server. Times ending in `InSecs` are seconds, fractions
 * allowed. A method that returns a promise never throws: refusals reject. A method that takes a callback calls it exactly
 * once, with what the promise settles with; the promise may then be ignored.
 */
import type { Endpoint } from '../../spec/platform.ts';
import type { DynamicGroupController, DynamicGroupOutter } from './api-dynamic-groups.ts';
import type { HandlingAdvanced } from './api-handling.ts';
import type { ContactsController, ContactsManager, ContactsOutter } from './api-contacts.ts';
import type { PlatformUserManager, ServerLookup } from './cluster/api.ts';
import type {
  ActionTypeOnChannelIsBusy,
  ActionTypeOnNoP2PChannel,
  ChannelMode,
  ClientType,
  DisconnectedType,
  LogonResult,
  MessageInvalidType,
  RelogonMode,
} from './enums.ts';
import type { FileController, FileOutter } from './files/api-files.ts';
import type { P2PController } from './p2p/api.ts';

/** A subscription point. Handlers run synchronously in order of subscription; one that throws is logged. */
export type Event<Args extends readonly unknown[]> = {
  /** Subscribes. @returns a function that unsubscribes; calling it twice is harmless. */
  add(handler: (...args: Args) => void): () => void;
};

/** An event whose handlers must finish before the engine takes the next step: they may return a promise. */
export type AwaitedEvent<Args extends readonly unknown[]> = {
  add(handler: (...args: Args) => unknown): () => void;
};

/** The application's code for custom information, on a client or on the server. CUS-002, QRY-001 */
export type CustomizeHandler = {
  /**
   * Called once per message. Until a returned promise settles, the next call for the same connection waits. CUS-015
   * @param sourceUserID - The sender; null on a client when it was the server. CUS-003
   * @param informationType - Any int32.
   * @param info - The exact bytes, owned by the handler; null stays null.
   */
  handleInformation(
    sourceUserID: string | null,
    informationType: number,
    info: Uint8Array | null,
  ): void | Promise<void>;
  /** Answers a query. Throwing, or rejecting, gives the asker a {@link HandingException}. QRY-003 */
  handleQuery(
    sourceUserID: string | null,
    informationType: number,
    info: Uint8Array | null,
  ): Uint8Array | null | Promise<Uint8Array | null>;
};

/** The verdict on a logon; `failureCause` reaches the client unchanged. LOG-005 */
export type VerifyResult = { readonly ok: boolean; readonly failureCause?: string | null };

/** The application's logon check on the server. LOG-002 */
export type BasicHandler = {
  verifyUser(systemToken: string | null, userID: string, password: string | null): VerifyResult | Promise<VerifyResult>;
};

/** The answer to a logon. `failureCause` is null when the server gave none. LOG-005 */
export type LogonResponse = { readonly logonResult: LogonResult; readonly failureCause: string | null };

/** One custom information as the server's events report it. CUS-006 */
export type Information = {
  readonly sourceID: string;
  /** The destination UserID; null for the server. CUS-007 */
  readonly destID: string | null;
  readonly informationType: number;
  readonly content: Uint8Array | null;
};

/** Where a client can be reached; ports are 0 and addresses null where unknown. P2P-010 */
export type P2PAddress = {
  readonly publicIP: string | null;
  readonly privateIP: string | null;
  readonly privateUdpPort: number;
  readonly publicUdpPort: number;
  readonly privateTcpPort: number;
  readonly publicTcpPort: number;
};

/** A user on the server. USR-001 */
export type UserData = {
  readonly userID: string;
  readonly address: Endpoint;
  /** Wall clock at logon, milliseconds since 1970-01-01 UTC. */
  readonly timeLogon: number;
  readonly clientType: ClientType;
  /** The server the user is on; `_0` for a single server. */
  readonly appServerID: string;
  /** What the client told by P2PLogon; null before. P2P-010 */
  readonly p2pAddress: P2PAddress | null;
  /** Set by {@link UserManager.setTag}. */
  readonly tag: unknown;
  /** The application's own; the engine never touches it. */
  localTag: unknown;
};

/** `handler(error, response, tag)`: one of error and response is null, or both (a null answer). QRY-008 */
export type CallbackHandler = (error: Error | null, response: Uint8Array | null, tag: unknown) => void;
/** `handler(succeed, tag)`. ACK-005 */
export type ResultHandler = (succeed: boolean, tag: unknown) => void;

/** Basic requests of a client. BAS-001 to BAS-010 */
export type BasicOutter = {
  /** Raised after the engine closed because the same user logged on elsewhere. REL-004 */
  readonly beingPushedOut: Event<[]>;
  /** Raised after the engine closed because it was kicked out. BAS-003 */
  readonly beingKickedOut: Event<[]>;
  /** The endpoint of this client as the server sees it. BAS-005 */
  getMyIPE(): Promise<Endpoint>;
  /** The endpoint of another user; null when offline. BAS-006 */
  getUserIPE(userID: string): Promise<Endpoint | null>;
  /** BAS-007, and for a list BAS-008: one entry per distinct UserID. */
  isUserOnline(userID: string): Promise<boolean>;
  isUserOnline(userIDs: readonly string[]): Promise<Map<string, boolean>>;
  /** BAS-009 */
  getAllOnlineUsers(): Promise<string[]>;
  /** Round trip to the server, in whole milliseconds. BAS-010 */
  ping(): Promise<number>;
  /** Round trip to another user through the server, in whole milliseconds; offline: `E_TIMEOUT`. BAS-010 */
  pingByServer(userID: string): Promise<number>;
  /** Round trip to another user over a channel, the answer through the server, in whole milliseconds. P2P-066 */
  pingByP2PChannel(userID: string): Promise<number>;
  /** Asks the server to kick a user; an unknown one is no error. BAS-001 */
  kickOut(userID: string): void;
  /** Sends one heartbeat now. HBT-013 */
  sendHeartBeatMessage(): void;
};

/** Custom information sent by a client. `target` null is the server. CUS, QRY, ACK, BLB */
export type CustomizeOutter = {
  /** @returns true when sent, false when discarded on a busy channel. CUS-001, CUS-010 */
  send(informationType: number, info: Uint8Array | null): boolean;
  send(
    target: string | null,
    informationType: number,
    info: Uint8Array | null,
    post?: boolean,
    action?: ActionTypeOnChannelIsBusy,
    mode?: ChannelMode,
  ): boolean;
  /** Over a channel; without one as `actionType` says. @returns false when discarded. P2P-063 */
  sendByP2PChannel(
    target: string,
    informationType: number,
    info: Uint8Array | null,
    actionType: ActionTypeOnNoP2PChannel,
    post?: boolean,
    action?: ActionTypeOnChannelIsBusy,
  ): boolean;
  /** Like send, always through the server; the target must not be null. CUS-014 */
  transferByServer(target: string, informationType: number, info: Uint8Array | null): void;
  /** Resolves when the receiver's ACK arrived. ACK-001 */
  sendCertainly(
    target: string | null,
    informationType: number,
    info: Uint8Array | null,
    handler?: ResultHandler,
    tag?: unknown,
  ): Promise<void>;
  /** @returns the answer's bytes; null stays null. QRY-001 */
  query(informationType: number, info: Uint8Array | null): Promise<Uint8Array | null>;
  query(
    target: string | null,
    informationType: number,
    info: Uint8Array | null,
    handler?: CallbackHandler,
    tag?: unknown,
  ): Promise<Uint8Array | null>;
  /** Resolves when all fragments have been handed to the transport. `fragmentSize` in bytes. BLB-001, BLB-009 */
  sendBlob(
    target: string | null,
    informationType: number,
    blob: Uint8Array | null,
    fragmentSize: number,
    mode?: ChannelMode,
  ): Promise<void>;
};

/** Sends a message with a tag; raises `messageReceived` at the other end. ENG-001 */
export type SendMessage<Target> = (
  target: Target,
  informationType: number,
  message: Uint8Array | null,
  tag: string | null,
  fragmentSize?: number,
  handler?: ResultHandler,
  handlerTag?: unknown,
) => Promise<void>;

/** `(sourceUserID, informationType, message, tag)`; source null on a client when it was the server. ENG-001 */
export type MessageReceivedArgs = [
  sourceUserID: string | null,
  informationType: number,
  message: Uint8Array | null,
  tag: string | null,
];

/** Rarely changed client settings; frozen like the others while the engine runs. */
export type PassiveAdvanced = {
  /** No message at all for this long, once heartbeats are answered, is a broken connection. null: 3 spans; <= 0 off. HBT-010 */
  heartbeatTimeoutInSecs: number | null;
  /** Largest assembled blob, in bytes; larger ones are dropped. BLB-012 */
  blobBytesMax: number;
  /** Delay before reconnect attempt 1, 2, ...; the last one repeats. RCN-002 */
  reconnectDelaySecs: readonly number[];
  /** No progress in sending for this long breaks the connection; <= 0: never. */
  writeTimeoutInSecs: number;
  /** Seconds without a byte sent or received that end a file transfer, default 20; <= 0: never. FIL-024 */
  checkFileZeroSpeedSpanInSecs: number;
  /** Seconds a receiver waits for the first package, default 30; <= 0: for ever. FIL-027 */
  fileFirstPackageTimeoutInSecs: number;
  /** Asked before each reconnect which server to go to; null: always the one of initialize. CLU-045 */
  serverLookup: ServerLookup | null;
};

/** A client. Made by `rapidEngineFactory.createPassiveEngine`. ENG-008 */
export type RapidPassiveEngine = {
  /** Seconds between heartbeats, default 10; <= 0 sends none. HBT-001 */
  heartBeatSpanInSecs: number;
  /** Seconds to wait for replies and ACKs, default 30; <= 0 for ever. QRY-004 */
  waitResponseTimeoutInSecs: number;
  /** Default true. RCN-001 */
  autoReconnect: boolean;
  systemToken: string | null;
  clientType: ClientType;
  authorizedUser: string;
  version: number;
  /** The P2P server to ask instead of the server's own; default null: the server's own, if it runs one. P2P-008 */
  p2pServerAddress: Endpoint | null;
  /** N: UserID length in UTF-8 bytes, 1 to 255, default 11. LIM-002 */
  maxLengthOfUserID: number;
  /** Header included, in bytes, default 1 MiB. LIM-005 */
  maxLengthOfMessage: number;
  readonly advanced: PassiveAdvanced;
  /**
   * Connects and logs on. Resolves with the server's answer, refusals included.
   * Rejects `E_CONNECT`, `E_TIMEOUT`, `E_USER_ID`, `E_ARGUMENT`, `E_CLOSED`. LOG-007
   */
  initialize(
    userID: string,
    logonPassword: string | null,
    serverIP: string,
    serverPort: number,
    customizeHandler: CustomizeHandler | null,
  ): Promise<LogonResponse>;
  /** Ends the engine for good; idempotent. ENG-005 */
  close(): void;
  /** Breaks the connection and lets the reconnect run: at once, or after the normal delay. RCN-008 */
  closeConnection(reconnectNow: boolean): void;
  /** True from a successful logon until the connection ends. LOG-009 */
  readonly connected: boolean;
  readonly channelIsBusy: boolean;
  readonly currentUserID: string;
  readonly serverAddress: Endpoint;
  readonly basicOutter: BasicOutter;
  readonly customizeOutter: CustomizeOutter;
  /** Contacts and groups. CON */
  readonly contactsOutter: ContactsOutter;
  /** Groups in the memory of the server. CON-054 */
  readonly dynamicGroupOutter: DynamicGroupOutter;
  readonly fileOutter: FileOutter;
  /** Null once a logon has shown that this session can have no channels. P2P-072 */
  readonly p2pController: P2PController | null;
  readonly sendMessage: SendMessage<string | null>;
  readonly connectionInterrupted: Event<[]>;
  readonly connectionRebuildStart: Event<[]>;
  readonly relogonCompleted: Event<[response: LogonResponse]>;
  readonly messageReceived: Event<MessageReceivedArgs>;
  readonly invalidMsgReceived: Event<[address: Endpoint, kind: MessageInvalidType]>;
};

/** Who is on the server. USR-001 */
export type UserManager = {
  /** Default ReplaceOld; frozen while the server runs. REL-002 */
  relogonMode: RelogonMode;
  readonly userCount: number;
  isUserOnLine(userID: string): boolean;
  getOnlineUserList(): string[];
  /** Null when offline. */
  getUserData(userID: string): UserData | null;
  getUserAddress(userID: string): Endpoint | null;
  selectOnlineUserFrom(userIDs: Iterable<string>): string[];
  getAllUserData(): UserData[];
  /** @returns false when the user is offline. USR-003 */
  setTag(userID: string, tag: unknown): boolean;
  readonly someOneConnected: Event<[user: UserData]>;
  readonly someOneDisconnected: Event<[user: UserData, type: DisconnectedType]>;
  readonly someOneBeingPushedOut: AwaitedEvent<[user: UserData]>;
  readonly newConnectionIgnored: AwaitedEvent<[userID: string, address: Endpoint]>;
  readonly someOneTimeOuted: AwaitedEvent<[user: UserData]>;
  readonly userCountChanged: Event<[userCount: number]>;
  /** P2P-010 */
  readonly p2pAddressChanged: Event<[userID: string, address: P2PAddress]>;
  readonly userTagChanged: Event<[userID: string, tag: unknown]>;
};

/** BAS-004 */
export type BasicController = { kickOut(userID: string): void };

/** Custom information sent by the server. CUS, QRY, ACK, BLB */
export type CustomizeController = {
  /** @returns false when the user is offline or the information was discarded on a busy channel. CUS-008, CUS-010 */
  send(
    userID: string,
    informationType: number,
    info: Uint8Array | null,
    post?: boolean,
    action?: ActionTypeOnChannelIsBusy,
  ): boolean;
  sendCertainlyToLocalClient(
    userID: string,
    informationType: number,
    info: Uint8Array | null,
    handler?: ResultHandler,
    tag?: unknown,
  ): Promise<void>;
  queryLocalClient(
    userID: string,
    informationType: number,
    info: Uint8Array | null,
    handler?: CallbackHandler,
    tag?: unknown,
  ): Promise<Uint8Array | null>;
  sendBlob(userID: string, informationType: number, blob: Uint8Array | null, fragmentSize: number): Promise<void>;
  /** A forwarded information whose target is offline; blobs excluded. CUS-006 */
  readonly transmitFailed: Event<[information: Information]>;
  /** Every non-blob information from a client, forwarded ones too. CUS-007 */
  readonly informationReceived: Event<[information: Information]>;
};

/** Rarely changed server settings; frozen like the others while the engine runs. */
export type ServerAdvanced = HandlingAdvanced & {
  /** A connection that has not logged on within this time is closed; default 15, <= 0 off. SEC-006, SEC-007 */
  emptyConnectionTimeoutInSecs: number;
  /** BLB-012 */
  blobBytesMax: number;
  /** Bytes that may be queued on one connection before it is closed (ChannelCacheOverflow); 0: no limit. */
  maxChannelCacheSize: number;
  /** Seconds without a byte sent or received that end a file transfer, default 20; <= 0: never. FIL-024 */
  checkFileZeroSpeedSpanInSecs: number;
  /** Seconds a receiver waits for the first package, default 30; <= 0: for ever. FIL-027 */
  fileFirstPackageTimeoutInSecs: number;
};

/** A P2P server that stands alone. Made by `rapidEngineFactory.createP2PServer`. P2P-007 */
export type P2PServer = {
  /** N, the same as at the clients; to be set before initialize. */
  maxLengthOfUserID: number;
  /** Local address to bind; null: all. */
  ipAddressBinding: string | null;
  /** Resolves when it answers; rejects `E_ADDRINUSE`, `E_CONNECT`, `E_ARGUMENT`, `E_CLOSED`. @param udpPort 0: any free */
  initialize(udpPort: number): Promise<void>;
  close(): void;
  readonly port: number;
  /** The second port, 0 for none. P2P-005 */
  readonly secondPort: number;
  /** Requests answered, and what was none, since the start. */
  readonly statistics: { readonly answered: number; readonly ignored: number };
};

/** A server. Made by `rapidEngineFactory.createServerEngine`. ENG-008 */
export type RapidServerEngine = {
  /** Silence after which a user is timed out, default 30; <= 0 off. HBT-005 */
  heartbeatTimeoutInSecs: number;
  /** Seconds to wait for replies and ACKs, default 30; <= 0 for ever. */
  waitResponseTimeoutInSecs: number;
  /** Default false. HBT-004 */
  autoRespondHeartBeat: boolean;
  /** No progress in sending to a client for this long closes its connection; <= 0: never. */
  writeTimeoutInSecs: number;
  /** Local address to bind; null: all. */
  ipAddressBinding: string | null;
  /** 0: no limit. SEC-014 */
  maxConnectionCount: number;
  /** Runs a P2P server on the UDP port after its own, default true. P2P-001 */
  useAsP2PServer: boolean;
  authorizedUser: string;
  version: number;
  maxLengthOfUserID: number;
  maxLengthOfMessage: number;
  /** Who belongs to whom; null (default): nobody to anybody. CON-001, CON-003 */
  contactsManager: ContactsManager | null;
  readonly advanced: ServerAdvanced;
  /** Resolves when listening; rejects `E_ADDRINUSE`, `E_CONNECT`, `E_ARGUMENT`, `E_CLOSED`. Port 0: any free. ENG-006 */
  initialize(
    port: number,
    customizeHandler: CustomizeHandler | null,
    basicHandler?: BasicHandler | null,
  ): Promise<void>;
  close(): void;
  readonly port: number;
  readonly connectionCount: number;
  /** `_0` on a single server; in a cluster the server's own. CLU-006 */
  readonly serverID: string;
  readonly userManager: UserManager;
  /** Everybody online; in a cluster on all its servers. CLU-025 */
  readonly platformUserManager: PlatformUserManager;
  readonly basicController: BasicController;
  readonly customizeController: CustomizeController;
  readonly contactsController: ContactsController;
  readonly dynamicGroupController: DynamicGroupController;
  readonly fileController: FileController;
  /** An offline target: discarded. ENG-002 */
  readonly sendMessage: SendMessage<string>;
  readonly messageReceived: Event<MessageReceivedArgs>;
  readonly invalidMsgReceived: Event<[address: Endpoint, kind: MessageInvalidType]>;
};

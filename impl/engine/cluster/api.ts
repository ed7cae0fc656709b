/**
 * The public API of the cluster as types, under the manual's names in camel case. Types only.
 *
 * What was a remote call there is a promise here. Methods reject with `E_OFFLINE` when the server or user is not online,
 * `E_TIMEOUT`, `E_HANDLING`, `E_DISCONNECTED`, `E_ARGUMENT`.
 */
import type { Endpoint } from '../../../spec/platform.ts';
import type { Event, RapidServerEngine, UserData } from '../api.ts';
import type { ServerAssignedPolicy } from '../enums.ts';

/** A server to log on to; the manual's ServerConfiguration. CLU-013 */
export type ServerConfiguration = { readonly serverID: number; readonly address: string; readonly port: number };

/** A server of the cluster. CLU-033 */
export type ClusterServerInfo = ServerConfiguration & {
  /** Wall clock when its engine was initialized, milliseconds since 1970-01-01 UTC. */
  readonly startTime: number;
  readonly userCount: number;
  /** Percent, as the server says. */
  readonly cpuUsage: number;
  readonly memoryUsage: number;
  readonly frozen: boolean;
  /** Its port for clients could not be reached. CLU-016 */
  readonly telnetFailure: boolean;
  /** Wall clock of its last report. */
  readonly lastUpdateTime: number;
};

/** Reads and controls the servers of a cluster. CLU-034 to CLU-038 */
export type ClusterControlService = {
  readonly serverRegistered: Event<[server: ClusterServerInfo]>;
  readonly serverUnregistered: Event<[serverID: number]>;
  /** Null when no server takes anybody. CLU-013 */
  getServerToLogon(): Promise<ServerConfiguration | null>;
  isServerOnline(serverID: number): Promise<boolean>;
  freezeServer(serverID: number): Promise<void>;
  defreezeServer(serverID: number): Promise<void>;
  testCallbackServer(serverID: number): Promise<void>;
  removeServer(serverID: number): Promise<void>;
  /** Null when it is not online. */
  getServer(serverID: number): Promise<ClusterServerInfo | null>;
  getAllServers(): Promise<ClusterServerInfo[]>;
};

/** Sends to servers and users of a cluster. CLU-039 to CLU-044 */
export type PlatformCustomizeService = {
  broadcastInCluster(informationType: number, info: Uint8Array | null): Promise<void>;
  /** @returns false when the server is not online */
  sendToServer(serverID: number, informationType: number, info: Uint8Array | null): Promise<boolean>;
  queryServer(serverID: number, informationType: number, info: Uint8Array | null): Promise<Uint8Array | null>;
  /** @returns false when the user is not online */
  sendToClient(userID: string, informationType: number, info: Uint8Array | null): Promise<boolean>;
  queryClient(userID: string, informationType: number, info: Uint8Array | null): Promise<Uint8Array | null>;
  isUserOnLine(userID: string): Promise<boolean>;
  getUserData(userID: string): Promise<UserData | null>;
  getOnlineUserCount(): Promise<number>;
  kickOut(userID: string): Promise<void>;
};

/** An application server's code for what comes from outside the cluster. CLU-043 */
export type PlatformCallbackHandler = {
  handleBroadcast(informationType: number, info: Uint8Array | null): void;
  handleInformation(informationType: number, info: Uint8Array | null): void;
  handleQuery(informationType: number, info: Uint8Array | null): Uint8Array | null | Promise<Uint8Array | null>;
};

/** Who is online in the cluster; on a single server the users of that one. CLU-025 */
export type PlatformUserManager = {
  readonly userCount: number;
  isUserOnLine(userID: string): boolean;
  getOnlineUserList(): string[];
  /** Null when offline. */
  getUserData(userID: string): UserData | null;
  selectOnlineUserFrom(userIDs: Iterable<string>): string[];
};

/** What a server reports of its machine, percent. CLU-009 */
export type MachineState = { readonly cpuUsage: number; readonly memoryUsage: number };

/** A server of a cluster. Made by `platformEngineFactory.createServerEngine`. */
export type PlatformRapidServerEngine = RapidServerEngine & {
  /** The cluster's secret; the same at the platform server. CLU-003 */
  acmsSecret: string;
  /** Where clients reach this server; null: the address its platform connection comes from. */
  clientAddress: string | null;
  /** Asked before each report; null reports zeros. */
  machineState: (() => MachineState) | null;
  callbackHandler: PlatformCallbackHandler | null;
  readonly platformConnected: boolean;
  readonly platformConnectionInterrupted: Event<[]>;
  readonly platformConnectionRebuild: Event<[]>;
};

/** The platform server (ACMS). Made by `platformEngineFactory.createAcms`. */
export type Acms = {
  /** Default MinUserCount. CLU-013 */
  serverAssignedPolicy: ServerAssignedPolicy;
  /** For servers and systems outside; default 11000, 0: any free one. CLU-002 */
  servicePort: number;
  /** For messages between servers; default 12000, 0: any free one. CLU-002 */
  transferPort: number;
  /** Local address to bind; null: all. */
  ipAddressBinding: string | null;
  secret: string;
  /** Whether a client may ask for a server without the secret; default true. CLU-005 */
  openLookup: boolean;
  /** Seconds a query from outside waits; <= 0 for ever. */
  waitResponseTimeoutInSecs: number;
  maxLengthOfUserID: number;
  maxLengthOfMessage: number;
  /** Resolves when both ports listen; rejects `E_ADDRINUSE`, `E_CONNECT`, `E_ARGUMENT`, `E_CLOSED`. */
  initialize(): Promise<void>;
  close(): void;
  /** The bound ports, once it runs. */
  readonly ports: { readonly service: number; readonly transfer: number };
  readonly clusterControlService: ClusterControlService;
  readonly platformCustomizeService: PlatformCustomizeService;
  readonly platformUserManager: PlatformUserManager;
};

/** A connection of a system outside the cluster. Made by `createClusterControlClient`. */
export type ClusterControlClient = {
  /** Rejects `E_CONNECT` when the platform server cannot be reached or refuses. */
  connect(): Promise<void>;
  close(): void;
  readonly connected: boolean;
  readonly connectionInterrupted: Event<[]>;
  readonly clusterControlService: ClusterControlService;
  readonly platformCustomizeService: PlatformCustomizeService;
};

/** Where a client finds its server again; asked before each reconnect. Null or a failure: the one it had. CLU-045 */
export type ServerLookup = () => Promise<Endpoint | null>;

/**
 * The closed sets of reasons: wire enumerations with their numbers, and the codes of errors with their clauses.
 *
 * Data only. Numbers are the manual's generation (6.x); names keep the manual's spelling.
 */

/** SEC-002 MUST: what is wrong with a received message. */
export const MessageInvalidType = {
  Valid: 0,
  MessageSizeOverflow: 1,
  InvalidHeader: 2,
  InvalidToken: 3,
  DataLacked: 4,
  InvalidClientType: 5,
} as const;
export type MessageInvalidTypeName = keyof typeof MessageInvalidType;
/** The kinds a receiver reports; `Valid` is never reported. */
export type MessageInvalidKind = Exclude<MessageInvalidTypeName, 'Valid'>;

/** LOG-003, LOG-004, LOG-006, REL-006 MUST: the outcome of a logon. */
export const LogonResult = { Succeed: 0, Failed: 1, HadLoggedOn: 2, VersionMismatched: 3 } as const;
export type LogonResultName = keyof typeof LogonResult;
export type LogonResultValue = (typeof LogonResult)[LogonResultName];

/** USR-002 MUST: why a user's connection ended. */
export const DisconnectedType = {
  NetworkInterrupted: 0,
  InvalidMessage: 1,
  MessageWithWrongUserID: 2,
  HeartBeatTimeout: 3,
  BeingPushedOut: 4,
  NewConnectionIgnored: 5,
  ChannelCacheOverflow: 6,
  UnauthorizedClientType: 7,
  MaxConnectionCountLimitted: 8,
} as const;
export type DisconnectedTypeName = keyof typeof DisconnectedType;
export type DisconnectedTypeValue = (typeof DisconnectedType)[DisconnectedTypeName];

/** FRM-005 MUST: the platform a sender runs on; a server sends `Others` (ours). */
export const ClientType = {
  DotNET: 0,
  Silverlight: 1,
  WindowsPhone: 2,
  WebSocket: 3,
  IOS: 4,
  Android: 5,
  Xamarin: 6,
  WebSocket_SSL: 7,
  Others: 8,
} as const;
export type ClientTypeName = keyof typeof ClientType;
export type ClientTypeValue = (typeof ClientType)[ClientTypeName];

/** REL-002 MUST: what a server does with a second logon of one UserID. */
export const RelogonMode = { IgnoreNew: 0, ReplaceOld: 1 } as const;
export type RelogonModeName = keyof typeof RelogonMode;

/** CUS-010 MUST: what a send does on a busy channel. */
export const ActionTypeOnChannelIsBusy = { Continue: 0, Discard: 1 } as const;

/** P2P-011: how a candidate was learned (ours). */
export const P2PCandidateKind = { Host: 0, ServerReflexive: 1 } as const;

/** P2P-012: what an invitation message says (ours). */
export const P2PInvitationKind = { Invite: 0, Answer: 1, Refuse: 2 } as const;

/** P2P-021: how a NAT gives out ports, as far as the client behind it can tell (ours). */
export const NatMapping = { Unknown: 0, Independent: 1, Sequential: 2, Random: 3 } as const;
/** FIL-010 MUST: what a package of a file transfer holds. */
export const PackageType = {
  FileTransferingPackage: 0,
  FoldTransferingNextFile: 1,
  NewChildFolder: 2,
  Finished: 3,
} as const;
export type PackageTypeValue = (typeof PackageType)[keyof typeof PackageType];

/** FIL-020 MUST: why a file transfer ended before it was complete. */
export const FileTransDisrupttedType = {
  RejectAccepting: 0,
  ActiveCancel: 1,
  DestCancel: 2,
  DestOffline: 3,
  ReliableP2PChannelClosed: 4,
  SelfOffline: 5,
  InnerError: 6,
  DestInnerError: 7,
  NetworkSpeedSlow: 8,
  ReadFileBlocked: 9,
  SendThreadNotStarted: 10,
  Timeout4FirstPackage: 11,
} as const;
export type FileTransDisrupttedTypeName = keyof typeof FileTransDisrupttedType;
export type FileTransDisrupttedTypeValue = (typeof FileTransDisrupttedType)[FileTransDisrupttedTypeName];
/** CLU-013 MUST: how GetServerToLogon chooses a server. */
export const ServerAssignedPolicy = { Poll: 0, MinUserCount: 1, MinCpuUsage: 2 } as const;

/** CLU-003 MUST (ours): what a connection to the platform server is for. */
export const PlatformPurpose = { Application: 0, Transfer: 1, Outside: 2, Lookup: 3 } as const;

/** CLU-043 MUST (ours): what the platform server wants of an application server, or of a user on it. */
export const PlatformCallKind = { Broadcast: 0, Information: 1, Query: 2, Test: 3, Kick: 4 } as const;

/** CLU-035 MUST (ours): what a system outside the cluster has done with a server. */
export const ServerControlAction = { Freeze: 0, Defreeze: 1, Test: 2, Remove: 3 } as const;

/** HDL-002 MUST: where a server calls the application's handler. */
export const CustomizeInfoHandleMode = { IocpDirectly: 0, TaskQueue: 1 } as const;

/** HDL-021 MUST: how an item came that diagnostics count; in this edition only the first two occur. */
export const InformationStyle = {
  Common: 0,
  Query: 1,
  DirectByRapidEngine: 2,
  Login: 3,
  GetGroupmates: 4,
  GetGroupMembers: 5,
  GetFriendsList: 6,
} as const;

/** P2P-063 MUST: what sendByP2PChannel does while there is no channel. */
export const ActionTypeOnNoP2PChannel = { TransferByServer: 0, Discard: 1 } as const;

/** P2P-061 MUST: which way one call asks for. */
export const ChannelMode = { P2PChannelFirst: 0, TransferByServer: 1, ByP2PChannel: 2 } as const;

/** P2P-070 MUST: which kinds of channels are tried. */
export const P2PChannelMode = { TcpAndUdp: 0, Tcp: 1, Udp: 2, None: 3 } as const;

/** P2P-076 MUST: what a channel runs over; the numbers are those of the Internet protocols. */
export const ProtocolType = { Tcp: 6, Udp: 17 } as const;

/** ERR-001 MUST: codes of calls that were refused or failed, each with the clause that defines it. */
export const ErrorCode = {
  E_TIMEOUT: { clause: 'QRY-004', doc: 'No reply came within the waiting time.' },
  E_HANDLING: { clause: 'QRY-003', doc: "The other side's handler threw." },
  E_DISCONNECTED: { clause: 'RCN-006', doc: 'The connection is broken, or broke while waiting.' },
  E_CONNECT: { clause: 'LOG-007', doc: 'The server could not be reached.' },
  E_ADDRINUSE: { clause: 'ENG-006', doc: 'The port to listen on is taken.' },
  E_NOT_INITIALIZED: { clause: 'ENG-004', doc: 'The call needs a successful initialize first.' },
  E_CLOSED: { clause: 'CUS-011', doc: 'The engine has been closed.' },
  E_USER_ID: { clause: 'LIM-003', doc: 'The UserID is empty, too long, or reserved.' },
  E_MESSAGE_SIZE: { clause: 'LIM-007', doc: 'The message would be longer than the limit.' },
  E_FILE: { clause: 'FIL-004', doc: 'A file or folder cannot be read, or cannot be put where it should go.' },
  E_ARGUMENT: { clause: 'ERR-001', doc: 'An argument has the wrong type or is out of range.' },
  E_OFFLINE: { clause: 'CLU-040', doc: 'The server or user asked for is not online in the cluster.' },
  E_NO_CHANNEL: { clause: 'P2P-062', doc: 'The call asks for a peer-to-peer channel and there is none.' },
  E_SETTING_LATE: { clause: 'ENG-003', doc: 'The setting can only be changed before initialize.' },
} as const;
export type ErrorCodeName = keyof typeof ErrorCode;

/** What can be wrong with the bytes of a body; each is DataLacked at the frame level (FRM-019). */
export const DecodeErrorCode = {
  E_TRUNCATED: { clause: 'SER-016', doc: 'A value needs more bytes than are left in its object or body.' },
  E_LENGTH: { clause: 'SER-010', doc: 'A length is below -1 or reaches past what is left.' },
  E_BOOL: { clause: 'SER-005', doc: 'A bool byte is neither 0 nor 1.' },
  E_UTF8: { clause: 'SER-011', doc: 'The bytes of a string are not UTF-8.' },
  E_NULL: { clause: 'FRM-028', doc: 'A null or empty body stands where the message needs a value.' },
  E_NULL_KEY: { clause: 'SER-026', doc: 'A dictionary key is null.' },
  E_DUPLICATE_KEY: { clause: 'SER-026', doc: 'A dictionary key occurs twice.' },
  E_OBJECT_LENGTH: { clause: 'SER-016', doc: 'An object length differs from what its properties take.' },
  E_TRAILING: { clause: 'SER-017', doc: 'Bytes follow the outermost value.' },
  E_DEPTH: { clause: 'SER-023', doc: 'Values are nested deeper than the limit.' },
} as const;
export type DecodeErrorCodeName = keyof typeof DecodeErrorCode;

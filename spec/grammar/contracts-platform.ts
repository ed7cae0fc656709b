/** Bodies of the platform room (chapter 23, all ours). Data only. */
import type { ContractMap } from './field-types.ts';

const CLIENT_TYPE = {
  name: 'ClientType',
  type: { enum: 'ClientType' },
  clause: 'CLU-020',
  doc: 'client type of the Logon',
} as const;
const P2P_ADDRESS = {
  name: 'P2PAddress',
  type: { object: 'P2PAddress' },
  clause: 'CLU-029',
  doc: 'where the user can be reached peer to peer; null: never told',
} as const;
const INFO = { name: 'Info', type: 'bytes', clause: 'CLU-043', doc: 'content' } as const;
const INFORMATION_TYPE = {
  name: 'InformationType',
  type: 'int32',
  clause: 'CLU-043',
  doc: 'information type',
} as const;

/** Joining. */
const joining = {
  PlatformChallengeContract: {
    clause: 'CLU-003',
    doc: 'What the proof has to be made of.',
    fields: [
      { name: 'Nonce', type: 'bytes', clause: 'CLU-003', doc: '16 bytes, new for each connection' },
      { name: 'Version', type: 'int32', clause: 'CLU-003', doc: 'version of this chapter, 1' },
    ],
  },
  PlatformHelloContract: {
    clause: 'CLU-003',
    doc: 'Who connects.',
    fields: [
      {
        name: 'InstanceID',
        type: 'int32',
        clause: 'CLU-006',
        doc: 'drawn when a server engine starts; 0 from outside',
      },
      { name: 'Proof', type: 'bytes', clause: 'CLU-003', doc: '32 bytes; null for Lookup' },
      { name: 'Purpose', type: { enum: 'PlatformPurpose' }, clause: 'CLU-003', doc: 'what the connection is for' },
      { name: 'ServerID', type: 'int32', clause: 'CLU-006', doc: 'which server; -1 from outside' },
    ],
  },
  PlatformResultContract: {
    clause: 'CLU-043',
    doc: 'How a request ended.',
    fields: [
      { name: 'ErrorCode', type: 'string', clause: 'CLU-043', doc: 'an error code of chapter 16; null: done' },
      INFO,
      { name: 'Message', type: 'string', clause: 'CLU-043', doc: 'for people; null: nothing to say' },
    ],
  },
  RegisterServerContract: {
    clause: 'CLU-006',
    doc: 'A server that joins.',
    fields: [
      {
        name: 'Address',
        type: 'string',
        clause: 'CLU-006',
        doc: 'for clients; empty: where the connection comes from',
      },
      { name: 'Port', type: 'int32', clause: 'CLU-006', doc: 'for clients' },
      { name: 'StartTime', type: 'int64', clause: 'CLU-033', doc: 'milliseconds since 1970-01-01 UTC' },
    ],
  },
  ServerStateContract: {
    clause: 'CLU-009',
    doc: 'The load of a server.',
    fields: [
      { name: 'CpuUsage', type: 'float64', clause: 'CLU-009', doc: 'percent' },
      { name: 'MemoryUsage', type: 'float64', clause: 'CLU-009', doc: 'percent' },
    ],
  },
} as const satisfies ContractMap;

/** Who is online. */
const users = {
  PlatformUserContract: {
    clause: 'CLU-020',
    doc: 'A user of the cluster.',
    fields: [
      { name: 'AgeMicros', type: 'int64', clause: 'CLU-027', doc: 'microseconds since the user was bound' },
      CLIENT_TYPE,
      { name: 'IP', type: 'string', clause: 'CLU-020', doc: 'address the server sees' },
      P2P_ADDRESS,
      { name: 'Port', type: 'int32', clause: 'CLU-020', doc: 'port the server sees' },
      { name: 'ServerID', type: 'int32', clause: 'CLU-020', doc: 'the server the user is on' },
      { name: 'Session', type: 'int32', clause: 'CLU-023', doc: 'number of this logon; 0: none yet' },
      { name: 'Tag', type: 'bytes', clause: 'CLU-029', doc: 'the tag, when it is bytes' },
      { name: 'TimeLogon', type: 'int64', clause: 'CLU-020', doc: 'milliseconds since 1970-01-01 UTC' },
      { name: 'UserID', type: 'string', clause: 'CLU-020', doc: 'who' },
    ],
  },
  ReportUsersContract: {
    clause: 'CLU-007',
    doc: 'Users of a server that joins, at most 500.',
    fields: [{ name: 'Users', type: { list: { object: 'PlatformUserContract' } }, clause: 'CLU-007', doc: 'who' }],
  },
  ReportUsersResContract: {
    clause: 'CLU-007',
    doc: 'The sessions of those users, in the same order.',
    fields: [{ name: 'Sessions', type: { list: 'int32' }, clause: 'CLU-023', doc: 'sessions' }],
  },
  UserLogonContract: {
    clause: 'CLU-020',
    doc: 'A verified user asks to be bound.',
    fields: [
      { name: 'RelogonMode', type: { enum: 'RelogonMode' }, clause: 'CLU-022', doc: 'mode of the asking server' },
      { name: 'User', type: { object: 'PlatformUserContract' }, clause: 'CLU-020', doc: 'who' },
    ],
  },
  UserLogonResContract: {
    clause: 'CLU-020',
    doc: 'Whether the user may be bound.',
    fields: [
      { name: 'Granted', type: 'bool', clause: 'CLU-022', doc: 'false: online already, and new logons are ignored' },
      { name: 'Session', type: 'int32', clause: 'CLU-023', doc: 'number of this logon; 0 when refused' },
    ],
  },
  UserOfflineContract: {
    clause: 'CLU-024',
    doc: 'A user left.',
    fields: [
      { name: 'Session', type: 'int32', clause: 'CLU-024', doc: 'which logon of the user' },
      { name: 'UserID', type: 'string', clause: 'CLU-024', doc: 'who' },
    ],
  },
  UserChangedContract: {
    clause: 'CLU-029',
    doc: 'What may change of a user while online.',
    fields: [
      P2P_ADDRESS,
      { name: 'Session', type: 'int32', clause: 'CLU-029', doc: 'which logon of the user' },
      { name: 'Tag', type: 'bytes', clause: 'CLU-029', doc: 'the tag' },
      { name: 'UserID', type: 'string', clause: 'CLU-029', doc: 'who' },
    ],
  },
  UserNoticeContract: {
    clause: 'CLU-025',
    doc: 'Users of other servers that came or went, at most 500.',
    fields: [
      { name: 'Online', type: 'bool', clause: 'CLU-025', doc: 'true: came, or changed; false: went' },
      { name: 'Users', type: { list: { object: 'PlatformUserContract' } }, clause: 'CLU-025', doc: 'who' },
    ],
  },
  LogonOtherServerContract: {
    clause: 'CLU-021',
    doc: 'A user logs on at another server.',
    fields: [
      { name: 'NewServerID', type: 'int32', clause: 'CLU-021', doc: 'where' },
      { name: 'Session', type: 'int32', clause: 'CLU-021', doc: 'the logon that has to end' },
      { name: 'UserID', type: 'string', clause: 'CLU-021', doc: 'who' },
    ],
  },
} as const satisfies ContractMap;

/** Calls and messages through the platform server. */
const calls = {
  CallServerContract: {
    clause: 'CLU-043',
    doc: 'Something for a server, or for a user on it.',
    fields: [
      INFO,
      INFORMATION_TYPE,
      { name: 'Kind', type: { enum: 'PlatformCallKind' }, clause: 'CLU-043', doc: 'what is wanted' },
      { name: 'UserID', type: 'string', clause: 'CLU-044', doc: 'for whom; null: for the server itself' },
    ],
  },
  TransferContract: {
    clause: 'CLU-031',
    doc: 'A message of chapter 1, header included.',
    fields: [
      { name: 'Message', type: 'bytes', clause: 'CLU-031', doc: 'the whole message, unchanged' },
      { name: 'Session', type: 'int32', clause: 'CLU-023', doc: 'the logon of the receiver it is meant for' },
    ],
  },
} as const satisfies ContractMap;

/** For systems outside. */
const outside = {
  ServerConfigurationContract: {
    clause: 'CLU-013',
    doc: 'Where to log on.',
    fields: [
      { name: 'Address', type: 'string', clause: 'CLU-013', doc: 'address for clients' },
      { name: 'Port', type: 'int32', clause: 'CLU-013', doc: 'port for clients' },
      { name: 'ServerID', type: 'int32', clause: 'CLU-013', doc: 'which server' },
    ],
  },
  ClusterServerInfoContract: {
    clause: 'CLU-033',
    doc: 'A server of the cluster.',
    fields: [
      { name: 'Address', type: 'string', clause: 'CLU-033', doc: 'address for clients' },
      { name: 'CpuUsage', type: 'float64', clause: 'CLU-033', doc: 'percent' },
      { name: 'Frozen', type: 'bool', clause: 'CLU-033', doc: 'takes no new users' },
      {
        name: 'LastUpdateTime',
        type: 'int64',
        clause: 'CLU-033',
        doc: 'last report, milliseconds since 1970-01-01 UTC',
      },
      { name: 'MemoryUsage', type: 'float64', clause: 'CLU-033', doc: 'percent' },
      { name: 'Port', type: 'int32', clause: 'CLU-033', doc: 'port for clients' },
      { name: 'ServerID', type: 'int32', clause: 'CLU-033', doc: 'which server' },
      { name: 'StartTime', type: 'int64', clause: 'CLU-033', doc: 'milliseconds since 1970-01-01 UTC' },
      { name: 'TelnetFailure', type: 'bool', clause: 'CLU-016', doc: 'its port could not be reached' },
      { name: 'UserCount', type: 'int32', clause: 'CLU-033', doc: 'users online there' },
    ],
  },
  GetClusterServersContract: {
    clause: 'CLU-034',
    doc: 'Which servers are asked for.',
    fields: [{ name: 'ServerID', type: 'int32', clause: 'CLU-034', doc: 'one server, or -1 for all' }],
  },
  ClusterServersContract: {
    clause: 'CLU-034',
    doc: 'Servers that are online.',
    fields: [
      { name: 'Servers', type: { list: { object: 'ClusterServerInfoContract' } }, clause: 'CLU-034', doc: 'servers' },
    ],
  },
  ControlServerContract: {
    clause: 'CLU-035',
    doc: 'What is to be done with a server.',
    fields: [
      { name: 'Action', type: { enum: 'ServerControlAction' }, clause: 'CLU-035', doc: 'what' },
      { name: 'ServerID', type: 'int32', clause: 'CLU-035', doc: 'with which server' },
    ],
  },
  ServerNoticeContract: {
    clause: 'CLU-036',
    doc: 'A server came or went.',
    fields: [
      { name: 'Registered', type: 'bool', clause: 'CLU-036', doc: 'true: came; false: went' },
      { name: 'Server', type: { object: 'ClusterServerInfoContract' }, clause: 'CLU-036', doc: 'which' },
    ],
  },
  CallClusterContract: {
    clause: 'CLU-040',
    doc: 'Something for servers or for a user.',
    fields: [
      INFO,
      INFORMATION_TYPE,
      { name: 'Kind', type: { enum: 'PlatformCallKind' }, clause: 'CLU-043', doc: 'what is wanted' },
      { name: 'ServerID', type: 'int32', clause: 'CLU-040', doc: 'for which server; -1 with a broadcast or a user' },
      { name: 'UserID', type: 'string', clause: 'CLU-044', doc: 'for whom; null: for servers' },
    ],
  },
  GetPlatformUserContract: {
    clause: 'CLU-041',
    doc: 'Asks about a user of the cluster.',
    fields: [{ name: 'UserID', type: 'string', clause: 'CLU-041', doc: 'who; null: the count alone' }],
  },
  PlatformUserResContract: {
    clause: 'CLU-041',
    doc: 'A user of the cluster, and how many there are.',
    fields: [
      { name: 'Count', type: 'int32', clause: 'CLU-041', doc: 'users online in the cluster' },
      { name: 'User', type: { object: 'PlatformUserContract' }, clause: 'CLU-041', doc: 'null: not online' },
    ],
  },
} as const satisfies ContractMap;

export const platformContracts = { ...joining, ...users, ...calls, ...outside } as const satisfies ContractMap;

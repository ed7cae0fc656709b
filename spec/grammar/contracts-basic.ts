/** Bodies of the basic room: logon, presence, kick-out, endpoints, ping. Data only; order of fields here is for reading. */
import type { ContractMap } from './field-types.ts';

export const basicContracts = {
  ReqLogonContract: {
    clause: 'LOG-001',
    doc: 'A client asks to log on; its UserID is the sender id of the header.',
    fields: [
      { name: 'AuthorizedUser', type: 'string', clause: 'LOG-006', doc: 'authorised account of the framework' },
      { name: 'Password', type: 'string', clause: 'LOG-002', doc: 'password, as given to initialize' },
      { name: 'SystemToken', type: 'string', clause: 'LOG-015', doc: 'token of the calling system; null when not set' },
      { name: 'Version', type: 'int32', clause: 'LOG-006', doc: 'framework version (ours)' },
    ],
  },
  ResLogonContract: {
    clause: 'LOG-003',
    doc: 'The answer to a logon.',
    fields: [
      {
        name: 'FailureCause',
        type: 'string',
        clause: 'LOG-005',
        doc: 'why it was refused, in the words of the server; null otherwise',
      },
      { name: 'GroupRelationEnabled', type: 'bool', clause: 'LOG-003', doc: 'the server manages groups' },
      { name: 'LogonResult', type: { enum: 'LogonResult' }, clause: 'LOG-003', doc: 'outcome' },
      { name: 'P2PEnabled', type: 'bool', clause: 'P2P-002', doc: 'peer-to-peer channels are allowed' },
      { name: 'UseAsP2PServer', type: 'bool', clause: 'P2P-002', doc: 'this server also helps peers find each other' },
    ],
  },
  KickOutContract: {
    clause: 'BAS-001',
    doc: 'A client asks the server to disconnect a user.',
    fields: [{ name: 'UserBeKickedOut', type: 'string', clause: 'BAS-001', doc: 'who is to go' }],
  },
  UserIpeResContract: {
    clause: 'BAS-005',
    doc: 'An endpoint as the server sees it.',
    fields: [
      { name: 'IP', type: 'string', clause: 'BAS-005', doc: 'address in text form' },
      { name: 'Port', type: 'int32', clause: 'BAS-005', doc: 'port' },
    ],
  },
  QueryIPEContract: {
    clause: 'BAS-006',
    doc: "Asks for a user's endpoint.",
    fields: [{ name: 'UserID', type: 'string', clause: 'BAS-006', doc: 'whose' }],
  },
  QueryOnlineContract: {
    clause: 'BAS-007',
    doc: 'Asks whether a user is online.',
    fields: [{ name: 'UserID', type: 'string', clause: 'BAS-007', doc: 'who' }],
  },
  ResOnlineContract: {
    clause: 'BAS-007',
    doc: 'Whether a user is online.',
    fields: [{ name: 'Online', type: 'bool', clause: 'BAS-007', doc: 'true: logged on at this server' }],
  },
  QueryOnlinesContract: {
    clause: 'BAS-008',
    doc: 'Asks for several users at once (ours).',
    fields: [{ name: 'UserList', type: { list: 'string' }, clause: 'BAS-008', doc: 'who' }],
  },
  ResOnlinesContract: {
    clause: 'BAS-008',
    doc: 'Which of several users are online (ours).',
    fields: [{ name: 'Result', type: { dict: ['string', 'bool'] }, clause: 'BAS-008', doc: 'UserID to online' }],
  },
  ResUsersContract: {
    clause: 'BAS-009',
    doc: 'All users online.',
    fields: [{ name: 'UserList', type: { list: 'string' }, clause: 'BAS-009', doc: 'UserIDs' }],
  },
  PingContract: {
    clause: 'BAS-010',
    doc: 'A ping and its answer; the answer repeats it unchanged (ours).',
    fields: [
      { name: 'SendTicks', type: 'int64', clause: 'BAS-010', doc: "the asker's own clock; means nothing to others" },
    ],
  },
  CallClientContract: {
    clause: 'FRM-030',
    doc: 'Body of CallClient; reserved, not used in this edition.',
    fields: [{ name: 'InstanceID', type: 'int32', clause: 'FRM-030', doc: 'instance' }],
  },
} as const satisfies ContractMap;

/** Bodies of the P2P room: addresses, invitations, address discovery. Data only. */
import type { ContractMap } from './field-types.ts';

export const p2pContracts = {
  P2PAddress: {
    clause: 'P2P-010',
    doc: 'Where a client can be reached: in its own network and as the P2P server sees it.',
    fields: [
      { name: 'PrivateIP', type: 'string', clause: 'P2P-010', doc: 'own address; null when unknown' },
      { name: 'PrivateTcpPort', type: 'int32', clause: 'P2P-010', doc: 'TCP port it listens on; 0 when it does not' },
      { name: 'PrivateUdpPort', type: 'int32', clause: 'P2P-010', doc: 'UDP port; 0 when it has none' },
      { name: 'PublicIP', type: 'string', clause: 'P2P-010', doc: 'address as seen from outside; null when unknown' },
      { name: 'PublicTcpPort', type: 'int32', clause: 'P2P-010', doc: 'TCP port as seen from outside; 0 when unknown' },
      { name: 'PublicUdpPort', type: 'int32', clause: 'P2P-010', doc: 'UDP port as seen from outside; 0 when unknown' },
    ],
  },
  P2PLogonContract: {
    clause: 'P2P-009',
    doc: 'A client tells the server where it can be reached.',
    fields: [
      { name: 'IsPublicIP', type: 'bool', clause: 'P2P-009', doc: 'the own address is the one seen from outside' },
      { name: 'P2PAddress', type: { object: 'P2PAddress' }, clause: 'P2P-009', doc: 'the addresses' },
    ],
  },
  ReqUserDataContract: {
    clause: 'P2P-010',
    doc: "Asks for another user's addresses.",
    fields: [{ name: 'FriendID', type: 'string', clause: 'P2P-010', doc: 'whose' }],
  },
  ResUserDataContract: {
    clause: 'P2P-010',
    doc: "A user's addresses.",
    fields: [
      { name: 'P2PAddress', type: { object: 'P2PAddress' }, clause: 'P2P-010', doc: 'null when never told' },
      { name: 'UserID', type: 'string', clause: 'P2P-010', doc: 'whose' },
    ],
  },
  PublicIPEResponseContract: {
    clause: 'P2P-003',
    doc: 'What the P2P server saw as the source of a request.',
    fields: [
      { name: 'IP', type: 'string', clause: 'P2P-003', doc: 'source address' },
      { name: 'PublicPort', type: 'int32', clause: 'P2P-003', doc: 'source port' },
      { name: 'SecondPort', type: 'int32', clause: 'P2P-005', doc: "the server's other port; 0 for none (ours)" },
    ],
  },
  P2PCandidateContract: {
    clause: 'P2P-011',
    doc: 'One endpoint at which a client may be reached (ours).',
    fields: [
      { name: 'IP', type: 'string', clause: 'P2P-011', doc: 'IPv4 address in dotted form' },
      { name: 'Kind', type: { enum: 'P2PCandidateKind' }, clause: 'P2P-011', doc: 'how it was learned' },
      { name: 'Port', type: 'int32', clause: 'P2P-011', doc: '1 to 65535' },
    ],
  },
  P2PInvitationContract: {
    clause: 'P2P-011',
    doc: 'An invitation to a direct channel, its answer, or news about either (ours).',
    fields: [
      {
        name: 'Candidates',
        type: { list: { object: 'P2PCandidateContract' } },
        clause: 'P2P-011',
        doc: 'where the sender may be reached, at most 16',
      },
      { name: 'Kind', type: { enum: 'P2PInvitationKind' }, clause: 'P2P-012', doc: 'invitation, answer or refusal' },
      { name: 'Mapping', type: { enum: 'NatMapping' }, clause: 'P2P-021', doc: "how the sender's NAT maps" },
      {
        name: 'PredictedPort',
        type: 'int32',
        clause: 'P2P-021',
        doc: "the last port the sender's NAT gave out; 0 when not measured",
      },
      { name: 'PredictedStep', type: 'int32', clause: 'P2P-021', doc: 'from one port to the next' },
      { name: 'PublicIP', type: 'string', clause: 'P2P-011', doc: 'address seen from outside; null when unknown' },
      { name: 'Token', type: 'int64', clause: 'P2P-011', doc: 'random 64 bits of the invitation' },
    ],
  },
  P2PChannelTestContract: {
    clause: 'P2P-025',
    doc: 'First message on a direct TCP connection (ours).',
    fields: [
      { name: 'Chosen', type: 'bool', clause: 'P2P-026', doc: 'the inviter takes this connection' },
      { name: 'Token', type: 'int64', clause: 'P2P-025', doc: 'token of the invitation' },
    ],
  },
  P2PStreamContract: {
    clause: 'P2P-040',
    doc: 'Names one stream: the direction of a channel in which its namer sends.',
    fields: [{ name: 'StreamID', type: 'int32', clause: 'P2P-040', doc: 'counts from 1 per sender' }],
  },
  P2PStreamCountContract: {
    clause: 'P2P-044',
    doc: 'How far a stream has been received.',
    fields: [
      { name: 'Count', type: 'int64', clause: 'P2P-044', doc: 'messages received; -1: the stream is not known' },
      { name: 'StreamID', type: 'int32', clause: 'P2P-044', doc: 'the stream, by the name its sender gave it' },
    ],
  },
  P2PChannelReportContract: {
    clause: 'P2P-047',
    doc: 'To whom a client has a channel.',
    fields: [{ name: 'DestUserID', type: 'string', clause: 'P2P-047', doc: 'the other user' }],
  },
  P2PUserGoneContract: {
    clause: 'P2P-048',
    doc: 'Who is gone.',
    fields: [{ name: 'UserID', type: 'string', clause: 'P2P-048', doc: 'the user' }],
  },
} as const satisfies ContractMap;

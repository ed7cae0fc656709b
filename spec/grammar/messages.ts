/**
 * Every message as data: number, room, who sends it, what its body and its reply's body are.
 *
 * A reply has the type and message id of its request and comes from the server, unless `replyType` names another message.
 * `null` is an empty body (FRM-021); `optional` says the body may be empty although a contract is named.
 */
import type { messageContracts } from './contracts.ts';

/** Where a room starts; its messages follow in steps of one. */
export const rooms = { Basic: 0, CustomizeInfo: 100 } as const;
export type RoomName = keyof typeof rooms;

type MessageContractName = keyof typeof messageContracts;

/** Who sends the message first: a client to the server, the server to a client, or a client to the server or through it to a client, or the server to a client. */
export type MessageDirection = 'clientToServer' | 'serverToClient' | 'anyToAny';

export type Body = { readonly contract: MessageContractName; readonly optional: boolean };

export type Message = {
  readonly name: string;
  readonly type: number;
  readonly room: RoomName;
  readonly direction: MessageDirection;
  readonly body: Body | null;
  /** Body of a reply of the same type; undefined: there is none (a reply of another type is a message of its own). */
  readonly reply?: Body | null;
  /** The name of the message that answers this one, when its type differs. */
  readonly replyType?: string;
  /** FRM-030: known by name and number only; neither sent nor answered, and ignored by receivers (FRM-008). */
  readonly reserved?: true;
  readonly clause: string;
  readonly doc: string;
};

const must = <const Name extends MessageContractName>(contract: Name): { contract: Name; optional: false } => ({
  contract,
  optional: false,
});
const may = <const Name extends MessageContractName>(contract: Name): { contract: Name; optional: true } => ({
  contract,
  optional: true,
});

const basic = [
  {
    name: 'GetMyIPE',
    type: 0,
    direction: 'clientToServer',
    body: null,
    reply: must('UserIpeResContract'),
    clause: 'BAS-005',
    doc: 'asks for its own endpoint',
  },
  {
    name: 'PingByServer',
    type: 1,
    direction: 'anyToAny',
    body: must('PingContract'),
    replyType: 'PingAck',
    clause: 'BAS-010',
    doc: 'ping, to the server or through it',
  },
  {
    name: 'PingAck',
    type: 2,
    direction: 'anyToAny',
    body: must('PingContract'),
    clause: 'BAS-010',
    doc: 'answers a ping',
  },
  {
    name: 'HeartBeat',
    type: 3,
    direction: 'clientToServer',
    body: null,
    reply: null,
    clause: 'HBT-001',
    doc: 'sign of life; answered when the server is set so',
  },
  {
    name: 'BeingPushedOutNotify',
    type: 4,
    direction: 'serverToClient',
    body: null,
    clause: 'REL-003',
    doc: 'another logon took this one’s place',
  },
  {
    name: 'KickOut',
    type: 5,
    direction: 'clientToServer',
    body: must('KickOutContract'),
    clause: 'BAS-001',
    doc: 'asks to disconnect a user',
  },
  {
    name: 'BeingKickedOutNotify',
    type: 6,
    direction: 'serverToClient',
    body: null,
    clause: 'BAS-002',
    doc: 'tells a user that it was kicked out',
  },
  {
    name: 'GetAllOnlineUsers',
    type: 7,
    direction: 'clientToServer',
    body: null,
    reply: must('ResUsersContract'),
    clause: 'BAS-009',
    doc: 'asks for everybody online',
  },
  {
    name: 'QueryOnline',
    type: 8,
    direction: 'clientToServer',
    body: must('QueryOnlineContract'),
    reply: must('ResOnlineContract'),
    clause: 'BAS-007',
    doc: 'asks whether a user is online',
  },
  {
    name: 'Logon',
    type: 9,
    direction: 'clientToServer',
    body: must('ReqLogonContract'),
    reply: must('ResLogonContract'),
    clause: 'LOG-001',
    doc: 'first message of a connection',
  },
  {
    name: 'GetUserIPE',
    type: 10,
    direction: 'clientToServer',
    body: must('QueryIPEContract'),
    reply: may('UserIpeResContract'),
    clause: 'BAS-006',
    doc: 'asks for the endpoint of a user; empty reply when offline',
  },
  {
    name: 'QueryOnlines',
    type: 11,
    direction: 'clientToServer',
    body: must('QueryOnlinesContract'),
    reply: must('ResOnlinesContract'),
    clause: 'BAS-008',
    doc: 'asks about several users',
  },
  {
    name: 'CallClient',
    type: 12,
    direction: 'serverToClient',
    body: may('CallClientContract'),
    reserved: true,
    clause: 'FRM-030',
    doc: 'known by name; not used in this edition',
  },
  {
    name: 'PingByP2PChannel',
    type: 13,
    direction: 'anyToAny',
    body: must('PingContract'),
    replyType: 'PingAck',
    reserved: true,
    clause: 'FRM-030',
    doc: 'ping over a peer-to-peer channel; not used in this edition',
  },
] as const;

const customize = [
  {
    name: 'InformationByPost',
    type: 100,
    direction: 'anyToAny',
    body: must('BinaryInformationContract'),
    clause: 'CUS-001',
    doc: 'information, posted',
  },
  {
    name: 'InformationBySend',
    type: 101,
    direction: 'anyToAny',
    body: must('BinaryInformationContract'),
    clause: 'CUS-001',
    doc: 'information, sent',
  },
  {
    name: 'Request',
    type: 102,
    direction: 'anyToAny',
    body: must('BinaryInformationContract'),
    replyType: 'Response',
    clause: 'QRY-001',
    doc: 'query',
  },
  {
    name: 'Response',
    type: 103,
    direction: 'anyToAny',
    body: may('BinaryInformationContract'),
    clause: 'QRY-001',
    doc: 'answer to a query; an empty body: the handler threw',
  },
  {
    name: 'InformationNeedAck',
    type: 104,
    direction: 'anyToAny',
    body: must('BinaryInformationContract'),
    replyType: 'Ack',
    clause: 'ACK-001',
    doc: 'information that is acknowledged',
  },
  { name: 'Ack', type: 105, direction: 'anyToAny', body: null, clause: 'ACK-001', doc: 'acknowledges' },
  {
    name: 'BlobInformation',
    type: 106,
    direction: 'anyToAny',
    body: must('BlobFragmentContract'),
    clause: 'BLB-001',
    doc: 'one fragment of a blob',
  },
  {
    name: 'BlobByRapidEngine',
    type: 107,
    direction: 'anyToAny',
    body: must('BlobFragmentContract'),
    clause: 'ENG-001',
    doc: 'one fragment of a sendMessage; assembled content is BlobAndTagContract',
  },
  {
    name: 'GetClientTimeRequest',
    type: 108,
    direction: 'serverToClient',
    body: null,
    replyType: 'GetClientTimeResponse',
    reserved: true,
    clause: 'FRM-030',
    doc: 'asks a client for its clock',
  },
  {
    name: 'GetClientTimeResponse',
    type: 109,
    direction: 'clientToServer',
    body: must('ResGetTimeContract'),
    reserved: true,
    clause: 'FRM-030',
    doc: "a client's clock",
  },
] as const;

const inRoom = <const Room extends RoomName, const Part extends readonly object[]>(
  room: Room,
  part: Part,
): { [Index in keyof Part]: Part[Index] & { readonly room: Room } } =>
  part.map((message) => ({ ...message, room })) as { [Index in keyof Part]: Part[Index] & { readonly room: Room } };

/** Every message of the basic and customize-info rooms, by rising number. */
export const messages = [
  ...inRoom('Basic', basic),
  ...inRoom('CustomizeInfo', customize),
] as const satisfies readonly Message[];

export type MessageName = (typeof messages)[number]['name'];
type MessageTypes = { readonly [Each in (typeof messages)[number] as Each['name']]: Each['type'] };

/** Message numbers by name: `MessageType.Logon` is 9. */
export const MessageType = Object.fromEntries(messages.map((message) => [message.name, message.type])) as MessageTypes;

const byType = new Map<number, Message>(messages.map((message) => [message.type, message]));

/** The message with this number, or undefined: unknown types are ignored by receivers (FRM-008). */
export function messageByType(type: number): Message | undefined {
  return byType.get(type);
}

/**
 * The body a message of this type has, told by who sent it: a request and its reply of the same type differ in direction.
 * @returns the body, null for an empty one, undefined when the type is unknown
 */
export function bodyOf(type: number, fromServer: boolean): Body | null | undefined {
  const message = byType.get(type);
  if (message === undefined) return undefined;
  const isReply = message.reply !== undefined && fromServer && message.direction === 'clientToServer';
  return isReply ? message.reply : message.body;
}

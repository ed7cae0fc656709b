/**
 * Every message as data: number, room, who sends it, what its body and its reply's body are.
 *
 * A reply has the type and message id of its request and comes from the server, unless `replyType` names another message.
 * `null` is an empty body (FRM-021); `optional` says the body may be empty although a contract is named.
 */
import type { Body, Message, RoomName } from './message.ts';
import { basicMessages } from './messages-basic.ts';
import { customizeMessages } from './messages-customize.ts';
import { filesMessages } from './messages-files.ts';
import { p2pMessages } from './messages-p2p.ts';
import { contactsMessages } from './messages-contacts.ts';
import { dynamicGroupsMessages } from './messages-dynamic-groups.ts';
import { platformMessages } from './messages-platform.ts';

const inRoom = <const Room extends RoomName, const Part extends readonly object[]>(
  room: Room,
  part: Part,
): { [Index in keyof Part]: Part[Index] & { readonly room: Room } } =>
  part.map((message) => ({ ...message, room })) as { [Index in keyof Part]: Part[Index] & { readonly room: Room } };

/** Every message, by rising number. */
export const messages = [
  ...inRoom('Basic', basicMessages),
  ...inRoom('CustomizeInfo', customizeMessages),
  ...inRoom('File', filesMessages),
  ...inRoom('P2P', p2pMessages),
  ...inRoom('Contacts', contactsMessages),
  ...inRoom('DynamicGroup', dynamicGroupsMessages),
  ...inRoom('Platform', platformMessages),
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

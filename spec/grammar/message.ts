/** What is known of each message, and the two ways to name its body. */
import type { messageContracts } from './contracts.ts';

/** Where a room starts; its messages follow in steps of one. */
export const rooms = {
  Basic: 0,
  CustomizeInfo: 100,
  File: 200,
  P2P: 300,
  Contacts: 400,
  DynamicGroup: 800,
  Platform: 900,
} as const;
export type RoomName = keyof typeof rooms;

type MessageContractName = keyof typeof messageContracts;

/**
 * Who sends the message first: a client to the server, the server to a client, either of them to the other (`bothWays`),
 * a client to the server or through it to a client, or the server to a client (`anyToAny`), or a client to another over a
 * direct channel only (`peerToPeer`).
 */
export type MessageDirection = 'clientToServer' | 'serverToClient' | 'bothWays' | 'anyToAny' | 'peerToPeer';

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

export const must = <const Name extends MessageContractName>(contract: Name): { contract: Name; optional: false } => ({
  contract,
  optional: false,
});
export const may = <const Name extends MessageContractName>(contract: Name): { contract: Name; optional: true } => ({
  contract,
  optional: true,
});

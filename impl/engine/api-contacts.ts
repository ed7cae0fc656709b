/**
 * The public API of contacts and groups as types, under the manual's names in camel case. Chapter 21; types only.
 *
 * A null broadcaster is the server. Lists are copies: the caller may keep and change them.
 */
import type { Event, ResultHandler } from './api.ts';
import type { ActionTypeOnChannelIsBusy } from './enums.ts';

/**
 * The application's knowledge of who belongs to whom; the engine adds and removes nobody. CON-001
 *
 * Both methods are asked often and answer at once, from memory. A null, a promise or a throw counts as an empty list and
 * is logged. CON-004
 */
export type ContactsManager = {
  /** Those who are told when the user comes and goes; an empty list for none. */
  getContacts(userID: string): readonly string[];
  /** Those whom a broadcast in the group reaches; an empty list for a group nobody knows. */
  getGroupMemberList(groupID: string): readonly string[];
};

/** The members of a group, each in one of the lists. CON-008 */
export type Groupmates = { readonly offlineGroupmates: string[]; readonly onlineGroupmates: string[] };

/** A broadcast as the server reports it when it could not be handed over. CON-027 */
export type BroadcastInformation = {
  readonly sourceID: string | null;
  readonly groupID: string;
  readonly broadcastType: number;
  readonly content: Uint8Array | null;
  readonly tag: string | null;
};

export type BroadcastReceivedArgs = [
  broadcasterID: string | null,
  groupID: string,
  broadcastType: number,
  broadcastContent: Uint8Array | null,
  tag: string | null,
];

/** The two ways to broadcast, the same on client and server. */
export type Broadcasting = {
  /**
   * To every other online member of the group. CON-020, CON-024
   * @param action - Discard: members (on a client first of all: the own connection) with queued bytes are left out. CON-025
   * @throws `E_ARGUMENT`, `E_MESSAGE_SIZE`, `E_DISCONNECTED`
   */
  broadcast(
    groupID: string,
    broadcastType: number,
    broadcastContent: Uint8Array | null,
    tag: string | null,
    action: ActionTypeOnChannelIsBusy,
  ): void;
  /** In fragments of `fragmentSize` bytes; resolves when the last has been handed to the transport. CON-030, CON-034 */
  broadcastBlob(
    groupID: string,
    broadcastType: number,
    blobContent: Uint8Array | null,
    tag: string | null,
    fragmentSize: number,
    handler?: ResultHandler,
    handlerTag?: unknown,
  ): Promise<void>;
};

/** A client's contacts and groups. */
export type ContactsOutter = Broadcasting & {
  /** A broadcast, or a whole broadcast blob. CON-023, CON-033 */
  readonly broadcastReceived: Event<BroadcastReceivedArgs>;
  /** A contact came online. CON-017 */
  readonly contactsConnected: Event<[userID: string]>;
  /** A contact went offline. CON-017 */
  readonly contactsOffline: Event<[userID: string]>;
  /** CON-006 */
  getContacts(): Promise<string[]>;
  /**
   * CON-007. The promise settles after everything that came with the answer was raised: whoever follows contactsConnected and
   * contactsOffline from before the question on takes for each user the last notice, and the answer where there was none.
   */
  getAllOnlineContacts(): Promise<string[]>;
  /** CON-008 */
  getGroupMembers(groupID: string): Promise<Groupmates>;
};

/** The server's side. The four switches may be set at any time. */
export type ContactsController = Broadcasting & {
  /** Whether broadcast blobs of clients raise broadcastReceived as well, at the price of memory; default false. CON-036 */
  broadcastBlobListened: boolean;
  /** Default true. CON-014 */
  contactsConnectedNotifyEnabled: boolean;
  /** Default true. CON-015 */
  contactsDisconnectedNotifyEnabled: boolean;
  /** Whether notices go out in turns of their own, one user at a time; default false: at once. CON-016 */
  useContactsNotifyThread: boolean;
  /** A member was offline; blobs excluded. CON-027 */
  readonly broadcastFailed: Event<[userID: string, information: BroadcastInformation]>;
  /** A client's broadcast, before it is handed on. CON-028 */
  readonly broadcastReceived: Event<BroadcastReceivedArgs>;
};

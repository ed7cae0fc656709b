/** The server's contactsController: switches, events, and broadcasts of the server itself (CON-014 to CON-016, CON-024, CON-035). */
import type { Platform } from '../../../../spec/platform.ts';
import { headerBytes, SERVER_ID } from '../../../../spec/limits.ts';
import { MessageType } from '../../../../spec/grammar/index.ts';
import { codecs, describeValue, encodeMessage, LocalProtocolError } from '../../../wire/index.ts';
import type { BroadcastInformation, BroadcastReceivedArgs, ContactsController } from '../../api-contacts.ts';
import type { ResultHandler } from '../../api.ts';
import { broadcastBlobBytes, broadcastBody } from '../../broadcast-arguments.ts';
import type { BroadcastArguments } from '../../broadcast-arguments.ts';
import { promised, withResult } from '../../callbacks.ts';
import { ClientType } from '../../enums.ts';
import type { ActionTypeOnChannelIsBusy } from '../../enums.ts';
import { DisconnectedException } from '../../errors.ts';
import { EventSource } from '../../event.ts';
import type { ServerContext } from '../server-context.ts';
import { broadcastTo } from './broadcast.ts';

const SWITCHES = {
  broadcastBlobListened: false,
  contactsConnectedNotifyEnabled: true,
  contactsDisconnectedNotifyEnabled: true,
  useContactsNotifyThread: false,
};
type Switch = keyof typeof SWITCHES;

/** The object behind `server.contactsController`. */
export class ServerContactsController implements ContactsController {
  readonly broadcastFailed: EventSource<[userID: string, information: BroadcastInformation]>;
  readonly broadcastReceived: EventSource<BroadcastReceivedArgs>;
  readonly #switches: Record<Switch, boolean> = { ...SWITCHES };
  readonly #platform: Platform;
  readonly #context: () => ServerContext;

  /** @param context - Throws while the server does not run. */
  constructor(platform: Platform, context: () => ServerContext) {
    this.#platform = platform;
    this.#context = context;
    this.broadcastFailed = new EventSource(platform, 'broadcastFailed');
    this.broadcastReceived = new EventSource(platform, 'broadcastReceived');
  }

  get broadcastBlobListened(): boolean {
    return this.#switches.broadcastBlobListened;
  }

  set broadcastBlobListened(value: boolean) {
    this.#set('broadcastBlobListened', value);
  }

  get contactsConnectedNotifyEnabled(): boolean {
    return this.#switches.contactsConnectedNotifyEnabled;
  }

  set contactsConnectedNotifyEnabled(value: boolean) {
    this.#set('contactsConnectedNotifyEnabled', value);
  }

  get contactsDisconnectedNotifyEnabled(): boolean {
    return this.#switches.contactsDisconnectedNotifyEnabled;
  }

  set contactsDisconnectedNotifyEnabled(value: boolean) {
    this.#set('contactsDisconnectedNotifyEnabled', value);
  }

  get useContactsNotifyThread(): boolean {
    return this.#switches.useContactsNotifyThread;
  }

  set useContactsNotifyThread(value: boolean) {
    this.#set('useContactsNotifyThread', value);
  }

  broadcast(
    groupID: string,
    broadcastType: number,
    broadcastContent: Uint8Array | null,
    tag: string | null,
    action: ActionTypeOnChannelIsBusy,
  ): void {
    const context = this.#context();
    const { contacts, delivery, limits, requests } = context;
    const body = broadcastBody({ groupID, broadcastType, content: broadcastContent, tag }, action, limits);
    const frame = {
      clientType: ClientType.Others,
      messageType: MessageType.BroadcastByServer,
      messageId: requests.nextId(),
      sourceId: SERVER_ID,
    };
    // Encoded once, and checked against the limit also when the group is empty.
    const bytes = encodeMessage({ ...frame, destId: '' }, codecs.BroadcastContract, body, limits);
    const offline = broadcastTo(
      contacts.relations.membersOf(groupID),
      { ...frame, body: bytes.subarray(headerBytes(limits.userIdBytesMax)) },
      action,
      { limits, delivery },
    );
    const information = { sourceID: null, groupID, broadcastType, content: body.Content, tag: body.Tag };
    this.tellFailed(offline, information);
  }

  broadcastBlob(
    groupID: string,
    broadcastType: number,
    blobContent: Uint8Array | null,
    tag: string | null,
    fragmentSize: number,
    handler?: ResultHandler,
    handlerTag?: unknown,
  ): Promise<void> {
    const broadcast = { groupID, broadcastType, content: blobContent, tag };
    const promise = promised(() => this.#broadcastBlob(broadcast, fragmentSize));
    return withResult(this.#platform, promise, handler, handlerTag);
  }

  /** CON-027: one event for each member who was offline. */
  tellFailed(offline: readonly string[], information: BroadcastInformation): void {
    if (!this.broadcastFailed.hasHandlers) return;
    for (const userID of offline) this.broadcastFailed.raise(userID, information);
  }

  /** CON-035: a member who leaves meanwhile costs the others nothing; only the end of the server is a failure. */
  async #broadcastBlob(broadcast: BroadcastArguments, fragmentSize: number): Promise<void> {
    const { contacts, delivery, limits } = this.#context();
    const bytes = broadcastBlobBytes(broadcast, fragmentSize, limits);
    const blob = {
      messageType: MessageType.BroadcastBlob,
      informationType: broadcast.broadcastType,
      groupID: broadcast.groupID,
      bytes,
      fragmentSizeBytes: fragmentSize,
    };
    const members = [...contacts.relations.membersOf(broadcast.groupID)].filter((each) => delivery.isOnline(each));
    await Promise.allSettled(members.map((destId) => delivery.deliverBlob(destId, { ...blob, destId })));
    this.#platform.noteAsyncEdge();
    try {
      this.#context();
    } catch {
      throw new DisconnectedException('CON-035');
    }
  }

  #set(name: Switch, value: boolean): void {
    if (typeof value !== 'boolean') {
      throw new LocalProtocolError(
        'E_ARGUMENT',
        'ERR-001',
        `${name} must be true or false, got ${describeValue(value)}`,
      );
    }
    this.#switches[name] = value;
  }
}

/** The client's contactsOutter: contacts, groups, broadcasts to them, and what comes from them (chapter 21). */
import type { Platform } from '../../../../spec/platform.ts';
import { MessageType } from '../../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../../spec/grammar/index.ts';
import { codecs } from '../../../wire/index.ts';
import type { ContactsOutter, Groupmates } from '../../api-contacts.ts';
import type { ResultHandler } from '../../api.ts';
import { broadcastBlobBytes, broadcastBody, checkGroupId } from '../../broadcast-arguments.ts';
import { promised, withResult } from '../../callbacks.ts';
import { ActionTypeOnChannelIsBusy } from '../../enums.ts';
import { askServer } from '../ask-server.ts';
import type { ClientLink } from '../client-link.ts';
import type { ContactsEvents } from './contacts-events.ts';

/** The object behind `engine.contactsOutter`. */
export class PassiveContactsOutter implements ContactsOutter {
  readonly broadcastReceived: ContactsEvents['broadcastReceived'];
  readonly contactsConnected: ContactsEvents['contactsConnected'];
  readonly contactsOffline: ContactsEvents['contactsOffline'];
  readonly #platform: Platform;
  readonly #link: () => ClientLink;

  /** @param link - The link that is online; throws when there is none. */
  constructor(platform: Platform, events: ContactsEvents, link: () => ClientLink) {
    this.broadcastReceived = events.broadcastReceived;
    this.contactsConnected = events.contactsConnected;
    this.contactsOffline = events.contactsOffline;
    this.#platform = platform;
    this.#link = link;
  }

  getContacts(): Promise<string[]> {
    return this.#contacts(false);
  }

  getAllOnlineContacts(): Promise<string[]> {
    return this.#contacts(true);
  }

  getGroupMembers(groupID: string): Promise<Groupmates> {
    return promised(() => {
      checkGroupId(groupID, this.#link().limits.userIdBytesMax);
      const request = {
        messageType: MessageType.GetGroupMembers,
        codec: codecs.GroupContract,
        value: { GroupID: groupID },
      };
      return askServer(this.#link, request, (body) => {
        const { OfflineGroupmates, OnlineGroupmates } = body as ContractOf<'GroupmatesContract'>;
        return { offlineGroupmates: namesIn(OfflineGroupmates), onlineGroupmates: namesIn(OnlineGroupmates) };
      });
    });
  }

  broadcast(
    groupID: string,
    broadcastType: number,
    broadcastContent: Uint8Array | null,
    tag: string | null,
    action: ActionTypeOnChannelIsBusy,
  ): void {
    const link = this.#link();
    const body = broadcastBody({ groupID, broadcastType, content: broadcastContent, tag }, action, link.limits);
    if (action === ActionTypeOnChannelIsBusy.Discard && link.queuedBytes > 0) return;
    const outgoing = { messageType: MessageType.BroadcastByServer, messageId: link.requests.nextId(), destId: '' };
    link.post(outgoing, codecs.BroadcastContract, body);
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
    const promise = promised(() => {
      const link = this.#link();
      const broadcast = { groupID, broadcastType, content: blobContent, tag };
      const bytes = broadcastBlobBytes(broadcast, fragmentSize, link.limits);
      return link.blobs().send({
        messageType: MessageType.BroadcastBlob,
        destId: '',
        informationType: broadcastType,
        groupID,
        bytes,
        fragmentSizeBytes: fragmentSize,
      });
    });
    return withResult(this.#platform, promise, handler, handlerTag);
  }

  #contacts(JustOnline: boolean): Promise<string[]> {
    const request = {
      messageType: MessageType.GetContracts,
      codec: codecs.ReqContactsContract,
      value: { JustOnline, Tag: null },
    };
    return askServer(this.#link, request, (body) => namesIn((body as ContractOf<'ResContactsContract'>).UserList));
  }
}

function namesIn(list: readonly (string | null)[] | null): string[] {
  return (list ?? []).filter((each) => each !== null);
}

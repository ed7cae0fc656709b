/** The events of contactsOutter, and the receivers that raise them: notices, broadcasts, broadcast blobs (CON-017, CON-023, CON-033). */
import type { Platform } from '../../../../spec/platform.ts';
import { MessageType } from '../../../../spec/grammar/index.ts';
import { codecs } from '../../../wire/index.ts';
import type { FrameView } from '../../../wire/index.ts';
import type { BroadcastReceivedArgs } from '../../api-contacts.ts';
import { callInOrder, sourceOf } from '../../call-handler.ts';
import { decodeOrViolate } from '../../decode-body.ts';
import { EventSource } from '../../event.ts';
import type { Peer } from '../../peer.ts';
import type { Receiver } from '../../receive.ts';
import { reply } from '../reply-receivers.ts';

/** What a connection needs to know of the engine's contacts. */
export type ContactsEvents = {
  readonly broadcastReceived: EventSource<BroadcastReceivedArgs>;
  readonly contactsConnected: EventSource<[userID: string]>;
  readonly contactsOffline: EventSource<[userID: string]>;
};

/** Makes the events of one engine. */
export function createContactsEvents(platform: Platform): ContactsEvents {
  return {
    broadcastReceived: new EventSource(platform, 'broadcastReceived'),
    contactsConnected: new EventSource(platform, 'contactsConnected'),
    contactsOffline: new EventSource(platform, 'contactsOffline'),
  };
}

const EMPTY = new Uint8Array(0);

/** CON-019: only the server knows who came and went. */
const notice =
  (name: 'contactsConnected' | 'contactsOffline'): Receiver =>
  (peer, frame) => {
    if (!frame.sourceIsServer()) return;
    const body = decodeOrViolate(peer, frame, codecs.UserContract);
    const userID = body?.UserID ?? null;
    if (userID !== null) callInOrder(peer, userID.length, () => peer.world.contacts?.[name].raise(userID));
  };

function receiveBroadcast(peer: Peer, frame: FrameView): void {
  const body = decodeOrViolate(peer, frame, codecs.BroadcastContract);
  if (body === undefined) return;
  const source = sourceOf(peer.senderOf(frame));
  const { Content, GroupID, InformationType, Tag } = body;
  callInOrder(peer, Content?.length ?? 0, () =>
    peer.world.contacts?.broadcastReceived.raise(source, GroupID ?? '', InformationType, Content, Tag),
  );
}

function receiveBroadcastBlob(peer: Peer, frame: FrameView): void {
  const fragment = decodeOrViolate(peer, frame, codecs.BroadcastBlobContract);
  if (fragment === undefined) return;
  const sender = peer.senderOf(frame);
  const { platform, contacts } = peer.world;
  const outcome = peer.assembly().handleFragment(sender, {
    blobId: fragment.BlobID,
    index: fragment.FragmentIndex,
    isLast: fragment.IsLast,
    messageType: frame.messageType,
    bytes: fragment.Fragment ?? EMPTY,
  });
  if (outcome.kind === 'dropped') platform.log('warn', outcome.why);
  if (outcome.kind !== 'whole') return;
  const decoded = codecs.BlobAndTagContract.decode(outcome.content);
  if (!decoded.ok) {
    // As with messages: another user's mistake must not cost us our connection (SEC-012).
    platform.log('warn', `a broadcast blob of ${sender} is no BlobAndTagContract: ${decoded.error.detail}`);
    return;
  }
  const { Message, Tag } = decoded.value;
  const { GroupID, InformationType } = fragment;
  callInOrder(peer, outcome.content.length, () =>
    contacts?.broadcastReceived.raise(sourceOf(sender), GroupID ?? '', InformationType, Message, Tag),
  );
}

/** Receivers of a client by message type. */
export const CONTACTS_RECEIVERS: readonly (readonly [number, Receiver])[] = [
  [MessageType.ContactsConnectedNotify, notice('contactsConnected')],
  [MessageType.ContactsOfflineNotify, notice('contactsOffline')],
  [MessageType.BroadcastByServer, receiveBroadcast],
  [MessageType.BroadcastBlob, receiveBroadcastBlob],
  [MessageType.GetContracts, reply(codecs.ResContactsContract)],
  [MessageType.GetGroupMembers, reply(codecs.GroupmatesContract)],
];

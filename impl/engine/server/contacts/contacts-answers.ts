/** What the server does with messages of the contacts room: answers questions, hands broadcasts on (CON-006 to CON-008, CON-021, CON-032). */
import { MessageType } from '../../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../../spec/grammar/index.ts';
import { codecs } from '../../../wire/index.ts';
import type { FrameView } from '../../../wire/index.ts';
import { decodeOrViolate } from '../../decode-body.ts';
import { ActionTypeOnChannelIsBusy } from '../../enums.ts';
import type { Receiver } from '../../receive.ts';
import { createReply } from '../reply.ts';
import type { ServerConnection } from '../server-connection.ts';
import type { ServerContext } from '../server-context.ts';
import { broadcastTo } from './broadcast.ts';

const EMPTY = new Uint8Array(0);

/** Receivers by message type. */
export function createContactsAnswers(
  context: ServerContext,
): readonly (readonly [number, Receiver<ServerConnection>])[] {
  const { contacts, delivery, limits } = context;
  const { controller, relations } = contacts;
  const reply = createReply(context.platform);
  const handOn = (
    from: ServerConnection,
    frame: FrameView,
    groupID: string | null,
    action: number,
  ): readonly string[] => {
    const { clientType, messageType, messageId } = frame;
    const same = { clientType, messageType, messageId, sourceId: from.userID, body: frame.body() };
    return broadcastTo(relations.membersOf(groupID ?? ''), same, action, { limits, delivery });
  };
  return [
    [
      MessageType.GetContracts,
      (from, frame) => {
        const question = decodeOrViolate(from, frame, codecs.ReqContactsContract);
        if (question === undefined) return;
        const all = [...relations.contactsOf(from.userID)];
        const UserList = question.JustOnline ? all.filter((each) => delivery.isOnline(each)) : all;
        reply(from, frame, codecs.ResContactsContract, { UserList });
      },
    ],
    [
      MessageType.GetGroupMembers,
      (from, frame) => {
        const question = decodeOrViolate(from, frame, codecs.GroupContract);
        if (question === undefined) return;
        const members = [...relations.membersOf(question.GroupID ?? '')];
        reply(from, frame, codecs.GroupmatesContract, {
          OfflineGroupmates: members.filter((each) => !delivery.isOnline(each)),
          OnlineGroupmates: members.filter((each) => delivery.isOnline(each)),
        });
      },
    ],
    [
      MessageType.BroadcastByServer,
      (from, frame) => {
        const body = decodeOrViolate(from, frame, codecs.BroadcastContract);
        if (body === undefined) return;
        const { Content: content, InformationType: broadcastType, Tag: tag } = body;
        const groupID = body.GroupID ?? '';
        controller.broadcastReceived.raise(from.userID, groupID, broadcastType, content, tag);
        if (!from.isOpen) return;
        const offline = handOn(from, frame, groupID, body.ActionTypeOnChannelIsBusy);
        controller.tellFailed(offline, { sourceID: from.userID, groupID, broadcastType, content, tag });
      },
    ],
    [
      MessageType.BroadcastBlob,
      (from, frame) => {
        const fragment = decodeOrViolate(from, frame, codecs.BroadcastBlobContract);
        if (fragment === undefined) return;
        if (controller.broadcastBlobListened) listen(context, from, fragment);
        if (from.isOpen) handOn(from, frame, fragment.GroupID, ActionTypeOnChannelIsBusy.Continue);
      },
    ],
  ];
}

/** CON-036: puts the blob together for the application of the server as well. */
function listen(
  { contacts, platform }: ServerContext,
  from: ServerConnection,
  fragment: ContractOf<'BroadcastBlobContract'>,
): void {
  const outcome = from.assembly().handleFragment(from.userID, {
    blobId: fragment.BlobID,
    index: fragment.FragmentIndex,
    isLast: fragment.IsLast,
    messageType: MessageType.BroadcastBlob,
    bytes: fragment.Fragment ?? EMPTY,
  });
  if (outcome.kind === 'dropped') platform.log('warn', outcome.why);
  if (outcome.kind !== 'whole') return;
  const decoded = codecs.BlobAndTagContract.decode(outcome.content);
  if (!decoded.ok) {
    platform.log('warn', `a broadcast blob of ${from.userID} is no BlobAndTagContract: ${decoded.error.detail}`);
    return;
  }
  const { Message, Tag } = decoded.value;
  contacts.controller.broadcastReceived.raise(
    from.userID,
    fragment.GroupID ?? '',
    fragment.InformationType,
    Message,
    Tag,
  );
}

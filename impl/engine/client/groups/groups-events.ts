/** The events of dynamicGroupOutter, and the receivers that raise them (CON-054). */
import type { Platform } from '../../../../spec/platform.ts';
import { MessageType } from '../../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../../spec/grammar/index.ts';
import { codecs } from '../../../wire/index.ts';
import type { Codec } from '../../../wire/index.ts';
import type { BroadcastReceivedArgs } from '../../api-contacts.ts';
import { callInOrder, sourceOf } from '../../call-handler.ts';
import { decodeOrViolate } from '../../decode-body.ts';
import { EventSource } from '../../event.ts';
import type { Receiver } from '../../receive.ts';
import { reply, replyOrNothing } from '../reply-receivers.ts';

type UsersArgs = [groupID: string, userIDs: string[], operatorID: string];
type UserArgs = [groupID: string, userID: string];

/** What a connection needs to know of the engine's dynamic groups. */
export type GroupsEvents = {
  readonly broadcastReceived: EventSource<BroadcastReceivedArgs>;
  readonly someoneJoinGroup: EventSource<UserArgs>;
  readonly someoneQuitGroup: EventSource<UserArgs>;
  readonly pulledIntoGroup: EventSource<UsersArgs>;
  readonly removedFromGroup: EventSource<UsersArgs>;
  readonly someonePullIntoGroup: EventSource<UsersArgs>;
  readonly someoneRemoveFromGroup: EventSource<UsersArgs>;
  readonly groupmateOffline: EventSource<[userID: string, quitGroupWhenOffline: boolean]>;
  readonly groupmateOnline: EventSource<[userID: string]>;
  readonly invitedJoinGroup: EventSource<UserArgs>;
  readonly groupTagChanged: EventSource<[groupID: string, tag: string | null, operatorID: string]>;
};

/** Makes the events of one engine. */
export function createGroupsEvents(platform: Platform): GroupsEvents {
  return {
    broadcastReceived: new EventSource(platform, 'broadcastReceived'),
    someoneJoinGroup: new EventSource(platform, 'someoneJoinGroup'),
    someoneQuitGroup: new EventSource(platform, 'someoneQuitGroup'),
    pulledIntoGroup: new EventSource(platform, 'pulledIntoGroup'),
    removedFromGroup: new EventSource(platform, 'removedFromGroup'),
    someonePullIntoGroup: new EventSource(platform, 'someonePullIntoGroup'),
    someoneRemoveFromGroup: new EventSource(platform, 'someoneRemoveFromGroup'),
    groupmateOffline: new EventSource(platform, 'groupmateOffline'),
    groupmateOnline: new EventSource(platform, 'groupmateOnline'),
    invitedJoinGroup: new EventSource(platform, 'invitedJoinGroup'),
    groupTagChanged: new EventSource(platform, 'groupTagChanged'),
  };
}

/** A notice: only the server can give one. It keeps its place among the handler's calls. */
const notice =
  <Value>(codec: Codec<Value>, raise: (events: GroupsEvents, body: Value) => void): Receiver =>
  (peer, frame) => {
    if (!frame.sourceIsServer()) return;
    const size = frame.bodyLength;
    const body = decodeOrViolate(peer, frame, codec);
    const { groups } = peer.world;
    if (body !== undefined && groups !== undefined) callInOrder(peer, size, () => raise(groups, body));
  };

const aboutUser = (name: 'someoneJoinGroup' | 'someoneQuitGroup' | 'invitedJoinGroup'): Receiver =>
  notice(codecs.GroupNotifyContract, (events, { GroupID, UserID }) => events[name].raise(GroupID ?? '', UserID ?? ''));

const aboutUsers = (
  name: 'pulledIntoGroup' | 'removedFromGroup' | 'someonePullIntoGroup' | 'someoneRemoveFromGroup',
): Receiver =>
  notice(codecs.RecruitOrFireContract, (events, { GroupID, Members, OperatorID }) => {
    const userIDs = (Members ?? []).filter((each) => each !== null);
    events[name].raise(GroupID ?? '', userIDs, OperatorID ?? '');
  });

const receiveBroadcast: Receiver = (peer, frame) => {
  const body: ContractOf<'BroadcastContract'> | undefined = decodeOrViolate(peer, frame, codecs.BroadcastContract);
  if (body === undefined) return;
  const source = sourceOf(peer.senderOf(frame));
  const { Content, GroupID, InformationType, Tag } = body;
  callInOrder(peer, Content?.length ?? 0, () =>
    peer.world.groups?.broadcastReceived.raise(source, GroupID ?? '', InformationType, Content, Tag),
  );
};

/** Receivers of a client by message type. */
export const GROUPS_RECEIVERS: readonly (readonly [number, Receiver])[] = [
  [MessageType.GetGroupInfomation, replyOrNothing(codecs.GroupInfomationContract)],
  [MessageType.JoinGroup, replyOrNothing(codecs.GroupInfomationContract)],
  [MessageType.GetMyGroups, reply(codecs.ResGroupsContract)],
  [MessageType.GetOnlineGroupmates, reply(codecs.ResContactsContract)],
  [MessageType.SomeoneJoinGroupNotify, aboutUser('someoneJoinGroup')],
  [MessageType.SomeoneQuitGroupNotify, aboutUser('someoneQuitGroup')],
  [MessageType.InvitedJoinGroupNotify, aboutUser('invitedJoinGroup')],
  [MessageType.PullIntoGroupNotify, aboutUsers('pulledIntoGroup')],
  [MessageType.RemoveFromGroupNotify, aboutUsers('removedFromGroup')],
  [MessageType.SomeonePullIntoGroupNotify, aboutUsers('someonePullIntoGroup')],
  [MessageType.SomeoneRemoveFromGroupNotify, aboutUsers('someoneRemoveFromGroup')],
  [
    MessageType.GroupmateOfflineNotify,
    notice(codecs.GroupmateOfflineContract, (events, { QuitGroupWhenOffline, UserID }) =>
      events.groupmateOffline.raise(UserID ?? '', QuitGroupWhenOffline),
    ),
  ],
  [
    MessageType.GroupmateOnlineNotify,
    notice(codecs.UserContract, (events, { UserID }) => events.groupmateOnline.raise(UserID ?? '')),
  ],
  [
    MessageType.GroupTagChangedNotify,
    notice(codecs.GroupTagChangedNotifyContract, (events, { GroupID, OperatorID, Tag }) =>
      events.groupTagChanged.raise(GroupID ?? '', Tag, OperatorID ?? ''),
    ),
  ],
  [MessageType.Broadcast, receiveBroadcast],
];

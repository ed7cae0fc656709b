/** The client's dynamicGroupOutter: joining, leaving, moving others, tags, broadcasts (section 21.6). */
import { GROUP_TAG_BYTES_MAX } from '../../../../spec/limits.ts';
import { MessageType } from '../../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../../spec/grammar/index.ts';
import { codecs, LocalProtocolError, utf8Length } from '../../../wire/index.ts';
import type { Codec } from '../../../wire/index.ts';
import type { DynamicGroupOutter, GroupInfomation } from '../../api-dynamic-groups.ts';
import { checkText, checkUserId } from '../../arguments.ts';
import { broadcastBody, checkGroupId } from '../../broadcast-arguments.ts';
import { promised } from '../../callbacks.ts';
import { ActionTypeOnChannelIsBusy } from '../../enums.ts';
import { askServer } from '../ask-server.ts';
import type { ClientLink } from '../client-link.ts';
import type { GroupsEvents } from './groups-events.ts';

/** Makes the object behind `engine.dynamicGroupOutter`. @param link - The link that is online; throws when there is none. */
export function createDynamicGroupOutter(events: GroupsEvents, link: () => ClientLink): DynamicGroupOutter {
  /** A request that is not answered. */
  const tell = <Value>(messageType: number, codec: Codec<Value>, value: Value): void => {
    const online = link();
    online.post({ messageType, messageId: online.requests.nextId(), destId: '' }, codec, value);
  };
  const checked = (groupID: string): string => {
    checkGroupId(groupID, link().limits.userIdBytesMax);
    return groupID;
  };
  const tellOf = (messageType: number, groupID: string, userIDs: readonly string[]): void => {
    const { userIdBytesMax } = link().limits;
    const GroupID = checked(groupID);
    for (const userID of userIDs) checkUserId(userID, userIdBytesMax);
    // Who does it is in the header; a server looks nowhere else.
    tell(messageType, codecs.RecruitOrFireContract, { GroupID, Members: [...userIDs], OperatorID: null });
  };
  const askGroup = (messageType: number, groupID: string): Promise<GroupInfomation | null> =>
    promised(() => {
      const value = { GroupID: checked(groupID) };
      return askServer(link, { messageType, codec: codecs.GroupContract, value }, (body) => infomationOf(body));
    });
  return {
    joinGroup: (groupID) => askGroup(MessageType.JoinGroup, groupID),
    getGroupInfomation: (groupID) => askGroup(MessageType.GetGroupInfomation, groupID),
    quitGroup: (groupID) => tell(MessageType.QuitGroup, codecs.GroupContract, { GroupID: checked(groupID) }),
    pullIntoGroup: (groupID, userIDs) => tellOf(MessageType.PullIntoGroup, groupID, userIDs),
    removeFromGroup: (groupID, userIDs) => tellOf(MessageType.RemoveFromGroup, groupID, userIDs),
    inviteJoinGroup: (groupID, userIDs) => tellOf(MessageType.InviteJoinGroup, groupID, userIDs),
    setGroupTag(groupID, tag) {
      const GroupID = checked(groupID);
      const Tag = checkText('the tag', tag);
      if (Tag !== null && utf8Length(Tag) > GROUP_TAG_BYTES_MAX) {
        const text = `the tag of a group takes at most ${GROUP_TAG_BYTES_MAX} bytes of UTF-8, this one ${utf8Length(Tag)}`;
        throw new LocalProtocolError('E_ARGUMENT', 'CON-055', text);
      }
      tell(MessageType.SetGroupTag, codecs.SetGroupTagContract, { GroupID, Tag });
    },
    getMyGroups: () =>
      askServer(link, { messageType: MessageType.GetMyGroups, codec: null, value: null }, (body) =>
        namesIn((body as ContractOf<'ResGroupsContract'>).GroupList),
      ),
    getOnlineGroupmates: () =>
      askServer(link, { messageType: MessageType.GetOnlineGroupmates, codec: null, value: null }, (body) =>
        namesIn((body as ContractOf<'ResContactsContract'>).UserList),
      ),
    broadcast(groupID, broadcastType, content, tag, action) {
      const online = link();
      const body = broadcastBody({ groupID, broadcastType, content, tag }, action, online.limits);
      if (action === ActionTypeOnChannelIsBusy.Discard && online.queuedBytes > 0) return;
      tell(MessageType.Broadcast, codecs.BroadcastContract, body);
    },
    // Behind the others: with a spread in front engines make a shape of its own for each object.
    ...events,
  };
}

function infomationOf(body: unknown): GroupInfomation | null {
  if (body === null) return null;
  const { GroupID, Members, Tag } = body as ContractOf<'GroupInfomationContract'>;
  return { groupID: GroupID ?? '', members: namesIn(Members), tag: Tag };
}

function namesIn(list: readonly (string | null)[] | null): string[] {
  return (list ?? []).filter((each) => each !== null);
}

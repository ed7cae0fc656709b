/** What the server does with messages of the dynamic-group room (section 21.6). */
import { GROUP_TAG_BYTES_MAX } from '../../../../spec/limits.ts';
import { MessageType } from '../../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../../spec/grammar/index.ts';
import { codecs, utf8Length } from '../../../wire/index.ts';
import type { FrameView } from '../../../wire/index.ts';
import { decodeOrViolate } from '../../decode-body.ts';
import type { Receiver } from '../../receive.ts';
import { broadcastTo } from '../contacts/broadcast.ts';
import { createReply } from '../reply.ts';
import type { Reply } from '../reply.ts';
import type { ServerConnection } from '../server-connection.ts';
import type { ServerContext } from '../server-context.ts';

type Answers = readonly (readonly [number, Receiver<ServerConnection>])[];

const { GroupContract, GroupInfomationContract, GroupNotifyContract, RecruitOrFireContract } = codecs;

/** Receivers by message type. */
export function createGroupsAnswers(context: ServerContext): Answers {
  const reply = createReply(context.platform);
  return [
    ...questions(context, reply),
    ...ownMembership(context, reply),
    ...membershipOfOthers(context),
    ...rest(context),
  ];
}

/** The reply about a group; null, an empty body, when there is none. */
function infomationOf({ groups }: ServerContext, GroupID: string): ContractOf<'GroupInfomationContract'> | null {
  const { table } = groups;
  if (!table.has(GroupID)) return null;
  return { GroupID, Members: [...table.membersOf(GroupID)], Tag: table.tagOf(GroupID) };
}

function questions(context: ServerContext, reply: Reply): Answers {
  const { delivery, groups } = context;
  return [
    [
      MessageType.GetGroupInfomation,
      (from, frame) => {
        const body = decodeOrViolate(from, frame, GroupContract);
        if (body !== undefined) reply(from, frame, GroupInfomationContract, infomationOf(context, body.GroupID ?? ''));
      },
    ],
    [
      MessageType.GetMyGroups,
      (from, frame) => {
        reply(from, frame, codecs.ResGroupsContract, { GroupList: [...groups.table.groupsOf(from.userID)] });
      },
    ],
    [
      MessageType.GetOnlineGroupmates,
      (from, frame) => {
        const UserList = [...groups.table.matesOf(from.userID)].filter((mate) => delivery.isHere(mate));
        reply(from, frame, codecs.ResContactsContract, { UserList });
      },
    ],
  ];
}

function ownMembership(context: ServerContext, reply: Reply): Answers {
  const { groups } = context;
  const { table, tell } = groups;
  return [
    [
      MessageType.JoinGroup,
      (from, frame) => {
        const body = decodeOrViolate(from, frame, GroupContract);
        if (body === undefined) return;
        const GroupID = body.GroupID ?? '';
        const outcome = GroupID === '' ? 'refused' : table.join(GroupID, from.userID);
        const answer = outcome === 'refused' ? null : infomationOf(context, GroupID);
        reply(from, frame, GroupInfomationContract, answer);
        if (outcome !== 'joined') return;
        const notice = { GroupID, UserID: from.userID };
        tell(table.membersOf(GroupID), from.userID, MessageType.SomeoneJoinGroupNotify, GroupNotifyContract, notice);
      },
    ],
    [
      MessageType.QuitGroup,
      (from, frame) => {
        const body = decodeOrViolate(from, frame, GroupContract);
        const GroupID = body?.GroupID ?? '';
        if (!table.quit(GroupID, from.userID)) return;
        const notice = { GroupID, UserID: from.userID };
        tell(table.membersOf(GroupID), null, MessageType.SomeoneQuitGroupNotify, GroupNotifyContract, notice);
      },
    ],
  ];
}

/** Takes a request about others; undefined when its sender is no member (CON-046). */
function requestOf(
  { groups }: ServerContext,
  from: ServerConnection,
  frame: FrameView,
): { readonly groupID: string; readonly named: readonly string[] } | undefined {
  const body = decodeOrViolate(from, frame, RecruitOrFireContract);
  const groupID = body?.GroupID ?? '';
  if (body === undefined || !groups.table.isMember(groupID, from.userID)) return undefined;
  return { groupID, named: [...new Set(body.Members ?? [])].filter((each) => each !== null) };
}

function membershipOfOthers(context: ServerContext): Answers {
  const { delivery, groups } = context;
  const { table, tell } = groups;
  const told = (
    groupID: string,
    moved: readonly string[],
    operator: string,
    types: readonly [number, number],
  ): void => {
    if (moved.length === 0) return;
    const notice = { GroupID: groupID, Members: [...moved], OperatorID: operator };
    tell(moved, null, types[0], RecruitOrFireContract, notice);
    const others = new Set([...moved, operator]);
    tell(table.membersOf(groupID), others, types[1], RecruitOrFireContract, notice);
  };
  return [
    [
      MessageType.PullIntoGroup,
      (from, frame) => {
        const request = requestOf(context, from, frame);
        if (request === undefined) return;
        const { groupID, named } = request;
        const pulled = named.filter((each) => delivery.isHere(each) && table.join(groupID, each) === 'joined');
        told(groupID, pulled, from.userID, [MessageType.PullIntoGroupNotify, MessageType.SomeonePullIntoGroupNotify]);
      },
    ],
    [
      MessageType.RemoveFromGroup,
      (from, frame) => {
        const request = requestOf(context, from, frame);
        if (request === undefined) return;
        const { groupID, named } = request;
        const removed = named.filter((each) => table.quit(groupID, each));
        told(groupID, removed, from.userID, [
          MessageType.RemoveFromGroupNotify,
          MessageType.SomeoneRemoveFromGroupNotify,
        ]);
      },
    ],
    [
      MessageType.InviteJoinGroup,
      (from, frame) => {
        const request = requestOf(context, from, frame);
        if (request === undefined) return;
        const { groupID, named } = request;
        const notice = { GroupID: groupID, UserID: from.userID };
        const members = table.membersOf(groupID);
        tell(named, members, MessageType.InvitedJoinGroupNotify, GroupNotifyContract, notice);
      },
    ],
  ];
}

function rest(context: ServerContext): Answers {
  const { delivery, groups, limits } = context;
  const { table, tell } = groups;
  return [
    [
      MessageType.SetGroupTag,
      (from, frame) => {
        const body = decodeOrViolate(from, frame, codecs.SetGroupTagContract);
        const GroupID = body?.GroupID ?? '';
        const Tag = body?.Tag ?? null;
        if (body === undefined || !table.isMember(GroupID, from.userID)) return;
        if (Tag !== null && utf8Length(Tag) > GROUP_TAG_BYTES_MAX) return;
        table.setTag(GroupID, Tag);
        const notice = { GroupID, OperatorID: from.userID, Tag };
        const codec = codecs.GroupTagChangedNotifyContract;
        tell(table.membersOf(GroupID), from.userID, MessageType.GroupTagChangedNotify, codec, notice);
      },
    ],
    [
      MessageType.Broadcast,
      (from, frame) => {
        const body = decodeOrViolate(from, frame, codecs.BroadcastContract);
        const groupID = body?.GroupID ?? '';
        if (body === undefined || !table.isMember(groupID, from.userID)) return;
        const { clientType, messageType, messageId } = frame;
        const same = { clientType, messageType, messageId, sourceId: from.userID, body: frame.body() };
        broadcastTo(table.membersOf(groupID), same, body.ActionTypeOnChannelIsBusy, { limits, delivery });
      },
    ],
  ];
}

/** Bodies of the dynamic-group room, besides those it shares with the contacts room. Data only. */
import type { ContractMap } from './field-types.ts';

export const dynamicGroupsContracts = {
  GroupInfomationContract: {
    clause: 'CON-049',
    doc: 'A dynamic group as it is; the name is spelled as its message.',
    fields: [
      { name: 'GroupID', type: 'string', clause: 'CON-049', doc: 'the group' },
      { name: 'Members', type: { list: 'string' }, clause: 'CON-049', doc: 'UserIDs, in the order of joining' },
      { name: 'Tag', type: 'string', clause: 'CON-047', doc: 'the tag of the group' },
    ],
  },
  GroupNotifyContract: {
    clause: 'CON-042',
    doc: 'A user who joined or quit, or who invites.',
    fields: [
      { name: 'GroupID', type: 'string', clause: 'CON-042', doc: 'the group' },
      { name: 'UserID', type: 'string', clause: 'CON-042', doc: 'the user' },
    ],
  },
  RecruitOrFireContract: {
    clause: 'CON-044',
    doc: 'Users whom a member pulls in, removes or invites.',
    fields: [
      { name: 'GroupID', type: 'string', clause: 'CON-044', doc: 'the group' },
      { name: 'Members', type: { list: 'string' }, clause: 'CON-044', doc: 'UserIDs' },
      { name: 'OperatorID', type: 'string', clause: 'CON-044', doc: 'who does it; not looked at in a request' },
    ],
  },
  SetGroupTagContract: {
    clause: 'CON-047',
    doc: 'A new tag for a group.',
    fields: [
      { name: 'GroupID', type: 'string', clause: 'CON-047', doc: 'the group' },
      { name: 'Tag', type: 'string', clause: 'CON-047', doc: 'the tag' },
    ],
  },
  GroupTagChangedNotifyContract: {
    clause: 'CON-047',
    doc: 'A group has a new tag.',
    fields: [
      { name: 'GroupID', type: 'string', clause: 'CON-047', doc: 'the group' },
      { name: 'OperatorID', type: 'string', clause: 'CON-047', doc: 'who set it' },
      { name: 'Tag', type: 'string', clause: 'CON-047', doc: 'the tag' },
    ],
  },
  GroupmateOfflineContract: {
    clause: 'CON-051',
    doc: 'A groupmate went offline.',
    fields: [
      { name: 'QuitGroupWhenOffline', type: 'bool', clause: 'CON-051', doc: 'it is no member of any group any more' },
      { name: 'UserID', type: 'string', clause: 'CON-051', doc: 'the user' },
    ],
  },
  ResGroupsContract: {
    clause: 'CON-050',
    doc: 'Groups of the asker.',
    fields: [
      { name: 'GroupList', type: { list: 'string' }, clause: 'CON-050', doc: 'GroupIDs, in the order of joining' },
    ],
  },
} as const satisfies ContractMap;

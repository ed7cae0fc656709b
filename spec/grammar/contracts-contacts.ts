/** Bodies of the contacts room. Data only. */
import type { ContractMap } from './field-types.ts';

export const contactsContracts = {
  UserContract: {
    clause: 'CON-009',
    doc: 'A user who came or went.',
    fields: [{ name: 'UserID', type: 'string', clause: 'CON-009', doc: 'the user' }],
  },
  GroupContract: {
    clause: 'CON-008',
    doc: 'A group that is asked about.',
    fields: [{ name: 'GroupID', type: 'string', clause: 'CON-008', doc: 'the group' }],
  },
  GroupmatesContract: {
    clause: 'CON-008',
    doc: 'The members of a group, each in one of the two lists.',
    fields: [
      { name: 'OfflineGroupmates', type: { list: 'string' }, clause: 'CON-008', doc: 'members who are not online' },
      { name: 'OnlineGroupmates', type: { list: 'string' }, clause: 'CON-008', doc: 'members who are online' },
    ],
  },
  ReqContactsContract: {
    clause: 'CON-006',
    doc: 'Asks for the own contacts.',
    fields: [
      { name: 'JustOnline', type: 'bool', clause: 'CON-007', doc: 'true: only those who are online' },
      { name: 'Tag', type: 'string', clause: 'CON-006', doc: 'not used; null' },
    ],
  },
  ResContactsContract: {
    clause: 'CON-006',
    doc: 'Contacts of the asker.',
    fields: [{ name: 'UserList', type: { list: 'string' }, clause: 'CON-006', doc: 'UserIDs' }],
  },
  BroadcastContract: {
    clause: 'CON-020',
    doc: 'Information for all members of a group.',
    fields: [
      {
        name: 'ActionTypeOnChannelIsBusy',
        type: { enum: 'ActionTypeOnChannelIsBusy' },
        clause: 'CON-025',
        doc: 'what the server does for a member whose channel is busy',
      },
      { name: 'Content', type: 'bytes', clause: 'CON-021', doc: 'the bytes of the user; null stays null' },
      { name: 'GroupID', type: 'string', clause: 'CON-020', doc: 'the group' },
      { name: 'InformationType', type: 'int32', clause: 'CON-020', doc: 'the broadcast type, chosen by the user' },
      { name: 'Tag', type: 'string', clause: 'CON-021', doc: 'the tag of the user' },
    ],
  },
  BroadcastBlobContract: {
    clause: 'CON-030',
    doc: 'One piece of a large block for all members of a group.',
    fields: [
      { name: 'BlobID', type: 'int32', clause: 'CON-031', doc: 'counts with the other blobs of the connection' },
      { name: 'Fragment', type: 'bytes', clause: 'CON-030', doc: 'the piece' },
      { name: 'FragmentIndex', type: 'int32', clause: 'CON-030', doc: 'counts from 0' },
      { name: 'GroupID', type: 'string', clause: 'CON-030', doc: 'the group' },
      { name: 'InformationType', type: 'int32', clause: 'CON-030', doc: 'the broadcast type, chosen by the user' },
      { name: 'IsLast', type: 'bool', clause: 'CON-030', doc: 'true on the last piece only' },
    ],
  },
} as const satisfies ContractMap;

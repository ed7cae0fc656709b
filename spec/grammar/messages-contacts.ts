/** The contacts room. Data only. */
import { must } from './message.ts';

export const contactsMessages = [
  {
    name: 'ContactsOfflineNotify',
    type: 400,
    direction: 'serverToClient',
    body: must('UserContract'),
    clause: 'CON-010',
    doc: 'a contact went offline',
  },
  {
    name: 'ContactsConnectedNotify',
    type: 401,
    direction: 'serverToClient',
    body: must('UserContract'),
    clause: 'CON-009',
    doc: 'a contact came online',
  },
  {
    name: 'GetGroupMembers',
    type: 402,
    direction: 'clientToServer',
    body: must('GroupContract'),
    reply: must('GroupmatesContract'),
    clause: 'CON-008',
    doc: 'asks for the members of a group',
  },
  {
    name: 'BroadcastByServer',
    type: 403,
    direction: 'bothWays',
    body: must('BroadcastContract'),
    clause: 'CON-020',
    doc: 'information for a group; the server hands it to each member',
  },
  {
    name: 'BroadcastBlob',
    type: 404,
    direction: 'bothWays',
    body: must('BroadcastBlobContract'),
    clause: 'CON-030',
    doc: 'one fragment of a blob for a group; assembled content is BlobAndTagContract',
  },
  {
    name: 'GetContracts',
    type: 405,
    direction: 'clientToServer',
    body: must('ReqContactsContract'),
    reply: must('ResContactsContract'),
    clause: 'CON-006',
    doc: 'asks for the own contacts, all or those online',
  },
] as const;

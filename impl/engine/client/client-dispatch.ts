/** What a client does with each message type: what both ends receive, and the server's replies to its own requests. */
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs } from '../../wire/index.ts';
import type { Peer } from '../peer.ts';
import { receivePartnerOffline } from '../files/receive-files.ts';
import { dispatchTable, RECEIVERS } from '../receive.ts';
import { CONTACTS_RECEIVERS } from './contacts/contacts-events.ts';
import { GROUPS_RECEIVERS } from './groups/groups-events.ts';
import { reply, replyOrNothing } from './reply-receivers.ts';

/** By message type. Logon, heartbeats and notices are the link's own. */
export const CLIENT_DISPATCH = dispatchTable<Peer>([
  ...RECEIVERS,
  ...CONTACTS_RECEIVERS,
  ...GROUPS_RECEIVERS,
  [MessageType.GetMyIPE, reply(codecs.UserIpeResContract)],
  [MessageType.GetUserIPE, replyOrNothing(codecs.UserIpeResContract)],
  [MessageType.QueryOnline, reply(codecs.ResOnlineContract)],
  [MessageType.QueryOnlines, reply(codecs.ResOnlinesContract)],
  [MessageType.GetAllOnlineUsers, reply(codecs.ResUsersContract)],
  [MessageType.FilePartnerOffline, receivePartnerOffline],
]);

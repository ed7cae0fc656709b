/** What a client does with each message type: what both ends receive, and the server's replies to its own requests. */
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs } from '../../wire/index.ts';
import type { Codec } from '../../wire/index.ts';
import { decodeNullableOrViolate, decodeOrViolate } from '../decode-body.ts';
import type { Peer } from '../peer.ts';
import { receivePartnerOffline } from '../files/receive-files.ts';
import { dispatchTable, RECEIVERS, settle } from '../receive.ts';
import type { Receiver } from '../receive.ts';
import { CONTACTS_RECEIVERS } from './contacts/contacts-events.ts';
import { GROUPS_RECEIVERS } from './groups/groups-events.ts';

const reply =
  <Value>(codec: Codec<Value>): Receiver =>
  (peer, frame) => {
    const body = decodeOrViolate(peer, frame, codec);
    if (body !== undefined) settle(peer, frame, body);
  };

/** BAS-006: an empty answer means "not online". */
const replyOrNothing =
  <Value>(codec: Codec<Value>): Receiver =>
  (peer, frame) => {
    const body = decodeNullableOrViolate(peer, frame, codec);
    if (body !== undefined) settle(peer, frame, body);
  };

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

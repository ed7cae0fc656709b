/** The server's answers to basic requests: endpoints, who is online, kick-out, heartbeat (BAS, HBT-003). */
import { MessageType } from '../../../spec/grammar/index.ts';
import { codecs } from '../../wire/index.ts';
import { decodeOrViolate } from '../decode-body.ts';
import type { Receiver } from '../receive.ts';
import { createReply } from './reply.ts';
import type { ServerConnection } from './server-connection.ts';
import type { ServerContext } from './server-context.ts';

/** Receivers by message type, for what only a server receives. */
export function createBasicAnswers(context: ServerContext): readonly (readonly [number, Receiver<ServerConnection>])[] {
  const { platformUsers, users } = context;
  const reply = createReply(context.platform);
  const endpointOf = (user: ServerConnection): { IP: string; Port: number } => ({
    IP: user.remote.address,
    Port: user.remote.port,
  });
  return [
    [MessageType.GetMyIPE, (from, frame) => reply(from, frame, codecs.UserIpeResContract, endpointOf(from))],
    [
      MessageType.GetUserIPE,
      (from, frame) => {
        const query = decodeOrViolate(from, frame, codecs.QueryIPEContract);
        if (query === undefined) return;
        const address = platformUsers.get(query.UserID ?? '')?.address;
        const endpoint = address === undefined ? null : { IP: address.address, Port: address.port };
        reply(from, frame, codecs.UserIpeResContract, endpoint);
      },
    ],
    [
      MessageType.QueryOnline,
      (from, frame) => {
        const query = decodeOrViolate(from, frame, codecs.QueryOnlineContract);
        if (query === undefined) return;
        reply(from, frame, codecs.ResOnlineContract, { Online: platformUsers.isOnline(query.UserID ?? '') });
      },
    ],
    [
      MessageType.QueryOnlines,
      (from, frame) => {
        const query = decodeOrViolate(from, frame, codecs.QueryOnlinesContract);
        if (query === undefined) return;
        const asked = (query.UserList ?? []).filter((userID) => userID !== null);
        const Result = new Map(asked.map((userID) => [userID, platformUsers.isOnline(userID)]));
        reply(from, frame, codecs.ResOnlinesContract, { Result });
      },
    ],
    [
      MessageType.GetAllOnlineUsers,
      (from, frame) => reply(from, frame, codecs.ResUsersContract, { UserList: platformUsers.ids() }),
    ],
    [
      MessageType.KickOut,
      (from, frame) => {
        const order = decodeOrViolate(from, frame, codecs.KickOutContract);
        if (order !== undefined) users.get(order.UserBeKickedOut ?? '')?.input('kick');
      },
    ],
    [
      MessageType.HeartBeat,
      (from, frame) => {
        // A heartbeat has no body; one that has is answered without (FRM-023).
        if (!context.autoRespondHeartBeat) return;
        from.post({ messageType: MessageType.HeartBeat, messageId: frame.messageId, destId: from.userID }, null, null);
      },
    ],
  ];
}

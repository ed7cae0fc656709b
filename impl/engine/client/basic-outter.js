import { SERVER_ID, TICKS_PER_MILLISECOND, UNIX_EPOCH_TICKS } from '../../../spec/limits.js';
import { MessageType } from '../../../spec/grammar/index.js';
import { codecs } from '../../wire/index.js';
import { checkUserId } from '../arguments.js';
import { promised } from '../callbacks.js';
import { EventSource } from '../event.js';
export class PassiveBasicOutter {
  beingPushedOut;
  beingKickedOut;
  #platform;
  #link;
  /** @param link - The link that is online; throws when there is none. */
  constructor(platform, link) {
    this.#platform = platform;
    this.#link = link;
    this.beingPushedOut = new EventSource(platform, 'beingPushedOut');
    this.beingKickedOut = new EventSource(platform, 'beingKickedOut');
  }
  getMyIPE() {
    return this.#ask(MessageType.GetMyIPE, null, null, (body) => endpointOf(body));
  }
  getUserIPE(userID) {
    return this.#askAbout(userID, () =>
      this.#ask(MessageType.GetUserIPE, codecs.QueryIPEContract, { UserID: userID }, (body) =>
        body === null ? null : endpointOf(body),
      ),
    );
  }
  isUserOnline(asked) {
    return typeof asked === 'string' ? this.#isOneOnline(asked) : this.#areOnline(asked);
  }
  getAllOnlineUsers() {
    return this.#ask(MessageType.GetAllOnlineUsers, null, null, (body) => {
      const list = body.UserList ?? [];
      return list.filter((userID) => userID !== null);
    });
  }
  ping() {
    return this.#ping(null);
  }
  pingByServer(userID) {
    return this.#askAbout(userID, () => this.#ping(userID));
  }
  kickOut(userID) {
    const link = this.#link();
    checkUserId(userID, link.limits.userIdBytesMax);
    const outgoing = { messageType: MessageType.KickOut, messageId: link.requests.nextId(), destId: '' };
    link.post(outgoing, codecs.KickOutContract, { UserBeKickedOut: userID });
  }
  sendHeartBeatMessage() {
    this.#link().sendHeartbeat();
  }
  #isOneOnline(userID) {
    return this.#askAbout(userID, () =>
      this.#ask(MessageType.QueryOnline, codecs.QueryOnlineContract, { UserID: userID }, (body) => body.Online),
    );
  }
  #areOnline(userIDs) {
    return promised(() => {
      const { userIdBytesMax } = this.#link().limits;
      for (const userID of userIDs) checkUserId(userID, userIdBytesMax);
      return this.#ask(MessageType.QueryOnlines, codecs.QueryOnlinesContract, { UserList: [...userIDs] }, (body) => {
        const online = body.Result;
        // One entry for each that was asked for, whatever the server left out (BAS-008).
        return new Map(userIDs.map((userID) => [userID, online?.get(userID) ?? false]));
      });
    });
  }
  #ping(target) {
    return promised(() => {
      const link = this.#link();
      // BAS-020: our wall clock; it means nothing to the other end.
      const SendTicks = BigInt(this.#platform.wallMillis()) * TICKS_PER_MILLISECOND + UNIX_EPOCH_TICKS;
      return link.requests.ask({
        asked: target ?? SERVER_ID,
        expects: MessageType.PingAck,
        send: (messageId) =>
          link.post({ messageType: MessageType.PingByServer, messageId, destId: target ?? '' }, codecs.PingContract, {
            SendTicks,
          }),
        answer: (_body, elapsedMicros) => Math.round(elapsedMicros / 1000),
      });
    });
  }
  #askAbout(userID, ask) {
    return promised(() => {
      checkUserId(userID, this.#link().limits.userIdBytesMax);
      return ask();
    });
  }
  /** One request to the server; its reply has the same type. */
  #ask(messageType, codec, value, answer) {
    return promised(() => {
      const link = this.#link();
      return link.requests.ask({
        asked: SERVER_ID,
        expects: messageType,
        send: (messageId) => link.post({ messageType, messageId, destId: '' }, codec, value),
        answer,
      });
    });
  }
}
function endpointOf(body) {
  return { address: body.IP ?? '', port: body.Port };
}

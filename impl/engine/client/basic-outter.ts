/** The client's basicOutter: who is online, endpoints, pings, kick-out, heartbeat on demand (BAS, HBT-013). */
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import { SERVER_ID, TICKS_PER_MILLISECOND, UNIX_EPOCH_TICKS } from '../../../spec/limits.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { codecs } from '../../wire/index.ts';
import type { Codec } from '../../wire/index.ts';
import type { BasicOutter } from '../api.ts';
import { checkUserId } from '../arguments.ts';
import { promised } from '../callbacks.ts';
import { noChannelError } from '../errors.ts';
import { EventSource } from '../event.ts';
import type { ChannelHub } from '../p2p/channel-hub.ts';
import type { ClientLink } from './client-link.ts';

/** The object behind `engine.basicOutter`. */
export class PassiveBasicOutter implements BasicOutter {
  readonly beingPushedOut: EventSource<[]>;
  readonly beingKickedOut: EventSource<[]>;
  readonly #platform: Platform;
  readonly #link: () => ClientLink;
  readonly #hub: ChannelHub;

  /** @param link - The link that is online; throws when there is none. */
  constructor(platform: Platform, link: () => ClientLink, hub: ChannelHub) {
    this.#platform = platform;
    this.#hub = hub;
    this.#link = link;
    this.beingPushedOut = new EventSource(platform, 'beingPushedOut');
    this.beingKickedOut = new EventSource(platform, 'beingKickedOut');
  }

  getMyIPE(): Promise<Endpoint> {
    return this.#ask(MessageType.GetMyIPE, null, null, (body) => endpointOf(body as ContractOf<'UserIpeResContract'>));
  }

  getUserIPE(userID: string): Promise<Endpoint | null> {
    return this.#askAbout(userID, () =>
      this.#ask(MessageType.GetUserIPE, codecs.QueryIPEContract, { UserID: userID }, (body) =>
        body === null ? null : endpointOf(body as ContractOf<'UserIpeResContract'>),
      ),
    );
  }

  isUserOnline(userID: string): Promise<boolean>;
  isUserOnline(userIDs: readonly string[]): Promise<Map<string, boolean>>;
  isUserOnline(asked: string | readonly string[]): Promise<boolean | Map<string, boolean>> {
    return typeof asked === 'string' ? this.#isOneOnline(asked) : this.#areOnline(asked);
  }

  getAllOnlineUsers(): Promise<string[]> {
    return this.#ask(MessageType.GetAllOnlineUsers, null, null, (body) => {
      const list = (body as ContractOf<'ResUsersContract'>).UserList ?? [];
      return list.filter((userID) => userID !== null);
    });
  }

  ping(): Promise<number> {
    return this.#ping(null);
  }

  pingByServer(userID: string): Promise<number> {
    return this.#askAbout(userID, () => this.#ping(userID));
  }

  pingByP2PChannel(userID: string): Promise<number> {
    return this.#askAbout(userID, () => {
      if (this.#hub.best(userID) === undefined) throw noChannelError(userID);
      return this.#ping(userID, MessageType.PingByP2PChannel);
    });
  }

  kickOut(userID: string): void {
    const link = this.#link();
    checkUserId(userID, link.limits.userIdBytesMax);
    const outgoing = { messageType: MessageType.KickOut, messageId: link.requests.nextId(), destId: '' };
    link.post(outgoing, codecs.KickOutContract, { UserBeKickedOut: userID });
  }

  sendHeartBeatMessage(): void {
    this.#link().sendHeartbeat();
  }

  #isOneOnline(userID: string): Promise<boolean> {
    return this.#askAbout(userID, () =>
      this.#ask(
        MessageType.QueryOnline,
        codecs.QueryOnlineContract,
        { UserID: userID },
        (body) => (body as ContractOf<'ResOnlineContract'>).Online,
      ),
    );
  }

  #areOnline(userIDs: readonly string[]): Promise<Map<string, boolean>> {
    return promised(() => {
      const { userIdBytesMax } = this.#link().limits;
      for (const userID of userIDs) checkUserId(userID, userIdBytesMax);
      return this.#ask(MessageType.QueryOnlines, codecs.QueryOnlinesContract, { UserList: [...userIDs] }, (body) => {
        const online = (body as ContractOf<'ResOnlinesContract'>).Result;
        // One entry for each that was asked for, whatever the server left out (BAS-008).
        return new Map(userIDs.map((userID) => [userID, online?.get(userID) ?? false]));
      });
    });
  }

  #ping(target: string | null, messageType: number = MessageType.PingByServer): Promise<number> {
    return promised(() => {
      const link = this.#link();
      // BAS-020: our wall clock; it means nothing to the other end.
      const SendTicks = BigInt(this.#platform.wallMillis()) * TICKS_PER_MILLISECOND + UNIX_EPOCH_TICKS;
      return link.requests.ask({
        asked: target ?? SERVER_ID,
        expects: MessageType.PingAck,
        send: (messageId) => {
          const outgoing = { messageType, messageId, destId: target ?? '' };
          // A ping by the server says how far the server is, whatever channels there are (P2P-064).
          if (messageType === MessageType.PingByServer) link.postByServer(outgoing, codecs.PingContract, { SendTicks });
          else link.post(outgoing, codecs.PingContract, { SendTicks });
        },
        answer: (_body, elapsedMicros) => Math.round(elapsedMicros / 1000),
      });
    });
  }

  #askAbout<Answer>(userID: string, ask: () => Promise<Answer>): Promise<Answer> {
    return promised(() => {
      checkUserId(userID, this.#link().limits.userIdBytesMax);
      return ask();
    });
  }

  /** One request to the server; its reply has the same type. */
  #ask<Value, Answer>(
    messageType: number,
    codec: Codec<Value> | null,
    value: Value | null,
    answer: (body: unknown) => Answer,
  ): Promise<Answer> {
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

function endpointOf(body: ContractOf<'UserIpeResContract'>): Endpoint {
  return { address: body.IP ?? '', port: body.Port };
}

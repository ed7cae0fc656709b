/** The way to one user, whatever it is at the moment: what is posted goes through `UserChannels`. */
import type { Codec } from '../../wire/index.ts';
import type { Path, PathKind, PathWatcher } from '../path.ts';
import type { Outgoing } from '../peer.ts';
import type { ChannelHub } from './channel-hub.ts';
import type { ChannelSession } from './channel-session.ts';

/** Posts in one session; ends with it, or with the other user. */
export class UserPath implements Path {
  readonly #hub: ChannelHub;
  readonly #session: ChannelSession;
  readonly #userID: string;

  constructor(hub: ChannelHub, session: ChannelSession, userID: string) {
    this.#hub = hub;
    this.#session = session;
    this.#userID = userID;
  }

  get kind(): PathKind {
    return this.#hub.best(this.#userID)?.protocol ?? 'server';
  }

  get queuedBytes(): number {
    return this.#hub.userFor(this.#userID).queuedBytes;
  }

  nextMessageId(): number {
    return this.#session.requests.nextId();
  }

  post<Value>(outgoing: Omit<Outgoing, 'destId'>, codec: Codec<Value> | null, value: Value | null): void {
    const { messageType, messageId } = outgoing;
    this.#session.post({ messageType, messageId, destId: this.#userID }, codec, value);
  }

  watch(watcher: PathWatcher): () => void {
    return this.#hub.userFor(this.#userID).watch(watcher);
  }
}

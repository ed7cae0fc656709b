/** The path through the server: the client's own connection, whoever the message is for. */
import { SERVER_ID } from '../../../spec/limits.ts';
import type { Codec } from '../../wire/index.ts';
import type { Path, PathWatcher } from '../path.ts';
import type { Outgoing } from '../peer.ts';
import type { ClientLink } from './client-link.ts';

/** Posts on one link; ends with it. */
export class ServerPath implements Path {
  readonly kind = 'server';
  readonly #link: ClientLink;
  readonly #destId: string;

  /** @param userID - Whom it leads to; null: the server itself. */
  constructor(link: ClientLink, userID: string | null) {
    this.#link = link;
    this.#destId = userID === null || userID === SERVER_ID ? '' : userID;
  }

  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  nextMessageId(): number {
    return this.#link.requests.nextId();
  }

  post<Value>(outgoing: Omit<Outgoing, 'destId'>, codec: Codec<Value> | null, value: Value | null): void {
    const { messageType, messageId } = outgoing;
    this.#link.post({ messageType, messageId, destId: this.#destId }, codec, value);
  }

  watch(watcher: PathWatcher): () => void {
    return this.#link.watch(watcher);
  }
}

/**
 * The way messages take to another user: through the server, or over a direct channel.
 *
 * Types only. A path belongs to a user, not to a connection: when a channel opens or dies, what is posted goes on by the
 * other way, in order, each message once. Who posts much waits for `onDrain`.
 */
import type { Codec } from '../wire/index.ts';
import type { Outgoing } from './peer.ts';

export type PathKind = 'server' | 'tcp' | 'udp';

/** What a path tells who watches it. */
export type PathWatcher = {
  /** `queuedBytes` fell back to 0. */
  onDrain(): void;
  /** What was posted and is not yet received is lost: the own session ended, or the other user is gone. Comes once. */
  onEnd(reason: string): void;
};

/** The way to one user. */
export type Path = {
  /** How the next message goes; changes with the channels. */
  readonly kind: PathKind;
  /** Bytes posted and not yet handed to the network. */
  readonly queuedBytes: number;
  /** An id for a message that waits for no reply. */
  nextMessageId(): number;
  /** Sends; null is an empty body. Does nothing once the session is over. @throws LocalProtocolError */
  post<Value>(outgoing: Omit<Outgoing, 'destId'>, codec: Codec<Value> | null, value: Value | null): void;
  /** @returns a function that ends the watching. */
  watch(watcher: PathWatcher): () => void;
};

/** Chooses paths; `null` is the server. @throws as the outters do while there is no session. */
export type PathChoice = { pathTo(userID: string | null): Path };

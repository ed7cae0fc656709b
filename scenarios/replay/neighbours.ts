/**
 * What connections of one server have to do with each other: who is logged on where, and what was forwarded from whom.
 *
 * Keeps headers and hashes, no bodies, and forgets the oldest when there are many. Judges nothing; the rules do.
 */
import type { Facts } from './facts.ts';
import type { JudgedMessage, Place } from './judged.ts';

/** What came out when a forwarded message was compared with what its maker sent. */
export type ForwardCheck =
  /** The maker's connection was not seen from its beginning. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'same'; readonly passedOver: readonly Place[] }
  | { readonly kind: 'changed'; readonly what: string; readonly sent: Place }
  | { readonly kind: 'never' };

type Sent = Place & {
  readonly id: number;
  readonly clientType: number;
  readonly bodyLength: number;
  readonly hash: number;
};

/** Messages on their way from one user to another, kept per type. */
const ON_THE_WAY_MAX = 4_096;
/** Pairs of users and types followed. */
const QUEUES_MAX = 20_000;

/** The connections of one server (one address and port). */
export class Neighbours {
  readonly #bound = new Map<string, Facts>();
  /** Users of whom every connection in the capture was seen whole: false once one was not. */
  readonly #isWhole = new Map<string, boolean>();
  /** Key: maker, target, type. Oldest first. */
  readonly #queues = new Map<string, Sent[]>();

  /** A user has been bound to a connection; gives back the connection it was bound to before, if that is still open. */
  bind(user: string, facts: Facts): Facts | undefined {
    const before = this.#bound.get(user);
    this.#bound.set(user, facts);
    this.noteWholeness(user, facts.isWhole);
    return before === facts ? undefined : before;
  }

  /** The connection has ended. */
  release(user: string, facts: Facts): void {
    if (this.#bound.get(user) === facts) this.#bound.delete(user);
  }

  /** One connection that is not whole is enough to know nothing for sure of its user. */
  noteWholeness(user: string, isWhole: boolean): void {
    if (this.#isWhole.size >= QUEUES_MAX && !this.#isWhole.has(user)) return;
    this.#isWhole.set(user, isWhole && (this.#isWhole.get(user) ?? true));
  }

  /** A client has sent a message for another user. */
  sent(message: JudgedMessage): void {
    const key = keyOf(message);
    const { packet, timeMicros, isFromServer, offset, id, clientType, bodyLength } = message;
    const entry = { packet, timeMicros, isFromServer, offset, id, clientType, bodyLength, hash: hashOf(message) };
    const queue = this.#queues.get(key);
    if (queue === undefined) {
      this.#queues.set(key, [entry]);
      if (this.#queues.size > QUEUES_MAX) this.#queues.delete(this.#queues.keys().next().value!);
    } else {
      queue.push(entry);
      if (queue.length > ON_THE_WAY_MAX) queue.splice(0, ON_THE_WAY_MAX / 2);
    }
  }

  /**
   * Compares a message that the server forwarded with what its maker sent, and takes it off the list.
   * @param receiver the connection it was forwarded on
   */
  check(message: JudgedMessage, receiver: Facts): ForwardCheck {
    if (this.#isWhole.get(message.source) !== true) return { kind: 'unknown' };
    const queue = this.#queues.get(keyOf(message)) ?? [];
    const hash = hashOf(message);
    const isSame = (sent: Sent): boolean =>
      sent.id === message.id && sent.bodyLength === message.bodyLength && sent.hash === hash;
    let index = queue.findIndex((sent) => isSame(sent) && sent.clientType === message.clientType);
    if (index >= 0) {
      // What was sent to a user before its logon was answered need not arrive.
      const boundAt = receiver.logonReply?.packet ?? Infinity;
      const passedOver = queue.slice(0, index).filter((sent) => sent.packet > boundAt);
      queue.splice(0, index + 1);
      return { kind: 'same', passedOver };
    }
    index = queue.findIndex((sent) => sent.id === message.id);
    if (index < 0) return { kind: 'never' };
    const [sent] = queue.splice(index, 1);
    return { kind: 'changed', what: isSame(sent!) ? 'client type' : 'body', sent: sent! };
  }
}

function keyOf(message: JudgedMessage): string {
  return `${message.type}/${message.source}/${message.dest}`;
}

/** FNV-1a over the body. */
function hashOf(message: JudgedMessage): number {
  const { bytes } = message;
  let hash = 0x811c9dc5;
  for (let index = bytes.length - message.bodyLength; index < bytes.length; index += 1) {
    hash = Math.imul(hash ^ bytes[index]!, 0x01000193);
  }
  return hash >>> 0;
}

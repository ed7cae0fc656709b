/**
 * The receiving half of one pair of users: how many messages came out of each of the other's streams (P2P-054).
 *
 * A stream's count outlives its channel, because the other end asks for it when it has to send the rest another way. Kept
 * are the last few streams; of older ones nothing is known any more. It sees no messages, it counts them.
 */

/** Streams that are remembered for one user. Ours: two channels at a time, and some that died meanwhile. */
export const STREAMS_KEPT_MAX = 16;

/** What is told of a stream that nobody remembers. */
export const UNKNOWN_COUNT = -1;

/** Counts of one user's streams. */
export class PairReceiving {
  readonly #counts = new Map<number, number>();

  /** A stream begins; the same number again begins anew. */
  begin(stream: number): void {
    this.#counts.delete(stream);
    this.#counts.set(stream, 0);
    if (this.#counts.size <= STREAMS_KEPT_MAX) return;
    for (const oldest of this.#counts.keys()) {
      this.#counts.delete(oldest);
      break;
    }
  }

  /** One more message. @returns the count, or {@link UNKNOWN_COUNT}: the stream has been forgotten and must not go on */
  note(stream: number): number {
    const known = this.#counts.get(stream);
    if (known === undefined) return UNKNOWN_COUNT;
    this.#counts.set(stream, known + 1);
    return known + 1;
  }

  /** Messages received of a stream, or {@link UNKNOWN_COUNT}. */
  countOf(stream: number): number {
    return this.#counts.get(stream) ?? UNKNOWN_COUNT;
  }
}

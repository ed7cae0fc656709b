/**
 * What the peer has acknowledged selectively: the scoreboard of RFC 6675 sections 3 and 4, as ranges instead of octets.
 *
 * It sends nothing and holds no bytes; `sack-recovery.ts` drives it. Sequence numbers are signed 32-bit integers and compared
 * by their difference.
 */

/** RFC 6675 section 2: DupThresh. */
export const DUPLICATES_MAX = 3;

/** A piece of the send buffer that is to be sent again: first sequence number and length. */
export type Hole = { readonly start: number; readonly sizeBytes: number };

/** The ranges above the cumulative acknowledgment that arrived at the peer. */
export class Scoreboard {
  /** Everything below was sent again in the present recovery: HighRxt, plus one. */
  repeatedTo = 0;
  /** The one rescue retransmission of a recovery was used (RFC 6675 section 4, NextSeg rule 4). */
  isRescued = false;
  /** Sequence numbers below that are not selectively acknowledged are lost (IsLost). */
  lostEdge = 0;
  /** Starts and ends, in rising order: start, end, start, end ... */
  #edges: number[] = [];

  get isEmpty(): boolean {
    return this.#edges.length === 0;
  }

  /** Forgets all ranges, as after a timeout (RFC 2018 section 8: the peer may have thrown them away). */
  clear(sendUnacknowledged: number): void {
    this.#edges = [];
    this.lostEdge = sendUnacknowledged;
    this.repeatedTo = sendUnacknowledged;
    this.isRescued = false;
  }

  /**
   * Takes the blocks of one segment and the cumulative acknowledgment.
   *
   * @returns Whether a block told something new.
   */
  update(
    edges: readonly number[],
    window: { readonly from: number; readonly to: number; readonly size: number },
  ): boolean {
    let isNew = false;
    for (let index = 0; index + 1 < edges.length; index += 2) {
      const start = edges[index]!;
      const end = edges[index + 1]!;
      // Below the cumulative acknowledgment or beyond what was sent: old, or nonsense.
      const isInside = ((start - window.from) | 0) >= 0 && ((window.to - end) | 0) >= 0 && ((end - start) | 0) > 0;
      if (isInside && this.#add(start, end)) isNew = true;
    }
    this.advance(window.from, window.size);
    return isNew;
  }

  /** Drops what the cumulative acknowledgment covers, and finds anew what is lost. */
  advance(sendUnacknowledged: number, segmentSizeMax: number): void {
    const edges = this.#edges;
    let covered = 0;
    while (covered < edges.length && ((edges[covered + 1]! - sendUnacknowledged) | 0) <= 0) covered += 2;
    if (covered > 0) edges.splice(0, covered);
    this.lostEdge = this.#lostEdge(sendUnacknowledged, segmentSizeMax);
    if (((this.repeatedTo - sendUnacknowledged) | 0) < 0) this.repeatedTo = sendUnacknowledged;
  }

  /** SetPipe: bytes that are still in the network, from the first unacknowledged to one after the last sent. */
  pipeBytes(sendUnacknowledged: number, sendMax: number): number {
    const edges = this.#edges;
    let pipe = 0;
    let at = sendUnacknowledged;
    for (let index = 0; index <= edges.length; index += 2) {
      const end = index < edges.length ? edges[index]! : sendMax;
      const size = (end - at) | 0;
      if (size > 0) {
        if (((at - this.lostEdge) | 0) >= 0) pipe += size;
        const repeated = (this.repeatedTo - at) | 0;
        if (repeated > 0) pipe += Math.min(size, repeated);
      }
      if (index < edges.length) at = edges[index + 1]!;
    }
    return pipe;
  }

  /** NextSeg rules 1 and 3: the first hole not sent again yet, below `limit`; at most one segment of it. */
  nextHole(limit: number, segmentSizeMax: number): Hole | undefined {
    const edges = this.#edges;
    let start = this.repeatedTo;
    for (let index = 0; index < edges.length; index += 2) {
      const size = (edges[index]! - start) | 0;
      if (size > 0) {
        return ((start - limit) | 0) < 0 ? { start, sizeBytes: Math.min(size, segmentSizeMax) } : undefined;
      }
      if (((edges[index + 1]! - start) | 0) > 0) start = edges[index + 1]!;
    }
    return undefined;
  }

  /** Whether the peer has all of it. */
  holds(start: number, end: number): boolean {
    const edges = this.#edges;
    for (let index = 0; index < edges.length; index += 2) {
      if (((start - edges[index]!) | 0) >= 0 && ((edges[index + 1]! - end) | 0) >= 0) return true;
    }
    return false;
  }

  /** Bytes the peer has above the cumulative acknowledgment. */
  arrivedBytes(): number {
    let bytes = 0;
    for (let index = 0; index < this.#edges.length; index += 2) {
      bytes += (this.#edges[index + 1]! - this.#edges[index]!) | 0;
    }
    return bytes;
  }

  /** One after the highest sequence number the peer has, or `fallback`. */
  highest(fallback: number): number {
    return this.#edges.at(-1) ?? fallback;
  }

  /** From `sequence` on: where the next byte is that the peer does not have, and how many follow it until one it has. */
  missingFrom(sequence: number): Hole {
    let start = sequence;
    for (let index = 0; index < this.#edges.length; index += 2) {
      const before = (this.#edges[index]! - start) | 0;
      if (before > 0) return { start, sizeBytes: before };
      if (((this.#edges[index + 1]! - start) | 0) > 0) start = this.#edges[index + 1]!;
    }
    return { start, sizeBytes: Infinity };
  }

  /** Joins a range to those it touches. False when it was known. */
  #add(start: number, end: number): boolean {
    const edges = this.#edges;
    let from = 0;
    while (from < edges.length && ((edges[from + 1]! - start) | 0) < 0) from += 2;
    let to = from;
    while (to < edges.length && ((edges[to]! - end) | 0) <= 0) to += 2;
    if (to === from) {
      edges.splice(from, 0, start, end);
      return true;
    }
    const first = edges[from]!;
    const last = edges[to - 1]!;
    const isKnown = to - from === 2 && ((first - start) | 0) <= 0 && ((last - end) | 0) >= 0;
    if (isKnown) return false;
    edges.splice(from, to - from, ((first - start) | 0) < 0 ? first : start, ((last - end) | 0) > 0 ? last : end);
    return true;
  }

  /** IsLost: three separate ranges above, or more than two segments' worth of bytes. */
  #lostEdge(sendUnacknowledged: number, segmentSizeMax: number): number {
    const edges = this.#edges;
    let bytes = 0;
    for (let index = edges.length - 2; index >= 0; index -= 2) {
      bytes += (edges[index + 1]! - edges[index]!) | 0;
      const ranges = (edges.length - index) / 2;
      if (ranges >= DUPLICATES_MAX || bytes > (DUPLICATES_MAX - 1) * segmentSizeMax) return edges[index]!;
    }
    return sendUnacknowledged;
  }
}

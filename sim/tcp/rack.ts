/**
 * RACK: losses found by time instead of by counting acknowledgments (RFC 8985 sections 5 and 6). A segment is lost when one
 * sent later has arrived and a round trip with some room for reordering is over.
 *
 * It keeps when each outstanding segment was last sent, and sends nothing: `rack-recovery.ts` does. No D-SACK is exchanged here,
 * so the room does not adapt (step 4 without 4.1). Sequence numbers are signed 32-bit integers, compared by their difference.
 */
import { DUPLICATES_MAX } from './scoreboard.ts';
import type { Scoreboard } from './scoreboard.ts';

/** One outstanding segment, FIN included. */
type Sent = {
  start: number;
  end: number;
  sentAtMicros: number;
  isRepeat: boolean;
  isLost: boolean;
  hasArrived: boolean;
};

/** What is known of the peer's acknowledgment at hand. */
type Acknowledged = {
  readonly sendUnacknowledged: number;
  readonly scoreboard: Scoreboard;
  readonly nowMicros: number;
};

/** The segments of one connection, and what RACK concludes from their times. */
export class Rack {
  /** When the timer for reordering is due. */
  reorderAtMicros = Infinity;
  /** When a probe for the tail is due. */
  probeAtMicros = Infinity;
  /** A probe is under way: it is over when everything below was acknowledged. */
  probeEnd: number | undefined = undefined;
  /** When the probe was a repeated segment. */
  probeSentAtMicros: number | undefined = undefined;
  minRttMicros = Infinity;
  /** By sequence number. */
  readonly #segments: Sent[] = [];
  #repeatCount = 0;
  /** Of the segment sent last among those that arrived: RACK.xmit_ts, RACK.end_seq and RACK.rtt. */
  #newestSentAtMicros = -1;
  #newestEnd = 0;
  #rttMicros = 0;
  /** RACK.fack and RACK.reordering_seen. */
  #highestArrived: number | undefined = undefined;
  #isReorderingSeen = false;
  #arrivedCount = 0;

  get segmentCount(): number {
    return this.#segments.length;
  }

  /** The last segment outstanding. */
  get last(): Readonly<Sent> | undefined {
    return this.#segments.at(-1);
  }

  /** A segment went out, for the first time or again. */
  noteSent(start: number, end: number, nowMicros: number): void {
    const last = this.#segments.at(-1);
    if (last === undefined || ((start - last.end) | 0) >= 0) {
      this.#segments.push({ start, end, sentAtMicros: nowMicros, isRepeat: false, isLost: false, hasArrived: false });
      return;
    }
    this.#splitAt(start);
    this.#splitAt(end);
    for (const segment of this.#segments) {
      if (((segment.start - start) | 0) < 0 || ((end - segment.end) | 0) < 0) continue;
      segment.sentAtMicros = nowMicros;
      if (!segment.isRepeat) this.#repeatCount += 1;
      segment.isRepeat = true;
      segment.isLost = false;
    }
    const known = this.#segments.at(-1)!.end;
    if (((end - known) | 0) > 0) this.noteSent(known, end, nowMicros);
  }

  /** Takes what an acknowledgment told, after the scoreboard took it. Steps 1 to 3. */
  noteAcknowledged({ sendUnacknowledged, scoreboard, nowMicros }: Acknowledged): void {
    const segments = this.#segments;
    this.#splitAt(sendUnacknowledged);
    let covered = 0;
    while (covered < segments.length && ((segments[covered]!.end - sendUnacknowledged) | 0) <= 0) covered += 1;
    for (const segment of segments.splice(0, covered)) {
      if (segment.hasArrived) this.#arrivedCount -= 1;
      else this.#arrived(segment, nowMicros);
      if (segment.isRepeat) this.#repeatCount -= 1;
    }
    if (scoreboard.isEmpty) return;
    for (const segment of segments) {
      if (segment.hasArrived || !scoreboard.holds(segment.start, segment.end)) continue;
      segment.hasArrived = true;
      segment.isLost = false;
      this.#arrivedCount += 1;
      this.#arrived(segment, nowMicros);
    }
  }

  /**
   * Step 5: marks what is lost, and sets the timer for what may only be late.
   *
   * @returns Whether something is newly lost.
   */
  findLosses(
    nowMicros: number,
    state: { readonly isRecovering: boolean; readonly smoothedRttMicros: number },
  ): boolean {
    this.reorderAtMicros = Infinity;
    // In order and nothing repeated: whatever is outstanding was sent after what arrived.
    if (this.#arrivedCount === 0 && this.#repeatCount === 0) return false;
    const roomMicros = this.#reorderingRoomMicros(state);
    let isNew = false;
    let latest = -1;
    for (const segment of this.#segments) {
      if (segment.hasArrived || segment.isLost || !this.#isOlderThanNewest(segment)) continue;
      const dueAtMicros = segment.sentAtMicros + this.#rttMicros + roomMicros;
      if (dueAtMicros <= nowMicros) isNew = segment.isLost = true;
      else latest = Math.max(latest, dueAtMicros);
    }
    if (latest >= 0) this.reorderAtMicros = latest;
    return isNew;
  }

  /** The first segment that is lost and was not sent again since. */
  firstLost(): Readonly<Sent> | undefined {
    return this.#segments.find(({ isLost }) => isLost);
  }

  /** Bytes that are still in the network. */
  pipeBytes(): number {
    let pipe = 0;
    for (const { start, end, isLost, hasArrived } of this.#segments) {
      if (!isLost && !hasArrived) pipe += (end - start) | 0;
    }
    return pipe;
  }

  /** After a timeout what the peer told selectively counts no more, and everything is sent anew. */
  forgetArrivals(): void {
    for (const segment of this.#segments) segment.hasArrived = segment.isLost = false;
    this.#arrivedCount = 0;
    this.reorderAtMicros = this.probeAtMicros = Infinity;
    this.probeEnd = this.probeSentAtMicros = undefined;
  }

  /** Steps 1 to 3 for one segment. A repeat answered sooner than any round trip was in vain: its original was only late. */
  #arrived(segment: Sent, nowMicros: number): void {
    const rttMicros = nowMicros - segment.sentAtMicros;
    if (this.#highestArrived === undefined || ((segment.end - this.#highestArrived) | 0) > 0) {
      this.#highestArrived = segment.end;
    } else if (!segment.isRepeat && segment.end !== this.#highestArrived) this.#isReorderingSeen = true;
    if (!segment.isRepeat) this.minRttMicros = Math.min(this.minRttMicros, rttMicros);
    else if (rttMicros < this.minRttMicros) {
      this.#isReorderingSeen = true;
      return;
    }
    if (this.#isOlderThanNewest(segment)) return;
    this.#newestSentAtMicros = segment.sentAtMicros;
    this.#newestEnd = segment.end;
    this.#rttMicros = rttMicros;
  }

  /** RACK_sent_after, turned round: sent before the newest that arrived, or with it and below. */
  #isOlderThanNewest({ sentAtMicros, end }: Sent): boolean {
    if (sentAtMicros !== this.#newestSentAtMicros) return sentAtMicros < this.#newestSentAtMicros;
    return ((end - this.#newestEnd) | 0) < 0;
  }

  /** Step 4: a quarter of the least round trip, and nothing while there was no reordering and losses are plain. */
  #reorderingRoomMicros(state: { readonly isRecovering: boolean; readonly smoothedRttMicros: number }): number {
    if (!this.#isReorderingSeen && (state.isRecovering || this.#arrivedCount >= DUPLICATES_MAX)) return 0;
    const quarter = this.minRttMicros === Infinity ? 0 : this.minRttMicros >> 2;
    return Math.min(quarter, state.smoothedRttMicros);
  }

  /** A boundary at that sequence number, when it lies within a segment. */
  #splitAt(sequence: number): void {
    const index = this.#segments.findIndex(
      ({ start, end }) => ((sequence - start) | 0) > 0 && ((end - sequence) | 0) > 0,
    );
    if (index < 0) return;
    const segment = this.#segments[index]!;
    if (segment.isRepeat) this.#repeatCount += 1;
    if (segment.hasArrived) this.#arrivedCount += 1;
    this.#segments.splice(index + 1, 0, { ...segment, start: sequence });
    segment.end = sequence;
  }
}

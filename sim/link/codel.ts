/**
 * CoDel, the controlled-delay queue manager of RFC 8289: which packet leaves next, and which are dropped on the way.
 *
 * A transcription of the pseudocode of section 5 in integer arithmetic; names are those of the RFC in our spelling. A packet
 * that can carry ECN marks is marked instead of dropped and leaves, as in the Linux implementation; the RFC names marking
 * (section 4) but gives no code for it. It keeps no packets: see `codel-queue.ts`.
 */
import { integerSqrt } from '../integer-math.ts';

export type CodelOptions = {
  /** A standing delay up to this is good. Default 5 ms. */
  readonly targetMicros?: number;
  /** A delay must stand this long to count: about the worst round trip. Default 100 ms. */
  readonly intervalMicros?: number;
};

export type CodelSettings = { readonly targetMicros: number; readonly intervalMicros: number };

/** RFC 8289 section 4.2 to 4.4. */
export const CODEL_DEFAULT: CodelSettings = { targetMicros: 5_000, intervalMicros: 100_000 };
/** Its square must be exact. */
export const CODEL_INTERVAL_MICROS_MAX = 60_000_000;
/** Intervals after which the drop rate of the last time tells nothing. */
const RECENT_INTERVALS = 16;

/** What CoDel asks of a queue. */
export type CodelQueue<Entry> = {
  /** Bytes waiting. */
  readonly bytes: number;
  /** Takes the packet at the head out. */
  shift(): Entry | undefined;
  drop(entry: Entry): void;
  /** Marks the packet, if it can be marked. */
  mark(entry: Entry): boolean;
};

/** A packet that waits. */
export type Waiting = { readonly enqueuedMicros: number };

/** The controller of one queue. */
export class Codel<Entry extends Waiting> {
  readonly #settings: CodelSettings;
  /** Up to one packet of this size may wait however long. */
  readonly #packetBytesMax: number;
  #firstAboveMicros = 0;
  #dropNextMicros = 0;
  #count = 0;
  #lastCount = 0;
  #isDropping = false;
  /** Of the packet shifted last. */
  #isOkToDrop = false;

  constructor(settings: CodelSettings, packetBytesMax: number) {
    this.#settings = settings;
    this.#packetBytesMax = packetBytesMax;
  }

  /** The packet to send now; undefined when none is left. */
  dequeue(queue: CodelQueue<Entry>, nowMicros: number): Entry | undefined {
    const entry = this.#shift(queue, nowMicros);
    if (this.#isDropping) {
      if (!this.#isOkToDrop) this.#isDropping = false;
      return this.#dropWhileDue(queue, entry, nowMicros);
    }
    if (!this.#isOkToDrop) return entry;
    const next = queue.mark(entry!) ? entry : this.#dropAndShift(queue, entry!, nowMicros);
    this.#isDropping = true;
    // Close to the last time, the drop rate that controlled the queue then is a good one to begin with.
    const delta = this.#count - this.#lastCount;
    const isRecent = nowMicros - this.#dropNextMicros < RECENT_INTERVALS * this.#settings.intervalMicros;
    this.#count = delta > 1 && isRecent ? delta : 1;
    this.#dropNextMicros = this.#controlLaw(nowMicros);
    this.#lastCount = this.#count;
    return next;
  }

  /** Drops until the delay is good or the next drop lies ahead: with a large backlog several may be due now. */
  #dropWhileDue(queue: CodelQueue<Entry>, first: Entry | undefined, nowMicros: number): Entry | undefined {
    let entry = first;
    while (this.#isDropping && nowMicros >= this.#dropNextMicros) {
      this.#count += 1;
      if (queue.mark(entry!)) {
        this.#dropNextMicros = this.#controlLaw(this.#dropNextMicros);
        return entry;
      }
      entry = this.#dropAndShift(queue, entry!, nowMicros);
      if (this.#isOkToDrop) this.#dropNextMicros = this.#controlLaw(this.#dropNextMicros);
      else this.#isDropping = false;
    }
    return entry;
  }

  #dropAndShift(queue: CodelQueue<Entry>, entry: Entry, nowMicros: number): Entry | undefined {
    queue.drop(entry);
    return this.#shift(queue, nowMicros);
  }

  /** The RFC's dodequeue: takes the head and says whether the delay has been bad for an interval. */
  #shift(queue: CodelQueue<Entry>, nowMicros: number): Entry | undefined {
    const entry = queue.shift();
    this.#isOkToDrop = false;
    if (entry === undefined) {
      this.#firstAboveMicros = 0;
      return undefined;
    }
    const sojournMicros = nowMicros - entry.enqueuedMicros;
    if (sojournMicros < this.#settings.targetMicros || queue.bytes <= this.#packetBytesMax) {
      this.#firstAboveMicros = 0;
    } else if (this.#firstAboveMicros === 0) {
      this.#firstAboveMicros = nowMicros + this.#settings.intervalMicros;
    } else if (nowMicros >= this.#firstAboveMicros) {
      this.#isOkToDrop = true;
    }
    return entry;
  }

  /** from + interval / sqrt(count), rounded down. */
  #controlLaw(fromMicros: number): number {
    const { intervalMicros } = this.#settings;
    return fromMicros + integerSqrt(Math.floor((intervalMicros * intervalMicros) / this.#count));
  }
}

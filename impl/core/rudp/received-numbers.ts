/** Which packet numbers have arrived, as ranges for an Ack. Keeps the newest ranges only; older ones were reported often. */
import { RUDP_ACK_RANGES_MAX } from '../../../spec/grammar/rudp-datagrams.ts';
import type { NumberRange } from './datagram.ts';

type OpenRange = { first: number; last: number };

/** The newest received numbers of one connection. */
export class ReceivedNumbers {
  /** Newest first. */
  readonly #ranges: OpenRange[] = [];
  #largestAtMicros = 0;

  get ranges(): readonly NumberRange[] {
    return this.#ranges;
  }

  /** -1 before the first. */
  get largest(): number {
    return this.#ranges[0]?.last ?? -1;
  }

  /** When `largest` arrived. */
  get largestAtMicros(): number {
    return this.#largestAtMicros;
  }

  /** Notes a number; true when it came in its turn, right after the largest. */
  add(number: number, nowMicros: number): boolean {
    const ranges = this.#ranges;
    const newest = ranges[0];
    if (newest === undefined || number > newest.last) {
      this.#largestAtMicros = nowMicros;
      const isNext = newest === undefined ? number === 0 : number === newest.last + 1;
      if (newest !== undefined && isNext) newest.last = number;
      else {
        ranges.unshift({ first: number, last: number });
        if (ranges.length > RUDP_ACK_RANGES_MAX + 1) ranges.pop();
      }
      return isNext;
    }
    this.#addOlder(number);
    return false;
  }

  #addOlder(number: number): void {
    const ranges = this.#ranges;
    const index = ranges.findIndex((range) => number >= range.first - 1);
    if (index < 0) {
      if (ranges.length <= RUDP_ACK_RANGES_MAX) ranges.push({ first: number, last: number });
      return;
    }
    const range = ranges[index]!;
    if (number <= range.last) {
      if (number < range.first) range.first = number;
    } else if (number === range.last + 1) range.last = number;
    else {
      ranges.splice(index, 0, { first: number, last: number });
      if (ranges.length > RUDP_ACK_RANGES_MAX + 1) ranges.pop();
      return;
    }
    this.#join(index);
    if (index > 0) this.#join(index - 1);
  }

  /** Joins a range with the next older one when they touch. */
  #join(index: number): void {
    const newer = this.#ranges[index]!;
    const older = this.#ranges[index + 1];
    if (older === undefined || older.last + 1 < newer.first) return;
    newer.first = Math.min(newer.first, older.first);
    this.#ranges.splice(index + 1, 1);
  }
}

/**
 * The simulator's own random numbers: 32-bit integer arithmetic only (the sfc32 generator), so every JavaScript engine
 * draws the same.
 *
 * Each stream is seeded from (world seed, name). Streams share nothing: a draw from one never shifts another, and a
 * stream keeps its numbers when others are added. Not for cryptography. Use: `world.stream('host:a:loss').below(6)`.
 */
import { checkInteger } from './errors.ts';
import type { Ratio } from './ratio.ts';

const TWO_32 = 0x1_0000_0000;
/** Rounds thrown away after seeding, so that near seeds give unrelated streams. The generator's author asks for 12. */
const WARM_UP_ROUNDS = 15;

/** A 32-bit hash of a text (FNV-1a over UTF-16 units, then finalized), for names of streams. */
export function hashText(text: string, basis = 0x811c9dc5): number {
  let hash = basis | 0;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) | 0;
}

/** One named sequence of random integers. */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;
  /** What `below` was asked last, as a stream is mostly asked the same, and the greatest word it may use for that. */
  #limit = 1;
  #drawnMax = TWO_32 - 1;

  /**
   * @param seed - The world's seed, an integer from 0 to 2^53 - 1.
   * @param name - Which stream; equal seed and name give equal numbers.
   */
  constructor(seed: number, name: string) {
    checkInteger('seed', seed, 0, Number.MAX_SAFE_INTEGER);
    this.#a = seed | 0;
    this.#b = Math.floor(seed / TWO_32) ^ hashText(name);
    this.#c = hashText(name, 0x9747b28c);
    this.#counter = 1;
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) this.uint32();
  }

  /** A uniform integer from 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A uniform integer from 0 to `limit` - 1, without modulo bias. `limit`: 1 to 2^32. */
  below(limit: number): number {
    if (limit !== this.#limit) this.#setLimit(limit);
    let drawn = this.uint32();
    while (drawn > this.#drawnMax) drawn = this.uint32();
    // Said to be an unsigned integer, the division is one of integers.
    return limit === TWO_32 ? drawn : drawn % (limit >>> 0);
  }

  #setLimit(limit: number): void {
    this.#limit = limit;
    this.#drawnMax = TWO_32 - 1 - (TWO_32 % limit);
  }

  /** A uniform integer from `min` to `max`, both included; `max - min` is at most 2^32 - 1. */
  between(min: number, max: number): number {
    checkInteger('max - min', max - min, 0, TWO_32 - 1);
    return min + this.below(max - min + 1);
  }

  /** True in `probability.numerator` of `probability.denominator` draws. Always draws at least once. */
  chance(probability: Ratio): boolean {
    return this.below(probability.denominator) < probability.numerator;
  }

  /** One element of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    checkInteger('list.length', list.length, 1, TWO_32 - 1);
    return list[this.below(list.length)]!;
  }

  /** `sizeBytes` random bytes. */
  bytes(sizeBytes: number): Uint8Array {
    const bytes = new Uint8Array(sizeBytes);
    for (let index = 0; index < sizeBytes; index += 1) bytes[index] = this.uint32() >>> 24;
    return bytes;
  }
}

/**
 * Remembers the last id seen in a place of the header, so that an unchanged id costs a comparison of its bytes.
 *
 * A connection nearly always carries the same ids; without this each message would build two strings.
 */
import { readUtf8 } from './utf8.ts';

/** The last id of one kind on one connection. */
export class IdCache {
  readonly #bytes: Uint8Array;
  #length = 0;
  /** The id as text; valid for the last `accept` that returned true. */
  text = '';

  constructor(userIdBytesMax: number) {
    this.#bytes = new Uint8Array(userIdBytesMax);
  }

  /** Takes the `length` bytes at `at` as the id; false when they are not UTF-8 (FRM-014). */
  accept(bytes: Uint8Array, at: number, length: number): boolean {
    if (length === this.#length && this.#same(bytes, at)) return true;
    const text = readUtf8(bytes, at, at + length);
    if (text === undefined) return false;
    for (let i = 0; i < length; i++) this.#bytes[i] = bytes[at + i]!;
    this.#length = length;
    this.text = text;
    return true;
  }

  /** Whether the id consists of these bytes. */
  equals(id: Uint8Array): boolean {
    return id.length === this.#length && this.#same(id, 0);
  }

  #same(bytes: Uint8Array, at: number): boolean {
    for (let i = 0; i < this.#length; i++) if (bytes[at + i] !== this.#bytes[i]) return false;
    return true;
  }
}

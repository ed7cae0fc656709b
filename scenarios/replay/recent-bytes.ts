/** The last bytes of a stream, to compare repetitions with: a ring that grows with the stream up to its limit. */

const CAPACITY_FIRST = 1_024;
/** A power of two, so that a position is a mask away. */
const CAPACITY_MAX = 8_192;

/**
 *
 */
export class RecentBytes {
  #ring = Buffer.alloc(0);
  #end = 0;

  /** Appends the next bytes of the stream. */
  push(bytes: Buffer): void {
    if (this.#ring.length < CAPACITY_MAX) this.#grow(bytes.length);
    const capacity = this.#ring.length;
    const kept = bytes.length > capacity ? bytes.subarray(bytes.length - capacity) : bytes;
    this.#end += bytes.length;
    const at = (this.#end - kept.length) & (capacity - 1);
    const copied = kept.copy(this.#ring, at);
    if (copied < kept.length) kept.copy(this.#ring, 0, copied);
  }

  /** True when a byte at `offset` of the stream is still known and is another one than in `bytes`. */
  differs(offset: number, bytes: Buffer): boolean {
    const capacity = this.#ring.length;
    const from = Math.max(offset, this.#end - capacity, 0);
    const to = Math.min(offset + bytes.length, this.#end);
    for (let at = from; at < to; at += 1) {
      if (this.#ring[at & (capacity - 1)] !== bytes[at - offset]) return true;
    }
    return false;
  }

  #grow(more: number): void {
    let capacity = Math.max(this.#ring.length, CAPACITY_FIRST);
    while (capacity < CAPACITY_MAX && capacity < this.#end + more) capacity *= 2;
    if (capacity === this.#ring.length) return;
    const old = this.#ring;
    this.#ring = Buffer.alloc(capacity);
    for (let at = Math.max(0, this.#end - old.length); at < this.#end; at += 1) {
      this.#ring[at & (capacity - 1)] = old[at & (old.length - 1)]!;
    }
  }
}

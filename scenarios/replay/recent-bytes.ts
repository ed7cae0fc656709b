/** The last bytes of a stream, to compare repetitions with: a ring that grows with the stream up to its limit. */

const CAPACITY_FIRST = 1_024;
/** A power of two, so that a position is a mask away. */
const CAPACITY_MAX = 8_192;

/**
 *
 */
export class RecentBytes {
  #ring = new Uint8Array(0);
  #end = 0;

  /** Appends the next bytes of the stream. */
  push(bytes: Uint8Array): void {
    if (this.#ring.length < CAPACITY_MAX) this.#grow(bytes.length);
    const capacity = this.#ring.length;
    const kept = bytes.length > capacity ? bytes.subarray(bytes.length - capacity) : bytes;
    this.#end += bytes.length;
    this.#put(this.#end - kept.length, kept);
  }

  /** True when a byte at `offset` of the stream is still known and is another one than in `bytes`. */
  differs(offset: number, bytes: Uint8Array): boolean {
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
    const kept = Math.min(this.#end, old.length);
    const from = (this.#end - kept) & (old.length - 1);
    this.#ring = new Uint8Array(capacity);
    if (kept === 0) return;
    // The old ring in the order of the stream: from the oldest byte to its end, then from its start.
    const first = old.subarray(from, Math.min(from + kept, old.length));
    this.#put(this.#end - kept, first);
    this.#put(this.#end - kept + first.length, old.subarray(0, kept - first.length));
  }

  /** Writes bytes that stand at `offset` of the stream, around the end of the ring if need be. */
  #put(offset: number, bytes: Uint8Array): void {
    const at = offset & (this.#ring.length - 1);
    const room = this.#ring.length - at;
    if (bytes.length <= room) {
      this.#ring.set(bytes, at);
      return;
    }
    this.#ring.set(bytes.subarray(0, room), at);
    this.#ring.set(bytes.subarray(room), 0);
  }
}

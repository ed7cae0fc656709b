/**
 * Bytes written and not yet acknowledged, as a list of chunks. It knows offsets from the first unacknowledged byte, no
 * sequence numbers. Reading in rising order is cheap; chunks never change once they are in.
 */

/** Emptied chunks at the head before the list is moved up. */
const EMPTY_CHUNKS_MAX = 64;

/** A byte queue that can be read at any offset. */
export class SendBuffer {
  /** Bytes held. */
  length = 0;
  #chunks: Uint8Array[] = [];
  #head = 0;
  #headOffset = 0;
  /** The chunk that was read last and the offset at which it starts. */
  #cursor = 0;
  #cursorStart = 0;

  /** Takes over `bytes`; the caller must not touch them again. */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.length += bytes.length;
  }

  /** Drops the first `count` bytes, which is at most `length`. */
  discard(count: number): void {
    this.length -= count;
    let left = count + this.#headOffset;
    while (left > 0 && left >= this.#chunks[this.#head]!.length) {
      left -= this.#chunks[this.#head]!.length;
      this.#head += 1;
    }
    this.#headOffset = left;
    this.#cursorStart -= count;
    if (this.#cursor <= this.#head) {
      this.#cursor = this.#head;
      this.#cursorStart = -this.#headOffset;
    }
    if (this.#head > EMPTY_CHUNKS_MAX || this.length === 0) {
      this.#chunks.splice(0, this.#head);
      this.#cursor -= this.#head;
      this.#head = 0;
    }
  }

  /** `count` bytes from `offset`; both together at most `length`. A view when one chunk holds them, else a copy. */
  read(offset: number, count: number): Uint8Array {
    if (offset < this.#cursorStart) {
      this.#cursor = this.#head;
      this.#cursorStart = -this.#headOffset;
    }
    let chunk = this.#chunks[this.#cursor]!;
    while (offset >= this.#cursorStart + chunk.length) {
      this.#cursorStart += chunk.length;
      this.#cursor += 1;
      chunk = this.#chunks[this.#cursor]!;
    }
    const start = offset - this.#cursorStart;
    if (start === 0 && count === chunk.length) return chunk;
    if (start + count <= chunk.length) return chunk.subarray(start, start + count);
    return this.#gather(start, count);
  }

  #gather(start: number, count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    let filled = 0;
    let index = this.#cursor;
    let from = start;
    while (filled < count) {
      const chunk = this.#chunks[index]!;
      const part = chunk.subarray(from, from + count - filled);
      bytes.set(part, filled);
      filled += part.length;
      index += 1;
      from = 0;
    }
    return bytes;
  }
}

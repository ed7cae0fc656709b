/**
 * Bytes that only ever grow at the end, in chunks, so that what is there is never copied to make room. It knows no format.
 *
 * Ask `reserve(size)` for a piece: it lies in one chunk, is zero, and may be written through `bytes` and `view` from `at` on
 * until the next one is asked for. The number it gives is the piece's place, by which it is found again; places ascend.
 */

const CHUNK_BYTES_FIRST = 64 * 2 ** 10;
/** Places of one chunk are as far from those of the next. No chunk is longer. */
const CHUNK_BYTES_MAX = 4 * 2 ** 20;

type Chunk = { readonly bytes: Uint8Array; usedBytes: number };

/** Growing bytes. */
export class ByteChunks {
  /** Of the piece reserved last. */
  bytes = new Uint8Array(CHUNK_BYTES_FIRST);
  view = new DataView(this.bytes.buffer);
  at = 0;
  readonly #chunks: Chunk[] = [{ bytes: this.bytes, usedBytes: 0 }];
  #last = this.#chunks[0]!;
  #fullBytes = 0;

  /** Of all pieces. */
  get length(): number {
    return this.#fullBytes + this.#last.usedBytes;
  }

  /** A new piece behind all others; `size` is at most 4 MiB. */
  reserve(size: number): number {
    if (this.#last.usedBytes + size > this.bytes.length) this.#nextChunk(size);
    this.at = this.#last.usedBytes;
    this.#last.usedBytes += size;
    return (this.#chunks.length - 1) * CHUNK_BYTES_MAX + this.at;
  }

  /** The bytes from one place on; as many as asked for, all of one chunk. */
  from(place: number, size: number): Uint8Array {
    const at = place % CHUNK_BYTES_MAX;
    return this.#chunkOf(place).bytes.subarray(at, at + size);
  }

  /** All bytes between two places, or from one place to the end. */
  between(place: number, end = Infinity): Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (let index = Math.floor(place / CHUNK_BYTES_MAX); index < this.#chunks.length; index += 1) {
      const first = index * CHUNK_BYTES_MAX;
      if (first >= end) break;
      const { bytes, usedBytes } = this.#chunks[index]!;
      parts.push(bytes.subarray(Math.max(0, place - first), Math.min(usedBytes, end - first)));
    }
    return parts;
  }

  #chunkOf(place: number): Chunk {
    return this.#chunks[Math.floor(place / CHUNK_BYTES_MAX)]!;
  }

  #nextChunk(size: number): void {
    const length = Math.min(CHUNK_BYTES_MAX, Math.max(size, this.bytes.length * 2));
    this.#fullBytes += this.#last.usedBytes;
    this.bytes = new Uint8Array(length);
    this.view = new DataView(this.bytes.buffer);
    this.#last = { bytes: this.bytes, usedBytes: 0 };
    this.#chunks.push(this.#last);
  }
}

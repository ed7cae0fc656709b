/**
 * Messages -> stream -> chunks: queues what is to be sent, cuts it into numbered chunks, and remembers them until acknowledged.
 *
 * In the stream each message follows its length (uint32). It knows no packets and no time; a chunk may travel in many packets.
 */
import type { SentPacket } from './sent-packets.ts';

export const LENGTH_PREFIX_BYTES = 4;

/** A piece of the stream that is sent, and repeated, as a whole. */
export type Chunk = {
  readonly sequence: number;
  /** Empty for the Fin. */
  readonly bytes: Uint8Array;
  readonly isFin: boolean;
  isAcked: boolean;
  /** Declared lost and waiting to be sent again. */
  isWaiting: boolean;
  /** The packet that carried it last. */
  lastPacket: SentPacket | undefined;
};

/** The sending half of one connection. */
export class SendStream {
  /** Messages with their prefixes, the first one perhaps begun. */
  readonly #queue: Uint8Array[] = [];
  #queueHead = 0;
  #offsetInHead = 0;
  #queuedBytes = 0;
  /** Chunks from the lowest one not acknowledged on; acknowledged ones in between stay until it is. */
  readonly #chunks: Chunk[] = [];
  #chunksHead = 0;
  #unackedBytes = 0;
  readonly #waiting: Chunk[] = [];
  #waitingHead = 0;
  #nextSequence = 0;
  #sentOffset = 0;
  #isFinQueued = false;
  #isFinCut = false;

  /** Stream bytes not yet cut into a chunk. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Stream bytes held, sent or not. */
  get heldBytes(): number {
    return this.#queuedBytes + this.#unackedBytes;
  }

  get hasUnacked(): boolean {
    return this.#chunksHead < this.#chunks.length;
  }

  /** Something new may be cut: bytes, or the Fin. */
  get hasNew(): boolean {
    return this.#queuedBytes > 0 || (this.#isFinQueued && !this.#isFinCut);
  }

  /** Chunks between the lowest unacknowledged and the next, acknowledged ones included. */
  get spanChunks(): number {
    return this.#chunks.length - this.#chunksHead;
  }

  /** Where the stream ends that has been cut. */
  get sentOffset(): number {
    return this.#sentOffset;
  }

  /** Queues a message; its bytes are copied. */
  push(message: Uint8Array): void {
    const framed = new Uint8Array(LENGTH_PREFIX_BYTES + message.length);
    new DataView(framed.buffer).setUint32(0, message.length, true);
    framed.set(message, LENGTH_PREFIX_BYTES);
    this.#queue.push(framed);
    this.#queuedBytes += framed.length;
  }

  /** The stream ends after what is queued. */
  queueFin(): void {
    this.#isFinQueued = true;
  }

  /** The oldest chunk that is to be sent again. */
  pollWaiting(): Chunk | undefined {
    while (this.#waitingHead < this.#waiting.length) {
      const chunk = this.#waiting[this.#waitingHead++]!;
      if (this.#waitingHead > 256 && this.#waitingHead * 2 > this.#waiting.length) {
        this.#waiting.splice(0, this.#waitingHead);
        this.#waitingHead = 0;
      }
      if (!chunk.isWaiting) continue;
      chunk.isWaiting = false;
      if (!chunk.isAcked) return chunk;
    }
    return undefined;
  }

  get hasWaiting(): boolean {
    while (this.#waitingHead < this.#waiting.length) {
      const chunk = this.#waiting[this.#waitingHead]!;
      if (chunk.isWaiting && !chunk.isAcked) return true;
      chunk.isWaiting = false;
      this.#waitingHead++;
    }
    return false;
  }

  /** Has a chunk sent again, unless it is acknowledged or waits already. */
  repeat(chunk: Chunk): void {
    if (chunk.isAcked || chunk.isWaiting) return;
    chunk.isWaiting = true;
    this.#waiting.push(chunk);
  }

  /** Cuts the next chunk, at most `sizeBytesMax` and not beyond the peer's limit; undefined when there is none. */
  pollNew(sizeBytesMax: number, limitOffset: number): Chunk | undefined {
    if (this.#queuedBytes === 0) {
      if (!this.#isFinQueued || this.#isFinCut) return undefined;
      this.#isFinCut = true;
      return this.#remember(new Uint8Array(0), true);
    }
    const size = Math.min(sizeBytesMax, this.#queuedBytes, limitOffset - this.#sentOffset);
    if (size <= 0) return undefined;
    const bytes = this.#cut(size);
    this.#queuedBytes -= size;
    this.#unackedBytes += size;
    this.#sentOffset += size;
    return this.#remember(bytes, false);
  }

  /** Unacknowledged chunks from the lowest on, for probes. */
  oldestUnacked(count: number): Chunk[] {
    const found: Chunk[] = [];
    for (let index = this.#chunksHead; index < this.#chunks.length && found.length < count; index++) {
      const chunk = this.#chunks[index]!;
      if (!chunk.isAcked) found.push(chunk);
    }
    return found;
  }

  /** The Fin and every chunk before it are acknowledged. */
  get isAllAcked(): boolean {
    return this.#isFinCut && !this.hasUnacked;
  }

  /** A packet with this chunk was acknowledged. */
  acknowledge(chunk: Chunk): void {
    if (chunk.isAcked) return;
    chunk.isAcked = true;
    this.#unackedBytes -= chunk.bytes.length;
    const chunks = this.#chunks;
    while (this.#chunksHead < chunks.length && chunks[this.#chunksHead]!.isAcked) this.#chunksHead++;
    if (this.#chunksHead > 256 && this.#chunksHead * 2 > chunks.length) {
      chunks.splice(0, this.#chunksHead);
      this.#chunksHead = 0;
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#queue.length = this.#queueHead = this.#offsetInHead = this.#queuedBytes = 0;
    this.#chunks.length = this.#chunksHead = this.#unackedBytes = 0;
    this.#waiting.length = this.#waitingHead = 0;
  }

  #remember(bytes: Uint8Array, isFin: boolean): Chunk {
    const sequence = this.#nextSequence++;
    const chunk: Chunk = { sequence, bytes, isFin, isAcked: false, isWaiting: false, lastPacket: undefined };
    this.#chunks.push(chunk);
    return chunk;
  }

  /** The next `size` bytes of the queue: a view where they lie in one message, else a copy. */
  #cut(size: number): Uint8Array {
    const head = this.#queue[this.#queueHead]!;
    if (head.length - this.#offsetInHead >= size) {
      const bytes = head.subarray(this.#offsetInHead, this.#offsetInHead + size);
      this.#advance(size);
      return bytes;
    }
    const bytes = new Uint8Array(size);
    let filled = 0;
    while (filled < size) {
      const next = this.#queue[this.#queueHead]!;
      const part = next.subarray(this.#offsetInHead, this.#offsetInHead + size - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#advance(part.length);
    }
    return bytes;
  }

  #advance(size: number): void {
    this.#offsetInHead += size;
    if (this.#offsetInHead < this.#queue[this.#queueHead]!.length) return;
    this.#offsetInHead = 0;
    this.#queueHead++;
    if (this.#queueHead > 64 && this.#queueHead * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#queueHead);
      this.#queueHead = 0;
    }
  }
}

/**
 * One direction of reliable UDP put back together: chunks in any order in, whole messages out (RUD-009).
 *
 * What waits is bounded; when too much does, or a message is announced that is longer than the limit, the rest of the
 * direction is given up and counted. Drive: `chunk(...)` for each new Data datagram; messages come through the sink.
 */

/** Bytes and chunks that may wait for a chunk before them. */
const WAITING_BYTES_MAX = 4_194_304;
const WAITING_CHUNKS_MAX = 65_536;

/** Hears of every whole message; the bytes are only valid during the call. */
export type StreamMessageSink = (message: Uint8Array) => void;

/** One direction. */
export class RudpStream {
  /** Stream bytes put in order so far. */
  orderedBytes = 0;
  /** Bytes that nobody can read. */
  lostBytes = 0;
  /** Why the rest cannot be read. */
  fault: string | undefined;
  readonly #messageBytesMax: number;
  readonly #sink: StreamMessageSink;
  #next = 0;
  readonly #waiting = new Map<number, Uint8Array>();
  #waitingBytes = 0;
  /** The message that is not whole yet, with its length in front. */
  #parts: Uint8Array[] = [];
  #partBytes = 0;

  constructor(messageBytesMax: number, sink: StreamMessageSink) {
    this.#messageBytesMax = messageBytesMax;
    this.#sink = sink;
  }

  /** Bytes of chunks that wait, and of an unfinished message. */
  get pendingBytes(): number {
    return this.#waitingBytes + this.#partBytes;
  }

  /** A chunk that was not seen before; copied when it has to wait. */
  chunk(sequence: number, bytes: Uint8Array): void {
    if (this.fault !== undefined) {
      this.lostBytes += bytes.length;
      return;
    }
    if (sequence !== this.#next) {
      this.#keep(sequence, bytes);
      return;
    }
    let now: Uint8Array | undefined = bytes;
    while (now !== undefined) {
      this.#next = (this.#next + 1) >>> 0;
      this.orderedBytes += now.length;
      this.#deliver(now);
      now = this.#waiting.get(this.#next);
      if (now !== undefined) this.#waitingBytes -= now.length;
      this.#waiting.delete(this.#next);
    }
  }

  #keep(sequence: number, bytes: Uint8Array): void {
    if (((sequence - this.#next) | 0) < 0) return;
    this.#waiting.set(sequence, bytes.slice());
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes <= WAITING_BYTES_MAX && this.#waiting.size <= WAITING_CHUNKS_MAX) return;
    this.#giveUp(`chunk ${this.#next} is missing in the capture`);
  }

  #deliver(bytes: Uint8Array): void {
    if (this.fault !== undefined) {
      this.lostBytes += bytes.length;
      return;
    }
    this.#parts.push(bytes.slice());
    this.#partBytes += bytes.length;
    while (this.#partBytes >= 4) {
      const first = this.#parts[0]!;
      if (first.length < 4) this.#join();
      const sizeBytes = new DataView(this.#parts[0]!.buffer, this.#parts[0]!.byteOffset).getUint32(0, true);
      if (sizeBytes > this.#messageBytesMax) {
        this.#giveUp(`a message of ${sizeBytes} bytes is announced, the limit is ${this.#messageBytesMax}`);
        return;
      }
      if (this.#partBytes < 4 + sizeBytes) return;
      const all = this.#join();
      this.#parts = all.length > 4 + sizeBytes ? [all.subarray(4 + sizeBytes)] : [];
      this.#partBytes -= 4 + sizeBytes;
      this.#sink(all.subarray(4, 4 + sizeBytes));
    }
  }

  #join(): Uint8Array {
    if (this.#parts.length > 1) this.#parts = [Buffer.concat(this.#parts)];
    return this.#parts[0]!;
  }

  #giveUp(why: string): void {
    this.fault = why;
    this.lostBytes += this.pendingBytes;
    this.#waiting.clear();
    this.#waitingBytes = 0;
    this.#parts = [];
    this.#partBytes = 0;
  }
}

/** Messages in order with their size: a queue whose head is taken in constant time. It knows nothing of its entries. */

/** What one message counts besides its bytes, so that a flood of small ones is bounded too. */
const ENTRY_BYTES = 64;

/** Bytes that count for messages of this length. */
const countedBytes = (frame: Uint8Array): number => frame.length + ENTRY_BYTES;

/** First in, first out. */
export class FrameQueue {
  #frames: Uint8Array[] = [];
  #head = 0;
  #bytes = 0;

  get length(): number {
    return this.#frames.length - this.#head;
  }

  /** Counted bytes of all entries. */
  get bytes(): number {
    return this.#bytes;
  }

  push(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += countedBytes(frame);
  }

  shift(): Uint8Array | undefined {
    if (this.#head === this.#frames.length) return undefined;
    const frame = this.#frames[this.#head++]!;
    this.#bytes -= countedBytes(frame);
    // Half of the array dead: move up, so that each entry moves once on average.
    if (this.#head > 32 && this.#head * 2 > this.#frames.length) {
      this.#frames = this.#frames.slice(this.#head);
      this.#head = 0;
    }
    return frame;
  }

  /** Puts the entries of another queue in front, and empties it. */
  prepend(other: FrameQueue): void {
    this.#frames = [...other.#frames.slice(other.#head), ...this.#frames.slice(this.#head)];
    this.#head = 0;
    this.#bytes += other.#bytes;
    other.clear();
  }

  clear(): void {
    this.#frames = [];
    this.#head = 0;
    this.#bytes = 0;
  }
}

/**
 * Chunks -> stream -> messages: puts chunks in order, takes messages out of the stream, and bounds what is held.
 *
 * It knows no packets and no time. Nothing is allocated by a length the peer claims; memory grows with what has arrived.
 */
import { rudpChunksAheadMax } from '../../../spec/limits.ts';
import { LENGTH_PREFIX_BYTES } from './send-stream.ts';

/** What became of a chunk; only `new` and `duplicate` may be acknowledged. */
export type ChunkVerdict = 'new' | 'duplicate' | 'refused' | 'violation';

export type ReceiveLimits = { readonly messageBytesMax: number; readonly receiveBytesMax: number };

const FIN = new Uint8Array(0);

/** The receiving half of one connection. */
export class ReceiveStream {
  readonly #limits: ReceiveLimits;
  /** Chunks that wait for earlier ones, by sequence. */
  readonly #early = new Map<number, Uint8Array>();
  #nextSequence = 0;
  #receivedBytes = 0;
  /** Stream bytes of messages that were taken. */
  #takenBytes = 0;
  #isFinished = false;
  /** The message under way. */
  readonly #parts: Uint8Array[] = [];
  #prefix = 0;
  #prefixBytes = 0;
  #missingBytes = 0;
  /** Whole messages, not yet taken. */
  readonly #messages: Uint8Array[] = [];
  #messagesHead = 0;

  constructor(limits: ReceiveLimits) {
    this.#limits = limits;
  }

  /** How far the peer may send: everything taken plus the memory for the rest (RUD-013). */
  get limitOffset(): number {
    return this.#takenBytes + this.#limits.receiveBytesMax;
  }

  get nextSequence(): number {
    return this.#nextSequence;
  }

  /** The Fin has come in its turn. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  get hasMessage(): boolean {
    return this.#messagesHead < this.#messages.length;
  }

  /** A message for its receiver, whose memory it leaves. */
  pollMessage(): Uint8Array | undefined {
    const message = this.#messages[this.#messagesHead];
    if (message === undefined) return undefined;
    this.#messagesHead++;
    if (this.#messagesHead > 64 && this.#messagesHead * 2 > this.#messages.length) {
      this.#messages.splice(0, this.#messagesHead);
      this.#messagesHead = 0;
    }
    this.#takenBytes += message.length + LENGTH_PREFIX_BYTES;
    return message;
  }

  /** Takes a chunk in; its bytes are copied when they are kept. The Fin has none. */
  handleChunk(sequence: number, bytes: Uint8Array): ChunkVerdict {
    if (sequence < this.#nextSequence || this.#early.has(sequence)) return 'duplicate';
    if (this.#isFinished) return 'violation';
    if (sequence >= this.#nextSequence + rudpChunksAheadMax) return 'refused';
    if (this.#receivedBytes + bytes.length > this.limitOffset) return 'refused';
    this.#receivedBytes += bytes.length;
    const kept = bytes.length === 0 ? FIN : bytes.slice();
    if (sequence > this.#nextSequence) {
      this.#early.set(sequence, kept);
      return 'new';
    }
    let next: Uint8Array | undefined = kept;
    while (next !== undefined) {
      this.#nextSequence++;
      if (!this.#append(next)) return 'violation';
      next = this.#early.get(this.#nextSequence);
      if (next !== undefined) this.#early.delete(this.#nextSequence);
    }
    return 'new';
  }

  /** Forgets what is not a whole message. */
  dropUnfinished(): void {
    this.#early.clear();
    this.#parts.length = 0;
  }

  /** The next chunk of the stream; false when the peer broke a rule. */
  #append(chunk: Uint8Array): boolean {
    if (this.#isFinished) return false;
    if (chunk === FIN) {
      this.#isFinished = true;
      return this.#prefixBytes === 0;
    }
    let at = 0;
    while (at < chunk.length) {
      if (this.#prefixBytes < LENGTH_PREFIX_BYTES) {
        this.#prefix += chunk[at++]! * 2 ** (8 * this.#prefixBytes++);
        if (this.#prefixBytes < LENGTH_PREFIX_BYTES) continue;
        if (this.#prefix > this.#limits.messageBytesMax) return false;
        this.#missingBytes = this.#prefix;
      }
      const part = chunk.subarray(at, at + this.#missingBytes);
      at += part.length;
      this.#missingBytes -= part.length;
      if (part.length > 0) this.#parts.push(part);
      if (this.#missingBytes === 0) this.#finishMessage();
    }
    return true;
  }

  #finishMessage(): void {
    const message = new Uint8Array(this.#prefix);
    let at = 0;
    for (const part of this.#parts) {
      message.set(part, at);
      at += part.length;
    }
    this.#messages.push(message);
    this.#parts.length = this.#prefix = this.#prefixBytes = 0;
  }
}

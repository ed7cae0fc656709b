/**
 * Bytes as they come -> messages. One decoder per connection; `push` every chunk, `end` when the stream ends.
 *
 * Whole messages are seen where they lie in the chunk; only an incomplete one is copied. Memory grows with the bytes that
 * have arrived, never by a length the peer announces, and is bounded by the longest message (SEC-011). Never throws on
 * bytes. It knows no message types and no bodies; FRM-019 is the caller's.
 */
import { MessageInvalidType } from '../../spec/errors.ts';
import type { MessageInvalidKind } from '../../spec/errors.ts';
import { CLIENT_TYPE_MAX, headerBytes, START_TOKEN } from '../../spec/limits.ts';
import { getInt32 } from './codec-runtime.ts';
import { checkLimits } from './frame-limits.ts';
import type { FrameLimits } from './frame-limits.ts';
import { FrameView } from './frame-view.ts';
import { IdCache } from './id-cache.ts';

/** What is wrong with the stream, and where. */
export type FrameError = {
  /** The kind, one of the manual's five. */
  readonly kind: MessageInvalidKind;
  /** The kind's number (`MessageInvalidType`). */
  readonly value: number;
  readonly clause: string;
  /** Bytes from the start of the stream to the byte that is wrong; for a stream cut short, to its end. */
  readonly streamOffset: number;
  readonly detail: string;
};

/** Sees one message; returning false stops the decoder for good. */
export type FrameSink = (frame: FrameView) => boolean | void;

/** Bytes the buffer of an incomplete message starts with. */
const TAIL_BYTES_FIRST = 512;
/** Bytes a buffer may have to be kept for the next message: saves an allocation per message, costs an idle connection little. */
const TAIL_BYTES_KEPT = 4096;
const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Splits one stream into messages. */
export class FrameDecoder {
  readonly #headerSize: number;
  readonly #userIdBytesMax: number;
  readonly #messageBytesMax: number;
  readonly #source: IdCache;
  readonly #dest: IdCache;
  readonly #view: FrameView;
  /** The beginning of a message whose rest has not arrived. */
  #tail = NO_BYTES;
  #tailLength = 0;
  /** Bytes of the stream before the message at hand. */
  #streamOffset = 0;
  #stopped = false;
  #error: FrameError | undefined;

  /** @throws LocalProtocolError E_ARGUMENT for limits no two ends could agree on */
  constructor(limits: FrameLimits) {
    checkLimits(limits);
    this.#headerSize = headerBytes(limits.userIdBytesMax);
    this.#userIdBytesMax = limits.userIdBytesMax;
    this.#messageBytesMax = limits.messageBytesMax;
    this.#source = new IdCache(limits.userIdBytesMax);
    this.#dest = new IdCache(limits.userIdBytesMax);
    this.#view = new FrameView(this.#source, this.#dest, this.#headerSize);
  }

  /** Bytes of an incomplete message held at present. */
  get bufferedBytes(): number {
    return this.#tailLength;
  }

  /** Bytes of memory held for incomplete messages; never more than the longest message. */
  get heldBytes(): number {
    return this.#tail.length;
  }

  /**
   * Takes the next bytes of the stream and shows the sink every message they complete, in order.
   *
   * The sink must not call `push`. When it returns false, the rest of the chunk and all later ones are dropped.
   * @returns the first error; it is final, later calls return it again and show nothing
   */
  push(chunk: Uint8Array, sink: FrameSink): FrameError | undefined {
    if (this.#stopped) return this.#error;
    let at = 0;
    // A sink that throws has lost its place in the stream; nothing may be shown after that.
    this.#stopped = true;
    if (this.#tailLength > 0) {
      at = this.#completeTail(chunk, sink);
      if (at < 0) return this.#error;
    }
    at = this.#inPlace(chunk, at, sink);
    if (at < 0) return this.#error;
    if (at < chunk.length) this.#keep(chunk, at, chunk.length - at);
    this.#stopped = false;
    return undefined;
  }

  /** The stream has ended: FRM-018, DataLacked when that was inside a message. */
  end(): FrameError | undefined {
    if (this.#stopped) return this.#error;
    this.#stopped = true;
    if (this.#tailLength === 0) return undefined;
    const detail = `the stream ended ${this.#tailLength} bytes into a message`;
    return this.#fail('DataLacked', 'FRM-018', this.#tailLength, detail);
  }

  /** Shows the whole messages from `at` on; returns where an incomplete one begins, or -1 when stopped. */
  #inPlace(chunk: Uint8Array, at: number, sink: FrameSink): number {
    const headerSize = this.#headerSize;
    while (chunk.length - at >= headerSize) {
      const bodyLength = this.#checkHeader(chunk, at);
      if (bodyLength < 0) return -1;
      const size = headerSize + bodyLength;
      if (chunk.length - at < size) return at;
      this.#view.point(chunk, at, bodyLength);
      at += size;
      this.#streamOffset += size;
      if (sink(this.#view) === false) return -1;
    }
    return this.#checkStart(chunk, at, chunk.length - at) ? at : -1;
  }

  /** Adds to the incomplete message what it lacks; returns how much of the chunk that took, or -1 when stopped. */
  #completeTail(chunk: Uint8Array, sink: FrameSink): number {
    const headerSize = this.#headerSize;
    let at = 0;
    if (this.#tailLength < headerSize) {
      at = Math.min(headerSize - this.#tailLength, chunk.length);
      this.#keep(chunk, 0, at);
      if (!this.#checkStart(this.#tail, 0, this.#tailLength)) return -1;
      if (this.#tailLength < headerSize) return at;
    }
    const bodyLength = this.#checkHeader(this.#tail, 0);
    if (bodyLength < 0) return -1;
    const size = headerSize + bodyLength;
    const taken = Math.min(size - this.#tailLength, chunk.length - at);
    this.#keep(chunk, at, taken);
    if (this.#tailLength < size) return at + taken;
    const message = this.#tail;
    this.#tailLength = 0;
    if (message.length > TAIL_BYTES_KEPT) this.#tail = NO_BYTES;
    this.#view.point(message, 0, bodyLength);
    this.#streamOffset += size;
    return sink(this.#view) === false ? -1 : at + taken;
  }

  /** Copies bytes to the incomplete message. The buffer doubles, up to the longest message: never by announcement. */
  #keep(chunk: Uint8Array, at: number, size: number): void {
    const length = this.#tailLength + size;
    if (length > this.#tail.length) {
      const wanted = Math.max(length, 2 * this.#tail.length, TAIL_BYTES_FIRST);
      const grown = new Uint8Array(Math.min(wanted, this.#messageBytesMax));
      grown.set(this.#tail.subarray(0, this.#tailLength));
      this.#tail = grown;
    }
    this.#tail.set(chunk.subarray(at, at + size), this.#tailLength);
    this.#tailLength = length;
  }

  /** FRM-020: token and client type are judged as soon as they are there. */
  #checkStart(bytes: Uint8Array, at: number, length: number): boolean {
    if (length >= 1 && bytes[at] !== START_TOKEN) {
      const detail = `start token is ${hexByte(bytes[at]!)}, not ${hexByte(START_TOKEN)}`;
      this.#fail('InvalidToken', 'FRM-004', 0, detail);
      return false;
    }
    if (length >= 2 && bytes[at + 1]! > CLIENT_TYPE_MAX) {
      this.#fail('InvalidClientType', 'FRM-006', 1, `client type ${bytes[at + 1]!} exceeds ${CLIENT_TYPE_MAX}`);
      return false;
    }
    return true;
  }

  /** FRM-020: all checks of a complete header, in order. Returns the body length, or -1 after recording the error. */
  #checkHeader(bytes: Uint8Array, at: number): number {
    const n = this.#userIdBytesMax;
    if (bytes[at] !== START_TOKEN || bytes[at + 1]! > CLIENT_TYPE_MAX) {
      this.#checkStart(bytes, at, 2);
      return -1;
    }
    const sourceAt = at + 12;
    const sourceLength = bytes[sourceAt]!;
    if (sourceLength > n || !this.#source.accept(bytes, sourceAt + 1, sourceLength)) {
      return this.#failId('sender', sourceLength, 12);
    }
    const destAt = sourceAt + 1 + n;
    const destLength = bytes[destAt]!;
    if (destLength > n || !this.#dest.accept(bytes, destAt + 1, destLength)) {
      return this.#failId('destination', destLength, 13 + n);
    }
    const bodyLength = getInt32(bytes, at + 4);
    if (bodyLength < 0) {
      this.#fail('InvalidHeader', 'FRM-010', 4, `body length ${bodyLength} is negative`);
      return -1;
    }
    const size = this.#headerSize + bodyLength;
    if (size > this.#messageBytesMax) {
      const detail = `the message announces ${size} bytes, the limit is ${this.#messageBytesMax}`;
      this.#fail('MessageSizeOverflow', 'LIM-006', 4, detail);
      return -1;
    }
    return bodyLength;
  }

  #failId(which: string, length: number, offset: number): -1 {
    const detail =
      length > this.#userIdBytesMax
        ? `${which} id length ${length} exceeds ${this.#userIdBytesMax}`
        : `the ${length} bytes of the ${which} id are not UTF-8`;
    this.#fail('InvalidHeader', 'FRM-014', length > this.#userIdBytesMax ? offset : offset + 1, detail);
    return -1;
  }

  #fail(kind: MessageInvalidKind, clause: string, offset: number, detail: string): FrameError {
    const streamOffset = this.#streamOffset + offset;
    this.#error = { kind, value: MessageInvalidType[kind], clause, streamOffset, detail };
    this.#tail = NO_BYTES;
    this.#tailLength = 0;
    return this.#error;
  }
}

function hexByte(byte: number): string {
  return `0x${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}

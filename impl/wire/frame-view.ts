/**
 * One received message, seen where it lies: numbers are plain properties, body and whole message are views of the bytes.
 *
 * There is one view per decoder and it is reused: it is valid only during the sink's call. Copy what is kept. Decoding a
 * body (`codec.decode(frame.body())`) copies by itself.
 */
import { SERVER_ID } from '../../spec/limits.ts';
import { getInt32 } from './codec-runtime.ts';
import type { IdCache } from './id-cache.ts';

/** A message during the sink's call. */
export class FrameView {
  clientType = 0;
  messageType = 0;
  messageId = 0;
  /** Bytes of the body; 0 when it is empty (FRM-021). */
  bodyLength = 0;
  readonly #source: IdCache;
  readonly #dest: IdCache;
  readonly #headerSize: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;

  /** For the decoder: ids are taken from its caches. */
  constructor(source: IdCache, dest: IdCache, headerSize: number) {
    this.#source = source;
    this.#dest = dest;
    this.#headerSize = headerSize;
  }

  /** For the decoder: points the view at a checked message. */
  point(bytes: Uint8Array, start: number, bodyLength: number): void {
    this.#bytes = bytes;
    this.#start = start;
    this.bodyLength = bodyLength;
    this.clientType = bytes[start + 1]!;
    this.messageType = bytes[start + 2]! | (bytes[start + 3]! << 8);
    this.messageId = getInt32(bytes, start + 8);
  }

  /** The body; a view, valid during the call only. */
  body(): Uint8Array {
    const from = this.#start + this.#headerSize;
    return this.#bytes.subarray(from, from + this.bodyLength);
  }

  /** Header and body; a view, valid during the call only. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#start + this.#headerSize + this.bodyLength);
  }

  /** Sender's id; may be kept. */
  sourceId(): string {
    return this.#source.text;
  }

  /** Destination's id; may be kept. */
  destId(): string {
    return this.#dest.text;
  }

  /** Whether the sender's id consists of these UTF-8 bytes. */
  sourceEquals(idBytes: Uint8Array): boolean {
    return this.#source.equals(idBytes);
  }

  /** Whether the destination's id consists of these UTF-8 bytes. */
  destEquals(idBytes: Uint8Array): boolean {
    return this.#dest.equals(idBytes);
  }

  /** FRM-016: the destination is empty or `_0`. */
  destIsServer(): boolean {
    return this.#dest.text === '' || this.#dest.text === SERVER_ID;
  }

  /** FRM-016, FRM-031: the sender is `_0` or empty; for clients, as no user's message reaches them without an id. */
  sourceIsServer(): boolean {
    return this.#source.text === SERVER_ID || this.#source.text === '';
  }
}

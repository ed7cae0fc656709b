/**
 * A plain frame decoder with switches for faults, to show that the fuzzer finds each of them.
 *
 * It keeps the whole unread stream and starts anew at every push. Without a fault it is a correct decoder, which a test shows
 * as well: otherwise finding something would prove nothing.
 */
import { MessageInvalidType, type MessageInvalidKind } from '../../spec/errors.ts';
import { isUtf8, readUtf8, type FrameLimits } from '../../impl/wire/index.ts';
import type { SeenFrame, SeenFrameError, SubjectDecoder } from '../../scenarios/fuzz/model.ts';

export type FrameFault =
  | 'token ignored'
  | 'client type 9 accepted'
  | 'body length -2 accepted'
  | 'limit off by one'
  | 'id one byte too long accepted'
  | 'id not checked for UTF-8'
  | 'size checked before the ids'
  | 'sender remembered by its length'
  | 'message lost when its last byte comes alone'
  | 'last byte of a long chunk dropped'
  | 'end inside a header is in order'
  | 'message type read as a signed byte pair'
  | 'error without its clause'
  | 'error offset counts from the chunk'
  | 'room made for what is announced';

const CLAUSES: Readonly<Record<MessageInvalidKind, string>> = {
  InvalidToken: 'FRM-004',
  InvalidClientType: 'FRM-006',
  InvalidHeader: 'FRM-014',
  MessageSizeOverflow: 'LIM-006',
  DataLacked: 'FRM-018',
};

export class PlainDecoder implements SubjectDecoder {
  readonly #limits: FrameLimits;
  readonly #fault: FrameFault | undefined;
  #pending = new Uint8Array(0);
  #consumed = 0;
  #pushes = 0;
  #error: SeenFrameError | undefined;
  #lastSource = '';

  constructor(limits: FrameLimits, fault?: FrameFault) {
    this.#limits = limits;
    this.#fault = fault;
  }

  get bufferedBytes(): number {
    return this.#pending.length;
  }

  get heldBytes(): number {
    return this.#pending.length;
  }

  push(chunk: Uint8Array, sink: (frame: SeenFrame) => void): SeenFrameError | undefined {
    if (this.#error !== undefined) return this.#error;
    this.#pushes += 1;
    const isDropped = this.#fault === 'last byte of a long chunk dropped' && chunk.length > 64;
    const taken = isDropped ? chunk.subarray(0, -1) : chunk;
    const joined = new Uint8Array(this.#pending.length + taken.length);
    joined.set(this.#pending);
    joined.set(taken, this.#pending.length);
    this.#pending = joined;
    while (this.#takeMessage(sink, chunk.length));
    return this.#error;
  }

  end(): SeenFrameError | undefined {
    if (this.#error !== undefined || this.#pending.length === 0) return this.#error;
    if (this.#fault === 'end inside a header is in order' && this.#pending.length < this.#headerBytes) return undefined;
    return this.#fail('DataLacked', this.#pending.length);
  }

  get #headerBytes(): number {
    return 14 + 2 * this.#limits.userIdBytesMax;
  }

  /** One message, if it is all there. */
  #takeMessage(sink: (frame: SeenFrame) => void, chunkBytes: number): boolean {
    const bytes = this.#pending;
    if (bytes.length >= 1 && bytes[0] !== 0xe5 && this.#fault !== 'token ignored')
      return this.#refuse('InvalidToken', 0);
    const clientTypeMax = this.#fault === 'client type 9 accepted' ? 9 : 8;
    if (bytes.length >= 2 && bytes[1]! > clientTypeMax) return this.#refuse('InvalidClientType', 1);
    if (bytes.length < this.#headerBytes) return false;
    const view = new DataView(bytes.buffer);
    const bodyLength = this.#checkedBodyLength(view);
    if (bodyLength === undefined) return false;
    const end = this.#headerBytes + bodyLength;
    if (bytes.length < end) return false;
    this.#pending = bytes.slice(end);
    this.#consumed += end;
    if (this.#fault === 'message lost when its last byte comes alone' && chunkBytes === 1) return true;
    sink(this.#frame(bytes, view, end));
    return true;
  }

  /** Ids, sign and size, in the order of FRM-020; undefined after a failure. */
  #checkedBodyLength(view: DataView): number | undefined {
    const { userIdBytesMax: n, messageBytesMax } = this.#limits;
    const announced = view.getInt32(4, true);
    if (this.#fault === 'room made for what is announced' && announced > 0) new Uint8Array(announced).fill(0, 0, 1);
    const bodyLength = this.#fault === 'body length -2 accepted' && announced === -2 ? 0 : announced;
    const limit = messageBytesMax + (this.#fault === 'limit off by one' ? 1 : 0);
    const isTooLong = this.#headerBytes + bodyLength > limit;
    const isSizeFirst = this.#fault === 'size checked before the ids' && isTooLong;
    const badId = [12, 13 + n].find((at) => !this.#isId(at));
    if (!isSizeFirst && badId !== undefined) this.#fail('InvalidHeader', badId);
    else if (!isSizeFirst && bodyLength < 0) this.#fail('InvalidHeader', 4);
    else if (isTooLong) this.#fail('MessageSizeOverflow', 4);
    else return bodyLength;
    return undefined;
  }

  #isId(at: number): boolean {
    const n = this.#limits.userIdBytesMax;
    const length = this.#pending[at]!;
    if (length > n + (this.#fault === 'id one byte too long accepted' ? 1 : 0)) return false;
    return this.#fault === 'id not checked for UTF-8' || isUtf8(this.#pending, at + 1, at + 1 + length);
  }

  #frame(bytes: Uint8Array, view: DataView, end: number): SeenFrame {
    const id = (at: number): string => readUtf8(bytes, at + 1, at + 1 + bytes[at]!) ?? '\ufffd';
    const source = id(12);
    const isTaken = this.#fault === 'sender remembered by its length' && source.length === this.#lastSource.length;
    const sourceId = isTaken ? this.#lastSource : source;
    this.#lastSource = sourceId;
    const isSigned = this.#fault === 'message type read as a signed byte pair';
    return {
      clientType: bytes[1]!,
      messageType: isSigned ? view.getInt16(2, true) : view.getUint16(2, true),
      messageId: view.getInt32(8, true),
      sourceId: () => sourceId,
      destId: () => id(13 + this.#limits.userIdBytesMax),
      body: () => bytes.subarray(this.#headerBytes, end),
    };
  }

  #refuse(kind: MessageInvalidKind, offset: number): false {
    this.#fail(kind, offset);
    return false;
  }

  #fail(kind: MessageInvalidKind, offset: number): SeenFrameError {
    const base = this.#fault === 'error offset counts from the chunk' && this.#pushes > 1 ? 0 : this.#consumed;
    const clause = this.#fault === 'error without its clause' && kind === 'InvalidClientType' ? '' : CLAUSES[kind];
    this.#pending = new Uint8Array(0);
    this.#error = { kind, value: MessageInvalidType[kind], clause, streamOffset: base + offset, detail: kind };
    return this.#error;
  }
}

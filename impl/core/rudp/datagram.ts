/**
 * Datagrams of reliable UDP: bytes <-> values, as `spec/grammar/rudp-datagrams.ts` lays them out (a test compares the two).
 *
 * Encoders write into a buffer of the caller and give the length. The decoder gives `undefined` for anything that is not
 * exactly a datagram of a known kind; it never throws and copies nothing.
 */
import {
  RUDP_ACK_RANGES_MAX,
  RUDP_KIND_FIRST,
  RUDP_KIND_LAST,
  RUDP_VERSION,
} from '../../../spec/grammar/rudp-datagrams.ts';

const KIND = {
  syn: 0x40,
  synAck: 0x41,
  confirm: 0x42,
  data: 0x43,
  ack: 0x44,
  ping: 0x45,
  fin: 0x46,
  abort: 0x47,
} as const;

const HANDSHAKE_BYTES = 24;
/** Bytes before the chunk of a Data datagram. */
export const DATA_HEADER_BYTES = 13;
const PING_BYTES = 9;
const FIN_BYTES = 13;
const ABORT_BYTES = 13;
const ACK_FIXED_BYTES = 23;
const RANGE_BYTES = 4;
const TWO_32 = 0x1_0000_0000;
const UINT16_MAX = 0xffff;
/** Room that every datagram but Data fits in. */
export const CONTROL_BYTES_MAX = ACK_FIXED_BYTES + RANGE_BYTES * RUDP_ACK_RANGES_MAX;

export type Handshake = {
  readonly kind: 'syn' | 'synAck' | 'confirm';
  readonly token: bigint;
  readonly identity: number;
  readonly echo: number;
  readonly limitBytes: number;
};

/** Numbers received without a gap, both ends included. */
export type NumberRange = { readonly first: number; readonly last: number };

/** Numbers and sequences are the low 32 bits, as on the wire. */
export type RudpDatagram =
  | Handshake
  | {
      readonly kind: 'data';
      readonly tag: number;
      readonly number: number;
      readonly sequence: number;
      readonly chunk: Uint8Array;
    }
  | { readonly kind: 'fin'; readonly tag: number; readonly number: number; readonly sequence: number }
  | { readonly kind: 'ping'; readonly tag: number; readonly number: number }
  | {
      readonly kind: 'ack';
      readonly tag: number;
      readonly largest: number;
      readonly delayMicros: number;
      readonly limitBytes: number;
      /** Where the ranges stand: `before` at offset 19, then gap and length in turn. */
      readonly view: DataView;
    }
  | { readonly kind: 'abort'; readonly token: bigint; readonly tag: number };

/** Whether the first byte is one of reliable UDP (RUD-001). */
export function isRudpDatagram(bytes: Uint8Array): boolean {
  const kind = bytes[0];
  return kind !== undefined && kind >= RUDP_KIND_FIRST && kind <= RUDP_KIND_LAST;
}

function setUint48(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % TWO_32, true);
  view.setUint16(at + 4, Math.floor(value / TWO_32), true);
}

function uint48(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint16(at + 4, true) * TWO_32;
}

/** @returns the length in bytes */
export function encodeHandshake(view: DataView, handshake: Handshake): number {
  view.setUint8(0, KIND[handshake.kind]);
  view.setUint8(1, RUDP_VERSION);
  view.setBigUint64(2, handshake.token, true);
  view.setUint32(10, handshake.identity, true);
  view.setUint32(14, handshake.echo, true);
  setUint48(view, 18, handshake.limitBytes);
  return HANDSHAKE_BYTES;
}

/** Everything of a Data datagram but its chunk, which the caller puts at DATA_HEADER_BYTES; a Fin is the same alone. */
export function encodeChunkHeader(
  view: DataView,
  header: { readonly kind: 'data' | 'fin'; readonly tag: number; readonly number: number; readonly sequence: number },
): number {
  view.setUint8(0, KIND[header.kind]);
  view.setUint32(1, header.tag, true);
  view.setUint32(5, header.number % TWO_32, true);
  view.setUint32(9, header.sequence % TWO_32, true);
  return DATA_HEADER_BYTES;
}

/** @returns the length in bytes */
export function encodePing(view: DataView, tag: number, number: number): number {
  view.setUint8(0, KIND.ping);
  view.setUint32(1, tag, true);
  view.setUint32(5, number % TWO_32, true);
  return PING_BYTES;
}

/** @returns the length in bytes */
export function encodeAbort(view: DataView, token: bigint, tag: number): number {
  view.setUint8(0, KIND.abort);
  view.setBigUint64(1, token, true);
  view.setUint32(9, tag, true);
  return ABORT_BYTES;
}

/** `ranges` newest first, at least one; what does not fit is left out, oldest first. @returns the length in bytes */
export function encodeAck(
  view: DataView,
  ack: {
    readonly tag: number;
    readonly delayMicros: number;
    readonly limitBytes: number;
    readonly ranges: readonly NumberRange[];
  },
): number {
  const newest = ack.ranges[0]!;
  view.setUint8(0, KIND.ack);
  view.setUint32(1, ack.tag, true);
  view.setUint32(5, newest.last % TWO_32, true);
  view.setUint32(9, Math.min(ack.delayMicros, TWO_32 - 1), true);
  setUint48(view, 13, ack.limitBytes);
  view.setUint32(19, Math.min(newest.last - newest.first, TWO_32 - 1), true);
  let at = ACK_FIXED_BYTES;
  let lowest = newest.first;
  for (let index = 1; index < ack.ranges.length && index <= RUDP_ACK_RANGES_MAX; index++) {
    const range = ack.ranges[index]!;
    const gap = lowest - range.last - 1;
    const length = range.last - range.first + 1;
    if (gap > UINT16_MAX) break;
    view.setUint16(at, gap, true);
    view.setUint16(at + 2, Math.min(length, UINT16_MAX), true);
    at += RANGE_BYTES;
    if (length > UINT16_MAX) break;
    lowest = range.first;
  }
  return at;
}

/**
 * The ranges of an Ack, newest first.
 *
 * @param largest - The full number whose low bits the Ack holds.
 * @returns undefined when a range is empty, touches its neighbour or goes below 0: no sender writes that
 */
export function ackRanges(view: DataView, largest: number): NumberRange[] | undefined {
  let lowest = largest - view.getUint32(19, true);
  const ranges: NumberRange[] = [{ first: lowest, last: largest }];
  for (let at = ACK_FIXED_BYTES; at < view.byteLength; at += RANGE_BYTES) {
    const gap = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (gap === 0 || length === 0) return undefined;
    const last = lowest - gap - 1;
    lowest = last - length + 1;
    ranges.push({ first: lowest, last });
  }
  return lowest < 0 ? undefined : ranges;
}

/** Reads a datagram; undefined when it is none. */
export function decodeDatagram(bytes: Uint8Array): RudpDatagram | undefined {
  const { length } = bytes;
  if (length < PING_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  const kind = view.getUint8(0);
  if (kind === KIND.data) {
    if (length <= DATA_HEADER_BYTES) return undefined;
    const { tag, number, sequence } = chunkHeader(view);
    return { kind: 'data', tag, number, sequence, chunk: bytes.subarray(DATA_HEADER_BYTES) };
  }
  if (kind === KIND.ack) return decodeAck(view);
  if (kind === KIND.ping && length === PING_BYTES) {
    return { kind: 'ping', tag: view.getUint32(1, true), number: view.getUint32(5, true) };
  }
  if (kind === KIND.fin && length === FIN_BYTES) return { kind: 'fin', ...chunkHeader(view) };
  if (kind === KIND.abort && length === ABORT_BYTES) {
    return { kind: 'abort', token: view.getBigUint64(1, true), tag: view.getUint32(9, true) };
  }
  return decodeHandshake(view);
}

function chunkHeader(view: DataView): { tag: number; number: number; sequence: number } {
  return { tag: view.getUint32(1, true), number: view.getUint32(5, true), sequence: view.getUint32(9, true) };
}

function decodeAck(view: DataView): RudpDatagram | undefined {
  const rest = view.byteLength - ACK_FIXED_BYTES;
  if (rest < 0 || rest % RANGE_BYTES !== 0 || rest > RANGE_BYTES * RUDP_ACK_RANGES_MAX) return undefined;
  return {
    kind: 'ack',
    tag: view.getUint32(1, true),
    largest: view.getUint32(5, true),
    delayMicros: view.getUint32(9, true),
    limitBytes: uint48(view, 13),
    view,
  };
}

const HANDSHAKE_KINDS = new Map<number, Handshake['kind']>([
  [KIND.syn, 'syn'],
  [KIND.synAck, 'synAck'],
  [KIND.confirm, 'confirm'],
]);

function decodeHandshake(view: DataView): Handshake | undefined {
  const kind = HANDSHAKE_KINDS.get(view.getUint8(0));
  if (kind === undefined || view.byteLength !== HANDSHAKE_BYTES || view.getUint8(1) !== RUDP_VERSION) return undefined;
  const identity = view.getUint32(10, true);
  const echo = view.getUint32(14, true);
  if (identity === 0 || (kind === 'syn') !== (echo === 0)) return undefined;
  return { kind, token: view.getBigUint64(2, true), identity, echo, limitBytes: uint48(view, 18) };
}

/** The full number nearest to `near` whose low 32 bits are given; never below 0. */
export function expandNumber(low: number, near: number): number {
  const base = near - (near % TWO_32) + low;
  if (base > near + TWO_32 / 2 && base >= TWO_32) return base - TWO_32;
  return base < near - TWO_32 / 2 ? base + TWO_32 : base;
}

/**
 * What generated codecs call: strings, floats, bytes, 64-bit numbers. Each function does one value and moves a position.
 *
 * Bad input throws the signal BAD, which carries nothing; the caller then lets `walk.ts` or `measure.ts` find out what is
 * wrong, where, and by which clause. So the fast path has no error handling and there is one place that words errors.
 */
import { readUtf8, utf8Length, writeUtf8 } from './utf8.ts';
import type { Slab } from './slab.ts';

/** The signal of bad bytes or a bad value. Made once: no stack is captured for what a peer may send at will. */
export const BAD = new Error('bad bytes or a bad value; always caught in codec.ts');

/** Where a generated reader stands; one object, reused. */
export type ReadCursor = { pos: number };

const scratch = new DataView(new ArrayBuffer(8));

/** Copies bytes; a loop is faster than the built-ins up to a few dozen bytes. */
function copyOut(b: Uint8Array, start: number, end: number): Uint8Array {
  const size = end - start;
  if (size > 48) return b.slice(start, end);
  const copy = new Uint8Array(size);
  for (let i = 0; i < size; i++) copy[i] = b[start + i]!;
  return copy;
}

/** Puts bytes at `p`; returns the position after them. */
export function putBytes(b: Uint8Array, p: number, value: Uint8Array): number {
  const size = value.length;
  if (size > 48) b.set(value, p);
  else for (let i = 0; i < size; i++) b[p + i] = value[i]!;
  return p + size;
}

/** Text longer than this is measured before room is made for it, shorter text is taken at three bytes a unit. */
const UNITS_ESTIMATED_MAX = 4096;

/** The room a string needs at most, its length prefix included. */
function roomForString(text: string): number {
  if (text.length <= UNITS_ESTIMATED_MAX) return 4 + 3 * text.length;
  const size = utf8Length(text);
  if (size < 0) throw BAD;
  return 4 + size;
}

/** Puts length and UTF-8 at `p`; room has been made. */
function putString(b: Uint8Array, p: number, text: string): number {
  const end = writeUtf8(b, p + 4, text);
  if (end < 0) throw BAD;
  putInt32(b, p, end - p - 4);
  return end;
}

/** The string in bytes `start` to `end`. */
function getString(b: Uint8Array, start: number, end: number): string {
  const text = readUtf8(b, start, end);
  if (text === undefined) throw BAD;
  return text;
}

/** Puts the low 32 bits of an integer. */
export function putInt32(b: Uint8Array, p: number, value: number): void {
  b[p] = value;
  b[p + 1] = value >> 8;
  b[p + 2] = value >> 16;
  b[p + 3] = value >> 24;
}

/** A signed 32-bit number. */
export function getInt32(b: Uint8Array, p: number): number {
  return b[p]! | (b[p + 1]! << 8) | (b[p + 2]! << 16) | (b[p + 3]! << 24);
}

const TWO_32 = 4_294_967_296;
const INT64_LOWEST = -(2n ** 63n);
const INT64_HIGHEST = 2n ** 63n - 1n;

/** Puts a safe integer or a bigint of 64 bits. */
function putInt64(b: Uint8Array, p: number, value: number | bigint): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw BAD;
    const low = value >>> 0;
    putInt32(b, p, low);
    putInt32(b, p + 4, (value - low) / TWO_32);
    return;
  }
  putBigInt64(b, p, value);
}

/** SER-026: in a Map `1` and `1n` are two keys, on the wire they are one. */
function refuseTwin(map: ReadonlyMap<unknown, unknown>, key: unknown): void {
  if (typeof key === 'bigint' && Number.isSafeInteger(Number(key)) && map.has(Number(key))) throw BAD;
}

/** Puts a bigint of 64 bits. */
function putBigInt64(b: Uint8Array, p: number, value: bigint): void {
  if (typeof value !== 'bigint' || value < INT64_LOWEST || value > INT64_HIGHEST) throw BAD;
  scratch.setBigInt64(0, value, true);
  for (let i = 0; i < 8; i++) b[p + i] = scratch.getUint8(i);
}

/** A number when the value is a safe integer, otherwise a bigint. */
export function getInt64(b: Uint8Array, p: number): number | bigint {
  const low = getInt32(b, p) >>> 0;
  const high = getInt32(b, p + 4);
  const value = high * TWO_32 + low; // Exact whenever `high` is within 21 bits, which is tested first.
  if (high >= -0x20_0000 && high < 0x20_0000 && value !== -9_007_199_254_740_992) return value;
  return getBigInt64(b, p);
}

/** A 64-bit number as bigint. */
export function getBigInt64(b: Uint8Array, p: number): bigint {
  for (let i = 0; i < 8; i++) scratch.setUint8(i, b[p + i]!);
  return scratch.getBigInt64(0, true);
}

/** Puts a number, rounded to single precision. */
function putFloat32(b: Uint8Array, p: number, value: number): void {
  scratch.setFloat32(0, value, true);
  for (let i = 0; i < 4; i++) b[p + i] = scratch.getUint8(i);
}

/** A single-precision number. */
export function getFloat32(b: Uint8Array, p: number): number {
  for (let i = 0; i < 4; i++) scratch.setUint8(i, b[p + i]!);
  return scratch.getFloat32(0, true);
}

/** Puts a double-precision number. */
function putFloat64(b: Uint8Array, p: number, value: number): void {
  scratch.setFloat64(0, value, true);
  for (let i = 0; i < 8; i++) b[p + i] = scratch.getUint8(i);
}

/** A double-precision number. */
export function getFloat64(b: Uint8Array, p: number): number {
  for (let i = 0; i < 8; i++) scratch.setUint8(i, b[p + i]!);
  return scratch.getFloat64(0, true);
}

/** The functions above under the names generated code uses. */
export const runtime = {
  BAD,
  copyOut,
  putBytes,
  roomForString,
  putString,
  getString,
  putInt32,
  getInt32,
  putInt64,
  getInt64,
  refuseTwin,
  putBigInt64,
  getBigInt64,
  putFloat32,
  getFloat32,
  putFloat64,
  getFloat64,
} as const;

/** A generated writer: puts `value` at the slab's position. */
type GeneratedWriter = (slab: Slab, value: unknown, depth: number) => void;
/** A generated reader: takes one value from `pos`, not looking past `end`; leaves the cursor after it. */
type GeneratedReader = (cursor: ReadCursor, bytes: Uint8Array, pos: number, end: number, depth: number) => unknown;
/** What is generated for one contract or one bare type. */
export type GeneratedCodec = { write: GeneratedWriter; read: GeneratedReader };

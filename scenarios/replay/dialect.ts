/**
 * Guesses from the first bytes of a connection whether it speaks the protocol, and with which N (maximum UserID length).
 *
 * N is not on the wire: two ends have to agree on it outside. But a header read with the wrong N has ids with padding that
 * is not zero, or a body that is no body, so the first message tells. Guessing is all this does; nothing is judged here.
 */
import { bodyOf, contracts, messageByType } from '../../spec/grammar/index.ts';
import {
  CLIENT_TYPE_MAX,
  headerBytes,
  MESSAGE_BYTES_MAX_DEFAULT,
  START_TOKEN,
  USER_ID_BYTES_HIGHEST,
  USER_ID_BYTES_LOWEST,
  USER_ID_BYTES_MAX_DEFAULT,
} from '../../spec/limits.ts';
import { isUtf8, walkBody } from '../../impl/wire/index.ts';

/** How sure a guess is. `strong`: a whole message whose body is exactly what its type says. `weak`: a header that can be one. */
export type Certainty = 'none' | 'weak' | 'strong';

export type Dialect = { readonly userIdBytesMax: number; readonly certainty: Certainty };

/** True when the bytes begin as every message does, as far as they go. */
export function startsLikeMessage(bytes: Uint8Array): boolean {
  return bytes[0] === START_TOKEN && (bytes.length < 2 || bytes[1]! <= CLIENT_TYPE_MAX);
}

/**
 * The N with which the beginning of a stream makes sense; the default is preferred, then the smallest.
 * @param isFromServer who sent the bytes; undefined when not known
 * @param candidates values of N to try; all when absent
 */
export function guessDialect(
  bytes: Buffer,
  isFromServer: boolean | undefined,
  candidates: readonly number[] = ALL_CANDIDATES,
): Dialect {
  let weak: Dialect = { userIdBytesMax: USER_ID_BYTES_MAX_DEFAULT, certainty: 'none' };
  if (!startsLikeMessage(bytes)) return weak;
  for (const userIdBytesMax of candidates) {
    const certainty = certaintyOf(bytes, userIdBytesMax, isFromServer);
    if (certainty === 'strong') return { userIdBytesMax, certainty };
    if (certainty === 'weak' && weak.certainty === 'none') weak = { userIdBytesMax, certainty };
  }
  return weak;
}

const ALL_CANDIDATES: readonly number[] = [
  USER_ID_BYTES_MAX_DEFAULT,
  ...Array.from({ length: USER_ID_BYTES_HIGHEST }, (_, index) => index + USER_ID_BYTES_LOWEST).filter(
    (n) => n !== USER_ID_BYTES_MAX_DEFAULT,
  ),
];

function certaintyOf(bytes: Buffer, n: number, isFromServer: boolean | undefined): Certainty {
  const headerSize = headerBytes(n);
  if (bytes.length < headerSize || !isId(bytes, 12, n) || !isId(bytes, 13 + n, n)) return 'none';
  const bodyLength = bytes.readInt32LE(4);
  const end = headerSize + bodyLength;
  if (bodyLength < 0 || end > MESSAGE_BYTES_MAX_DEFAULT || messageByType(bytes.readUInt16LE(2)) === undefined)
    return 'none';
  if (bytes.length < end) return 'weak';
  if (end < bytes.length && !startsLikeMessage(bytes.subarray(end))) return 'none';
  const sides = isFromServer === undefined ? [false, true] : [isFromServer];
  return sides.some((side) => isBodyOf(bytes.readUInt16LE(2), side, bytes.subarray(headerSize, end)))
    ? 'strong'
    : 'none';
}

function isId(bytes: Buffer, at: number, n: number): boolean {
  const length = bytes[at]!;
  if (length > n || !isUtf8(bytes, at + 1, at + 1 + length)) return false;
  for (let index = at + 1 + length; index <= at + n; index += 1) if (bytes[index] !== 0) return false;
  return true;
}

function isBodyOf(type: number, isFromServer: boolean, body: Buffer): boolean {
  const expected = bodyOf(type, isFromServer);
  if (expected === null || expected === undefined) return body.length === 0;
  if (body.length === 0) return expected.optional;
  return walkBody({ object: expected.contract }, contracts, body) === undefined;
}

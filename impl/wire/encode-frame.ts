/**
 * Header (and body) to bytes. Refuses what a receiver would refuse, so that a mistake shows where it was made.
 *
 * The bytes are a view into a shared block that is never rewritten (see `slab.ts`). Which ids a user may have is the
 * engine's business (LIM-003); here an id only has to fit.
 */
import {
  CLIENT_TYPE_MAX,
  headerBytes,
  MESSAGE_BYTES_HIGHEST,
  MESSAGE_TYPE_MAX,
  SERVER_ID,
  START_TOKEN,
  USER_ID_BYTES_HIGHEST,
  USER_ID_BYTES_LOWEST,
} from '../../spec/limits.ts';
import { putBytes, putInt32 } from './codec-runtime.ts';
import { writeInSlab } from './codec.ts';
import type { Codec } from './codec.ts';
import { integerIn } from './frame-limits.ts';
import type { FrameLimits } from './frame-limits.ts';
import { describeValue, LocalProtocolError } from './local-error.ts';
import type { Slab } from './slab.ts';
import { utf8Length, writeUtf8 } from './utf8.ts';

/** What a header says, the body length aside. */
export type FrameHeader = {
  /** 0 to 8 (FRM-005). */
  readonly clientType: number;
  /** 0 to 65535 (FRM-007). */
  readonly messageType: number;
  /** Signed 32-bit (FRM-011). */
  readonly messageId: number;
  /** At most N bytes of UTF-8; a server sends `_0` (FRM-016). */
  readonly sourceId: string;
  /** At most N bytes of UTF-8; empty or `_0` is the server. */
  readonly destId: string;
};

/**
 * One message: header, then the body as it is; null is an empty body (FRM-021).
 * @param userIdBytesMax N, 1 to 255
 * @throws LocalProtocolError E_ARGUMENT, E_USER_ID (an id longer than N), E_MESSAGE_SIZE
 */
export function encodeFrame(
  header: FrameHeader,
  body: Uint8Array | null,
  userIdBytesMax: number,
  messageBytesMax: number = MESSAGE_BYTES_HIGHEST,
): Uint8Array {
  const bodySize = body === null ? 0 : body.length;
  return writeInSlab(messageBytesMax, (slab) => {
    writeHeader(slab, header, userIdBytesMax, bodySize);
    if (body === null || bodySize === 0) return;
    if (slab.bytes.length - slab.pos < bodySize) slab.grow(bodySize);
    slab.pos = putBytes(slab.bytes, slab.pos, body);
  });
}

/**
 * One message whose body is a value; null is an empty body (FRM-021).
 * @throws LocalProtocolError E_ARGUMENT, E_USER_ID, and E_MESSAGE_SIZE when header and body pass the limit (LIM-007)
 */
export function encodeMessage<Value>(
  header: FrameHeader,
  codec: Codec<Value>,
  value: Value | null,
  limits: FrameLimits,
): Uint8Array {
  return writeInSlab(limits.messageBytesMax, (slab) => {
    writeHeader(slab, header, limits.userIdBytesMax, 0);
    if (value === null) return;
    const bodyAt = slab.pos - slab.base;
    codec.writeTo(slab, value);
    putInt32(slab.bytes, slab.base + BODY_LENGTH_AT, slab.pos - slab.base - bodyAt);
  });
}

const BODY_LENGTH_AT = 4;

function writeHeader(slab: Slab, header: FrameHeader, userIdBytesMax: number, bodySize: number): void {
  integerIn('userIdBytesMax', 'LIM-002', userIdBytesMax, USER_ID_BYTES_LOWEST, USER_ID_BYTES_HIGHEST);
  integerIn('clientType', 'FRM-005', header.clientType, 0, CLIENT_TYPE_MAX);
  integerIn('messageType', 'FRM-007', header.messageType, 0, MESSAGE_TYPE_MAX);
  integerIn('messageId', 'FRM-011', header.messageId, -0x8000_0000, 0x7fff_ffff);
  const size = headerBytes(userIdBytesMax);
  if (slab.bytes.length - slab.pos < size) slab.grow(size);
  const { bytes, pos } = slab;
  bytes[pos] = START_TOKEN;
  bytes[pos + 1] = header.clientType;
  bytes[pos + 2] = header.messageType;
  bytes[pos + 3] = header.messageType >> 8;
  putInt32(bytes, pos + BODY_LENGTH_AT, bodySize);
  putInt32(bytes, pos + 8, header.messageId);
  writeId(bytes, pos + 12, 'sourceId', header.sourceId, userIdBytesMax);
  writeId(bytes, pos + 13 + userIdBytesMax, 'destId', header.destId, userIdBytesMax);
  slab.pos = pos + size;
}

function writeId(bytes: Uint8Array, at: number, what: string, id: string, userIdBytesMax: number): void {
  if (typeof id !== 'string') {
    throw new LocalProtocolError('E_ARGUMENT', 'FRM-013', `${what} must be a string, got ${describeValue(id)}`);
  }
  // The server's id needs two bytes; where they do not fit the server is the empty id (FRM-031).
  const sent = id === SERVER_ID && userIdBytesMax < SERVER_ID.length ? '' : id;
  const length = utf8Length(sent);
  if (length < 0)
    throw new LocalProtocolError('E_USER_ID', 'FRM-013', `${what} has a lone surrogate and no UTF-8 form`);
  if (length > userIdBytesMax) {
    const detail = `${what} ${describeValue(id)} takes ${length} bytes, the limit is ${userIdBytesMax}`;
    throw new LocalProtocolError('E_USER_ID', 'LIM-003', detail);
  }
  bytes[at] = length;
  const end = writeUtf8(bytes, at + 1, sent);
  bytes.fill(0, end, at + 1 + userIdBytesMax);
}

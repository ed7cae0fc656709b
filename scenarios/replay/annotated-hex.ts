/**
 * A message as an annotated hexdump: sixteen bytes a line, and beside or below them what they mean.
 *
 * Slow on purpose, for reports only. Works on whole, cut-off and invalid messages alike.
 */
import { bodyOf, bytesByRule, contracts, enumValueName, headerFields } from '../../spec/grammar/index.ts';
import { headerBytes } from '../../spec/limits.ts';
import { readUtf8, walkBody, type WalkStep } from '../../impl/wire/index.ts';
import { nameOf } from './wording.ts';

export type HexOptions = {
  readonly userIdBytesMax: number;
  readonly isFromServer: boolean;
  /** Bytes of the message that is shown; more are left out and counted. Default 256. */
  readonly shownBytesMax?: number;
  /** Bytes the message has in all, when `bytes` is only its beginning. */
  readonly totalBytes?: number;
};

type Part = { readonly offset: number; readonly length: number; readonly text: string };

/** Bytes of one line. */
const LINE_BYTES = 16;

/** The dump: one line for each header field and each piece of the body, with offset, bytes, and meaning. */
export function annotatedHex(bytes: Uint8Array, options: HexOptions): string {
  const shownMax = options.shownBytesMax ?? 256;
  const parts = [...headerParts(bytes, options), ...bodyParts(bytes, options)];
  const lines: string[] = [];
  let at = 0;
  for (const part of parts) {
    if (part.offset >= shownMax) break;
    if (part.offset > at) lines.push(...partLines(bytes, { offset: at, length: part.offset - at, text: '' }, shownMax));
    lines.push(...partLines(bytes, part, shownMax));
    at = part.offset + part.length;
  }
  if (at < Math.min(bytes.length, shownMax)) {
    lines.push(...partLines(bytes, { offset: at, length: bytes.length - at, text: '(not read)' }, shownMax));
  }
  const total = options.totalBytes ?? bytes.length;
  if (total > shownMax) lines.push(`      ... ${total - Math.min(shownMax, bytes.length)} more bytes`);
  return lines.join('\n');
}

function partLines(bytes: Uint8Array, part: Part, shownMax: number): string[] {
  const end = Math.min(part.offset + part.length, bytes.length, shownMax);
  const lines: string[] = [];
  for (let from = part.offset; from < end; from += LINE_BYTES) {
    const hex = [...bytes.subarray(from, Math.min(from + LINE_BYTES, end))]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(' ');
    const text = from === part.offset ? part.text : '';
    lines.push(`${from.toString(16).padStart(4, '0')}  ${hex.padEnd(LINE_BYTES * 3)} ${text}`.trimEnd());
  }
  return lines;
}

function headerParts(bytes: Uint8Array, { userIdBytesMax }: HexOptions): Part[] {
  const parts: Part[] = [];
  for (const field of headerFields) {
    const offset = bytesByRule(field.offset, userIdBytesMax);
    const length = Math.min(bytesByRule(field.size, userIdBytesMax), bytes.length - offset);
    if (length <= 0) break;
    const value = fieldValue(field.name, bytes.subarray(offset, offset + length));
    parts.push({ offset, length, text: `${field.name} ${value}`.trimEnd() });
  }
  return parts;
}

function fieldValue(name: string, bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (name === 'startToken') return bytes[0] === 0xe5 ? '' : 'is not e5';
  if (name === 'clientType') return `${bytes[0]!} ${enumValueName('ClientType', bytes[0]!) ?? '(unknown)'}`;
  if (name === 'messageType')
    return bytes.length < 2 ? '' : `${view.getUint16(0, true)} ${nameOf(view.getUint16(0, true))}`;
  if (name === 'sourceId' || name === 'destId') return userIdText(bytes);
  return bytes.length < 4 ? '' : String(view.getInt32(0, true));
}

function userIdText(bytes: Uint8Array): string {
  const length = bytes[0]!;
  if (length > bytes.length - 1) return `length ${length} exceeds ${bytes.length - 1}`;
  const text = readUtf8(bytes, 1, 1 + length);
  if (text === undefined) return 'is not UTF-8';
  return length === 0 ? '(empty: the server)' : JSON.stringify(text);
}

function bodyParts(bytes: Uint8Array, { userIdBytesMax, isFromServer }: HexOptions): Part[] {
  const start = headerBytes(userIdBytesMax);
  if (bytes.length <= start) return [];
  const expected = bodyOf(bytes[2]! | (bytes[3]! << 8), isFromServer);
  if (expected === null || expected === undefined) return [];
  const parts: Part[] = [];
  const error = walkBody({ object: expected.contract }, contracts, bytes.subarray(start), (step: WalkStep) => {
    const what = step.path === '' ? step.what : `${step.path} (${step.what})`;
    const value = step.value.length > 40 ? `${step.value.slice(0, 40)}...` : step.value;
    parts.push({ offset: start + step.offset, length: step.length, text: `${what} ${value}`.trimEnd() });
  });
  // Of a message that is not whole the end of the walk says nothing.
  if (error !== undefined) {
    const offset = start + error.offset;
    parts.push({ offset, length: bytes.length - offset, text: `<-- ${error.detail}` });
  }
  return parts;
}

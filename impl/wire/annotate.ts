/**
 * Takes bytes of a stream apart for people: every field of every message with its offset, its bytes, its value, and a mark
 * where something is wrong. Made from the grammar; for reports and the command line, not for speed.
 *
 * `annotate` gives text, `annotations` the same as data. Neither throws, whatever the bytes.
 */
import {
  enumValueName,
  bodyOf,
  bytesByRule,
  contracts,
  headerFields,
  messageByType,
} from '../../spec/grammar/index.ts';
import type { HeaderField } from '../../spec/grammar/index.ts';
import { headerBytes, SERVER_ID } from '../../spec/limits.ts';
import { getInt32 } from './codec-runtime.ts';
import { FrameDecoder } from './frame-decoder.ts';
import type { FrameError } from './frame-decoder.ts';
import type { FrameLimits } from './frame-limits.ts';
import { readUtf8 } from './utf8.ts';
import { walkBody } from './walk.ts';

/** One field as it stands in the bytes. */
export type Annotation = {
  /** Bytes from the start of the given bytes. */
  readonly offset: number;
  readonly length: number;
  /** Levels of nesting: 0 for a message's title, 1 for its header, 2 and more for its body. */
  readonly depth: number;
  readonly label: string;
  readonly value: string;
  /** What is wrong here, with its clause; absent when nothing is. */
  readonly problem?: string;
};

/** The bytes, message by message, as text: offset, hex, field, value; a line `^^` names what is wrong. */
export function annotate(bytes: Uint8Array, limits: FrameLimits): string {
  return formatAnnotations(bytes, annotations(bytes, limits));
}

/** The fields of every message in the bytes, up to the first fault of the framing. */
export function annotations(bytes: Uint8Array, limits: FrameLimits): Annotation[] {
  const out: Annotation[] = [];
  let at = 0;
  while (at < bytes.length) {
    const next = annotateMessage(bytes, at, limits, out);
    if (next === undefined) break;
    at = next;
  }
  return out;
}

/** Adds one message; returns where the next begins, or undefined after a fault. */
function annotateMessage(bytes: Uint8Array, start: number, limits: FrameLimits, out: Annotation[]): number | undefined {
  const seen = { size: 0, type: 0, fromServer: false };
  const decoder = new FrameDecoder(limits);
  const rest = bytes.subarray(start);
  const error =
    decoder.push(rest, (frame) => {
      seen.size = headerBytes(limits.userIdBytesMax) + frame.bodyLength;
      seen.type = frame.messageType;
      // An empty sender is the server only where its name does not fit (FRM-031); else it is a client that has none yet.
      seen.fromServer =
        frame.sourceId() === SERVER_ID || (limits.userIdBytesMax < SERVER_ID.length && frame.sourceIsServer());
      return false;
    }) ?? (seen.size === 0 ? decoder.end() : undefined);
  if (error !== undefined) {
    annotateBroken(bytes, start, limits, error, out);
    return undefined;
  }
  const name = messageByType(seen.type)?.name ?? `message of unknown type ${seen.type}`;
  out.push({ offset: start, length: 0, depth: 0, label: name, value: `${seen.size} bytes` });
  for (const field of headerFields) out.push(headerLine(bytes, start, field, limits.userIdBytesMax));
  const bodyAt = start + headerBytes(limits.userIdBytesMax);
  annotateBody(bytes.subarray(bodyAt, start + seen.size), bodyAt, seen.type, seen.fromServer, out);
  return start + seen.size;
}

function headerLine(bytes: Uint8Array, start: number, field: HeaderField, n: number): Annotation {
  const offset = start + bytesByRule(field.offset, n);
  const length = bytesByRule(field.size, n);
  return { offset, length, depth: 1, label: field.name, value: headerValue(bytes, offset, field, n) };
}

function headerValue(bytes: Uint8Array, at: number, { name, type }: HeaderField, n: number): string {
  const first = bytes[at]!;
  if (name === 'startToken') return `0x${hexOf(bytes, at, 1).toUpperCase()}`;
  if (name === 'clientType') return `${first} ${enumValueName('ClientType', first) ?? '(undefined)'}`;
  if (type === 'uint16') {
    const number = first | (bytes[at + 1]! << 8);
    return `${number} ${messageByType(number)?.name ?? '(unknown)'}`;
  }
  if (type === 'int32') return String(getInt32(bytes, at));
  const text = first <= n ? readUtf8(bytes, at + 1, at + 1 + first) : undefined;
  return `length ${first} ${text === undefined ? '' : JSON.stringify(text)}`.trimEnd();
}

/** A message that is incomplete or at fault: the header fields that are there, the fault at its field, the rest as bytes. */
function annotateBroken(
  bytes: Uint8Array,
  start: number,
  limits: FrameLimits,
  error: FrameError,
  out: Annotation[],
): void {
  const n = limits.userIdBytesMax;
  const faultAt = start + error.streamOffset;
  const problem = `${error.kind} (${error.clause}): ${error.detail}`;
  out.push({ offset: start, length: 0, depth: 0, label: 'invalid message', value: `${bytes.length - start} bytes` });
  let end = start;
  let marked = false;
  for (const field of headerFields) {
    const line = headerLine(bytes, start, field, n);
    if (line.offset + line.length > bytes.length) break;
    end = line.offset + line.length;
    const here: boolean = !marked && faultAt >= line.offset && faultAt < end;
    out.push(here ? { ...line, problem } : line);
    marked ||= here;
    // What follows another token is not a message of this protocol; its fields would say nothing.
    if (error.kind === 'InvalidToken') break;
  }
  const left = {
    offset: end,
    length: bytes.length - end,
    depth: 1,
    label: 'rest',
    value: `${bytes.length - end} bytes`,
  };
  if (!marked) out.push({ ...left, problem });
  else if (left.length > 0) out.push(left);
}

function annotateBody(body: Uint8Array, bodyAt: number, type: number, fromServer: boolean, out: Annotation[]): void {
  const of = bodyOf(type, fromServer);
  const whole = { offset: bodyAt, length: body.length, depth: 2, label: 'body', value: `${body.length} bytes` };
  if (body.length === 0) {
    if (of === undefined || of === null || of.optional || messageByType(type)?.reserved === true) return;
    out.push({ ...whole, problem: `DataLacked (FRM-028): the body is empty where ${of.contract} is needed` });
    return;
  }
  if (of === undefined || of === null) {
    out.push(whole);
    return;
  }
  let end = 0;
  const error = walkBody({ object: of.contract }, contracts, body, (step) => {
    end = step.offset + step.length;
    const label = `${step.path === '' ? '' : `${step.path}: `}${step.what}`;
    out.push({ offset: bodyAt + step.offset, length: step.length, depth: 1 + step.depth, label, value: step.value });
  });
  if (error === undefined) return;
  const problem = `DataLacked (FRM-019): ${error.code} (${error.clause})${error.path === '' ? '' : ` at ${error.path}`}: ${error.detail}`;
  // Nobody reads the body of a reserved type, so nothing can be wrong with it (FRM-008).
  const marked = messageByType(type)?.reserved === true ? {} : { problem };
  // The fault lies at a field that is already listed, such as an object's length, or where listing stopped.
  const at = out.findIndex((each) => each.depth > 1 && each.offset === bodyAt + error.offset);
  const rest = { offset: bodyAt + end, length: body.length - end, depth: 2, label: 'not decoded', value: '' };
  if (at >= 0) out[at] = { ...out[at]!, ...marked };
  if (at < 0) out.push({ ...rest, ...marked });
  else if (rest.length > 0) out.push(rest);
}

/** Bytes shown on one line. */
const BYTES_PER_LINE = 16;
/** Lines shown of one field; what is longer is cut in the middle. */
const LINES_PER_FIELD_MAX = 8;

/** Annotations as text, with the bytes beside them. */
export function formatAnnotations(bytes: Uint8Array, list: readonly Annotation[]): string {
  const lines: string[] = [];
  for (const { offset, length, depth, label, value, problem } of list) {
    const text = `${'  '.repeat(depth)}${label}${value === '' ? '' : ` = ${value}`}`;
    lines.push(line(offset, hexOf(bytes, offset, Math.min(length, BYTES_PER_LINE)), text));
    const rest = Math.ceil(length / BYTES_PER_LINE) - 1;
    for (let k = 1; k <= Math.min(rest, LINES_PER_FIELD_MAX - 1); k++) {
      const at = offset + k * BYTES_PER_LINE;
      lines.push(line(at, hexOf(bytes, at, Math.min(BYTES_PER_LINE, offset + length - at)), ''));
    }
    const hidden = length - LINES_PER_FIELD_MAX * BYTES_PER_LINE;
    if (hidden > 0) lines.push(line(undefined, `... ${hidden} bytes more`, ''));
    if (problem !== undefined) lines.push(line(undefined, '^^', `${'  '.repeat(depth)}${problem}`));
  }
  return `${lines.join('\n')}\n`;
}

function line(offset: number | undefined, hex: string, text: string): string {
  const at = offset === undefined ? '      ' : offset.toString(16).padStart(6, '0');
  return `${at}  ${hex.padEnd(3 * BYTES_PER_LINE - 1)}  ${text}`.trimEnd();
}

function hexOf(bytes: Uint8Array, at: number, length: number): string {
  return Array.from(bytes.subarray(at, at + length), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/**
 * A second decoder, written from the chapters 1 and 2 of the specification alone, to compare the engine's with.
 *
 * Slow and obvious on purpose: it looks at the whole stream at once, copies freely and shares no code with `impl/wire`.
 * It takes only data from `spec/grammar` (which properties a contract has), not its functions. It never throws on bytes.
 */
import type { MessageInvalidKind } from '../../spec/errors.ts';
import { contracts, messages } from '../../spec/grammar/index.ts';
import type { Contract, FieldType, Message } from '../../spec/grammar/index.ts';

export type OracleLimits = { readonly userIdBytesMax: number; readonly messageBytesMax: number };

export type OracleMessage = {
  readonly clientType: number;
  readonly messageType: number;
  readonly messageId: number;
  readonly sourceId: string;
  readonly destId: string;
  readonly body: Uint8Array;
};

export type OracleStream = {
  readonly messages: readonly OracleMessage[];
  /** The check that failed first, and where its message starts; undefined when the stream may go on. */
  readonly error: { readonly kind: MessageInvalidKind; readonly offset: number } | undefined;
  /** Bytes of the last message, which is not complete. */
  readonly leftBytes: number;
};

/** Chapter 1: cuts a stream into messages. Bodies are not looked at. */
export function oracleStream(stream: Uint8Array, limits: OracleLimits): OracleStream {
  const found: OracleMessage[] = [];
  const n = limits.userIdBytesMax;
  const headerBytes = 12 + 2 * (1 + n);
  let offset = 0;
  for (;;) {
    const rest = stream.slice(offset);
    const fail = (kind: MessageInvalidKind): OracleStream => ({
      messages: found,
      error: { kind, offset },
      leftBytes: rest.length,
    });
    // FRM-027: no more bytes are waited for than a check needs.
    if (rest.length >= 1 && rest[0] !== 0xe5) return fail('InvalidToken');
    if (rest.length >= 2 && rest[1]! > 8) return fail('InvalidClientType');
    if (rest.length < headerBytes) return { messages: found, error: undefined, leftBytes: rest.length };
    const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
    const sourceId = oracleUserId(rest.slice(12, 13 + n), n);
    const destId = oracleUserId(rest.slice(13 + n, 14 + 2 * n), n);
    if (sourceId === undefined || destId === undefined) return fail('InvalidHeader');
    const bodyLength = view.getInt32(4, true);
    if (bodyLength < 0) return fail('InvalidHeader');
    if (headerBytes + bodyLength > limits.messageBytesMax) return fail('MessageSizeOverflow');
    if (rest.length < headerBytes + bodyLength) return { messages: found, error: undefined, leftBytes: rest.length };
    found.push({
      clientType: rest[1]!,
      messageType: view.getUint16(2, true),
      messageId: view.getInt32(8, true),
      sourceId,
      destId,
      body: rest.slice(headerBytes, headerBytes + bodyLength),
    });
    offset += headerBytes + bodyLength;
  }
}

/** FRM-013, FRM-014: length byte, UTF-8, padding that is not looked at. */
function oracleUserId(field: Uint8Array, n: number): string | undefined {
  const length = field[0]!;
  return length > n ? undefined : utf8(field.slice(1, 1 + length));
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Strict UTF-8; the platform's own decoder, which the engine does not use. */
function utf8(bytes: Uint8Array): string | undefined {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A value, or the fact that the bytes are not one. */
export type OracleValue = { readonly ok: true; readonly value: unknown } | { readonly ok: false };

/** Chapter 1.5 and FRM-019, FRM-023, FRM-028, SER-028: the body of a message, told by type and by who sent it. */
export function oracleBody(type: number, isFromServer: boolean, body: Uint8Array): OracleValue {
  const message: Message | undefined = messages.find((each) => each.type === type);
  // FRM-008: the body of a type that is unknown or reserved is nobody's business.
  if (message === undefined || message.reserved === true) return { ok: true, value: null };
  const isReply = isFromServer && message.direction === 'clientToServer' && message.reply !== undefined;
  const expected = isReply ? message.reply : message.body;
  if (!expected) return { ok: true, value: null };
  const isNull = body.length === 0 || (body.length === 4 && body.every((byte) => byte === 0xff));
  if (isNull) return expected.optional ? { ok: true, value: null } : { ok: false };
  return oracleValue({ object: expected.contract }, body);
}

/** Chapter 2: exactly one value of the type, and nothing after it. An object that is null is a value. */
export function oracleValue(type: FieldType, bytes: Uint8Array): OracleValue {
  const input = { bytes, at: 0 };
  try {
    const value = take(input, type, 1);
    return input.at === bytes.length ? { ok: true, value } : { ok: false };
  } catch (thrown) {
    if (thrown instanceof Refused) return { ok: false };
    throw thrown;
  }
}

class Refused extends Error {}

type Input = { readonly bytes: Uint8Array; at: number };

function takeBytes(input: Input, count: number): Uint8Array {
  if (count < 0 || count > input.bytes.length - input.at) throw new Refused();
  input.at += count;
  return input.bytes.slice(input.at - count, input.at);
}

function view(input: Input, count: number): DataView {
  return new DataView(takeBytes(input, count).buffer);
}

function takeInt32(input: Input): number {
  const { bytes, at } = input;
  if (bytes.length - at < 4) throw new Refused();
  input.at += 4;
  return bytes[at]! + bytes[at + 1]! * 0x100 + bytes[at + 2]! * 0x1_0000 + ((bytes[at + 3]! << 24) >> 24) * 0x100_0000;
}

/** SER-010, SER-012, SER-013, SER-014: -1, or a count of at least 0. */
function takeCount(input: Input): number {
  const count = takeInt32(input);
  if (count < -1) throw new Refused();
  return count;
}

function take(input: Input, type: FieldType, level: number): unknown {
  if (typeof type === 'string') return takeSimple(input, type, level);
  if ('enum' in type) return takeInt32(input);
  if ('list' in type) return takeList(input, type.list, level);
  if ('dict' in type) return takeDictionary(input, type.dict, level);
  return takeObject(input, fieldsOf(type.object), level);
}

function takeSimple(input: Input, type: Extract<FieldType, string>, level: number): unknown {
  switch (type) {
    case 'bool':
      return takeBool(input);
    case 'byte':
      return takeBytes(input, 1)[0];
    case 'int16':
      return view(input, 2).getInt16(0, true);
    case 'int32':
      return takeInt32(input);
    case 'int64': {
      const value = view(input, 8).getBigInt64(0, true);
      return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    }
    case 'dateTime':
      return view(input, 8).getBigInt64(0, true);
    case 'float32':
      return view(input, 4).getFloat32(0, true);
    case 'float64':
      return view(input, 8).getFloat64(0, true);
    case 'string':
      return takeString(input);
    case 'bytes': {
      const length = takeCount(input);
      return length === -1 ? null : takeBytes(input, length);
    }
    case 'color': {
      const [R, G, B] = takeBytes(input, 3);
      return { R, G, B };
    }
    case 'font':
      return takeObject(input, SIMPLE_FONT, level);
    case 'image':
      return takeImage(input);
  }
}

/** SER-005. */
function takeBool(input: Input): boolean {
  const byte = takeBytes(input, 1)[0]!;
  if (byte > 1) throw new Refused();
  return byte === 1;
}

/** SER-009, SER-011. */
function takeString(input: Input): string | null {
  const length = takeCount(input);
  if (length === -1) return null;
  const text = utf8(takeBytes(input, length));
  if (text === undefined) throw new Refused();
  return text;
}

/** SER-022: the length counts the content only. */
function takeImage(input: Input): unknown {
  const length = takeCount(input);
  if (length === -1) return null;
  const IsGif = takeBool(input);
  return { IsGif, Content: takeBytes(input, length) };
}

/** SER-023: the outermost is level 1. */
function enter(level: number): void {
  if (level > 32) throw new Refused();
}

function takeList(input: Input, element: FieldType, level: number): unknown[] | null {
  const count = takeCount(input);
  if (count === -1) return null;
  enter(level);
  const list: unknown[] = [];
  // Elements take at least a byte each, so a count that lies ends in a refusal soon.
  for (let index = 0; index < count; index += 1) list.push(take(input, element, level + 1));
  return list;
}

/** SER-014, SER-026. */
function takeDictionary(
  input: Input,
  [keyType, valueType]: readonly [FieldType, FieldType],
  level: number,
): Map<unknown, unknown> | null {
  const count = takeCount(input);
  if (count === -1) return null;
  enter(level);
  const dictionary = new Map<unknown, unknown>();
  for (let index = 0; index < count; index += 1) {
    const key = take(input, keyType, level + 1);
    if (key === null || dictionary.has(key)) throw new Refused();
    dictionary.set(key, take(input, valueType, level + 1));
  }
  return dictionary;
}

type Fields = readonly { readonly name: string; readonly type: FieldType }[];

const SIMPLE_FONT: Fields = [
  { name: 'FontFamily', type: 'string' },
  { name: 'FontStyle', type: 'int32' },
  { name: 'Size', type: 'float32' },
];

const fieldsByName = new Map<string, Fields>();

/** SER-002: by character code. */
function fieldsOf(name: string): Fields {
  let fields = fieldsByName.get(name);
  if (fields === undefined) {
    const contract = (contracts as Readonly<Record<string, Contract>>)[name]!;
    const names = contract.fields.map((field) => field.name).sort();
    fields = names.map((each) => contract.fields.find((field) => field.name === each)!);
    fieldsByName.set(name, fields);
  }
  return fields;
}

/** SER-015, SER-016: the length counts itself. */
function takeObject(input: Input, fields: Fields, level: number): Readonly<Record<string, unknown>> | null {
  const length = takeInt32(input);
  if (length === -1) return null;
  if (length < 4) throw new Refused();
  enter(level);
  const inner = { bytes: takeBytes(input, length - 4), at: 0 };
  const value: Record<string, unknown> = {};
  for (const field of fields) value[field.name] = take(inner, field.type, level + 1);
  if (inner.at !== inner.bytes.length) throw new Refused();
  return value;
}

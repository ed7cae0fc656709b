/**
 * The codec verbs of the reference adapter: values as JSON (chapter 20, section 8) to and from the engine's codecs.
 */
import { codecs, defineType, FrameDecoder } from '../../impl/wire/index.ts';
import type { Codec, FrameLimits } from '../../impl/wire/index.ts';
import { contracts } from '../../spec/grammar/index.ts';
import type { ContractName, FieldType, ImageValue, SimpleType } from '../../spec/grammar/index.ts';
import type { Line } from './exec-reference-client.ts';

/** A refused encoding or decoding; the adapter answers `failed`. */
class CodecRefusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type Json = unknown;

/** The verb `decode`. @throws CodecRefusal when the bytes are no valid encoding. */
export function decodeBody(request: Line): Line {
  const bytes = unhex(request.hex);
  if (request.stream !== undefined) return { value: decodeStream(request.stream as FrameLimits, bytes) };
  const { codec, type } = subjectOf(request);
  const result = codec.decodeNullable(bytes);
  if (result.ok) return { value: toJson(type, result.value) };
  const { code, detail, offset } = result.error;
  throw new CodecRefusal(code, `${detail} at offset ${offset}`);
}

/** The verb `encode`. */
export function encodeBody(request: Line): Line {
  const { codec, type } = subjectOf(request);
  return { hex: Buffer.from(codec.encode(fromJson(type, request.value))).toString('hex') };
}

function decodeStream(limits: FrameLimits, bytes: Uint8Array): Line {
  const decoder = new FrameDecoder(limits);
  const messages: Line[] = [];
  const error = decoder.push(bytes, (frame) => {
    const { clientType, messageType, messageId } = frame;
    const ids = { sourceId: frame.sourceId(), destId: frame.destId() };
    messages.push({ clientType, messageType, messageId, ...ids, body: hex(frame.body()) });
  });
  return { messages, invalid: (error ?? decoder.end())?.kind ?? null };
}

function subjectOf(request: Line): { readonly codec: Codec<unknown>; readonly type: FieldType } {
  const { contract, type } = request as { contract?: string; type?: FieldType };
  if (type !== undefined) return { codec: defineType(type), type };
  if (contract === undefined || !Object.hasOwn(codecs, contract))
    throw new Error(`there is no contract ${String(contract)}`);
  return { codec: codecs[contract as ContractName], type: { object: contract } };
}

const FLOAT_WORDS = new Set(['NaN', 'Infinity', '-Infinity', '-0']);

/** The simple types whose JSON is not the value itself. */
const TO_JSON: Readonly<Partial<Record<SimpleType, (value: never) => Json>>> = {
  int64: (value: number | bigint) => String(value),
  dateTime: (value: bigint) => String(value),
  float32: floatToJson,
  float64: floatToJson,
  bytes: hex,
  image: ({ IsGif, Content }: ImageValue) => ({ IsGif, Content: hex(Content) }),
};
const FROM_JSON: Readonly<Partial<Record<SimpleType, (value: never) => unknown>>> = {
  int64: (text: string) => BigInt(text),
  dateTime: (text: string) => BigInt(text),
  float32: floatFromJson,
  float64: floatFromJson,
  bytes: unhex,
  image: ({ IsGif, Content }: { IsGif: boolean; Content: Json }) => ({ IsGif, Content: unhex(Content) }),
};

function floatToJson(value: number): Json {
  if (Object.is(value, -0)) return '-0';
  return Number.isFinite(value) ? value : String(value);
}

function floatFromJson(value: Json): Json {
  return typeof value === 'string' && FLOAT_WORDS.has(value) ? Number(value) : value;
}

function toJson(type: FieldType, value: unknown): Json {
  if (value === null) return null;
  if (typeof type !== 'string') return composedToJson(type, value);
  return TO_JSON[type]?.(value as never) ?? value;
}

type Composed = Exclude<FieldType, string>;

function composedToJson(type: Composed, value: unknown): Json {
  if ('list' in type) return (value as unknown[]).map((item) => toJson(type.list, item));
  if ('dict' in type) {
    const [keyType, valueType] = type.dict;
    return [...(value as Map<unknown, unknown>)].map(([key, item]) => [toJson(keyType, key), toJson(valueType, item)]);
  }
  if ('object' in type) return mapFields(type.object, value as Line, toJson);
  return value;
}

function fromJson(type: FieldType, value: Json): unknown {
  if (value === null) return null;
  if (typeof type !== 'string') return composedFromJson(type, value);
  return FROM_JSON[type]?.(value as never) ?? value;
}

function composedFromJson(type: Composed, value: Json): unknown {
  if ('list' in type) return (value as Json[]).map((item) => fromJson(type.list, item));
  if ('dict' in type) {
    const [keyType, valueType] = type.dict;
    return new Map((value as [Json, Json][]).map(([key, item]) => [fromJson(keyType, key), fromJson(valueType, item)]));
  }
  if ('object' in type) return mapFields(type.object, value as Line, fromJson);
  return value;
}

function mapFields(name: string, value: Line, each: (type: FieldType, member: unknown) => unknown): Line {
  const { fields } = contracts[name as ContractName];
  return Object.fromEntries(fields.map((field) => [field.name, each(field.type, value[field.name])]));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function unhex(text: Json): Uint8Array {
  return new Uint8Array(Buffer.from(text as string, 'hex'));
}

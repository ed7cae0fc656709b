/**
 * The serializer of chapter 2 once more, in the plainest words: values to hex. Shares nothing with the codecs but the grammar's
 * data, so that a fault of theirs cannot be repeated here. Also the values of the test vectors, and random values.
 */
import * as fc from 'fast-check';
import { contracts } from '../../../spec/grammar/index.ts';
import type { Contract, FieldType, SimpleType } from '../../../spec/grammar/index.ts';
import { hexOf, i32, i64, obj, prefixed, u8, unhex, utf8Hex } from '../framing/bytes.ts';

type Fields = Readonly<Record<string, unknown>>;

function contractOf(name: string): Contract {
  return (contracts as Readonly<Record<string, Contract>>)[name]!;
}

function float(value: number, size: 4 | 8): string {
  const view = new DataView(new ArrayBuffer(size));
  if (size === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return hexOf(new Uint8Array(view.buffer));
}

const SIMPLE: Readonly<Record<SimpleType, (value: never) => string>> = {
  bool: (value: boolean) => u8(value ? 1 : 0),
  byte: (value: number) => u8(value),
  int16: (value: number) => u8(value) + u8(value >> 8),
  int32: (value: number) => i32(value),
  int64: (value: number | bigint) => i64(BigInt(value)),
  float32: (value: number) => float(value, 4),
  float64: (value: number) => float(value, 8),
  dateTime: (value: bigint) => i64(value),
  color: ({ R, G, B }: { R: number; G: number; B: number }) => u8(R) + u8(G) + u8(B),
  string: (value: string) => prefixed(utf8Hex(value)),
  bytes: (value: Uint8Array) => prefixed(hexOf(value)),
  image: ({ IsGif, Content }: { IsGif: boolean; Content: Uint8Array }) =>
    i32(Content.length) + u8(IsGif ? 1 : 0) + hexOf(Content),
  font: (value: Fields) => handWritten({ object: 'SimpleFont' }, value),
};

/** The bytes of a value as hex. */
export function handWritten(type: FieldType, value: unknown): string {
  if (value === null) return i32(-1);
  if (typeof type === 'string') return SIMPLE[type](value as never);
  if ('enum' in type) return i32(value as number);
  if ('list' in type) {
    const items = value as unknown[];
    return i32(items.length) + items.map((item) => handWritten(type.list, item)).join('');
  }
  if ('dict' in type) {
    const [keyType, valueType] = type.dict;
    const pairs = [...(value as Map<unknown, unknown>)];
    return i32(pairs.length) + pairs.map(([k, v]) => handWritten(keyType, k) + handWritten(valueType, v)).join('');
  }
  const { fields } = contractOf(type.object);
  const names = fields.map((field) => field.name).sort();
  return obj(
    ...names.map((name) => handWritten(fields.find((each) => each.name === name)!.type, (value as Fields)[name])),
  );
}

/** The value that the `decoded` of a test vector means (spec/vectors/README.md). */
export function valueOfVector(type: FieldType, json: unknown): unknown {
  if (json === null) return null;
  if (type === 'int64') return Number.isSafeInteger(Number(json)) ? Number(json) : BigInt(json as string);
  if (type === 'dateTime') return BigInt(json as string);
  if (type === 'float32' || type === 'float64') return json === '-0' ? -0 : Number(json);
  if (type === 'bytes') return unhex(json as string);
  if (type === 'image') return { ...(json as object), Content: unhex((json as { Content: string }).Content) };
  if (type === 'font') return valueOfVector({ object: 'SimpleFont' }, json);
  if (typeof type === 'string' || 'enum' in type) return json;
  if ('list' in type) return (json as unknown[]).map((item) => valueOfVector(type.list, item));
  if ('dict' in type) {
    const [keyType, valueType] = type.dict;
    const pairs = json as [unknown, unknown][];
    return new Map(pairs.map(([key, value]) => [valueOfVector(keyType, key), valueOfVector(valueType, value)]));
  }
  const object = json as Fields;
  const { fields } = contractOf(type.object);
  return Object.fromEntries(fields.map(({ name, type: inner }) => [name, valueOfVector(inner, object[name])]));
}

const int64 = (): fc.Arbitrary<number | bigint> =>
  fc
    .oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.maxSafeInteger().map(BigInt))
    .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
const byte = (): fc.Arbitrary<number> => fc.integer({ min: 0, max: 255 });

const SIMPLE_VALUES: Readonly<Record<Exclude<SimpleType, 'font'>, () => fc.Arbitrary<unknown>>> = {
  bool: () => fc.boolean(),
  byte,
  int16: () => fc.integer({ min: -32_768, max: 32_767 }),
  int32: () => fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  int64,
  float32: () => fc.float(),
  float64: () => fc.double(),
  dateTime: () => fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  color: () => fc.record({ R: byte(), G: byte(), B: byte() }),
  string: () => fc.option(fc.string({ unit: 'binary', maxLength: 20 })),
  bytes: () => fc.option(fc.uint8Array({ maxLength: 60 })),
  image: () => fc.option(fc.record({ IsGif: fc.boolean(), Content: fc.uint8Array({ maxLength: 60 }) })),
};

/** Any value of a type; what may be null sometimes is. `levels` bounds nesting. */
function anyValue(type: FieldType, levels = 4): fc.Arbitrary<unknown> {
  if (type === 'font') return anyValue({ object: 'SimpleFont' }, levels);
  if (typeof type === 'string') return SIMPLE_VALUES[type]();
  if ('enum' in type) return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  if (levels === 0) return fc.constant(null);
  if ('list' in type) return fc.option(fc.array(anyValue(type.list, levels - 1), { maxLength: 4 }));
  if ('dict' in type) {
    const [keyType, valueType] = type.dict;
    const key = anyValue(keyType, levels - 1).filter((each) => each !== null);
    const pair = fc.tuple(key, anyValue(valueType, levels - 1));
    return fc.option(fc.array(pair, { maxLength: 4 }).map((pairs) => new Map(pairs)));
  }
  return fc.option(anyObject(type.object, levels - 1));
}

/** Any object of a contract, not null. */
export function anyObject(name: string, levels = 4): fc.Arbitrary<Fields> {
  const fields = contractOf(name).fields.map((field) => [field.name, anyValue(field.type, levels)] as const);
  return fc.record(Object.fromEntries(fields));
}

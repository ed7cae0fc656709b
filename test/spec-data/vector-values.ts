/**
 * Turns the JSON of a vector into values and back, along the type: int64 and DateTime are decimal text, bytes are hex, floats
 * that JSON lacks are words, dictionaries are pairs. `spec/vectors/README.md` describes the same in prose.
 */
import { contracts } from '../../spec/grammar/index.ts';
import type { ContractMap, FieldType } from '../../spec/grammar/index.ts';

/** Bytes of a hex text; `(a5)*3` repeats. */
export function bytesOfHex(hex: string): Uint8Array {
  const plain = hex.replace(/\(([0-9a-f]*)\)\*(\d+)/g, (_, group: string, times: string) =>
    group.repeat(Number(times)),
  );
  if (!/^([0-9a-f]{2})*$/.test(plain)) throw new Error(`not hex: ${hex.slice(0, 40)}`);
  return Uint8Array.from(Buffer.from(plain, 'hex'));
}

/** The value a codec gives for the `decoded` of a vector. */
export function valueOfJson(type: FieldType, json: unknown, known: ContractMap = contracts): unknown {
  if (json === null) return null;
  if (type === 'font') return valueOfJson({ object: 'SimpleFont' }, json, known);
  if (type === 'int64') return Number.isSafeInteger(Number(json)) ? Number(json) : BigInt(json as string);
  if (type === 'dateTime') return BigInt(json as string);
  if (type === 'float32' || type === 'float64') return json === '-0' ? -0 : Number(json);
  if (type === 'bytes') return bytesOfHex(json as string);
  if (type === 'image') {
    const { IsGif, Content } = json as { IsGif: boolean; Content: string };
    return { IsGif, Content: bytesOfHex(Content) };
  }
  if (typeof type === 'string' || 'enum' in type) return json;
  if ('list' in type) return (json as unknown[]).map((item) => valueOfJson(type.list, item, known));
  if ('dict' in type) {
    const [keyType, valueType] = type.dict;
    const pairs = json as [unknown, unknown][];
    return new Map(
      pairs.map(([key, value]) => [valueOfJson(keyType, key, known), valueOfJson(valueType, value, known)]),
    );
  }
  const fields = known[type.object]!.fields;
  const object = json as Record<string, unknown>;
  return Object.fromEntries(fields.map((field) => [field.name, valueOfJson(field.type, object[field.name], known)]));
}

/**
 * Checks a value against its type and says how many bytes it takes; finds the first thing wrong and words the error.
 *
 * Slow and plain on purpose: it answers `sizeOf`, and explains why a generated writer refused a value. It writes nothing.
 */
import { NESTING_DEPTH_MAX } from '../../spec/limits.ts';
import { simpleTypes } from '../../spec/grammar/index.ts';
import type { ContractMap, FieldType, SimpleType } from '../../spec/grammar/index.ts';
import { describeValue, LocalProtocolError } from './local-error.ts';
import { utf8Length } from './utf8.ts';

/**
 * Bytes the value takes as the type.
 * @throws LocalProtocolError E_ARGUMENT naming the path, the value and the clause
 */
export function measureValue(type: FieldType, contracts: ContractMap, value: unknown): number {
  return measure({ contracts, open: [] }, type, value, '', 1);
}

/** `open` holds the objects around the current value, outermost first: meeting one again is a cycle. */
type Context = { readonly contracts: ContractMap; readonly open: unknown[] };

function refuse(path: string, clause: string, wanted: string, value: unknown): never {
  const where = path === '' ? 'the value' : path;
  throw new LocalProtocolError('E_ARGUMENT', clause, `${where} must be ${wanted}, got ${describeValue(value)}`);
}

function measure(context: Context, type: FieldType, value: unknown, path: string, depth: number): number {
  if (type === 'font') return measureObject(context, 'SimpleFont', value, path, depth);
  if (typeof type === 'string') return measureSimple(type, value, path);
  if ('enum' in type) {
    if (!isInteger(value, -0x8000_0000, 0x7fff_ffff)) refuse(path, 'SER-007', 'the number of an enum value', value);
    return 4;
  }
  if ('object' in type) return measureObject(context, type.object, value, path, depth);
  if (value === null || value === undefined) return 4;
  return 'list' in type
    ? measureList(context, type.list, value, path, depth)
    : measureDict(context, type.dict, value, path, depth);
}

function isInteger(value: unknown, lowest: number, highest: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= lowest && value <= highest;
}

const integerRanges = {
  byte: [0, 255],
  int16: [-32_768, 32_767],
  int32: [-2_147_483_648, 2_147_483_647],
} as const;

function measureSimple(type: Exclude<SimpleType, 'font'>, value: unknown, path: string): number {
  const { bytesMin, clause, nullable } = simpleTypes[type];
  if (nullable && (value === null || value === undefined)) return bytesMin;
  switch (type) {
    case 'bool':
      if (typeof value !== 'boolean') refuse(path, clause, 'true or false', value);
      return bytesMin;
    case 'byte':
    case 'int16':
    case 'int32': {
      const [lowest, highest] = integerRanges[type];
      if (!isInteger(value, lowest, highest)) refuse(path, clause, `an integer from ${lowest} to ${highest}`, value);
      return bytesMin;
    }
    case 'float32':
    case 'float64':
      if (typeof value !== 'number') refuse(path, clause, 'a number', value);
      return bytesMin;
    case 'int64':
      if (!Number.isSafeInteger(value) && !isInt64(value))
        refuse(path, clause, 'a safe integer or a 64-bit bigint', value);
      return bytesMin;
    case 'dateTime':
      if (!isInt64(value)) refuse(path, clause, 'a bigint of ticks within 64 bits', value);
      return bytesMin;
    case 'color':
      if (!isColor(value)) refuse(path, clause, '{ R, G, B } with parts from 0 to 255', value);
      return bytesMin;
    case 'string':
      return measureString(value, path);
    case 'bytes':
      if (!(value instanceof Uint8Array)) refuse(path, clause, 'a Uint8Array or null', value);
      return 4 + value.length;
    case 'image':
      if (!isImage(value)) refuse(path, clause, '{ IsGif: boolean, Content: Uint8Array } or null', value);
      return 5 + value.Content.length;
  }
}

function isInt64(value: unknown): boolean {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
}

function isColor(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { R, G, B } = value as { R?: unknown; G?: unknown; B?: unknown };
  return [R, G, B].every((part) => isInteger(part, 0, 255));
}

function isImage(value: unknown): value is { Content: Uint8Array } {
  if (typeof value !== 'object' || value === null) return false;
  const { IsGif, Content } = value as { IsGif?: unknown; Content?: unknown };
  return typeof IsGif === 'boolean' && Content instanceof Uint8Array;
}

function measureString(value: unknown, path: string): number {
  if (typeof value !== 'string') refuse(path, 'SER-009', 'a string or null', value);
  const length = utf8Length(value);
  if (length < 0) refuse(path, 'SER-009', 'text without lone surrogates, as UTF-8 has none', value);
  return 4 + length;
}

/** Enters an object, list or dictionary: checks for cycles (SER-024) and depth (SER-023) before `inside` is run. */
function nest(context: Context, value: unknown, path: string, depth: number, inside: () => number): number {
  if (context.open.includes(value)) refuse(path, 'SER-024', 'a value that does not contain itself', value);
  if (depth > NESTING_DEPTH_MAX) refuse(path, 'SER-023', `at most ${NESTING_DEPTH_MAX} levels deep`, value);
  context.open.push(value);
  const size = inside();
  context.open.pop();
  return size;
}

function measureList(context: Context, element: FieldType, value: unknown, path: string, depth: number): number {
  if (!Array.isArray(value)) refuse(path, 'SER-013', 'an array or null', value);
  return nest(context, value, path, depth, () => {
    let size = 4;
    for (const [index, item] of value.entries())
      size += measure(context, element, item, `${path}[${index}]`, depth + 1);
    return size;
  });
}

function measureDict(
  context: Context,
  [key, element]: readonly [FieldType, FieldType],
  value: unknown,
  path: string,
  depth: number,
): number {
  if (!(value instanceof Map)) refuse(path, 'SER-014', 'a Map or null', value);
  return nest(context, value, path, depth, () => {
    let size = 4;
    let index = 0;
    for (const [each, item] of value as Map<unknown, unknown>) {
      const keyPath = `${path}.key(${index})`;
      if (each === null || each === undefined) refuse(keyPath, 'SER-026', 'a key that is not null', each);
      if (typeof each === 'bigint' && value.has(Number(each)) && Number.isSafeInteger(Number(each))) {
        refuse(keyPath, 'SER-026', 'a key that is not there as a number too', each);
      }
      size += measure(context, key, each, keyPath, depth + 1);
      size += measure(context, element, item, `${path}.value(${index})`, depth + 1);
      index += 1;
    }
    return size;
  });
}

function measureObject(context: Context, name: string, value: unknown, path: string, depth: number): number {
  if (value === null || value === undefined) return 4;
  if (typeof value !== 'object') refuse(path, 'SER-015', `an object ${name} or null`, value);
  return nest(context, value, path, depth, () => {
    let size = 4;
    for (const field of context.contracts[name]!.fields) {
      const inner = (value as Readonly<Record<string, unknown>>)[field.name];
      size += measure(context, field.type, inner, path === '' ? field.name : `${path}.${field.name}`, depth + 1);
    }
    return size;
  });
}

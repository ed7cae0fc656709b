/** Random values of any type of the grammar, with the edges drawn more often than the middle. */
import type { Random } from './random.ts';
import { contracts } from '../../spec/grammar/index.ts';
import type { Contract, FieldType } from '../../spec/grammar/index.ts';

const TEXTS: readonly (string | null)[] = [
  null,
  '',
  'a',
  'alice',
  '_0',
  'FreeUser',
  'Zoë',
  '\u0000',
  '\ufeff',
  '\ud7ff\ue000',
  '日本語',
  '😀',
  'x'.repeat(64),
  'x'.repeat(65),
  'é'.repeat(40),
];
const INT32S = [0, 1, -1, 4, 127, 128, 255, 256, 65_535, 2_147_483_647, -2_147_483_648] as const;
const INT64S: readonly (number | bigint)[] = [
  0,
  1,
  -1,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
  2n ** 53n,
  -(2n ** 53n),
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const FLOATS = [0, -0, 1, -1.5, Infinity, -Infinity, NaN, 3.4028234663852886e38, 1e-45] as const;

/** Nesting at which lists and objects become null, so that values end. */
const DEPTH_MAX = 6;
/** The limit of SER-023; now and then a value goes up to it. */
const DEPTH_LIMIT = 32;

/** A random value of the type. */
export function randomValue(type: FieldType, random: Random, depth = 1): unknown {
  if (typeof type === 'string') return randomSimple(type, random);
  if ('enum' in type) return random.below(8) === 0 ? random.pick(INT32S) : random.below(9);
  if ('object' in type) return randomObject(type.object, random, depth);
  if (depth > DEPTH_MAX || random.below(6) === 0) return null;
  const count = random.pick([0, 1, 1, 2, 3, 5]);
  if ('list' in type) return Array.from({ length: count }, () => randomValue(type.list, random, depth + 1));
  const [keyType, valueType] = type.dict;
  const map = new Map<unknown, unknown>();
  for (let index = 0; index < count; index += 1) {
    const key = randomValue(keyType, random, depth + 1) ?? '';
    map.set(key, randomValue(valueType, random, depth + 1));
  }
  return map;
}

function randomObject(name: string, random: Random, depth: number): unknown {
  if (name === 'ZooTree' && depth === 1 && random.below(4) === 0) return deepTree(random);
  if (depth > 1 && (depth > DEPTH_MAX || random.below(5) === 0)) return null;
  const { fields } = (contracts as Readonly<Record<string, Contract>>)[name]!;
  return Object.fromEntries(fields.map((field) => [field.name, randomValue(field.type, random, depth + 1)]));
}

/** A tree of up to as many levels as are allowed; deeper ones only come about by mutation. */
function deepTree(random: Random): unknown {
  const levels = random.pick([DEPTH_LIMIT, DEPTH_LIMIT - 1, random.between(1, DEPTH_LIMIT)]);
  let tree: unknown = null;
  for (let level = levels; level >= 1; level -= 1) tree = { Children: null, Left: tree, Name: null };
  return tree;
}

function randomSimple(type: Extract<FieldType, string>, random: Random): unknown {
  switch (type) {
    case 'bool':
      return random.below(2) === 1;
    case 'byte':
      return random.below(256);
    case 'int16':
      return random.below(65_536) - 32_768;
    case 'int32':
      return random.below(2) === 0 ? random.pick(INT32S) : random.uint32() | 0;
    case 'int64':
      return random.pick(INT64S);
    case 'float32':
      return Math.fround(random.pick(FLOATS));
    case 'float64':
      return random.pick(FLOATS);
    case 'string':
      return random.pick(TEXTS);
    case 'bytes':
      return random.below(5) === 0 ? null : random.bytes(random.pick([0, 1, 4, 16, 48, 49, 100]));
    case 'dateTime':
      return BigInt(random.pick(INT64S));
    case 'color':
      return { R: random.below(256), G: random.below(256), B: random.below(256) };
    case 'font':
      if (random.below(5) === 0) return null;
      return { FontFamily: random.pick(TEXTS), FontStyle: random.pick(INT32S), Size: random.pick([1, 9.5, NaN]) };
    case 'image':
      if (random.below(4) === 0) return null;
      return { IsGif: random.below(2) === 1, Content: random.bytes(random.below(20)) };
  }
}

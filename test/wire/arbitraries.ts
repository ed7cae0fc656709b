/** Random types, contracts and values for the properties of this folder. */
import fc from 'fast-check';
import { contracts } from '../../spec/grammar/index.ts';
import type { ContractMap, FieldType, KeyType } from '../../spec/grammar/index.ts';

/** Text of every kind: ASCII, several bytes, pairs; never a lone surrogate. */
const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constant('x'.repeat(2000)),
  fc.constant('é'.repeat(1500)),
);

const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.maxSafeInteger().map(BigInt),
  fc.integer().map(BigInt),
);

const simple: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  bool: fc.boolean(),
  byte: fc.integer({ min: 0, max: 255 }),
  int16: fc.integer({ min: -32_768, max: 32_767 }),
  int32: fc.integer(),
  // A codec gives a number when it can; a value that is to come back equal has the same form.
  int64: int64.map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value)),
  float32: fc.float(),
  float64: fc.double(),
  string: fc.option(anyText),
  bytes: fc.option(fc.uint8Array({ maxLength: 100 })),
  dateTime: int64,
  color: fc.record({ R: fc.nat(255), G: fc.nat(255), B: fc.nat(255) }),
  font: fc.option(fc.record({ FontFamily: fc.option(anyText), FontStyle: fc.integer(), Size: fc.float() })),
  image: fc.option(fc.record({ IsGif: fc.boolean(), Content: fc.uint8Array({ maxLength: 80 }) })),
};

/** Values of a type; objects get shallower with each level and end in null. */
export function valuesOf(type: FieldType, known: ContractMap = contracts, levels = 4): fc.Arbitrary<unknown> {
  if (typeof type === 'string') return simple[type]!;
  if ('enum' in type) return fc.integer();
  if ('list' in type) return fc.option(fc.array(valuesOf(type.list, known, levels), { maxLength: 4 }));
  if ('dict' in type) return fc.option(dictsOf(type.dict, known, levels));
  if (levels === 0) return fc.constant(null);
  const fields = known[type.object]!.fields.map(
    (field) => [field.name, valuesOf(field.type, known, levels - 1)] as const,
  );
  return fc.option(fc.record(Object.fromEntries(fields)), { freq: 8 });
}

function dictsOf(
  [key, value]: readonly [KeyType, FieldType],
  known: ContractMap,
  levels: number,
): fc.Arbitrary<unknown> {
  const keys = key === 'string' ? anyText : valuesOf(key, known, levels);
  return fc.array(fc.tuple(keys, valuesOf(value, known, levels)), { maxLength: 4 }).map((pairs) => new Map(pairs));
}

const keyTypes: fc.Arbitrary<KeyType> = fc.constantFrom<KeyType[]>(
  'bool',
  'byte',
  'int16',
  'int32',
  'int64',
  'string',
  'dateTime',
  {
    enum: 'ClientType',
  },
);

/** Any type, built of lists and dictionaries over the simple ones and two objects. */
export const anyType: fc.Arbitrary<FieldType> = fc.letrec<{ type: FieldType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      ...(Object.keys(simple) as FieldType[]),
      { enum: 'LogonResult' },
      { object: 'ZooPoint' },
      { object: 'ZooNested' },
    ),
    tie('type').map((list): FieldType => ({ list })),
    fc.tuple(keyTypes, tie('type')).map((dict): FieldType => ({ dict })),
  ),
})).type;

/** Property names, those that need quoting in generated code among them. */
const anyName = fc.oneof(
  fc.constantFrom(
    'A',
    'a',
    'Name',
    'Id10',
    'Id2',
    '_x',
    '$',
    'constructor',
    'toString',
    'default',
    'with space',
    'q"uote',
    '中',
    'a\\b',
    '0',
  ),
  fc.string({ minLength: 1, maxLength: 8 }),
);

/** Fields of a random class. */
export const anyFields: fc.Arbitrary<Readonly<Record<string, FieldType>>> = fc
  .uniqueArray(fc.tuple(anyName, anyType), { maxLength: 8, selector: ([name]) => name })
  .map((pairs) => Object.fromEntries(pairs.filter(([name]) => name !== '__proto__')));

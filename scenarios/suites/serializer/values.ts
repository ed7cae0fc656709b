/** Any value of any contract against a serializer written by hand, any bytes against a reader written by hand. */
import * as fc from 'fast-check';
import { codecs, defineContract, defineType } from '../../../impl/wire/index.ts';
import type { Codec } from '../../../impl/wire/index.ts';
import { contractNames } from '../../../spec/grammar/index.ts';
import type { ContractName, FieldType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { oracleValue } from '../../fuzz/oracle-decoder.ts';
import { hexOf, i32, obj, str, u8, unhex } from '../framing/bytes.ts';
import { anyObject, handWritten } from './hand.ts';

type AnyCodec = Codec<Record<string, unknown>>;

const codecOf = (name: ContractName): AnyCodec => codecs[name];

/** A contract and a value of it. */
const anyBody = (): fc.Arbitrary<{ name: ContractName; value: Record<string, unknown> }> =>
  fc.constantFrom(...contractNames).chain((name) => anyObject(name).map((value) => ({ name, value: { ...value } })));

/** `count` trees, each the Left of the one before. */
function tower(count: number): Record<string, unknown> {
  let tree: Record<string, unknown> = { Children: null, Left: null, Name: null };
  for (let level = 1; level < count; level++) tree = { Children: null, Left: tree, Name: null };
  return tree;
}

// Codecs are functions without a world around them: one target is enough for all cases here.
export const values: readonly AnyScenario[] = [
  scenario({
    id: 'SER-AJ5K',
    title: 'any value of any contract has the bytes of the chapter and comes back equal',
    clauses: ['SER-025', 'SER-001', 'SER-002', 'SER-003', 'SER-006', 'SER-009', 'SER-013', 'SER-014', 'SER-015'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 200,
    plan: anyBody,
    run(stage, { name, value }) {
      const bytes = codecOf(name).encode({ ...value, NoSuchProperty: 1 });
      stage.equal(hexOf(bytes), handWritten({ object: name }, value), 'SER-003', `${name} has other bytes`);
      const back = codecOf(name).decode(bytes);
      stage.equal(back.ok ? back.value : back.error, value, 'SER-025', `${name} came back as another value`);
      return Promise.resolve();
    },
  }),
  scenario({
    id: 'SER-BK7M',
    title: 'bytes with a fault are refused or read exactly as a reader made from the chapter alone does it',
    clauses: ['SER-010', 'SER-005', 'SER-011', 'SER-016', 'SER-017', 'SER-026', 'SER-027'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 400,
    plan: () =>
      fc.record({
        body: anyBody(),
        at: fc.nat(),
        fault: fc.oneof(
          fc.record({ put: fc.constantFrom('00', '01', '02', '7f', '80', 'ff', 'ffffffff', 'feffffff', 'ffffff7f') }),
          fc.record({ cut: fc.integer({ min: 1, max: 9 }) }),
          fc.record({ add: fc.constantFrom('00', 'ff', '00000000') }),
        ),
      }),
    run(stage, { body: { name, value }, at, fault }) {
      let hex = handWritten({ object: name }, value);
      const place = 2 * (at % Math.max(1, hex.length / 2));
      if ('put' in fault) hex = hex.slice(0, place) + fault.put + hex.slice(place + fault.put.length);
      else if ('cut' in fault) hex = hex.slice(0, Math.max(2, hex.length - 2 * fault.cut));
      else hex += fault.add;
      const type: FieldType = { object: name };
      const expected = oracleValue(type, unhex(hex));
      const actual = codecOf(name).decodeNullable(unhex(hex));
      stage.equal(actual.ok, expected.ok, 'SER-010', `${name}: verdict over ${hex}`);
      if (expected.ok && actual.ok) stage.equal(actual.value, expected.value, 'SER-010', `${name}: value of ${hex}`);
      return Promise.resolve();
    },
  }),
  scenario({
    id: 'SER-CM9N',
    title: 'a value that contains itself is refused with an error, and so is one nested deeper than 32 levels',
    clauses: ['SER-024', 'SER-023'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    plan: () => fc.integer({ min: 28, max: 36 }),
    run(stage, levels) {
      const refusal = (value: Record<string, unknown>): unknown => {
        try {
          codecOf('ZooTree').encode(value);
          return undefined;
        } catch (error) {
          return (error as { code?: unknown }).code ?? String(error);
        }
      };
      const wanted = levels <= 32 ? undefined : 'E_ARGUMENT';
      stage.equal(refusal(tower(levels)), wanted, 'SER-024', `writing ${levels} levels`);
      const read = codecOf('ZooTree').decode(unhex(handWritten({ object: 'ZooTree' }, tower(levels))));
      stage.equal(read.ok, levels <= 32, 'SER-023', `reading ${levels} levels`);
      const snake = tower(1);
      snake.Left = snake;
      stage.equal(refusal(snake), 'E_ARGUMENT', 'SER-024', 'an object that is its own child');
      const nest = tower(1);
      nest.Children = [tower(1), nest];
      stage.equal(refusal(nest), 'E_ARGUMENT', 'SER-024', 'an object in its own list');
      return Promise.resolve();
    },
  }),
  scenario({
    id: 'SER-DN2P',
    title: 'a count is checked against the bytes that are left before anything is made for it',
    clauses: ['SER-027', 'SER-010'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    plan: () =>
      fc.record({
        count: fc.oneof(fc.integer({ min: -9, max: 40 }), fc.integer({ min: 1000, max: 2 ** 31 - 1 })),
        left: fc.nat({ max: 40 }),
      }),
    run(stage, { count, left }) {
      // ZooEmpty takes four bytes, a bool one; a reader that believes a count makes room for it, or reads on.
      for (const [type, size] of [
        ['bool', 1],
        ['string', 4],
      ] as const) {
        const hex = i32(count) + '00'.repeat(left);
        const expected = (count === -1 && left === 0) || (count >= 0 && count * size === left);
        const actual = defineType({ list: type }).decodeNullable(unhex(hex));
        stage.equal(actual.ok, expected, 'SER-027', `a list of ${type}, count ${count}, ${left} bytes left`);
        // An error at the count itself shows that no element was looked at.
        const isTooMany = count * size > left;
        if (isTooMany && !actual.ok && left > 0) {
          const { code, offset } = actual.error;
          stage.equal({ code, offset }, { code: 'E_LENGTH', offset: 0 }, 'SER-027', 'what was found wrong, and where');
        }
      }
      return Promise.resolve();
    },
  }),
  scenario({
    id: 'SER-EP4Q',
    title: 'properties go in ordinal order of their names, whatever the order of declaration and the name',
    clauses: ['SER-002', 'SER-018'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    plan: () =>
      fc.uniqueArray(fc.constantFrom('a', 'A', 'B', 'aa', 'a1', 'a10', 'a2', '_', 'Z', 'z', 'ab', 'aB', 'Aa'), {
        minLength: 2,
      }),
    run(stage, names) {
      const codec = defineContract(Object.fromEntries(names.map((name) => [name, 'byte' as const])));
      const value = Object.fromEntries(names.map((name, index) => [name, index]));
      const expected = obj(...[...names].sort().map((name) => u8(names.indexOf(name))));
      stage.equal(hexOf(codec.encode(value)), expected, 'SER-002', `the order of ${names.join()}`);
      const list = defineType({ list: 'string' }).encode(names);
      stage.equal(hexOf(list), i32(names.length) + names.map((name) => str(name)).join(''), 'SER-018', 'a bare list');
      return Promise.resolve();
    },
  }),
];

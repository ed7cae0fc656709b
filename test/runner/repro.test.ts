/** Stored runs: what is stored is what was run, bad files are refused in words, and the same events come again. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scenario } from '../../scenarios/api.ts';
import type { AnyScenario } from '../../scenarios/api.ts';
import { openTarget } from '../../scenarios/attach/targets.ts';
import { decodeChoices, encodeChoices } from '../../scenarios/runner/choices.ts';
import type { Encoded } from '../../scenarios/runner/choices.ts';
import { executeCase } from '../../scenarios/runner/execute.ts';
import type { CaseResult } from '../../scenarios/runner/execute.ts';
import { ReproError, compareWithRepro, parseRepro, reproOf } from '../../scenarios/runner/repro-file.ts';
import type { Repro } from '../../scenarios/runner/repro-file.ts';
import type { CaseVerdict } from '../../reports/model.ts';

const sim = openTarget('sim');

describe('choices as JSON', () => {
  test('come back as they were, whatever they are', () => {
    const values = fc.anything({
      withBigInt: true,
      withDate: true,
      withNullPrototype: false,
      withTypedArray: false,
      withSparseArray: false,
    });
    const keys = fc.dictionary(fc.constantFrom('$bytes', '$object', '__proto__', 'a', '$'), values, {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(fc.oneof(values, keys, fc.uint8Array()), (value) => {
        fc.pre(!hasInvalidDate(value));
        const stored = JSON.parse(JSON.stringify(encodeChoices(value))) as Encoded;
        expect(decodeChoices(stored)).toStrictEqual(value);
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  test('that cannot be stored are named', () => {
    expect(() => encodeChoices({ list: [1, () => 1] })).toThrow('plan.list[1] is a function');
    expect(() => encodeChoices({ map: new Map() })).toThrow('plan.map is an object of a class (Map)');
  });

  test.each([
    [{ $bytes: 'xyz' }, 'pairs of hexadecimal digits'],
    [{ a: [{ $number: '7' }] }, 'choices.a[0].$number is "7"'],
    [{ $bigint: '1.5' }, 'an integer as text'],
    [{ $object: [1] }, 'a list of pairs'],
    [{ $what: 1 }, 'which is none of'],
  ])('%j is refused', (stored, message) => {
    expect(() => decodeChoices(stored as Encoded)).toThrow(message);
  });
});

function hasInvalidDate(value: unknown): boolean {
  if (value instanceof Date) return Number.isNaN(value.getTime());
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInvalidDate);
}

const GOOD: Repro = {
  schema: 1,
  version: '0.1.0',
  case: 'TST-0001',
  target: 'sim',
  worldSeed: 7,
  choices: { times: 3 },
  found: { outcome: 'fail', message: 'planted' },
};

describe('a repro file', () => {
  test('that is good is read', () => {
    expect(parseRepro(JSON.stringify(GOOD))).toEqual(GOOD);
  });

  test.each([
    ['{', 'it is not JSON'],
    ['[]', 'it must be one JSON object'],
    [
      JSON.stringify({ ...GOOD, schema: 2, version: '9.0.0' }),
      'its schema is 2, and this tool reads 1; use the version that wrote it ("9.0.0")',
    ],
    [JSON.stringify({ ...GOOD, seeds: 1 }), 'unknown field "seeds"; known are schema'],
    [JSON.stringify({ ...GOOD, worldSeed: -1 }), '"worldSeed" is -1; it must be an integer from 0 to 2147483647'],
    [JSON.stringify({ ...GOOD, worldSeed: undefined }), '"worldSeed" is absent'],
    [JSON.stringify({ ...GOOD, target: 'exec' }), '"target" is "exec"; it must be "sim" or "loopback"'],
    [JSON.stringify({ ...GOOD, case: '' }), '"case" is ""'],
    [
      JSON.stringify({ ...GOOD, found: { outcome: 'bad' } }),
      '"found" is {"outcome":"bad"}; it must be an object with an outcome, one of pass',
    ],
    [JSON.stringify({ ...GOOD, expected: 'pass' }), '"expected" is "pass"'],
    [JSON.stringify({ ...GOOD, choices: { $bytes: 1 } }), 'choices.$bytes is 1'],
  ])('%s is refused in words', (text, message) => {
    expect(() => parseRepro(text)).toThrow(ReproError);
    expect(() => parseRepro(text)).toThrow(message);
  });
});

/** Fails when a query is longer than `limit`; the body spoils its plan, as bodies may. */
function wrongAbove(limit: number, seen: unknown[] = []): AnyScenario {
  return scenario({
    id: 'TST-0001',
    title: 'answers are exact',
    clauses: ['QRY-002'],
    kind: 'property',
    plan: () => fc.record({ bytes: fc.integer({ min: 4, max: 500 }), salt: fc.uint8Array({ maxLength: 3 }) }),
    async run(stage, plan) {
      seen.push(structuredClone(plan));
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const asked = stage.payload(plan.bytes);
      const answer = await alice.query(null, 1, asked);
      stage.equal(answer?.length, plan.bytes > limit ? -1 : plan.bytes, 'QRY-002', 'planted');
      (plan as { bytes: number }).bytes = 0;
    },
  });
}

function verdictOf(result: CaseResult): CaseVerdict {
  return {
    kind: 'verdict',
    case: 'TST-0001',
    target: 'sim',
    expectation: { kind: 'none' },
    status: 'red',
    seed: 5,
    wallMillis: 1,
    repro: '',
    ...result,
  };
}

describe('a failure', () => {
  test('is stored with its shrunk choices and repeated from them alone, event by event', async () => {
    const first = await executeCase(wrongAbove(100), sim, { seed: 5 });
    const repro = parseRepro(JSON.stringify(reproOf(verdictOf(first), '0.1.0')));
    expect(repro).toMatchObject({ case: 'TST-0001', choices: { bytes: 101, salt: { $bytes: '' } } });
    const seen: unknown[] = [];
    const replay = { file: 'x.json', worldSeed: repro.worldSeed, choices: repro.choices! };
    // Another seed: it must not matter.
    const again = await executeCase(wrongAbove(100, seen), sim, { seed: 99, replay });
    expect(seen).toEqual([{ bytes: 101, salt: new Uint8Array(0) }]);
    expect(again).toMatchObject({ outcome: 'fail', runs: 1, failure: { worldDigest: repro.found.digest } });
    expect(compareWithRepro(repro, verdictOf(again))).toBe('it fails as when it was stored, event by event');
    const repaired = await executeCase(wrongAbove(1000), sim, { seed: 1, replay });
    expect(repaired.outcome).toBe('pass');
    expect(compareWithRepro(repro, verdictOf(repaired))).toBe('it passes now; when it was stored: fail, "planted"');
  });

  test('of a case that lost its plan, or whose body knows the choices no more, says so', async () => {
    const plain = scenario({
      id: 'TST-0002',
      title: 'x',
      clauses: ['QRY-002'],
      kind: 'example',
      run: () => Promise.resolve(),
    });
    const withChoices = { file: 'x.json', worldSeed: 1, choices: { a: 1 } };
    expect(await executeCase(plain, sim, { seed: 1, replay: withChoices })).toMatchObject({
      outcome: 'harness-fault',
      failure: { message: expect.stringContaining('x.json has choices, and the case has no plan') as string },
    });
    const none = { file: 'x.json', worldSeed: 1 };
    expect((await executeCase(wrongAbove(1), sim, { seed: 1, replay: none })).failure?.message).toContain(
      'has no choices',
    );
    const old = { file: 'x.json', worldSeed: 1, choices: null };
    expect((await executeCase(wrongAbove(1), sim, { seed: 1, replay: old })).reason).toContain(
      'may not understand the choices',
    );
  });
});

describe('two runs of one plan', () => {
  test('that are not one run are a fault that names the event', async () => {
    let count = 0;
    const odd = scenario({
      id: 'TST-0003',
      title: 'x',
      clauses: ['QRY-002'],
      kind: 'property',
      plan: () => fc.integer(),
      async run(stage) {
        const server = await stage.server();
        const alice = await stage.loggedOn(server, 'alice');
        count += 1;
        await alice.query(null, 1, stage.payload(4 + count));
      },
    });
    expect((await executeCase(odd, sim, { seed: 1, runs: 2 })).outcome).toBe('pass');
    const result = await executeCase(odd, sim, { seed: 1, runs: 2, checkDeterminism: true });
    expect(result).toMatchObject({ outcome: 'harness-fault', runs: 1 });
    expect(result.failure?.message).toMatch(
      /^two runs of one plan .* runs part at event \d+: \[\d+ us \S+ \S+ .*against/,
    );
  });

  test('are two runs, and one result with the digest of one', async () => {
    const seen: unknown[] = [];
    const twice = await executeCase(wrongAbove(1000, seen), sim, { seed: 5, runs: 3, checkDeterminism: true });
    expect(seen.length).toBe(6);
    const once = await executeCase(wrongAbove(1000), sim, { seed: 5, runs: 3 });
    expect(twice).toMatchObject({ outcome: 'pass', runs: 3, digest: once.digest });
  });
});

/** Selecting, sharding, seeding: what a run owes. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scenario } from '../../scenarios/api.ts';
import type { AnyScenario } from '../../scenarios/api.ts';
import {
  ExpectationsError,
  expectationFor,
  parseExpectations,
  unknownEntries,
} from '../../scenarios/runner/expectations.ts';
import { SelectionError, loadScenarios, planRun } from '../../scenarios/runner/plan.ts';
import type { PlannedUnit, Selection } from '../../scenarios/runner/plan.ts';
import { caseSeed, combineDigests, runDigest, shardOf } from '../../scenarios/runner/seeds.ts';

function aCase(id: string, more: Partial<AnyScenario> = {}): AnyScenario {
  const run = (): Promise<void> => Promise.resolve();
  return scenario({ id, title: `title of ${id}`, clauses: ['FRM-001'], kind: 'example', run, ...more });
}

const loaded = ['ABC-0001', 'ABC-0002', 'XYZ-0001'].map((id) => ({ area: id.slice(0, 3), scenario: aCase(id) }));

function names(selection: Selection): string[] {
  const units: readonly PlannedUnit[] = planRun(loaded, selection, () => 'MUST');
  return units.map((unit) => `${unit.scenario.id} ${unit.target}`);
}

describe('selection', () => {
  test('everything, on both targets, in order', () => {
    expect(names({ targets: ['sim', 'loopback'] })).toEqual(
      loaded.flatMap(({ scenario: { id } }) => [`${id} sim`, `${id} loopback`]),
    );
  });

  test('by id, by text, by clause, by earlier failure', () => {
    expect(names({ targets: ['sim'], cases: ['XYZ-0001'] })).toEqual(['XYZ-0001 sim']);
    expect(names({ targets: ['sim'], text: 'TITLE OF abc' })).toEqual(['ABC-0001 sim', 'ABC-0002 sim']);
    expect(names({ targets: ['sim'], text: 'frm-001' })).toHaveLength(3);
    const only = [{ case: 'ABC-0002', target: 'loopback' }];
    expect(names({ targets: ['sim', 'loopback'], only })).toEqual(['ABC-0002 loopback']);
  });

  test('a case that is about the server is never asked of a foreign client', () => {
    const both = [
      { area: 'A', scenario: aCase('ABC-0001') },
      { area: 'A', scenario: aCase('ABC-0002', { clients: 'reference' }) },
    ];
    const units = planRun(both, { targets: ['exec'] }, () => 'MUST');
    expect(units.map((unit) => unit.scenario.id)).toEqual(['ABC-0001']);
  });

  test('a typo is refused with what there is', () => {
    expect(() => names({ targets: ['sim'], cases: ['ABC-9999'] })).toThrow(/no case "ABC-9999".*ABC-0001, ABC-0002/);
  });

  test('an unknown suite, an id used twice and a case without clauses are refused', async () => {
    const suite = (...scenarios: AnyScenario[]) => ({ one: () => Promise.resolve({ scenarios }) });
    await expect(loadScenarios(['two'], suite())).rejects.toThrow(SelectionError);
    await expect(loadScenarios(undefined, suite(aCase('ABC-0001'), aCase('ABC-0001')))).rejects.toThrow(
      /ids are unique/,
    );
    await expect(loadScenarios(undefined, suite(aCase('ABC-0001', { clauses: [] })))).rejects.toThrow(
      /cites no clause/,
    );
  });
});

describe('shards and seeds', () => {
  test('all shards together run every case once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), fc.integer({ min: 1, max: 16 }), (ids, count) => {
        const shards = Array.from({ length: count }, (_each, index) =>
          ids.filter((id) => shardOf(id, count) === index + 1),
        );
        expect(shards.flat().toSorted()).toEqual([...ids].toSorted());
      }),
    );
  });

  test('shards are balanced enough to be worth it', () => {
    const ids = Array.from({ length: 400 }, (_each, index) => `CUS-${index.toString(36).padStart(4, '0')}`);
    for (let shard = 1; shard <= 4; shard++) {
      expect(ids.filter((id) => shardOf(id, 4) === shard).length).toBeGreaterThan(70);
    }
  });

  test("a case's seed depends on the run's seed and its own id only", () => {
    expect(caseSeed(1, 'ABC-0001')).toBe(caseSeed(1, 'ABC-0001'));
    expect(caseSeed(1, 'ABC-0001')).not.toBe(caseSeed(2, 'ABC-0001'));
    expect(caseSeed(1, 'ABC-0001')).not.toBe(caseSeed(1, 'ABC-0002'));
    // Pinned: a change of this number changes every digest ever printed.
    expect(caseSeed(1, 'ABC-0001')).toMatchInlineSnapshot(`239140123`);
  });

  test('the digest of a run ignores order and targets without one', () => {
    const a = { case: 'A', target: 'sim', digest: '1' };
    const b = { case: 'B', target: 'sim', digest: '2' };
    expect(runDigest([a, b, { case: 'A', target: 'loopback' }])).toBe(runDigest([b, a]));
    expect(runDigest([a, b])).not.toBe(runDigest([a, { ...b, digest: '3' }]));
    expect(combineDigests(['1', '2'])).not.toBe(combineDigests(['12']));
  });
});

describe('expectations', () => {
  test('a file is read, and an entry for a target wins over one for all', () => {
    const entries = parseExpectations(
      JSON.stringify({
        'known-failing': [
          { case: 'A', message: 'x' },
          { case: 'A', target: 'sim' },
        ],
        'known-flaky': [{ case: 'B', outcomes: ['fail', 'timeout'], until: '2026-01-31' }],
        skip: [{ case: 'C', reason: 'later' }],
      }),
    );
    expect(expectationFor(entries, 'A', 'loopback')).toEqual({ kind: 'known-failing', message: 'x' });
    expect(expectationFor(entries, 'A', 'sim')).toEqual({ kind: 'known-failing' });
    expect(expectationFor(entries, 'C', 'sim')).toEqual({ kind: 'skip', reason: 'later' });
    expect(expectationFor(entries, 'D', 'sim')).toEqual({ kind: 'none' });
    expect(unknownEntries(entries, new Set(['A', 'B']))).toEqual(['skip: there is no case C; remove the entry']);
  });

  test.each([
    ['{', /not JSON/],
    ['[]', /must be an object/],
    ['{"known-broken":[]}', /unknown key "known-broken"/],
    ['{"skip":{}}', /"skip" must be a list/],
    ['{"skip":[1]}', /skip\[0\] must be an object/],
    ['{"skip":[{"case":"A"}]}', /skip\[0\]: "reason" must be a text/],
    ['{"skip":[{"case":"A","reason":"x","why":1}]}', /unknown field "why"/],
    ['{"known-flaky":[{"case":"A","outcomes":[],"until":"2026-01-31"}]}', /"outcomes" must be a list/],
    ['{"known-flaky":[{"case":"A","outcomes":["red"],"until":"2026-01-31"}]}', /unknown outcome "red"/],
    ['{"known-flaky":[{"case":"A","outcomes":["fail"],"until":"soon"}]}', /must be a date/],
    ['{"skip":[{"case":"A","reason":"x"},{"case":"A","reason":"y"}]}', /listed twice/],
  ])('%s is refused', (text, message) => {
    expect(() => parseExpectations(text)).toThrow(ExpectationsError);
    expect(() => parseExpectations(text)).toThrow(message);
  });
});

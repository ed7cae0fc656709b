/** The real chapters, decisions and inventory are sound: every lint over the committed text is silent. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  lintDecisions,
  lintInventory,
  parseDecisions,
  parseInventory,
  parseNotApplicable,
} from '../../spec/clause-coverage.ts';
import { lintChapters } from '../../spec/clause-lints.ts';
import { areas, parseClauses } from '../../spec/clauses.ts';

const spec = new URL('../../spec/', import.meta.url);
const read = (file: string): { file: string; text: string } => ({
  file,
  text: readFileSync(new URL(file, spec), 'utf8'),
});
const chapters = readdirSync(new URL('protocol/', spec))
  .filter((name) => name.endsWith('.md'))
  .sort()
  .map((name) => read(`protocol/${name}`));
const clauses = parseClauses(chapters);
const decisions = parseDecisions(read('decisions.md'));

test('the chapters have no findings', () => {
  expect(lintChapters(chapters)).toEqual([]);
});

test('every row of the areas of this edition is accounted for', () => {
  const input = {
    clauses,
    decisions,
    inventory: parseInventory(read('inventory.tsv').text),
    notApplicable: parseNotApplicable(read('not-applicable.md')),
    inventoryFile: 'inventory.tsv',
  };
  expect(input.inventory.length).toBe(1419);
  expect(lintInventory(input)).toEqual([]);
  // A lint that never looked would be silent as well: without one covering clause it has to speak.
  const without = clauses.filter((clause) => clause.id !== 'FRM-001');
  expect(lintInventory({ ...input, clauses: without })).not.toEqual([]);
});

test('every clause of our own has a decision', () => {
  expect(lintDecisions(clauses, decisions)).toEqual([]);
});

test('each area has a chapter and at least two clauses', () => {
  for (const area of Object.keys(areas)) {
    const own = clauses.filter((clause) => clause.area === area);
    expect(own.length, area).toBeGreaterThan(1);
    expect(new Set(own.map((clause) => clause.chapter)).size, area).toBe(1);
  }
});

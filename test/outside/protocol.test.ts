/** The text of the simulated host protocol and its schema tell the same story. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { simulatedHostSchema } from '../../scenarios/attach/exec-schema.ts';
import { ACTION_CLAUSES } from '../../scenarios/attach/outside-bridge.ts';
import { fileOf } from './outside.ts';

const text = readFileSync(fileOf('spec/adapter/simulated-host.md'), 'utf8');
const file = JSON.parse(readFileSync(fileOf('spec/adapter/simulated-host.schema.json'), 'utf8')) as {
  readonly $defs: Readonly<Record<string, { readonly description?: string }>>;
};
const schema = simulatedHostSchema();

/** The schema's name for a line; none for what is of the adapter protocol. */
function nameOf(line: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof line.net === 'string') return `net.${line.net}`;
  if (typeof line.do === 'string') return `do.${line.do}`;
  return line.idle === undefined ? undefined : 'idle';
}

test('every example line of the host fits the schema', () => {
  const lines = [...text.matchAll(/^[<>] (\{.*\})$/gm)].map(([, json]) => JSON.parse(json!) as Record<string, unknown>);
  const named = lines.flatMap((line) => {
    const name = nameOf(line);
    return name === undefined ? [] : [{ name, line }];
  });
  expect(named.length).toBeGreaterThanOrEqual(20);
  for (const { name, line } of named) expect(schema.problem(name, line), JSON.stringify(line)).toBe(undefined);
});

test('every action and event of the tables is in the schema with its clause, and no other', () => {
  const rows = [...text.matchAll(/^\| `(\w+)` +\|[^|]*\| (HOST-\d\d)/gm)].map(([, name, clause]) => [name!, clause!]);
  const defined = Object.keys(file.$defs).filter((name) => name.includes('.'));
  const kindOf = (name: string): string => (Object.hasOwn(ACTION_CLAUSES, name) ? `do.${name}` : `net.${name}`);
  for (const [name, clause] of rows) expect(file.$defs[kindOf(name!)]?.description ?? '', name).toContain(clause);
  const actions = Object.keys(ACTION_CLAUSES).map((name) => `do.${name}`);
  expect(defined.filter((name) => name.startsWith('do.')).sort()).toEqual(actions.sort());
  const told = new Set(rows.map(([name]) => name));
  expect(defined.map((name) => name.split('.')[1]!).filter((name) => !told.has(name) && name !== 'queued')).toEqual([]);
});

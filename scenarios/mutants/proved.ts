/**
 * What the last whole campaign saw: which cases noticed which mutant. Kept in `proved.json` for `esf spec`, and so that the
 * next campaign may ask those cases first.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MutantOutcome } from '../../spec/clause-coverage.ts';

/** Below the root of the package. */
const PROVED_FILE = join('scenarios', 'mutants', 'proved.json');

/**
 * The record; empty when there is none.
 *
 * @throws Error when the file holds something else
 */
export function readProved(root: string): readonly MutantOutcome[] {
  const path = join(root, PROVED_FILE);
  if (!existsSync(path)) return [];
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!Array.isArray(value))
    throw new Error(`${PROVED_FILE} must be a list of mutants; write it again with \`esf mutants --write\``);
  return value as readonly MutantOutcome[];
}

/** Writes the record, one mutant a line. */
export function writeProved(root: string, outcomes: readonly MutantOutcome[]): void {
  writeFileSync(
    join(root, PROVED_FILE),
    `[\n${outcomes.map((outcome) => `  ${JSON.stringify(outcome)}`).join(',\n')}\n]\n`,
  );
}

/**
 * The few cases to ask about each mutant so that, if all is as recorded, every mutant is noticed by a case that cites its
 * clause, and every case notices one: mutant id to case ids. Mutants and cases without a record are not in it.
 *
 * @param cites - whether the case cites the mutant's clause
 */
export function fewestKillers(
  proved: readonly MutantOutcome[],
  cites: (caseId: string, mutantId: string) => boolean,
): ReadonlyMap<string, readonly string[]> {
  const chosen = new Map<string, string[]>();
  const used = new Set<string>();
  const mutantsOf = new Map<string, string[]>();
  for (const { mutantId, killedBy } of proved) {
    const killers = killedBy.filter((each) => cites(each, mutantId));
    const killer = killers.find((each) => !used.has(each)) ?? killers[0] ?? killedBy[0];
    if (killer === undefined) continue;
    chosen.set(mutantId, [killer]);
    used.add(killer);
    for (const each of killedBy) mutantsOf.set(each, [...(mutantsOf.get(each) ?? []), mutantId]);
  }
  for (const [caseId, [mutantId]] of mutantsOf) {
    if (!used.has(caseId) && mutantId !== undefined) chosen.get(mutantId)?.push(caseId);
  }
  return chosen;
}

/**
 * What happened in how many runs of a whole campaign, and whether that is enough. Pure.
 *
 * Marks of one kind and text count together, whatever case, target or worker they come from. A point that must be reached
 * and never was, a thing that sometimes should happen and never did, and a class of faults or attacks that fired, or was off, in
 * too few runs make the coverage red: what they stand for was not tested.
 */
import type { CaseVerdict, CoverageRow } from './model.ts';

/** A class of faults or attacks must fire in so many of a hundred runs, and be off in so many. */
export const FAULT_SHARE_MIN_PERCENT = 20;
/** With fewer runs a share says nothing. */
const RUNS_MIN = 40;

/** A row and what is wrong with it. */
export type JudgedRow = CoverageRow & { readonly problem?: string };

/** Sums by kind and text, in the order in which marks first stand in the verdicts. */
export function sumCoverage(verdicts: readonly Pick<CaseVerdict, 'coverage'>[]): readonly CoverageRow[] {
  return addCoverage(verdicts.flatMap((verdict) => verdict.coverage ?? []));
}

/** One row for each kind and text. */
export function addCoverage(rows: readonly CoverageRow[]): readonly CoverageRow[] {
  const sums = new Map<string, CoverageRow>();
  for (const row of rows) {
    const key = `${row.kind ?? 'sometimes'} ${row.mark}`;
    const sum = sums.get(key);
    sums.set(key, sum === undefined ? row : added(sum, row));
  }
  return [...sums.values()];
}

function added(left: CoverageRow, right: CoverageRow): CoverageRow {
  const sum = { ...left, hits: left.hits + right.hits, runs: left.runs + right.runs };
  return left.on === undefined ? sum : { ...sum, on: left.on + (right.on ?? 0) };
}

/** Says of each row whether it is enough. */
export function judgeCoverage(rows: readonly CoverageRow[]): readonly JudgedRow[] {
  return rows.map((row) => {
    const problem = problemOf(row);
    return problem === undefined ? row : { ...row, problem };
  });
}

function problemOf({ kind, hits, runs, on = 0 }: CoverageRow): string | undefined {
  if (kind === 'reachable') return hits > 0 ? undefined : 'NEVER REACHED';
  if (kind !== 'fault' && kind !== 'attack') return hits > 0 || runs < RUNS_MIN ? undefined : 'NEVER';
  if (runs < RUNS_MIN) return undefined;
  if (hits * 100 < runs * FAULT_SHARE_MIN_PERCENT) return `FIRED IN LESS THAN ${FAULT_SHARE_MIN_PERCENT} %`;
  if ((runs - on) * 100 < runs * FAULT_SHARE_MIN_PERCENT) return `OFF IN LESS THAN ${FAULT_SHARE_MIN_PERCENT} %`;
  return undefined;
}

/** `part` of `whole` in whole percent. */
export function percentOf(part: number, whole: number): number {
  return Math.round((100 * part) / Math.max(1, whole));
}

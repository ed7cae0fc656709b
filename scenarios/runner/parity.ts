/**
 * Parity: whether the simulator and real sockets give the same outcome class of one case. Pure.
 *
 * Compared are the outcome, the clause of a failure, and the classes of what was observed (`attach/observed.ts`), of a property
 * those of its first plan. Cases that ran on one target only are not compared.
 */
import type { CaseVerdict } from '../../reports/model.ts';

/** One case that ran on both targets. */
export type ParityRow = {
  readonly case: string;
  /** What only one of the two gave, as classes; both empty when they agree. */
  readonly onlySim: readonly string[];
  readonly onlyLoopback: readonly string[];
};

/** A row for each case with a verdict from both targets, in the order of the verdicts. */
export function compareTargets(verdicts: readonly CaseVerdict[]): readonly ParityRow[] {
  const rows: ParityRow[] = [];
  for (const sim of verdicts) {
    if (sim.target !== 'sim') continue;
    const real = verdicts.find((each) => each.case === sim.case && each.target === 'loopback');
    if (real === undefined || sim.outcome === 'not-run' || real.outcome === 'not-run') continue;
    const [left, right] = [classesOf(sim), classesOf(real)];
    const onlyIn = (mine: readonly string[], other: readonly string[]): readonly string[] =>
      mine.filter((each) => !other.includes(each));
    rows.push({ case: sim.case, onlySim: onlyIn(left, right), onlyLoopback: onlyIn(right, left) });
  }
  return rows;
}

/** Whether a case gave one thing here and another there. */
export function differs({ onlySim, onlyLoopback }: ParityRow): boolean {
  return onlySim.length + onlyLoopback.length > 0;
}

function classesOf({ outcome, failure, observed = [] }: CaseVerdict): readonly string[] {
  const clause = failure?.clause === undefined ? '' : ` by ${failure.clause}`;
  return [`outcome ${outcome}${clause}`, ...observed];
}

/** The table of differences, and how many cases were compared. */
export function parityLines(rows: readonly ParityRow[]): string {
  const different = rows.filter(differs);
  const lines = different.flatMap((row) => [
    `  ${row.case}`,
    ...row.onlySim.map((each) => `    only on sim       ${each}`),
    ...row.onlyLoopback.map((each) => `    only on loopback  ${each}`),
  ]);
  const verdict = different.length === 0 ? 'no difference' : `${different.length} DIFFER`;
  return [...lines, `parity: ${rows.length} cases compared on sim and loopback, ${verdict}`, ''].join('\n');
}

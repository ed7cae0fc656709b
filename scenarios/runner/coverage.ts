/** What happened in how many runs of a whole campaign: marks of the same text count together. Pure. */
import type { CaseVerdict, CoverageRow } from '../../reports/model.ts';

/** Sums by mark, in the order in which marks first stand in the verdicts. */
export function sumCoverage(verdicts: readonly CaseVerdict[]): readonly CoverageRow[] {
  const sums = new Map<string, CoverageRow>();
  for (const { mark, hits, runs } of verdicts.flatMap((verdict) => verdict.coverage ?? [])) {
    const sum = sums.get(mark) ?? { mark, hits: 0, runs: 0 };
    sums.set(mark, { mark, hits: sum.hits + hits, runs: sum.runs + runs });
  }
  return [...sums.values()];
}

/** One line a mark: in how many runs it happened and in how many not. */
export function coverageLines(rows: readonly CoverageRow[]): string {
  const width = Math.max(...rows.map(({ mark }) => mark.length));
  const percent = (part: number, whole: number): string =>
    `${Math.round((100 * part) / Math.max(1, whole))}`.padStart(3);
  return rows
    .map(({ mark, hits, runs }) => {
      const never = hits === 0 ? '   NEVER' : '';
      return `  ${mark.padEnd(width)}  in ${percent(hits, runs)} %, not in ${percent(runs - hits, runs)} % of ${runs} runs${never}\n`;
    })
    .join('');
}

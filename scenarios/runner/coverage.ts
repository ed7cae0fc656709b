/** The coverage of a campaign for people at a terminal: a line a mark, and the verdict. Pure; sums and limits are reports/coverage.ts. */
import { judgeCoverage, percentOf } from '../../reports/coverage.ts';
import type { JudgedRow } from '../../reports/coverage.ts';
import type { CoverageRow } from '../../reports/model.ts';
import type { Mark } from '../attach/marks.ts';

/** Adds up the marks of the runs of one case. */
export class CoverageSum {
  readonly #rows = new Map<string, { kind: Mark['kind']; mark: string; hits: number; on: number }>();

  /** @param declared - Points that the case says can be reached; a row each, reached or not. */
  constructor(declared: readonly string[] = []) {
    for (const mark of declared) this.#row('reachable', mark);
  }

  add(marks: readonly Mark[]): void {
    for (const { kind, mark, happened, isOn } of marks) {
      const row = this.#row(kind, mark);
      if (happened) row.hits += 1;
      if (isOn === true) row.on += 1;
    }
  }

  /** Nothing when no run had a mark. */
  rows(runs: number): { readonly coverage?: readonly CoverageRow[] } {
    if (this.#rows.size === 0) return {};
    const coverage = [...this.#rows.values()].map(({ kind, mark, hits, on }) => ({
      mark,
      hits,
      runs,
      ...(kind === 'sometimes' ? {} : { kind }),
      ...(kind === 'fault' || kind === 'attack' || kind === 'rareWay' ? { on } : {}),
    }));
    return { coverage };
  }

  #row(kind: Mark['kind'], mark: string): { hits: number; on: number } {
    const key = `${kind} ${mark}`;
    const row = this.#rows.get(key) ?? { kind, mark, hits: 0, on: 0 };
    this.#rows.set(key, row);
    return row;
  }
}

const KINDS = [
  ['fault', 'classes of faults'],
  ['attack', 'classes of attacks'],
  ['rareWay', 'rare ways of the engine'],
  ['reachable', 'points that must be reached'],
  ['sometimes', 'what sometimes should happen'],
] as const;

/** A table a kind, a line a mark, and the verdict at the end; nothing when there is no mark. */
export function coverageLines(rows: readonly CoverageRow[]): string {
  if (rows.length === 0) return 'coverage: no case that ran has marks\n';
  const judged = judgeCoverage(rows);
  const width = Math.max(...rows.map(({ mark }) => mark.length));
  const tables = KINDS.map(([kind, title]) => {
    const own = judged.filter((row) => (row.kind ?? 'sometimes') === kind);
    return own.length === 0 ? '' : `${title}\n${own.map((row) => line(row, width)).join('')}`;
  });
  const wrong = judged.filter(({ problem }) => problem !== undefined);
  const verdict = wrong.length === 0 ? 'enough' : `NOT ENOUGH: ${wrong.map(({ mark }) => mark).join(', ')}`;
  return `${tables.join('')}coverage: ${verdict}\n`;
}

/** False when a mark says that something was not tested. */
export function isCovered(rows: readonly CoverageRow[]): boolean {
  return judgeCoverage(rows).every(({ problem }) => problem === undefined);
}

function line({ mark, hits, runs, on, problem }: JudgedRow, width: number): string {
  const share = (part: number): string => `${String(percentOf(part, runs)).padStart(3)} %`;
  const remark = problem === undefined ? '' : `   ${problem}`;
  const figures =
    on === undefined
      ? `in ${share(hits)}, not in ${share(runs - hits)}`
      : `on in ${share(on)}, fired in ${share(hits)}, off in ${share(runs - on)}`;
  return `  ${mark.padEnd(width)}  ${figures} of ${runs} runs${remark}\n`;
}

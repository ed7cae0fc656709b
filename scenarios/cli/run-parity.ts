/**
 * `esf run --parity`: what the two targets gave, compared; what differs is run on real sockets once more, by itself, because a
 * busy machine makes differences that are its own.
 */
import type { RunLog } from '../../reports/model.ts';
import { compareTargets, differs } from '../runner/parity.ts';
import type { ParityRow } from '../runner/parity.ts';
import { loadScenarios, tagsOf } from '../runner/plan.ts';
import { runSuites } from '../runner/run.ts';
import type { RunOptions } from '../runner/run.ts';

/** Compares every case of a finished run that has the tag `parity`. */
export async function compareParity({ verdicts }: RunLog, options: RunOptions): Promise<readonly ParityRow[]> {
  const loaded = await loadScenarios(options.selection.suites);
  const tagged = new Set(
    loaded.filter(({ scenario }) => tagsOf(scenario).includes('parity')).map(({ scenario }) => scenario.id),
  );
  const rows = compareTargets(verdicts.filter((verdict) => tagged.has(verdict.case)));
  const wanted = rows.filter(differs).map((row) => row.case);
  if (wanted.length === 0) return rows;
  const { spec, seed, runs, header, signal } = options;
  const { log } = await runSuites({
    selection: { ...options.selection, cases: wanted, targets: ['loopback'] },
    spec,
    seed,
    header,
    jobs: 1,
    ...(runs === undefined ? {} : { runs }),
    ...(signal === undefined ? {} : { signal }),
  });
  const second = compareTargets([...verdicts.filter(({ target }) => target === 'sim'), ...log.verdicts]);
  return rows.map((row) => second.find((each) => each.case === row.case) ?? row);
}

/**
 * One mutant's process: runs cases on the simulator until told enough.
 *
 * Started by campaign.ts in a copy of the build that has the fault in it, with the task as JSON in its first argument;
 * writes two JSON lines a case to standard output: that it starts, and how it ended. A process that dies tells by the
 * first of them that the fault loads and which case it was that met it.
 */
import { openTarget } from '../attach/targets.ts';
import { executeCase } from '../runner/execute.ts';
import { tolerateLateRejections } from '../runner/late-rejections.ts';
import { loadScenarios } from '../runner/plan.ts';

/** What a child has to do. */
export type MutantTask = {
  readonly seed: number;
  /** Run all of these. */
  readonly cases: readonly CaseName[];
  /** Then, if none of those failed, these until one fails. */
  readonly others: readonly CaseName[];
};

/** A case and the suite it stands in: only suites that are needed are loaded. */
export type CaseName = { readonly id: string; readonly suite: string };

/** What it says of each case: `started`, then the outcome. */
export type MutantLine = { readonly case: string; readonly outcome: string; readonly message?: string };

const task = JSON.parse(process.argv[2] ?? '{}') as MutantTask;

tolerateLateRejections();

function say(line: MutantLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const suites = new Map<string, ReturnType<typeof loadScenarios>>();
const runner = openTarget('sim');

async function fails({ id, suite }: CaseName): Promise<boolean> {
  const loading = suites.get(suite) ?? loadScenarios([suite]);
  suites.set(suite, loading);
  const scenario = (await loading).find((loaded) => loaded.scenario.id === id)?.scenario;
  if (scenario === undefined) throw new Error(`there is no case ${id} in the suite ${suite}`);
  say({ case: id, outcome: 'started' });
  const { outcome, failure } = await executeCase(scenario, runner, { seed: task.seed, shrinks: false });
  say({ case: id, outcome, ...(failure === undefined ? {} : { message: failure.message }) });
  return outcome === 'fail' || outcome === 'timeout' || outcome === 'crash';
}

let failed = false;
for (const one of task.cases) failed = (await fails(one)) || failed;
for (const one of task.others) {
  if (failed) break;
  failed = await fails(one);
}
await runner.close();

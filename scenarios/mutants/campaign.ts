/**
 * Runs mutants, each in a process of its own, and tells which cases noticed them.
 *
 * Cases that cite the mutant's clause run all; only if none of them fails, the others follow until one does. A mutant
 * whose process hangs is killed after a budget and counts as noticed by the case that was running.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { targetsOf } from '../runner/plan.ts';
import type { LoadedScenario } from '../runner/plan.ts';
import type { CaseName, MutantLine, MutantTask } from './child.ts';
import type { Mutant } from './mutant.ts';

export type MutantResult = {
  readonly mutant: Mutant;
  readonly status: 'killed' | 'survived' | 'broken';
  /** Cases that failed on it, those that cite its clause first. */
  readonly killedBy: readonly string[];
  /** True when one of them cites the mutant's clause: then the clause is proved. */
  readonly proves: boolean;
  /** What the first of them said, or why the mutant is broken. */
  readonly message: string;
};

export type CampaignOptions = {
  readonly root: string;
  readonly seed: number;
  readonly jobs: number;
  readonly scenarios: readonly LoadedScenario[];
  onResult?(result: MutantResult, done: number): void;
};

/** Wall-clock budget of one mutant; the whole simulated suite takes a fraction of it. */
const BUDGET_MILLIS = 90_000;
const NOTICED = new Set(['fail', 'timeout', 'crash']);

/** Which cases a mutant is shown to, in what order: those of its clause, then those of its area, then the rest. */
function casesFor(mutant: Mutant, scenarios: readonly LoadedScenario[]): Pick<MutantTask, 'cases' | 'others'> {
  const simulated = scenarios.filter(({ scenario }) => targetsOf(scenario).includes('sim'));
  const area = `${mutant.clause.split('-')[0]!}-`;
  const cites =
    (clause: string): ((s: (typeof simulated)[number]) => boolean) =>
    ({ scenario }) =>
      scenario.clauses.some((c) => c.startsWith(clause));
  const cases = simulated.filter(cites(mutant.clause));
  const rest = simulated.filter((s) => !cases.includes(s));
  const others = [...rest.filter(cites(area)), ...rest.filter((s) => !cites(area)(s))];
  const name = ({ area: suite, scenario }: LoadedScenario): CaseName => ({ id: scenario.id, suite });
  return { cases: cases.map(name), others: others.map(name) };
}

/** Runs all mutants, `jobs` at a time; results in the order of the list. */
export async function runCampaign(
  mutants: readonly Mutant[],
  options: CampaignOptions,
): Promise<readonly MutantResult[]> {
  const results: MutantResult[] = [];
  let next = 0;
  let done = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < mutants.length; index = next++) {
      const result = await runMutant(mutants[index]!, options);
      results[index] = result;
      options.onResult?.(result, ++done);
    }
  };
  await Promise.all(Array.from({ length: options.jobs }, worker));
  return results;
}

type ChildEnd = {
  readonly lines: readonly MutantLine[];
  readonly code: number | null;
  readonly stderr: string;
  readonly hung: boolean;
};

function runChild(task: MutantTask, root: string): Promise<ChildEnd> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [join(root, 'dist', 'scenarios', 'mutants', 'child.js'), JSON.stringify(task)],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let out = '';
    let stderr = '';
    let hung = false;
    const budget = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, BUDGET_MILLIS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)));
    child.on('close', (code) => {
      clearTimeout(budget);
      const lines = out
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as MutantLine);
      resolve({ lines, code, stderr, hung });
    });
  });
}

async function runMutant(mutant: Mutant, options: CampaignOptions): Promise<MutantResult> {
  const { cases, others } = casesFor(mutant, options.scenarios);
  const end = await runChild({ mutant, seed: options.seed, cases, others }, options.root);
  const failed = end.lines.filter((line) => NOTICED.has(line.outcome));
  const running = [...cases, ...others][end.lines.length]?.id;
  if (end.code !== 0 && end.lines.length === 0 && !end.hung) {
    const error = end.stderr.split('\n').find((line) => line.includes('Error'));
    return {
      mutant,
      status: 'broken',
      killedBy: [],
      proves: false,
      message: error ?? `ended with code ${String(end.code)}`,
    };
  }
  // A process that hung or died did so in the case after the last one it told of.
  if (end.code !== 0 && running !== undefined) {
    const message = end.hung ? `did not end within ${BUDGET_MILLIS / 1000} s` : 'the process died';
    failed.push({ case: running, outcome: end.hung ? 'timeout' : 'crash', message });
  }
  const killedBy = failed.map((line) => line.case);
  return {
    mutant,
    status: killedBy.length > 0 ? 'killed' : 'survived',
    killedBy,
    proves: killedBy.some((killer) => cases.some(({ id }) => id === killer)),
    message: failed[0]?.message ?? '',
  };
}

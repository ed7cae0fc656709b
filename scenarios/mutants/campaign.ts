/**
 * Runs mutants, each in a process of its own, and tells which cases noticed them.
 *
 * Cases that cite the mutant's clause run all, or only those that noticed it last time; if none of them fails, the others
 * follow until one does. A mutant whose process hangs or outgrows its memory is ended and counts as noticed by the case
 * that was running.
 */
import { spawn } from 'node:child_process';
import type { MutantOutcome } from '../../spec/clause-coverage.ts';
import type { AnyScenario } from '../api.ts';
import { targetsOf } from '../runner/plan.ts';
import type { LoadedScenario } from '../runner/plan.ts';
import type { CaseName, MutantLine, MutantTask } from './child.ts';
import { copyBuild } from './copies.ts';
import type { BuildCopy } from './copies.ts';
import type { Mutant } from './mutant.ts';
import { fewestKillers } from './proved.ts';

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
  /** Of the package, which must be built. */
  readonly root: string;
  readonly seed: number;
  readonly jobs: number;
  readonly scenarios: readonly LoadedScenario[];
  /** Who noticed what last time: asked first, and nobody else who notices it again. Absent: all who cite the clause. */
  readonly proved?: readonly MutantOutcome[];
  onResult?(result: MutantResult, done: number): void;
};

/**
 * Wall-clock time for one case, and for loading before the first: the longest takes a few seconds. Mutants that hang are most
 * of what a campaign waits for.
 */
const SILENCE_MILLIS_MAX = 30_000;
/** Heap of one mutant's process: a fault that allocates for ever ends here soon, not when the machine is full. */
const HEAP_MEBIBYTES = 1024;
const NOTICED = new Set(['fail', 'timeout', 'crash']);

/** A case, and whether it cites the mutant's clause. */
type Asked = CaseName & { readonly cites: boolean };
type Questions = { readonly cases: readonly Asked[]; readonly others: readonly Asked[] };

/**
 * Which cases a mutant is shown to, in what order: those of its clause, then those of its area, then the rest. All of
 * `first`, when given, else all of its clause; the others until one notices.
 */
function casesFor(mutant: Mutant, { scenarios }: CampaignOptions, first: readonly string[] | undefined): Questions {
  const area = `${mutant.clause.split('-')[0]!}-`;
  const simulated = scenarios.filter(({ scenario }) => targetsOf(scenario).includes('sim'));
  const named = simulated.map(({ area: suite, scenario }) => ({
    id: scenario.id,
    suite,
    cites: citesClause(scenario, mutant.clause),
    isNear: scenario.clauses.some((clause) => clause.startsWith(area)),
  }));
  const isAsked = ({ id, cites }: Asked): boolean => (first === undefined ? cites : first.includes(id));
  const rest = named.filter((each) => !isAsked(each));
  const others = [
    ...rest.filter(({ cites }) => cites),
    ...rest.filter(({ cites, isNear }) => !cites && isNear),
    ...rest.filter(({ cites, isNear }) => !cites && !isNear),
  ];
  return { cases: named.filter(isAsked), others };
}

function citesClause(scenario: AnyScenario, clause: string): boolean {
  return scenario.clauses.some((each) => each.startsWith(clause));
}

/** Cases to ask first, by mutant. */
function firstAsked(
  mutants: readonly Mutant[],
  { scenarios, proved }: CampaignOptions,
): ReadonlyMap<string, readonly string[]> {
  if (proved === undefined) return new Map();
  const byId = new Map(scenarios.map(({ scenario }) => [scenario.id, scenario]));
  const clauseOf = new Map(mutants.map(({ id, clause }) => [id, clause]));
  const cites = (caseId: string, mutantId: string): boolean => {
    const scenario = byId.get(caseId);
    const clause = clauseOf.get(mutantId);
    return scenario !== undefined && clause !== undefined && citesClause(scenario, clause);
  };
  return fewestKillers(
    proved.filter(({ mutantId }) => clauseOf.has(mutantId)),
    cites,
  );
}

/** Runs all mutants, `jobs` at a time; results in the order of the list. */
export async function runCampaign(
  mutants: readonly Mutant[],
  options: CampaignOptions,
): Promise<readonly MutantResult[]> {
  const results: MutantResult[] = [];
  let next = 0;
  let done = 0;
  const first = firstAsked(mutants, options);
  const worker = async (copy: BuildCopy): Promise<void> => {
    for (let index = next++; index < mutants.length; index = next++) {
      const mutant = mutants[index]!;
      const questions = casesFor(mutant, options, first.get(mutant.id) ?? (options.proved && []));
      const result = await runMutant(mutant, copy, { seed: options.seed, ...questions });
      results[index] = result;
      options.onResult?.(result, ++done);
    }
  };
  const build = copyBuild(options.root, Math.min(options.jobs, mutants.length));
  try {
    await Promise.all(build.copies.map(worker));
  } finally {
    build.remove();
  }
  return results;
}

type ChildEnd = {
  readonly lines: readonly MutantLine[];
  readonly code: number | null;
  readonly stderr: string;
  readonly hung: boolean;
};

function runChild(task: MutantTask, script: string): Promise<ChildEnd> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [`--max-old-space-size=${HEAP_MEBIBYTES}`, script, JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let stderr = '';
    let hung = false;
    const silence = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, SILENCE_MILLIS_MAX);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      silence.refresh();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)));
    child.on('close', (code) => {
      clearTimeout(silence);
      const lines = out
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as MutantLine);
      resolve({ lines, code, stderr, hung });
    });
  });
}

async function runMutant(
  mutant: Mutant,
  copy: BuildCopy,
  { seed, cases, others }: Questions & { readonly seed: number },
): Promise<MutantResult> {
  let takeOut: () => void;
  try {
    takeOut = copy.plant(mutant);
  } catch (error) {
    return broken(mutant, error instanceof Error ? error.message : String(error));
  }
  const end = await runChild({ seed, cases, others }, copy.child);
  takeOut();
  const failed = end.lines.filter((line) => NOTICED.has(line.outcome));
  const last = end.lines.at(-1);
  if (end.code !== 0 && end.lines.length === 0) {
    const error = end.stderr.split('\n').find((line) => line.includes('Error'));
    return broken(mutant, error ?? (end.hung ? 'hung before its first case' : `ended with code ${String(end.code)}`));
  }
  if (end.code !== 0 && last?.outcome === 'started') {
    const message = end.hung ? `did not end within ${SILENCE_MILLIS_MAX / 1000} s` : 'the process died';
    failed.push({ case: last.case, outcome: end.hung ? 'timeout' : 'crash', message });
  }
  const killedBy = failed.map((line) => line.case);
  const proves = [...cases, ...others].some(({ id, cites }) => cites && killedBy.includes(id));
  return {
    mutant,
    status: killedBy.length > 0 ? 'killed' : 'survived',
    killedBy,
    proves,
    message: failed[0]?.message ?? '',
  };
}

function broken(mutant: Mutant, message: string): MutantResult {
  return { mutant, status: 'broken', killedBy: [], proves: false, message };
}

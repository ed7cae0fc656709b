/**
 * Executes one case on one target: an example once, a property as often as asked, shrinking what fails.
 *
 * Runs inside a worker, or directly in the caller's process. It gives facts; judging them is verdict.ts.
 */
import * as fc from 'fast-check';
import type { TraceWindow } from '../../sim/index.ts';
import type { Figure } from '../../reports/figures.ts';
import type { CoverageRow, Failure, Outcome, Step } from '../../reports/model.ts';
import type { AnyScenario, Stage, TargetName } from '../api.ts';
import { signatureOf } from '../campaign/signature.ts';
import type { BodyResult } from '../attach/stage.ts';
import { HarnessFault } from '../attach/failures.ts';
import type { Encoded } from './choices.ts';
import { CoverageSum } from './coverage.ts';
import { executeOnce, executeStored, runOne } from './one-run.ts';
import { endedBy } from './outcome.ts';
import type { Ended } from './outcome.ts';
import { caseSeed, combineDigests } from './seeds.ts';

/** What one run of a body needs to know. */
export type BodyOptions = {
  readonly seed: number;
  readonly timeLimitSecs: number;
  readonly invariants: boolean;
  /** On the simulator: keep this part of the trace and give it with the result. */
  readonly traceWindow?: TraceWindow;
};

/** A target that can run bodies, one after the other or at once. */
export type TargetRunner = {
  readonly target: TargetName;
  run(options: BodyOptions, scenario: AnyScenario, body: (stage: Stage) => Promise<void>): Promise<BodyResult>;
  /** Releases what the target holds beyond its runs. */
  close(): Promise<void>;
};

/** How often and from where. */
export type ExecuteOptions = {
  /** The run's seed, as given by `--seed`. */
  readonly seed: number;
  /** Property runs on the simulator; real sockets make a tenth, from 2 to 20. Default by scenario. */
  readonly runs?: number;
  /** Runs exactly the plan that this fast-check path leads to. */
  readonly path?: string;
  /** False for the first plan that fails, as it is: enough to know that one does. Default true. */
  readonly shrinks?: boolean;
  /** Shrinks only to plans that fail with this signature (campaign/signature.ts), not to any that fail. */
  readonly signature?: string;
  /** On the simulator: make every run twice, and fail where the two differ. */
  readonly checkDeterminism?: boolean;
  /** One stored run and no other; `file` is where it came from. */
  readonly replay?: { readonly file: string; readonly worldSeed: number; readonly choices?: Encoded };
};

/** Called after each run of a property: the case does not hang. */
export type OnRun = () => void;

export type CaseResult = {
  readonly outcome: Outcome;
  readonly failure?: Failure;
  readonly reason?: string;
  readonly digest?: string;
  /** Bodies run, shrinking not counted. */
  readonly runs: number;
  readonly steps: readonly Step[];
  readonly figures?: readonly Figure[];
  readonly coverage?: readonly CoverageRow[];
  /** Classes of what was seen; of a property in its first run. */
  readonly observed?: readonly string[];
};

const RUNS_DEFAULT = 20;
const RUNS_REAL_MIN = 2;
const RUNS_REAL_MAX = 20;
/** Bodies run to shrink a failure, at most; a count and not a time on the simulator, so that it is reproducible. */
const SHRINK_RUNS_MAX_SIM = 300;
const SHRINK_RUNS_MAX_REAL = 40;
const SHRINK_MILLIS_MAX_REAL = 10_000;

/** Runs the case. */
export async function executeCase(
  scenario: AnyScenario,
  runner: TargetRunner,
  options: ExecuteOptions,
  onRun: OnRun = () => undefined,
): Promise<CaseResult> {
  if (options.replay !== undefined) return executeStored(scenario, runner, options, options.replay);
  const seed = caseSeed(options.seed, scenario.id);
  const property = { ...options, seed, onRun };
  if (scenario.plan !== undefined) return executeProperty(scenario, runner, scenario.plan(), property);
  if (options.path !== undefined) {
    const error = new HarnessFault(`case ${scenario.id} is no property, so it has no path; leave out --path`);
    return { ...endedBy(error), runs: 0, steps: [] };
  }
  return executeOnce(scenario, runner, options, { plan: undefined, worldSeed: seed });
}

/** How many of the runs asked for a target makes: real time is too slow to search in. */
function runsOn(target: TargetName, runs: number): number {
  return target === 'sim' ? runs : Math.min(RUNS_REAL_MAX, Math.max(RUNS_REAL_MIN, Math.ceil(runs / 10)));
}

/** The seed of each world is part of the plan, so that a path leads to exactly the same world; it does not shrink. */
export function worldSeeds(): fc.Arbitrary<number> {
  return fc.noShrink(fc.nat({ max: 0x7fff_ffff }));
}

type Failed = { readonly ended: Ended; readonly steps: readonly Step[] };

/** The runs of one property: what they gave, and how much shrinking is left. */
class PropertyRuns {
  readonly digests: string[] = [];
  readonly coverage: CoverageSum;
  runCount = 0;
  lastSteps: readonly Step[] = [];
  lastFigures: readonly Figure[] | undefined;
  note: string | undefined;
  firstObserved: readonly string[] | undefined;
  /** Of the smallest plan so far. */
  failed: Failed | undefined;
  #shrinkRuns = 0;
  #shrinkUntilMillis = 0;
  readonly #scenario: AnyScenario;
  readonly #runner: TargetRunner;
  readonly #options: ExecuteOptions;

  constructor(scenario: AnyScenario, runner: TargetRunner, options: ExecuteOptions) {
    this.#scenario = scenario;
    this.#runner = runner;
    this.#options = options;
    this.coverage = new CoverageSum(scenario.reachable);
  }

  /** Runs one plan; throws when it fails, which makes fast-check shrink. */
  async run(plan: unknown, worldSeed: number): Promise<void> {
    const isShrinking = this.failed !== undefined;
    if (isShrinking && this.#shrinkingIsOver()) return;
    const { result, ended } = await runOne(this.#scenario, this.#runner, this.#options, { plan, worldSeed });
    this.note ??= result.note;
    // A plan that the body refuses by `fc.pre` is no run at all; fast-check draws another.
    if (fc.PreconditionFailure.isFailure(result.error)) throw result.error;
    if (!isShrinking) {
      if (this.runCount === 0) this.firstObserved = result.observed;
      this.runCount += 1;
      if (result.digest !== undefined) this.digests.push(result.digest);
      this.lastSteps = result.steps;
      this.lastFigures = result.figures;
      this.coverage.add(result.marks ?? []);
    }
    if (ended === undefined) return;
    // What a faulty harness or an unsupported feature does is not made clearer by a smaller plan.
    if (isShrinking && ended.outcome !== this.failed?.ended.outcome) return;
    if (isShrinking && !this.#isWanted(ended)) return;
    if (!isShrinking) this.#shrinkUntilMillis = performance.now() + SHRINK_MILLIS_MAX_REAL;
    this.failed = { ended, steps: result.steps };
    throw result.error instanceof Error ? result.error : new Error('the run failed', { cause: result.error });
  }

  #isWanted({ outcome, failure }: Ended): boolean {
    const { signature } = this.#options;
    return signature === undefined || signatureOf(this.#scenario.id, outcome, failure) === signature;
  }

  #shrinkingIsOver(): boolean {
    this.#shrinkRuns += 1;
    const { outcome } = this.failed?.ended ?? {};
    if (outcome !== 'fail' && outcome !== 'timeout' && outcome !== 'crash') return true;
    if (this.#runner.target === 'sim') return this.#shrinkRuns > SHRINK_RUNS_MAX_SIM;
    return this.#shrinkRuns > SHRINK_RUNS_MAX_REAL || performance.now() > this.#shrinkUntilMillis;
  }
}

async function executeProperty(
  scenario: AnyScenario,
  runner: TargetRunner,
  plan: fc.Arbitrary<unknown>,
  options: ExecuteOptions & { readonly onRun: OnRun },
): Promise<CaseResult> {
  const runs = new PropertyRuns(scenario, runner, options);
  const property = fc.asyncProperty(plan, worldSeeds(), (value, worldSeed) =>
    runs.run(value, worldSeed).finally(options.onRun),
  );
  const details = await fc.check(property, {
    seed: options.seed,
    numRuns: options.path === undefined ? runsOn(runner.target, options.runs ?? scenario.runs ?? RUNS_DEFAULT) : 1,
    endOnFailure: options.path !== undefined || options.shrinks === false,
    ...(options.path === undefined ? {} : { path: options.path }),
  });
  const digest = runs.digests.length === 0 ? {} : { digest: combineDigests(runs.digests) };
  const figures = runs.lastFigures === undefined ? {} : { figures: runs.lastFigures };
  const facts = {
    runs: runs.runCount,
    ...digest,
    ...figures,
    ...runs.coverage.rows(runs.runCount),
    ...(runs.firstObserved === undefined ? {} : { observed: runs.firstObserved }),
    ...(runs.note === undefined ? {} : { reason: runs.note }),
  };
  const { failed } = runs;
  if (failed === undefined) return { outcome: 'pass', steps: runs.lastSteps, ...facts };
  return { ...facts, ...withCounterexample(failed.ended, details), steps: failed.steps };
}

function withCounterexample(
  ended: Ended,
  details: {
    readonly counterexample: [unknown, number] | null;
    readonly counterexamplePath: string | null;
    readonly numShrinks: number;
  },
): Ended {
  if (ended.failure === undefined || details.counterexample === null) return ended;
  const [plan] = details.counterexample;
  return {
    ...ended,
    failure: {
      ...ended.failure,
      counterexample: planText(plan),
      shrinks: details.numShrinks,
      ...(details.counterexamplePath === null ? {} : { path: details.counterexamplePath }),
    },
  };
}

/** The plan as JSON; bytes as hex, what JSON lacks as text. */
function planText(plan: unknown): string {
  return JSON.stringify(plan, (_key, value: unknown) => {
    if (value instanceof Uint8Array) return `hex:${Buffer.from(value).toString('hex')}`;
    if (typeof value === 'bigint') return value.toString();
    if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
    return value;
  });
}

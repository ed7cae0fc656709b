/**
 * One whole run: plan, execute, judge, log. Everything that happens is in the log before anybody is told.
 *
 * It prints nothing and sets no exit code; the command line does. Drive it with `runSuites(options)`. Simulated cases go
 * to `jobs` worker threads, one at a time each; cases on real sockets, which mostly wait, to workers that run several at
 * once; a caller may bring runners of its own for a target, which then runs in this thread.
 */
import type { CaseVerdict, Expectation, RunFooter, RunHeader, RunLog, Status } from '../../reports/model.ts';
import type { TargetName } from '../api.ts';
import type { ExecuteOptions, TargetRunner } from './execute.ts';
import { expectationFor, unknownEntries } from './expectations.ts';
import type { ExpectationEntry } from './expectations.ts';
import type { Job, JobResult } from './jobs.ts';
import { openLog } from './ndjson.ts';
import type { LogWriter } from './ndjson.ts';
import { SelectionError, loadScenarios, plannedRow, planRun } from './plan.ts';
import type { PlannedUnit, Selection } from './plan.ts';
import { WorkerPool } from './pool.ts';
import { reproCommand } from './repro.ts';
import { runDigest } from './seeds.ts';
import type { SpecIndex } from './spec-files.ts';
import { judge } from './verdict.ts';

/** A target that the caller executes in this thread. */
export type OwnRunner = { readonly runner: TargetRunner; readonly concurrency: number };

export type RunOptions = {
  readonly selection: Selection;
  readonly spec: SpecIndex;
  readonly seed: number;
  /** Property runs on every case; default by scenario. */
  readonly runs?: number;
  /** A fast-check path; the selection must then be one property on one target. */
  readonly path?: string;
  /** One stored run; the selection must be its case on its target. */
  readonly replay?: ExecuteOptions['replay'];
  /** Make every simulated run twice and compare. */
  readonly checkDeterminism?: boolean;
  /** Worker threads for simulated cases. */
  readonly jobs: number;
  /** Stop starting cases after the first unexpected verdict. */
  readonly bail?: boolean;
  /** SHOULD counts as MUST. */
  readonly strict?: boolean;
  readonly expectations?: readonly ExpectationEntry[];
  /** Where `run.ndjson` goes; nowhere when absent. */
  readonly logPath?: string;
  /** Header fields that only the caller knows. */
  readonly header: Pick<RunHeader, 'version' | 'command' | 'startedAt'> &
    Partial<Pick<RunHeader, 'implementation' | 'shard'>>;
  /** Targets executed in this thread. */
  readonly ownRunners?: Readonly<Partial<Record<TargetName, OwnRunner>>>;
  readonly budgetMillis?: (job: Job) => number;
  readonly onPlanned?: (header: RunHeader) => void;
  readonly onStarted?: (job: Job) => void;
  readonly onVerdict?: (verdict: CaseVerdict) => void;
  /** Ends the run early; the log is closed with `complete: false`. */
  readonly signal?: AbortSignal;
  /** The worker's file; for tests. */
  readonly workerEntry?: URL;
};

export type RunResult = {
  readonly log: RunLog;
  /** False when the run was ended from outside. */
  readonly complete: boolean;
};

/** Cases on real sockets that one worker runs at once. */
const REAL_CASES_AT_ONCE = 8;
const TIME_LIMIT_SECS_DEFAULT = 600;

/**
 * Runs what is selected.
 *
 * @throws SelectionError when the selection or the expectations name something that does not exist.
 */
export async function runSuites(options: RunOptions): Promise<RunResult> {
  const { selection, spec } = options;
  const loaded = await loadScenarios(selection.suites);
  const units = planRun(loaded, selection, (clauses) => spec.levelOf(clauses));
  if (options.path !== undefined && units.length !== 1) {
    throw new SelectionError(
      `--path needs exactly one case on one target, not ${units.length}; give --case and --target`,
    );
  }
  // Only a run of everything knows every id.
  const ids = new Set(loaded.map(({ scenario }) => scenario.id));
  const stale = selection.suites === undefined ? unknownEntries(options.expectations ?? [], ids) : [];
  if (stale.length > 0) throw new SelectionError(stale.join('; '));
  return new Run(options, units).execute();
}

class Run {
  readonly #options: RunOptions;
  readonly #units: ReadonlyMap<string, PlannedUnit>;
  readonly #header: RunHeader;
  readonly #writer: LogWriter | undefined;
  readonly #verdicts = new Map<string, CaseVerdict>();
  readonly #startMillis = performance.now();
  readonly #pools: WorkerPool[] = [];
  #bailed = false;

  constructor(options: RunOptions, units: readonly PlannedUnit[]) {
    this.#options = options;
    this.#units = new Map(units.map((unit) => [unitKey(unit.scenario.id, unit.target), unit]));
    this.#header = makeHeader(options, units);
    this.#writer = options.logPath === undefined ? undefined : openLog(options.logPath);
  }

  async execute(): Promise<RunResult> {
    this.#writer?.write(this.#header);
    this.#options.onPlanned?.(this.#header);
    const stop = (): void => this.#stop();
    this.#options.signal?.addEventListener('abort', stop, { once: true });
    try {
      const jobs = this.#skipAndPlan();
      const own = (job: Job): boolean => this.#options.ownRunners?.[job.target] !== undefined;
      await Promise.all([
        this.#inPool(jobs.filter((job) => !own(job) && job.target === 'sim')),
        this.#inPool(jobs.filter((job) => !own(job) && job.target !== 'sim')),
        this.#inThisThread(jobs.filter(own)),
      ]);
      return this.#finish();
    } finally {
      this.#options.signal?.removeEventListener('abort', stop);
      this.#writer?.close();
    }
  }

  get #isEnded(): boolean {
    return this.#bailed || this.#options.signal?.aborted === true;
  }

  #stop(): void {
    for (const pool of this.#pools) pool.stop();
  }

  /** Skipped cases get their verdict at once; the rest become jobs. */
  #skipAndPlan(): Job[] {
    const { seed, runs, path, replay, checkDeterminism } = this.#options;
    const jobs: Job[] = [];
    for (const unit of this.#units.values()) {
      const job: Job = {
        case: unit.scenario.id,
        area: unit.area,
        target: unit.target,
        options: {
          seed,
          ...(runs === undefined ? {} : { runs }),
          ...(path === undefined ? {} : { path }),
          ...(replay === undefined ? {} : { replay }),
          ...(checkDeterminism === true ? { checkDeterminism } : {}),
        },
      };
      const expectation = this.#expectation(unit);
      if (expectation.kind !== 'skip') jobs.push(job);
      else
        this.#take({
          job,
          result: { outcome: 'not-run', reason: expectation.reason, runs: 0, steps: [] },
          wallMillis: 0,
        });
    }
    return jobs;
  }

  async #inPool(jobs: readonly Job[]): Promise<void> {
    const isSim = jobs[0]?.target === 'sim';
    const { jobs: workers, workerEntry } = this.#options;
    const pool = new WorkerPool(jobs, {
      // Two at once hide the way of a message; one after the other is still how a worker runs simulated cases.
      lane: isSim
        ? { workers: Math.min(workers, jobs.length), capacity: 2 }
        : {
            workers: Math.min(Math.ceil(workers / 2), Math.ceil(jobs.length / REAL_CASES_AT_ONCE)),
            capacity: REAL_CASES_AT_ONCE,
          },
      budgetMillis: this.#options.budgetMillis ?? ((job) => this.#budgetMillis(job)),
      onStarted: (job) => this.#started(job),
      onResult: (result) => this.#take(result),
      ...(workerEntry === undefined ? {} : { entry: workerEntry }),
    });
    this.#pools.push(pool);
    if (!this.#isEnded) await pool.run();
  }

  async #inThisThread(jobs: readonly Job[]): Promise<void> {
    if (jobs.length === 0) return;
    // With it comes fast-check, which a run in workers does not need here.
    const { executeCase } = await import('./execute.ts');
    const queue = [...jobs];
    const work = async (): Promise<void> => {
      for (let job = queue.shift(); job !== undefined && !this.#isEnded; job = queue.shift()) {
        const own = this.#options.ownRunners?.[job.target];
        const unit = this.#units.get(unitKey(job.case, job.target));
        if (own === undefined || unit === undefined) continue;
        this.#started(job);
        const startMillis = performance.now();
        const result = await executeCase(unit.scenario, own.runner, job.options);
        if (this.#options.signal?.aborted === true) return;
        this.#take({ job, result, wallMillis: performance.now() - startMillis });
      }
    };
    const concurrency = Math.max(0, ...jobs.map((job) => this.#options.ownRunners?.[job.target]?.concurrency ?? 0));
    await Promise.all(Array.from({ length: Math.min(concurrency, jobs.length) }, work));
  }

  /** Generous: it is for runs that hang. A minute for what is computed, the limits of all repetitions for what waits. */
  #budgetMillis(job: Job): number {
    const { scenario } = this.#units.get(unitKey(job.case, job.target)) ?? {};
    if (job.target === 'sim') return 60_000;
    const runs =
      scenario?.plan === undefined ? 1 : Math.max(2, Math.ceil((job.options.runs ?? scenario.runs ?? 20) / 10));
    return 60_000 + runs * ((scenario?.timeLimitSecs ?? TIME_LIMIT_SECS_DEFAULT) / 10) * 1000;
  }

  #started(job: Job): void {
    const atMillis = this.#elapsedMillis();
    this.#writer?.write({ kind: 'start', case: job.case, target: job.target, atMillis });
    this.#options.onStarted?.(job);
  }

  #take({ job, result, wallMillis }: JobResult): void {
    const unit = this.#units.get(unitKey(job.case, job.target));
    if (unit === undefined || this.#options.signal?.aborted === true) return;
    const verdict = this.#judged(unit, job, { result, wallMillis });
    this.#verdicts.set(unitKey(job.case, job.target), verdict);
    this.#writer?.write(verdict);
    this.#options.onVerdict?.(verdict);
    const isUnexpected = verdict.status === 'red' || verdict.status === 'purple';
    if (this.#options.bail === true && isUnexpected && !this.#bailed) {
      this.#bailed = true;
      for (const pool of this.#pools) pool.drain();
    }
  }

  #judged(unit: PlannedUnit, job: Job, { result, wallMillis }: Pick<JobResult, 'result' | 'wallMillis'>): CaseVerdict {
    const expectation = this.#expectation(unit);
    const { status, stale } = judge({
      outcome: result.outcome,
      expectation,
      level: unit.level,
      strict: this.#options.strict ?? false,
      mandatory: unit.scenario.needs?.every((feature) => feature === 'logon' || feature === 'send') ?? true,
      today: this.#options.header.startedAt.slice(0, 10),
      ...(result.failure === undefined ? {} : { message: result.failure.message }),
    });
    const reason = [result.reason, stale].filter((text) => text !== undefined).join('; ');
    const isDrawn = job.target === 'sim' || unit.scenario.plan !== undefined;
    return {
      kind: 'verdict',
      case: job.case,
      target: job.target,
      outcome: result.outcome,
      expectation,
      status,
      seed: isDrawn ? job.options.seed : 0,
      runs: result.runs,
      wallMillis: Math.round(wallMillis * 10) / 10,
      repro: reproCommand(job, result),
      ...(result.digest === undefined ? {} : { digest: result.digest }),
      ...(reason === '' ? {} : { reason }),
      ...(result.failure === undefined ? {} : { failure: result.failure }),
      ...(result.steps.length === 0 ? {} : { steps: result.steps }),
      ...(result.figures === undefined ? {} : { figures: result.figures }),
      ...(result.coverage === undefined ? {} : { coverage: result.coverage }),
      ...(result.observed === undefined ? {} : { observed: result.observed }),
    };
  }

  #expectation(unit: PlannedUnit): Expectation {
    return expectationFor(this.#options.expectations ?? [], unit.scenario.id, unit.target);
  }

  /** In order of the plan, whatever finished first, with what was not run filled in. */
  #finish(): RunResult {
    const complete = this.#options.signal?.aborted !== true;
    const verdicts = [...this.#units.values()].map(
      (unit) => this.#verdicts.get(unitKey(unit.scenario.id, unit.target)) ?? this.#notRun(unit),
    );
    const counts: Record<Status, number> = { green: 0, red: 0, yellow: 0, grey: 0, hollow: 0, purple: 0 };
    for (const verdict of verdicts) counts[verdict.status] += 1;
    const footer: RunFooter = {
      kind: 'footer',
      complete,
      digest: runDigest(verdicts),
      wallMillis: this.#elapsedMillis(),
      counts,
    };
    this.#writer?.write(footer);
    return { log: { header: this.#header, verdicts, footer }, complete };
  }

  #notRun(unit: PlannedUnit): CaseVerdict {
    const { seed } = this.#options;
    const job: Job = { case: unit.scenario.id, area: unit.area, target: unit.target, options: { seed } };
    const reason = this.#bailed ? 'the run ended at the first unexpected verdict' : 'the run was ended';
    const verdict = this.#judged(unit, job, {
      result: { outcome: 'not-run', reason, runs: 0, steps: [] },
      wallMillis: 0,
    });
    this.#writer?.write(verdict);
    return verdict;
  }

  #elapsedMillis(): number {
    return Math.round(performance.now() - this.#startMillis);
  }
}

function unitKey(caseId: string, target: string): string {
  return `${caseId} ${target}`;
}

function makeHeader(options: RunOptions, units: readonly PlannedUnit[]): RunHeader {
  const { header, spec, selection } = options;
  return {
    kind: 'header',
    format: 1,
    tool: 'esf-conformance',
    version: header.version,
    spec: spec.hash,
    command: header.command,
    seed: options.seed,
    targets: selection.targets,
    implementation: header.implementation ?? {
      name: 'reference engine',
      version: header.version,
      language: 'TypeScript',
    },
    startedAt: header.startedAt,
    node: process.version,
    clauses: spec.rows,
    planned: units.map(plannedRow),
    ...(header.shard === undefined ? {} : { shard: header.shard }),
  };
}

/**
 * A validation run: every scenario for foreign clients through the runner, then the vectors, in one log.
 *
 * The runner plans, executes and judges; this adds what only adapters have: vectors as cases, cases that found no process
 * any more, the command that repeats a verdict. It prints nothing; `cli/validate.ts` does.
 */
import type { CaseVerdict, PlannedCase, RunFooter, RunHeader, RunLog, Status } from '../../reports/model.ts';
import type { Feature } from '../api.ts';
import { expectationFor } from '../runner/expectations.ts';
import { openLog } from '../runner/ndjson.ts';
import type { LogWriter } from '../runner/ndjson.ts';
import { endedBy } from '../runner/outcome.ts';
import type { Ended } from '../runner/outcome.ts';
import { loadScenarios, targetsOf } from '../runner/plan.ts';
import type { Selection } from '../runner/plan.ts';
import { runSuites } from '../runner/run.ts';
import type { RunOptions, RunResult } from '../runner/run.ts';
import { runDigest } from '../runner/seeds.ts';
import { judge } from '../runner/verdict.ts';
import type { Hello } from './exec-adapter.ts';
import { toRunError } from './exec-client.ts';
import { conformanceOf } from './exec-conformance.ts';
import type { Conformance, JudgedCase } from './exec-conformance.ts';
import { RestartsUsedUp } from './exec-pool.ts';
import type { AdapterPool } from './exec-pool.ts';
import { ExecRunner } from './exec-runner.ts';
import type { ExecRunnerOptions } from './exec-runner.ts';
import { OutsidePool } from './outside-pool.ts';
import { OutsideRunner } from './outside-runner.ts';
import { isVectorId, runVectorCase, vectorCases } from './exec-vectors.ts';
import type { VectorCase } from './exec-vectors.ts';

export type ValidateOptions = ExecRunnerOptions &
  Omit<RunOptions, 'selection' | 'logPath' | 'ownRunners' | 'budgetMillis' | 'workerEntry' | 'bail'> & {
    /** Adapters on real sockets, or programs on hosts of the simulator. */
    readonly pool: AdapterPool | OutsidePool;
    readonly hello: Hello;
    /** Where the event log goes; nowhere when absent. */
    readonly logFile?: string;
    /** Only these suites, only these cases; everything when absent. */
    readonly suites?: readonly string[];
    readonly cases?: readonly string[];
    /** `npx esf validate --adapter ...`, for reproduction lines. */
    readonly reproStart: string;
  };

export type ValidateResult = RunResult & {
  /** Absent when only a part was run. */
  readonly conformance: readonly Conformance[] | undefined;
  /** How often the adapter's process was replaced. */
  readonly restarts: number;
  /** Virtual seconds of all simulated runs together. */
  readonly simulatedSecs?: number;
};

/**
 * Runs everything that was asked for.
 * @throws SelectionError when something is named that does not exist.
 */
export async function validate(options: ValidateOptions): Promise<ValidateResult> {
  const run = new ValidateRun(options);
  try {
    return await run.execute();
  } finally {
    run.close();
  }
}

/** The suite of the vectors, as `--suite` names it. */
const VECTORS_AREA = 'vectors';

class ValidateRun {
  readonly #options: ValidateOptions;
  readonly #vectors: readonly VectorCase[];
  readonly #verdicts = new Map<string, CaseVerdict>();
  readonly #startMillis = performance.now();
  #writer: LogWriter | undefined;
  #header: RunHeader | undefined;
  #usedUp: RestartsUsedUp | undefined;
  readonly #target: 'exec' | 'sim';
  readonly #runner: ExecRunner | OutsideRunner;

  constructor(options: ValidateOptions) {
    this.#options = options;
    const { pool, hello } = options;
    this.#target = pool instanceof OutsidePool ? 'sim' : 'exec';
    this.#runner =
      pool instanceof OutsidePool
        ? new OutsideRunner(pool, hello.features)
        : new ExecRunner(pool, hello.features, options);
    this.#vectors = selectedVectors(options);
  }

  async execute(): Promise<ValidateResult> {
    const { hello, jobs } = this.#options;
    const runner = this.#runner;
    const { expectations = [] } = this.#options;
    const concurrency = this.#target === 'sim' ? 1 : Math.min(jobs, hello.maxConcurrency);
    const result = await runSuites({
      ...this.#options,
      selection: await this.#selection(),
      expectations: expectations.filter((entry) => !isVectorId(entry.case)),
      ownRunners: { [this.#target]: { runner, concurrency } },
      onPlanned: (header) => this.#planned(header),
      onStarted: (job) => {
        this.#started(job.case);
        this.#options.onStarted?.(job);
      },
      onVerdict: (verdict) => {
        this.#usedUp ??= runner.usedUp;
        this.#take(this.#told(verdict));
      },
    });
    // Verdicts of cases that an interrupted run did not reach are only in its result.
    for (const verdict of result.log.verdicts) if (!this.#verdicts.has(verdict.case)) this.#take(this.#told(verdict));
    await this.#runVectors();
    return this.#finish();
  }

  close(): void {
    this.#writer?.close();
  }

  async #selection(): Promise<Selection> {
    const { cases, suites } = this.#options;
    const wanted = {
      targets: [this.#target],
      ...(suites === undefined ? {} : { suites: suites.filter((area) => area !== VECTORS_AREA) }),
      ...(cases === undefined ? {} : { cases: cases.filter((id) => !isVectorId(id)) }),
    };
    if (this.#target === 'exec') return wanted;
    // On the simulator most cases are about the reference; these are not.
    const foreign = (await loadScenarios(wanted.suites)).filter(
      ({ scenario }) => scenario.clients !== 'reference' && targetsOf(scenario).includes('sim'),
    );
    return { ...wanted, only: foreign.map(({ scenario }) => ({ case: scenario.id, target: 'sim' })) };
  }

  get #isEnded(): boolean {
    return this.#options.signal?.aborted === true;
  }

  #planned(header: RunHeader): void {
    const { logFile, spec } = this.#options;
    const rows = this.#vectors.map((each): PlannedCase => ({
      case: each.id,
      target: this.#target,
      title: each.title,
      area: VECTORS_AREA,
      kind: 'wire',
      clauses: [each.clause],
      level: spec.levelOf([each.clause]),
    }));
    this.#header = { ...header, planned: [...header.planned, ...rows] };
    if (logFile !== undefined) this.#writer = openLog(logFile);
    this.#writer?.write(this.#header);
    this.#options.onPlanned?.(this.#header);
  }

  #started(id: string): void {
    this.#writer?.write({ kind: 'start', case: id, target: this.#target, atMillis: this.#elapsedMillis() });
  }

  #take(verdict: CaseVerdict): void {
    this.#verdicts.set(verdict.case, verdict);
    this.#writer?.write(verdict);
    this.#options.onVerdict?.(verdict);
  }

  /** The verdict as a validation tells it: how to repeat it, and that what found no process has not been run. */
  #told(verdict: CaseVerdict): CaseVerdict {
    const { seed, reproStart } = this.#options;
    const path = verdict.failure?.path;
    const repro = `${reproStart} --case ${verdict.case} --seed ${seed}${path === undefined ? '' : ` --path ${path}`}`;
    const message = this.#usedUp?.message;
    if (message === undefined || verdict.failure?.message !== message) return { ...verdict, repro };
    const { target, wallMillis } = verdict;
    const judged = this.#judged(verdict.case, 'MUST', { outcome: 'not-run', reason: message });
    return { kind: 'verdict', case: verdict.case, target, ...judged, seed, runs: 0, wallMillis, repro };
  }

  async #runVectors(): Promise<void> {
    for (const each of this.#vectors) {
      const startMillis = performance.now();
      const ended = await this.#runVector(each);
      const level = this.#options.spec.levelOf([each.clause]);
      this.#take({
        kind: 'verdict',
        case: each.id,
        target: this.#target,
        ...this.#judged(each.id, level, ended),
        seed: 0,
        runs: ended.outcome === 'not-run' ? 0 : 1,
        wallMillis: Math.round((performance.now() - startMillis) * 10) / 10,
        repro: `${this.#options.reproStart} --case ${each.id}`,
      });
    }
  }

  async #runVector(each: VectorCase): Promise<Ended> {
    if (this.#isEnded) return { outcome: 'not-run', reason: 'the run was ended' };
    const { pool, expectations = [] } = this.#options;
    const expectation = expectationFor(expectations, each.id, this.#target);
    if (expectation.kind === 'skip') return { outcome: 'not-run', reason: expectation.reason };
    this.#started(each.id);
    try {
      await (pool instanceof OutsidePool ? onProgram(pool, each) : onAdapter(pool, each));
      return { outcome: 'pass' };
    } catch (error) {
      if (error instanceof RestartsUsedUp) return { outcome: 'not-run', reason: error.message };
      return endedBy(toRunError(error));
    }
  }

  #judged(id: string, level: PlannedCase['level'], ended: Ended): Ended & Pick<CaseVerdict, 'expectation' | 'status'> {
    const { expectations = [], strict = false, header } = this.#options;
    const expectation = expectationFor(expectations, id, this.#target);
    const message = ended.failure === undefined ? {} : { message: ended.failure.message };
    const today = header.startedAt.slice(0, 10);
    const { status, stale } = judge({
      outcome: ended.outcome,
      expectation,
      level,
      strict,
      mandatory: false,
      today,
      ...message,
    });
    const reason = [ended.reason, stale].filter((text) => text !== undefined).join('; ');
    return { ...ended, expectation, status, ...(reason === '' ? {} : { reason }) };
  }

  async #finish(): Promise<ValidateResult> {
    const header = this.#header!;
    const verdicts = header.planned.map((row) => this.#verdicts.get(row.case)!);
    const counts: Record<Status, number> = { green: 0, red: 0, yellow: 0, grey: 0, hollow: 0, purple: 0 };
    for (const verdict of verdicts) counts[verdict.status] += 1;
    const complete = !this.#isEnded;
    const digest = this.#target === 'sim' ? runDigest(verdicts) : '';
    const footer: RunFooter = { kind: 'footer', complete, digest, wallMillis: this.#elapsedMillis(), counts };
    this.#writer?.write(footer);
    const log: RunLog = { header, verdicts, footer };
    const { pool, hello, suites, cases } = this.#options;
    const isWhole = suites === undefined && cases === undefined && complete;
    const conformance = isWhole ? conformanceOf(await this.#withNeeds(verdicts), hello.features) : undefined;
    const simulated = this.#runner instanceof OutsideRunner ? { simulatedSecs: this.#runner.simulatedSecs } : {};
    return { log, complete, conformance, restarts: pool.restarts, ...simulated };
  }

  async #withNeeds(verdicts: readonly CaseVerdict[]): Promise<readonly JudgedCase[]> {
    const loaded = await loadScenarios();
    const needs = new Map<string, readonly Feature[]>(
      loaded.map(({ scenario }) => [scenario.id, scenario.needs ?? []]),
    );
    const levels = new Map(this.#header!.planned.map((row) => [row.case, row.level]));
    return verdicts.map((verdict) => ({
      verdict,
      level: levels.get(verdict.case) ?? 'MUST',
      needs: isVectorId(verdict.case) ? ['decode'] : (needs.get(verdict.case) ?? []),
    }));
  }

  #elapsedMillis(): number {
    return Math.round(performance.now() - this.#startMillis);
  }
}

async function onAdapter(pool: AdapterPool, each: VectorCase): Promise<void> {
  const adapter = await pool.take();
  try {
    await runVectorCase(adapter, each);
  } finally {
    pool.giveBack(adapter);
  }
}

/** A codec needs no host. */
async function onProgram(pool: OutsidePool, each: VectorCase): Promise<void> {
  const program = pool.take();
  try {
    await runVectorCase(program, each);
  } finally {
    await pool.giveBack(program);
  }
}

/** The vectors this run owes: none unless the adapter has a codec. */
function selectedVectors({ hello, suites, cases }: ValidateOptions): readonly VectorCase[] {
  if (!hello.features.includes('decode') && !hello.features.includes('encode')) return [];
  if (cases !== undefined) return vectorCases().filter(({ id }) => cases.includes(id));
  return suites === undefined || suites.includes(VECTORS_AREA) ? vectorCases() : [];
}

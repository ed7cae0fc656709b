/**
 * The search itself: gives workers one seed after the other, makes failures of what fails, has each new failure shrunk.
 *
 * A seed is one run. One that hangs or takes its worker with it is run once more before it counts. Of what fails for the first
 * times the same seed is run again with shrinking, kept to the same signature. It writes no file and prints nothing: everything it finds goes to `take`.
 */
import type { Job, JobResult } from '../runner/jobs.ts';
import { WorkerPool } from '../runner/pool.ts';
import { hash32 } from '../runner/seeds.ts';
import { failureOf } from './cases.ts';
import type { CampaignCase } from './cases.ts';
import type { SessionFailure } from './model.ts';
import type { Schedule } from './schedule.ts';
import type { NewEvent } from './store-file.ts';

export type SearchOptions = {
  readonly cases: ReadonlyMap<string, CampaignCase>;
  readonly schedule: Schedule;
  readonly workers: number;
  /** How long, by one of the two. */
  readonly budget: { readonly seconds: number } | { readonly runs: number };
  /** Of a hundred runs so many are made twice and compared. */
  readonly twicePercent: number;
  /** Real milliseconds a run may take; then its worker is ended, and that is a failure. */
  readonly runMillisMax: number;
  readonly version: string;
  readonly strict: boolean;
  /** Is told all that happens. */
  readonly take: (event: NewEvent) => void;
  /** A sentence for people. */
  readonly remark?: (text: string) => void;
  /** The workers' file; default that of the runner. */
  readonly entry?: URL;
  /** Ends the search as soon as it holds, asked after each run. */
  readonly isEnough?: () => boolean;
};

/** What a search came to. */
export type SearchEnd = {
  readonly runs: number;
  readonly elapsedMillis: number;
  /** Of the workers, together. */
  readonly busyMillis: number;
};

/**
 * Runs a worker is given at once; it makes one after the other. Many take a millisecond, and on a busy machine a message takes
 * longer.
 */
const RUNS_AHEAD = 8;
/** Shrinkings of one signature, each from another seed: they end at different minima, and the smallest is kept. */
const SHRINKS_MAX = 3;

/** One search; `run` it once. */
export class Search {
  readonly #options: SearchOptions;
  readonly #pool: WorkerPool;
  readonly #shrinks = new Map<string, number>();
  /** Jobs that go before new seeds: shrinkings, and second looks. */
  readonly #firstJobs: Job[] = [];
  readonly #secondLooks = new Set<Job>();
  readonly #startMillis = performance.now();
  #given = 0;
  #ended = 0;
  #busyMillis = 0;
  #stopped = false;

  constructor(options: SearchOptions) {
    this.#options = options;
    this.#pool = new WorkerPool([], {
      lane: { workers: options.workers, capacity: RUNS_AHEAD },
      budgetMillis: () => options.runMillisMax,
      onStarted: () => undefined,
      onResult: (result) => this.#take(result),
      next: () => this.#next(),
      ...(options.entry === undefined ? {} : { entry: options.entry }),
    });
  }

  /** Searches until the budget is used up and what was found is shrunk, or `stop`. */
  async run(): Promise<SearchEnd> {
    await this.#pool.run();
    return { runs: this.#ended, elapsedMillis: performance.now() - this.#startMillis, busyMillis: this.#busyMillis };
  }

  /** Ends at once; runs under way never were. */
  stop(): void {
    this.#stopped = true;
    this.#pool.stop();
  }

  #next(): Job | undefined {
    if (this.#stopped) return undefined;
    const first = this.#firstJobs.shift();
    if (first !== undefined || this.#isOver()) return first;
    const taken = this.#options.schedule.take();
    if (taken === undefined) return undefined;
    this.#given += 1;
    return this.#job(taken.id, taken.seed);
  }

  #isOver(): boolean {
    const { budget, isEnough } = this.#options;
    if (isEnough?.() === true) return true;
    if ('runs' in budget) return this.#given >= budget.runs;
    return performance.now() - this.#startMillis >= budget.seconds * 1_000;
  }

  #job(id: string, seed: number, signature?: string): Job {
    const isTwice = hash32(`${id} twice`, seed) % 100 < this.#options.twicePercent;
    return {
      case: id,
      area: this.#options.cases.get(id)!.area,
      target: 'sim',
      options: {
        seed,
        runs: 1,
        shrinks: signature !== undefined,
        ...(signature === undefined ? {} : { signature }),
        ...(isTwice && signature === undefined ? { checkDeterminism: true } : {}),
      },
      isBrief: true,
    };
  }

  #take({ job, result, wallMillis }: JobResult): void {
    if (this.#stopped) return;
    const { cases, version, strict, take } = this.#options;
    this.#busyMillis += wallMillis;
    const unit = cases.get(job.case)!;
    const failure = failureOf(unit, job, result, { version, strict, at: new Date().toISOString() });
    if (job.options.signature !== undefined) {
      this.#options.schedule.spent(job.case, wallMillis);
      // The seed has been counted before.
      if (failure?.signature === job.options.signature) take({ event: 'failure', failure: { ...failure, count: 0 } });
      return;
    }
    // A run that fails tells its world, unless its worker went with it.
    const died = failure !== undefined && result.failure?.worldSeed === undefined;
    if (died && !this.#secondLooks.has(job)) {
      this.#lookAgain(job, wallMillis);
      return;
    }
    this.#ended += 1;
    take({
      event: 'run',
      case: job.case,
      area: job.area,
      seed: job.options.seed,
      millis: Math.round(wallMillis * 10) / 10,
      ...(job.options.checkDeterminism === true ? { twice: true } : {}),
      ...(result.coverage === undefined ? {} : { coverage: result.coverage }),
    });
    this.#afterRun(job, wallMillis, failure, died);
  }

  /** A machine that stood still, or had no memory left, ends runs that are in order: once is no failure. */
  #lookAgain(job: Job, wallMillis: number): void {
    const again = { ...job };
    this.#secondLooks.add(again);
    this.#firstJobs.push(again);
    this.#options.schedule.spent(job.case, wallMillis);
  }

  #afterRun(job: Job, wallMillis: number, failure: SessionFailure | undefined, died: boolean): void {
    const goesOn = this.#options.schedule.ended(job.case, wallMillis, died);
    if (!goesOn) this.#options.remark?.(`${job.case} has ended several workers and is run no more`);
    if (failure === undefined) return;
    this.#options.take({ event: 'failure', failure });
    const shrinks = this.#shrinks.get(failure.signature) ?? 0;
    const canShrink = !died && (failure.kind === 'fail' || failure.kind === 'timeout' || failure.kind === 'crash');
    if (!canShrink || shrinks >= SHRINKS_MAX) return;
    this.#shrinks.set(failure.signature, shrinks + 1);
    this.#firstJobs.push(this.#job(job.case, job.options.seed, failure.signature));
  }
}

/**
 * Worker threads that execute jobs, survive each other's death, and never let a case run for ever.
 *
 * A worker that dies takes at most its started cases with it: a single one has crashed, several are run again alone to
 * find out which. What was only queued goes to another worker. The pool judges nothing.
 */
import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { CaseResult } from './execute.ts';
import type { FromWorker, Job, JobResult, ToWorker } from './jobs.ts';

/** One kind of worker. */
export type Lane = {
  readonly workers: number;
  /** Jobs a worker is given at once. */
  readonly capacity: number;
};

export type PoolOptions = {
  readonly lane: Lane;
  /** Real milliseconds until a case must have ended a run; else its worker is ended. */
  readonly budgetMillis: (job: Job) => number;
  readonly onStarted: (job: Job) => void;
  readonly onResult: (result: JobResult) => void;
  /** One more job, asked for whenever a worker is free and no given one is left; undefined when there is none for now. */
  readonly next?: () => Job | undefined;
  /** Real milliseconds a worker may take to begin its first case; default a minute. */
  readonly startMillis?: number;
  /** The worker's file; for tests. */
  readonly entry?: URL;
};

const START_MILLIS_DEFAULT = 60_000;
const END_MILLIS_MAX = 3_000;

type InFlight = { readonly job: Job; started: boolean; startedMillis: number; timer: NodeJS.Timeout | undefined };

type Slot = {
  readonly worker: Worker;
  readonly inFlight: Map<number, InFlight>;
  isDead: boolean;
  failure: Error | undefined;
  solo: boolean;
  /** Fires when the worker has said nothing for too long, not even that it began. */
  silence: NodeJS.Timeout | undefined;
};

/** Executes jobs in worker threads. */
export class WorkerPool {
  readonly #options: PoolOptions;
  readonly #queue: Job[];
  /** Cases that may have killed a worker, each to be run alone. */
  readonly #suspects: Job[] = [];
  readonly #slots = new Set<Slot>();
  #nextId = 1;
  #done: (() => void) | undefined;
  #stopped = false;

  constructor(jobs: readonly Job[], options: PoolOptions) {
    this.#queue = [...jobs];
    this.#options = options;
  }

  /** Runs everything; resolves when every job has its result, or after `stop`. */
  async run(): Promise<void> {
    if (!this.#hasMore()) return;
    const finished = new Promise<void>((resolve) => (this.#done = resolve));
    for (let index = 0; index < this.#options.lane.workers; index++) this.#start();
    await finished;
    await Promise.all([...this.#slots].map((slot) => this.#end(slot)));
  }

  /** Gives up what is not done; their results never come. */
  stop(): void {
    this.#stopped = true;
    this.#queue.length = 0;
    this.#suspects.length = 0;
    this.#done?.();
  }

  /** Lets started cases finish, and starts no more. */
  drain(): void {
    this.#queue.length = 0;
    this.#suspects.length = 0;
    this.#check();
  }

  #start(): void {
    const entry = this.#options.entry ?? workerEntry();
    const worker = new Worker(entry, { execArgv: workerArguments(entry), stdout: true });
    // Standard output belongs to the command; what a case prints is a remark.
    worker.stdout.on('data', (bytes: Buffer) => process.stderr.write(bytes));
    const slot: Slot = {
      worker,
      inFlight: new Map(),
      isDead: false,
      failure: undefined,
      solo: false,
      silence: undefined,
    };
    this.#slots.add(slot);
    worker.on('message', (message: FromWorker) => this.#hear(slot, message));
    worker.on('error', (error) => (slot.failure = error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => this.#buried(slot, code));
    this.#feed(slot);
  }

  async #end(slot: Slot): Promise<void> {
    this.#slots.delete(slot);
    slot.isDead = true;
    clearTimeout(slot.silence);
    for (const each of slot.inFlight.values()) clearTimeout(each.timer);
    // It has nothing left to say, and a socket that a broken engine left open must not keep it alive. A thread that
    // cannot even be ended must not keep the reports back.
    slot.worker.unref();
    await Promise.race([slot.worker.terminate(), setTimeoutPromise(END_MILLIS_MAX, undefined, { ref: false })]);
  }

  #feed(slot: Slot): void {
    if (slot.isDead || slot.solo) return;
    if (slot.inFlight.size === 0 && this.#suspects.length > 0) {
      slot.solo = true;
      this.#give(slot, this.#suspects.shift()!);
      return;
    }
    while (slot.inFlight.size < this.#options.lane.capacity && this.#hasMore()) this.#give(slot, this.#queue.shift()!);
  }

  /** Whether the queue has a job, after asking for one when it has none. */
  #hasMore(): boolean {
    const job = this.#queue.length > 0 || this.#stopped ? undefined : this.#options.next?.();
    if (job !== undefined) this.#queue.push(job);
    return this.#queue.length > 0;
  }

  #give(slot: Slot, job: Job): void {
    const id = this.#nextId++;
    slot.inFlight.set(id, { job, started: false, startedMillis: 0, timer: undefined });
    slot.worker.postMessage({ kind: 'run', id, job } satisfies ToWorker);
    this.#listen(slot);
  }

  #hear(slot: Slot, message: FromWorker): void {
    if (slot.isDead) return;
    if (message.kind === 'started') this.#begun(slot, message.id);
    if (message.kind === 'going') slot.inFlight.get(message.id)?.timer?.refresh();
    if (message.kind === 'done') this.#ended(slot, message);
    // By what is in flight now, not by what was.
    this.#listen(slot);
  }

  #begun(slot: Slot, id: number): void {
    const flight = slot.inFlight.get(id);
    if (flight === undefined) return;
    flight.started = true;
    flight.startedMillis = performance.now();
    const budgetMillis = this.#options.budgetMillis(flight.job);
    flight.timer = setTimeout(() => this.#overBudget(slot, id, budgetMillis), budgetMillis);
    this.#options.onStarted(flight.job);
  }

  #ended(slot: Slot, { id, result, wallMillis }: Extract<FromWorker, { kind: 'done' }>): void {
    const flight = slot.inFlight.get(id);
    if (flight === undefined) return;
    clearTimeout(flight.timer);
    slot.inFlight.delete(id);
    slot.solo = false;
    this.#options.onResult({ job: flight.job, result, wallMillis });
    this.#feed(slot);
    this.#check();
  }

  /** While a case runs its own budget counts; this is for a worker that hangs before any case begins. */
  #listen(slot: Slot): void {
    clearTimeout(slot.silence);
    if (slot.isDead) return;
    const first = [...slot.inFlight].find(([, each]) => !each.started);
    if (first === undefined || [...slot.inFlight.values()].some((each) => each.started)) return;
    const [id, flight] = first;
    const limitMillis = this.#options.startMillis ?? START_MILLIS_DEFAULT;
    slot.silence = setTimeout(() => {
      slot.inFlight.delete(id);
      const message = `the worker did not begin this case within ${limitMillis / 1000} s; it hangs while loading the suite`;
      this.#report(flight, { outcome: 'harness-fault', failure: { message }, runs: 0, steps: [] });
      this.#replace(slot, []);
    }, limitMillis);
  }

  /** A case that never yields can only be ended with its thread. */
  #overBudget(slot: Slot, id: number, budgetMillis: number): void {
    const flight = slot.inFlight.get(id);
    if (flight === undefined || slot.isDead) return;
    slot.inFlight.delete(id);
    const message = `no run of the case ended within ${(budgetMillis / 1000).toFixed(1)} s of real time; its worker was ended`;
    this.#report(flight, { outcome: 'timeout', failure: { message }, runs: 0, steps: [] });
    this.#replace(slot, []);
  }

  #buried(slot: Slot, code: number): void {
    if (slot.isDead) return;
    const started = [...slot.inFlight.values()].filter((each) => each.started);
    // A worker that dies before any case began would die again and again.
    const culprits = started.length > 0 ? started : [...slot.inFlight.values()].slice(0, 1);
    const [only, ...others] = culprits;
    if (only !== undefined && others.length === 0) {
      for (const [id, each] of slot.inFlight) if (each === only) slot.inFlight.delete(id);
      const why = slot.failure === undefined ? `exit code ${code}` : `${slot.failure.name}: ${slot.failure.message}`;
      const failure = {
        message: `the worker died during this case: ${why}`,
        ...(slot.failure?.stack === undefined ? {} : { stack: slot.failure.stack }),
      };
      this.#report(only, { outcome: 'crash', failure, runs: 0, steps: [] });
      this.#replace(slot, []);
    } else this.#replace(slot, culprits);
  }

  #report(flight: InFlight, result: CaseResult): void {
    clearTimeout(flight.timer);
    const wallMillis = flight.started ? performance.now() - flight.startedMillis : 0;
    this.#options.onResult({ job: flight.job, result, wallMillis });
  }

  /** Puts a new worker in the place of a dead one; its other jobs are given out again. */
  #replace(slot: Slot, suspects: readonly InFlight[]): void {
    slot.isDead = true;
    clearTimeout(slot.silence);
    this.#slots.delete(slot);
    for (const each of slot.inFlight.values()) {
      clearTimeout(each.timer);
      if (suspects.includes(each)) this.#suspects.push(each.job);
      else this.#queue.unshift(each.job);
    }
    slot.inFlight.clear();
    void slot.worker.terminate();
    if (this.#stopped) return;
    if (this.#suspects.length > 0 || this.#hasMore()) this.#start();
    this.#check();
  }

  #check(): void {
    const isBusy = [...this.#slots].some((slot) => slot.inFlight.size > 0);
    if (isBusy) return;
    if (this.#suspects.length === 0 && !this.#hasMore()) this.#done?.();
    else for (const slot of this.#slots) this.#feed(slot);
  }
}

/** The worker's file beside this one, source or build. */
function workerEntry(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
}

/** Sources need a loader, and a loader of the main thread does not reach into a worker: it registers its own. */
function workerArguments(entry: URL): string[] {
  if (!entry.pathname.endsWith('.ts')) return process.execArgv;
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  return ['--import', `data:text/javascript,import { register } from ${loader}; register();`];
}

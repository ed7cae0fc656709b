/**
 * The world: virtual time, the event loop, named random streams and the trace of one run.
 *
 * It knows no network; hosts, links and routers schedule themselves here. Drive it with `await world.run(async body)`
 * when the scenario awaits things, or with `world.runUntil(micros)` when everything is synchronous. Time is an integer
 * number of microseconds since the start; events at equal times happen in the order they were scheduled.
 */
import type { LogLevel } from '../spec/platform.ts';
import { SimError, checkInteger, usageError } from './errors.ts';
import { EventQueue } from './event-queue.ts';
import type { EventTarget, Lane, PendingEvent } from './event-queue.ts';
import { installGuard } from './guard.ts';
import type { Guard } from './guard.ts';
import { RandomStream } from './random.ts';
import { TRACE_KIND } from './trace-kinds.ts';
import { Trace } from './trace.ts';

/** Calls `resume` once, from a fresh macrotask of the real machine. */
export type Macrotask = (resume: () => void) => void;

export type WorldOptions = {
  /** Everything drawn at random follows from it: an integer from 0 to 2^53 - 1. */
  readonly seed: number;
  /** A run that would pass this time fails with `timeLimit`. Default: one simulated day. */
  readonly timeLimitMicros?: number;
  /** A run of more events fails with `eventLimit`. Default 2^53 - 1, which is none. */
  readonly eventLimit?: number;
  /** Trace records kept for reading; 0, the default, keeps only the digest. */
  readonly traceRecords?: number;
  /** Keep records from this index on instead of the last ones. */
  readonly traceFrom?: number;
  /**
   * `off` only to run code that is known to ask the real machine; the run is then not reproducible. `globals` lets pass
   * what is not on `globalThis`: Node's modules, `process`, local time. Default `on`.
   */
  readonly guard?: 'on' | 'globals' | 'off';
  /** How to take a turn of the real event loop; `setImmediate` by default. */
  readonly macrotask?: Macrotask;
  /** Wall-clock time at the start, in milliseconds since 1970; default 2024-01-01 00:00 UTC. */
  readonly epochMillis?: number;
};

/** A planned call that can be called off; harmless once it has happened. */
export type Planned = { cancel(): void };

/** One log line of a host. */
export type LogLine = {
  readonly timeMicros: number;
  readonly host: string;
  readonly level: LogLevel;
  readonly message: string;
};

export type LogListener = (line: LogLine) => void;

/** Counts of one node that still matter when a run is stuck. */
export type PendingReport = () => string;

const DAY_MICROS = 86_400_000_000;
const EPOCH_MILLIS_DEFAULT = 1_704_067_200_000;
/** Why a run is stuck is told for this many nodes at most. */
const PENDING_LINES_MAX = 20;

/** Captured when the module loads, because inside a run the guard replaces it. */
const realMacrotask = (globalThis as unknown as { setImmediate?: Macrotask }).setImmediate;

type Outcome<T> =
  | { readonly state: 'pending' }
  | { readonly state: 'done'; readonly value: T }
  | { readonly state: 'failed'; readonly reason: unknown };

/** One simulated world. */
export class World {
  readonly seed: number;
  readonly epochMillis: number;
  readonly trace: Trace;
  readonly #queue = new EventQueue();
  readonly #streams = new Map<string, RandomStream>();
  readonly #logListeners = new Set<LogListener>();
  readonly #pendingReports: PendingReport[] = [];
  readonly #options: WorldOptions;
  readonly #timeLimitMicros: number;
  readonly #eventLimit: number;
  #nowMicros = 0;
  #eventCount = 0;
  #asyncEdge = false;
  #turnCount = 0;
  #mode: 'idle' | 'running' | 'dispatching' = 'idle';
  #violation: SimError | undefined = undefined;
  #guard: Guard | undefined = undefined;
  #pauseAt = Infinity;
  #onPause: () => Promise<void> = () => Promise.resolve();

  constructor(options: WorldOptions) {
    const { timeLimitMicros = DAY_MICROS, eventLimit = Number.MAX_SAFE_INTEGER, traceRecords = 0 } = options;
    checkInteger('seed', options.seed, 0, Number.MAX_SAFE_INTEGER);
    checkInteger('timeLimitMicros', timeLimitMicros, 0, Number.MAX_SAFE_INTEGER);
    checkInteger('eventLimit', eventLimit, 1, Number.MAX_SAFE_INTEGER);
    checkInteger('traceRecords', traceRecords, 0, 10_000_000);
    this.#options = options;
    this.#timeLimitMicros = timeLimitMicros;
    this.#eventLimit = eventLimit;
    this.seed = options.seed;
    this.epochMillis = options.epochMillis ?? EPOCH_MILLIS_DEFAULT;
    this.trace = new Trace({ recordsMax: traceRecords, fromRecord: options.traceFrom });
  }

  /** Microseconds since the start of the world. */
  get nowMicros(): number {
    return this.#nowMicros;
  }

  /** Events that have happened. */
  get eventCount(): number {
    return this.#eventCount;
  }

  /** Events still to come. */
  get pendingCount(): number {
    return this.#queue.size;
  }

  /** Turns of the real event loop taken so that promises could settle. */
  get turnCount(): number {
    return this.#turnCount;
  }

  /** Sixteen hexadecimal digits; equal for equal runs on every machine. */
  digest(): string {
    return this.trace.digest();
  }

  /** The random stream of that name; the same object for the same name. */
  stream(name: string): RandomStream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new RandomStream(this.seed, name);
      this.#streams.set(name, stream);
    }
    return stream;
  }

  /** Plans `target.onEvent(argument)`; the returned slot is for `cancel`, until the event has happened. */
  schedule(atMicros: number, target: EventTarget, argument: unknown): number {
    if (!(atMicros >= this.#nowMicros)) throw this.#isPast(atMicros);
    return this.#queue.push(atMicros, target, argument);
  }

  /** Plans `target.onEvent(argument)` for good; cheaper than `schedule` where the times of a lane rarely go back. */
  scheduleInLane(lane: Lane, atMicros: number, target: EventTarget, argument: unknown): void {
    if (!(atMicros >= this.#nowMicros)) throw this.#isPast(atMicros);
    this.#queue.pushInLane(lane, atMicros, target, argument);
  }

  /** Calls a planned event off. Only while it has not happened: slots are used again. */
  cancel(slot: number): void {
    this.#queue.cancel(slot);
  }

  /** Calls `action` at an absolute time, which must not lie in the past. */
  at(atMicros: number, action: () => void): Planned {
    checkInteger('atMicros', atMicros, 0, Number.MAX_SAFE_INTEGER);
    return new PlannedAction(this, atMicros, action);
  }

  /** Resolves after that much simulated time. */
  sleep(micros: number): Promise<void> {
    checkInteger('micros', micros, 0, Number.MAX_SAFE_INTEGER);
    return new Promise((resolve) => this.at(this.#nowMicros + micros, resolve));
  }

  /** Says that a promise was made or settled, or user code ran: the loop lets it go on before the next event. */
  noteAsyncEdge(): void {
    this.#asyncEdge = true;
  }

  /** Sees every log line of every host. Gives the remover. */
  onLog(listener: LogListener): () => void {
    this.#logListeners.add(listener);
    return () => this.#logListeners.delete(listener);
  }

  /** Notes a log line of a node in the trace and shows it to the listeners. */
  log(subject: number, level: LogLevel, message: string): void {
    this.trace.recordText(TRACE_KIND.log, subject, `${level}: ${message}`);
    for (const listener of this.#logListeners) {
      listener({ timeMicros: this.#nowMicros, host: this.trace.subjectName(subject), level, message });
    }
  }

  /** Writes a line of the scenario into the trace. */
  mark(text: string): void {
    this.trace.recordText(TRACE_KIND.mark, -1, text);
  }

  /** Adds a line to the error of a stuck run. */
  reportPending(report: PendingReport): void {
    this.#pendingReports.push(report);
  }

  /** What is planned, in the order in which it will happen. */
  pending(): PendingEvent[] {
    return this.#queue.pending();
  }

  /**
   * Lets `run` wait between two events for `onPause`, once, as soon as so many events have happened and everything they set
   * going has settled; 0 is as soon as can be. The guard is off meanwhile, and the digest stays what it is. What is thrown
   * there ends the run. A run that is over by then does not wait.
   */
  pauseAfter(eventCount: number, onPause: () => Promise<void>): void {
    this.#pauseAt = eventCount;
    this.#onPause = onPause;
  }

  /**
   * Runs the world until `body` settles; gives or throws what it did.
   *
   * @throws SimError `deadlock`, `timeLimit`, `eventLimit`, `guard`, or whatever an event handler threw.
   */
  async run<T>(body: (world: World) => Promise<T>): Promise<T> {
    this.#enter('running');
    this.#guard = this.#installGuard();
    const cell: { outcome: Outcome<T> } = { outcome: { state: 'pending' } };
    try {
      body(this).then(
        (value) => (cell.outcome = { state: 'done', value }),
        (reason: unknown) => (cell.outcome = { state: 'failed', reason }),
      );
      this.#asyncEdge = true;
      await this.#drive(() => cell.outcome.state !== 'pending');
    } finally {
      this.#guard.remove();
      this.#mode = 'idle';
    }
    this.#throwViolation();
    if (cell.outcome.state === 'failed') throw cell.outcome.reason;
    if (cell.outcome.state === 'pending') throw usageError('the run ended without an outcome');
    return cell.outcome.value;
  }

  /**
   * Lets everything up to and including `untilMicros` happen, without a single turn of the real event loop.
   *
   * @throws SimError `usage` - a run is going on, or that time is past; `eventLimit`, `guard`.
   */
  runUntil(untilMicros: number): void {
    checkInteger('untilMicros', untilMicros, this.#nowMicros, Number.MAX_SAFE_INTEGER);
    this.#enter('dispatching');
    const guard = this.#installGuard();
    try {
      while (this.#queue.peekTimeMicros() <= untilMicros) this.#step();
      this.#nowMicros = untilMicros;
      this.trace.timeMicros = untilMicros;
    } finally {
      guard.remove();
      this.#mode = 'idle';
    }
    this.#throwViolation();
  }

  #isPast(atMicros: number): SimError {
    return usageError(`an event was planned at ${atMicros} us, but it is ${this.#nowMicros} us already`);
  }

  #enter(mode: 'running' | 'dispatching'): void {
    if (this.#mode !== 'idle') throw usageError('this world is running already; await the first run');
    this.#mode = mode;
    this.#violation = undefined;
  }

  #installGuard(): Guard {
    if (this.#options.guard === 'off') return { remove: () => undefined };
    const scope = this.#options.guard === 'globals' ? 'globals' : 'all';
    return installGuard((error) => (this.#violation ??= error), scope);
  }

  /** A handler may have swallowed the guard's error; the run still fails with it. */
  #throwViolation(): void {
    if (this.#violation !== undefined) throw this.#violation;
  }

  async #drive(isSettled: () => boolean): Promise<void> {
    for (;;) {
      if (this.#asyncEdge || this.#queue.size === 0) {
        this.#asyncEdge = false;
        await this.#turn();
        this.#throwViolation();
        if (isSettled()) return;
        if (this.#queue.size === 0 && !this.#takeAsyncEdge()) throw this.#deadlock();
        continue;
      }
      if (this.#eventCount >= this.#pauseAt) await this.#pause();
      else this.#step();
    }
  }

  async #pause(): Promise<void> {
    this.#pauseAt = Infinity;
    this.#guard?.remove();
    await this.#onPause();
    this.#guard = this.#installGuard();
  }

  #takeAsyncEdge(): boolean {
    return this.#asyncEdge;
  }

  #step(): void {
    const queue = this.#queue;
    if (!queue.pop()) return;
    if (queue.poppedTimeMicros > this.#timeLimitMicros) throw this.#overLimit('timeLimit');
    if (this.#eventCount >= this.#eventLimit) throw this.#overLimit('eventLimit');
    this.#eventCount += 1;
    this.#nowMicros = queue.poppedTimeMicros;
    this.trace.timeMicros = queue.poppedTimeMicros;
    queue.poppedTarget!.onEvent(queue.poppedArgument);
  }

  /** Microtasks, and one macrotask: enough for a chain of awaits, whatever its length. */
  #turn(): Promise<void> {
    this.#turnCount += 1;
    const macrotask = this.#options.macrotask ?? realMacrotask;
    if (macrotask === undefined) {
      throw usageError('there is no setImmediate here; give the option macrotask, e.g. over a MessageChannel');
    }
    return new Promise((resolve) => {
      macrotask(resolve);
    });
  }

  #deadlock(): SimError {
    const text = `nothing is left to happen at ${this.#nowMicros} us, but the scenario still waits`;
    return new SimError('deadlock', `${text}; ${this.#pendingText()}`);
  }

  #overLimit(code: 'timeLimit' | 'eventLimit'): SimError {
    const limit =
      code === 'timeLimit'
        ? `the time limit of ${this.#timeLimitMicros} us`
        : `the limit of ${this.#eventLimit} events`;
    return new SimError(code, `the run reached ${limit} at ${this.#nowMicros} us; ${this.#pendingText()}`);
  }

  #pendingText(): string {
    const lines = this.#pendingReports.map((report) => report()).filter((line) => line !== '');
    const shown = lines.slice(0, PENDING_LINES_MAX);
    if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`);
    const counts = `seed ${this.seed}, ${this.#eventCount} events done, ${this.#queue.size} pending`;
    return [counts, ...shown].join('; ');
  }
}

class PlannedAction implements Planned, EventTarget {
  readonly #world: World;
  readonly #action: () => void;
  #slot: number;

  constructor(world: World, atMicros: number, action: () => void) {
    this.#world = world;
    this.#action = action;
    this.#slot = world.schedule(atMicros, this, undefined);
  }

  cancel(): void {
    if (this.#slot >= 0) this.#world.cancel(this.#slot);
    this.#slot = -1;
  }

  onEvent(): void {
    this.#slot = -1;
    this.#world.trace.record(TRACE_KIND.event, -1, 0, 0, 0, 0);
    // What it does is user code, which may settle promises.
    this.#world.noteAsyncEdge();
    this.#action();
  }
}

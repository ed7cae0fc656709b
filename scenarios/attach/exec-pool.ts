/**
 * Adapter processes for a run: one for each case in progress, restarted after trouble, at most ten times in all.
 *
 * A case borrows a process with `take` and gives it back; a process that failed is not taken back. It runs no cases.
 */
import { Adapter, AdapterFailure, type AdapterOptions, type Hello } from './exec-adapter.ts';

/** How often a process is replaced in one run (chapter 20, section 7). */
export const RESTARTS_MAX = 10;

/** No process may be started any more; the remaining cases are not run. */
export class RestartsUsedUp extends Error {
  constructor(last: string) {
    super(`the adapter was restarted ${RESTARTS_MAX} times; the last time because ${last}`);
  }
}

/** Lends out processes that have said hello. */
export class AdapterPool {
  readonly #options: AdapterOptions;
  readonly #idle: Adapter[] = [];
  readonly #busy = new Set<Adapter>();
  #restarts = 0;
  #owed = 0;
  #lastTrouble = '';

  constructor(options: AdapterOptions) {
    this.#options = options;
  }

  /** How often a process has been replaced. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Process ids of the adapters alive. */
  get pids(): readonly number[] {
    return [...this.#idle, ...this.#busy].flatMap(({ pid, failure }) =>
      pid === undefined || failure !== undefined ? [] : [pid],
    );
  }

  /**
   * Starts the first process, for its hello and the probe with a verb that does not exist.
   * @throws AdapterFailure when the adapter cannot be used at all.
   */
  async open(): Promise<Hello> {
    const adapter = await Adapter.start(this.#options);
    await probeUnknownVerb(adapter);
    this.#idle.push(adapter);
    return adapter.hello;
  }

  /**
   * A process for one case.
   * @throws RestartsUsedUp when there is none and none may be started; AdapterFailure when starting one failed.
   */
  async take(): Promise<Adapter> {
    let adapter = this.#idle.pop();
    while (adapter?.failure !== undefined) {
      this.#countTrouble(adapter.failure);
      adapter = this.#idle.pop();
    }
    adapter ??= await this.#start();
    adapter.clearStderr();
    this.#busy.add(adapter);
    return adapter;
  }

  /** Gives a process back after a case; a failed one is counted and replaced when the next case needs it. */
  giveBack(adapter: Adapter): void {
    this.#busy.delete(adapter);
    if (adapter.failure === undefined) this.#idle.push(adapter);
    else this.#countTrouble(adapter.failure);
  }

  /** Says bye to all; resolves when every process has ended. */
  async close(): Promise<void> {
    await Promise.all([...this.#idle, ...this.#busy].map((adapter) => adapter.bye()));
  }

  async #start(): Promise<Adapter> {
    if (this.#owed > 0) {
      if (this.#restarts >= RESTARTS_MAX) throw new RestartsUsedUp(this.#lastTrouble);
      this.#owed--;
      this.#restarts++;
    }
    try {
      return await Adapter.start(this.#options);
    } catch (error) {
      if (error instanceof AdapterFailure) this.#countTrouble(error);
      throw error;
    }
  }

  #countTrouble(failure: AdapterFailure): void {
    this.#owed++;
    this.#lastTrouble = failure.message;
  }
}

/** Verb that no adapter has; the tail makes a list of known probes useless. */
export function probeVerb(salt: number): string {
  return `x-probe-${salt.toString(16).padStart(6, '0')}`;
}

/** @throws AdapterFailure unless a verb that does not exist is answered `unsupported`. */
async function probeUnknownVerb(adapter: Adapter): Promise<void> {
  const verb = probeVerb((adapter.pid ?? 1) * 7919);
  const reply = await adapter.ask(verb, {});
  if (reply.kind === 'unsupported') return;
  await adapter.kill();
  throw new AdapterFailure(
    'adapter-fault',
    `the adapter answered ${reply.kind} to the verb ${verb}, which does not exist; answer unsupported to every verb you do not know`,
    adapter.stderrTail(),
  );
}

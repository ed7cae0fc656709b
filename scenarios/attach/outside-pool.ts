/**
 * Programs for simulated hosts: one for each host of a run, used again by later runs where a program says it can be.
 *
 * Trouble costs a program its life; it is replaced, at most ten times in a run (chapter 20, section 7). A program that
 * lost its host's power is replaced too, which costs nothing.
 */
import { AdapterFailure } from './exec-adapter.ts';
import { RESTARTS_MAX, RestartsUsedUp, probeVerb } from './exec-pool.ts';
import { ANSWER_SECS } from './outside-limits.ts';
import { OutsideProgram } from './outside-program.ts';
import type { OutsideHello } from './outside-program.ts';
import type { ProcessOptions } from './exec-process.ts';
import { LockstepPipe } from './outside-pipe.ts';
import type { LinePipe } from './outside-pipe.ts';
import { Watchdog } from './outside-watchdog.ts';

export type OutsidePoolOptions = ProcessOptions & {
  /** Version of the suite, told in hello. */
  readonly suite: string;
  /** Multiplies the real time in which an event must be answered; default 1. */
  readonly timeoutFactor?: number;
  /** Another way to reach a new program than to start the command. */
  readonly connect?: () => LinePipe;
};

/** Lends out programs that have said hello. */
export class OutsidePool {
  readonly #connect: () => LinePipe;
  readonly #suite: string;
  readonly #watchdog: Watchdog | undefined;
  readonly #idle: OutsideProgram[] = [];
  readonly #closing = new Set<Promise<unknown>>();
  #restarts = 0;
  #owed = 0;
  #lastTrouble = '';

  constructor(options: OutsidePoolOptions) {
    this.#suite = options.suite;
    const { connect, timeoutFactor = 1 } = options;
    // Only a process that is started here can keep this thread waiting.
    const watchdog = connect === undefined ? new Watchdog(ANSWER_SECS * timeoutFactor) : undefined;
    this.#watchdog = watchdog;
    this.#connect = connect ?? ((): LinePipe => new LockstepPipe(options, watchdog!));
  }

  /** How often a program was replaced after trouble. */
  get restarts(): number {
    return this.#restarts;
  }

  /**
   * Starts the first program, for its hello and the probe with a verb that does not exist.
   * @throws AdapterFailure when it cannot be used at all.
   */
  async open(): Promise<OutsideHello> {
    const program = this.#start();
    if (program.failure !== undefined) throw (await program.close()) ?? program.failure;
    const verb = probeVerb((program.pid ?? 1) * 7919);
    const { kind } = await program.ask(verb, {});
    if (kind !== 'unsupported') {
      await program.close();
      const fix = 'answer unsupported to every verb you do not know';
      throw new AdapterFailure(
        'adapter-fault',
        `the adapter answered ${kind} to the verb ${verb}, which does not exist; ${fix}`,
      );
    }
    this.#idle.push(program);
    return program.hello;
  }

  /**
   * A program for one host. Synchronous, since a run's virtual time stands still meanwhile.
   * @throws RestartsUsedUp when none may be started any more; AdapterFailure when starting one failed.
   */
  take(): OutsideProgram {
    const program = this.#idle.pop();
    if (program !== undefined) return program;
    if (this.#owed > 0) {
      if (this.#restarts >= RESTARTS_MAX) throw new RestartsUsedUp(this.#lastTrouble);
      this.#owed -= 1;
      this.#restarts += 1;
    }
    const started = this.#start();
    if (started.failure === undefined) return started;
    this.#countTrouble(started.failure);
    this.#closing.add(started.close());
    throw started.failure;
  }

  /** Takes a program back after a run: off its host, and kept if it can be used again. */
  async giveBack(program: OutsideProgram): Promise<AdapterFailure | undefined> {
    program.onFailure = undefined;
    program.halt();
    if (program.failure === undefined && program.hello.reusable === true) {
      this.#idle.push(program);
      return undefined;
    }
    const failure = await program.close();
    if (failure === undefined || program.wasKilled) return undefined;
    this.#countTrouble(failure);
    return failure;
  }

  /** Ends all programs. */
  async close(): Promise<void> {
    await Promise.all([...this.#idle.map((program) => program.close()), ...this.#closing]);
    this.#idle.length = 0;
    await this.#watchdog?.close();
  }

  #countTrouble(failure: AdapterFailure): void {
    this.#owed += 1;
    this.#lastTrouble = failure.message;
  }

  #start(): OutsideProgram {
    return new OutsideProgram({ pipe: this.#connect(), suite: this.#suite });
  }
}

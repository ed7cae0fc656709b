/**
 * The checks of `esf adapter-check`: is the adapter sound, whatever its library does? What a check is, and the loop.
 *
 * The checks themselves are in `exec-check-protocol.ts` and `exec-check-client.ts`. They run one after the other in one
 * process; a check that breaks it fails, and the next gets a new one. All of it takes at most five seconds.
 */
import { Adapter, AdapterFailure, type AdapterOptions, type Hello, type JsonObject } from './exec-adapter.ts';
import type { CheckServer } from './exec-check-server.ts';
import type { Feature } from '../api.ts';

/** How long the whole of adapter-check may take, in seconds; like the others times the options' `timeoutFactor`. */
const CHECK_SECS_MAX = 5;
/** Of these, for starting and hello. */
const CHECK_START_SECS = 2.5;
/** For the reply to any other verb. */
export const CHECK_OP_SECS = 1;
const RESTARTS_MAX = 3;

/** What a check works with. */
export type CheckContext = {
  readonly adapter: Adapter;
  /** The `ok` of hello, as it came. */
  readonly hello: JsonObject;
  readonly server: CheckServer;
  /** Messages of faults that answered no request. */
  readonly strayFaults: readonly string[];
  /** Waits for `condition`, looked at every few milliseconds, for at most a second. */
  until(condition: () => boolean): Promise<boolean>;
  /** A client instance, with its events as they come. */
  open(config?: JsonObject): Promise<CheckInstance>;
  /** The same, logged on to the server. */
  loggedOn(config?: JsonObject): Promise<CheckInstance>;
};

export type CheckInstance = { readonly inst: string; readonly userID: string; readonly events: readonly JsonObject[] };

export type Check = {
  /** A fact about a sound adapter, as one sentence. */
  readonly title: string;
  /** What to change when it is not so. */
  readonly fix: string;
  /** Where the chapter says it. */
  readonly section: string;
  readonly needs?: readonly Feature[];
  /** Gives the problem in one sentence, or undefined. */
  run(context: CheckContext): Promise<string | undefined>;
};

/** Declares a check; only fixes its type. */
export function defineCheck(check: Check): Check {
  return check;
}

export type CheckResult = {
  readonly number: number;
  readonly title: string;
  readonly status: 'pass' | 'fail' | 'skipped' | 'not-run';
  /** What was seen, or why it was skipped. */
  readonly detail?: string;
  readonly fix?: string;
  readonly section: string;
};

export type CheckReport = {
  readonly implementation: Hello['implementation'] | undefined;
  readonly results: readonly CheckResult[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly notRun: number;
  readonly wallMillis: number;
  /** Last lines of standard error of the process that failed last. */
  readonly stderr: readonly string[];
};

/** One process that has answered hello somehow. */
export type CheckProcess = { readonly adapter: Adapter; readonly hello: JsonObject; readonly strayFaults: string[] };

/**
 * Starts a process and takes whatever `ok` hello has.
 * @throws AdapterFailure when it does not start, answer in time, or answer `ok`.
 */
export async function launchForCheck(options: AdapterOptions): Promise<CheckProcess> {
  const strayFaults: string[] = [];
  const adapter = Adapter.launch({ ...options, anyHello: true, onStrayFault: (message) => strayFaults.push(message) });
  const reply = await adapter.sayHello(CHECK_START_SECS);
  if (reply.kind === 'ok') return { adapter, hello: reply.value, strayFaults };
  await adapter.kill();
  throw new AdapterFailure('adapter-fault', `hello was answered with ${reply.kind}; it needs ok`, adapter.stderrTail());
}

/** Over all runs of this process: two runs may share a server, and no UserID may stand twice on it. */
let instances = 0;

/** Runs the checks; `onResult` hears each as it is known. */
export class CheckRun {
  readonly #options: AdapterOptions;
  readonly #server: CheckServer;
  readonly #onResult: (result: CheckResult) => void;
  readonly #results: CheckResult[] = [];
  readonly #startMillis = performance.now();
  readonly #factor: number;
  readonly #secsMax: number;
  #process: CheckProcess | undefined;
  #starts = 0;
  #stderr: readonly string[] = [];

  constructor(options: AdapterOptions, server: CheckServer, onResult: (result: CheckResult) => void) {
    this.#options = options;
    this.#server = server;
    this.#onResult = onResult;
    this.#factor = options.timeoutFactor ?? 1;
    this.#secsMax = CHECK_SECS_MAX * this.#factor;
  }

  /** @param last - The check that ends the process; it always comes last. */
  async run(checks: readonly Check[]): Promise<CheckReport> {
    let implementation: Hello['implementation'] | undefined;
    for (const [index, check] of checks.entries()) {
      const result = await this.#one(check, index + 1);
      this.#results.push(result);
      this.#onResult(result);
      implementation ??= this.#process?.hello.implementation as Hello['implementation'] | undefined;
    }
    await this.#process?.adapter.kill();
    const count = (status: CheckResult['status']): number =>
      this.#results.filter((result) => result.status === status).length;
    return {
      implementation,
      results: this.#results,
      passed: count('pass'),
      failed: count('fail'),
      skipped: count('skipped'),
      notRun: count('not-run'),
      wallMillis: Math.round(performance.now() - this.#startMillis),
      stderr: this.#stderr,
    };
  }

  async #one(check: Check, number: number): Promise<CheckResult> {
    const base = { number, title: check.title, section: check.section };
    if (this.#secsLeft() <= 0) return { ...base, status: 'not-run', detail: `${this.#secsMax} s were over` };
    try {
      const usable = await this.#usableProcess();
      if (usable === undefined) return { ...base, status: 'not-run', detail: 'the adapter could not be started again' };
      const declared = usable.hello.features;
      const missing = check.needs?.find((feature) => !Array.isArray(declared) || !declared.includes(feature));
      if (missing !== undefined)
        return { ...base, status: 'skipped', detail: `the feature "${missing}" is not declared` };
      const problem = await this.#withinTime(check.run(this.#contextOf(usable)));
      const trouble = usable.adapter.failure;
      const detail = problem ?? (trouble?.message === 'the adapter has ended' ? undefined : trouble?.message);
      return detail === undefined ? { ...base, status: 'pass' } : { ...base, status: 'fail', detail, fix: check.fix };
    } catch (error) {
      if (error instanceof AdapterFailure) this.#stderr = error.stderr;
      const detail = error instanceof Error ? error.message : String(error);
      return { ...base, status: 'fail', detail, fix: check.fix };
    }
  }

  async #usableProcess(): Promise<CheckProcess | undefined> {
    if (this.#process !== undefined && this.#process.adapter.failure === undefined) return this.#process;
    if (this.#starts > RESTARTS_MAX || (this.#starts > 0 && this.#process === undefined)) return undefined;
    this.#starts++;
    this.#process = undefined;
    this.#process = await launchForCheck(this.#options);
    return this.#process;
  }

  #contextOf({ adapter, hello, strayFaults }: CheckProcess): CheckContext {
    const open = async (config: JsonObject = {}): Promise<CheckInstance> => {
      const number = ++instances;
      const inst = `check-${number}`;
      const events: JsonObject[] = [];
      adapter.watch(inst, (event) => events.push(event));
      await adapter.call(
        'open',
        { inst, case: 'adapter-check', config: { ...this.#server.config, ...config } },
        CHECK_OP_SECS,
      );
      return { inst, userID: `u${number}`, events };
    };
    return {
      adapter,
      hello,
      server: this.#server,
      strayFaults,
      until: (condition) => until(condition, CHECK_OP_SECS * this.#factor),
      open,
      loggedOn: async (config) => {
        const instance = await open(config);
        const { address, port } = this.#server;
        const args = { inst: instance.inst, address, port, userID: instance.userID, password: 'secret' };
        const outcome = await adapter.call('logon', args, CHECK_OP_SECS);
        if (outcome.logonResult !== 'Succeed')
          throw new Error(`the logon to the reference server gave ${JSON.stringify(outcome)}`);
        return instance;
      },
    };
  }

  async #withinTime<T>(work: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`not done when the ${this.#secsMax} s were over`)),
        this.#secsLeft() * 1000,
      );
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
      work.catch(() => undefined);
    }
  }

  #secsLeft(): number {
    return this.#secsMax - (performance.now() - this.#startMillis) / 1000;
  }
}

async function until(condition: () => boolean, withinSecs: number): Promise<boolean> {
  const deadline = performance.now() + withinSecs * 1000;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
  return true;
}

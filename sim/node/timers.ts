/**
 * `timers` and `timers/promises` of one process: every timer is an event of the world on the host's own clock, so timers and
 * packets share one total order, and pause, crash and drift hold for them.
 *
 * Delays as in Node: whole milliseconds, at least 1, at most 2^31 - 1. `unref` is remembered, but a world has no use for it.
 */
import { inspect, promisify } from 'node:util';
import { nodeError } from './system-errors.ts';
import type { ProcessLife } from './process-life.ts';

type Callback = (...parts: unknown[]) => void;

const DELAY_MILLIS_MAX = 0x7fff_ffff;

/** What `setTimeout`, `setInterval` and `setImmediate` return. */
class TimerHandle {
  readonly #timers: Timers;
  readonly #id: number;
  readonly #run: () => void;
  readonly #delayMicros: number;
  readonly #isInterval: boolean;
  #cancel: (() => void) | undefined = undefined;
  #isRefed = true;

  constructor(timers: Timers, id: number, delayMicros: number, isInterval: boolean, run: () => void) {
    this.#timers = timers;
    this.#id = id;
    this.#delayMicros = delayMicros;
    this.#isInterval = isInterval;
    this.#run = run;
    this.#arm();
  }

  ref(): this {
    this.#isRefed = true;
    return this;
  }

  unref(): this {
    this.#isRefed = false;
    return this;
  }

  hasRef(): boolean {
    return this.#isRefed;
  }

  /** Starts the delay anew, also after the timer has fired. */
  refresh(): this {
    this.#cancel?.();
    this.#arm();
    return this;
  }

  close(): this {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#timers.active.delete(this.#id);
    return this;
  }

  [Symbol.toPrimitive](): number {
    return this.#id;
  }

  #arm(): void {
    this.#timers.active.set(this.#id, this);
    this.#cancel = this.#timers.life.after(this.#delayMicros, () => {
      this.#fire();
    });
  }

  #fire(): void {
    this.#cancel = undefined;
    if (!this.#isInterval) this.#timers.active.delete(this.#id);
    this.#run();
    const isStillWanted = this.#isInterval && this.#timers.active.get(this.#id) === this;
    // `refresh` inside the callback has armed it already.
    if (isStillWanted && (this.#cancel as unknown) === undefined) this.#arm();
  }
}

/** All timers of one process. The arrow functions are handed out one by one, as globals. */
export class Timers {
  readonly life: ProcessLife;
  readonly active = new Map<number, TimerHandle>();
  #nextId = 1;

  constructor(life: ProcessLife) {
    this.life = life;
    Object.defineProperty(this.setTimeout, promisify.custom, { value: this.#promises.setTimeout });
    Object.defineProperty(this.setImmediate, promisify.custom, { value: this.#promises.setImmediate });
  }

  readonly setTimeout = (callback: Callback, delay?: unknown, ...parts: unknown[]): TimerHandle =>
    this.#start(callback, delayMicros(delay), false, parts);

  readonly setInterval = (callback: Callback, delay?: unknown, ...parts: unknown[]): TimerHandle =>
    this.#start(callback, delayMicros(delay), true, parts);

  readonly setImmediate = (callback: Callback, ...parts: unknown[]): TimerHandle =>
    this.#start(callback, 0, false, parts);

  readonly clear = (timer: unknown): void => {
    const id = typeof timer === 'string' || typeof timer === 'number' ? Number(timer) : undefined;
    const handle = id === undefined ? timer : this.active.get(id);
    if (handle instanceof TimerHandle) handle.close();
  };

  /** The module `timers`; `promises` is `timers/promises`. */
  module(): Readonly<Record<string, unknown>> {
    const { setTimeout, setInterval, setImmediate, clear } = this;
    const clears = { clearTimeout: clear, clearInterval: clear, clearImmediate: clear };
    return { setTimeout, setInterval, setImmediate, ...clears, promises: this.#promises };
  }

  readonly #promises = {
    setTimeout: (delay?: unknown, value?: unknown, options?: WaitOptions): Promise<unknown> =>
      this.#wait(delayMicros(delay), value, options),
    setImmediate: (value?: unknown, options?: WaitOptions): Promise<unknown> => this.#wait(0, value, options),
    setInterval: (delay?: unknown, value?: unknown, options?: WaitOptions): AsyncGenerator =>
      this.#beats(delayMicros(delay), value, options),
    scheduler: {
      wait: (delay: number, options?: WaitOptions): Promise<unknown> =>
        this.#wait(delayMicros(delay), undefined, options),
      yield: (): Promise<unknown> => this.#wait(0, undefined, undefined),
    },
  };

  #start(callback: Callback, micros: number, isInterval: boolean, parts: unknown[]): TimerHandle {
    if (typeof callback !== 'function') {
      const got = inspect(callback);
      throw nodeError(TypeError, 'ERR_INVALID_ARG_TYPE', `The "callback" argument must be a function. Received ${got}`);
    }
    this.#nextId += 1;
    return new TimerHandle(this, this.#nextId, micros, isInterval, () => {
      callback(...parts);
    });
  }

  #wait(micros: number, value: unknown, options: WaitOptions | undefined): Promise<unknown> {
    const signal = options?.signal;
    if (signal?.aborted === true) return Promise.reject(abortError(signal));
    return new Promise((resolve, reject) => {
      const give = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve(value);
      };
      const timer = this.#start(give, micros, false, []);
      const giveUp = (): void => {
        timer.close();
        reject(abortError(signal!));
      };
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  async *#beats(micros: number, value: unknown, options: WaitOptions | undefined): AsyncGenerator {
    for (;;) {
      await this.#wait(micros, undefined, options);
      yield value;
    }
  }
}

type WaitOptions = { readonly signal?: AbortSignal; readonly ref?: boolean } | undefined;

function delayMicros(delay: unknown): number {
  const millis = Number(delay);
  return (millis >= 1 && millis <= DELAY_MILLIS_MAX ? Math.trunc(millis) : 1) * 1_000;
}

function abortError(signal: AbortSignal): Error {
  const error = nodeError(Error, 'ABORT_ERR', 'The operation was aborted');
  error.name = 'AbortError';
  error.cause = signal.reason;
  return error;
}

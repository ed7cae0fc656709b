/**
 * Calls of application code for one connection, one after the other while one of them is asynchronous (CUS-015).
 *
 * Made when a handler first returns a promise; until then calls are direct. Waiting calls hold their bytes, so reading is
 * stopped when these pass a limit and taken up again when they are done.
 */
import type { Platform } from '../../spec/platform.ts';
import type { EventWorld } from './event.ts';
import { describeError } from './event.ts';

/** Bytes of waiting calls at which reading stops. Ours: a small share of the largest message (SEC-011). */
const WAITING_BYTES_MAX = 65_536;

/** What one waiting call counts besides its bytes. */
const CALL_BYTES = 64;

export type ReadControl = { pauseReading(): void; resumeReading(): void };

type Call = { readonly run: () => void; readonly bytes: number };

/** The waiting calls of one connection. */
export class HandlerQueue {
  readonly #world: EventWorld & Pick<Platform, 'monotonicMicros'>;
  readonly #reading: ReadControl;
  readonly #waiting: Call[] = [];
  #waitingBytes = 0;
  #paused = false;
  #busy = false;
  #busySinceMicros = Infinity;

  constructor(world: EventWorld & Pick<Platform, 'monotonicMicros'>, reading: ReadControl) {
    this.#world = world;
    this.#reading = reading;
  }

  /** An asynchronous call has not finished: the next must `wait`. */
  get busy(): boolean {
    return this.#busy;
  }

  /** When the call that has not finished was made; Infinity when there is none (HDL-007). */
  get busySinceMicros(): number {
    return this.#busySinceMicros;
  }

  /** The call just made returned a promise; the next one waits for it. A rejection is the caller's to log. */
  holdFor(promise: PromiseLike<unknown>): void {
    this.#busy = true;
    this.#busySinceMicros = this.#world.monotonicMicros();
    const release = (): void => {
      this.#world.noteAsyncEdge();
      this.#busy = false;
      this.#busySinceMicros = Infinity;
      this.#drain();
    };
    promise.then(release, release);
  }

  /** @param bytes - Size of what the call holds. */
  wait(bytes: number, run: () => void): void {
    this.#waiting.push({ run, bytes: bytes + CALL_BYTES });
    this.#waitingBytes += bytes + CALL_BYTES;
    if (this.#waitingBytes <= WAITING_BYTES_MAX || this.#paused) return;
    this.#paused = true;
    this.#reading.pauseReading();
  }

  /** Forgets the waiting calls: the engine closed the connection, or was closed. */
  clear(): void {
    this.#waiting.length = 0;
    this.#waitingBytes = 0;
  }

  #drain(): void {
    while (!this.#busy) {
      const call = this.#waiting.shift();
      if (call === undefined) break;
      this.#waitingBytes -= call.bytes;
      call.run();
    }
    if (this.#paused && this.#waitingBytes <= WAITING_BYTES_MAX / 2) {
      this.#paused = false;
      this.#reading.resumeReading();
    }
  }
}

/** Logs a rejection of application code. */
export function logRejection(world: EventWorld, what: string, promise: PromiseLike<unknown>): void {
  promise.then(undefined, (error: unknown) => world.log('error', `${what} rejected: ${describeError(error)}`));
}

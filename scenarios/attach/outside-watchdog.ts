/**
 * Ends programs that let this thread wait too long: a thread of its own, because this one stands still meanwhile.
 *
 * Reads are synchronous, so no timer of this thread can end one. The watchdog looks at a count that goes up when a wait
 * begins and when it ends; the same odd number at too many looks in a row is a wait without end. A look counts, not the
 * clock: a machine that stood still as a whole has not waited. Make it outside of simulated runs.
 */
import { Worker } from 'node:worker_threads';

const LOOK_MILLIS = 100;

/** Cells of the shared memory. */
const COUNT = 0;
const PID = 1;
const LOOKS_MAX = 2;
const KILLED_PID = 3;
const CELLS = 4;

// Plain JavaScript, so that it starts the same from sources and from a build.
const CODE = `
const { workerData } = require('node:worker_threads');
const cells = new Int32Array(workerData);
const never = new Int32Array(new SharedArrayBuffer(4));
let last = 0;
let looks = 0;
for (;;) {
  Atomics.wait(never, 0, 0, ${LOOK_MILLIS});
  const count = Atomics.load(cells, ${COUNT});
  if (count % 2 === 0 || count !== last) {
    last = count;
    looks = 0;
  } else if (++looks === Atomics.load(cells, ${LOOKS_MAX})) {
    const pid = Atomics.load(cells, ${PID});
    Atomics.store(cells, ${KILLED_PID}, pid);
    try { process.kill(-pid, 'SIGKILL'); } catch { /* it has ended by itself */ }
  }
}
`;

/** Watches the waits of one thread, one at a time. */
export class Watchdog {
  readonly #cells = new Int32Array(new SharedArrayBuffer(4 * CELLS));
  readonly #worker: Worker;

  /** @param patienceSecs - How long a wait may take. */
  constructor(patienceSecs: number) {
    Atomics.store(this.#cells, LOOKS_MAX, Math.ceil((patienceSecs * 1000) / LOOK_MILLIS));
    this.#worker = new Worker(CODE, { eval: true, workerData: this.#cells.buffer });
    // A thread that only waits must not keep the process alive.
    this.#worker.unref();
  }

  /** This thread begins to wait for the process group of `pid`. */
  begin(pid: number): void {
    Atomics.store(this.#cells, PID, pid);
    Atomics.add(this.#cells, COUNT, 1);
  }

  end(): void {
    Atomics.add(this.#cells, COUNT, 1);
  }

  /** Whether it ended the process group of `pid`. */
  hasKilled(pid: number): boolean {
    return Atomics.load(this.#cells, KILLED_PID) === pid;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/**
 * Mode TaskQueue: handler calls of all connections in one queue, a bounded number of them under way at once (HDL-010).
 *
 * A task is begun in a step of its own, never in the one that received the message. A connection whose waiting tasks hold too
 * much is not read from until they have become fewer (HDL-013). Drive it: `add`, `forget` when a connection is cut off, `close`.
 */
import type { Platform, Timer } from '../../../../spec/platform.ts';

/** Bytes of one connection's waiting tasks at which reading from it stops. Ours (HDL-013). */
const WAITING_BYTES_MAX = 1_048_576;

/** What one task counts besides its bytes. */
const TASK_BYTES = 64;

/** Tasks begun in one step before others get a turn. */
const TASKS_PER_TURN = 64;

/** A connection, as far as its tasks are concerned. */
export type TaskOwner = { pauseReading?(): void; resumeReading?(): void };

type Task = {
  readonly owner: TaskOwner;
  readonly bytes: number;
  /** @returns a promise when the handler has not finished. */
  readonly run: () => PromiseLike<unknown> | undefined;
};

type Share = { bytes: number; paused: boolean };

/** The queue of one server. */
export class TaskQueue {
  readonly #platform: Platform;
  readonly #workerCount: number;
  readonly #shares = new Map<TaskOwner, Share>();
  #waiting: Task[] = [];
  /** Tasks before this index have been taken; cut off now and then, as `shift` costs more the longer the queue. */
  #head = 0;
  #busyCount = 0;
  #maxTaskCount = 0;
  #turn: Timer | undefined;

  constructor(platform: Platform, workerCount: number) {
    this.#platform = platform;
    this.#workerCount = workerCount;
  }

  /** Tasks that no worker has taken yet. */
  get taskCount(): number {
    return this.#waiting.length - this.#head;
  }

  /** The most that ever waited. */
  get maxTaskCount(): number {
    return this.#maxTaskCount;
  }

  get idleWorkerCount(): number {
    return this.#workerCount - this.#busyCount;
  }

  /** @param bytes - Size of what the task holds. */
  add(owner: TaskOwner, bytes: number, run: Task['run']): void {
    const task = { owner, bytes: bytes + TASK_BYTES, run };
    this.#waiting.push(task);
    this.#maxTaskCount = Math.max(this.#maxTaskCount, this.taskCount);
    const share = this.#shares.get(owner) ?? { bytes: 0, paused: false };
    this.#shares.set(owner, share);
    share.bytes += task.bytes;
    if (share.bytes > WAITING_BYTES_MAX && !share.paused) {
      share.paused = true;
      owner.pauseReading?.();
    }
    this.#schedule();
  }

  /** Drops the waiting tasks of a connection that was cut off (REL-011). */
  forget(owner: TaskOwner): void {
    if (!this.#shares.delete(owner)) return;
    this.#waiting = this.#waiting.slice(this.#head).filter((task) => task.owner !== owner);
    this.#head = 0;
  }

  /** Drops everything that waits. */
  close(): void {
    this.#turn?.cancel();
    this.#turn = undefined;
    this.#waiting = [];
    this.#head = 0;
    this.#shares.clear();
  }

  #schedule(): void {
    if (this.#turn !== undefined || this.taskCount === 0 || this.idleWorkerCount === 0) return;
    this.#turn = this.#platform.setTimer(0, () => {
      this.#turn = undefined;
      for (let count = 0; count < TASKS_PER_TURN && this.taskCount > 0 && this.idleWorkerCount > 0; count++)
        this.#takeOne();
      this.#schedule();
    });
  }

  #takeOne(): void {
    const task = this.#waiting[this.#head++]!;
    if (this.#head > 256 && this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    this.#giveBack(task);
    const promise = task.run();
    if (promise === undefined) return;
    this.#busyCount++;
    const release = (): void => {
      this.#platform.noteAsyncEdge();
      this.#busyCount--;
      this.#schedule();
    };
    promise.then(release, release);
  }

  #giveBack({ bytes, owner }: Task): void {
    const share = this.#shares.get(owner);
    if (share === undefined) return;
    share.bytes -= bytes;
    if (share.paused && share.bytes <= WAITING_BYTES_MAX / 2) {
      share.paused = false;
      owner.resumeReading?.();
    }
    if (share.bytes <= 0) this.#shares.delete(owner);
  }
}

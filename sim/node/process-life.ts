/**
 * One life of a Node process on a virtual host, and the rule by which its code runs.
 *
 * The rule: whatever happens to the process (a timer fires, a datagram arrives, a connection ends) is one event of the
 * world. The event itself runs no code of the process; it queues the callback as a real macrotask and asks the world for a
 * turn. The world waits for that turn before its next event. So a callback runs as in Node: first its own code, then all
 * `process.nextTick` callbacks, then all promise jobs, again and again until both queues are empty; these queues are the
 * real ones, first in, first out, and virtual time stands still meanwhile. Several callbacks of one event run one after
 * the other, each with its ticks and jobs before the next.
 *
 * What cannot be awaited this way is refused elsewhere: thread-pool work, real timers, real sockets.
 */
import type { Platform } from '../../spec/platform.ts';
import type { Host } from '../host.ts';
import type { World } from '../world.ts';

/** Captured when the module loads, because the guard replaces the global one during a run. */
const realSetImmediate = setImmediate;

/** The host, its platform, and the way in. */
export class ProcessLife {
  readonly host: Host;
  readonly platform: Platform;
  readonly #incarnation: number;
  #isOver = false;

  constructor(host: Host) {
    this.host = host;
    this.platform = host.platform();
    this.#incarnation = host.incarnation;
  }

  get world(): World {
    return this.host.world;
  }

  /** False once the host has crashed or the process has exited. */
  get isAlive(): boolean {
    return !this.#isOver && this.host.isUp && this.host.incarnation === this.#incarnation;
  }

  /** The process has exited: none of its callbacks runs any more. */
  end(): void {
    this.#isOver = true;
  }

  /** Runs code of the process, by the rule above. An error it throws fails the run of the world. */
  enter(action: () => void): void {
    const { world } = this;
    world.noteAsyncEdge();
    realSetImmediate(() => {
      if (!this.isAlive) return;
      try {
        action();
      } catch (error) {
        world.at(world.nowMicros, () => {
          throw error as Error;
        });
      }
    });
  }

  /** Runs code of the process in an event of its own, at this time but after everything that is under way. */
  soon(action: () => void): void {
    this.after(0, action);
  }

  /** The same later, by the clock of the host. Gives the canceller. */
  after(delayMicros: number, action: () => void): () => void {
    let isCancelled = false;
    const timer = this.platform.setTimer(delayMicros, () => {
      this.enter(() => {
        if (!isCancelled) action();
      });
    });
    return () => {
      isCancelled = true;
      timer.cancel();
    };
  }
}

/**
 * When the process of a host gets its turn: at once, later because something holds it up, or only now and then when it is
 * slow. What comes meanwhile waits, in order; sockets keep their own data and are asked to flush.
 *
 * The kernel is not meant here, only what is told to the process. Calls that a test makes into a process that stands still
 * are carried out at once.
 */
import type { EventTarget } from '../event-queue.ts';
import type { Host } from '../host.ts';
import { TRACE_KIND } from '../trace-kinds.ts';
import type { Slowness } from './slowness.ts';

/** What can hold a process up; each is a bit, and all must be gone before it goes on. */
export const HALT = { paused: 1, suspended: 2, slow: 4 } as const;
export type Halt = (typeof HALT)[keyof typeof HALT];

/** The turns of one process. */
export class ProcessTurns implements EventTarget {
  readonly #host: Host;
  #halts = 0;
  #deferred: EventTarget[] = [];
  #slowness: Slowness | undefined = undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Nothing may be told to the process now. */
  get isHalted(): boolean {
    return this.#halts !== 0;
  }

  isHaltedBy(halt: Halt): boolean {
    return (this.#halts & halt) !== 0;
  }

  halt(by: Halt): void {
    this.#halts |= by;
  }

  /** Takes one reason away; when it was the last one, the process goes on with everything it missed, in an event. */
  release(from: Halt): void {
    if (!this.isHaltedBy(from)) return;
    this.#halts &= ~from;
    if (this.#halts === 0) this.#host.world.schedule(this.#host.world.nowMicros, this, undefined);
    else this.noteWaiting();
  }

  /** From now on the process gets its turns from there; undefined ends it. */
  setSlowness(slowness: Slowness | undefined): void {
    this.#slowness = slowness;
    if (slowness === undefined) {
      this.release(HALT.slow);
    } else {
      const mayWait = this.isHalted;
      this.halt(HALT.slow);
      if (mayWait) this.noteWaiting();
    }
  }

  /** Keeps an event for the next turn. */
  defer(target: EventTarget): void {
    this.#deferred.push(target);
    this.noteWaiting();
  }

  /** Something waits for the process. */
  noteWaiting(): void {
    if (this.#halts === HALT.slow) this.#slowness!.planTurn();
  }

  /** One turn of a slow process. Gives how much it was told; 0 when something else holds it up. */
  takeSlowTurn(slowness: Slowness): number {
    if (this.#halts !== HALT.slow || this.#slowness !== slowness) return 0;
    this.#halts = 0;
    const count = this.#goOn();
    this.#stayHalted();
    return count;
  }

  /** The process is dead, and so is everything that waited for it. Slowness is one of the machine and stays. */
  forget(): void {
    this.#halts &= HALT.slow;
    this.#deferred = [];
  }

  onEvent(): void {
    const { world, subject } = this.#host;
    world.trace.record(TRACE_KIND.event, subject, 0, 0, 0, 0);
    this.#goOn();
  }

  #stayHalted(): void {
    if (this.#slowness !== undefined) this.halt(HALT.slow);
  }

  /** Tells everything that waits; any of it may hold the process up again. */
  #goOn(): number {
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const target of deferred) {
      if (this.isHalted) this.defer(target);
      else target.onEvent(undefined);
    }
    return deferred.length + this.#host.udp.flush() + this.#host.tcp.flush();
  }
}

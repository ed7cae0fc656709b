/**
 * One platform timer that wakes its owner at the earliest of many deadlines.
 *
 * Waking early is harmless: the owner looks at its table and aims again. So a deadline that moves back costs nothing.
 * A timer that fires late, after a busy spell of the process, may fire before bytes that came in time have been read; they
 * are given one turn first, so that nobody is timed out for our own slowness.
 */
import type { Platform, Timer } from '../../spec/platform.ts';
import { takesRareWay } from './rare-ways.ts';

/** A wake-up call that can be moved forward. */
export class Alarm {
  readonly #platform: Platform;
  readonly #onDue: (nowMicros: number) => void;
  #timer: Timer | undefined;
  #aimedMicros = Infinity;

  constructor(platform: Platform, onDue: (nowMicros: number) => void) {
    this.#platform = platform;
    this.#onDue = onDue;
  }

  get isSet(): boolean {
    return this.#timer !== undefined;
  }

  /** Sees to it that the owner is woken no later than `deadlineMicros`; Infinity: not at all. */
  aim(deadlineMicros: number): void {
    if (deadlineMicros === Infinity) {
      this.clear();
      return;
    }
    if (this.#timer !== undefined && this.#aimedMicros <= deadlineMicros) return;
    this.#timer?.cancel();
    this.#aimedMicros = deadlineMicros;
    let delayMicros = Math.max(0, deadlineMicros - this.#platform.monotonicMicros());
    if (takesRareWay(this.#platform, 'alarm wakes early')) delayMicros = Math.floor(delayMicros / 2);
    this.#timer = this.#platform.setTimer(delayMicros, () => this.#handleFired());
  }

  #handleFired(): void {
    if (this.#platform.monotonicMicros() > this.#aimedMicros) {
      this.#timer = this.#platform.setTimer(0, () => this.#wake());
    } else this.#wake();
  }

  #wake(): void {
    this.#timer = undefined;
    this.#onDue(this.#platform.monotonicMicros());
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}

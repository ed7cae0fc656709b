/**
 * The clocks of one host: a monotonic one that may run fast or slow, and a wall clock that may be off, jump and swing.
 *
 * Integer arithmetic only. It fires no timers; the host asks it when to.
 */
import { checkWander, wanderMicros } from './clock-wander.ts';
import type { ClockWander } from './clock-wander.ts';
import { checkInteger } from './errors.ts';
import type { World } from './world.ts';

export type ClockOptions = {
  /** Added to the true wall time, in microseconds; may be negative. Default 0. */
  readonly offsetMicros?: number;
  /** Parts per million the clock runs fast (negative: slow). Default 0. */
  readonly driftPpm?: number;
  /**
   * The monotonic clock while the machine sleeps. `stops`: CLOCK_MONOTONIC of Linux and macOS, which Node reads; `goesOn`:
   * CLOCK_BOOTTIME, or Windows. The wall clock always goes on. Default `stops`.
   */
  readonly whileAsleep?: 'stops' | 'goesOn';
  /** The wall clock swings around where it would be. Default: it does not. */
  readonly wander?: ClockWander;
};

const MILLION = 1_000_000;
const DRIFT_PPM_MAX = 500_000;

/** What one host believes the time to be. */
export class HostClock {
  readonly #world: World;
  #driftPpm: number;
  #wallOffsetMicros: number;
  /** True time and monotonic reading when the drift was set last. */
  #baseTrueMicros: number;
  #baseMonotonicMicros = 0;
  readonly #stopsAsleep: boolean;
  readonly #wander: ClockWander | undefined;
  /** Since when it stands still; -1 while it goes. */
  #stoppedAtMicros = -1;

  constructor(world: World, options: ClockOptions) {
    const { offsetMicros = 0, driftPpm = 0 } = options;
    checkInteger('driftPpm', driftPpm, -DRIFT_PPM_MAX, DRIFT_PPM_MAX);
    checkInteger('offsetMicros', offsetMicros, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    if (options.wander !== undefined) checkWander(options.wander);
    this.#wander = options.wander;
    this.#world = world;
    this.#stopsAsleep = options.whileAsleep !== 'goesOn';
    this.#driftPpm = driftPpm;
    this.#baseTrueMicros = world.nowMicros;
    this.#wallOffsetMicros = world.epochMillis * 1000 + world.nowMicros + offsetMicros;
  }

  /** Microseconds since the host was made; never goes back. */
  monotonicMicros(): number {
    if (this.#stoppedAtMicros >= 0) return this.#baseMonotonicMicros;
    const elapsed = this.#world.nowMicros - this.#baseTrueMicros;
    if (this.#driftPpm === 0) return this.#baseMonotonicMicros + elapsed;
    return this.#baseMonotonicMicros + elapsed + scaledFloor(elapsed, this.#driftPpm);
  }

  /** Milliseconds since 1970 as this host believes. */
  wallMillis(): number {
    const asleepMicros = this.#stoppedAtMicros < 0 ? 0 : this.#world.nowMicros - this.#stoppedAtMicros;
    const offMicros = this.#wander === undefined ? 0 : wanderMicros(this.#wander, this.#world.nowMicros);
    return Math.floor((this.#wallOffsetMicros + this.monotonicMicros() + asleepMicros + offMicros) / 1000);
  }

  /** Sets the wall clock forward, or back when negative. The monotonic clock does not notice. */
  step(deltaMicros: number): void {
    checkInteger('deltaMicros', deltaMicros, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    this.#wallOffsetMicros += deltaMicros;
  }

  /** Changes the speed from now on; both readings go on from where they are. */
  setDrift(driftPpm: number): void {
    checkInteger('driftPpm', driftPpm, -DRIFT_PPM_MAX, DRIFT_PPM_MAX);
    this.#baseMonotonicMicros = this.monotonicMicros();
    this.#baseTrueMicros = this.#world.nowMicros;
    this.#driftPpm = driftPpm;
  }

  /** The machine falls asleep. */
  sleep(): void {
    if (!this.#stopsAsleep || this.#stoppedAtMicros >= 0) return;
    this.#baseMonotonicMicros = this.monotonicMicros();
    this.#stoppedAtMicros = this.#world.nowMicros;
  }

  /** It wakes up; the wall clock, which has a battery, knows how long it slept. */
  wake(): void {
    if (this.#stoppedAtMicros < 0) return;
    this.#wallOffsetMicros += this.#world.nowMicros - this.#stoppedAtMicros;
    this.#baseTrueMicros = this.#world.nowMicros;
    this.#stoppedAtMicros = -1;
  }

  /** The true time from which on the monotonic clock shows at least `monotonicMicros`; now, when it does already. */
  trueMicrosAt(monotonicMicros: number): number {
    // Asleep nobody knows; asked again after waking.
    if (this.#stoppedAtMicros >= 0) return this.#world.nowMicros + monotonicMicros - this.#baseMonotonicMicros;
    const left = monotonicMicros - this.#baseMonotonicMicros;
    if (this.#driftPpm === 0) return this.#baseTrueMicros + left;
    // left = e + floor(e * ppm / 10^6); start below the answer and walk up the last step or two.
    let elapsed = Math.max(0, Math.floor((left / (MILLION + this.#driftPpm)) * MILLION) - 2);
    while (elapsed + scaledFloor(elapsed, this.#driftPpm) < left) elapsed += 1;
    // A slow clock shows one reading for several microseconds, of which this is perhaps not the first.
    return Math.max(this.#world.nowMicros, this.#baseTrueMicros + elapsed);
  }
}

/** floor(value * ppm / 10^6) without leaving the safe integers. */
function scaledFloor(value: number, ppm: number): number {
  const millions = Math.floor(value / MILLION);
  return millions * ppm + Math.floor(((value % MILLION) * ppm) / MILLION);
}

/**
 * A wall clock that is steered: it swings around the right time like a sine, as one that a time daemon speeds up and slows
 * down in turn. How far off it is follows from the time alone; integers only.
 *
 * The sine is Bhaskara's quotient of parabolas (7th century): with x from 0 to h, half a turn, 16 x (h - x) / (5 h^2 - 4 x
 * (h - x)). It is right to 0.17 % of the amplitude, which is nothing to what a clock does.
 */
import { checkInteger } from './errors.ts';

export type ClockWander = {
  /** How far the clock is off at most, each way; at most an hour. */
  readonly amplitudeMicros: number;
  /** From one greatest lead to the next; a second to a year. */
  readonly periodMicros: number;
};

const SECOND = 1_000_000;
const AMPLITUDE_MAX = 3_600 * SECOND;
const PERIOD_MAX = 366 * 86_400 * SECOND;
/** Half a turn in steps; its square times sixteen stays far below 2^53. */
const HALF_STEPS = 32_768;
const QUARTER_SQUARE = 5 * HALF_STEPS * HALF_STEPS;

/** @throws SimError `usage` - names the option, its value and the range. */
export function checkWander({ amplitudeMicros, periodMicros }: ClockWander): void {
  checkInteger('wander.amplitudeMicros', amplitudeMicros, 0, AMPLITUDE_MAX);
  checkInteger('wander.periodMicros', periodMicros, SECOND, PERIOD_MAX);
}

/** How far ahead (negative: behind) the clock is at a time, in microseconds. It begins with 0 and goes ahead first. */
export function wanderMicros({ amplitudeMicros, periodMicros }: ClockWander, nowMicros: number): number {
  const step = Math.floor(((nowMicros % periodMicros) / periodMicros) * 2 * HALF_STEPS);
  const isAhead = step < HALF_STEPS;
  const x = isAhead ? step : step - HALF_STEPS;
  const product = x * (HALF_STEPS - x);
  const offset = Math.floor(
    (amplitudeMicros * Math.floor((16 * product * HALF_STEPS) / (QUARTER_SQUARE - 4 * product))) / HALF_STEPS,
  );
  return isAhead ? offset : -offset;
}

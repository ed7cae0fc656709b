/** Rows of the NAT area. `source` is where the law is stated. */
import type { FidelityRow } from '../model.ts';

/** A law that holds when what was measured equals what is expected, word for word. */
export function exactly(law: string, source: string, expected: string, measured: string): FidelityRow {
  return { area: 'nat', law: `${law} (${source})`, expected, measured, holds: expected === measured };
}

/**
 * A law about how often something happens: holds when the count of successes is within 3 standard deviations of a binomial
 * with that probability. @param probability - From 0 to 1.
 */
export function howOften(
  law: string,
  source: string,
  probability: number,
  successes: number,
  trials: number,
): FidelityRow {
  const deviations = Math.abs(successes - trials * probability) / Math.sqrt(trials * probability * (1 - probability));
  return {
    area: 'nat',
    law: `${law} (${source})`,
    expected: percent(probability),
    measured: `${percent(successes / trials)} of ${trials}, ${deviations.toFixed(1)} sigma off`,
    holds: deviations <= 3,
  };
}

/** Two digits behind the point. */
export function percent(probability: number): string {
  return `${(100 * probability).toFixed(2)} %`;
}

/** What the statistical laws need: the Kolmogorov-Smirnov distance, and rows that compare numbers. */
import type { FidelityRow } from './model.ts';

/** The distance, times the root of the count, that is exceeded in one of a hundred honest samples. */
const KOLMOGOROV_ONE_PERCENT = 1.6276;

/**
 * The greatest distance between the distribution of whole-numbered draws and the law, times the root of their number.
 *
 * @param cumulative - P(X <= x) for a whole x.
 */
function kolmogorov(draws: Float64Array, cumulative: (x: number) => number): number {
  const sorted = draws.slice().sort();
  let distance = 0;
  for (let index = 0; index < sorted.length; index += 1) {
    // Equal draws are one step; the law is compared where the step ends, and before where it begins.
    if (sorted[index] === sorted[index + 1]) continue;
    const above = Math.abs((index + 1) / sorted.length - cumulative(sorted[index]!));
    if (above > distance) distance = above;
  }
  return distance * Math.sqrt(sorted.length);
}

/** A row: the draws follow the law. */
export function followsLaw(area: string, law: string, draws: Float64Array, law1: (x: number) => number): FidelityRow {
  const distance = kolmogorov(draws, law1);
  return {
    area,
    law: `${law}: Kolmogorov-Smirnov on ${count(draws.length)} draws, p > 0.01`,
    expected: `sqrt(n) D < ${KOLMOGOROV_ONE_PERCENT}`,
    measured: distance.toFixed(3),
    holds: distance < KOLMOGOROV_ONE_PERCENT,
  };
}

/** A row: a value lies within a share of what is expected. */
export function withinShare(area: string, law: string, expected: number, measured: number, share: number): FidelityRow {
  const off = Math.abs(measured - expected) / expected;
  return {
    area,
    law: `${law}, within ${share * 100} %`,
    expected: short(expected),
    measured: `${short(measured)} (${(off * 100).toFixed(2)} % off)`,
    holds: off <= share,
  };
}

/** A row: a count lies within three standard deviations. */
export function withinThreeSigma(
  area: string,
  law: string,
  expected: number,
  sigma: number,
  measured: number,
): FidelityRow {
  const off = Math.abs(measured - expected) / sigma;
  return {
    area,
    law: `${law}, within 3 sigma`,
    expected: `${short(expected)} +- ${short(sigma)}`,
    measured: `${short(measured)} (${off.toFixed(2)} sigma)`,
    holds: off <= 3,
  };
}

/** A row: two things are the same. */
export function isExactly(area: string, law: string, expected: string, measured: string): FidelityRow {
  return { area, law, expected, measured, holds: expected === measured };
}

export function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

/** Thousands apart. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

function short(value: number): string {
  return Number.isInteger(value) ? count(value) : value.toPrecision(6);
}

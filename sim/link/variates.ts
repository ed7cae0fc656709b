/**
 * Standard random variates from integer tables: exponential, power of two and normal, as fixed-point numbers of 24 bits.
 *
 * The tables are made on first use by integer arithmetic alone (no `Math.log`, `exp`, `pow`, whose results may differ from
 * engine to engine); a test compares them with those functions. Between two entries values are interpolated linearly; the
 * distribution functions are met to 2e-6. What a delay is made of them is said in `delay.ts`.
 */
import { integerSqrt } from '../integer-math.ts';
import type { RandomStream } from '../random.ts';

/** One, in the fixed point of this file. */
export const UNIT = 0x100_0000;
const INDEX_BITS = 8;
const ENTRIES = 1 << INDEX_BITS;
const FRACTION_BITS = 24;
/** Working precision of logarithm and roots: squares of such numbers are exact. */
const WORK = 0x200_0000;
/** ln 2 in units of 2^-24: floor(0.693147180559945 * 2^24 + 1/2). */
const LN2 = 11_629_080;

let logarithms: Float64Array | undefined;
let powers: Float64Array | undefined;
let normal: NormalTable | undefined;

/** -log2 of a uniform number from (0, 1]: from 0 to 33, in units of 2^-24. Draws two words. */
export function drawNegativeLog2(stream: RandomStream): number {
  const table = (logarithms ??= logarithmTable());
  // Halving is repeated as long as coins show zero; what is left is uniform in (1/2, 1].
  const halvings = Math.clz32(stream.uint32());
  return halvings * UNIT + interpolate(table, stream.uint32());
}

/** An exponential variate of mean one, in units of 2^-24. */
export function drawExponential(stream: RandomStream): number {
  return Math.floor((drawNegativeLog2(stream) * LN2) / UNIT);
}

/**
 * 2 to the power of `exponent`.
 *
 * @param exponent - In units of 2^-24, from 0 to just below 29.
 * @returns In units of 2^-24.
 */
export function powerOfTwo(exponent: number): number {
  const table = (powers ??= powerTable());
  const whole = Math.floor(exponent / UNIT);
  const part = exponent - whole * UNIT;
  return interpolate(table, part * ENTRIES) * (1 << whole);
}

/** A normal variate of mean 0 and deviation 1, cut off at 6, in units of 2^-24. Draws one word. */
export function drawNormal(stream: RandomStream): number {
  const { cumulative, guide } = (normal ??= normalTable());
  const word = stream.uint32();
  const wanted = word >>> 1;
  let cell = guide[wanted >>> (31 - INDEX_BITS)]!;
  while (cumulative[cell + 1]! <= wanted) cell += 1;
  const width = cumulative[cell + 1]! - cumulative[cell]!;
  const inside = Math.floor(((2 * (wanted - cumulative[cell]!) + 1) * (UNIT / 2)) / width);
  const magnitude = Math.floor((cell * UNIT + inside) / CELLS_PER_DEVIATION);
  return (word & 1) === 0 ? magnitude : -magnitude;
}

/** The value of a table at `word` / 2^32 of its length. */
function interpolate(table: Float64Array, word: number): number {
  const index = Math.floor(word / UNIT);
  const low = table[index]!;
  return low + Math.floor(((table[index + 1]! - low) * (word - index * UNIT)) / UNIT);
}

/** -log2(1 - i/512) for i from 0 to 256. */
function logarithmTable(): Float64Array {
  const table = new Float64Array(ENTRIES + 1);
  for (let index = 0; index < ENTRIES; index += 1) {
    // 512 - i lies between 256 and 512, so its logarithm is 8 and a fraction; -log2(1 - i/512) = 9 - log2(512 - i).
    table[index] = UNIT - logarithmFraction(((2 * ENTRIES - index) * WORK) / ENTRIES);
  }
  table[ENTRIES] = UNIT;
  return table;
}

/** log2(value / WORK) in units of 2^-24, for values from WORK to 2 WORK: a digit for every squaring. */
function logarithmFraction(value: number): number {
  if (value === 2 * WORK) return UNIT;
  let rest = value;
  let digits = 0;
  for (let bit = 0; bit < FRACTION_BITS; bit += 1) {
    rest = Math.floor((rest * rest) / WORK);
    digits *= 2;
    if (rest >= 2 * WORK) {
      rest = Math.floor(rest / 2);
      digits += 1;
    }
  }
  return digits;
}

/** 2^(i/256) for i from 0 to 256, from the roots 2^(1/2), 2^(1/4) ... 2^(1/256). */
function powerTable(): Float64Array {
  const roots: number[] = [];
  let root = 2 * WORK;
  for (let bit = 0; bit < INDEX_BITS; bit += 1) {
    root = integerSqrt(root * WORK);
    roots.push(root);
  }
  const table = new Float64Array(ENTRIES + 1);
  for (let index = 0; index <= ENTRIES; index += 1) {
    let product = index === ENTRIES ? 2 * WORK : WORK;
    for (let bit = 0; bit < INDEX_BITS; bit += 1) {
      if ((index & (ENTRIES >> (bit + 1))) !== 0) product = Math.floor((product * roots[bit]!) / WORK);
    }
    table[index] = Math.floor((product * UNIT) / WORK);
  }
  return table;
}

type NormalTable = {
  /** Weight of all cells before each one, of 2^31 in all. */
  readonly cumulative: Float64Array;
  /** For the upper eight bits of a wanted weight: the first cell it may lie in. */
  readonly guide: Uint16Array;
};

const CELLS_PER_DEVIATION = 128;
const DEVIATIONS_MAX = 6;
const NORMAL_WEIGHT = 0x8000_0000;
const PRECISION = 64n;

/** The half bell from 0 to 6 deviations by Simpson's rule, its heights by recurrence: e^-(x+g)^2/2 = e^-x^2/2 e^-gx e^-g^2/2. */
function normalTable(): NormalTable {
  const cells = CELLS_PER_DEVIATION * DEVIATIONS_MAX;
  // Heights at every half cell: g is 1/256, so g^2/2 is 2^-17 and the factor shrinks by e^-(2^-16) a step.
  const shrink = exponentialOfMinus(PRECISION - 16n);
  let factor = exponentialOfMinus(PRECISION - 17n);
  let height = 1n << PRECISION;
  const heights = [height];
  for (let step = 0; step < 2 * cells; step += 1) {
    height = (height * factor) >> PRECISION;
    factor = (factor * shrink) >> PRECISION;
    heights.push(height);
  }
  const sums = [0n];
  for (let cell = 0; cell < cells; cell += 1) {
    sums.push(sums[cell]! + heights[2 * cell]! + 4n * heights[2 * cell + 1]! + heights[2 * cell + 2]!);
  }
  const cumulative = Float64Array.from(sums, (sum) => Number((sum * BigInt(NORMAL_WEIGHT)) / sums[cells]!));
  const guide = new Uint16Array(ENTRIES);
  let cell = 0;
  for (let index = 0; index < ENTRIES; index += 1) {
    while (cumulative[cell + 1]! <= index * (NORMAL_WEIGHT / ENTRIES)) cell += 1;
    guide[index] = cell;
  }
  return { cumulative, guide };
}

/** e^-x for x = 2^bits / 2^64, by its series. */
function exponentialOfMinus(bits: bigint): bigint {
  const x = 1n << bits;
  let term = 1n << PRECISION;
  let sum = term;
  for (let index = 1n; term !== 0n && index < 20n; index += 1n) {
    term = -((term * x) >> PRECISION) / index;
    sum += term;
  }
  return sum;
}

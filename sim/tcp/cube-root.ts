/** The cube root of an integer, rounded down, without floating point functions: equal on every machine. */

/** 208,063 cubed is the largest cube below 2^53. */
const TOP_BIT = 1 << 17;

/**
 * The largest integer whose cube is not above `value`.
 *
 * @param value - An integer from 0 to 2^53 - 1.
 */
export function integerCubeRoot(value: number): number {
  let root = 0;
  for (let bit = TOP_BIT; bit > 0; bit >>= 1) {
    const candidate = root + bit;
    if (candidate * candidate * candidate <= value) root = candidate;
  }
  return root;
}

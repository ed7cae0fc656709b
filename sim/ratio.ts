/**
 * A probability as a ratio of two integers, so that no floating-point rounding can decide an event.
 *
 * It holds no state and draws nothing; `RandomStream.chance` does. Use: `ratio(1, 100)` for one in a hundred.
 */
import { usageError } from './errors.ts';

/** `numerator` of `denominator` cases: integers, 0 <= numerator <= denominator <= 2^32. */
export type Ratio = { readonly numerator: number; readonly denominator: number };

/** Never. */
export const NEVER: Ratio = { numerator: 0, denominator: 1 };
/** Every time. */
export const ALWAYS: Ratio = { numerator: 1, denominator: 1 };

const DENOMINATOR_MAX = 0x1_0000_0000;

/**
 * Builds a checked ratio.
 *
 * @throws SimError `usage` - a part is not an integer, the denominator is 0 or above 2^32, or the ratio is above 1.
 */
export function ratio(numerator: number, denominator: number): Ratio {
  checkRatio('ratio', { numerator, denominator });
  return { numerator, denominator };
}

/** Throws when `value` is not a probability; `name` is the option it came from. */
export function checkRatio(name: string, value: Ratio): void {
  const { numerator, denominator } = value;
  const sound =
    Number.isInteger(numerator) &&
    Number.isInteger(denominator) &&
    denominator >= 1 &&
    denominator <= DENOMINATOR_MAX &&
    numerator >= 0 &&
    numerator <= denominator;
  if (!sound) {
    throw usageError(
      `${name} is ${numerator}/${denominator}; give integers with 0 <= numerator <= denominator <= 2^32, e.g. ratio(1, 100)`,
    );
  }
}

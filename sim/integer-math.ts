/**
 * Square roots and powers of two in integer arithmetic. ECMAScript lets `Math.sqrt`, `Math.log` and their kin differ from
 * engine to engine (section 21.3.2), so nothing that decides an event may ask them.
 */

/**
 * The largest integer whose square is not above `value`.
 *
 * @param value - An integer from 0 to 2^52.
 */
export function integerSqrt(value: number): number {
  if (value < 2) return value;
  // Newton's steps from above fall until they reach the root.
  let root = 1;
  while (root * root < value) root *= 2;
  for (;;) {
    const next = Math.floor((root + Math.floor(value / root)) / 2);
    if (next >= root) return root;
    root = next;
  }
}

/** Bytes that are wrong in the ways that matter to a parser: random, damaged, cut off, too long. Drawn from a given stream. */
import type { RandomStream } from '../random.ts';

/** How bytes were made wrong. */
export const MANGLINGS = ['random', 'damaged', 'truncated', 'overlong', 'repeated'] as const;
export type Mangling = (typeof MANGLINGS)[number];

/** A random message has at most so many bytes. */
const RANDOM_BYTES_MAX = 200;
/** At most so many bytes of a message are replaced. */
const DAMAGED_BYTES_MAX = 4;

/**
 * Wrong bytes made from right ones.
 *
 * @param bytes - One message or datagram, which is left as it is; where it is empty the result is random.
 */
export function mangle(bytes: Uint8Array, how: Mangling, random: RandomStream): Uint8Array {
  if (bytes.length === 0 || how === 'random') return random.bytes(1 + random.below(RANDOM_BYTES_MAX));
  if (how === 'truncated') return bytes.slice(0, random.below(bytes.length));
  if (how === 'overlong') return joined(bytes, random.bytes(1 + random.below(RANDOM_BYTES_MAX)));
  if (how === 'repeated') return joined(bytes, bytes);
  const damaged = bytes.slice();
  for (let count = 1 + random.below(DAMAGED_BYTES_MAX); count > 0; count -= 1) {
    damaged[random.below(damaged.length)]! ^= 1 + random.below(255);
  }
  return damaged;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

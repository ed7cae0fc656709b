/**
 * NPTv6 (RFC 6296): an inner prefix looks like another one outside, address by address, without any state. The checksums of
 * UDP and TCP stay right, because what changes in the prefix is taken back in one 16-bit word behind it.
 */
import { prefixHolds } from '../address.ts';
import type { Address6, Prefix } from '../address.ts';
import { usageError } from '../errors.ts';
import { textOf, wordsOf } from './text.ts';

const LENGTH_MAX = 64;
/** The word that takes the difference, for prefixes up to /48 (section 3.4). */
const SUBNET_WORD = 3;
/** For longer ones the first of these that is not all ones (section 3.5). */
const HOST_WORDS = [4, 5, 6, 7];

/** Both directions between two prefixes of equal length. */
export class PrefixTranslation {
  readonly inner: Prefix;
  readonly outer: Prefix;
  /** What the outer prefix sums up to less than the inner one, in ones' complement. */
  readonly #adjustment: number;

  /** @throws SimError `usage` - the prefixes are not of IPv6, not of one length, or longer than /64. */
  constructor(inner: Prefix, outer: Prefix) {
    const isOfSix = typeof inner.address === 'string' && typeof outer.address === 'string';
    if (!isOfSix || inner.length !== outer.length || inner.length > LENGTH_MAX) {
      const texts = [inner, outer].map(({ address, length }) => `${address}/${length}`).join(' and ');
      throw usageError(`NPTv6 needs two IPv6 prefixes of one length up to /${LENGTH_MAX}, not ${texts}`);
    }
    this.inner = inner;
    this.outer = outer;
    this.#adjustment = onesAdd(prefixSum(inner), 0xffff ^ prefixSum(outer));
  }

  /** The address outside of an inner one; undefined when it cannot be translated. */
  outward(address: Address6): Address6 | undefined {
    return this.#translate(address, this.inner, this.outer, this.#adjustment);
  }

  /** The inner address of one outside; undefined when it cannot be translated. */
  inward(address: Address6): Address6 | undefined {
    return this.#translate(address, this.outer, this.inner, 0xffff ^ this.#adjustment);
  }

  #translate(address: Address6, from: Prefix, to: Prefix, adjustment: number): Address6 | undefined {
    if (!prefixHolds(from, address)) return undefined;
    const groups = groupsOf(address);
    const candidates = from.length <= 48 ? [SUBNET_WORD] : HOST_WORDS;
    // All ones is zero written otherwise: it could not be told apart on the way back.
    const index = candidates.find((each) => groups[each] !== 0xffff);
    if (index === undefined) return undefined;
    const sum = onesAdd(groups[index]!, adjustment);
    groups[index] = sum === 0xffff ? 0 : sum;
    const prefix = groupsOf(String(to.address));
    const joined = groups.map((group, at) => {
      const mask = groupMask(to.length, at);
      return (prefix[at]! & mask) | (group & ~mask & 0xffff);
    });
    const word = (at: number): number => (joined[at]! << 16) | joined[at + 1]!;
    return textOf([word(0), word(2), word(4), word(6)]);
  }
}

/** The ones' complement sum of the prefix's words. */
function prefixSum({ address }: Prefix): number {
  return groupsOf(String(address)).reduce(onesAdd, 0);
}

function onesAdd(left: number, right: number): number {
  const sum = left + right;
  return sum > 0xffff ? sum - 0xffff : sum;
}

function groupsOf(address: Address6): number[] {
  return wordsOf(address).flatMap((word) => [word >>> 16, word & 0xffff]);
}

function groupMask(length: number, at: number): number {
  const bits = Math.min(16, Math.max(0, length - 16 * at));
  return (0xffff << (16 - bits)) & 0xffff;
}

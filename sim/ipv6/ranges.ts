/**
 * Ranges of IPv6 addresses with a meaning of their own, and the scopes that follow (RFC 4291, RFC 4193, RFC 3849, RFC 6890).
 * Facts only; who may send what is decided elsewhere.
 */
import { parsePrefix, prefixHolds } from '../address.ts';
import type { Address6 } from '../address.ts';

const RANGES = {
  unspecified: '::/128',
  loopback: '::1/128',
  /** RFC 4291 section 2.5.5.2. */
  ipv4Mapped: '::ffff:0:0/96',
  /** RFC 6052 section 2.1. */
  wellKnownNat64: '64:ff9b::/96',
  /** RFC 3849: for examples, never routed. */
  documentation: '2001:db8::/32',
  /** RFC 4193. */
  uniqueLocal: 'fc00::/7',
  /** RFC 4291 section 2.5.6. */
  linkLocal: 'fe80::/10',
  /** RFC 4291 section 2.7. */
  multicast: 'ff00::/8',
} as const;

/** The name of a range. */
export type RangeName = keyof typeof RANGES;

const PREFIXES = Object.entries(RANGES).map(([name, text]) => [name as RangeName, parsePrefix(text)] as const);

/** The range an address is in; `global` for all the others. */
export function rangeOf(address: Address6): RangeName | 'global' {
  return PREFIXES.find(([, prefix]) => prefixHolds(prefix, address))?.[0] ?? 'global';
}

/** How far an address reaches, as the scope values of RFC 4291 section 2.7: 1 host, 2 link, 14 global. */
export function scopeOf(address: Address6): number {
  const range = rangeOf(address);
  if (range === 'loopback') return 1;
  if (range === 'linkLocal') return 2;
  return range === 'multicast' ? parseInt(address.charAt(3), 16) || 14 : 14;
}

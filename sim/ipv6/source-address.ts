/**
 * Which of a host's addresses a packet is sent from, and in which order destinations are tried (RFC 6724).
 *
 * Of section 5 (source) there are rules 1, 2, 6 and 8: same address, scope, label, longest prefix; of section 6 (destination)
 * 1, 2, 5, 6, 8, 9 and 10: usable, scope, label, precedence, smaller scope, longest prefix, order given. The others ask for
 * what hosts here do not have: deprecated, home, temporary addresses. The policy table is the default one of section 2.1.
 */
import { commonLength, parsePrefix, prefixHolds, formatAddress } from '../address.ts';
import type { Address, Address6 } from '../address.ts';
import { scopeOf } from './ranges.ts';

/** RFC 6724 section 2.1, the longest prefixes first. */
const POLICIES = [
  policy('::1/128', 50, 0),
  policy('::ffff:0:0/96', 35, 4),
  policy('::/96', 1, 3),
  policy('2001::/32', 5, 5),
  policy('2002::/16', 30, 2),
  policy('3ffe::/16', 1, 12),
  policy('fec0::/10', 1, 11),
  policy('fc00::/7', 3, 13),
  policy('::/0', 40, 1),
];
/** A longer common prefix says no more than that of the subnet (RFC 6724 section 2.2, errata and common practice). */
const COMMON_LENGTH_MAX = 64;

/** The candidate to send from; undefined when there is none of the family. Candidates in the order they were configured. */
export function chooseSource(candidates: readonly Address[], destination: Address): Address | undefined {
  if (typeof destination === 'number') return candidates.find((each) => typeof each === 'number');
  let best: Address6 | undefined = undefined;
  for (const candidate of candidates) {
    if (typeof candidate !== 'string') continue;
    if (best === undefined || compareSources(candidate, best, destination) < 0) best = candidate;
  }
  return best;
}

/** A destination, and the address it would be reached from; undefined when there is no way. */
export type Candidate = { readonly destination: Address; readonly source: Address | undefined };

/** Destinations in the order to try them; equal ones stay in theirs. */
export function orderDestinations(candidates: readonly Candidate[]): Candidate[] {
  return [...candidates].sort(compareDestinations);
}

/** Negative when `one` is the better source. */
function compareSources(one: Address6, other: Address6, destination: Address6): number {
  // Rule 1.
  if (one === destination || other === destination) return Number(other === destination) - Number(one === destination);
  // Rule 2: the smaller scope, if it reaches that far.
  const [a, b, wanted] = [scopeOf(one), scopeOf(other), scopeOf(destination)];
  if (a < b) return a < wanted ? 1 : -1;
  if (b < a) return b < wanted ? -1 : 1;
  // Rule 6.
  const { label } = policyOf(destination);
  const labels = Number(policyOf(other).label === label) - Number(policyOf(one).label === label);
  if (labels !== 0) return labels;
  // Rule 8.
  return prefixInCommon(other, destination) - prefixInCommon(one, destination);
}

function compareDestinations(one: Candidate, other: Candidate): number {
  // Rule 1.
  if (one.source === undefined || other.source === undefined) {
    return Number(one.source === undefined) - Number(other.source === undefined);
  }
  const [left, right] = [asSix(one.destination), asSix(other.destination)];
  const [from, to] = [asSix(one.source), asSix(other.source)];
  // Rule 2.
  const scopes = Number(reach(right) === reach(to)) - Number(reach(left) === reach(from));
  if (scopes !== 0) return scopes;
  // Rule 5.
  const labels =
    Number(policyOf(right).label === policyOf(to).label) - Number(policyOf(left).label === policyOf(from).label);
  if (labels !== 0) return labels;
  // Rules 6 and 8.
  const precedence = policyOf(right).precedence - policyOf(left).precedence;
  if (precedence !== 0) return precedence;
  if (reach(left) !== reach(right)) return reach(left) - reach(right);
  // Rule 9, for addresses of IPv6 alone.
  if (typeof one.destination === 'string' && typeof other.destination === 'string') {
    return prefixInCommon(to, right) - prefixInCommon(from, left);
  }
  return 0;
}

function prefixInCommon(source: Address6, destination: Address6): number {
  return Math.min(COMMON_LENGTH_MAX, commonLength(source, destination));
}

/** The scope, those of IPv4 included (RFC 6724 section 3.2). */
function reach(address: Address6): number {
  if (!address.startsWith('::ffff:')) return scopeOf(address);
  return address.startsWith('::ffff:127.') || address.startsWith('::ffff:169.254.') ? 2 : 14;
}

function asSix(address: Address): Address6 {
  return typeof address === 'string' ? address : `::ffff:${formatAddress(address)}`;
}

function policyOf(address: Address6): (typeof POLICIES)[number] {
  return POLICIES.find(({ prefix }) => prefixHolds(prefix, address))!;
}

function policy(prefix: string, precedence: number, label: number) {
  return { prefix: parsePrefix(prefix), precedence, label };
}

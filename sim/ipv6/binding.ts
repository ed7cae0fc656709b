/**
 * What a bound socket takes: one address, every IPv4 address of the host, every IPv6 one, or all. Pure functions; sockets keep
 * the answer.
 *
 * A socket at `::` takes both families unless it is asked for IPv6 only, and then shows IPv4 peers as `::ffff:192.0.2.1`
 * (RFC 3493 sections 3.7 and 5.3). A socket bound to no address at all takes both and shows each family in its own form.
 */
import { ANY_ADDRESS, ANY_ADDRESS6, formatAddress, tryParseAddress, unmapped } from '../address.ts';
import type { Address } from '../address.ts';

/** Bits: the families of which a socket takes every address. */
export const WILD = { none: 0, four: 1, six: 2, both: 3 } as const;

/** Where a socket is bound. */
export type Binding = {
  /** 0.0.0.0 or `::` where it takes several. */
  readonly address: Address;
  /** Bits of `WILD`. */
  readonly wild: number;
  /** Shows IPv4 addresses in the form of IPv6. */
  readonly isMapped: boolean;
};

/** Of a socket that was given no address. */
export const BOUND_ANYWHERE: Binding = { address: ANY_ADDRESS, wild: WILD.both, isMapped: false };

/** Reads what a caller asked for; undefined when the text is no address, or IPv4 was wanted of a socket without it. */
export function bindingFor(text: string | undefined, ipv6Only = false): Binding | undefined {
  if (text === undefined)
    return ipv6Only ? { ...BOUND_ANYWHERE, address: ANY_ADDRESS6, wild: WILD.six } : BOUND_ANYWHERE;
  const address = tryParseAddress(text);
  if (address === undefined) return undefined;
  if (address === ANY_ADDRESS6) return { address, wild: ipv6Only ? WILD.six : WILD.both, isMapped: !ipv6Only };
  const inner = unmapped(address);
  if (typeof inner === 'number' && ipv6Only) return undefined;
  const wild = inner === ANY_ADDRESS ? WILD.four : WILD.none;
  return { address: inner, wild, isMapped: inner !== address };
}

/** Whether what is sent to that address is for the socket. */
export function takes({ address, wild }: Binding, destination: Address): boolean {
  return address === destination || (wild & familyBit(destination)) !== 0;
}

/** Whether two sockets cannot have one port: there is an address that both would take. */
export function clashes(one: Binding, other: Binding): boolean {
  if ((one.wild & other.wild) !== 0 || (one.wild === 0 && other.wild === 0 && one.address === other.address))
    return true;
  return (one.wild === 0 && takes(other, one.address)) || (other.wild === 0 && takes(one, other.address));
}

/** Whether the socket has the family of that address at all. */
export function speaks({ address, wild }: Binding, destination: Address): boolean {
  return wild === 0 ? typeof address === typeof destination : (wild & familyBit(destination)) !== 0;
}

/** An address as the application of the socket sees it. */
export function shown(address: Address, isMapped: boolean): string {
  const text = formatAddress(address);
  return isMapped && typeof address === 'number' ? `::ffff:${text}` : text;
}

function familyBit(address: Address): number {
  return typeof address === 'number' ? WILD.four : WILD.six;
}

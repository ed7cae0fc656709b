/**
 * What a host makes of the addresses of a name: IPv6 addresses in place of those of IPv4 behind a NAT64 (DNS64, RFC 6147), and the
 * order of RFC 6724. It knows no names.
 */
import { formatAddress, parseAddress } from '../address.ts';
import type { Host } from '../host.ts';
import { Router } from '../router.ts';
import { rangeOf } from './ranges.ts';
import { embedded } from './realms.ts';
import { orderDestinations } from './source-address.ts';

/** The addresses of a name as `getaddrinfo` on a host gives them. */
export function answersFor(host: Host, addresses: readonly string[]): readonly string[] {
  const found = [...addresses, ...madeUp(host, addresses)];
  if (!found.some((text) => text.includes(':'))) return found;
  const hasSix = host.interfaces.some((each) => each.addressFor('::') !== undefined);
  // As with AI_ADDRCONFIG there is no point in ::1 for a host without any IPv6.
  const wanted = hasSix ? found : found.filter((text) => text !== '::1');
  const candidates = wanted.map(parseAddress).map((destination) => ({
    destination,
    source: host.sourceAddressFor(destination),
  }));
  return orderDestinations(candidates).map(({ destination }) => formatAddress(destination));
}

/** RFC 6147 section 5.1.4: only for names without an address of IPv6, those with IPv4 inside not counted. */
function madeUp(host: Host, addresses: readonly string[]): string[] {
  const prefix = dns64Prefix(host);
  if (prefix === undefined) return [];
  const parsed = addresses.map(parseAddress);
  if (parsed.some((address) => typeof address === 'string' && rangeOf(address) !== 'ipv4Mapped')) return [];
  return parsed.filter((address) => typeof address === 'number').map((address) => embedded(prefix, address));
}

/** The resolver of a host is its router. */
function dns64Prefix(host: Host) {
  for (const { peer } of host.interfaces) {
    const prefix = peer?.node instanceof Router ? peer.node.gate?.dns64Prefix : undefined;
    if (prefix !== undefined) return prefix;
  }
  return undefined;
}

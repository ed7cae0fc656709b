/** The two families as Node names them, and what a host has of IPv6. */
import { isIP } from 'node:net';
import type { Host } from '../host.ts';

/** `IPv4` or `IPv6`, for what `address()` and its like say. */
export function familyName(address: string): 'IPv4' | 'IPv6' {
  return isIP(address) === 6 ? 'IPv6' : 'IPv4';
}

/** Whether the kernel of the host has IPv6, as far as Node asks: an address beside that of loopback. */
export function hasIpv6(host: Host): boolean {
  return host.interfaces.some((each) => each.addressFor('::') !== undefined);
}

/** Where a server listens that was given no address: `::` takes both families. */
export function anyAddress(host: Host): string {
  return hasIpv6(host) ? '::' : '0.0.0.0';
}

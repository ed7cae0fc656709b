/**
 * IPv4 multicast as far as a LAN needs it (SSDP, announcements of NAT-PMP): the NAT of a LAN hands a packet for a group to
 * every other host inside, as a switch without IGMP snooping does, and hosts that have not joined ignore it. Groups do not
 * cross NATs or routers, nobody sends IGMP, and a sender does not hear itself.
 */
import { nthAddress, parsePrefix, prefixHolds } from './address.ts';
import type { Address } from './address.ts';

const GROUPS = parsePrefix('224.0.0.0/4');
/** 224.0.0.1, which every host is in (RFC 1112 section 4). */
const ALL_HOSTS = nthAddress(GROUPS, 1);

/** Whether it is the address of a group. */
export function isMulticast(address: Address): boolean {
  return prefixHolds(GROUPS, address);
}

/** The groups of one host. */
export class Groups {
  readonly #joined = new Set<Address>([ALL_HOSTS]);

  join(group: Address): void {
    this.#joined.add(group);
  }

  leave(group: Address): void {
    if (group !== ALL_HOSTS) this.#joined.delete(group);
  }

  has(group: Address): boolean {
    return this.#joined.has(group);
  }

  /** All but the one of all hosts: what a crash does. */
  clear(): void {
    this.#joined.clear();
    this.#joined.add(ALL_HOSTS);
  }
}

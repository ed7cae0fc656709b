/** The laws of IPv6: addresses, packets, hosts, firewalls and translators. Every row is exact. */
import { addressLaws } from './ipv6/addresses.ts';
import { firewallLaws } from './ipv6/firewalls.ts';
import { packetLaws } from './ipv6/packets.ts';
import { translatorLaws } from './ipv6/translators.ts';
import type { FidelityRow } from './model.ts';

/** `count`: addresses drawn where a law is about all of them. */
export function ipv6Laws(count = 100_000): readonly FidelityRow[] {
  const rows = [...addressLaws(count), ...packetLaws(), ...firewallLaws(), ...translatorLaws(count)];
  return rows.map((row) => ({ area: 'ipv6', ...row }));
}

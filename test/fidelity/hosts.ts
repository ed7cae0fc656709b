/**
 * The laws of hosts: what a program is told when interfaces, addresses and firewalls get in its way (the words of a kernel, see
 * `npm run lab`), how clocks and timers go through a sleep, how long a firewall remembers, what fragments do to datagrams, and
 * which packet a full queue gives up.
 */
import { HOST_CASES } from './hosts/cases.ts';
import { clockLaws } from './hosts/clock-laws.ts';
import { firewallLaws } from './hosts/firewall-laws.ts';
import { fragmentLaws } from './hosts/fragment-laws.ts';
import { simulatedWords } from './hosts/simulated.ts';
import type { FidelityRow } from './model.ts';

/** How many draws the laws of chance take. */
export type HostsLength = { readonly datagrams: number; readonly bursts: number };

const LENGTH_FULL: HostsLength = { datagrams: 100_000, bursts: 50_000 };

/** All rows. */
export async function hostsLaws(length: HostsLength = LENGTH_FULL): Promise<readonly FidelityRow[]> {
  const rows: FidelityRow[] = [];
  for (const each of HOST_CASES) {
    const [expected, measured] = [each.words.join(', '), (await simulatedWords(each)).join(', ')];
    const law = `${each.name} (Linux 6.18, Node 20)`;
    rows.push({ area: 'hosts', law, expected, measured, holds: expected === measured });
  }
  return [...rows, ...clockLaws(), ...firewallLaws(), ...fragmentLaws(length)];
}

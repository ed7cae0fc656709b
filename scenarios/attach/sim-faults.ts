/**
 * From the words of a scenario, where links and NATs go by the name of their host, to those of a simulated world.
 */
import type { Fault } from '../../sim/index.ts';
import { HarnessFault } from './failures.ts';

/** What a host's links and NAT are called in the world. A host that was in several networks has a link in each. */
export type WorldNames = {
  linksOf(host: string): readonly string[];
  /** The NAT that the host is behind now; undefined on the public network. */
  natOf(host: string): string | undefined;
};

/** The same by the world's own names: one fault for each link of the host. */
export function inWorldNames(fault: Fault, names: WorldNames): readonly Fault[] {
  if ('link' in fault) return names.linksOf(fault.link).map((link) => ({ ...fault, link }));
  if ('links' in fault) return [{ ...fault, links: fault.links.flatMap((host) => names.linksOf(host)) }];
  if (!('nat' in fault)) return [fault];
  const nat = names.natOf(fault.nat);
  if (nat !== undefined) return [{ ...fault, nat }];
  throw new HarnessFault(
    `"${fault.fault}" needs a NAT, and ${fault.nat} stands on the public network; give it a network`,
  );
}

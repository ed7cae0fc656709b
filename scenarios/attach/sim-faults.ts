/**
 * From the words of a scenario, where links and NATs go by the name of their host, to those of a simulated world.
 */
import type { Fault } from '../../sim/index.ts';
import { HarnessFault } from './failures.ts';

/** What a host's link and NAT are called in the world. */
export type WorldNames = {
  linkOf(host: string): string;
  /** Undefined for a host on the public network. */
  natOf(host: string): string | undefined;
};

/** The same fault by the world's own names. */
export function inWorldNames(fault: Fault, names: WorldNames): Fault {
  if ('link' in fault) return { ...fault, link: names.linkOf(fault.link) };
  if ('links' in fault) return { ...fault, links: fault.links.map((host) => names.linkOf(host)) };
  if (!('nat' in fault)) return fault;
  const nat = names.natOf(fault.nat);
  if (nat !== undefined) return { ...fault, nat };
  throw new HarnessFault(
    `"${fault.fault}" needs a NAT, and ${fault.nat} stands on the public network; give it a network`,
  );
}

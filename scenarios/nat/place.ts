/**
 * Where an end of a punching trial stands: behind a chain of NATs, or at a public address with or without a firewall. Builds it
 * in a simulated internet.
 */
import { Lan, PROTOCOL, isSyn } from '../../sim/index.ts';
import type { Host, Internet, Link, NatBehaviour, Packet, World } from '../../sim/index.ts';
import { registryOf } from '../../sim/index.ts';

/**
 * What a firewall in front of a public address lets through. `noUdp`: TCP both ways; `noUdpNoTcpIn`: TCP that was begun
 * inside; `webOnly`: the same, to ports 80 and 443 alone.
 */
export type Firewall = 'noUdp' | 'noUdpNoTcpIn' | 'webOnly';

export type Place = {
  /** The outermost first; none for a public address. */
  readonly nats: readonly NatBehaviour[];
  readonly firewall?: Firewall;
};

const WEB_PORTS: readonly number[] = [80, 443];

/** A host at that place. */
export function placeHost(internet: Internet, name: string, { nats, firewall }: Place): Host {
  let network: Internet | Lan = internet;
  for (const [depth, nat] of nats.entries()) {
    const isInnermost = depth === nats.length - 1;
    const prefix: { prefix?: string } = isInnermost ? {} : { prefix: `100.64.${depth}.0/24` };
    network = new Lan(network, `${name}-nat${depth}`, { nat, ...prefix });
  }
  const host = network.host(name);
  if (firewall !== undefined) guard(linkOf(internet.world, name), firewall);
  return host;
}

function linkOf(world: World, name: string): Link {
  return registryOf(world).link(`${name}-internet`);
}

/** Puts the firewall on the host's own link; its memory is what the host has dialled. */
function guard(link: Link, firewall: Firewall): void {
  const dialled = new Set<string>();
  const isTcp = ({ protocol }: Readonly<Packet>): boolean => protocol === PROTOCOL.tcp;
  link.forward.addRule((packet) => {
    if (!isTcp(packet)) return packet.protocol === PROTOCOL.udp ? 'drop' : 'pass';
    if (firewall === 'webOnly' && !WEB_PORTS.includes(packet.destinationPort)) return 'drop';
    dialled.add(`${packet.sourcePort} ${packet.destination}:${packet.destinationPort}`);
    return 'pass';
  });
  link.backward.addRule((packet) => {
    if (!isTcp(packet)) return packet.protocol === PROTOCOL.udp ? 'drop' : 'pass';
    if (firewall === 'noUdp' || !isSyn(packet)) return 'pass';
    return dialled.has(`${packet.destinationPort} ${packet.source}:${packet.sourcePort}`) ? 'pass' : 'drop';
  });
}

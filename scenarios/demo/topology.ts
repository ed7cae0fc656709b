/** What a world is made of, for those who draw it: nodes, and links with their two ends and what they are like. */
import { formatAddress, registryOf } from '../../sim/index.ts';
import type { Link, LinkDirection, PacketNode, World } from '../../sim/index.ts';

export type ShownNode = {
  readonly name: string;
  readonly kind: 'host' | 'nat' | 'router';
  readonly addresses: readonly string[];
};

export type ShownLink = { readonly name: string; readonly from: string; readonly to: string; readonly about: string };

export type Topology = { readonly nodes: readonly ShownNode[]; readonly links: readonly ShownLink[] };

/** Everything that hangs on a link of a host or a NAT. */
export function describeNetwork(world: World): Topology {
  const registry = registryOf(world);
  const found = new Map<string, PacketNode>();
  for (const node of [...registry.hosts.values(), ...registry.nats.values()]) {
    found.set(node.name, node);
    for (const { peer } of node.interfaces) if (peer !== undefined) found.set(peer.node.name, peer.node);
  }
  const nodes = [...found.values()].map((node) => ({
    name: node.name,
    kind: registry.hosts.has(node.name)
      ? ('host' as const)
      : registry.nats.has(node.name)
        ? ('nat' as const)
        : ('router' as const),
    addresses: [...new Set(node.interfaces.map(({ address }) => formatAddress(address)))],
  }));
  const links = [...registry.links.values()].map((link) => describeLink(link, found));
  return { nodes, links: links.filter((each) => each !== undefined) };
}

function describeLink(link: Link, nodes: ReadonlyMap<string, PacketNode>): ShownLink | undefined {
  for (const node of nodes.values()) {
    const via = node.interfaces.find(({ out }) => out === link.forward);
    if (via?.peer === undefined) continue;
    return { name: link.name, from: node.name, to: via.peer.node.name, about: aboutOf(link) };
  }
  return undefined;
}

/** Such as `14 ms each way, 1 Mbit/s there, 5 Mbit/s back`. */
function aboutOf({ forward, backward }: Link): string {
  const delay =
    delayOf(forward) === delayOf(backward)
      ? `${delayOf(forward)} each way`
      : `${delayOf(forward)} there, ${delayOf(backward)} back`;
  const rates = [rateOf(forward), rateOf(backward)];
  if (rates[0] === rates[1]) return rates[0] === '' ? delay : `${delay}, ${rates[0]}`;
  return `${delay}, ${rates[0]} there, ${rates[1]} back`;
}

function delayOf({ settings }: LinkDirection): string {
  return settings.delay === undefined ? `${settings.delayMicros / 1_000} ms` : 'a delay that varies';
}

function rateOf({ settings }: LinkDirection): string {
  const rate = settings.line?.bandwidthBitsPerSecond;
  return rate === undefined ? '' : `${rate / 1_000_000} Mbit/s`;
}

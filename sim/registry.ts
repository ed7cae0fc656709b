/**
 * Which hosts and links a world has, by name. Names seed random streams and name things in traces, so no two hosts or
 * routers may share one.
 */
import { usageError } from './errors.ts';
import type { Host } from './host.ts';
import type { Link } from './link.ts';
import type { Nat } from './nat/nat.ts';
import type { PacketNode } from './node.ts';
import type { Star } from './topology.ts';
import type { World } from './world.ts';

/** Everything that has a name. */
export class Registry {
  readonly hosts = new Map<string, Host>();
  readonly links = new Map<string, Link>();
  readonly nats = new Map<string, Nat>();
  /** The ready-made network that a node is in, or was in last. */
  readonly places = new Map<string, { readonly node: PacketNode; readonly network: Star }>();
  readonly #linksOf = new Map<string, Link[]>();
  readonly #nodeNames = new Set<string>();

  /** Claims a name for a node; throws when it is taken. */
  claimNode(name: string): void {
    if (name === '' || this.#nodeNames.has(name)) {
      throw usageError(`the name '${name}' is ${name === '' ? 'empty' : 'taken'}; every node needs a name of its own`);
    }
    this.#nodeNames.add(name);
  }

  host(name: string): Host {
    const host = this.hosts.get(name);
    if (host === undefined)
      throw usageError(`there is no host '${name}'; there are ${[...this.hosts.keys()].join(', ')}`);
    return host;
  }

  link(name: string): Link {
    const link = this.links.get(name);
    if (link === undefined)
      throw usageError(`there is no link '${name}'; there are ${[...this.links.keys()].join(', ')}`);
    return link;
  }

  /** Registers a link under a name made from its ends; a second link between the same two gets `#2`. */
  addLink(ends: readonly [string, string], make: (name: string) => Link): Link {
    const base = ends.join('-');
    let name = base;
    for (let count = 2; this.links.has(name); count += 1) name = `${base}#${count}`;
    const link = make(name);
    this.links.set(name, link);
    for (const end of ends) {
      const links = this.#linksOf.get(end);
      if (links === undefined) this.#linksOf.set(end, [link]);
      else links.push(link);
    }
    return link;
  }

  /** The links of a node. */
  linksOf(node: string): readonly Link[] {
    return this.#linksOf.get(node) ?? [];
  }
}

const registries = new WeakMap<World, Registry>();

/** The registry of a world. */
export function registryOf(world: World): Registry {
  let registry = registries.get(world);
  if (registry === undefined) {
    registry = new Registry();
    registries.set(world, registry);
  }
  return registry;
}

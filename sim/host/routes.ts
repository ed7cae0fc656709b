/**
 * The routes of a host with several interfaces: the longest prefix wins, then the lowest metric, then the older route.
 *
 * Every interface brings a default route of its own, whose metric is its place in the order of interfaces unless it is
 * changed: the first one is preferred, and the next takes over when it is down or without an address, as with DHCP on each.
 * A host with one interface and no routes needs none of this. It learns nothing by itself.
 */
import { prefixHolds } from '../address.ts';
import type { Address, Prefix } from '../address.ts';
import type { NetworkInterface } from '../node.ts';

/** One way to a network; without a prefix it leads everywhere. */
type Route = { readonly prefix: Prefix | undefined; readonly via: NetworkInterface; readonly metric: number };

/** All routes of one host. */
export class HostRoutes {
  readonly #routes: Route[] = [];

  /** A route to a network. */
  add(prefix: Prefix, via: NetworkInterface, metric: number): void {
    this.#insert({ prefix, via, metric });
  }

  /** The default route of an interface, in place of the one it had. */
  setDefault(via: NetworkInterface, metric: number): void {
    const old = this.#routes.findIndex((route) => route.prefix === undefined && route.via === via);
    if (old >= 0) this.#routes.splice(old, 1);
    this.#insert({ prefix: undefined, via, metric });
  }

  /** The interface towards an address; `from` allows only interfaces with that address. */
  find(destination: Address, from?: Address): NetworkInterface | undefined {
    for (const { prefix, via } of this.#routes) {
      if (!via.isUsable || (from !== undefined && !via.owns(from))) continue;
      // A default route is one of the family of its interface.
      const leadsThere =
        prefix === undefined ? via.addressFor(destination) !== undefined : prefixHolds(prefix, destination);
      if (leadsThere) return via;
    }
    return undefined;
  }

  /** Interfaces that can be used, the preferred one first. */
  usable(): readonly NetworkInterface[] {
    return this.#routes.filter(({ prefix, via }) => prefix === undefined && via.isUsable).map(({ via }) => via);
  }

  #insert(route: Route): void {
    const length = lengthOf(route);
    const isBefore = (other: Route): boolean =>
      lengthOf(other) < length || (lengthOf(other) === length && other.metric > route.metric);
    const place = this.#routes.findIndex(isBefore);
    this.#routes.splice(place < 0 ? this.#routes.length : place, 0, route);
  }
}

function lengthOf({ prefix }: Route): number {
  return prefix?.length ?? -1;
}

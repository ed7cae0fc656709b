/** Routes of a host or router: single addresses by hash, networks by the longest match. It learns nothing by itself. */
import { prefixHolds } from './address.ts';
import type { Address, Prefix } from './address.ts';
import type { NetworkInterface } from './node.ts';

/** A set of routes; single addresses are found by hash, networks by the longest match. */
export class RoutingTable {
  readonly #hosts = new Map<Address, NetworkInterface>();
  /** Longest prefix first. */
  readonly #networks: { readonly prefix: Prefix; readonly via: NetworkInterface }[] = [];

  addHost(address: Address, via: NetworkInterface): void {
    this.#hosts.set(address, via);
  }

  removeHost(address: Address): void {
    this.#hosts.delete(address);
  }

  addNetwork(prefix: Prefix, via: NetworkInterface): void {
    this.#networks.push({ prefix, via });
    this.#networks.sort((a, b) => b.prefix.length - a.prefix.length);
  }

  /** The interface towards an address; undefined when there is no route. */
  find(address: Address): NetworkInterface | undefined {
    const via = this.#hosts.get(address);
    if (via !== undefined) return via;
    for (const network of this.#networks) {
      if (prefixHolds(network.prefix, address)) return network.via;
    }
    return undefined;
  }
}

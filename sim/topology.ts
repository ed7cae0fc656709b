/**
 * Ready-made networks: an `Internet` is one router with a link to every host. Addresses are handed out in order.
 *
 * For anything else, put `Host`, `Router` and `connectNodes` together yourself.
 */
import { formatAddress, parseAddress, parsePrefix, prefixHolds } from './address.ts';
import type { Address, Prefix } from './address.ts';
import { usageError } from './errors.ts';
import { Host } from './host.ts';
import type { HostOptions } from './host.ts';
import type { LinkPairOptions } from './link.ts';
import { connectNodes } from './node.ts';
import type { Connection, PacketNode } from './node.ts';
import { Router } from './router.ts';
import type { World } from './world.ts';

export type InternetOptions = {
  readonly name?: string;
  /** Addresses of its hosts. Default 198.18.0.0/15, the range for tests of RFC 2544. */
  readonly prefix?: string;
  /** Of every link to a host, unless the host says otherwise. Default: 10 ms each way. */
  readonly link?: LinkPairOptions;
};

export type NetworkHostOptions = HostOptions & {
  /** Default: the next free one. */
  readonly address?: string;
  /** Changes to the network's link options. `forward` is away from the host. */
  readonly link?: LinkPairOptions;
};

const LINK_DEFAULT: LinkPairOptions = { delayMicros: 10_000 };

/** Hands out the addresses of a network, from .1 on; the first one is the router's. */
export class AddressPool {
  readonly prefix: Prefix;
  readonly #taken = new Set<Address>();
  #next = 1;

  constructor(prefix: string) {
    this.prefix = parsePrefix(prefix);
  }

  /** The wanted address, or the next free one. */
  take(wanted?: string): Address {
    const address = wanted === undefined ? this.#nextFree() : parseAddress(wanted);
    if (!prefixHolds(this.prefix, address) || this.#taken.has(address)) {
      const why = this.#taken.has(address) ? 'taken' : 'not in the network';
      throw usageError(`address ${formatAddress(address)} is ${why} (${this.#prefixText()})`);
    }
    this.#taken.add(address);
    return address;
  }

  #nextFree(): Address {
    const size = 2 ** (32 - this.prefix.length);
    while (this.#next < size - 1) {
      const address = (this.prefix.address + this.#next) | 0;
      this.#next += 1;
      if (!this.#taken.has(address)) return address;
    }
    throw usageError(`network ${this.#prefixText()} has no free address left; give it a shorter prefix`);
  }

  #prefixText(): string {
    return `${formatAddress(this.prefix.address)}/${this.prefix.length}`;
  }
}

/** A router in the middle and a link to every host. */
export class Internet {
  readonly world: World;
  readonly router: Router;
  readonly #pool: AddressPool;
  readonly #routerAddress: Address;
  readonly #link: LinkPairOptions;

  constructor(world: World, options: InternetOptions = {}) {
    this.world = world;
    this.#pool = new AddressPool(options.prefix ?? '198.18.0.0/15');
    this.#routerAddress = this.#pool.take();
    this.#link = { ...LINK_DEFAULT, ...options.link };
    this.router = new Router(world, options.name ?? 'internet');
  }

  /** Adds a host with a link of its own. */
  host(name: string, options: NetworkHostOptions = {}): Host {
    const host = new Host(this.world, name, options);
    this.join(host, options);
    return host;
  }

  /** Links any node to this network and routes one address to it. */
  join(node: PacketNode, options: { readonly address?: string; readonly link?: LinkPairOptions } = {}): Connection {
    const address = this.#pool.take(options.address);
    const router = { node: this.router, address: this.#routerAddress };
    const connection = connectNodes({ node, address }, router, { ...this.#link, ...options.link });
    this.router.routes.addHost(address, connection.right);
    return connection;
  }
}

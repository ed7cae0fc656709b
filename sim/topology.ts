/**
 * Ready-made networks: an `Internet` is one router with a link to every host, a `Lan` is the same behind a NAT. Addresses
 * are handed out in order. A `Lan` may hang behind another `Lan`.
 *
 * For anything else, put `Host`, `Router` and `connectNodes` together yourself.
 */
import { formatAddress, nthAddress, parseAddress, parsePrefix, prefixHolds } from './address.ts';
import type { Address, Prefix } from './address.ts';
import { checkInteger, usageError } from './errors.ts';
import { Gateway } from './boxes/gateway.ts';
import type { GatewayOptions } from './boxes/gateway-options.ts';
import { Host } from './host.ts';
import type { Gateway6 } from './ipv6/gateway.ts';
import { setUpLanIpv6 } from './ipv6/lan.ts';
import type { LanIpv6Options } from './ipv6/lan.ts';
import { SixPool } from './ipv6/pool.ts';
import type { HostOptions } from './host.ts';
import { changedOptions } from './link-options.ts';
import type { LinkPairOptions } from './link.ts';
import { NAT_DEVICES } from './nat/devices.ts';
import type { NatDevice, NatDeviceName } from './nat/devices.ts';
import { Nat } from './nat/nat.ts';
import { natBehaviour } from './nat/presets.ts';
import type { NatName } from './nat/presets.ts';
import type { NatBehaviour } from './nat/behaviour.ts';
import { connectNodes } from './node.ts';
import type { Connection, NetworkInterface, PacketNode } from './node.ts';
import { registryOf } from './registry.ts';
import { Router } from './router.ts';
import { TRACE_KIND } from './trace-kinds.ts';
import type { World } from './world.ts';

export type InternetOptions = {
  readonly name?: string;
  /** Addresses of its hosts. Default 198.18.0.0/15, the range for tests of RFC 2544. */
  readonly prefix?: string;
  /** Its IPv6 network, like `2001:db8::/32`; hosts then get an address of each family. Default: none, IPv4 only. */
  readonly prefix6?: string;
  /** Of every link to a host, unless the host says otherwise. Default: 10 ms each way. */
  readonly link?: LinkPairOptions;
};

export type NetworkHostOptions = HostOptions & {
  /** Default: the next free one. */
  readonly address?: string;
  /** The same of IPv6. */
  readonly address6?: string;
  /** Which families it has. Default: all that the network has. */
  readonly families?: 'ipv4' | 'ipv6' | 'both';
  /** Changes to the network's link options. `forward` is away from the host. */
  readonly link?: LinkPairOptions;
};

/** What a node joins a network with. */
type JoinOptions = Pick<NetworkHostOptions, 'address' | 'address6' | 'families' | 'link'>;

const INTERNET_LINK_DEFAULT: LinkPairOptions = { delayMicros: 10_000 };
const LAN_LINK_DEFAULT: LinkPairOptions = { delayMicros: 500 };

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
      const address = nthAddress(this.prefix, this.#next);
      this.#next += 1;
      if (!this.#taken.has(address)) return address;
    }
    throw usageError(`network ${this.#prefixText()} has no free address left; give it a shorter prefix`);
  }

  #prefixText(): string {
    return `${formatAddress(this.prefix.address)}/${this.prefix.length}`;
  }
}

/** A router in the middle and a link to every host: what an `Internet` and a `Lan` have in common. */
export class Star {
  readonly world: World;
  readonly router: Router;
  readonly #pool: AddressPool;
  /** The router's own address in this network. */
  readonly routerAddress: Address;
  /** Undefined in a network of IPv4 alone. */
  readonly #six: SixPool | undefined;
  readonly #link: LinkPairOptions;

  constructor(
    router: Router,
    prefixes: { readonly four: string; readonly six: string | undefined },
    link: LinkPairOptions,
  ) {
    this.world = router.world;
    this.router = router;
    this.#pool = new AddressPool(prefixes.four);
    this.routerAddress = this.#pool.take();
    this.#six = prefixes.six === undefined ? undefined : new SixPool(prefixes.six);
    this.#link = link;
  }

  /** The IPv6 side of the network. */
  get six(): SixPool {
    if (this.#six !== undefined) return this.#six;
    throw usageError(`network '${this.router.name}' has no IPv6; give it a prefix6, like 2001:db8::/32`);
  }

  /** Adds a host with a link of its own. */
  host(name: string, options: NetworkHostOptions = {}): Host {
    const host = new Host(this.world, name, options);
    this.join(host, options);
    return host;
  }

  /** Links any node to this network and routes an address of each family it has to it. */
  join(node: PacketNode, options: JoinOptions = {}): Connection {
    const { address, address6, families = this.#six === undefined ? 'ipv4' : 'both' } = options;
    const pairs: [own: Address, routers: Address][] = [];
    if (families !== 'ipv6') pairs.push([this.#pool.take(address), this.routerAddress]);
    if (families !== 'ipv4') pairs.push([this.six.take(address6), this.six.routerAddress]);
    const [first, second] = pairs;
    const router = { node: this.router, address: first![1] };
    const link = changedOptions(this.#link, options.link ?? {});
    const connection = connectNodes({ node, address: first![0] }, router, link);
    if (second !== undefined) {
      connection.left.addAddress(second[0]);
      connection.right.addAddress(second[1]);
    }
    for (const [own] of pairs) this.router.routes.addHost(own, connection.right);
    registryOf(this.world).places.set(node.name, { node, network: this });
    return connection;
  }

  /** Where a node hangs on this network. */
  interfaceOf(node: PacketNode): NetworkInterface | undefined {
    return node.interfaces.find(({ peer }) => peer?.node === this.router);
  }

  /** One more address for a node of this network; what is sent to it arrives at the node's interface. */
  alias(node: PacketNode): Address {
    const via = this.interfaceOf(node)?.peer;
    if (via === undefined) throw usageError(`'${node.name}' has no address in this network`);
    const address = this.#pool.take();
    this.router.routes.addHost(address, via);
    return address;
  }

  /** Gives a node of this network another address; what is sent to the old one is lost. Gives the new address. */
  renumber(node: PacketNode, address?: string): Address {
    const own = this.interfaceOf(node);
    const via = own?.peer;
    if (own === undefined || via === undefined) throw usageError(`'${node.name}' has no address in this network`);
    const next = this.#pool.take(address);
    this.router.routes.removeHost(own.address);
    this.router.routes.addHost(next, via);
    own.renumber(next);
    this.world.trace.recordText(TRACE_KIND.fault, node.subject, `renumber ${formatAddress(next)}`);
    return next;
  }
}

/** The public network: one router in the middle, every node one link away. */
export class Internet extends Star {
  constructor(world: World, options: InternetOptions = {}) {
    const router = new Router(world, options.name ?? 'internet');
    const prefixes = { four: options.prefix ?? '198.18.0.0/15', six: options.prefix6 };
    super(router, prefixes, changedOptions(INTERNET_LINK_DEFAULT, options.link ?? {}));
  }
}

export type LanOptions = {
  /** A preset, a class of devices, or a behaviour made by `natBehaviour`. */
  readonly nat: NatName | NatBehaviour;
  /** Addresses inside. Default 192.168.1.0/24, the same in every LAN, as in life. */
  readonly prefix?: string;
  /** Of every link inside. Default: 500 us each way. */
  readonly link?: LinkPairOptions;
  /** Of the link between the NAT and the network outside. */
  readonly uplink?: LinkPairOptions;
  /** The NAT's address outside; default: the next free one. */
  readonly address?: string;
  /** How many external addresses the NAT has. Default 1. */
  readonly externalAddresses?: number;
  /** Opens ports by request: NAT-PMP, PCP, UPnP. Default: what the device class says, otherwise none. */
  readonly gateway?: GatewayOptions | 'none';
  /** IPv6 beside it, behind a firewall. Default: none. */
  readonly ipv6?: LanIpv6Options;
};

/** What a device class has beside its NAT. */
function gatewayOf(nat: NatName | NatBehaviour): GatewayOptions | 'none' {
  if (typeof nat !== 'string' || !(nat in NAT_DEVICES)) return 'none';
  const device: NatDevice = NAT_DEVICES[nat as NatDeviceName];
  return device.gateway ?? 'none';
}

/** A private network behind a NAT. */
export class Lan extends Star {
  readonly nat: Nat;
  /** The network that it hangs on. */
  readonly outside: Star;
  /** What opens ports by request, if anything does. */
  readonly gateway: Gateway | undefined;
  /** Its IPv6 border, if it has IPv6. */
  readonly gateway6: Gateway6 | undefined;

  /** `outside` is the internet, or another LAN for a NAT behind a NAT. The NAT gets the name of the LAN. */
  constructor(outside: Star, name: string, options: LanOptions) {
    const behaviour = typeof options.nat === 'string' ? natBehaviour(options.nat) : options.nat;
    const nat = new Nat(outside.world, name, behaviour);
    const { address, uplink } = options;
    const joined = outside.join(nat, {
      families: options.ipv6 === undefined ? 'ipv4' : 'both',
      ...(address === undefined ? {} : { address }),
      ...(uplink === undefined ? {} : { link: uplink }),
    });
    nat.setOutside(joined.left);
    const { externalAddresses = 1 } = options;
    checkInteger('externalAddresses', externalAddresses, 1, 255);
    for (let count = 1; count < externalAddresses; count += 1) {
      nat.addExternalAddress(outside.alias(nat));
    }
    const six = options.ipv6 === undefined ? undefined : setUpLanIpv6(outside, nat, joined, options.ipv6);
    const prefixes = { four: options.prefix ?? '192.168.1.0/24', six: six?.prefix };
    super(nat, prefixes, changedOptions(LAN_LINK_DEFAULT, options.link ?? {}));
    this.nat = nat;
    this.outside = outside;
    this.gateway6 = six?.gateway;
    const gateway = options.gateway ?? gatewayOf(options.nat);
    this.gateway = gateway === 'none' ? undefined : new Gateway(nat, this.routerAddress, gateway);
  }
}

/**
 * The part of a home router that can be talked to: a host of its own at the NAT's inside address, which opens ports by request
 * (NAT-PMP, PCP, UPnP) and can be told to lie. Give a `Lan` the option `gateway`, or make one beside any NAT.
 *
 * It is a `Host` like any other, hung to the NAT by a link that takes no time: it can crash and restart while the NAT goes on,
 * and its packets are in captures. From outside it cannot be reached.
 */
import type { Address } from '../address.ts';
import { Host } from '../host.ts';
import type { Nat } from '../nat/nat.ts';
import { connectNodes } from '../node.ts';
import { gatewaySettings } from './gateway-options.ts';
import type { GatewayOptions } from './gateway-options.ts';
import { Leases } from './leases.ts';
import type { LeaseEntry } from './leases.ts';
import { serveMappingPort } from './mapping-port.ts';
import { serveUpnp } from './upnp.ts';

/** The services of one NAT. */
export class Gateway {
  readonly host: Host;
  readonly #leases: Leases;

  /** `address` is the NAT's inside address; the host is named after the NAT: `home-gateway`. */
  constructor(nat: Nat, address: Address, options: GatewayOptions = {}) {
    const settings = gatewaySettings(options);
    this.host = new Host(nat.world, `${nat.name}-gateway`);
    const { right } = connectNodes({ node: this.host, address }, { node: nat, address }, { delayMicros: 0 });
    nat.routes.addHost(address, right);
    this.#leases = new Leases(nat, settings);
    this.host.runProgram((platform) => {
      if (settings.speaks.includes('natPmp') || settings.speaks.includes('pcp'))
        serveMappingPort(platform, this.#leases);
      if (settings.speaks.includes('upnp')) serveUpnp(platform, this.#leases, address, this.host.groups);
    });
  }

  /** What is granted now. */
  leases(): readonly LeaseEntry[] {
    return this.#leases.entries();
  }
}

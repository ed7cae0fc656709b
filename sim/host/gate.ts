/**
 * What stands between the interfaces of a host and its stacks: says of a packet why it does not pass.
 *
 * A host gets one when something of it is not plain any more: an interface went down or lost its address, the strong host
 * model, a suspension, a firewall. It keeps no packets and answers none.
 */
import type { Way } from './connection-tracking.ts';
import type { Firewall } from './firewall.ts';
import type { NetworkInterface } from '../node.ts';
import type { Packet } from '../packet.ts';
import type { DropReason } from '../trace-kinds.ts';
import type { HostNetwork } from './network.ts';

/**
 * RFC 1122 section 3.3.4.2. `weak`: an address belongs to the host, whichever interface a packet uses; Linux. `strong`: to its
 * interface, packets to and from it use no other; Windows since Vista.
 */
export type HostModel = 'weak' | 'strong';

/** A packet for a group belongs to no address of the host. */
type Arrival = { readonly isGroup: boolean; readonly nowMicros: number };

/** The checks of one host. */
export class HostGate {
  readonly #network: HostNetwork;
  readonly #model: HostModel;
  /** Nothing gets in or out: the machine sleeps. */
  isSuspended = false;
  firewall: Firewall | undefined = undefined;

  constructor(model: HostModel, network: HostNetwork) {
    this.#model = model;
    this.#network = network;
  }

  /** Why a packet that arrived by an interface goes no further; undefined when it may. */
  refusesIn(packet: Packet, from: NetworkInterface, { isGroup, nowMicros }: Arrival): DropReason | undefined {
    if (this.isSuspended) return 'suspended';
    if (!from.isUp) return 'interfaceDown';
    if (!isGroup) {
      if (!this.#network.owns(packet.destination)) return 'noRoute';
      if (this.#model === 'strong' && !from.owns(packet.destination)) return 'otherInterface';
    }
    return this.#judge(packet, 'in', nowMicros);
  }

  /** Why a packet the host made stays inside; undefined when it may leave. */
  refusesOut(packet: Packet, nowMicros: number): DropReason | undefined {
    if (this.isSuspended) return 'suspended';
    // Linux looks for a route from the source: none starts at an address that is gone.
    if (!this.#network.owns(packet.source)) return 'addressGone';
    return this.#judge(packet, 'out', nowMicros);
  }

  #judge(packet: Packet, way: Way, nowMicros: number): DropReason | undefined {
    const action = this.firewall?.judge(packet, way, nowMicros) ?? 'accept';
    return action === 'accept' ? undefined : action === 'drop' ? 'hostFirewall' : 'hostFirewallReject';
  }
}

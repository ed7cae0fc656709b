/**
 * The interfaces, addresses and routes of one host, and what happens to them in its life.
 *
 * With one interface and no routes everything leaves by that interface and none of this costs anything. `host.network` is
 * how a scenario drives it; `roaming.ts` moves a host between networks with it. Addresses come from the networks.
 */
import { LOOPBACK_ADDRESS, LOOPBACK_ADDRESS6, formatAddress } from '../address.ts';
import type { Address, Prefix } from '../address.ts';
import { checkInteger, usageError } from '../errors.ts';
import type { Host } from '../host.ts';
import type { NetworkInterface } from '../node.ts';
import { TRACE_KIND } from '../trace-kinds.ts';
import { HostRoutes } from './routes.ts';

const LOOPBACK_MASK = 0xff000000 | 0;
const METRIC_MAX = 0xffff_ffff;

/** The network side of a host. */
export class HostNetwork {
  readonly #host: Host;
  readonly #interfaces: readonly NetworkInterface[];
  /** Undefined while everything leaves by the first interface. */
  #routes: HostRoutes | undefined = undefined;

  /** `interfaces` is the list the host adds to. */
  constructor(host: Host, interfaces: readonly NetworkInterface[]) {
    this.#host = host;
    this.#interfaces = interfaces;
  }

  /** A new interface has come to the list. */
  noteInterface(added: NetworkInterface): void {
    if (this.#routes !== undefined) this.#routes.setDefault(added, this.#interfaces.length - 1);
    else if (this.#interfaces.length > 1) this.#needRoutes();
  }

  /** Sends packets for a network out of one interface; of equally long prefixes the lowest metric wins, 0 or more. */
  addRoute(prefix: Prefix, via: NetworkInterface, metric = 0): void {
    checkInteger('metric', metric, 0, METRIC_MAX);
    this.#checkOwn(via);
    this.#needRoutes().add(prefix, via, metric);
  }

  /** Places the default route of an interface among the others: the lowest metric is preferred. Default: 0, 1, 2 ... */
  setMetric(via: NetworkInterface, metric: number): void {
    checkInteger('metric', metric, 0, METRIC_MAX);
    this.#checkOwn(via);
    this.#needRoutes().setDefault(via, metric);
  }

  /**
   * Switches an interface off or on, as `ip link set` does: off, no route leads over it and what arrives is lost. Its address
   * stays one of the host, and sockets notice nothing but silence.
   */
  setInterface(via: NetworkInterface, state: 'up' | 'down'): void {
    this.#checkOwn(via);
    this.#note(`interface ${formatAddress(via.address)} ${state}`);
    this.#needRoutes();
    this.#host.needGate();
    via.isUp = state === 'up';
  }

  /**
   * Takes the address of an interface away, or gives it back. Without it nothing is sent from it and nothing for it is
   * taken; what becomes of its connections says the host's `onAddressLoss`.
   */
  setAddress(via: NetworkInterface, state: 'held' | 'gone'): void {
    this.#checkOwn(via);
    this.#note(`address ${formatAddress(via.address)} ${state}`);
    this.#needRoutes();
    via.hasAddress = state === 'held';
    if (state === 'gone') this.#host.noteAddressLoss(via.address);
  }

  /** Whether a packet for that address is for this host. */
  owns(address: Address): boolean {
    if (typeof address === 'string') {
      if (address === LOOPBACK_ADDRESS6) return true;
    } else if ((address & LOOPBACK_MASK) === (LOOPBACK_ADDRESS & LOOPBACK_MASK)) return true;
    for (const each of this.#interfaces) {
      if (each.hasAddress && each.owns(address)) return true;
    }
    return false;
  }

  /** Interfaces that can be used now, the preferred one first. */
  usable(): readonly NetworkInterface[] {
    return this.#routes?.usable() ?? this.#interfaces;
  }

  /** The interface towards a destination; in the strong host model only one with the source's address, once there is one. */
  route(destination: Address, source?: Address): NetworkInterface | undefined {
    if (this.#routes === undefined) return this.#interfaces[0];
    return this.#routes.find(destination, this.#host.hostModel === 'strong' ? source : undefined);
  }

  #checkOwn(via: NetworkInterface): void {
    if (via.node === this.#host) return;
    throw usageError(
      `interface ${formatAddress(via.address)} belongs to '${via.node.name}', not to '${this.#host.name}'; ` +
        `take one of host.interfaces`,
    );
  }

  #needRoutes(): HostRoutes {
    if (this.#routes === undefined) {
      this.#routes = new HostRoutes();
      for (const [index, each] of this.#interfaces.entries()) this.#routes.setDefault(each, index);
    }
    return this.#routes;
  }

  #note(text: string): void {
    this.#host.world.trace.recordText(TRACE_KIND.fault, this.#host.subject, text);
  }
}

/**
 * What hangs on the ends of links: interfaces, and the nodes (hosts, routers, NATs) that own them.
 *
 * An interface has one link and an address of each family, or several; it decides nothing. `connectNodes` joins two nodes by a new link.
 */
import { formatAddress } from './address.ts';
import { chooseSource } from './ipv6/source-address.ts';
import { IP6_MTU_BYTES_MIN } from './packet.ts';
import type { Address, Address6 } from './address.ts';
import { usageError } from './errors.ts';
import { Link } from './link.ts';
import type { LinkDirection, LinkPairOptions, PacketSink } from './link.ts';
import type { PacketTap } from './link/script.ts';
import { MTU_BYTES_DEFAULT } from './link-options.ts';
import type { NodeShaping } from './node-shaping.ts';
import type { Packet } from './packet.ts';
import { registryOf } from './registry.ts';
import type { World } from './world.ts';

const NO_ADDRESSES: readonly Address[] = [];

/** Something that takes packets from its interfaces. */
export type PacketNode = {
  readonly world: World;
  readonly name: string;
  /** Its number in the trace; packets carry the number of their maker. */
  readonly subject: number;
  readonly interfaces: readonly NetworkInterface[];
  /** What all its interfaces together may carry; undefined is no limit. See `shapeNode`. */
  shaping: NodeShaping | undefined;
  /** Adds an interface with that address. */
  addInterface(address: Address): NetworkInterface;
  receivePacket(packet: Packet, from: NetworkInterface): void;
  /** One of its interfaces has no longer that address. */
  noteAddressLoss?(old: Address): void;
};

/** One end of a link at a node. */
export class NetworkInterface implements PacketSink {
  readonly node: PacketNode;
  /** Hosts neither send nor take anything over an interface that is down. `Host.setInterface` sets it. */
  isUp = true;
  /** A host may have lost it, and may get it back. `Host.setAddress` sets it. */
  hasAddress = true;
  #address: Address;
  /** Besides `address`: those of a second family, and further ones. */
  #further: readonly Address[] = NO_ADDRESSES;
  #out: LinkDirection | undefined = undefined;
  #taps: PacketTap[] | undefined = undefined;
  #peer: NetworkInterface | undefined = undefined;

  constructor(node: PacketNode, address: Address) {
    this.node = node;
    this.#address = address;
  }

  get address(): Address {
    return this.#address;
  }

  /** All its addresses, `address` first. */
  get addresses(): readonly Address[] {
    return [this.#address, ...this.#further];
  }

  /** One more address, as a second family needs. IPv6 goes over no link with an MTU below 1,280 (RFC 8200 section 5). */
  addAddress(address: Address): void {
    if (typeof address === 'string') this.#checkMtu(address);
    if (!this.owns(address)) this.#further = [...this.#further, address];
  }

  /** Takes a further address away again. */
  removeAddress(address: Address): void {
    this.#further = this.#further.filter((each) => each !== address);
  }

  /** Whether it is one of its addresses. */
  owns(address: Address): boolean {
    return address === this.#address || (this.#further.length > 0 && this.#further.includes(address));
  }

  /** The address to send from to a destination (RFC 6724 section 5); undefined when there is none of its family. */
  addressFor(destination: Address): Address | undefined {
    if (typeof destination === 'number' && typeof this.#address === 'number') return this.#address;
    return chooseSource(this.addresses, destination);
  }

  /** Gives the interface another address, as when a device changes networks. Routes are the caller's business. */
  renumber(address: Address): void {
    const old = this.#address;
    this.#address = address;
    this.hasAddress = true;
    this.node.noteAddressLoss?.(old);
  }

  /** It is up and has an address. */
  get isUsable(): boolean {
    return this.isUp && this.hasAddress;
  }

  /** The direction of the link away from here. */
  get out(): LinkDirection | undefined {
    return this.#out;
  }

  /** The interface at the other end of the link. */
  get peer(): NetworkInterface | undefined {
    return this.#peer;
  }

  get mtuBytes(): number {
    return this.#out?.settings.mtuBytes ?? MTU_BYTES_DEFAULT;
  }

  /** A router must say nothing about packets too big for the link. */
  get isBlackHole(): boolean {
    return this.#out?.settings.tooBig === 'blackHole';
  }

  /** Whether a packet above the MTU may travel in fragments. */
  get fragments(): boolean {
    return (this.#out?.settings.tooBig ?? 'fragment') === 'fragment';
  }

  attach(out: LinkDirection, peer: NetworkInterface): void {
    if (this.#out !== undefined) {
      throw usageError(`interface ${formatAddress(this.address)} of '${this.node.name}' has a link already`);
    }
    this.#out = out;
    this.#peer = peer;
    if (typeof this.#address === 'string') this.#checkMtu(this.#address);
  }

  send(packet: Packet): void {
    if (this.#taps !== undefined) this.#tap(packet);
    this.node.world.trace.observer?.onSend(this, packet);
    if (this.node.shaping === undefined) this.#out?.send(packet);
    else this.node.shaping.send(packet, this);
  }

  receivePacket(packet: Packet): void {
    if (this.#taps !== undefined) this.#tap(packet);
    this.node.world.trace.observer?.onReceive(this, packet);
    if (this.node.shaping === undefined) this.node.receivePacket(packet, this);
    else this.node.shaping.receive(packet, this);
  }

  /** Shows every packet that enters or leaves here. Gives the remover. */
  addTap(tap: PacketTap): () => void {
    const taps = (this.#taps ??= []);
    taps.push(tap);
    return () => {
      const index = taps.indexOf(tap);
      if (index >= 0) taps.splice(index, 1);
    };
  }

  #checkMtu(address: Address6): void {
    if (this.mtuBytes >= IP6_MTU_BYTES_MIN) return;
    throw usageError(
      `${address} cannot be given to '${this.node.name}': the MTU of its link is ${this.mtuBytes}, ` +
        `and IPv6 needs ${IP6_MTU_BYTES_MIN} (RFC 8200 section 5)`,
    );
  }

  #tap(packet: Packet): void {
    for (const tap of this.#taps!) tap(packet, this.node.world.nowMicros);
  }
}

/** Two interfaces and the link between them. */
export type Connection = {
  readonly link: Link;
  readonly left: NetworkInterface;
  readonly right: NetworkInterface;
};

/** One end of a new link. */
export type ConnectionEnd = { readonly node: PacketNode; readonly address: Address };

/** Joins two nodes by a new link; routes are the caller's business. `forward` is from left to right. */
export function connectNodes(left: ConnectionEnd, right: ConnectionEnd, options: LinkPairOptions = {}): Connection {
  const { world } = left.node;
  const leftInterface = left.node.addInterface(left.address);
  const rightInterface = right.node.addInterface(right.address);
  // Names of links seed their random streams, so they are made from the ends alone, whatever else there is.
  const names = [left.node.name, right.node.name] as const;
  const ends = [leftInterface, rightInterface] as const;
  const link = registryOf(world).addLink(names, (name) => new Link(world, name, ends, options));
  leftInterface.attach(link.forward, rightInterface);
  rightInterface.attach(link.backward, leftInterface);
  return { link, left: leftInterface, right: rightInterface };
}

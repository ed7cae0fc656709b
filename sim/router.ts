/**
 * A router: forwards by the longest matching prefix, counts down the time to live, and answers with ICMP when it cannot.
 *
 * It has no queue and no delay of its own; links have those. It filters nothing: see `Nat`, and rules of links.
 */
import type { Address, Prefix } from './address.ts';
import { isMulticast } from './multicast.ts';
import type { MappingView } from './nat/nat.ts';
import { NetworkInterface } from './node.ts';
import type { NodeShaping } from './node-shaping.ts';
import type { PacketNode } from './node.ts';
import { ICMP_CODE, ICMP_TYPE, PROTOCOL, createIcmpError, isIcmp, packetHead, packetPorts } from './packet.ts';
import type { Packet } from './packet.ts';
import { registryOf } from './registry.ts';
import { RoutingTable } from './routing-table.ts';
import { DROP_REASON, TRACE_KIND } from './trace-kinds.ts';
import type { DropReason } from './trace-kinds.ts';
import type { World } from './world.ts';

/** What sees the packets of a router before it does. */
export type PacketGate = {
  /** True when it has dealt with the packet: passed it on, perhaps changed, or dropped it. */
  take(packet: Packet, from: NetworkInterface): boolean;
  /** With a DNS64 (RFC 6147): where inner hosts find IPv4. */
  readonly dns64Prefix: Prefix | undefined;
  /** The translations it keeps. */
  mappings(): readonly MappingView[];
  /** Forgets what it keeps, as after a power cut. */
  reboot(): void;
};

/** A node that passes packets on. */
export class Router implements PacketNode {
  readonly world: World;
  readonly name: string;
  readonly subject: number;
  readonly routes = new RoutingTable();
  readonly interfaces: NetworkInterface[] = [];
  shaping: NodeShaping | undefined = undefined;
  /** The IPv6 side of a home router; undefined where nothing stands in the way. */
  gate: PacketGate | undefined = undefined;

  constructor(world: World, name: string) {
    registryOf(world).claimNode(name);
    this.world = world;
    this.name = name;
    this.subject = world.trace.subject(name);
  }

  addInterface(address: Address): NetworkInterface {
    const added = new NetworkInterface(this, address);
    this.interfaces.push(added);
    return added;
  }

  receivePacket(packet: Packet, from: NetworkInterface): void {
    if (this.gate?.take(packet, from) !== true) this.forward(packet, from);
  }

  /** Sends a packet on its way, or an ICMP error back. */
  forward(packet: Packet, from: NetworkInterface): void {
    if (packet.timeToLive <= 1) {
      this.drop(packet, 'timeToLive');
      this.answerError(packet, from, ICMP_TYPE.timeExceeded, 0);
      return;
    }
    const via = this.routes.find(packet.destination);
    if (via === undefined) {
      this.drop(packet, 'noRoute');
      this.answerError(packet, from, ICMP_TYPE.unreachable, ICMP_CODE.hostUnreachable);
      return;
    }
    packet.timeToLive -= 1;
    if (packet.sizeBytes > via.mtuBytes && !isPassedInPieces(packet, via)) {
      this.drop(packet, 'tooBig');
      if (via.isBlackHole) return;
      this.answerError(packet, from, ICMP_TYPE.unreachable, ICMP_CODE.fragmentationNeeded, via.mtuBytes);
      return;
    }
    via.send(packet);
  }

  /** Notes in the trace that a packet ends here. */
  drop(packet: Packet, reason: DropReason): void {
    this.world.trace.observer?.onDrop(this.subject, packet, DROP_REASON[reason]);
    this.world.trace.record(
      TRACE_KIND.drop,
      this.subject,
      packetHead(packet),
      packetPorts(packet),
      packet.sequence,
      DROP_REASON[reason],
    );
  }

  /** Sends an ICMP error to the sender of `cause`, out of the interface it came in by. */
  answerError(cause: Packet, from: NetworkInterface, type: number, code: number, nextHopMtu = 0): void {
    // RFC 1122 section 3.2.2, RFC 4443 section 2.4 e: no error about an error, and none about a packet for a group.
    if ((isIcmp(cause) && cause.quoted !== undefined) || isMulticast(cause.destination)) return;
    const source = from.addressFor(cause.source);
    if (source === undefined) return;
    const error = createIcmpError(source, type, code, cause);
    error.nextHopMtu = nextHopMtu;
    error.origin = this.subject;
    this.sendError(error, from);
  }

  /** The way of an error back. */
  protected sendError(error: Packet, from: NetworkInterface): void {
    from.send(error);
  }
}

/** Whether a packet above the MTU of an interface still leaves by it: routers cut IPv4, and senders IPv6 (RFC 8200 section 5). */
function isPassedInPieces(packet: Packet, via: NetworkInterface): boolean {
  if (typeof packet.source === 'string') return packet.nextHopMtu > 0 && packet.nextHopMtu <= via.mtuBytes;
  return packet.protocol !== PROTOCOL.tcp && via.fragments;
}

/**
 * A NAT router: translates UDP, TCP and the ICMP errors about them between its inner links and its outer one.
 *
 * Behaviour comes from `NatBehaviour`; the table of mappings from `nat-table.ts`. It has one external address, opens no
 * ports by request (no UPnP, no PCP) and checks no TCP sequence numbers. Use `new Lan(internet, 'home', { nat })`, or
 * connect a `Nat` by hand and call `setOutside`.
 */
import { formatAddress, parsePrefix } from './address.ts';
import type { Address } from './address.ts';
import { usageError } from './errors.ts';
import type { NatBehaviour } from './nat-behaviour.ts';
import { NatTable } from './nat-table.ts';
import type { Flow, Mapping } from './nat-table.ts';
import type { NetworkInterface } from './node.ts';
import { NO_BYTES, PROTOCOL, TCP_FLAG, TCP_HEADER_BYTES, createPacket, packetHead, packetPorts } from './packet.ts';
import type { Packet } from './packet.ts';
import { registryOf } from './registry.ts';
import { Router } from './router.ts';
import { TRACE_KIND } from './trace-kinds.ts';
import type { World } from './world.ts';

/** What a NAT did. */
export type NatStatistics = {
  mappingsMade: number;
  translatedOut: number;
  translatedIn: number;
  filtered: number;
  withoutMapping: number;
  exhausted: number;
  hairpinned: number;
};

/** One line of the translation table, readable. */
export type MappingView = {
  readonly protocol: 'udp' | 'tcp';
  readonly inner: string;
  readonly externalPort: number;
  readonly expiresAtMicros: number;
};

/** A router with an inside and an outside. */
export class Nat extends Router {
  readonly behaviour: NatBehaviour;
  readonly statistics: NatStatistics = {
    mappingsMade: 0,
    translatedOut: 0,
    translatedIn: 0,
    filtered: 0,
    withoutMapping: 0,
    exhausted: 0,
    hairpinned: 0,
  };
  readonly #table: NatTable;
  #outside: NetworkInterface | undefined = undefined;

  constructor(world: World, name: string, behaviour: NatBehaviour) {
    super(world, name);
    this.behaviour = behaviour;
    this.#table = new NatTable(behaviour, world.stream(`nat:${name}:ports`));
    registryOf(world).nats.set(name, this);
  }

  /** Says which interface leads out; everything that is not inside goes there. */
  setOutside(outside: NetworkInterface): void {
    this.#outside = outside;
    this.routes.addNetwork(parsePrefix('0.0.0.0/0'), outside);
  }

  get externalAddress(): Address {
    if (this.#outside === undefined) throw usageError(`NAT '${this.name}' has no outside yet; call setOutside()`);
    return this.#outside.address;
  }

  /** The table of live mappings. */
  mappings(): MappingView[] {
    return this.#table.live(this.world.nowMicros).map((mapping) => ({
      protocol: mapping.protocol === PROTOCOL.tcp ? 'tcp' : 'udp',
      inner: `${formatAddress(mapping.innerAddress)}:${mapping.innerPort}`,
      externalPort: mapping.externalPort,
      expiresAtMicros: mapping.expiresAtMicros,
    }));
  }

  /** All mappings are gone, as after a power cut; the allocation goes on from where it was. */
  reboot(): void {
    this.world.trace.recordText(TRACE_KIND.fault, this.subject, 'nat reboot');
    this.#table.clear();
  }

  override receivePacket(packet: Packet, from: NetworkInterface): void {
    if (this.behaviour.blocksUdp && this.#isCrossingUdp(packet, from)) {
      this.drop(packet, 'udpBlocked');
      return;
    }
    const external = this.externalAddress;
    if (from === this.#outside) {
      if (packet.destination === external) this.#inbound(packet, from);
      else this.drop(packet, 'noRoute');
    } else if (packet.destination === external) {
      this.#hairpin(packet, from);
    } else if (this.routes.find(packet.destination) === this.#outside) {
      if (this.#translateOut(packet)) this.forward(packet, from);
    } else {
      this.forward(packet, from);
    }
  }

  /** Whether it would pass between inside and outside. */
  #isCrossingUdp(packet: Packet, from: NetworkInterface): boolean {
    if (packet.protocol !== PROTOCOL.udp) return false;
    return from === this.#outside || this.routes.find(packet.destination) === this.#outside;
  }

  #inbound(packet: Packet, from: NetworkInterface): void {
    if (this.#translateIn(packet)) this.forward(packet, from);
    else if (this.behaviour.tcpUnsolicited === 'reset' && isSyn(packet)) this.#answerReset(packet, from);
  }

  /** From inside to our own external address: out and in again, so the receiver sees the external source. */
  #hairpin(packet: Packet, from: NetworkInterface): void {
    if (!this.behaviour.hairpin) {
      this.drop(packet, 'natHairpin');
      return;
    }
    if (!this.#translateOut(packet) || !this.#translateIn(packet)) return;
    this.statistics.hairpinned += 1;
    this.forward(packet, from);
  }

  /** False when the packet ended here. */
  #translateOut(packet: Packet): boolean {
    if (packet.protocol === PROTOCOL.icmp) return this.#translateErrorOut(packet);
    const { nowMicros } = this.world;
    const flow: Flow = {
      protocol: packet.protocol,
      innerAddress: packet.source,
      innerPort: packet.sourcePort,
      remoteAddress: packet.destination,
      remotePort: packet.destinationPort,
    };
    const mapping = this.#table.outbound(flow, nowMicros);
    if (mapping === undefined) {
      this.statistics.exhausted += 1;
      this.drop(packet, 'natExhausted');
      return false;
    }
    // A mapping that was never used before has no life of its own yet.
    if (mapping.expiresAtMicros === Infinity) this.#noteMade(packet, mapping);
    this.#table.note(mapping, flow, true, packet.flags, nowMicros);
    this.statistics.translatedOut += 1;
    packet.source = this.externalAddress;
    packet.sourcePort = mapping.externalPort;
    this.world.trace.observer?.onTranslate(this.subject, mapping, packet, true);
    return true;
  }

  #translateIn(packet: Packet): boolean {
    if (packet.protocol === PROTOCOL.icmp) return this.#translateErrorIn(packet);
    const { nowMicros } = this.world;
    const remote = [packet.source, packet.sourcePort] as const;
    const mapping = this.#table.byPort(packet.protocol, packet.destinationPort, remote, nowMicros);
    if (mapping === undefined) {
      this.statistics.withoutMapping += 1;
      this.drop(packet, 'natNoMapping');
      return false;
    }
    if (!this.#table.admits(mapping, packet.source, packet.sourcePort, nowMicros)) {
      this.statistics.filtered += 1;
      this.drop(packet, 'natFiltered');
      return false;
    }
    const flow: Flow = {
      protocol: packet.protocol,
      innerAddress: mapping.innerAddress,
      innerPort: mapping.innerPort,
      remoteAddress: packet.source,
      remotePort: packet.sourcePort,
    };
    this.#table.note(mapping, flow, false, packet.flags, nowMicros);
    this.statistics.translatedIn += 1;
    packet.destination = mapping.innerAddress;
    packet.destinationPort = mapping.innerPort;
    this.world.trace.observer?.onTranslate(this.subject, mapping, packet, false);
    return true;
  }

  /** An ICMP error from inside, about a packet that came in: what it quotes is translated back (RFC 5508 REQ-4). */
  #translateErrorOut(packet: Packet): boolean {
    const { quoted } = packet;
    if (quoted === undefined) return false;
    const mapping = this.#table
      .live(this.world.nowMicros)
      .find(
        ({ protocol, innerAddress, innerPort }) =>
          protocol === quoted.protocol && innerAddress === quoted.destination && innerPort === quoted.destinationPort,
      );
    if (mapping === undefined) {
      this.drop(packet, 'natNoMapping');
      return false;
    }
    packet.source = this.externalAddress;
    quoted.destination = this.externalAddress;
    quoted.destinationPort = mapping.externalPort;
    return true;
  }

  /** An ICMP error from outside, about a packet that went out (RFC 5508 REQ-3). It refreshes nothing. */
  #translateErrorIn(packet: Packet): boolean {
    const { quoted } = packet;
    if (quoted === undefined) return false;
    const remote = [quoted.destination, quoted.destinationPort] as const;
    const mapping = this.#table.byPort(quoted.protocol, quoted.sourcePort, remote, this.world.nowMicros);
    if (mapping === undefined) {
      this.drop(packet, 'natNoMapping');
      return false;
    }
    packet.destination = mapping.innerAddress;
    quoted.source = mapping.innerAddress;
    quoted.sourcePort = mapping.innerPort;
    return true;
  }

  #noteMade(packet: Packet, mapping: Mapping): void {
    this.statistics.mappingsMade += 1;
    this.world.trace.record(
      TRACE_KIND.nat,
      this.subject,
      packetHead(packet),
      packetPorts(packet),
      mapping.externalPort,
      0,
    );
  }

  #answerReset(cause: Packet, from: NetworkInterface): void {
    const answer = createPacket(
      PROTOCOL.tcp,
      cause.destination,
      cause.destinationPort,
      cause.source,
      cause.sourcePort,
      NO_BYTES,
    );
    answer.sizeBytes += TCP_HEADER_BYTES;
    answer.flags = TCP_FLAG.rst | TCP_FLAG.ack;
    answer.acknowledgment = (cause.sequence + 1) | 0;
    answer.origin = this.subject;
    from.send(answer);
  }
}

function isSyn(packet: Packet): boolean {
  return packet.protocol === PROTOCOL.tcp && (packet.flags & (TCP_FLAG.syn | TCP_FLAG.ack)) === TCP_FLAG.syn;
}

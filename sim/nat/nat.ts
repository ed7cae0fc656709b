/**
 * A NAT router: translates UDP, TCP and the ICMP errors about them between its inner links and its outer one.
 *
 * Behaviour comes from `NatBehaviour`; the table of mappings from `table.ts`. Ports are opened by request where a `Gateway`
 * (`sim/boxes`) stands beside it. It speaks IPv4 only. Every packet it drops is in the trace with the reason. Use
 * `new Lan(internet, 'home', { nat })`, or connect a `Nat` by hand and call `setOutside`.
 */
import { formatAddress, parsePrefix } from '../address.ts';
import type { Address } from '../address.ts';
import { usageError } from '../errors.ts';
import type { NetworkInterface } from '../node.ts';
import { isMulticast } from '../multicast.ts';
import { ICMP_CODE, ICMP_TYPE, PROTOCOL, copyPacket, isSyn, packetHead, packetPorts } from '../packet.ts';
import type { Packet } from '../packet.ts';
import { registryOf } from '../registry.ts';
import { Router } from '../router.ts';
import { TRACE_KIND } from '../trace-kinds.ts';
import type { DropReason } from '../trace-kinds.ts';
import type { World } from '../world.ts';
import type { Flow, NatBehaviour } from './behaviour.ts';
import { UnsolicitedSyns, crossingRefusal, isQuery } from './crossing.ts';
import { protocolName } from './mapping.ts';
import type { Mapping, NatProtocol } from './mapping.ts';
import { NatTable } from './table.ts';

/** What a NAT did. */
export type NatStatistics = {
  mappingsMade: number;
  translatedOut: number;
  translatedIn: number;
  filtered: number;
  /** No mapping, or one that had expired. */
  withoutMapping: number;
  /** No port, no room in the table, or too many new mappings at once. */
  exhausted: number;
  hairpinned: number;
  /** From remote addresses that are cut off. */
  blocked: number;
};

/** One line of the translation table, readable. */
export type MappingView = {
  /** A ping's identifier stands where the others have a port. */
  readonly protocol: NatProtocol;
  /** `0.0.0.0` is cross traffic. */
  readonly inner: string;
  readonly externalAddress: string;
  readonly externalPort: number;
  readonly expiresAtMicros: number;
};

/** See `Nat.intercept`. */
type Interceptor = (packet: Packet, from: NetworkInterface) => DropReason | 'pass';

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
    blocked: 0,
  };
  readonly #table: NatTable;
  #outside: NetworkInterface | undefined = undefined;
  /** All external addresses but that of the outside. */
  readonly #pool: Address[] = [];
  /** The outside's address when it was last looked at. */
  #lastAddress: Address | undefined = undefined;
  #interceptor: Interceptor | undefined = undefined;
  readonly #listeners: ((change: 'reboot' | 'renumber') => void)[] = [];
  readonly #syns = new UnsolicitedSyns(this, ICMP_CODE.portUnreachable);

  constructor(world: World, name: string, behaviour: NatBehaviour) {
    super(world, name);
    this.behaviour = behaviour;
    this.#table = new NatTable(behaviour, (purpose) => world.stream(`nat:${name}:${purpose}`));
    registryOf(world).nats.set(name, this);
  }

  /** The table itself, for those who make mappings by request. */
  get table(): NatTable {
    return this.#table;
  }

  /** Tells of every reboot, and of every new external address with the first packet after it. */
  onChange(listener: (change: 'reboot' | 'renumber') => void): void {
    this.#listeners.push(listener);
  }

  /** Shows every packet to an interceptor first, which may rewrite it, or say why it ends here. The last one set is asked. */
  intercept(interceptor: Interceptor): void {
    this.#interceptor = interceptor;
  }

  /** Whether it is the interface that leads out. */
  isOutside(via: NetworkInterface): boolean {
    return via === this.#outside;
  }

  /** Whether what is sent to that address leaves the inside. */
  leadsOut(destination: Address): boolean {
    return this.routes.find(destination) === this.#outside && this.#indexOf(destination) < 0;
  }

  /** Says which interface leads out; everything that is not inside goes there. */
  setOutside(outside: NetworkInterface): void {
    this.#outside = outside;
    this.routes.addNetwork(parsePrefix('0.0.0.0/0'), outside);
  }

  /** One more external address; the network outside must send what is for it to the outside interface. */
  addExternalAddress(address: Address): void {
    this.#pool.push(address);
    this.#table.addAddress();
  }

  get externalAddress(): Address {
    if (this.#outside === undefined) throw usageError(`NAT '${this.name}' has no outside yet; call setOutside()`);
    return this.#outside.address;
  }

  /** The table of live mappings. */
  mappings(): MappingView[] {
    const own = this.#table.live(this.world.nowMicros).map((mapping): MappingView => ({
      protocol: protocolName(mapping.protocol),
      inner: `${formatAddress(mapping.innerAddress)}:${mapping.innerPort}`,
      externalAddress: formatAddress(this.#addressOf(mapping)),
      externalPort: mapping.externalPort,
      expiresAtMicros: mapping.expiresAtMicros,
    }));
    return this.gate === undefined ? own : [...own, ...this.gate.mappings()];
  }

  /** All mappings are gone, as after a power cut; sequential allocation goes on from where it was, or begins anew. */
  reboot(counter: 'keep' | 'reset' = 'keep'): void {
    this.world.trace.recordText(TRACE_KIND.fault, this.subject, 'nat reboot');
    this.#table.clear(counter);
    this.gate?.reboot();
    for (const listener of this.#listeners) listener('reboot');
  }

  override receivePacket(packet: Packet, from: NetworkInterface): void {
    if (this.gate?.take(packet, from) === true) return;
    const external = this.externalAddress;
    if (external !== this.#lastAddress) this.#noteRenumbering(external);
    const isFromOutside = from === this.#outside;
    if (!isFromOutside && isMulticast(packet.destination)) {
      this.#flood(packet, from);
      return;
    }
    const verdict = this.#interceptor?.(packet, from) ?? 'pass';
    if (verdict !== 'pass') {
      this.drop(packet, verdict);
      return;
    }
    const isCrossing = isFromOutside || this.routes.find(packet.destination) === this.#outside;
    if (isCrossing && packet.timeToLive <= 1) {
      // It ends here and opens nothing: its life is looked at before its ports.
      this.forward(packet, from);
      return;
    }
    const refusal = isCrossing ? crossingRefusal(this.behaviour, packet, isFromOutside) : undefined;
    if (refusal !== undefined) {
      this.drop(packet, refusal);
      return;
    }
    if (isFromOutside) {
      if (this.#indexOf(packet.destination) >= 0) this.#inbound(packet, from);
      else this.drop(packet, 'noRoute');
    } else if (this.#indexOf(packet.destination) >= 0) {
      this.#hairpin(packet, from);
    } else if (isCrossing) {
      if (this.#translateOut(packet, from)) this.forward(packet, from);
    } else {
      this.forward(packet, from);
    }
  }

  /** A packet for a group stays inside, and goes to everybody there. */
  #flood(packet: Packet, from: NetworkInterface): void {
    for (const via of this.interfaces) if (via !== from && via !== this.#outside) via.send(copyPacket(packet));
  }

  #inbound(packet: Packet, from: NetworkInterface): void {
    if (this.#table.punishment.isBlocked(packet.source, this.world.nowMicros)) {
      this.statistics.blocked += 1;
      this.drop(packet, 'natBlocked');
      return;
    }
    if (this.#translateIn(packet)) {
      this.forward(packet, from);
      return;
    }
    if (packet.protocol === PROTOCOL.icmp) return;
    this.#table.punishment.noteUnsolicited(packet.source, this.world.nowMicros);
    this.#syns.answer(this, packet, from);
  }

  /** Whether a packet from outside would be let in now. */
  admits(packet: Readonly<Packet>): boolean {
    const mapping = this.#inboundMapping(packet);
    return (
      typeof mapping === 'object' && this.#table.admits(mapping, packet.source, packet.sourcePort, this.world.nowMicros)
    );
  }

  /** From inside to our own external address: out and in again. */
  #hairpin(packet: Packet, from: NetworkInterface): void {
    const { hairpin } = this.behaviour;
    if (hairpin === 'off') {
      this.drop(packet, 'natHairpin');
      return;
    }
    if (hairpin === 'internalSource') {
      this.#hairpinUnmasked(packet, from);
      return;
    }
    if (!this.#translateOut(packet, from) || !this.#translateIn(packet)) return;
    this.statistics.hairpinned += 1;
    this.forward(packet, from);
  }

  /** Only the destination is translated, and no filter asked: what a rule for the outer side alone comes to. */
  #hairpinUnmasked(packet: Packet, from: NetworkInterface): void {
    const mapping = packet.protocol === PROTOCOL.icmp ? 'natNoMapping' : this.#inboundMapping(packet);
    if (typeof mapping === 'string') {
      this.statistics.withoutMapping += 1;
      this.drop(packet, mapping);
      return;
    }
    this.statistics.hairpinned += 1;
    packet.destination = mapping.innerAddress;
    packet.destinationPort = mapping.innerPort;
    this.world.trace.observer?.onTranslate(this.subject, mapping, packet, false);
    this.forward(packet, from);
  }

  /** False when the packet ended here. */
  #translateOut(packet: Packet, from: NetworkInterface): boolean {
    if (packet.protocol === PROTOCOL.icmp && !isQuery(this.behaviour, packet, true))
      return this.#translateErrorOut(packet);
    const { nowMicros } = this.world;
    const flow: Flow = {
      protocol: packet.protocol,
      innerAddress: packet.source,
      innerPort: packet.sourcePort,
      remoteAddress: packet.destination,
      remotePort: packet.destinationPort,
    };
    const mapping = this.#table.outbound(flow, nowMicros);
    if (typeof mapping === 'string') {
      this.statistics.exhausted += 1;
      this.drop(packet, mapping);
      if (mapping === 'natExhausted' && this.behaviour.whenExhausted === 'icmp') {
        this.answerError(packet, from, ICMP_TYPE.unreachable, ICMP_CODE.administrativelyProhibited);
      }
      return false;
    }
    if (!this.#isInWindow(mapping, packet, true)) return false;
    // A mapping that was never used before has no life of its own yet.
    if (mapping.expiresAtMicros === Infinity && mapping.lease === undefined) this.#noteMade(packet, mapping);
    this.#table.note(mapping, flow, true, packet.flags, nowMicros);
    this.statistics.translatedOut += 1;
    packet.source = this.#addressOf(mapping);
    packet.sourcePort = mapping.externalPort;
    this.world.trace.observer?.onTranslate(this.subject, mapping, packet, true);
    return true;
  }

  #translateIn(packet: Packet): boolean {
    if (packet.protocol === PROTOCOL.icmp && !isQuery(this.behaviour, packet, false))
      return this.#translateErrorIn(packet);
    const { nowMicros } = this.world;
    const mapping = this.#inboundMapping(packet);
    if (typeof mapping === 'string') {
      this.statistics.withoutMapping += 1;
      this.drop(packet, mapping);
      return false;
    }
    if (!this.#table.admits(mapping, packet.source, packet.sourcePort, nowMicros)) {
      this.#table.noteRefused(mapping, nowMicros);
      this.statistics.filtered += 1;
      this.drop(packet, 'natFiltered');
      return false;
    }
    if (!this.behaviour.tcpSimultaneousOpen && isSyn(packet)) {
      if (this.#table.isCrossing(mapping, packet.source, packet.sourcePort)) {
        this.statistics.filtered += 1;
        this.drop(packet, 'natTcpState');
        return false;
      }
    }
    if (!this.#isInWindow(mapping, packet, false)) return false;
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

  /** Whether a segment is where the other side expects it; notes it. */
  #isInWindow(mapping: Mapping, packet: Packet, isOutbound: boolean): boolean {
    if (this.behaviour.tcpSequenceCheck === 'off' || packet.protocol !== PROTOCOL.tcp) return true;
    if (this.#table.windows.take(mapping, packet, isOutbound)) return true;
    this.statistics.filtered += 1;
    this.drop(packet, 'natTcpWindow');
    return false;
  }

  #inboundMapping(packet: Readonly<Packet>): Mapping | 'natNoMapping' | 'natExpired' {
    const remote = [packet.source, packet.sourcePort] as const;
    const index = this.#indexOf(packet.destination);
    if (index < 0) return 'natNoMapping';
    return this.#table.inbound(packet.protocol, index, packet.destinationPort, remote, this.world.nowMicros);
  }

  /** An ICMP error from inside, about a packet that came in: what it quotes is translated back (RFC 5508 REQ-4). */
  #translateErrorOut(packet: Packet): boolean {
    const { quoted } = packet;
    if (quoted === undefined || this.behaviour.icmpErrors === 'ignore') {
      this.drop(packet, 'natIcmp');
      return false;
    }
    const { protocol, destination, destinationPort } = quoted;
    const mapping = this.#table.ofInner(protocol, destination, destinationPort, this.world.nowMicros);
    if (mapping === undefined) {
      this.drop(packet, 'natNoMapping');
      return false;
    }
    packet.source = this.#addressOf(mapping);
    quoted.destination = packet.source;
    quoted.destinationPort = mapping.externalPort;
    return true;
  }

  /** An ICMP error from outside, about a packet that went out (RFC 5508 REQ-3). It refreshes nothing. */
  #translateErrorIn(packet: Packet): boolean {
    const { quoted } = packet;
    if (quoted === undefined || this.behaviour.icmpErrors === 'ignore') {
      this.drop(packet, 'natIcmp');
      return false;
    }
    const { nowMicros } = this.world;
    const remote = [quoted.destination, quoted.destinationPort] as const;
    const index = Math.max(0, this.#indexOf(quoted.source));
    const mapping = this.#table.inbound(quoted.protocol, index, quoted.sourcePort, remote, nowMicros);
    if (typeof mapping === 'string') {
      this.drop(packet, mapping);
      return false;
    }
    if (this.behaviour.icmpErrors === 'killMapping') this.#table.end(mapping, nowMicros);
    packet.destination = mapping.innerAddress;
    quoted.source = mapping.innerAddress;
    quoted.sourcePort = mapping.innerPort;
    return true;
  }

  /** An error of our own about a packet from inside, which has our address by now, is for who sent it. */
  protected override sendError(error: Packet, from: NetworkInterface): void {
    const isOurs = from !== this.#outside && this.#indexOf(error.destination) >= 0;
    if (!isOurs || this.#translateErrorIn(error)) super.sendError(error, from);
  }

  #noteRenumbering(external: Address): void {
    const isNew = this.#lastAddress !== undefined;
    if (isNew && this.behaviour.onRenumber === 'flush') this.#table.clear('keep');
    this.#lastAddress = external;
    if (isNew) for (const listener of this.#listeners) listener('renumber');
  }

  /** Which of our external addresses it is; -1 for none. */
  #indexOf(address: Address): number {
    if (address === this.externalAddress) return 0;
    return this.#pool.length === 0 ? -1 : this.#pool.indexOf(address) + 1 || -1;
  }

  #addressOf(mapping: Mapping): Address {
    return mapping.externalIndex === 0 ? this.externalAddress : this.#pool[mapping.externalIndex - 1]!;
  }

  #noteMade(packet: Packet, mapping: Mapping): void {
    this.statistics.mappingsMade += 1;
    this.world.trace.record(
      TRACE_KIND.nat,
      this.subject,
      packetHead(packet),
      packetPorts(packet),
      mapping.externalPort,
      mapping.externalIndex,
    );
  }
}

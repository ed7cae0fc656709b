/**
 * A stateful translator from inner IPv6: NAT64 (RFC 6146) where the outside is IPv4, a masquerade (NAT66) where it is IPv6.
 *
 * Mappings, filters, lifetimes and limits are those of `NatBehaviour`; RFC 6146 wants mapping independent of the endpoint, UDP
 * for five minutes and TCP for 2 h 4 min, see `nat64Behaviour`. Pings are translated like datagrams (section 3.5.3). No fragments that arrive without their first one.
 */
import type { Address, Address6 } from '../address.ts';
import { formatAddress, formatEndpoint } from '../address.ts';
import { usageError } from '../errors.ts';
import type { Flow, NatBehaviour } from '../nat/behaviour.ts';
import { isQuery } from '../nat/crossing.ts';
import { flowProtocol, protocolName } from '../nat/mapping.ts';
import type { Mapping } from '../nat/mapping.ts';
import type { MappingView } from '../nat/nat.ts';
import { natBehaviour } from '../nat/presets.ts';
import type { NatName } from '../nat/presets.ts';
import { NatTable } from '../nat/table.ts';
import type { NetworkInterface } from '../node.ts';
import { ICMP_CODE, ICMP_TYPE, isIcmp, isSyn, packetHead, packetPorts } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { Router } from '../router.ts';
import { TRACE_KIND } from '../trace-kinds.ts';
import type { DropReason } from '../trace-kinds.ts';
import type { Realm } from './realms.ts';

const SECOND = 1_000_000;

/**
 * A behaviour with what RFC 6146 asks of a NAT64: its timers (section 4), mappings that do not depend on the endpoint (section
 * 3.5), and an error six seconds after a SYN nobody asked for (section 3.5.2.2).
 *
 * @throws SimError `usage` - a change makes no sense, or makes the mapping depend on the endpoint.
 */
export function nat64Behaviour(name: NatName = 'restrictedCone', changes: Partial<NatBehaviour> = {}): NatBehaviour {
  const behaviour = natBehaviour(name, {
    udpMappingMicros: 300 * SECOND,
    tcpEstablishedMicros: 7_440 * SECOND,
    tcpTransitoryMicros: 240 * SECOND,
    tcpUnsolicited: 'hold',
    hairpin: 'externalSource',
    ...changes,
  });
  if (behaviour.mapping !== 'endpointIndependent') {
    throw usageError(
      `mapping is '${behaviour.mapping}', but that of NAT64 is endpointIndependent (RFC 6146); change filtering instead`,
    );
  }
  return behaviour;
}

/** One translator with one external address. */
export class Translator {
  readonly behaviour: NatBehaviour;
  readonly #router: Router;
  readonly #table: NatTable;
  readonly #realm: Realm;
  readonly #external: () => Address;

  /** `external` gives the address outside now. */
  constructor(
    router: Router,
    purpose: 'nat64' | 'nat66',
    parts: { readonly behaviour: NatBehaviour; readonly realm: Realm; readonly external: () => Address },
  ) {
    this.behaviour = parts.behaviour;
    this.#router = router;
    this.#realm = parts.realm;
    this.#external = parts.external;
    this.#table = new NatTable(parts.behaviour, (kind) => router.world.stream(`${purpose}:${router.name}:${kind}`));
  }

  get external(): Address {
    return this.#external();
  }

  /** Whether an inner host that sends there means the outside. */
  leadsOut(destination: Address6): boolean {
    return this.#realm.outerOf(destination) !== undefined;
  }

  /** The live mappings. */
  mappings(): MappingView[] {
    return this.#table.live(this.#now).map((mapping) => ({
      protocol: protocolName(mapping.protocol),
      inner: formatEndpoint(mapping.innerAddress, mapping.innerPort),
      externalAddress: formatAddress(this.#external()),
      externalPort: mapping.externalPort,
      expiresAtMicros: mapping.expiresAtMicros,
    }));
  }

  /** Every mapping is forgotten. */
  reboot(): void {
    this.#table.clear('keep');
  }

  /** Translates a packet from inside in place, or says why it ends. */
  outbound(packet: Packet, from: NetworkInterface): DropReason | undefined {
    if (isIcmp(packet) && !isQuery(this.behaviour, packet, true)) return this.#errorOut(packet);
    const remote = this.#realm.outerOf(packet.destination as Address6);
    if (remote === undefined) return 'notTranslatable';
    const flow: Flow = {
      protocol: flowProtocol(packet),
      innerAddress: packet.source,
      innerPort: packet.sourcePort,
      remoteAddress: remote,
      remotePort: packet.destinationPort,
    };
    const mapping = this.#table.outbound(flow, this.#now);
    if (typeof mapping === 'string') {
      if (mapping === 'natExhausted' && this.behaviour.whenExhausted === 'icmp') {
        const { unreachable } = ICMP_TYPE;
        this.#router.answerError(packet, from, unreachable, ICMP_CODE.administrativelyProhibited);
      }
      return mapping;
    }
    if (mapping.expiresAtMicros === Infinity) this.#noteMade(packet, mapping);
    this.#table.note(mapping, flow, true, packet.flags, this.#now);
    packet.source = this.#external();
    packet.sourcePort = mapping.externalPort;
    packet.destination = remote;
    this.#realm.makeOuter(packet);
    this.#router.world.trace.observer?.onTranslate(this.#router.subject, mapping, packet, true);
    if (remote !== this.#external()) return undefined;
    // RFC 6146 section 3.8: one inner host means another.
    return this.behaviour.hairpin === 'off' ? 'natHairpin' : this.inbound(packet);
  }

  /** Translates a packet from outside in place, or says why it ends. */
  inbound(packet: Packet): DropReason | undefined {
    if (isIcmp(packet) && !isQuery(this.behaviour, packet, false)) return this.#errorIn(packet);
    const { source, sourcePort, destinationPort } = packet;
    const protocol = flowProtocol(packet);
    if (this.#table.punishment.isBlocked(source, this.#now)) return 'natBlocked';
    const mapping = this.#table.inbound(protocol, 0, destinationPort, [source, sourcePort], this.#now);
    const refusal = typeof mapping === 'string' ? mapping : this.#refusal(mapping, packet);
    if (typeof mapping === 'string' || refusal !== undefined) {
      this.#table.punishment.noteUnsolicited(source, this.#now);
      return refusal;
    }
    const { innerAddress, innerPort } = mapping;
    const flow = { protocol, innerAddress, innerPort, remoteAddress: source, remotePort: sourcePort };
    this.#table.note(mapping, flow, false, packet.flags, this.#now);
    packet.source = this.#realm.innerOf(source);
    packet.destination = innerAddress;
    packet.destinationPort = innerPort;
    this.#realm.makeInner(packet);
    this.#router.world.trace.observer?.onTranslate(this.#router.subject, mapping, packet, false);
    return undefined;
  }

  /** Whether a packet from outside would be let in now. */
  admits(packet: Readonly<Packet>): boolean {
    const { source, sourcePort, destinationPort } = packet;
    const mapping = this.#table.inbound(flowProtocol(packet), 0, destinationPort, [source, sourcePort], this.#now);
    return typeof mapping === 'object' && this.#table.admits(mapping, source, sourcePort, this.#now);
  }

  /** The inner address of a mapping; undefined where there is none. */
  innerAddressOf(packet: Readonly<Packet>): Address | undefined {
    const { source, sourcePort, destinationPort } = packet;
    const mapping = this.#table.inbound(flowProtocol(packet), 0, destinationPort, [source, sourcePort], this.#now);
    return typeof mapping === 'object' ? mapping.innerAddress : undefined;
  }

  get savedBytes(): number {
    return this.#realm.savedBytes;
  }

  #refusal(mapping: Mapping, packet: Packet): DropReason | undefined {
    if (!this.#table.admits(mapping, packet.source, packet.sourcePort, this.#now)) {
      this.#table.noteRefused(mapping, this.#now);
      return 'natFiltered';
    }
    const crosses =
      isSyn(packet) &&
      !this.behaviour.tcpSimultaneousOpen &&
      this.#table.isCrossing(mapping, packet.source, packet.sourcePort);
    return crosses ? 'natTcpState' : undefined;
  }

  /** An ICMPv6 error from inside about a packet that came in. */
  #errorOut(packet: Packet): DropReason | undefined {
    const { quoted } = packet;
    if (quoted === undefined || this.behaviour.icmpErrors === 'ignore') return 'natIcmp';
    const { destination, destinationPort } = quoted;
    const mapping = this.#table.ofInner(flowProtocol(quoted), destination, destinationPort, this.#now);
    const remote = this.#realm.outerOf(quoted.source as Address6);
    if (mapping === undefined || remote === undefined) return 'natNoMapping';
    packet.source = this.#external();
    packet.destination = remote;
    quoted.source = remote;
    quoted.destination = packet.source;
    quoted.destinationPort = mapping.externalPort;
    return this.#realm.makeOuter(packet) ? undefined : 'notTranslatable';
  }

  /** An ICMP error from outside about a packet that went out. It refreshes nothing. */
  #errorIn(packet: Packet): DropReason | undefined {
    const { quoted } = packet;
    if (quoted === undefined || this.behaviour.icmpErrors === 'ignore') return 'natIcmp';
    const remote = [quoted.destination, quoted.destinationPort] as const;
    const mapping = this.#table.inbound(flowProtocol(quoted), 0, quoted.sourcePort, remote, this.#now);
    if (typeof mapping === 'string') return mapping;
    if (this.behaviour.icmpErrors === 'killMapping') this.#table.end(mapping, this.#now);
    packet.source = this.#realm.innerOf(packet.source);
    packet.destination = mapping.innerAddress;
    quoted.source = mapping.innerAddress;
    quoted.sourcePort = mapping.innerPort;
    quoted.destination = this.#realm.innerOf(quoted.destination);
    return this.#realm.makeInner(packet) ? undefined : 'notTranslatable';
  }

  get #now(): number {
    return this.#router.world.nowMicros;
  }

  #noteMade(packet: Packet, mapping: Mapping): void {
    const { world, subject } = this.#router;
    world.trace.record(TRACE_KIND.nat, subject, packetHead(packet), packetPorts(packet), mapping.externalPort, 0);
  }
}

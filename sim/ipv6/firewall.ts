/**
 * A stateful IPv6 firewall (RFC 6092): what goes out opens the way back, for as long as its kind of session lives.
 *
 * It is a NAT that translates nothing: each inner host has a `NatTable` of its own in which every port is kept, so filtering,
 * lifetimes, refresh, TCP states and limits are the knobs of `NatBehaviour`; those of mappings, ports and hairpins mean nothing
 * here. ICMPv6 errors pass when they quote a live session, and pings from inside open the way for their answers. It answers nothing itself; IPsec, its port 500 (REC-24) and tunnels get no
 * special treatment.
 */
import type { Address, Address6, Prefix } from '../address.ts';
import { prefixHolds } from '../address.ts';
import { usageError } from '../errors.ts';
import type { Flow, NatBehaviour, NatDependence, PortRule } from '../nat/behaviour.ts';
import { isQuery } from '../nat/crossing.ts';
import { flowProtocol } from '../nat/mapping.ts';
import { natBehaviour } from '../nat/presets.ts';
import { NatTable } from '../nat/table.ts';
import { isIcmp, isSyn } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { DropReason } from '../trace-kinds.ts';
import type { World } from '../world.ts';
import { rangeOf } from './ranges.ts';

const SECOND = 1_000_000;

/**
 * `simple`: RFC 6092 where it asks for transparency (REC-17, REC-33: filters that do not depend on the endpoint), five minutes
 * for UDP, and an ICMPv6 error six seconds after a SYN that nobody asked for. `strict`: the same with filters that depend on the
 * address. `linux`: connection tracking with its default times; one endpoint is let in, and nothing is answered.
 */
const NAMED = {
  simple: { filtering: 'endpointIndependent', udpMappingMicros: 300 * SECOND, tcpUnsolicited: 'hold' },
  strict: { filtering: 'addressDependent', udpMappingMicros: 300 * SECOND, tcpUnsolicited: 'hold' },
  linux: {
    filtering: 'addressAndPortDependent',
    udpUnrepliedMicros: 30 * SECOND,
    udpMappingMicros: 120 * SECOND,
    tcpEstablishedMicros: 432_000 * SECOND,
    tcpTransitoryMicros: 120 * SECOND,
    tcpUnsolicited: 'drop',
  },
} as const satisfies Record<string, Partial<NatBehaviour> & { filtering: NatDependence }>;

export type FirewallName = keyof typeof NAMED;

/** Keeps every port as it is: what makes a NAT a firewall. */
const SAME_PORT: PortRule = ({ flow }) => flow.innerPort;

/** What a firewall cannot do, because it translates nothing. */
const IDENTITY = {
  mapping: 'endpointIndependent',
  allocation: SAME_PORT,
  portMin: 1,
  portMax: 65_535,
  udpRefresh: 'outboundAndAdmitted',
} as const satisfies Partial<NatBehaviour>;

/**
 * A firewall by name, perhaps with changes.
 *
 * @throws SimError `usage` - there is none of that name, a change has no meaning here, or a time or limit makes no sense.
 */
export function firewallBehaviour(name: FirewallName, changes: Partial<NatBehaviour> = {}): NatBehaviour {
  if (!(name in NAMED)) {
    throw usageError(`there is no firewall '${name as string}'; there are ${Object.keys(NAMED).join(', ')}`);
  }
  const meaningless = (['mapping', 'allocation', 'portMin', 'portMax', 'hairpin', 'pooling'] as const).find(
    (knob) => changes[knob] !== undefined,
  );
  if (meaningless !== undefined) {
    throw usageError(
      `a firewall translates nothing, so ${meaningless} cannot be changed; change filtering or lifetimes`,
    );
  }
  return natBehaviour('fullCone', { ...IDENTITY, ...NAMED[name], ...changes });
}

/** The sessions of one gateway. */
export class Firewall6 {
  readonly behaviour: NatBehaviour;
  readonly #world: World;
  readonly #name: string;
  readonly #inside: Prefix;
  /** By inner host. */
  readonly #tables = new Map<Address, NatTable>();

  /** `inside` is where the hosts it protects are. */
  constructor(world: World, name: string, inside: Prefix, behaviour: NatBehaviour) {
    this.behaviour = behaviour;
    this.#world = world;
    this.#name = name;
    this.#inside = inside;
  }

  /** Every session is forgotten, as after a power cut. */
  reboot(): void {
    this.#tables.clear();
  }

  /** A packet from inside: notes it, or says why it may not leave. */
  outbound(packet: Packet): DropReason | undefined {
    // RFC 6092 REC-5: nobody leaves with an address that is not of the inside.
    if (!prefixHolds(this.#inside, packet.source)) return 'badSource';
    if (!isRouted(packet.destination)) return 'outOfScope';
    if (isIcmp(packet) && !isQuery(this.behaviour, packet, true)) return this.#errorOut(packet);
    const table = this.#tableOf(packet.source);
    const flow = flowOf(packet, true);
    const session = table.outbound(flow, this.#world.nowMicros);
    if (typeof session === 'string') return session;
    table.note(session, flow, true, packet.flags, this.#world.nowMicros);
    return undefined;
  }

  /** A packet from outside: notes it, or says why it does not get in. */
  inbound(packet: Packet): DropReason | undefined {
    // RFC 6092 REC-6, and REC-1, REC-3 and REC-7 for groups and scopes. The prefix of examples is routed here.
    if (prefixHolds(this.#inside, packet.source)) return 'badSource';
    if (!isRouted(packet.source)) return 'outOfScope';
    if (isIcmp(packet) && !isQuery(this.behaviour, packet, false)) return this.#errorIn(packet);
    const { nowMicros } = this.#world;
    const table = this.#tables.get(packet.destination);
    if (table?.punishment.isBlocked(packet.source, nowMicros) === true) return 'natBlocked';
    const reason = table === undefined ? 'firewallNoState' : this.#admit(table, packet);
    if (reason !== undefined) table?.punishment.noteUnsolicited(packet.source, nowMicros);
    return reason;
  }

  /** Whether a packet from outside would be let in now. */
  admits(packet: Readonly<Packet>): boolean {
    const session = this.#sessionFor(packet);
    if (session === undefined) return false;
    return session.table.admits(session.found, packet.source, packet.sourcePort, this.#world.nowMicros);
  }

  #admit(table: NatTable, packet: Packet): DropReason | undefined {
    const { nowMicros } = this.#world;
    const found = this.#sessionFor(packet)?.found;
    if (found === undefined) return 'firewallNoState';
    if (!table.admits(found, packet.source, packet.sourcePort, nowMicros)) {
      table.noteRefused(found, nowMicros);
      return 'firewallFiltered';
    }
    if (!this.behaviour.tcpSimultaneousOpen && isSyn(packet)) {
      if (table.isCrossing(found, packet.source, packet.sourcePort)) return 'natTcpState';
    }
    table.note(found, flowOf(packet, false), false, packet.flags, nowMicros);
    return undefined;
  }

  #sessionFor(packet: Readonly<Packet>) {
    const { source, sourcePort, destination, destinationPort } = packet;
    const table = this.#tables.get(destination);
    const found = table?.inbound(flowProtocol(packet), 0, destinationPort, [source, sourcePort], this.#world.nowMicros);
    return table === undefined || found === undefined || typeof found === 'string' ? undefined : { table, found };
  }

  /** RFC 6092 REC-18, REC-19, REC-36, REC-37: errors about a live session pass; they neither prolong nor end it. */
  #errorIn({ quoted }: Packet): DropReason | undefined {
    if (quoted === undefined || this.behaviour.icmpErrors === 'ignore') return 'firewallIcmp';
    const { nowMicros } = this.#world;
    const table = this.#tables.get(quoted.source);
    const remote = [quoted.destination, quoted.destinationPort] as const;
    const session = table?.inbound(flowProtocol(quoted), 0, quoted.sourcePort, remote, nowMicros);
    if (table === undefined || session === undefined || typeof session === 'string') return 'firewallIcmp';
    if (!table.admits(session, quoted.destination, quoted.destinationPort, nowMicros)) return 'firewallIcmp';
    if (this.behaviour.icmpErrors === 'killMapping') table.end(session, nowMicros);
    return undefined;
  }

  /** An error of an inner host leaves when it is about a session; scans get no answer that way. */
  #errorOut({ quoted }: Packet): DropReason | undefined {
    if (quoted === undefined || this.behaviour.icmpErrors === 'ignore') return 'firewallIcmp';
    return this.#sessionFor(quoted) === undefined ? 'firewallIcmp' : undefined;
  }

  #tableOf(inner: Address): NatTable {
    let table = this.#tables.get(inner);
    if (table === undefined) {
      table = new NatTable(this.behaviour, (purpose) => this.#world.stream(`firewall:${this.#name}:${purpose}`));
      this.#tables.set(inner, table);
    }
    return table;
  }
}

function flowOf(packet: Packet, isOutbound: boolean): Flow {
  const { source, sourcePort, destination, destinationPort } = packet;
  const protocol = flowProtocol(packet);
  return isOutbound
    ? {
        protocol,
        innerAddress: source,
        innerPort: sourcePort,
        remoteAddress: destination,
        remotePort: destinationPort,
      }
    : {
        protocol,
        innerAddress: destination,
        innerPort: destinationPort,
        remoteAddress: source,
        remotePort: sourcePort,
      };
}

/** Whether an address may be seen on both sides of a site's border (RFC 4291 section 2.5.6, RFC 4193 section 4.1). */
function isRouted(address: Address): boolean {
  const range = rangeOf(address as Address6);
  return range === 'global' || range === 'documentation' || range === 'wellKnownNat64';
}

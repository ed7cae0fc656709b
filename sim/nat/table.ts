/**
 * The translation table of a NAT: which mapping a packet leaves and enters by, who is let in, and what there is room for.
 *
 * Nothing is removed by a timer: what has expired is found expired when it is asked for, and swept out when room runs short.
 * It sees endpoints and TCP flags, and rewrites no packet.
 */
import type { Address } from '../address.ts';
import { PROTOCOL } from '../packet.ts';
import type { Protocol } from '../packet.ts';
import type { RandomStream } from '../random.ts';
import type { Flow, NatBehaviour, NatDependence } from './behaviour.ts';
import { CrossTraffic } from './cross-traffic.ts';
import { ExplicitMappings, keepLeased, leaseAdmits } from './explicit.ts';
import { endSession, noteQuery, noteTcp, noteUdpIn, noteUdpOut, noteUdpRefused } from './lives.ts';
import { FlowMap, isSameFlow } from './flow-map.ts';
import { newMapping, portKey } from './mapping.ts';
import type { Mapping } from './mapping.ts';
import { PortAllocator } from './ports.ts';
import { Punishment } from './punishment.ts';
import { newSession } from './sessions.ts';
import { TcpWindows } from './tcp-window.ts';
import type { Session, Sessions } from './sessions.ts';

/** Entries after which a table is searched for expired ones, again and again. */
const PURGE_EVERY = 256;
/** The inner address of cross traffic. */
const NEIGHBOUR: Address = 0;

/** Why there is no mapping. */
export type NoMapping = 'natExhausted' | 'natRateLimited';

/** All mappings of one NAT. */
export class NatTable {
  readonly punishment: Punishment;
  /** Those that were asked for. */
  readonly explicit = new ExplicitMappings();
  readonly windows = new TcpWindows();
  readonly #behaviour: NatBehaviour;
  readonly #ports: PortAllocator;
  readonly #streamOf: (purpose: string) => RandomStream;
  readonly #crossTraffic: CrossTraffic | undefined;
  /** In the order they were made, or used where the oldest may have to go. */
  readonly #byFlow = new FlowMap<Mapping>();
  /** Several only where a port is shared: by one inner endpoint towards several remotes, or by overloading. */
  readonly #byPort = new Map<number, Mapping[]>();
  /** Flows that came in through an endpoint-dependent mapping and must leave by it. */
  readonly #inboundSessions = new FlowMap<Mapping>();
  /** By inner host, where the number of its mappings is limited. */
  readonly #byHost = new Map<Address, Set<Mapping>>();
  /** When ports in quarantine became free. */
  readonly #freedAt = new Map<number, number>();
  /** Inner endpoints that had a clash and are mapped otherwise from then on. */
  readonly #changed = new FlowMap<true>();
  /** With paired pooling: the external address of each inner host. */
  readonly #paired = new Map<Address, number>();
  #addressCount = 1;
  #sessionCount = 0;

  /** `streamOf` gives the NAT's random stream for a purpose; the same one for the same purpose. */
  constructor(behaviour: NatBehaviour, streamOf: (purpose: string) => RandomStream) {
    this.#behaviour = behaviour;
    this.#streamOf = streamOf;
    this.#ports = new PortAllocator(behaviour, streamOf('ports'));
    this.punishment = new Punishment(behaviour);
    const { crossTrafficMicros } = behaviour;
    if (crossTrafficMicros !== undefined) this.#crossTraffic = new CrossTraffic(streamOf('cross'), crossTrafficMicros);
  }

  /** One more external address to give out. */
  addAddress(): void {
    this.#addressCount += 1;
  }

  /** The mapping a packet from inside leaves by, or why there is none. */
  outbound(flow: Flow, nowMicros: number): Mapping | NoMapping {
    const asked = this.explicit.ofInner(flow.protocol, flow.innerAddress, flow.innerPort, nowMicros);
    if (asked !== undefined) return asked;
    const sessions = this.#inboundSessions;
    const session = sessions.size === 0 ? undefined : sessions.get(flow, 'addressAndPortDependent');
    if (session !== undefined && session.expiresAtMicros > nowMicros) return session;
    const known = this.#byFlow.get(flow, this.#dependenceOf(flow));
    if (known !== undefined && this.#isCurrent(known, nowMicros)) {
      if (!this.#hasRoomForSession(known, flow, nowMicros)) return 'natExhausted';
      if (this.#behaviour.whenExhausted === 'evict') this.#moveToEnd(known);
      return known;
    }
    if (known !== undefined) this.end(known, nowMicros);
    if (!this.punishment.allowsMapping(nowMicros)) return 'natRateLimited';
    this.#letNeighboursIn(nowMicros);
    if (!this.#hasRoomForSession(undefined, flow, nowMicros)) return 'natExhausted';
    return this.#create(flow, nowMicros) ?? 'natExhausted';
  }

  /** The live mapping behind an external port; of several, the one that knows the remote endpoint. Or why there is none. */
  inbound(
    protocol: Protocol,
    externalIndex: number,
    port: number,
    remote: readonly [Address, number],
    nowMicros: number,
  ): Mapping | 'natNoMapping' | 'natExpired' {
    const asked = this.explicit.ofPort(protocol, externalIndex, port, nowMicros);
    if (asked !== undefined) return asked;
    const sharing = this.#byPort.get(portKey(protocol, externalIndex, port));
    if (sharing === undefined) return 'natNoMapping';
    let found: Mapping | undefined = undefined;
    for (const mapping of sharing) {
      if (mapping.expiresAtMicros <= nowMicros) continue;
      if (mapping.sessions.get(remote[0], remote[1]) !== undefined) return mapping;
      found ??= mapping;
    }
    return found ?? 'natExpired';
  }

  /** The live mapping of an inner endpoint, whatever the remote one. */
  ofInner(protocol: Protocol, address: Address, port: number, nowMicros: number): Mapping | undefined {
    const asked = this.explicit.ofInner(protocol, address, port, nowMicros);
    if (asked !== undefined) return asked;
    return this.live(nowMicros).find(
      (mapping) => mapping.protocol === protocol && mapping.innerAddress === address && mapping.innerPort === port,
    );
  }

  /** Whether nobody but this inner endpoint has the port of the first external address. */
  isFreeFor(protocol: Protocol, inner: readonly [Address, number], port: number, nowMicros: number): boolean {
    const isOther = ({ innerAddress, innerPort, expiresAtMicros }: Mapping): boolean =>
      expiresAtMicros > nowMicros && (innerAddress !== inner[0] || innerPort !== inner[1]);
    const asked = this.explicit.ofPort(protocol, 0, port, nowMicros);
    if (asked !== undefined && isOther(asked)) return false;
    return !(this.#byPort.get(portKey(protocol, 0, port)) ?? []).some(isOther);
  }

  /** Whether the filter lets this remote endpoint in. */
  admits(mapping: Mapping, remoteAddress: Address, remotePort: number, nowMicros: number): boolean {
    if (mapping.lease?.kind === 'map') return leaseAdmits(mapping.lease.filters, remoteAddress, remotePort);
    if (this.#behaviour.filtering === 'endpointIndependent') return true;
    const isOpen = (session: Session): boolean => session.sentOut && session.admitsUntilMicros > nowMicros;
    if (this.#behaviour.filtering === 'addressAndPortDependent') {
      const session = mapping.sessions.get(remoteAddress, remotePort);
      return session !== undefined && isOpen(session);
    }
    const exact = mapping.sessions.get(remoteAddress, remotePort);
    if (exact !== undefined && isOpen(exact)) return true;
    for (const session of mapping.sessions.values()) {
      if (session.remoteAddress === remoteAddress && isOpen(session)) return true;
    }
    return false;
  }

  /** Whether a SYN from there would cross one of ours that has no answer yet. */
  isCrossing(mapping: Mapping, remoteAddress: Address, remotePort: number): boolean {
    const session = mapping.sessions.get(remoteAddress, remotePort);
    return session !== undefined && session.synOut && !session.synIn;
  }

  /** Notes a packet that passed, and prolongs the life of its mapping. */
  note(mapping: Mapping, flow: Flow, isOutbound: boolean, flags: number, nowMicros: number): void {
    if (mapping.lease?.kind === 'map') return;
    if (!isOutbound) this.#keepInboundSession(mapping, flow, nowMicros);
    if (flow.protocol === PROTOCOL.icmp) {
      noteQuery(this.#behaviour, mapping, this.#sessionWith(mapping, flow, nowMicros), { isOutbound, nowMicros });
    } else if (flow.protocol !== PROTOCOL.udp) {
      const session = this.#sessionWith(mapping, flow, nowMicros);
      noteTcp(this.#behaviour, mapping, session, isOutbound, flags, nowMicros);
    } else if (isOutbound) {
      noteUdpOut(this.#behaviour, mapping, this.#sessionWith(mapping, flow, nowMicros), nowMicros);
    } else {
      const session = mapping.sessions.get(flow.remoteAddress, flow.remotePort);
      noteUdpIn(this.#behaviour, mapping, session, nowMicros);
    }
    if (mapping.lease !== undefined) keepLeased(mapping);
  }

  /** Notes a packet that the filter kept out. */
  noteRefused(mapping: Mapping, nowMicros: number): void {
    if (mapping.protocol === PROTOCOL.udp) noteUdpRefused(this.#behaviour, mapping, nowMicros);
  }

  /** Ends a mapping, or only its session with one remote endpoint. */
  end(mapping: Mapping, nowMicros: number, remote?: readonly [Address, number]): void {
    if (mapping.lease?.kind === 'map') return;
    if (remote === undefined) {
      this.#remove(mapping, nowMicros);
      mapping.expiresAtMicros = nowMicros;
      return;
    }
    const session = mapping.sessions.get(remote[0], remote[1]);
    if (session !== undefined) endSession(mapping, session, nowMicros);
  }

  /** Live mappings, in the order they were made. */
  live(nowMicros: number): Mapping[] {
    const made = [...this.#byFlow.values()].filter(({ expiresAtMicros }) => expiresAtMicros > nowMicros);
    return this.explicit.isEmpty ? made : [...this.explicit.live(nowMicros), ...made];
  }

  /** Forgets everything, as a reboot does. */
  clear(counter: 'keep' | 'reset'): void {
    this.explicit.clear();
    this.#byFlow.clear();
    this.#byPort.clear();
    this.#inboundSessions.clear();
    this.#byHost.clear();
    this.#freedAt.clear();
    this.#changed.clear();
    this.#paired.clear();
    this.#sessionCount = 0;
    this.#ports.reset(counter);
    this.punishment.clear();
  }

  #dependenceOf(flow: Flow): NatDependence {
    const { mapping, mappingAfterClash } = this.#behaviour;
    if (mappingAfterClash === undefined) return mapping;
    return this.#changed.get(flow, 'endpointIndependent') === true ? mappingAfterClash : mapping;
  }

  #isCurrent(mapping: Mapping, nowMicros: number): boolean {
    if (mapping.expiresAtMicros <= nowMicros) return false;
    const { remapMicros } = this.#behaviour;
    return remapMicros === undefined || nowMicros - mapping.madeAtMicros < remapMicros;
  }

  #keepInboundSession(mapping: Mapping, flow: Flow, nowMicros: number): void {
    const dependence = this.#dependenceOf(flow);
    const isNeeded = this.#behaviour.inboundSession && dependence !== 'endpointIndependent';
    if (!isNeeded) return;
    if (mapping.dependence === dependence && isSameFlow(mapping.madeBy, flow, dependence)) return;
    const sessions = this.#inboundSessions;
    if (sessions.size > 0 && sessions.size % PURGE_EVERY === 0) {
      sessions.dropWhere(({ expiresAtMicros }) => expiresAtMicros <= nowMicros);
    }
    sessions.set(flow, 'addressAndPortDependent', mapping);
  }

  #letNeighboursIn(nowMicros: number): void {
    this.#crossTraffic?.advance(nowMicros, (atMicros, innerPort) => {
      const expiresAtMicros = atMicros + this.#behaviour.udpMappingMicros;
      if (expiresAtMicros <= nowMicros) {
        this.#ports.skip();
        return;
      }
      const flow = {
        protocol: PROTOCOL.udp,
        innerAddress: NEIGHBOUR,
        innerPort,
        remoteAddress: NEIGHBOUR,
        remotePort: atMicros,
      };
      const mapping = this.#create(flow, atMicros);
      if (mapping !== undefined) mapping.expiresAtMicros = expiresAtMicros;
    });
  }

  #create(flow: Flow, nowMicros: number): Mapping | undefined {
    const externalIndex = this.#addressFor(flow);
    if (!this.#hasRoomForHost(flow.innerAddress, nowMicros)) return undefined;
    const isFree = (port: number): boolean => this.#isFree(flow, externalIndex, port, nowMicros);
    this.#noteClash(flow, isFree);
    let externalPort = this.#ports.choose(flow, isFree);
    if (externalPort === undefined && this.#evict(nowMicros)) externalPort = this.#ports.choose(flow, isFree);
    if (externalPort === undefined) return undefined;
    const { protocol, innerAddress } = flow;
    const dependence = this.#dependenceOf(flow);
    if (this.#behaviour.portClash === 'override') this.#takeAway(flow, externalIndex, externalPort, nowMicros);
    const mapping = newMapping(flow, dependence, { index: externalIndex, port: externalPort }, nowMicros);
    this.#byFlow.set(flow, dependence, mapping);
    const key = portKey(protocol, externalIndex, externalPort);
    const sharing = this.#byPort.get(key);
    if (sharing === undefined) this.#byPort.set(key, [mapping]);
    else sharing.push(mapping);
    if (this.#behaviour.portsPerHostMax !== undefined) {
      const own = this.#byHost.get(innerAddress);
      if (own === undefined) this.#byHost.set(innerAddress, new Set([mapping]));
      else own.add(mapping);
    }
    return mapping;
  }

  /** Whoever else has the port has it no more. */
  #takeAway({ protocol, innerAddress, innerPort }: Flow, index: number, port: number, nowMicros: number): void {
    for (const other of [...(this.#byPort.get(portKey(protocol, index, port)) ?? [])]) {
      if (other.innerAddress !== innerAddress || other.innerPort !== innerPort) this.end(other, nowMicros);
    }
  }

  #addressFor(flow: Flow): number {
    if (this.#addressCount === 1) return 0;
    if (this.#behaviour.pooling === 'arbitrary') return this.#streamOf('pool').below(this.#addressCount);
    let index = this.#paired.get(flow.innerAddress);
    if (index === undefined) {
      index = this.#paired.size % this.#addressCount;
      this.#paired.set(flow.innerAddress, index);
    }
    return index;
  }

  #noteClash(flow: Flow, isFree: (port: number) => boolean): void {
    if (this.#behaviour.mappingAfterClash === undefined || isFree(this.#ports.preferred(flow))) return;
    this.#changed.set(flow, 'endpointIndependent', true);
  }

  #remove(mapping: Mapping, nowMicros: number): void {
    const { madeBy, dependence } = mapping;
    if (this.#byFlow.get(madeBy, dependence) === mapping) this.#byFlow.delete(madeBy, dependence);
    this.#sessionCount -= mapping.sessions.size;
    this.#byHost.get(mapping.innerAddress)?.delete(mapping);
    const key = portKey(mapping.protocol, mapping.externalIndex, mapping.externalPort);
    const left = this.#byPort.get(key)?.filter((other) => other !== mapping) ?? [];
    if (left.length > 0) {
      this.#byPort.set(key, left);
      return;
    }
    this.#byPort.delete(key);
    if (this.#behaviour.quarantineMicros > 0) this.#freedAt.set(key, Math.min(mapping.expiresAtMicros, nowMicros));
  }

  /** Whether a new mapping may have the port; throws expired ones out. */
  #isFree(flow: Flow, externalIndex: number, port: number, nowMicros: number): boolean {
    if (this.explicit.ofPort(flow.protocol, externalIndex, port, nowMicros) !== undefined) return false;
    const key = portKey(flow.protocol, externalIndex, port);
    const sharing = this.#byPort.get(key);
    if (sharing !== undefined) {
      for (const mapping of sharing) if (mapping.expiresAtMicros <= nowMicros) this.#remove(mapping, nowMicros);
    }
    const { quarantineMicros, allocation, portScope } = this.#behaviour;
    const isFresh = quarantineMicros > 0 && (this.#freedAt.get(key) ?? -Infinity) + quarantineMicros > nowMicros;
    if (isFresh && !isExempt(this.#behaviour, flow)) return false;
    const live = this.#byPort.get(key);
    if (live === undefined) return true;
    const isOwn = ({ innerAddress, innerPort }: Mapping): boolean =>
      innerAddress === flow.innerAddress && innerPort === flow.innerPort;
    if (portScope === 'remoteEndpoint') {
      return live.every(({ sessions }) => sessions.get(flow.remoteAddress, flow.remotePort) === undefined);
    }
    return (allocation === 'preserving' || allocation === 'preservingParity') && live.every(isOwn);
  }

  #hasRoomForHost(innerAddress: Address, nowMicros: number): boolean {
    const { portsPerHostMax, whenExhausted } = this.#behaviour;
    const own = this.#byHost.get(innerAddress);
    if (portsPerHostMax === undefined || own === undefined || own.size < portsPerHostMax) return true;
    for (const mapping of [...own]) if (mapping.expiresAtMicros <= nowMicros) this.#remove(mapping, nowMicros);
    if (own.size < portsPerHostMax) return true;
    if (whenExhausted !== 'evict') return false;
    for (const mapping of this.#byFlow.values()) {
      if (mapping.innerAddress !== innerAddress) continue;
      this.end(mapping, nowMicros);
      return true;
    }
    return false;
  }

  /** Whether the session table takes this flow; `mapping` is where it would go, if there is one already. */
  #hasRoomForSession(mapping: Mapping | undefined, flow: Flow, nowMicros: number): boolean {
    const { sessionsMax } = this.#behaviour;
    if (sessionsMax === undefined || this.#sessionCount < sessionsMax) return true;
    if (mapping?.sessions.get(flow.remoteAddress, flow.remotePort) !== undefined) return true;
    for (const each of [...this.#byFlow.values()]) {
      if (each.expiresAtMicros <= nowMicros) this.#remove(each, nowMicros);
      else this.#sessionCount -= dropExpired(each.sessions, nowMicros);
    }
    return this.#sessionCount < sessionsMax || this.#evict(nowMicros, mapping);
  }

  /** Throws the mapping out that was used least recently, if that is how this NAT makes room; never the one to `spare`. */
  #evict(nowMicros: number, spare?: Mapping): boolean {
    if (this.#behaviour.whenExhausted !== 'evict') return false;
    for (const oldest of this.#byFlow.values()) {
      if (oldest === spare) continue;
      this.end(oldest, nowMicros);
      return true;
    }
    return false;
  }

  #moveToEnd(mapping: Mapping): void {
    this.#byFlow.moveToEnd(mapping.madeBy, mapping.dependence);
  }

  #sessionWith(mapping: Mapping, flow: Flow, nowMicros: number): Session {
    const { sessions } = mapping;
    let session = sessions.get(flow.remoteAddress, flow.remotePort);
    if (session === undefined || session.expiresAtMicros <= nowMicros) {
      if (sessions.size > 0 && sessions.size % PURGE_EVERY === 0)
        this.#sessionCount -= dropExpired(sessions, nowMicros);
      if (sessions.get(flow.remoteAddress, flow.remotePort) === undefined) this.#sessionCount += 1;
      session = newSession(flow.remoteAddress, flow.remotePort, nowMicros);
      sessions.set(session);
    }
    return session;
  }
}

/** Gives how many went. */
function dropExpired(sessions: Sessions, nowMicros: number): number {
  const over = [...sessions.values()].filter(({ expiresAtMicros }) => expiresAtMicros <= nowMicros);
  for (const session of over) sessions.delete(session);
  return over.length;
}

/** Whether the port of a flow needs no quarantine (RFC 6888 REQ-8 A, B, C). */
function isExempt({ quarantineExempts, allocation, filtering }: NatBehaviour, { protocol }: Flow): boolean {
  return quarantineExempts.some(
    (exempt) =>
      (exempt === 'tcp' && protocol === PROTOCOL.tcp) ||
      (exempt === 'block' && allocation === 'block') ||
      (exempt === 'filtered' && filtering !== 'endpointIndependent'),
  );
}

/**
 * The translation table of a NAT: mappings, their sessions with remote endpoints, their lives, and ports.
 *
 * Nothing is removed by a timer: what has expired is found expired when it is asked for, and swept out when ports run
 * short. It sees endpoints and TCP flags, and rewrites no packet.
 */
import type { Address } from './address.ts';
import type { NatBehaviour, NatDependence } from './nat-behaviour.ts';
import { PROTOCOL, TCP_FLAG } from './packet.ts';
import type { Protocol } from './packet.ts';
import type { RandomStream } from './random.ts';

/** Entries after which a table is searched for expired ones, again and again. */
const PURGE_EVERY = 256;

/** One external port that stands for one inner endpoint. */
export type Mapping = {
  readonly protocol: Protocol;
  readonly innerAddress: Address;
  readonly innerPort: number;
  readonly externalPort: number;
  readonly key: string;
  /** By remote endpoint. */
  readonly sessions: Map<string, Session>;
  expiresAtMicros: number;
};

/** What passed between a mapping and one remote endpoint. */
export type Session = {
  readonly remoteAddress: Address;
  /** Something was sent out to it: filters open by that. */
  sentOut: boolean;
  /** TCP: SYN seen in each direction, FIN seen in each direction, or a RST. */
  synOut: boolean;
  synIn: boolean;
  finOut: boolean;
  finIn: boolean;
  reset: boolean;
  expiresAtMicros: number;
};

/** The two ends of a packet, as the table sees them. */
export type Flow = {
  readonly protocol: Protocol;
  readonly innerAddress: Address;
  readonly innerPort: number;
  readonly remoteAddress: Address;
  readonly remotePort: number;
};

/** All mappings of one NAT. */
export class NatTable {
  readonly #behaviour: NatBehaviour;
  readonly #stream: RandomStream;
  readonly #byKey = new Map<string, Mapping>();
  /**
   * Several only where one inner endpoint keeps its port towards several remotes (endpoint-dependent, preserving).
   */
  readonly #byPort = new Map<number, Mapping[]>();
  /** Flows that came in through an endpoint-dependent mapping and must leave by it. */
  readonly #inboundSessions = new Map<string, Mapping>();
  #nextPort: number;

  constructor(behaviour: NatBehaviour, stream: RandomStream) {
    this.#behaviour = behaviour;
    this.#stream = stream;
    this.#nextPort = behaviour.portMin + stream.below(behaviour.portMax - behaviour.portMin + 1);
  }

  /** The mapping a packet from inside leaves by; undefined when no port is left. */
  outbound(flow: Flow, nowMicros: number): Mapping | undefined {
    const session = this.#inboundSessions.get(flowKey(flow, 'addressAndPortDependent'));
    if (session !== undefined && session.expiresAtMicros > nowMicros) return session;
    const key = flowKey(flow, this.#behaviour.mapping);
    const known = this.#byKey.get(key);
    if (known !== undefined && known.expiresAtMicros > nowMicros) return known;
    if (known !== undefined) this.#remove(known);
    return this.#create(flow, key, nowMicros);
  }

  /** The live mapping behind an external port; of several, the one that knows the remote endpoint. */
  byPort(protocol: Protocol, port: number, remote: readonly [Address, number], nowMicros: number): Mapping | undefined {
    const sharing = this.#byPort.get(portKey(protocol, port));
    if (sharing === undefined) return undefined;
    let found: Mapping | undefined = undefined;
    for (const mapping of sharing) {
      if (mapping.expiresAtMicros <= nowMicros) continue;
      if (mapping.sessions.has(remoteKey(remote[0], remote[1]))) return mapping;
      found ??= mapping;
    }
    return found;
  }

  /** Whether the filter lets this remote endpoint in. */
  admits(mapping: Mapping, remoteAddress: Address, remotePort: number, nowMicros: number): boolean {
    if (this.#behaviour.filtering === 'endpointIndependent') return true;
    if (this.#behaviour.filtering === 'addressAndPortDependent') {
      const session = mapping.sessions.get(remoteKey(remoteAddress, remotePort));
      return session?.sentOut === true && session.expiresAtMicros > nowMicros;
    }
    for (const session of mapping.sessions.values()) {
      if (session.sentOut && session.remoteAddress === remoteAddress && session.expiresAtMicros > nowMicros)
        return true;
    }
    return false;
  }

  /** Notes a packet that passed, and prolongs the life of its mapping. */
  note(mapping: Mapping, flow: Flow, isOutbound: boolean, flags: number, nowMicros: number): void {
    if (!isOutbound) this.#keepInboundSession(mapping, flow, nowMicros);
    if (flow.protocol === PROTOCOL.udp) {
      this.#noteUdp(mapping, flow, isOutbound, nowMicros);
      return;
    }
    const session = sessionWith(mapping, flow, nowMicros);
    if (isOutbound) session.sentOut = true;
    noteTcpFlags(session, isOutbound, flags);
    const isOver = session.reset || (session.finIn && session.finOut);
    const isOpen = session.synIn && session.synOut && !isOver;
    const { tcpEstablishedMicros, tcpTransitoryMicros } = this.#behaviour;
    prolong(mapping, session, nowMicros + (isOpen ? tcpEstablishedMicros : tcpTransitoryMicros));
  }

  /** Live mappings, in the order they were made. */
  live(nowMicros: number): Mapping[] {
    return [...this.#byKey.values()].filter(({ expiresAtMicros }) => expiresAtMicros > nowMicros);
  }

  /** Forgets everything, as a reboot does. */
  clear(): void {
    this.#byKey.clear();
    this.#byPort.clear();
    this.#inboundSessions.clear();
  }

  #noteUdp(mapping: Mapping, flow: Flow, isOutbound: boolean, nowMicros: number): void {
    const expiresAtMicros = nowMicros + this.#behaviour.udpMappingMicros;
    if (isOutbound) {
      const session = sessionWith(mapping, flow, nowMicros);
      session.sentOut = true;
      prolong(mapping, session, expiresAtMicros);
    } else if (this.#behaviour.udpRefreshInbound) {
      const session = mapping.sessions.get(remoteKey(flow.remoteAddress, flow.remotePort));
      if (session !== undefined) session.expiresAtMicros = expiresAtMicros;
      mapping.expiresAtMicros = expiresAtMicros;
    }
  }

  #keepInboundSession(mapping: Mapping, flow: Flow, nowMicros: number): void {
    const isNeeded = this.#behaviour.inboundSession && this.#behaviour.mapping !== 'endpointIndependent';
    if (!isNeeded || mapping.key === flowKey(flow, this.#behaviour.mapping)) return;
    const sessions = this.#inboundSessions;
    if (sessions.size > 0 && sessions.size % PURGE_EVERY === 0) dropExpired(sessions, nowMicros);
    sessions.set(flowKey(flow, 'addressAndPortDependent'), mapping);
  }

  #create(flow: Flow, key: string, nowMicros: number): Mapping | undefined {
    const externalPort = this.#freePort(flow, nowMicros);
    if (externalPort === undefined) return undefined;
    const { protocol, innerAddress, innerPort } = flow;
    const sessions = new Map<string, Session>();
    const mapping: Mapping = {
      protocol,
      innerAddress,
      innerPort,
      externalPort,
      key,
      sessions,
      expiresAtMicros: Infinity,
    };
    this.#byKey.set(key, mapping);
    const sharing = this.#byPort.get(portKey(protocol, externalPort));
    if (sharing === undefined) this.#byPort.set(portKey(protocol, externalPort), [mapping]);
    else sharing.push(mapping);
    return mapping;
  }

  #remove(mapping: Mapping): void {
    this.#byKey.delete(mapping.key);
    const key = portKey(mapping.protocol, mapping.externalPort);
    const left = this.#byPort.get(key)?.filter((other) => other !== mapping) ?? [];
    if (left.length === 0) this.#byPort.delete(key);
    else this.#byPort.set(key, left);
  }

  #freePort(flow: Flow, nowMicros: number): number | undefined {
    const { portMin, portMax, allocation } = this.#behaviour;
    const count = portMax - portMin + 1;
    let start = this.#nextPort;
    if (allocation === 'random') start = portMin + this.#stream.below(count);
    else if (allocation === 'preserving') start = Math.min(portMax, Math.max(portMin, flow.innerPort));
    for (let tries = 0; tries < count; tries += 1) {
      const port = portMin + ((start - portMin + tries) % count);
      if (!this.#isFree(flow, port, nowMicros)) continue;
      if (allocation === 'sequential') this.#nextPort = port === portMax ? portMin : port + 1;
      return port;
    }
    return undefined;
  }

  /** Whether a new mapping may have the port; throws expired ones out. */
  #isFree(flow: Flow, port: number, nowMicros: number): boolean {
    const sharing = this.#byPort.get(portKey(flow.protocol, port));
    if (sharing === undefined) return true;
    for (const mapping of sharing) if (mapping.expiresAtMicros <= nowMicros) this.#remove(mapping);
    const live = this.#byPort.get(portKey(flow.protocol, port)) ?? [];
    const isOwn = ({ innerAddress, innerPort }: Mapping): boolean =>
      innerAddress === flow.innerAddress && innerPort === flow.innerPort;
    return live.length === 0 || (this.#behaviour.allocation === 'preserving' && live.every(isOwn));
  }
}

function newSession(remoteAddress: Address): Session {
  return {
    remoteAddress,
    sentOut: false,
    synOut: false,
    synIn: false,
    finOut: false,
    finIn: false,
    reset: false,
    expiresAtMicros: 0,
  };
}

/** A new SYN begins the session anew (RFC 5382 REQ-2: simultaneous open is a SYN each way). */
function noteTcpFlags(session: Session, isOutbound: boolean, flags: number): void {
  if ((flags & TCP_FLAG.syn) !== 0) {
    if (session.reset || (session.finIn && session.finOut)) {
      session.synIn = session.synOut = session.finIn = session.finOut = session.reset = false;
    }
    if (isOutbound) session.synOut = true;
    else session.synIn = true;
  }
  if ((flags & TCP_FLAG.fin) !== 0) {
    if (isOutbound) session.finOut = true;
    else session.finIn = true;
  }
  if ((flags & TCP_FLAG.rst) !== 0) session.reset = true;
}

function sessionWith(mapping: Mapping, flow: Flow, nowMicros: number): Session {
  const { sessions } = mapping;
  const key = remoteKey(flow.remoteAddress, flow.remotePort);
  let session = sessions.get(key);
  if (session === undefined || session.expiresAtMicros <= nowMicros) {
    if (sessions.size > 0 && sessions.size % PURGE_EVERY === 0) dropExpired(sessions, nowMicros);
    session = newSession(flow.remoteAddress);
    sessions.set(key, session);
  }
  return session;
}

/** Sets the end of a session; the mapping lives as long as its longest session. */
function prolong(mapping: Mapping, session: Session, expiresAtMicros: number): void {
  const heldMapping = session.expiresAtMicros === mapping.expiresAtMicros;
  session.expiresAtMicros = expiresAtMicros;
  if (expiresAtMicros >= mapping.expiresAtMicros || mapping.expiresAtMicros === Infinity) {
    mapping.expiresAtMicros = expiresAtMicros;
  } else if (heldMapping) {
    let latest = 0;
    for (const other of mapping.sessions.values()) latest = Math.max(latest, other.expiresAtMicros);
    mapping.expiresAtMicros = latest;
  }
}

function dropExpired(table: Map<string, { readonly expiresAtMicros: number }>, nowMicros: number): void {
  for (const [key, { expiresAtMicros }] of table) {
    if (expiresAtMicros <= nowMicros) table.delete(key);
  }
}

function flowKey(flow: Flow, dependence: NatDependence): string {
  const inner = `${flow.protocol} ${flow.innerAddress}:${flow.innerPort}`;
  if (dependence === 'endpointIndependent') return inner;
  if (dependence === 'addressDependent') return `${inner} ${flow.remoteAddress}`;
  return `${inner} ${flow.remoteAddress}:${flow.remotePort}`;
}

function remoteKey(address: Address, port: number): string {
  return `${address}:${port}`;
}

function portKey(protocol: Protocol, port: number): number {
  return (protocol << 16) | port;
}

/**
 * Records a run for those who look at it afterwards: every packet on every link, how it ended, what nodes said and did, and
 * the tables of NATs. Columns of numbers and lists of texts; drawing is somebody else's business.
 *
 * A hop is one packet on one link. `previous` chains the hops of a packet through routers and NATs. What a host sends to
 * itself crosses no link and is not seen. Use: `const recorder = recordFlight(world); ...; recorder.recording()`. It changes
 * no digest, and costs memory: about 80 bytes a hop.
 */
import { formatAddress, formatEndpoint } from '../address.ts';
import type { Address } from '../address.ts';
import { Column } from './column.ts';
import type { Mapping } from '../nat/mapping.ts';
import { MappingLives } from './mapping-lives.ts';
import type { MappingLife } from './mapping-lives.ts';
import type { NetworkInterface, PacketNode } from '../node.ts';
import { observe } from '../observer.ts';
import { PROTOCOL, isIcmp } from '../packet.ts';
import type { Packet } from '../packet.ts';
import { registryOf } from '../registry.ts';
import { TCP_STATE_NAMES } from '../tcp/states.ts';
import { DROP_REASON, TRACE_KIND, TRACE_KIND_NAMES } from '../trace-kinds.ts';
import type { TraceKind } from '../trace-kinds.ts';
import type { World } from '../world.ts';

/** What became of a hop. */
export const HOP_OUTCOME = { onTheWay: 0, delivered: 1, lostOnLink: 2, endedAtNode: 3 } as const;

/** What is special about a hop's packet: bits. */
export const HOP_MARK = { damaged: 1, copy: 2 } as const;

export type FlightOptions = {
  /** Hops and notes beyond it are counted and not kept. Default 1,000,000. */
  readonly eventsMax?: number;
  /** Bytes of payload kept from each packet. Default 48. */
  readonly payloadBytesMax?: number;
  /** Bytes of payload kept from all packets together. Default 1 MiB. */
  readonly payloadsBytesMax?: number;
};

/** All hops, in the order they were sent; columns of equal length. */
export type HopColumns = {
  readonly sentMicros: Float64Array;
  /** When it arrived or was lost; -1 while on the way. */
  readonly endMicros: Float64Array;
  /** Node numbers. */
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Hop by which the same packet had come to `from`; -1 for its first. */
  readonly previous: Int32Array;
  readonly outcome: Uint8Array;
  /** Index into `reasons`; meaningless unless the packet ended. */
  readonly reason: Uint8Array;
  /** Bits of `HOP_MARK`. */
  readonly marks: Uint8Array;
  readonly protocol: Uint8Array;
  /** TCP flags. */
  readonly flags: Uint8Array;
  readonly sizeBytes: Int32Array;
  /** Bytes the packet carries for its user. */
  readonly loadBytes: Int32Array;
  /** Indices into `endpoints`. */
  readonly source: Int32Array;
  readonly destination: Int32Array;
  /** TCP sequence and acknowledgment numbers, unsigned when read as such; ICMP type and code. */
  readonly sequence: Int32Array;
  readonly acknowledgment: Int32Array;
  /** The first bytes of the payload, in `payloads`. */
  readonly payloadAt: Int32Array;
  readonly payloadBytes: Int32Array;
};

/** What nodes said and did, in the order of the run. */
export type NoteColumns = {
  readonly timeMicros: Float64Array;
  /** -1 for what concerns no node. */
  readonly node: Int32Array;
  /** Index into `noteKinds`. */
  readonly kind: Uint8Array;
  /** Index into `texts`. */
  readonly text: Int32Array;
};

export type RecordedNode = {
  readonly name: string;
  readonly kind: 'host' | 'nat' | 'router';
  readonly addresses: readonly string[];
};

/** A run as it can be looked at. */
export type Recording = {
  readonly seed: number;
  readonly digest: string;
  readonly epochMillis: number;
  readonly endMicros: number;
  readonly nodes: readonly RecordedNode[];
  readonly endpoints: readonly string[];
  readonly reasons: readonly string[];
  readonly noteKinds: readonly string[];
  readonly texts: readonly string[];
  readonly hops: HopColumns;
  readonly notes: NoteColumns;
  readonly mappings: readonly MappingLife[];
  readonly payloads: Uint8Array;
  /** Hops and notes that did not fit. */
  readonly missedCount: number;
};

const EVENTS_MAX_DEFAULT = 1_000_000;
const PAYLOAD_BYTES_DEFAULT = 48;
const PAYLOADS_BYTES_DEFAULT = 2 ** 20;

/** Numbers for texts, in order of first appearance. */
class Texts {
  readonly list: string[] = [];
  readonly #numbers = new Map<string, number>();

  of(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.list.push(text) - 1;
      this.#numbers.set(text, number);
    }
    return number;
  }
}

/** A running recording. */
export class FlightRecorder {
  readonly #world: World;
  readonly #options: Required<FlightOptions>;
  readonly #remove: () => void;
  readonly #nodes: PacketNode[] = [];
  readonly #nodeNumbers = new Map<string, number>();
  readonly #endpoints = new Texts();
  readonly #texts = new Texts();
  /** The last hop of each packet that is somewhere. */
  readonly #hopOf = new WeakMap<Readonly<Packet>, number>();
  readonly #hops = {
    sentMicros: Column.ofFloat64(),
    endMicros: Column.ofFloat64(),
    from: Column.ofInt32(),
    to: Column.ofInt32(),
    previous: Column.ofInt32(),
    outcome: Column.ofUint8(),
    reason: Column.ofUint8(),
    marks: Column.ofUint8(),
    protocol: Column.ofUint8(),
    flags: Column.ofUint8(),
    sizeBytes: Column.ofInt32(),
    loadBytes: Column.ofInt32(),
    source: Column.ofInt32(),
    destination: Column.ofInt32(),
    sequence: Column.ofInt32(),
    acknowledgment: Column.ofInt32(),
    payloadAt: Column.ofInt32(),
    payloadBytes: Column.ofInt32(),
  };
  readonly #notes = {
    timeMicros: Column.ofFloat64(),
    node: Column.ofInt32(),
    kind: Column.ofUint8(),
    text: Column.ofInt32(),
  };
  readonly #payloads = Column.ofUint8();
  readonly #mappings = new MappingLives();
  #missedCount = 0;
  /** When a fault happened after which no table has been looked at. */
  #sweepSinceMicros: number | undefined = undefined;

  constructor(world: World, options: FlightOptions) {
    this.#world = world;
    this.#options = {
      eventsMax: options.eventsMax ?? EVENTS_MAX_DEFAULT,
      payloadBytesMax: options.payloadBytesMax ?? PAYLOAD_BYTES_DEFAULT,
      payloadsBytesMax: options.payloadsBytesMax ?? PAYLOADS_BYTES_DEFAULT,
    };
    this.#remove = observe(world, {
      onSend: (via, packet) => this.#sent(via, packet),
      onReceive: (_at, packet) => this.#arrived(packet),
      onCopy: (packet, copy) => this.#copied(packet, copy),
      onDrop: (subject, packet, code) => this.#dropped(subject, packet, code),
      onTranslate: (...told) => this.#translated(...told),
      onRecord: (kind, subject, a, b, c) => {
        if (kind === TRACE_KIND.tcpState) this.#note(kind, subject, tcpMove(a, b, c));
      },
      onText: (kind, subject, text) => {
        this.#note(kind, subject, text);
        // A NAT that starts anew forgets, but only after it has said so.
        if (kind === TRACE_KIND.fault) this.#sweepSinceMicros = world.nowMicros;
      },
    });
  }

  /** Nothing more is recorded; what there is stays. */
  stop(): void {
    this.#remove();
  }

  /** What was recorded so far; later events do not change it. */
  recording(): Recording {
    const world = this.#world;
    this.#sweep(this.#sweepSinceMicros ?? world.nowMicros);
    return {
      seed: world.seed,
      digest: world.digest(),
      epochMillis: world.epochMillis,
      endMicros: world.nowMicros,
      nodes: this.#nodes.map((node) => ({
        name: node.name,
        kind: kindOf(world, node),
        addresses: [...new Set(node.interfaces.map(({ address }) => formatAddress(address)))],
      })),
      endpoints: [...this.#endpoints.list],
      reasons: Object.keys(DROP_REASON),
      noteKinds: [...TRACE_KIND_NAMES],
      texts: [...this.#texts.list],
      hops: cut(this.#hops),
      notes: cut(this.#notes),
      mappings: this.#mappings.list(),
      payloads: this.#payloads.values(),
      missedCount: this.#missedCount,
    };
  }

  #sent(via: NetworkInterface, packet: Readonly<Packet>): void {
    const to = via.peer?.node;
    if (to === undefined || !this.#hasRoom()) {
      this.#hopOf.delete(packet);
      return;
    }
    const previous = this.#hopOf.get(packet) ?? -1;
    this.#add(packet, this.#nodeNumber(via.node), this.#nodeNumber(to), previous);
  }

  #add(packet: Readonly<Packet>, from: number, to: number, previous: number): number {
    const hops = this.#hops;
    const hasKind = isIcmp(packet);
    const hop = hops.sentMicros.push(this.#world.nowMicros);
    hops.endMicros.push(-1);
    hops.from.push(from);
    hops.to.push(to);
    hops.previous.push(previous);
    hops.outcome.push(HOP_OUTCOME.onTheWay);
    hops.reason.push(0);
    hops.marks.push(previous < 0 ? 0 : hops.marks.at(previous));
    hops.protocol.push(packet.protocol);
    hops.flags.push(packet.flags);
    hops.sizeBytes.push(packet.sizeBytes);
    hops.loadBytes.push(packet.payload.length);
    hops.source.push(this.#endpoint(packet.source, packet.sourcePort));
    hops.destination.push(this.#endpoint(packet.destination, packet.destinationPort));
    hops.sequence.push(hasKind ? packet.icmpType : packet.sequence);
    hops.acknowledgment.push(hasKind ? packet.icmpCode : packet.acknowledgment);
    this.#keepPayload(packet, previous);
    this.#hopOf.set(packet, hop);
    return hop;
  }

  /** The beginning of the payload, once for all hops of a packet. */
  #keepPayload({ payload }: Readonly<Packet>, previous: number): void {
    const { payloadAt, payloadBytes } = this.#hops;
    if (previous >= 0) {
      payloadAt.push(payloadAt.at(previous));
      payloadBytes.push(payloadBytes.at(previous));
      return;
    }
    const { payloadBytesMax, payloadsBytesMax } = this.#options;
    const room = payloadsBytesMax - this.#payloads.length;
    const kept = Math.min(payload.length, payloadBytesMax, room);
    payloadAt.push(this.#payloads.length);
    payloadBytes.push(kept);
    for (let index = 0; index < kept; index += 1) this.#payloads.push(payload[index]!);
  }

  #arrived(packet: Readonly<Packet>): void {
    const hop = this.#hopOf.get(packet);
    if (hop === undefined) return;
    this.#hops.endMicros.set(hop, this.#world.nowMicros);
    this.#hops.outcome.set(hop, HOP_OUTCOME.delivered);
    if (packet.damaged) this.#hops.marks.set(hop, this.#hops.marks.at(hop) | HOP_MARK.damaged);
  }

  #copied(packet: Readonly<Packet>, copy: Readonly<Packet>): void {
    const hop = this.#hopOf.get(packet);
    if (hop === undefined || !this.#hasRoom()) return;
    const { from, to, previous, marks } = this.#hops;
    const added = this.#add(copy, from.at(hop), to.at(hop), previous.at(hop));
    marks.set(added, marks.at(added) | HOP_MARK.copy);
  }

  #dropped(subject: number, packet: Readonly<Packet>, code: number): void {
    const hop = this.#hopOf.get(packet);
    if (hop === undefined) {
      this.#note(TRACE_KIND.drop, subject, `dropped before any link: ${Object.keys(DROP_REASON)[code] ?? code}`);
      return;
    }
    const isOnLink = this.#hops.outcome.at(hop) === HOP_OUTCOME.onTheWay;
    if (isOnLink) this.#hops.endMicros.set(hop, this.#world.nowMicros);
    this.#hops.outcome.set(hop, isOnLink ? HOP_OUTCOME.lostOnLink : HOP_OUTCOME.endedAtNode);
    this.#hops.reason.set(hop, code);
  }

  #translated(subject: number, mapping: Readonly<Mapping>, packet: Readonly<Packet>, isOutbound: boolean): void {
    const nat = this.#numberOf(subject);
    if (nat < 0) return;
    if (this.#sweepSinceMicros !== undefined) this.#sweep(this.#sweepSinceMicros);
    const remote = isOutbound
      ? endpointText(packet.destination, packet.destinationPort)
      : endpointText(packet.source, packet.sourcePort);
    const external = isOutbound ? formatAddress(packet.source) : '';
    const isNew = this.#mappings.note({ nat, mapping, remote, external, nowMicros: this.#world.nowMicros });
    if (isNew) {
      const node = registryOf(this.#world).nats.get(this.#world.trace.subjectName(subject));
      if (node !== undefined && this.#mappings.isSmall(nat)) this.#mappings.sweep(nat, node, this.#world.nowMicros);
      const inner = endpointText(mapping.innerAddress, mapping.innerPort);
      const protocol = mapping.protocol === PROTOCOL.tcp ? 'tcp' : 'udp';
      this.#note(TRACE_KIND.nat, subject, `maps ${protocol} ${inner} to port ${mapping.externalPort}`);
    }
  }

  /** Looks which mappings are gone, and says since when. */
  #sweep(goneAtMicros: number): void {
    this.#sweepSinceMicros = undefined;
    for (const [name, node] of registryOf(this.#world).nats) {
      const nat = this.#nodeNumbers.get(name);
      if (nat !== undefined) this.#mappings.sweep(nat, node, goneAtMicros);
    }
  }

  #note(kind: TraceKind, subject: number, text: string): void {
    if (!this.#hasRoom()) return;
    const node = this.#numberOf(subject);
    const name = this.#world.trace.subjectName(subject);
    this.#notes.timeMicros.push(this.#world.nowMicros);
    this.#notes.node.push(node);
    this.#notes.kind.push(kind);
    this.#notes.text.push(this.#texts.of(node < 0 && name !== '-' ? `${name}: ${text}` : text));
  }

  #hasRoom(): boolean {
    if (this.#hops.from.length + this.#notes.node.length < this.#options.eventsMax) return true;
    this.#missedCount += 1;
    return false;
  }

  #endpoint(address: Address, port: number): number {
    return this.#endpoints.of(endpointText(address, port));
  }

  #nodeNumber(node: PacketNode): number {
    let number = this.#nodeNumbers.get(node.name);
    if (number === undefined) {
      number = this.#nodes.push(node) - 1;
      this.#nodeNumbers.set(node.name, number);
    }
    return number;
  }

  /** The number of the node a trace subject stands for; -1 when it is none, like a link. */
  #numberOf(subject: number): number {
    const name = this.#world.trace.subjectName(subject);
    const known = this.#nodeNumbers.get(name);
    if (known !== undefined) return known;
    const { hosts, nats } = registryOf(this.#world);
    const node = hosts.get(name) ?? nats.get(name);
    return node === undefined ? -1 : this.#nodeNumber(node);
  }
}

/** Records a world from now on. */
export function recordFlight(world: World, options: FlightOptions = {}): FlightRecorder {
  return new FlightRecorder(world, options);
}

function kindOf(world: World, node: PacketNode): RecordedNode['kind'] {
  const { hosts, nats } = registryOf(world);
  if (hosts.has(node.name)) return 'host';
  return nats.has(node.name) ? 'nat' : 'router';
}

function endpointText(address: Address, port: number): string {
  return port === 0 ? formatAddress(address) : formatEndpoint(address, port);
}

/** A `tcpState` record as text. */
function tcpMove(ports: number, from: number, to: number): string {
  const name = (state: number): string => (TCP_STATE_NAMES as readonly string[])[state] ?? String(state);
  return `${ports >>> 16}>${ports & 0xffff} ${name(from)} to ${name(to)}`;
}

type Cut<T> = { readonly [K in keyof T]: T[K] extends Column<infer A> ? A : never };

function cut<T extends Readonly<Record<string, { values(): unknown }>>>(columns: T): Cut<T> {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column.values()])) as Cut<T>;
}

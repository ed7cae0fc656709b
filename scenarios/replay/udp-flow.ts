/** One pair of UDP endpoints: what its datagrams are, counted; whether it speaks the protocol at all. Judges nothing itself. */
import { decodePunchingDatagram, isPunchingDatagram } from '../../impl/wire/index.ts';
import { RUDP_KIND_FIRST, RUDP_KIND_LAST, RUDP_VERSION } from '../../spec/grammar/rudp-datagrams.ts';
import { readRudp, type RudpReading } from '../attach/rudp-datagrams.ts';
import { startsLikeMessage } from './dialect.ts';
import { DiscoveryWatch, userIdBytesOf } from './discovery-watch.ts';
import type { UdpFlowSummary, UdpSideSummary } from './report-model.ts';
import type { FlowTokens } from './rudp-watch.ts';
import { isoTime } from './summaries.ts';
import type { UdpFound } from './udp-rules.ts';
import { nameOf } from './wording.ts';

export type ReadDatagram =
  | { readonly kind: 'discovery'; readonly name: 'DiscoverRequest' | 'DiscoverResponse' }
  | { readonly kind: 'probe'; readonly name: string; readonly token: bigint }
  | { readonly kind: 'rudp'; readonly name: string; readonly reading: RudpReading };

/** A datagram by its first byte and layout; undefined when it is none of the tables. */
export function readAny(bytes: Uint8Array): ReadDatagram | undefined {
  if (isPunchingDatagram(bytes)) {
    const read = decodePunchingDatagram(bytes);
    if (read === undefined) return undefined;
    if (read.kind === 'Probe' || read.kind === 'ProbeAck') return { kind: 'probe', name: read.kind, token: read.token };
    return { kind: 'discovery', name: read.kind };
  }
  const kind = bytes[0] ?? 0xff;
  if (kind < RUDP_KIND_FIRST || kind > RUDP_KIND_LAST) return undefined;
  const reading = readRudp(bytes);
  return reading === undefined ? undefined : { kind: 'rudp', name: reading.name, reading };
}

/** True for a datagram that hardly any other protocol sends: a flow is ours from the first of them on. */
export function tellsProtocol(read: ReadDatagram, bytes: Uint8Array): boolean {
  if (read.kind === 'probe') return read.name === 'Probe';
  if (read.name === 'DiscoverRequest')
    return userIdBytesOf(bytes.length) !== undefined && startsLikeMessage(bytes.subarray(1));
  if (read.kind !== 'rudp') return false;
  return read.reading.numbers.version === RUDP_VERSION;
}

/** Datagrams named in the notes. */
const SHOWN_MAX = 5;
/** Tokens remembered of one flow. */
const TOKENS_MAX = 64;

class Side {
  datagrams = 0;
  bytes = 0;
  messages = 0;
  retransmissions = 0;
  undecodedDatagrams = 0;
  undecodedBytes = 0;
  readonly byKind = new Map<string, number>();
  readonly byType = new Map<string, number>();

  summary(endpoint: string): UdpSideSummary {
    const { datagrams, bytes, messages, retransmissions, undecodedDatagrams, undecodedBytes } = this;
    const byKind = Object.fromEntries([...this.byKind].sort(([, a], [, b]) => b - a));
    const byType = Object.fromEntries([...this.byType].sort(([, a], [, b]) => b - a));
    return {
      endpoint,
      datagrams,
      bytes,
      messages,
      retransmissions,
      undecodedDatagrams,
      undecodedBytes,
      byKind,
      byType,
    };
  }
}

/** One flow of ours. */
export class UdpFlow {
  readonly number: number;
  readonly discovery: DiscoveryWatch;
  readonly tokens: FlowTokens & { readonly probed: Set<bigint> } = { probed: new Set(), begun: new Set() };
  readonly notes: string[] = [];
  readonly #endpoints: readonly [string, string];
  readonly #sides: readonly [Side, Side] = [new Side(), new Side()];
  readonly #first: { readonly packet: number; readonly timeMicros: number };
  #lastMicros: number;

  constructor(
    number: number,
    endpoints: readonly [string, string],
    packet: number,
    timeMicros: number,
    found: UdpFound,
  ) {
    this.number = number;
    this.#endpoints = endpoints;
    this.#first = { packet, timeMicros };
    this.#lastMicros = timeMicros;
    this.discovery = new DiscoveryWatch(found);
  }

  side(from: string): Side {
    return this.#sides[from === this.#endpoints[0] ? 0 : 1];
  }

  /** Counts a datagram; `name` is undefined when nothing fits it. */
  count(from: string, bytes: Uint8Array, name: string | undefined, packet: number, timeMicros: number): void {
    const side = this.side(from);
    this.#lastMicros = timeMicros;
    side.datagrams += 1;
    side.bytes += bytes.length;
    if (name !== undefined) {
      side.byKind.set(name, (side.byKind.get(name) ?? 0) + 1);
      return;
    }
    side.undecodedDatagrams += 1;
    side.undecodedBytes += bytes.length;
    if (this.notes.length >= SHOWN_MAX) return;
    const start = Buffer.from(bytes.subarray(0, 8)).toString('hex');
    this.notes.push(`Packet ${packet}, ${bytes.length} bytes beginning with ${start}, is no datagram of the tables.`);
  }

  /** Counts a message that a datagram of this flow completed. */
  countMessage(from: string, type: number): void {
    const side = this.side(from);
    side.messages += 1;
    side.byType.set(nameOf(type), (side.byType.get(nameOf(type)) ?? 0) + 1);
  }

  probed(token: bigint): void {
    if (this.tokens.probed.size < TOKENS_MAX) this.tokens.probed.add(token);
  }

  summary(): UdpFlowSummary {
    const [first, second] = this.#sides;
    return {
      number: this.number,
      first: first.summary(this.#endpoints[0]),
      second: second.summary(this.#endpoints[1]),
      firstPacket: this.#first.packet,
      start: isoTime(this.#first.timeMicros),
      durationSecs: Math.max(0, this.#lastMicros - this.#first.timeMicros) / 1_000_000,
      notes: this.notes,
    };
  }
}

/**
 * What a stateful firewall remembers: which pairs of endpoints have spoken, and for how long that counts.
 *
 * Lifetimes are those of Linux (nf_conntrack): a ping or an unanswered UDP flow 30 s, a stream, which is an answered one older than two
 * seconds, 120 s; TCP 120 s while opening and closing, five days while open, 10 s after RST. TCP sequence numbers are not
 * checked, and a connection is taken up in its middle, as with `nf_conntrack_tcp_loose`.
 */
import type { Address } from '../address.ts';
import { isEchoRequest } from '../echo.ts';
import { PROTOCOL, TCP_FLAG, isIcmp, isSyn } from '../packet.ts';
import type { Packet } from '../packet.ts';

const SECOND = 1_000_000;

/** How long a flow is remembered after its last packet, by its state, in microseconds. */
export const TRACKING_MICROS = {
  echo: 30 * SECOND,
  udp: 30 * SECOND,
  udpStream: 120 * SECOND,
  tcpOpening: 120 * SECOND,
  tcpOpen: 432_000 * SECOND,
  tcpClosing: 120 * SECOND,
  tcpReset: 10 * SECOND,
} as const;

export type TrackingState = keyof typeof TRACKING_MICROS;
/** Which way a packet goes, seen from the host. */
export type Way = 'in' | 'out';

type Flow = { state: TrackingState; isAnswered: boolean; expiresAtMicros: number; streamAtMicros: number; first: Way };

/** An answered flow is a stream from this age on. */
const STREAM_MICROS = 2 * SECOND;
/** `nf_conntrack_max` of a machine with a few GiB: what is new beyond it is dropped. */
const FLOWS_MAX = 262_144;
const SWEEP_MIN = 1_024;

/** All flows of one host. */
export class ConnectionTracking {
  readonly #flows = new Map<string, Flow>();
  #sweepAt = SWEEP_MIN;

  /** Flows that count now. */
  count(nowMicros: number): number {
    this.#sweep(nowMicros);
    return this.#flows.size;
  }

  /** Whether a packet belongs to a known flow, or is an ICMP error about a packet of one; a hit refreshes the flow. */
  recognize(packet: Packet, way: Way, nowMicros: number): boolean {
    const { quoted } = packet;
    // The packet an error is about went the other way.
    if (quoted !== undefined) return this.#live(keyOf(quoted, way === 'in' ? 'out' : 'in'), nowMicros) !== undefined;
    const flow = this.#live(keyOf(packet, way), nowMicros);
    if (flow === undefined) return false;
    if (way !== flow.first) flow.isAnswered = true;
    flow.state = nextState(flow, packet, nowMicros);
    flow.expiresAtMicros = nowMicros + TRACKING_MICROS[flow.state];
    return true;
  }

  /** Remembers the flow a packet begins; false when there is no room. ICMP errors, echo replies and RST begin none. */
  begin(packet: Packet, way: Way, nowMicros: number): boolean {
    const isTcp = packet.protocol === PROTOCOL.tcp;
    if (!isTcp && packet.protocol !== PROTOCOL.udp && !isEchoRequest(packet)) return true;
    if (isTcp && (packet.flags & TCP_FLAG.rst) !== 0) return true;
    if (this.#flows.size >= this.#sweepAt) this.#sweep(nowMicros);
    if (this.#flows.size >= FLOWS_MAX) return false;
    const isFirst = (packet.flags & TCP_FLAG.syn) !== 0;
    const state = isIcmp(packet) ? 'echo' : !isTcp ? 'udp' : isFirst ? 'tcpOpening' : 'tcpOpen';
    const expiresAtMicros = nowMicros + TRACKING_MICROS[state];
    const streamAtMicros = nowMicros + STREAM_MICROS;
    this.#flows.set(keyOf(packet, way), { state, isAnswered: false, expiresAtMicros, streamAtMicros, first: way });
    return true;
  }

  clear(): void {
    this.#flows.clear();
  }

  #live(key: string, nowMicros: number): Flow | undefined {
    const flow = this.#flows.get(key);
    if (flow === undefined || flow.expiresAtMicros > nowMicros) return flow;
    this.#flows.delete(key);
    return undefined;
  }

  #sweep(nowMicros: number): void {
    for (const [key, flow] of this.#flows) if (flow.expiresAtMicros <= nowMicros) this.#flows.delete(key);
    this.#sweepAt = Math.max(SWEEP_MIN, 2 * this.#flows.size);
  }
}

function nextState(flow: Flow, packet: Packet, nowMicros: number): TrackingState {
  if (isIcmp(packet)) return 'echo';
  if (packet.protocol === PROTOCOL.udp) {
    return flow.isAnswered && nowMicros > flow.streamAtMicros ? 'udpStream' : 'udp';
  }
  const { flags } = packet;
  if ((flags & TCP_FLAG.rst) !== 0) return 'tcpReset';
  // A new SYN of the same two, and the one that crosses it.
  if (isSyn(packet)) return flow.state === 'tcpOpen' ? 'tcpOpen' : 'tcpOpening';
  if ((flags & TCP_FLAG.fin) !== 0) return 'tcpClosing';
  if (flow.state !== 'tcpOpening') return flow.state;
  return flow.isAnswered && (flags & TCP_FLAG.syn) === 0 ? 'tcpOpen' : 'tcpOpening';
}

/** The pair of endpoints, the host's own first. */
function keyOf(packet: Packet, way: Way): string {
  const { protocol, source, sourcePort, destination, destinationPort } = packet;
  return way === 'out'
    ? keyText(protocol, source, sourcePort, destination, destinationPort)
    : keyText(protocol, destination, destinationPort, source, sourcePort);
}

function keyText(protocol: number, own: Address, ownPort: number, other: Address, otherPort: number): string {
  return `${protocol} ${own} ${ownPort} ${other} ${otherPort}`;
}

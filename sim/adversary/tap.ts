/**
 * What an attacker on the path sees: the packets that enter a link, both ways, and the flows they belong to.
 *
 * It keeps copies of the latest packets and changes nothing. Packets of the attacker's own are left out, so that what is replayed
 * is not captured again. The link sees packets before it loses or delays any. Use `adversary.tap(link)`.
 */
import type { Address } from '../address.ts';
import { checkInteger } from '../errors.ts';
import type { Link } from '../link.ts';
import { PROTOCOL, TCP_FLAG, copyPacket } from '../packet.ts';
import type { Packet } from '../packet.ts';

/** One end of a flow. */
export type FlowEnd = { readonly address: Address; readonly port: number };

/** Two endpoints that talk by one protocol; `from` sent the first packet that was seen. */
export type Flow = { readonly protocol: 'tcp' | 'udp'; readonly from: FlowEnd; readonly to: FlowEnd };

/** A packet as it passed; nobody changes it any more. */
export type TappedPacket = { readonly atMicros: number; readonly packet: Readonly<Packet> };

/** What the next segment of a sender must carry to be taken. */
export type NextSegment = { readonly sequence: number; readonly acknowledgment: number; readonly window: number };

const KEPT_DEFAULT = 256;
const KEPT_MAX = 1_000_000;

/** Eyes on one link. */
export class Tap {
  readonly #captured: TappedPacket[] = [];
  readonly #flows = new Map<string, Flow>();
  readonly #next = new Map<string, NextSegment>();
  readonly #keptMax: number;
  readonly #own: number;
  readonly #removers: readonly (() => void)[];

  /**
   * @param own - Trace number of the attacker.
   * @param keptMax - Packets kept, the latest; 1 to 1,000,000.
   */
  constructor(link: Link, own: number, keptMax = KEPT_DEFAULT) {
    checkInteger('keptMax', keptMax, 1, KEPT_MAX);
    this.#own = own;
    this.#keptMax = keptMax;
    this.#removers = [link.forward, link.backward].map((direction) =>
      direction.addTap((packet, atMicros) => this.#see(packet, atMicros)),
    );
  }

  /** The latest packets, the oldest first. */
  get captured(): readonly TappedPacket[] {
    return this.#captured;
  }

  /** Every flow seen, in the order of its first packet. */
  get flows(): readonly Flow[] {
    return [...this.#flows.values()];
  }

  /** What the next segment from one end to the other carries; undefined when none was seen, or the flow is over. */
  nextSegment(from: FlowEnd, to: FlowEnd): NextSegment | undefined {
    return this.#next.get(keyOf('tcp', from, to));
  }

  remove(): void {
    for (const remover of this.#removers) remover();
  }

  #see(packet: Readonly<Packet>, atMicros: number): void {
    if (packet.origin === this.#own) return;
    this.#captured.push({ atMicros, packet: copyPacket(packet) });
    if (this.#captured.length > this.#keptMax) this.#captured.shift();
    const protocol = packet.protocol === PROTOCOL.tcp ? 'tcp' : 'udp';
    if (protocol === 'udp' && packet.protocol !== PROTOCOL.udp) return;
    const from = { address: packet.source, port: packet.sourcePort };
    const to = { address: packet.destination, port: packet.destinationPort };
    const [there, back] = [keyOf(protocol, from, to), keyOf(protocol, to, from)];
    if (protocol === 'tcp' && (packet.flags & TCP_FLAG.rst) !== 0) {
      for (const key of [there, back]) for (const map of [this.#flows, this.#next]) map.delete(key);
      return;
    }
    if (!this.#flows.has(there) && !this.#flows.has(back)) this.#flows.set(there, { protocol, from, to });
    if (protocol === 'tcp') this.#next.set(there, nextAfter(packet));
  }
}

function nextAfter({ sequence, acknowledgment, payload, flags, window }: Readonly<Packet>): NextSegment {
  const length = payload.length + (flags & TCP_FLAG.fin) + ((flags & TCP_FLAG.syn) >> 1);
  return { sequence: (sequence + length) | 0, acknowledgment, window };
}

function keyOf(protocol: string, from: FlowEnd, to: FlowEnd): string {
  return `${protocol} ${from.address}:${from.port} ${to.address}:${to.port}`;
}

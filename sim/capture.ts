/**
 * Collects the packets that pass an interface or a link, for `encodePcap`. It changes nothing and costs a copy a packet.
 *
 * Use: `const capture = captureNode(alice); ...; writeFile(name, capture.toPcap())`. At an interface packets are seen as the
 * host sends and receives them; at a link as they enter it, before anything is lost.
 */
import { usageError } from './errors.ts';
import type { Link } from './link.ts';
import type { NetworkInterface, PacketNode } from './node.ts';
import { copyPacket } from './packet.ts';
import type { Packet } from './packet.ts';
import { encodePcap } from './pcap.ts';
import type { CapturedPacket, PcapOptions } from './pcap.ts';
import type { World } from './world.ts';

/** A running capture. */
export class Capture {
  readonly packets: CapturedPacket[] = [];
  readonly #epochMillis: number;
  readonly #packetsMax: number;
  readonly #removers: (() => void)[];

  /** `taps` are called with the function that takes a packet and give their removers. */
  constructor(world: World, taps: readonly Tapper[], packetsMax: number) {
    this.#epochMillis = world.epochMillis;
    this.#packetsMax = packetsMax;
    this.#removers = taps.map((add) =>
      add((packet, atMicros) => {
        this.#take(packet, atMicros);
      }),
    );
  }

  /** No more packets are taken; those there are stay. */
  stop(): void {
    for (const remove of this.#removers) remove();
  }

  /** The packets so far as a pcap file. Timestamps are the world's wall clock. */
  toPcap(options: PcapOptions = {}): Uint8Array {
    return encodePcap(this.packets, { epochMillis: this.#epochMillis, ...options });
  }

  #take(packet: Readonly<Packet>, atMicros: number): void {
    if (this.packets.length < this.#packetsMax) this.packets.push({ atMicros, packet: copyPacket(packet) });
  }
}

type Tapper = (take: (packet: Readonly<Packet>, atMicros: number) => void) => () => void;

const PACKETS_MAX = 1_000_000;

/** Captures everything that enters or leaves the interfaces of a node. */
export function captureNode(node: PacketNode, packetsMax = PACKETS_MAX): Capture {
  if (node.interfaces.length === 0) throw usageError(`'${node.name}' has no interface to capture at`);
  return new Capture(node.world, node.interfaces.map(tapOf), packetsMax);
}

/** Captures both directions of a link as packets enter it, lost ones included. */
export function captureLink(world: World, link: Link, packetsMax = PACKETS_MAX): Capture {
  return new Capture(world, [link.forward, link.backward].map(tapOf), packetsMax);
}

function tapOf(of: Pick<NetworkInterface, 'addTap'>): Tapper {
  return (take) => of.addTap(take);
}

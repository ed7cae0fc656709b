/**
 * A limit on what a node carries over all its links together, each way on its own: a line or a token bucket with a queue
 * that drops at its tail, between the interfaces and their links.
 *
 * It comes on top of what the links themselves do. Drive: `shapeNode(host, { upBitsPerSecond: 1_000_000 })`; taps of
 * interfaces see packets before they wait on the way out and before they wait on the way in.
 */
import { checkInteger, usageError } from './errors.ts';
import type { EventTarget } from './event-queue.ts';
import { Line } from './link/line.ts';
import type { LineSettings } from './link/line.ts';
import type { NetworkInterface, PacketNode } from './node.ts';
import { packetHead, packetPorts } from './packet.ts';
import type { Packet } from './packet.ts';
import { DROP_REASON, TRACE_KIND } from './trace-kinds.ts';

export type ShapingOptions = {
  /** Away from the node. Default: no limit. */
  readonly upBitsPerSecond?: number;
  /** Towards it. Default: no limit. */
  readonly downBitsPerSecond?: number;
  /** Depth of the token bucket each way. Default 0: a plain line. */
  readonly burstBytes?: number;
  /** Bytes waiting each way at most. Default 256 KiB. */
  readonly queueBytesMax?: number;
  /** Packets that have not left yet each way at most. Default: no limit. */
  readonly queuePacketsMax?: number;
};

const QUEUE_BYTES_DEFAULT = 262_144;
const BURST_BYTES_MAX = 0x400_0000;

/**
 * Limits a node from now on; no option at all takes the limit off. Gives the shaping, which counts.
 *
 * @throws SimError `usage` - names the option, its value and the range.
 */
export function shapeNode(node: PacketNode, options: ShapingOptions): NodeShaping | undefined {
  node.shaping = Object.keys(options).length === 0 ? undefined : new NodeShaping(node, options);
  return node.shaping;
}

type Passage = { readonly packet: Packet; readonly at: NetworkInterface };

/** The aggregate of one node. */
export class NodeShaping {
  /** Packets dropped because a queue was full. */
  readonly dropped: { up: number; down: number } = { up: 0, down: 0 };
  readonly #node: PacketNode;
  readonly #up: Shaper;
  readonly #down: Shaper;

  constructor(node: PacketNode, options: ShapingOptions) {
    const { upBitsPerSecond, downBitsPerSecond } = options;
    if (upBitsPerSecond === undefined && downBitsPerSecond === undefined) {
      throw usageError('neither upBitsPerSecond nor downBitsPerSecond is given, so nothing would be limited');
    }
    this.#node = node;
    this.#up = new Shaper(node, shaperSettings('upBitsPerSecond', upBitsPerSecond, options), ({ packet, at }) => {
      at.out?.send(packet);
    });
    this.#down = new Shaper(node, shaperSettings('downBitsPerSecond', downBitsPerSecond, options), ({ packet, at }) => {
      node.receivePacket(packet, at);
    });
  }

  send(packet: Packet, via: NetworkInterface): void {
    if (!this.#up.pass({ packet, at: via })) this.#drop(packet, 'up');
  }

  receive(packet: Packet, from: NetworkInterface): void {
    if (!this.#down.pass({ packet, at: from })) this.#drop(packet, 'down');
  }

  #drop(packet: Packet, way: 'up' | 'down'): void {
    this.dropped[way] += 1;
    const { world, subject } = this.#node;
    const code = DROP_REASON.queueFull;
    world.trace.observer?.onDrop(subject, packet, code);
    world.trace.record(TRACE_KIND.drop, subject, packetHead(packet), packetPorts(packet), packet.sequence, code);
  }
}

/** One way. */
class Shaper implements EventTarget {
  readonly #node: PacketNode;
  readonly #settings: LineSettings | undefined;
  readonly #onPassed: (passage: Passage) => void;
  readonly #line = new Line();

  constructor(node: PacketNode, settings: LineSettings | undefined, onPassed: (passage: Passage) => void) {
    this.#node = node;
    this.#settings = settings;
    this.#onPassed = onPassed;
  }

  /** False when the queue is full. */
  pass(passage: Passage): boolean {
    const { world } = this.#node;
    if (this.#settings === undefined) {
      this.#onPassed(passage);
      return true;
    }
    const departMicros = this.#line.depart(world.nowMicros, passage.packet.sizeBytes, this.#settings);
    if (departMicros < 0) return false;
    // Also when it may leave at once: the event keeps packets that wait in front of it.
    world.schedule(departMicros, this, passage);
    return true;
  }

  onEvent(argument: unknown): void {
    this.#onPassed(argument as Passage);
  }
}

function shaperSettings(
  name: string,
  bitsPerSecond: number | undefined,
  options: ShapingOptions,
): LineSettings | undefined {
  const { burstBytes = 0, queueBytesMax = QUEUE_BYTES_DEFAULT, queuePacketsMax } = options;
  if (bitsPerSecond === undefined) return undefined;
  checkInteger(name, bitsPerSecond, 1, 1e12);
  checkInteger('burstBytes', burstBytes, 0, BURST_BYTES_MAX);
  checkInteger('queueBytesMax', queueBytesMax, 576, 0x7fff_ffff);
  if (queuePacketsMax !== undefined) checkInteger('queuePacketsMax', queuePacketsMax, 1, 0x7fff_ffff);
  return { bandwidthBitsPerSecond: bitsPerSecond, burstBytes, queueBytesMax, queuePacketsMax: queuePacketsMax ?? 0 };
}

/**
 * Captures every packet at every interface of a world as one pcapng file: one interface per NIC, named `host/eth0`; virtual
 * times; why a packet was dropped as a comment on it.
 *
 * A packet that is lost on a link shows where it was sent, one that a node refuses shows where it arrived. What a host sends to
 * itself crosses no interface and is not seen. A packet damaged on the way keeps its wrong checksum and says so. Use:
 * `const capture = captureWorld(world); ...; writeFile('run.pcapng', capture.toPcapng())`. It changes no digest.
 */
import { wordsOf } from '../ipv6/text.ts';
import { BLIND_OBSERVER, observe } from '../observer.ts';
import type { NetworkInterface } from '../node.ts';
import { encodePacket, encodedBytes, isInFragments, writePacket } from '../packet-bytes.ts';
import type { Packet } from '../packet.ts';
import { ByteChunks } from './byte-chunks.ts';
import {
  PACKET_HEAD_BYTES,
  joined,
  packetBlockBytes,
  packetBlockLength,
  sectionHeader,
  withComments,
  writePacketBlock,
} from './pcapng.ts';
import { registryOf } from '../registry.ts';
import { dropReasonName } from '../trace-kinds.ts';
import type { World } from '../world.ts';

export type WorldCaptureOptions = {
  /** Packets beyond it are counted and not kept. Default 512 MiB. */
  readonly bytesMax?: number;
  /** Only the interfaces of these nodes; a reader then sees each packet once. Default: all. */
  readonly nodes?: readonly string[];
};

const BYTES_MAX_DEFAULT = 512 * 2 ** 20;
/** A packet in one piece, which needs no array of its own. */
const WHOLE: readonly undefined[] = [undefined];
const DAMAGED = 'damaged on the way: the checksum is wrong';

/** A running capture of a whole world. */
export class WorldCapture {
  /** Blocks in the file; a datagram in fragments counts several times. */
  packetCount = 0;
  /** Packets that were not kept, because the capture was full. */
  missedCount = 0;
  readonly #world: World;
  readonly #bytesMax: number;
  readonly #nodes: ReadonlySet<string> | undefined;
  readonly #remove: () => void;
  readonly #interfaces = new Map<NetworkInterface, number>();
  /** Where the last block of a packet begins that is on a link, or that a NAT may still hold. */
  readonly #blockOf = new Map<Readonly<Packet>, number>();
  /** The last packet taken: most that end do so at once. */
  #lastPacket: Readonly<Packet> | undefined = undefined;
  #lastBegin = 0;
  readonly #comments = new Map<number, string[]>();
  readonly #file = new ByteChunks();
  readonly #nats: ReadonlyMap<string, unknown>;

  constructor(world: World, options: WorldCaptureOptions) {
    this.#world = world;
    this.#nats = registryOf(world).nats;
    this.#bytesMax = options.bytesMax ?? BYTES_MAX_DEFAULT;
    this.#nodes = options.nodes === undefined ? undefined : new Set(options.nodes);
    this.#remove = observe(world, {
      ...BLIND_OBSERVER,
      onSend: (via, packet) => this.#take(via, packet, false),
      onReceive: (at, packet) => this.#take(at, packet, true),
      onDrop: (subject, packet, code) => {
        this.#comment(packet, `dropped by ${world.trace.subjectName(subject)}: ${dropReasonName(code)}`);
        this.#blockOf.delete(packet);
      },
    });
  }

  /** No more packets are taken; those there are stay. */
  stop(): void {
    this.#remove();
  }

  /** The whole file. */
  toPcapng(): Uint8Array {
    const interfaces = [...this.#interfaces.keys()].map((each) => ({
      name: `${each.node.name}/eth${each.node.interfaces.indexOf(each)}`,
      address: addressBytes(each),
    }));
    const parts = [sectionHeader(`seed ${this.#world.seed}, digest ${this.#world.digest()}`, interfaces)];
    let copied = 0;
    for (const [begin, comments] of [...this.#comments].sort(([left], [right]) => left - right)) {
      const block = this.#file.from(begin, packetBlockLength(this.#file.from(begin, PACKET_HEAD_BYTES)));
      parts.push(...this.#file.between(copied, begin), withComments(block, comments));
      copied = begin + block.length;
    }
    return joined([...parts, ...this.#file.between(copied)]);
  }

  #take(at: NetworkInterface, packet: Readonly<Packet>, isInbound: boolean): void {
    if (this.#nodes?.has(at.node.name) === false) return;
    const timeMicros = this.#world.epochMillis * 1_000 + this.#world.nowMicros;
    let interfaceId = this.#interfaces.get(at);
    if (interfaceId === undefined) this.#interfaces.set(at, (interfaceId = this.#interfaces.size));
    let begin = -1;
    const { mtuBytes } = at;
    const sizeBytes = encodedBytes(packet);
    // Written where it belongs; only what goes in fragments is put together elsewhere first.
    const isWhole = !isInFragments(packet, sizeBytes, mtuBytes);
    const pieces = isWhole ? WHOLE : encodePacket(packet, mtuBytes);
    for (const piece of pieces) {
      const pieceBytes = piece?.length ?? sizeBytes;
      const blockBytes = packetBlockBytes(pieceBytes);
      if (this.#file.length + blockBytes > this.#bytesMax) {
        this.missedCount += 1;
        this.#blockOf.delete(packet);
        this.#lastPacket = undefined;
        return;
      }
      const place = this.#file.reserve(blockBytes);
      if (begin < 0) begin = place;
      const { bytes, view, at: start } = this.#file;
      writePacketBlock(view, start, { interfaceId, timeMicros, sizeBytes: pieceBytes, isInbound });
      if (piece === undefined) writePacket(packet, bytes, start + PACKET_HEAD_BYTES);
      else bytes.set(piece, start + PACKET_HEAD_BYTES);
      this.packetCount += 1;
    }
    this.#lastPacket = packet;
    this.#lastBegin = begin;
    if (!isInbound || this.#nats.has(at.node.name)) this.#blockOf.set(packet, begin);
    else this.#blockOf.delete(packet);
    if (packet.damaged) this.#comment(packet, DAMAGED);
  }

  #comment(packet: Readonly<Packet>, text: string): void {
    const begin = packet === this.#lastPacket ? this.#lastBegin : this.#blockOf.get(packet);
    if (begin === undefined) return;
    const comments = this.#comments.get(begin);
    if (comments === undefined) this.#comments.set(begin, [text]);
    else comments.push(text);
  }
}

/** Captures everything that crosses an interface of this world from now on. */
export function captureWorld(world: World, options: WorldCaptureOptions = {}): WorldCapture {
  return new WorldCapture(world, options);
}

function addressBytes({ address }: NetworkInterface): Uint8Array {
  const words = typeof address === 'string' ? wordsOf(address) : [address];
  return Uint8Array.from(words.flatMap((word) => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255]));
}

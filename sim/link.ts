/**
 * Links: two directions, each with its own delay, loss, duplication, reordering, corruption, bandwidth, MTU and script.
 *
 * A direction draws from its own named streams, one per kind of fault, so switching one fault on shifts no other draw.
 * It knows nothing of addresses or ports. Script a single packet with `dropNth(n)` or `addRule`; stop a direction with
 * `hold`/`release` (packets wait), `down`/`up` (packets are lost) or `clog` (hold for a while).
 */
import { checkInteger } from './errors.ts';
import type { EventTarget } from './event-queue.ts';
import { LossProcess, fragmentCount, linkSettings } from './link-options.ts';
import type { LinkOptions, LinkSettings } from './link-options.ts';
import { PROTOCOL, IP_HEADER_BYTES, copyPacket, packetHead, packetPorts } from './packet.ts';
import type { Packet } from './packet.ts';
import type { RandomStream } from './random.ts';
import { DROP_REASON, TRACE_KIND } from './trace-kinds.ts';
import type { DropReason } from './trace-kinds.ts';
import type { World } from './world.ts';

/** Where a direction delivers: an interface. */
export type PacketSink = { receivePacket(packet: Packet): void };

/** What a rule wants done with a packet; `pass` leaves it to the next rule and then to the link's options. */
export type Verdict = 'pass' | 'drop' | 'duplicate' | { readonly extraMicros: number };

/** `number` counts the packets of this direction from 1. The packet must not be changed. */
export type LinkRule = (packet: Readonly<Packet>, number: number) => Verdict;

/** Sees every packet that enters a direction, before anything happens to it. */
export type PacketTap = (packet: Readonly<Packet>, atMicros: number) => void;

/** Counts of one direction. */
export type LinkStatistics = {
  sentPackets: number;
  sentBytes: number;
  deliveredPackets: number;
  deliveredBytes: number;
  lostPackets: number;
  queueDroppedPackets: number;
  tooBigPackets: number;
  ruleDroppedPackets: number;
  downDroppedPackets: number;
  duplicatedPackets: number;
  reorderedPackets: number;
  corruptedPackets: number;
};

const BITS_MICROS_PER_BYTE = 8_000_000;

/** One direction of a link. */
export class LinkDirection implements EventTarget {
  readonly name: string;
  readonly statistics: LinkStatistics = emptyStatistics();
  readonly #world: World;
  readonly #target: PacketSink;
  readonly #subject: number;
  #settings: LinkSettings;
  #lossProcess: LossProcess | undefined = undefined;
  #streams: Partial<Record<'jitter' | 'duplicate' | 'reorder' | 'corrupt', RandomStream>> = {};
  #rules: LinkRule[] | undefined = undefined;
  #taps: PacketTap[] | undefined = undefined;
  #held: Packet[] | undefined = undefined;
  #isDown = false;
  /** When the line is free again, in microseconds and in parts of one (of `bandwidth` parts). */
  #freeAtMicros = 0;
  #freeAtRemainder = 0;
  #lastArrivalMicros = 0;

  constructor(world: World, name: string, target: PacketSink, options: LinkOptions) {
    this.#world = world;
    this.name = name;
    this.#target = target;
    this.#subject = world.trace.subject(name);
    this.#settings = linkSettings(options);
    this.#applySettings();
  }

  get settings(): LinkSettings {
    return this.#settings;
  }

  /** Changes some options for packets sent from now on. */
  configure(options: LinkOptions): void {
    const { bandwidthBitsPerSecond, queueBytesMax, loss, duplicate, reorder, corrupt, ...rest } = this.#settings;
    this.#settings = linkSettings({
      ...rest,
      ...(bandwidthBitsPerSecond > 0 ? { bandwidthBitsPerSecond, queueBytesMax } : {}),
      ...(loss === undefined ? {} : { loss }),
      ...(duplicate === undefined ? {} : { duplicate }),
      ...(reorder === undefined ? {} : { reorder }),
      ...(corrupt === undefined ? {} : { corrupt }),
      ...options,
    });
    this.#applySettings();
  }

  /** Adds a rule, asked before the options; the first answer other than `pass` wins. Gives its remover. */
  addRule(rule: LinkRule): () => void {
    const rules = (this.#rules ??= []);
    rules.push(rule);
    return () => {
      const index = rules.indexOf(rule);
      if (index >= 0) rules.splice(index, 1);
    };
  }

  /** Drops the packets with these numbers, counted from 1 from this call on. */
  dropNth(...numbers: readonly number[]): void {
    const first = this.statistics.sentPackets;
    const wanted = new Set(numbers);
    this.addRule((_packet, number) => (wanted.has(number - first) ? 'drop' : 'pass'));
  }

  /** Drops the first `countMax` packets that fulfil a condition. Gives the remover of the rule. */
  dropWhen(condition: (packet: Readonly<Packet>) => boolean, countMax = Infinity): () => void {
    let count = 0;
    return this.addRule((packet) => {
      if (count >= countMax || !condition(packet)) return 'pass';
      count += 1;
      return 'drop';
    });
  }

  addTap(tap: PacketTap): () => void {
    const taps = (this.#taps ??= []);
    taps.push(tap);
    return () => {
      const index = taps.indexOf(tap);
      if (index >= 0) taps.splice(index, 1);
    };
  }

  /** From now on arriving packets wait at the far end. */
  hold(): void {
    this.#held ??= [];
  }

  /** Delivers what waited, in order, now. */
  release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined) return;
    for (const packet of held) this.#world.schedule(this.#world.nowMicros, this, packet);
  }

  /** Packets waiting in a held direction. */
  get heldCount(): number {
    return this.#held?.length ?? 0;
  }

  /** Holds for that long, then releases. */
  clog(micros: number): void {
    checkInteger('micros', micros, 0, Number.MAX_SAFE_INTEGER);
    this.hold();
    this.#world.at(this.#world.nowMicros + micros, () => {
      this.release();
    });
  }

  /** From now on packets sent are lost; those in flight still arrive. */
  down(): void {
    this.#isDown = true;
  }

  up(): void {
    this.#isDown = false;
  }

  /** Takes a packet over. It arrives later, twice, changed, or never. */
  send(packet: Packet): void {
    const statistics = this.statistics;
    statistics.sentPackets += 1;
    statistics.sentBytes += packet.sizeBytes;
    if (this.#taps !== undefined) {
      for (const tap of this.#taps) tap(packet, this.#world.nowMicros);
    }
    const verdict = this.#rules === undefined ? 'pass' : this.#askRules(packet);
    if (verdict === 'drop') {
      statistics.ruleDroppedPackets += 1;
      this.#drop(packet, 'rule');
      return;
    }
    if (this.#isDown) {
      statistics.downDroppedPackets += 1;
      this.#drop(packet, 'linkDown');
      return;
    }
    const { mtuBytes } = this.#settings;
    const fragments = packet.sizeBytes <= mtuBytes ? 1 : this.#fragments(packet, mtuBytes);
    if (fragments === 0 || this.#isLost(packet, fragments)) return;
    const departMicros = this.#departure(packet, fragments);
    if (departMicros < 0) return;
    if (this.#settings.corrupt !== undefined) this.#corrupt(packet);
    const extraMicros = typeof verdict === 'object' ? verdict.extraMicros : 0;
    if (verdict === 'duplicate' || this.#chance('duplicate', this.#settings.duplicate)) {
      statistics.duplicatedPackets += 1;
      const copy = copyPacket(packet);
      this.#world.trace.observer?.onCopy(packet, copy);
      this.#arrive(copy, departMicros, extraMicros);
    }
    this.#arrive(packet, departMicros, extraMicros);
  }

  onEvent(argument: unknown): void {
    const packet = argument as Packet;
    if (this.#held !== undefined) {
      this.#held.push(packet);
      return;
    }
    this.statistics.deliveredPackets += 1;
    this.statistics.deliveredBytes += packet.sizeBytes;
    const check = packet.payloadHash ^ packet.acknowledgment ^ (packet.flags << 16) ^ packet.window;
    this.#world.trace.record(
      TRACE_KIND.deliver,
      this.#subject,
      packetHead(packet),
      packetPorts(packet),
      packet.sequence,
      check,
    );
    this.#target.receivePacket(packet);
  }

  #applySettings(): void {
    const { loss, jitterMicros, duplicate, reorder, corrupt } = this.#settings;
    const stream = (kind: string): RandomStream => this.#world.stream(`link:${this.name}:${kind}`);
    this.#lossProcess = loss === undefined ? undefined : new LossProcess(loss, stream('loss'));
    this.#streams = {
      ...(jitterMicros > 0 ? { jitter: stream('jitter') } : {}),
      ...(duplicate === undefined ? {} : { duplicate: stream('duplicate') }),
      ...(reorder === undefined ? {} : { reorder: stream('reorder') }),
      ...(corrupt === undefined ? {} : { corrupt: stream('corrupt') }),
    };
  }

  #askRules(packet: Packet): Verdict {
    for (const rule of this.#rules!) {
      const verdict = rule(packet, this.statistics.sentPackets);
      if (verdict !== 'pass') return verdict;
    }
    return 'pass';
  }

  #chance(kind: 'duplicate' | 'reorder' | 'corrupt', ratio: LinkSettings['duplicate']): boolean {
    return ratio !== undefined && this.#streams[kind]!.chance(ratio);
  }

  /** How many fragments cross the link; 0 when the packet may not be cut and is dropped. */
  #fragments(packet: Packet, mtuBytes: number): number {
    if (packet.protocol === PROTOCOL.udp) return fragmentCount(packet.sizeBytes, mtuBytes);
    this.statistics.tooBigPackets += 1;
    this.#drop(packet, 'tooBig');
    return 0;
  }

  /** One lost fragment loses the datagram. */
  #isLost(packet: Packet, fragments: number): boolean {
    if (this.#lossProcess === undefined) return false;
    let lost = false;
    for (let index = 0; index < fragments; index += 1) lost = this.#lossProcess.draw() || lost;
    if (!lost) return false;
    this.statistics.lostPackets += 1;
    this.#drop(packet, 'loss');
    return true;
  }

  /** When the last bit has left, or -1 when the queue is full. */
  #departure(packet: Packet, fragments: number): number {
    const { bandwidthBitsPerSecond: bandwidth, queueBytesMax } = this.#settings;
    const now = this.#world.nowMicros;
    if (bandwidth === 0) return now;
    const sizeBytes = packet.sizeBytes + (fragments - 1) * IP_HEADER_BYTES;
    if (this.#freeAtMicros < now) {
      this.#freeAtMicros = now;
      this.#freeAtRemainder = 0;
    }
    const waitingBytes = Math.floor(((this.#freeAtMicros - now) * bandwidth) / BITS_MICROS_PER_BYTE);
    if (waitingBytes > 0 && waitingBytes + sizeBytes > queueBytesMax) {
      this.statistics.queueDroppedPackets += 1;
      this.#drop(packet, 'queueFull');
      return -1;
    }
    const parts = sizeBytes * BITS_MICROS_PER_BYTE + this.#freeAtRemainder;
    this.#freeAtMicros += Math.floor(parts / bandwidth);
    this.#freeAtRemainder = parts % bandwidth;
    return this.#freeAtRemainder > 0 ? this.#freeAtMicros + 1 : this.#freeAtMicros;
  }

  #corrupt(packet: Packet): void {
    const corrupt = this.#settings.corrupt!;
    if (!this.#chance('corrupt', corrupt.ratio)) return;
    this.statistics.corruptedPackets += 1;
    if (!corrupt.undetected || packet.payload.length === 0) {
      packet.damaged = true;
      return;
    }
    const stream = this.#streams.corrupt!;
    const payload = packet.payload.slice();
    const index = stream.below(payload.length);
    payload[index] = payload[index]! ^ (1 << stream.below(8));
    packet.payload = payload;
    packet.payloadHash ^= 1 + index;
  }

  #arrive(packet: Packet, departMicros: number, extraMicros: number): void {
    const { delayMicros, jitterMicros, reorder } = this.#settings;
    let arrival = departMicros + delayMicros + extraMicros;
    if (jitterMicros > 0) arrival += this.#streams.jitter!.below(jitterMicros + 1);
    if (reorder !== undefined && this.#chance('reorder', reorder.ratio)) {
      this.statistics.reorderedPackets += 1;
      arrival += 1 + this.#streams.reorder!.below(reorder.extraMicros);
    } else if (extraMicros === 0) {
      // Jitter alone never lets a packet overtake another: only `reorder` and rules do.
      if (arrival < this.#lastArrivalMicros) arrival = this.#lastArrivalMicros;
      this.#lastArrivalMicros = arrival;
    }
    this.#world.schedule(arrival, this, packet);
  }

  #drop(packet: Packet, reason: DropReason): void {
    this.#world.trace.observer?.onDrop(this.#subject, packet, DROP_REASON[reason]);
    this.#world.trace.record(
      TRACE_KIND.drop,
      this.#subject,
      packetHead(packet),
      packetPorts(packet),
      packet.sequence,
      DROP_REASON[reason],
    );
  }
}

/** A link: two directions under one name. */
export class Link {
  readonly name: string;
  /** From the first end to the second. */
  readonly forward: LinkDirection;
  readonly backward: LinkDirection;

  constructor(world: World, name: string, ends: readonly [PacketSink, PacketSink], options: LinkPairOptions) {
    this.name = name;
    const { forward, backward, ...both } = options;
    this.forward = new LinkDirection(world, `${name}:forward`, ends[1], { ...both, ...forward });
    this.backward = new LinkDirection(world, `${name}:backward`, ends[0], { ...both, ...backward });
  }

  hold(): void {
    this.forward.hold();
    this.backward.hold();
  }

  release(): void {
    this.forward.release();
    this.backward.release();
  }

  clog(micros: number): void {
    this.forward.clog(micros);
    this.backward.clog(micros);
  }

  down(): void {
    this.forward.down();
    this.backward.down();
  }

  up(): void {
    this.forward.up();
    this.backward.up();
  }

  configure(options: LinkOptions): void {
    this.forward.configure(options);
    this.backward.configure(options);
  }
}

/** Options of both directions, and what differs in one of them. */
export type LinkPairOptions = LinkOptions & { readonly forward?: LinkOptions; readonly backward?: LinkOptions };

function emptyStatistics(): LinkStatistics {
  return {
    sentPackets: 0,
    sentBytes: 0,
    deliveredPackets: 0,
    deliveredBytes: 0,
    lostPackets: 0,
    queueDroppedPackets: 0,
    tooBigPackets: 0,
    ruleDroppedPackets: 0,
    downDroppedPackets: 0,
    duplicatedPackets: 0,
    reorderedPackets: 0,
    corruptedPackets: 0,
  };
}

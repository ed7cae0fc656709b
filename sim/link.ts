/**
 * Links: two directions, each with its own delay, loss, damage, duplication, reordering, bandwidth, MTU and script.
 *
 * A direction draws from its own named streams, one per kind of fault, so switching one fault on shifts no other draw.
 * It knows nothing of addresses or ports. Script a single packet with `dropNth(n)` or `addRule`; stop a direction with
 * `hold`/`release` (packets wait), `down`/`up` (packets are lost) or `clog` (hold for a while). The parts are in `link/`:
 * options in `link-options.ts`, loss, delay, damage, line, CoDel.
 */
import { checkInteger } from './errors.ts';
import { Lane } from './event-queue.ts';
import type { EventTarget } from './event-queue.ts';
import { changedOptions, fragmentCount, fragmentCount6, linkSettings } from './link-options.ts';
import type { LinkOptions, LinkSettings } from './link-options.ts';
import { CodelLine, markCongestion } from './link/codel-queue.ts';
import type { QueueOwner } from './link/codel-queue.ts';
import { EvictLine } from './link/evict-line.ts';
import type { EvictOwner } from './link/evict-line.ts';
import { corruptPacket, truncatePacket } from './link/damage.ts';
import { DelaySource } from './link/delay.ts';
import { Line } from './link/line.ts';
import { LossProcess } from './link/loss.ts';
import { addTo, askRules, blockRule, conditionRule, nthRule } from './link/script.ts';
import type { LinkRule, PacketTap, Verdict } from './link/script.ts';
import { emptyStatistics } from './link/statistics.ts';
import type { LinkStatistics } from './link/statistics.ts';
import { PROTOCOL, copyPacket, ipHeaderBytes, packetHead, packetPorts } from './packet.ts';
import type { Packet } from './packet.ts';
import type { RandomStream } from './random.ts';
import { DROP_REASON, TRACE_KIND } from './trace-kinds.ts';
import type { DropReason } from './trace-kinds.ts';
import type { World } from './world.ts';

/** Where a direction delivers: an interface. */
export type PacketSink = { receivePacket(packet: Packet): void };

/** Who decides when what has arrived gets on. */
export type PacketKeeper = { keep(packet: Packet, direction: LinkDirection): void };

/** The draws of one direction that need no state of their own. */
type Draws = Readonly<Record<'jitter' | 'duplicate' | 'reorder' | 'corrupt' | 'truncate', RandomStream | undefined>>;

const NO_DRAWS: Draws = {
  jitter: undefined,
  duplicate: undefined,
  reorder: undefined,
  corrupt: undefined,
  truncate: undefined,
};

/** One direction of a link. */
export class LinkDirection implements EventTarget, QueueOwner, EvictOwner {
  readonly name: string;
  readonly statistics: LinkStatistics = emptyStatistics();
  readonly #world: World;
  readonly #target: PacketSink;
  readonly #subject: number;
  readonly #line = new Line();
  #options: LinkOptions;
  #settings: LinkSettings;
  #lossProcess: LossProcess | undefined = undefined;
  #delaySource: DelaySource | undefined = undefined;
  #codelLine: CodelLine | undefined = undefined;
  #evictLine: EvictLine | undefined = undefined;
  #streams: Draws = NO_DRAWS;
  #rules: LinkRule[] | undefined = undefined;
  #taps: PacketTap[] | undefined = undefined;
  #held: Packet[] | undefined = undefined;
  #keeper: PacketKeeper | undefined = undefined;
  #isDown = false;
  #lastArrivalMicros = 0;
  /** What is under way in order. */
  readonly #lane = new Lane();

  constructor(world: World, name: string, target: PacketSink, options: LinkOptions) {
    this.#world = world;
    this.name = name;
    this.#target = target;
    this.#subject = world.trace.subject(name);
    this.#options = options;
    this.#settings = linkSettings(options);
    this.#applySettings();
  }

  get settings(): LinkSettings {
    return this.#settings;
  }

  /** Changes some options for packets sent from now on. */
  configure(options: LinkOptions): void {
    this.#options = changedOptions(this.#options, options);
    this.#settings = linkSettings(this.#options);
    this.#applySettings();
  }

  /** Adds a rule, asked before the options; the first answer other than `pass` wins. Gives its remover. */
  addRule(rule: LinkRule): () => void {
    return addTo((this.#rules ??= []), rule);
  }

  /** Drops the packets with these numbers, counted from 1 from this call on. */
  dropNth(...numbers: readonly number[]): void {
    this.addRule(nthRule(this.statistics.sentPackets, numbers));
  }

  /** Drops `count` packets in a row, the first one counted from 1 from this call on. */
  dropBlock(firstNumber: number, count: number): void {
    this.addRule(blockRule(this.statistics.sentPackets + firstNumber, count));
  }

  /** Drops the first `countMax` packets that fulfil a condition. Gives the remover of the rule. */
  dropWhen(condition: (packet: Readonly<Packet>) => boolean, countMax = Infinity): () => void {
    return this.addRule(conditionRule(condition, countMax));
  }

  addTap(tap: PacketTap): () => void {
    return addTo((this.#taps ??= []), tap);
  }

  /** From now on arriving packets wait at the far end. */
  hold(): void {
    this.#held ??= [];
  }

  /** Delivers what waited, in order, now. */
  release(): void {
    const held = this.#held;
    if (held === undefined || this.#keeper !== undefined) return;
    this.#held = undefined;
    for (const packet of held) this.#world.schedule(this.#world.nowMicros, this, packet);
  }

  /** From now on arriving packets are given to a keeper, who may `deliver` or `discard` each of them, whenever it likes. */
  giveTo(keeper: PacketKeeper): void {
    this.#keeper = keeper;
    this.hold();
  }

  /** Packets waiting in a held direction. */
  get heldCount(): number {
    return this.#held?.length ?? 0;
  }

  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /** Packets in a queue that is managed (CoDel, random eviction), before the line. */
  get queuedCount(): number {
    return (this.#codelLine?.waitingCount ?? 0) + (this.#evictLine?.waitingCount ?? 0);
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
    const verdict = this.#rules === undefined ? 'pass' : askRules(this.#rules, packet, statistics.sentPackets);
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
    if (this.#settings.line === undefined) this.onDepart(packet, verdict, this.#world.nowMicros);
    else this.#queue(packet, verdict, packet.sizeBytes + (fragments - 1) * ipHeaderBytes(packet.source));
  }

  /** The packet gets through the queue; its last bit leaves at that time. */
  onDepart(packet: Packet, verdict: Verdict, departMicros: number): void {
    const { corrupt, truncate, duplicate } = this.#settings;
    if (corrupt !== undefined && this.#streams.corrupt!.chance(corrupt.ratio)) {
      this.statistics.corruptedPackets += 1;
      corruptPacket(packet, corrupt.undetected, this.#streams.corrupt!);
    }
    if (truncate !== undefined && this.#streams.truncate!.chance(truncate.ratio)) {
      if (truncatePacket(packet, truncate.undetected, this.#streams.truncate!)) this.statistics.truncatedPackets += 1;
    }
    const extraMicros = typeof verdict === 'object' ? verdict.extraMicros : 0;
    if (verdict === 'duplicate' || (duplicate !== undefined && this.#streams.duplicate!.chance(duplicate))) {
      this.statistics.duplicatedPackets += 1;
      const copy = copyPacket(packet);
      this.#world.trace.observer?.onCopy(packet, copy);
      this.#arrive(copy, departMicros, extraMicros);
    }
    this.#arrive(packet, departMicros, extraMicros);
  }

  onCodelDrop(packet: Packet): void {
    this.statistics.codelDroppedPackets += 1;
    this.#drop(packet, 'codel');
  }

  onMark(): void {
    this.statistics.markedPackets += 1;
  }

  onEvict(packet: Packet): void {
    this.statistics.queueDroppedPackets += 1;
    this.#drop(packet, 'queueEvicted');
  }

  onEvent(argument: unknown): void {
    const packet = argument as Packet;
    if (this.#held === undefined) this.deliver(packet);
    else if (this.#keeper === undefined) this.#held.push(packet);
    else this.#keeper.keep(packet, this);
  }

  /** Lets a packet that was kept be lost. */
  discard(packet: Packet): void {
    this.statistics.ruleDroppedPackets += 1;
    this.#drop(packet, 'rule');
  }

  /** The far end gets a packet that has arrived. */
  deliver(packet: Packet): void {
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
    const { loss, delay, jitterMicros, duplicate, reorder, corrupt, truncate } = this.#settings;
    const stream = (kind: string): RandomStream => this.#world.stream(`link:${this.name}:${kind}`);
    this.#lossProcess = loss === undefined ? undefined : new LossProcess(loss, stream('loss'));
    this.#delaySource = delay === undefined ? undefined : new DelaySource(delay, stream('delay'));
    this.#streams = {
      jitter: jitterMicros > 0 ? stream('jitter') : undefined,
      duplicate: duplicate && stream('duplicate'),
      reorder: reorder && stream('reorder'),
      corrupt: corrupt && stream('corrupt'),
      truncate: truncate && stream('truncate'),
    };
    const { line, codel, mtuBytes, whenFull } = this.#settings;
    if (line !== undefined && whenFull === 'random') {
      if (this.#evictLine === undefined) this.#evictLine = new EvictLine(this.#world, this, line, stream('evict'));
      else this.#evictLine.configure(line);
    }
    if (line === undefined || codel === undefined) return;
    if (this.#codelLine === undefined) this.#codelLine = new CodelLine(this.#world, this, line, codel, mtuBytes);
    else this.#codelLine.configure(line);
  }

  /** How many fragments cross the link; 0 when the packet may not be cut and is dropped. */
  #fragments(packet: Packet, mtuBytes: number): number {
    const isSix = typeof packet.source === 'string';
    if (isSix && packet.nextHopMtu > 0 && packet.nextHopMtu <= mtuBytes) {
      return fragmentCount6(packet.sizeBytes, packet.nextHopMtu);
    }
    if (packet.protocol === PROTOCOL.udp && !isSix && this.#settings.tooBig === 'fragment') {
      return fragmentCount(packet.sizeBytes, mtuBytes);
    }
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

  /** Through the line, or not. */
  #queue(packet: Packet, verdict: Verdict, sizeBytes: number): void {
    const { line, markAboveBytes } = this.#settings;
    const now = this.#world.nowMicros;
    if (this.#codelLine !== undefined) {
      if (!this.#codelLine.push(packet, sizeBytes, verdict)) this.#dropAtTail(packet);
      return;
    }
    if (this.#evictLine !== undefined) {
      this.#evictLine.push(packet, sizeBytes, verdict);
      return;
    }
    const isLong = markAboveBytes !== Infinity && this.#line.waitingBytes(now, line!) > markAboveBytes;
    const departMicros = this.#line.depart(now, sizeBytes, line!);
    if (departMicros < 0) {
      this.#dropAtTail(packet);
      return;
    }
    if (isLong && markCongestion(packet)) this.onMark();
    this.onDepart(packet, verdict, departMicros);
  }

  #dropAtTail(packet: Packet): void {
    this.statistics.queueDroppedPackets += 1;
    this.#drop(packet, 'queueFull');
  }

  #arrive(packet: Packet, departMicros: number, extraMicros: number): void {
    const { delayMicros, jitterMicros, overtaking, reorder } = this.#settings;
    let arrival = departMicros + extraMicros;
    arrival += this.#delaySource === undefined ? delayMicros : this.#delaySource.draw();
    if (jitterMicros > 0) arrival += this.#streams.jitter!.below(jitterMicros + 1);
    if (reorder !== undefined && this.#streams.reorder!.chance(reorder.ratio)) {
      this.statistics.reorderedPackets += 1;
      arrival += 1 + this.#streams.reorder!.below(reorder.extraMicros);
    } else if (extraMicros === 0 && !overtaking) {
      // Jitter alone never lets a packet overtake another: only `reorder`, `overtaking` and rules do.
      if (arrival < this.#lastArrivalMicros) arrival = this.#lastArrivalMicros;
      this.#lastArrivalMicros = arrival;
      this.#world.scheduleInLane(this.#lane, arrival, this, packet);
      return;
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
    this.forward = new LinkDirection(world, `${name}:forward`, ends[1], changedOptions(both, forward ?? {}));
    this.backward = new LinkDirection(world, `${name}:backward`, ends[0], changedOptions(both, backward ?? {}));
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

/**
 * A line with a queue that CoDel manages: packets wait, and what leaves is decided when the line is free.
 *
 * Unlike `Line` it keeps the packets and needs an event per departure. Tail drop still applies at its limits. Given a packet
 * by `push`, it calls `onDepart` when the first bit leaves, with the time of the last one.
 */
import type { EventTarget } from '../event-queue.ts';
import { ECN } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { World } from '../world.ts';
import { Codel } from './codel.ts';
import type { CodelQueue, CodelSettings } from './codel.ts';
import { Line } from './line.ts';
import type { LineSettings } from './line.ts';
import type { Verdict } from './script.ts';

/** A packet on its way through a queue. */
export type QueuedPacket = {
  readonly packet: Packet;
  /** On the line, headers of fragments included. */
  readonly sizeBytes: number;
  /** What the script said of it. */
  readonly verdict: Verdict;
  readonly enqueuedMicros: number;
};

/** Who gets the packets that leave, and the news of those that do not. */
export type QueueOwner = {
  onDepart(packet: Packet, verdict: Verdict, departMicros: number): void;
  onCodelDrop(packet: Packet): void;
  onMark(): void;
};

/** The queue of one direction. */
export class CodelLine implements CodelQueue<QueuedPacket>, EventTarget {
  readonly #world: World;
  readonly #owner: QueueOwner;
  readonly #codel: Codel<QueuedPacket>;
  readonly #line = new Line();
  #limits: LineSettings;
  /** The same without a limit in packets, which is kept here. */
  #rate: LineSettings;
  #waiting: QueuedPacket[] = [];
  #head = 0;
  #isSending = false;
  bytes = 0;

  constructor(world: World, owner: QueueOwner, limits: LineSettings, codel: CodelSettings, packetBytesMax: number) {
    this.#world = world;
    this.#owner = owner;
    this.#codel = new Codel(codel, packetBytesMax);
    this.#limits = limits;
    this.#rate = { ...limits, queuePacketsMax: 0 };
  }

  /** Packets in the queue. */
  get waitingCount(): number {
    return this.#waiting.length - this.#head;
  }

  /** Another speed or other limits, for packets that have not left yet. */
  configure(limits: LineSettings): void {
    this.#limits = limits;
    this.#rate = { ...limits, queuePacketsMax: 0 };
  }

  /** Takes a packet; false when the queue is full. */
  push(packet: Packet, sizeBytes: number, verdict: Verdict): boolean {
    const { queueBytesMax, queuePacketsMax } = this.#limits;
    const count = this.waitingCount;
    if (count > 0 && this.bytes + sizeBytes > queueBytesMax) return false;
    if (queuePacketsMax > 0 && count + (this.#isSending ? 1 : 0) >= queuePacketsMax) return false;
    this.#waiting.push({ packet, sizeBytes, verdict, enqueuedMicros: this.#world.nowMicros });
    this.bytes += sizeBytes;
    if (!this.#isSending) this.#sendNext(this.#world.nowMicros);
    return true;
  }

  /** The line is free. */
  onEvent(): void {
    this.#isSending = false;
    // The last packet ended a part of a microsecond ago; the next one begins there, so that the rate is exact.
    this.#sendNext(this.#line.freeMicros(this.#world.nowMicros));
  }

  shift(): QueuedPacket | undefined {
    const entry = this.#waiting[this.#head];
    if (entry === undefined) return undefined;
    this.#head += 1;
    this.bytes -= entry.sizeBytes;
    if (this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return entry;
  }

  drop(entry: QueuedPacket): void {
    this.#owner.onCodelDrop(entry.packet);
  }

  mark({ packet }: QueuedPacket): boolean {
    if (!markCongestion(packet)) return false;
    this.#owner.onMark();
    return true;
  }

  #sendNext(beginMicros: number): void {
    const now = this.#world.nowMicros;
    const entry = this.#codel.dequeue(this, now);
    if (entry === undefined) return;
    const departMicros = Math.max(now, this.#line.depart(beginMicros, entry.sizeBytes, this.#rate));
    this.#isSending = true;
    this.#world.schedule(departMicros, this, undefined);
    this.#owner.onDepart(entry.packet, entry.verdict, departMicros);
  }
}

/** Sets "congestion experienced" in a packet that can carry it (RFC 3168 section 5); false when it cannot. */
export function markCongestion(packet: Packet): boolean {
  if (packet.ecn === ECN.notCapable) return false;
  packet.ecn = ECN.congestion;
  return true;
}

/**
 * A line with a queue that makes room at random: when a packet finds it full, one of those that wait, or the newcomer, is
 * drawn and dropped, each with the same chance. So a burst of one flow loses packets of that flow for the most part, while a
 * queue that drops at its tail hits whoever comes last.
 *
 * Like `codel-queue.ts` it keeps the packets and needs an event per departure. What is on the line already is safe.
 */
import type { EventTarget } from '../event-queue.ts';
import type { Packet } from '../packet.ts';
import type { RandomStream } from '../random.ts';
import type { World } from '../world.ts';
import { Line } from './line.ts';
import type { LineSettings } from './line.ts';
import type { Verdict } from './script.ts';

type Waiting = { readonly packet: Packet; readonly sizeBytes: number; readonly verdict: Verdict };

/** Who gets the packets that leave, and the news of those that do not. */
export type EvictOwner = {
  onDepart(packet: Packet, verdict: Verdict, departMicros: number): void;
  onEvict(packet: Packet): void;
};

/** The queue of one direction. */
export class EvictLine implements EventTarget {
  readonly #world: World;
  readonly #owner: EvictOwner;
  readonly #stream: RandomStream;
  readonly #line = new Line();
  readonly #waiting: Waiting[] = [];
  #limits: LineSettings;
  #waitingBytes = 0;
  #isSending = false;

  constructor(world: World, owner: EvictOwner, limits: LineSettings, stream: RandomStream) {
    this.#world = world;
    this.#owner = owner;
    this.#limits = limits;
    this.#stream = stream;
  }

  /** Packets in the queue. */
  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Another speed or other limits, for packets that have not left yet. */
  configure(limits: LineSettings): void {
    this.#limits = limits;
  }

  /** Takes a packet; others, or this one, may have to go for it. */
  push(packet: Packet, sizeBytes: number, verdict: Verdict): void {
    this.#waiting.push({ packet, sizeBytes, verdict });
    this.#waitingBytes += sizeBytes;
    if (!this.#isSending) this.#sendNext(this.#world.nowMicros);
    // One that waits alone is always taken, however large it is, as by a queue that drops at its tail.
    while (this.#isTooFull()) this.#evict(this.#stream.below(this.#waiting.length));
  }

  /** The line is free. */
  onEvent(): void {
    this.#isSending = false;
    this.#sendNext(this.#line.freeMicros(this.#world.nowMicros));
  }

  #isTooFull(): boolean {
    const { queueBytesMax, queuePacketsMax } = this.#limits;
    const count = this.#waiting.length;
    if (count > 1 && this.#waitingBytes > queueBytesMax) return true;
    return queuePacketsMax > 0 && count > 0 && count + (this.#isSending ? 1 : 0) > queuePacketsMax;
  }

  #evict(index: number): void {
    const [victim] = this.#waiting.splice(index, 1);
    this.#waitingBytes -= victim!.sizeBytes;
    this.#owner.onEvict(victim!.packet);
  }

  #sendNext(beginMicros: number): void {
    const next = this.#waiting.shift();
    if (next === undefined) return;
    this.#waitingBytes -= next.sizeBytes;
    const limits = { ...this.#limits, queuePacketsMax: 0 };
    const departMicros = Math.max(this.#world.nowMicros, this.#line.depart(beginMicros, next.sizeBytes, limits));
    this.#isSending = true;
    this.#world.schedule(departMicros, this, undefined);
    this.#owner.onDepart(next.packet, next.verdict, departMicros);
  }
}

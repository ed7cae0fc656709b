/**
 * Lets a chooser decide in which order packets arrive in a world, and which of them are lost, doubled or late.
 *
 * Packets that arrive at a controlled direction of a link wait in a pool. A moment later, long enough for an answer to come
 * back and wait beside them, one of the pool is chosen and delivered; then the next, until the pool is empty. A fault takes
 * one of a small number: a packet is lost, arrives twice, or comes back into the pool after so long that timers fire before.
 * Only the first packets are chosen among: those before the window, and all after it, arrive as they come. Everything else
 * (timers, what programs do) happens at its time. Use: `new Arena(world, limits, chooser)`, then `control(direction, site)`.
 */
import { packetText, copyPacket, registryOf } from '../../sim/index.ts';
import type { LinkDirection, Packet, PacketKeeper, World } from '../../sim/index.ts';
import type { Alternative, Chooser } from './choice-tree.ts';

export const FAULT_KINDS = ['lose', 'duplicate', 'late'] as const;
export type PacketFault = (typeof FAULT_KINDS)[number];

/** How large the space is. */
export type ScheduleLimits = {
  /** Packets that pass before choosing begins. */
  readonly skipPackets: number;
  /** Packets that are chosen among. */
  readonly packetsMax: number;
  readonly faultsMax: number;
  readonly faults: readonly PacketFault[];
  /** `any`, or `fifo`: of one direction only the oldest may be next. */
  readonly order: 'any' | 'fifo';
  /** From an arrival or a delivery to the next choice; longer than an answer needs. */
  readonly settleMicros: number;
  /** How much later a late packet arrives. */
  readonly lateMicros: number;
};

type Waiting = {
  readonly id: number;
  readonly packet: Packet;
  readonly direction: LinkDirection;
  readonly site: string;
};

type Move = Alternative & { readonly what: 'deliver' | PacketFault; readonly waiting: Waiting };

/** Where packets wait to be chosen. */
export class Arena implements PacketKeeper {
  readonly limits: ScheduleLimits;
  readonly #world: World;
  readonly #chooser: Chooser;
  readonly #sites = new Map<LinkDirection, string>();
  #pool: Waiting[] = [];
  #seenCount = 0;
  #faultsLeft: number;
  #isChoosing = false;
  #accepts: (packet: Readonly<Packet>) => boolean = () => true;

  constructor(world: World, limits: ScheduleLimits, chooser: Chooser) {
    this.#world = world;
    this.#chooser = chooser;
    this.limits = limits;
    this.#faultsLeft = limits.faultsMax;
  }

  /** Takes a direction over. What arrives there reaches `site` and nothing else. */
  control(direction: LinkDirection, site: string): void {
    if (this.#sites.has(direction)) return;
    this.#sites.set(direction, site);
    direction.giveTo(this);
  }

  /** The ways from a router to everything that hangs on it; sites are what hangs there. Those made later need another call. */
  controlAllFrom(router: string): void {
    for (const { name, backward } of registryOf(this.#world).links.values()) {
      const site = name.replace(/#\d+$/, '');
      if (site.endsWith(`-${router}`)) this.control(backward, site.slice(0, -router.length - 1));
    }
  }

  /** Only these packets are counted and chosen among, from now on; all others arrive as they come. */
  only(accepts: (packet: Readonly<Packet>) => boolean): void {
    this.#accepts = accepts;
  }

  keep(packet: Packet, direction: LinkDirection): void {
    if (!this.#accepts(packet)) {
      direction.deliver(packet);
      return;
    }
    const number = this.#seenCount - this.limits.skipPackets;
    this.#seenCount += 1;
    if (number < 0 || number >= this.limits.packetsMax) direction.deliver(packet);
    else this.#join({ id: number, packet, direction, site: this.#sites.get(direction)! });
  }

  #join(waiting: Waiting): void {
    this.#pool.push(waiting);
    this.#planChoice();
  }

  #planChoice(): void {
    if (this.#isChoosing || this.#pool.length === 0) return;
    this.#isChoosing = true;
    const { nowMicros } = this.#world;
    this.#world.schedule(nowMicros + this.limits.settleMicros, { onEvent: () => this.#choose() }, undefined);
  }

  #choose(): void {
    this.#isChoosing = false;
    const moves = this.#moves();
    const move = moves[this.#chooser.choose(moves)]!;
    this.#world.mark(`${move.what} ${packetText(move.waiting.packet)}`);
    this.#make(move);
    this.#planChoice();
  }

  #moves(): Move[] {
    const next = this.limits.order === 'any' ? this.#pool : this.#pool.filter((each) => this.#isOldest(each));
    const moves = next.map((waiting): Move => ({
      what: 'deliver',
      waiting,
      key: `deliver ${waiting.id}`,
      site: waiting.site,
    }));
    if (this.#faultsLeft === 0) return moves;
    for (const what of this.limits.faults) {
      for (const waiting of next) moves.push({ what, waiting, key: `${what} ${waiting.id}`, site: undefined });
    }
    return moves;
  }

  #isOldest({ id, direction }: Waiting): boolean {
    return !this.#pool.some((other) => other.direction === direction && other.id < id);
  }

  #make({ what, waiting }: Move): void {
    const { packet, direction } = waiting;
    if (what !== 'deliver') this.#faultsLeft -= 1;
    if (what !== 'duplicate') this.#pool = this.#pool.filter((each) => each !== waiting);
    switch (what) {
      case 'deliver':
        direction.deliver(packet);
        break;
      case 'lose':
        direction.discard(packet);
        break;
      case 'duplicate':
        direction.deliver(copyPacket(packet));
        break;
      case 'late':
        this.#world.at(this.#world.nowMicros + this.limits.lateMicros, () => this.#join(waiting));
        break;
    }
  }
}

/**
 * A host that is no fair participant: it sends packets with any header, taps links, and replays what it saw.
 *
 * It draws from a stream of its own and does nothing by itself, so a world with an idle adversary runs as without. Off the path
 * it knows what it is told; on the path, by `tap`, it sees every packet of a link. It never takes packets away or changes them
 * on their way: rules and conditions of links do. No router here filters source addresses (BCP 38); a NAT translates
 * what comes from inside of it, and admits from outside what its filtering lets through.
 *
 * Use: `const mallory = new Adversary(internet.host('mallory'))`, then `mallory.send(forgeDatagram(...))`, or a class of
 * `attack-classes.ts`.
 */
import { checkInteger } from '../errors.ts';
import type { EventTarget } from '../event-queue.ts';
import type { Host } from '../host.ts';
import type { Link } from '../link.ts';
import { copyPacket, hashBytes } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { RandomStream } from '../random.ts';
import type { TappedPacket, FlowEnd } from './tap.ts';
import type { World } from '../world.ts';
import { Tap } from './tap.ts';

/** What happens to a captured packet when it is replayed. */
export type ReplayOptions = {
  /** How much later than now the first one leaves; default 0. */
  readonly afterMicros?: number;
  /** How often; default once. */
  readonly times?: number;
  /** Time from one to the next; default 1,000. */
  readonly intervalMicros?: number;
  /** Sent there instead of to its receiver. */
  readonly to?: FlowEnd;
};

const INTERVAL_MICROS_DEFAULT = 1_000;
const TIMES_MAX = 1_000_000;

/** One attacker. */
export class Adversary {
  readonly host: Host;
  readonly random: RandomStream;
  #sentPackets = 0;

  constructor(host: Host) {
    this.host = host;
    this.random = host.world.stream(`adversary:${host.name}`);
  }

  /** Packets that left with headers of its own making. */
  get sentPackets(): number {
    return this.#sentPackets;
  }

  /** From now on it sees what passes over a link. */
  tap(link: Link, keptMax?: number): Tap {
    return new Tap(link, this.host.subject, keptMax);
  }

  /** Sends a packet as it is over its own link. The packet becomes the network's. */
  send(packet: Packet): void {
    packet.origin = this.host.subject;
    this.#sentPackets += 1;
    this.host.interfaces[0]?.send(packet);
  }

  /**
   * Sends `count` packets, one each `intervalMicros`, the first one now.
   *
   * @param make - Gives the packet when its time has come; undefined lets it out.
   */
  sendEach(count: number, intervalMicros: number, make: (index: number) => Packet | undefined): void {
    this.each(count, intervalMicros, (index) => {
      const packet = make(index);
      if (packet !== undefined) this.send(packet);
    });
  }

  /** Does something `count` times, once each `intervalMicros`, the first time now. */
  each(count: number, intervalMicros: number, act: (index: number) => void): void {
    checkInteger('count', count, 0, TIMES_MAX);
    checkInteger('intervalMicros', intervalMicros, 0, Number.MAX_SAFE_INTEGER);
    if (count > 0) new Repeating(this.host.world, { count, intervalMicros, act }).begin(0);
  }

  /** Sends a captured packet again, exactly as it was but for its receiver when another one is named. */
  replay({ packet }: TappedPacket, options: ReplayOptions = {}): void {
    const { afterMicros = 0, times = 1, intervalMicros = INTERVAL_MICROS_DEFAULT, to } = options;
    checkInteger('times', times, 1, TIMES_MAX);
    const act = (): void => {
      const copy = copyPacket(packet);
      if (to !== undefined) [copy.destination, copy.destinationPort] = [to.address, to.port];
      this.send(copy);
    };
    new Repeating(this.host.world, { count: times, intervalMicros, act }).begin(afterMicros);
  }

  /** Sends a captured packet with other bytes in it; numbers and addresses stay. */
  replayChanged({ packet }: TappedPacket, payload: Uint8Array): void {
    const copy = copyPacket(packet);
    copy.sizeBytes += payload.length - packet.payload.length;
    copy.payload = payload;
    copy.payloadHash = hashBytes(payload);
    this.send(copy);
  }
}

type Repetition = {
  readonly count: number;
  readonly intervalMicros: number;
  readonly act: (index: number) => void;
};

/** Does a thing again and again. Packets settle no promises, so it takes no turn of the real event loop. */
class Repeating implements EventTarget {
  readonly #world: World;
  readonly #what: Repetition;
  #index = 0;

  constructor(world: World, what: Repetition) {
    this.#world = world;
    this.#what = what;
  }

  begin(afterMicros: number): void {
    if (afterMicros === 0) this.onEvent();
    else this.#world.schedule(this.#world.nowMicros + afterMicros, this, undefined);
  }

  onEvent(): void {
    const { count, intervalMicros, act } = this.#what;
    act(this.#index);
    this.#index += 1;
    if (this.#index < count) this.#world.schedule(this.#world.nowMicros + intervalMicros, this, undefined);
  }
}

/** The last packets that were sent, delivered or dropped in a world, as copies: nodes rewrite theirs. It draws nothing. */
import { copyPacket, packetText } from '../../sim/index.ts';
import type { Packet, World } from '../../sim/index.ts';
import { watchEvents } from './seen-event.ts';

/** A packet at one place at one time. */
export type SeenPacket = {
  readonly index: number;
  readonly timeMicros: number;
  /** `send`, `deliver` or `drop`, where, and why. */
  readonly what: string;
  readonly packet: Packet;
  readonly text: string;
};

const PACKETS_KEPT = 64;

/** Keeps them from its making on. */
export class RecentPackets {
  readonly #seen: SeenPacket[] = [];
  /** Keeps no more. */
  readonly stop: () => void;

  constructor(world: World) {
    this.stop = watchEvents(
      world,
      { withMappings: false },
      ({ index, timeMicros, kind, node, link, reason, packet }) => {
        if (packet === undefined) return;
        const what = [kind, node ?? link ?? '', reason ?? ''].filter((word) => word !== '').join(' ');
        if (this.#seen.length === PACKETS_KEPT) this.#seen.shift();
        this.#seen.push({ index, timeMicros, what, packet: copyPacket(packet), text: packetText(packet) });
      },
    );
  }

  /** The newest first. */
  newest(): readonly SeenPacket[] {
    return [...this.#seen].reverse();
  }
}

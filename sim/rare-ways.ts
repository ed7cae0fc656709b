/**
 * Two gates before every rare way of a program (see `Platform.rareWay`): a point is armed for a run with one probability, and
 * fires each time it is passed with another. Both come from a stream of the point's own, so that no other draw moves, and nothing
 * happens in a world that was not asked to.
 */
import type { Ratio } from './ratio.ts';
import { ratio } from './ratio.ts';
import type { World } from './world.ts';

export type RareWayOptions = {
  /** How likely a point is armed at all. Default 1/2. */
  readonly armed?: Ratio;
  /** How likely an armed point fires when it is passed. Default 1/4. */
  readonly fires?: Ratio;
};

/** What became of one point. */
export type RareWayCount = { readonly way: string; readonly isArmed: boolean; passed: number; fired: number };

/** The points that were passed in one world. */
export class RareWays {
  readonly #world: World;
  readonly #armed: Ratio;
  readonly #fires: Ratio;
  readonly #counts = new Map<string, RareWayCount>();

  constructor(world: World, { armed = ratio(1, 2), fires = ratio(1, 4) }: RareWayOptions) {
    this.#world = world;
    this.#armed = armed;
    this.#fires = fires;
  }

  /** Every point that was passed, in the order of its first time. */
  get counts(): readonly Readonly<RareWayCount>[] {
    return [...this.#counts.values()];
  }

  /** Passes a point; true when it fires. */
  readonly pass = (way: string): boolean => {
    const stream = this.#world.stream(`rare way: ${way}`);
    let count = this.#counts.get(way);
    if (count === undefined) {
      count = { way, isArmed: stream.chance(this.#armed), passed: 0, fired: 0 };
      this.#counts.set(way, count);
    }
    count.passed += 1;
    if (!count.isArmed || !stream.chance(this.#fires)) return false;
    count.fired += 1;
    return true;
  };
}

const searched = new WeakMap<World, RareWays>();

/** From now on programs of this world take rare ways. */
export function takeRareWays(world: World, options: RareWayOptions = {}): RareWays {
  const ways = new RareWays(world, options);
  searched.set(world, ways);
  return ways;
}

/** The points of a world; undefined when nobody asked for them. */
export function rareWaysOf(world: World): RareWays | undefined {
  return searched.get(world);
}

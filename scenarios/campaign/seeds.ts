/**
 * Which seeds a campaign has run and which comes next. Pure.
 *
 * A seed is that of `esf run --seed`: whatever a campaign runs, `esf run --case ID --seed N --runs 1` runs again. Seeds form
 * a circle of 2^31; a campaign goes round it from its start seed, shard `i/n` has the i-th of n equal arcs and never leaves
 * it, so shards cannot meet. A set of seeds is a list of inclusive ranges, ascending and apart.
 */

/** Seeds are integers from 0 to this, less one. */
export const SEED_COUNT = 0x8000_0000;

/** Inclusive ranges, ascending, with a gap between any two. */
export type SeedRanges = readonly (readonly [first: number, last: number])[];

/** One of n parts of the circle; `index` from 1. */
export type SeedShard = { readonly index: number; readonly count: number };

/** The ranges with one more seed in them. */
export function addSeed(ranges: SeedRanges, seed: number): SeedRanges {
  const [first, last] = ranges.at(-1) ?? [0, -2];
  // Nearly always the next one.
  if (seed === last + 1) return [...ranges.slice(0, -1), [first, seed]];
  return uniteSeeds(ranges, [[seed, seed]]);
}

/** Every seed of either. */
export function uniteSeeds(left: SeedRanges, right: SeedRanges): SeedRanges {
  const all = [...left, ...right].sort((a, b) => a[0] - b[0]);
  const united: [number, number][] = [];
  for (const [first, last] of all) {
    const before = united.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else united.push([first, last]);
  }
  return united;
}

/** How many seeds those are. */
export function countSeeds(ranges: SeedRanges): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** The seeds of one shard, in the order in which they are run, without those already run. */
export class SeedSource {
  readonly #start: number;
  readonly #end: number;
  readonly #done: SeedRanges;
  /** Steps round the circle from seed 0, which may pass its end once. */
  #next: number;

  constructor(startSeed: number, { index, count }: SeedShard, done: SeedRanges) {
    this.#start = startSeed + Math.floor(((index - 1) * SEED_COUNT) / count);
    this.#end = startSeed + Math.floor((index * SEED_COUNT) / count);
    this.#next = this.#start;
    this.#done = done;
  }

  /** The next seed; undefined when the shard has none left. */
  take(): number | undefined {
    for (;;) {
      if (this.#next >= this.#end) return undefined;
      const seed = this.#next % SEED_COUNT;
      const range = this.#done.find(([first, last]) => first <= seed && seed <= last);
      if (range === undefined) {
        this.#next += 1;
        return seed;
      }
      this.#next += range[1] - seed + 1;
    }
  }
}

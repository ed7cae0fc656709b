/**
 * Which case runs next. Pure but for what it counts.
 *
 * A case's weight is the runs it makes by default over 20, at most 2: its author says by them how much there is to search. Cases
 * that say what a campaign must reach, which swarms do, count eight times, and cases with a failure that is not known to be
 * mended twice. A campaign in seconds gives each case its weight's share of the workers' time, so cheap cases run more often: next is
 * whoever had least for its weight. A campaign in runs gives the same share of runs, whatever they cost, so that it runs the
 * same seeds on every machine. A case that took a worker with it is run one at a time, and one that took three
 * is given no more seeds.
 */
import type { AnyScenario } from '../api.ts';
import { SeedSource } from './seeds.ts';
import type { SeedRanges, SeedShard } from './seeds.ts';

const RUNS_DEFAULT = 20;
/** Else a pure function that runs 2,000 times in a second would get most of a campaign. */
const RUNS_FACTOR_MAX = 2;
const MARKED_FACTOR = 8;
const FAILED_FACTOR = 2;
/** What a run is thought to take until one has been made. */
const MILLIS_GUESSED = 20;
const DEATHS_MAX = 3;

/** The weight of a case. */
export function weightOf(scenario: Pick<AnyScenario, 'runs' | 'reachable'>, hasFailed: boolean): number {
  const runs = Math.min(RUNS_FACTOR_MAX, (scenario.runs ?? RUNS_DEFAULT) / RUNS_DEFAULT);
  return runs * (scenario.reachable === undefined ? 1 : MARKED_FACTOR) * (hasFailed ? FAILED_FACTOR : 1);
}

export type ScheduledCase = { readonly id: string; readonly weight: number; readonly done: SeedRanges };

export type ScheduleOptions = {
  readonly startSeed: number;
  readonly shard: SeedShard;
  /** By what the shares are measured. */
  readonly by: 'millis' | 'runs';
};

type Row = {
  readonly id: string;
  readonly weight: number;
  readonly seeds: SeedSource;
  given: number;
  ended: number;
  millis: number;
  extraMillis: number;
  deaths: number;
  isOver: boolean;
};

/** Deals out seeds of cases. */
export class Schedule {
  readonly #rows: readonly Row[];
  readonly #byId: ReadonlyMap<string, Row>;
  readonly #by: 'millis' | 'runs';

  constructor(cases: readonly ScheduledCase[], { startSeed, shard, by }: ScheduleOptions) {
    this.#by = by;
    this.#rows = cases.map(({ id, weight, done }) => {
      const seeds = new SeedSource(startSeed, shard, done);
      return { id, weight, seeds, given: 0, ended: 0, millis: 0, extraMillis: 0, deaths: 0, isOver: false };
    });
    this.#byId = new Map(this.#rows.map((row) => [row.id, row]));
  }

  /** The next run; undefined when no case has a seed left. */
  take(): { readonly id: string; readonly seed: number } | undefined {
    for (;;) {
      const row = this.#least();
      if (row === undefined) return undefined;
      const seed = row.seeds.take();
      if (seed !== undefined) {
        row.given += 1;
        return { id: row.id, seed };
      }
      row.isOver = true;
    }
  }

  /** A run has ended; `died` when its worker did with it. @returns false when the case is run no more. */
  ended(id: string, millis: number, died: boolean): boolean {
    const row = this.#byId.get(id);
    if (row === undefined) return true;
    row.ended += 1;
    row.millis += millis;
    if (!died) return true;
    row.deaths += 1;
    if (row.deaths >= DEATHS_MAX) row.isOver = true;
    return !row.isOver;
  }

  /** Time that went into a case beside its runs. */
  spent(id: string, millis: number): void {
    const row = this.#byId.get(id);
    if (row !== undefined) row.extraMillis += millis;
  }

  #least(): Row | undefined {
    let least: Row | undefined;
    let leastShare = Infinity;
    for (const row of this.#rows) {
      const isWatched = row.deaths > 0 && row.given > row.ended;
      if (row.isOver || isWatched) continue;
      const share = this.#spent(row) / row.weight;
      if (share >= leastShare) continue;
      least = row;
      leastShare = share;
    }
    return least;
  }

  /** With what is under way, so that several workers are not all given the same case. */
  #spent({ given, ended, millis, extraMillis }: Row): number {
    if (this.#by === 'runs') return given;
    const mean = ended === 0 ? MILLIS_GUESSED : millis / ended;
    return millis + extraMillis + (given - ended) * mean;
  }
}

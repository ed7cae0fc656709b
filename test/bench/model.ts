/**
 * What a benchmark yields and how two contestants are timed: interleaved rounds inside one run, medians, ratios.
 *
 * Absolute figures move from machine to machine; only the ratio of two medians of one run is compared with a target.
 */
export type BenchRow = {
  readonly name: string;
  /** Ours, median, in `unit`; more is better unless `lowerIsBetter`. */
  readonly ours: number;
  /** The named peer's median in the same run; null where the target is absolute. */
  readonly peer: number | null;
  readonly peerName: string;
  readonly unit: string;
  /** ours / peer, or null without a peer. */
  readonly ratio: number | null;
  /** What the ratio (or, without a peer, the figure) has to reach; null is for information. */
  readonly target: number | null;
  readonly lowerIsBetter?: boolean;
  readonly detail?: string;
  /** The measured figures for a plot. */
  readonly data?: Readonly<Record<string, number | null>>;
};

/** Rounds of every interleaved comparison. */
export const ROUNDS = 9;

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Rounds the figure to three significant digits for tables. */
export function figure(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toPrecision(3)} M`;
  if (value >= 1e4) return `${(value / 1e3).toPrecision(3)} k`;
  return value.toPrecision(3);
}

/** True when the row meets its target, or has none. */
export function reached(row: BenchRow): boolean {
  if (row.target === null) return true;
  const value = row.ratio ?? row.ours;
  return row.lowerIsBetter === true ? value <= row.target : value >= row.target;
}

/** Runs the contestants in turn, `rounds` times, and gives each one's median. */
export async function interleave(
  contestants: readonly (() => number | Promise<number>)[],
  rounds: number = ROUNDS,
): Promise<number[]> {
  const results: number[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    // The order turns with each round, so that neither always runs on the other's leftovers.
    for (let turn = 0; turn < contestants.length; turn++) {
      const index = (turn + round) % contestants.length;
      results[index]!.push(await contestants[index]!());
    }
  }
  return results.map(median);
}

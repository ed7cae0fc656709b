/**
 * The hash chain of a run at regular places: enough to say in which stretch of events another run parts from it.
 *
 * The digest of a trace is a chain: it holds everything before it. Of a short run it is kept after every 64 records, of a
 * longer one every so many that there are at most 256, so a file that holds them stays small. Use:
 * `const chain = keepCheckpoints(world.trace); ...; chain()`, and `firstDivergentStretch(stored, chain())`.
 */
import type { Trace } from './trace.ts';

/** Digests after `everyRecords`, twice as many, three times as many records, and so on. */
export type Checkpoints = { readonly everyRecords: number; readonly digests: readonly string[] };

/** Records from the first one that may differ to before the end. */
export type Stretch = { readonly fromIndex: number; readonly toIndex: number };

/** Ours: a stretch of this length fits on a screen or two. A power of two times it is as good. */
const EVERY_RECORDS_MIN = 64;
const DIGESTS_MAX = 256;

/** Keeps the chain of a trace from its beginning on. Gives what gives the checkpoints so far. */
export function keepCheckpoints(trace: Trace): () => Checkpoints {
  let everyRecords = EVERY_RECORDS_MIN;
  let digests: string[] = [];
  const take = (): void => {
    digests.push(trace.digest());
    if (digests.length === DIGESTS_MAX) {
      // Every second one is at a multiple of twice the distance.
      digests = digests.filter((_digest, index) => index % 2 === 1);
      everyRecords *= 2;
    }
    trace.callAt((digests.length + 1) * everyRecords, take);
  };
  trace.callAt(everyRecords, take);
  return () => ({ everyRecords, digests: [...digests] });
}

/** Where two runs part, as far as both go; undefined when they are alike at every place that both have. */
export function firstDivergentStretch(left: Checkpoints, right: Checkpoints): Stretch | undefined {
  const everyRecords = Math.max(left.everyRecords, right.everyRecords);
  for (let toIndex = everyRecords; ; toIndex += everyRecords) {
    const [a, b] = [left, right].map(({ digests, everyRecords: own }) => digests[toIndex / own - 1]);
    if (a === undefined || b === undefined) return undefined;
    if (a !== b) return { fromIndex: toIndex - everyRecords, toIndex };
  }
}

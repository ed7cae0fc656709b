/**
 * Runs the same thing twice and names the first event in which the two runs differ.
 *
 * The digests of two runs say whether they are one run; the digests kept after every block of records say in which block
 * they part; a third and fourth run with the records of that block kept say at which event. It does not say why: the event
 * is the first one that anybody could see, and its cause lies shortly before it. Use: `await findDivergence(run)`, where
 * `run(window)` makes a world of its own with `new World({ seed, ...window })`, runs it, and gives its trace.
 */
import { BLOCK_RECORDS, diffTraces } from './trace.ts';
import type { Trace, TraceDivergence } from './trace.ts';

/** Which records a run has to keep: options of a world. */
export type TraceWindow = { readonly traceFrom: number; readonly traceRecords: number };

/** What one run gave. */
export type TracedOutcome = {
  readonly trace: Trace;
  /** How it ended, as text: `passed`, or the message of the error. Compared when the traces are equal. */
  readonly outcome?: string | undefined;
};

export type TracedRun = (window: TraceWindow) => Promise<TracedOutcome>;

/** A divergence, and what it took to find it. */
export type Divergence = TraceDivergence & {
  /** Runs made, the first two included. */
  readonly runCount: number;
  /** Digests of the two runs of which the text speaks. */
  readonly digests: readonly [left: string, right: string];
};

/** Pairs of runs made to come from a block to an event; a difference may wander from pair to pair. */
const PAIRS_MAX = 8;

/**
 * Compares two runs; undefined when they are the same run.
 *
 * @param other - The second run, when it is to be made in another way (a worker, another order of things) than the first.
 */
export async function findDivergence(run: TracedRun, other: TracedRun = run): Promise<Divergence | undefined> {
  let traceFrom = 0;
  let found: Divergence | undefined;
  for (let pair = 1; pair <= PAIRS_MAX; pair += 1) {
    const window = { traceFrom, traceRecords: BLOCK_RECORDS };
    const left = await run(window);
    const right = await other(window);
    const divergence = compareRuns(left, right);
    if (divergence === undefined) {
      if (found === undefined) return undefined;
      continue;
    }
    const digests = [left.trace.digest(), right.trace.digest()] as const;
    found = { ...divergence, runCount: 2 * pair, digests };
    if (divergence.toIndex === divergence.fromIndex + 1) return found;
    traceFrom = divergence.fromIndex;
  }
  return found;
}

function compareRuns(left: TracedOutcome, right: TracedOutcome): TraceDivergence | undefined {
  const byTrace = diffTraces(left.trace, right.trace);
  if (byTrace !== undefined || left.outcome === right.outcome) return byTrace;
  const { count } = left.trace;
  const text = `runs are alike in all ${count} events and end otherwise: ${left.outcome ?? '-'} against ${right.outcome ?? '-'}`;
  return { fromIndex: count, toIndex: count + 1, left: undefined, right: undefined, text };
}

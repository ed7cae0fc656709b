/**
 * Runs a model once for every schedule within limits: each order of its packets, and each way to spend the faults.
 *
 * It counts schedules, different traces and different outcomes, stops at the first failure or goes on, and says whether the
 * space was gone through or the budget ended before. It prints nothing.
 */
import type { World } from '../../sim/index.ts';
import { ChoiceTree, RedundantWay } from './choice-tree.ts';
import type { Chooser } from './choice-tree.ts';
import type { ScheduleLimits } from './arena.ts';

/** How one schedule ended. */
export type ScheduleEnd = {
  readonly digest: string;
  /** What anybody could tell from outside, in words; times are none of it. */
  readonly outcome: string;
  /** What went wrong; absent when nothing did. */
  readonly error?: unknown;
};

/** Something to explore: the same seed and choices give the same end. */
export type Explorable = {
  readonly name: string;
  readonly title: string;
  readonly limits: ScheduleLimits;
  run(options: ScheduleRun): Promise<ScheduleEnd>;
};

/** What one schedule of a model is made of. */
export type ScheduleRun = {
  readonly seed: number;
  readonly limits: ScheduleLimits;
  readonly chooser: Chooser;
  /** Is shown the world before anything is in it. */
  readonly onWorld?: (world: World) => void;
};

export type ExploreOptions = {
  readonly seed: number;
  readonly limits: ScheduleLimits;
  /** Leave out schedules that differ in the order of deliveries to different sites only. */
  readonly reduce: boolean;
  /** Schedules at most. */
  readonly schedulesMax: number;
  /** True when it is time to end. */
  readonly isOver: () => boolean;
  /** Go on after a failure. */
  readonly goOn?: boolean;
  readonly onProgress?: (runCount: number, share: number) => void;
};

/** A schedule that failed. */
export type FailedSchedule = { readonly choices: readonly number[]; readonly message: string; readonly digest: string };

export type Exploration = {
  /** Schedules run to their end. */
  readonly schedules: number;
  /** Schedules begun and left because others are the same but for the order of independent deliveries. */
  readonly redundant: number;
  readonly digests: number;
  /** How many schedules ended in each way. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Every schedule within the limits was run, or shown redundant. */
  readonly isExhausted: boolean;
  /** The share of the space, if it is even; 1 when exhausted. */
  readonly share: number;
  readonly failures: readonly FailedSchedule[];
  /** Failures beyond those that are kept. */
  readonly failureCount: number;
};

const FAILURES_KEPT = 20;

/** Explores. */
export async function explore(model: Explorable, options: ExploreOptions): Promise<Exploration> {
  const tree = new ChoiceTree(options);
  const digests = new Set<string>();
  const outcomes = new Map<string, number>();
  const failures: FailedSchedule[] = [];
  let [schedules, redundant, failureCount, isExhausted] = [0, 0, 0, false];
  for (;;) {
    const end = await model.run({ seed: options.seed, limits: options.limits, chooser: tree });
    const { error } = end;
    if (error instanceof RedundantWay) {
      redundant += 1;
    } else {
      schedules += 1;
      digests.add(end.digest);
      outcomes.set(end.outcome, (outcomes.get(end.outcome) ?? 0) + 1);
      if (error !== undefined) {
        failureCount += 1;
        const choices = withoutTail(tree.choices());
        if (failures.length < FAILURES_KEPT) failures.push({ choices, message: messageOf(error), digest: end.digest });
      }
    }
    isExhausted = !tree.next();
    if (isExhausted || (failureCount > 0 && options.goOn !== true)) break;
    options.onProgress?.(schedules + redundant, tree.share());
    if (schedules + redundant >= options.schedulesMax || options.isOver()) break;
  }
  const share = isExhausted ? 1 : tree.share();
  return { schedules, redundant, digests: digests.size, outcomes, isExhausted, share, failures, failureCount };
}

/** A stored way goes on with first alternatives. */
function withoutTail(choices: readonly number[]): readonly number[] {
  return choices.slice(0, choices.findLastIndex((choice) => choice !== 0) + 1);
}

/** An error as one sentence. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'something that is no error was thrown';
}

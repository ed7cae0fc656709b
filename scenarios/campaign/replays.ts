/**
 * Runs what failed once again, before anything else on a new build: is it mended, or does it still fail?
 *
 * A failure is replayed from its choices, and by its seed where it has none. One that was seen or replayed on this build
 * already is not run again.
 */
import type { Job } from '../runner/jobs.ts';
import { WorkerPool } from '../runner/pool.ts';
import { failureOf } from './cases.ts';
import type { CampaignCase, FailureContext } from './cases.ts';
import type { KnownFailure } from './known.ts';
import type { Replay, SessionFailure } from './model.ts';

export type ReplayOptions = Omit<FailureContext, 'at'> & {
  readonly cases: ReadonlyMap<string, CampaignCase>;
  readonly workers: number;
  readonly runMillisMax: number;
  /** The workers' file; default that of the runner. */
  readonly entry?: URL;
  /** What came of one, and the other failure that took its place, if one did. */
  readonly take: (replay: Replay, other: SessionFailure | undefined) => void;
};

/** Those that were neither seen nor replayed on this build, of cases that there are. */
export function dueReplays(
  known: readonly KnownFailure[],
  build: string,
  cases: ReadonlyMap<string, CampaignCase>,
): readonly KnownFailure[] {
  return known.filter(
    (failure) => cases.has(failure.case) && failure.last.build !== build && failure.replayed?.build !== build,
  );
}

/** Replays all of them. */
export async function replayAll(failures: readonly KnownFailure[], options: ReplayOptions): Promise<void> {
  const failureOfJob = new Map(failures.map((failure) => [jobOf(failure), failure]));
  const { cases, workers, runMillisMax, take, entry } = options;
  const pool = new WorkerPool([...failureOfJob.keys()], {
    lane: { workers: Math.min(workers, failureOfJob.size), capacity: 1 },
    budgetMillis: () => runMillisMax,
    onStarted: () => undefined,
    onResult: ({ job, result }) => {
      const { signature, best, case: id } = failureOfJob.get(job)!;
      const at = new Date().toISOString();
      // The seed of the search, by which the failure was found, not that of the world.
      const asFound: Job = { ...job, options: { ...job.options, seed: best.seed } };
      const now = failureOf(cases.get(id)!, asFound, result, { ...options, at });
      const end = now === undefined ? 'fixed' : now.signature === signature ? 'failing' : 'changed';
      take({ signature, end, at }, end === 'changed' ? now : undefined);
    },
    ...(entry === undefined ? {} : { entry }),
  });
  await pool.run();
}

function jobOf({ case: id, area, best, kind }: KnownFailure): Job {
  const { repro, seed } = best;
  const twice = kind === 'nondeterminism' ? { checkDeterminism: true } : {};
  const options =
    repro === undefined
      ? { seed, runs: 1, shrinks: false, ...twice }
      : {
          seed: repro.worldSeed,
          replay: {
            file: 'the store',
            worldSeed: repro.worldSeed,
            ...(repro.choices === undefined ? {} : { choices: repro.choices }),
          },
          ...twice,
        };
  return { case: id, area, target: 'sim', options };
}

/**
 * The canary: a campaign that finds nothing must show that it would find something.
 *
 * A fault of the list of mutants is planted in a copy of the build, and the campaign's own search is let loose on it, with the
 * property cases that are recorded as noticing it. It must be found within the runs, fail again when replayed, and be
 * gone when the fault is taken out. Anything else: the campaign is blind, and red.
 */
import { copyBuild } from '../mutants/copies.ts';
import type { BuildCopy } from '../mutants/copies.ts';
import type { Mutant } from '../mutants/mutant.ts';
import { hash32 } from '../runner/seeds.ts';
import type { MutantOutcome } from '../../spec/clause-coverage.ts';
import type { CampaignCase } from './cases.ts';
import { foldEvent, newSession } from './fold.ts';
import { knownFailures } from './known.ts';
import type { KnownFailure } from './known.ts';
import type { CanaryResult, Replay, Session } from './model.ts';
import { replayAll } from './replays.ts';
import { Schedule } from './schedule.ts';
import { Search } from './search.ts';
import type { NewEvent } from './store-file.ts';

export type CanaryOptions = {
  /** Of the package, which must be built. */
  readonly root: string;
  readonly cases: ReadonlyMap<string, CampaignCase>;
  readonly mutants: readonly Mutant[];
  readonly proved: readonly MutantOutcome[];
  /** Chooses the fault; another number, another one. */
  readonly choice: number;
  readonly startSeed: number;
  readonly workers: number;
  readonly runMillisMax: number;
  readonly version: string;
  /** Default 400. */
  readonly runsMax?: number;
};

/** A fault and the property cases that are known to notice it. */
export type Plantable = { readonly mutant: Mutant; readonly cases: readonly string[] };

/** Runs within which a fault must be found. */
const RUNS_MAX = 400;
const CASES_MAX = 3;

/** Faults that one of these cases notices. */
export function plantable({
  cases,
  mutants,
  proved,
}: Pick<CanaryOptions, 'cases' | 'mutants' | 'proved'>): readonly Plantable[] {
  const killers = new Map(proved.map(({ mutantId, killedBy }) => [mutantId, killedBy]));
  return mutants
    .map((mutant) => ({
      mutant,
      cases: (killers.get(mutant.id) ?? []).filter((id) => cases.has(id)).slice(0, CASES_MAX),
    }))
    .filter((each) => each.cases.length > 0);
}

/** Plants one fault and searches; undefined when no case of the campaign is known to notice any. */
export async function runCanary(options: CanaryOptions): Promise<CanaryResult | undefined> {
  const all = plantable(options);
  const chosen = all[hash32('canary', options.choice) % Math.max(1, all.length)];
  return chosen === undefined ? undefined : sendCanary(chosen, options);
}

/** Plants this fault in a copy of the build and searches. */
async function sendCanary(chosen: Plantable, options: CanaryOptions): Promise<CanaryResult> {
  const build = copyBuild(options.root, 1);
  try {
    return await sendCanaryTo(build.copies[0]!, chosen, options);
  } finally {
    build.remove();
  }
}

/** Plants this fault in that copy, searches, and takes it out. */
export async function sendCanaryTo(
  copy: BuildCopy,
  { mutant, cases }: Plantable,
  options: CanaryOptions,
): Promise<CanaryResult> {
  const startMillis = performance.now();
  const { runs, problem } = await flight(mutant, cases, copy, options);
  return {
    mutant: mutant.id,
    at: new Date().toISOString(),
    end: problem === undefined ? 'seen' : 'blind',
    runs,
    millis: Math.round(performance.now() - startMillis),
    text: problem ?? `"${mutant.title}" was found; its replay failed, and passed once the fault was out`,
  };
}

type Flight = { readonly runs: number; readonly problem?: string };

async function flight(
  mutant: Mutant,
  ids: readonly string[],
  copy: BuildCopy,
  options: CanaryOptions,
): Promise<Flight> {
  const takeOut = copy.plant(mutant);
  const { session, runs } = await searchOn(copy, ids, options);
  const found = knownFailures(new Map([[session.id, session]]));
  if (found.length === 0) {
    takeOut();
    return { runs, problem: `"${mutant.title}" was planted, and ${runs} runs of ${ids.join(', ')} found nothing` };
  }
  const whileIn = await replayOn(copy, found, options);
  takeOut();
  const takenOut = await replayOn(copy, found, options);
  const lost = found.find(({ signature }) => whileIn.get(signature) === 'fixed');
  if (lost !== undefined)
    return { runs, problem: `${lost.signature} of ${lost.case} was found, and its replay passes` };
  const stuck = found.find(({ signature }) => takenOut.get(signature) !== 'fixed');
  if (stuck !== undefined) {
    return {
      runs,
      problem: `${stuck.signature} of ${stuck.case} fails without the planted fault, too: ${stuck.best.message}`,
    };
  }
  return { runs };
}

async function searchOn(
  copy: BuildCopy,
  ids: readonly string[],
  options: CanaryOptions,
): Promise<{ readonly session: Session; readonly runs: number }> {
  let session = emptySession(options);
  const cases = ids.map((id) => ({ id, weight: 1, done: [] }));
  const { startSeed, workers, runMillisMax, version, runsMax = RUNS_MAX } = options;
  const search = new Search({
    cases: options.cases,
    schedule: new Schedule(cases, { startSeed, shard: { index: 1, count: 1 }, by: 'runs' }),
    workers,
    budget: { runs: runsMax },
    twicePercent: 0,
    runMillisMax,
    version,
    strict: true,
    entry: copy.worker,
    take: (event: NewEvent) => {
      const numbered = { session: session.id, n: session.progress + 1, elapsedMillis: 0, ...event };
      session = foldEvent(session, numbered);
    },
    isEnough: () => Object.keys(session.failures).length > 0,
  });
  const { runs } = await search.run();
  return { session, runs };
}

async function replayOn(
  copy: BuildCopy,
  failures: readonly KnownFailure[],
  { cases, workers, runMillisMax, version }: CanaryOptions,
): Promise<ReadonlyMap<string, Replay['end']>> {
  const ends = new Map<string, Replay['end']>();
  await replayAll(failures, {
    cases,
    workers,
    runMillisMax,
    version,
    strict: true,
    entry: copy.worker,
    take: ({ signature, end }) => ends.set(signature, end),
  });
  return ends;
}

function emptySession({ version, workers, startSeed }: CanaryOptions): Session {
  return newSession({
    id: 'canary',
    commit: '',
    build: '',
    startedAt: '',
    version,
    node: process.version,
    command: '',
    workers,
    startSeed,
    shard: { index: 1, count: 1 },
  });
}

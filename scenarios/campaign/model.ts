/**
 * What a store of campaigns holds. Types only; folding events is fold.ts, joining stores join.ts, the file store-file.ts.
 *
 * The unit is a session: one campaign process from start to end, with an id that no other has. A session only grows, so of
 * two copies the one with more `progress` holds all of the other. Everything a reader wants (sums, failures by signature,
 * seeds run) is computed from the sessions, never stored.
 */
import type { ClauseLevel, CoverageRow, Step } from '../../reports/model.ts';
import type { Repro } from '../runner/repro-file.ts';
import type { SeedRanges, SeedShard } from './seeds.ts';
import type { FailureKind } from './signature.ts';

/** What was tested: the commit, and a hash of the files that ran, which differs when they were not the commit's. */
export type Revision = { readonly commit: string; readonly build: string };

/** How a session began. */
export type SessionHead = Revision & {
  /** 12 hexadecimal digits. */
  readonly id: string;
  /** ISO 8601, wall clock of the machine. */
  readonly startedAt: string;
  readonly version: string;
  readonly node: string;
  readonly command: string;
  readonly workers: number;
  readonly startSeed: number;
  readonly shard: SeedShard;
};

/** What a session did with one case. */
export type CaseSum = {
  readonly area: string;
  readonly runs: number;
  /** Of those made twice and compared. */
  readonly twice: number;
  /** Of workers, all runs together. */
  readonly millis: number;
  readonly seeds: SeedRanges;
  readonly coverage: readonly CoverageRow[];
};

/** One run that shows a failure. */
export type Example = {
  readonly seed: number;
  readonly message: string;
  /** What repeats exactly this run; absent when its plan has no form in JSON. */
  readonly repro?: Repro;
  /** Characters of its choices; the least is the best. */
  readonly size: number;
  readonly shrinks: number;
  /** The last things that happened. */
  readonly steps: readonly Step[];
};

/** When something was seen. */
export type Sighting = { readonly at: string; readonly seed: number };

/** One failure in one session. */
export type SessionFailure = {
  readonly signature: string;
  readonly case: string;
  readonly area: string;
  readonly kind: FailureKind;
  readonly level: ClauseLevel;
  readonly clause?: string;
  /** The message with signs in place of what varies. */
  readonly pattern: string;
  /** False for a broken SHOULD or MAY where only MUST counts. */
  readonly counts: boolean;
  readonly count: number;
  readonly first: Sighting;
  readonly last: Sighting;
  readonly best: Example;
};

/** What a stored failure did when it was run again: as before, otherwise, or not at all. */
export type ReplayEnd = 'failing' | 'changed' | 'fixed';

export type Replay = { readonly signature: string; readonly end: ReplayEnd; readonly at: string };

/** What came of a planted fault. */
export type CanaryResult = {
  readonly mutant: string;
  readonly at: string;
  /** `seen`, or what did not work: then the campaign is blind. */
  readonly end: 'seen' | 'blind';
  /** Runs until it was found. */
  readonly runs: number;
  readonly millis: number;
  /** One sentence. */
  readonly text: string;
};

/** One campaign process. */
export type Session = SessionHead & {
  /** Events folded into it. */
  readonly progress: number;
  /** Real time from the start to the last event. */
  readonly elapsedMillis: number;
  /** False while it runs, and for ever when it was killed. */
  readonly complete: boolean;
  readonly cases: Readonly<Record<string, CaseSum>>;
  readonly failures: Readonly<Record<string, SessionFailure>>;
  readonly replays: readonly Replay[];
  readonly canaries: readonly CanaryResult[];
};

/** All sessions by id. */
export type Store = ReadonlyMap<string, Session>;

/** What happened in a session, as one line of the file; `n` counts from 1. */
export type SessionEvent = { readonly session: string; readonly n: number; readonly elapsedMillis: number } & (
  | {
      readonly event: 'run';
      readonly case: string;
      readonly area: string;
      readonly seed: number;
      readonly millis: number;
      readonly twice?: true;
      readonly coverage?: readonly CoverageRow[];
    }
  | { readonly event: 'failure'; readonly failure: SessionFailure }
  | { readonly event: 'replay'; readonly replay: Replay }
  | { readonly event: 'canary'; readonly canary: CanaryResult }
  | { readonly event: 'end' }
);

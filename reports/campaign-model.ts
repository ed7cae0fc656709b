/** What the report of a campaign shows: plain data, computed by scenarios/campaign/summary.ts. Types only. */
import type { CoverageRow, Step } from './model.ts';

/** One failure, over everything the store knows of it. */
export type CampaignFailure = {
  readonly signature: string;
  readonly case: string;
  readonly title: string;
  readonly kind: string;
  readonly status: 'open' | 'fixed';
  /** False for a remark: a SHOULD or MAY where only MUST counts. */
  readonly counts: boolean;
  readonly clause?: { readonly id: string; readonly level: string; readonly text: string };
  readonly message: string;
  /** Runs that ended so. */
  readonly count: number;
  /** Of those in the session of the report. */
  readonly countNow: number;
  readonly first: CampaignSighting;
  readonly last: CampaignSighting;
  readonly fixedOn?: string;
  /** Repeats the run by its seed, on the same build. */
  readonly command: string;
  /** The repro file, as JSON; absent when the plan has no form in JSON. */
  readonly repro?: unknown;
  readonly shrinks: number;
  readonly steps: readonly Step[];
};

export type CampaignSighting = {
  readonly at: string;
  readonly commit: string;
  readonly build: string;
  readonly seed: number;
};

export type CampaignCaseRow = {
  readonly case: string;
  readonly title: string;
  readonly runs: number;
  readonly twice: number;
  readonly millis: number;
  /** As `1-400 2001-2400`. */
  readonly seeds: string;
  /** Runs in the whole store on this build. */
  readonly runsOnBuild: number;
  readonly open: number;
};

/** The report of one session, with what the store knows besides. */
export type CampaignReport = {
  readonly verdict: 'clean' | 'failures' | 'blind' | 'incomplete';
  readonly command: string;
  readonly version: string;
  readonly commit: string;
  readonly build: string;
  readonly node: string;
  readonly startedAt: string;
  readonly session: string;
  readonly workers: number;
  readonly startSeed: number;
  readonly shard: string;
  readonly elapsedMillis: number;
  readonly runs: number;
  readonly twice: number;
  /** Of the search alone; absent when the report is made from the store. */
  readonly searchMillis?: number;
  /** Time that workers ran cases, over workers and time. */
  readonly busyPercent?: number;
  readonly cases: readonly CampaignCaseRow[];
  readonly coverage: readonly CoverageRow[];
  readonly failures: readonly CampaignFailure[];
  readonly canaries: readonly {
    readonly mutant: string;
    readonly end: 'seen' | 'blind';
    readonly runs: number;
    readonly text: string;
  }[];
  readonly store: {
    readonly sessions: number;
    readonly builds: number;
    readonly runs: number;
    /** On this build. */
    readonly runsOnBuild: number;
    /** Seeds that more than one session ran on one build. */
    readonly seedsTwice: number;
  };
  readonly problems: readonly string[];
};

/** What main thread and workers say to each other. Types only; everything can be cloned between threads. */
import type { TargetName } from '../api.ts';
import type { CaseResult, ExecuteOptions } from './execute.ts';

/** One case on one target, to be executed. */
export type Job = {
  readonly case: string;
  /** The suite it stands in. */
  readonly area: string;
  readonly target: TargetName;
  readonly options: ExecuteOptions;
  /** Of what passes neither steps nor figures: most of many runs are never looked at. */
  readonly isBrief?: true;
};

export type ToWorker = { readonly kind: 'run'; readonly id: number; readonly job: Job };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'started'; readonly id: number }
  /** Runs of a case have ended since the last word, and others go on. */
  | { readonly kind: 'going'; readonly id: number }
  | { readonly kind: 'done'; readonly id: number; readonly result: CaseResult; readonly wallMillis: number };

/** A finished job. */
export type JobResult = { readonly job: Job; readonly result: CaseResult; readonly wallMillis: number };

/**
 * The verdict law: outcome x expectation x level gives the status that counts.
 *
 * `statusOf` is the law itself, for whoever judges. `honestStatus` is the reader's guard against a log that says otherwise:
 * it never makes a verdict greener. Exit codes are the command line's business.
 */
import type { CaseVerdict, ClauseLevel, Expectation, Outcome, Status } from './model.ts';

export const STATUSES: readonly Status[] = ['red', 'purple', 'yellow', 'grey', 'hollow', 'green'];

export const OUTCOMES: readonly Outcome[] = [
  'pass',
  'fail',
  'timeout',
  'crash',
  'adapter-fault',
  'harness-fault',
  'declined',
  'not-applicable',
  'not-run',
];

/** What was judged. */
export type Judged = {
  readonly outcome: Outcome;
  readonly expectation: Expectation;
  readonly level: ClauseLevel;
  /** The failure's sentence; a `known-failing` entry that names a message holds only while this begins with it. */
  readonly message?: string;
  /** True where a SHOULD counts like a MUST. */
  readonly strict?: boolean;
  /** True when the case belongs to a feature that may not be declined. */
  readonly mandatory?: boolean;
};

/** The status of one verdict. */
export function statusOf(judged: Judged): Status {
  const { outcome, expectation } = judged;
  if (outcome === 'adapter-fault' || outcome === 'harness-fault') return 'purple';
  if (outcome === 'not-run') return expectation.kind === 'skip' ? 'grey' : 'hollow';
  if (expectation.kind === 'known-failing') return knownFailing(judged, expectation.message);
  if (expectation.kind === 'known-flaky' && outcome !== 'pass' && expectation.outcomes.includes(outcome)) return 'grey';
  return unexpected(judged);
}

/** A listed failure: still failing as listed is foreseen, anything else is news and red. */
function knownFailing(judged: Judged, message: string | undefined): Status {
  if (judged.outcome === 'pass' || judged.outcome === 'not-applicable') return 'red';
  if (judged.outcome === 'declined' || message === undefined) return 'grey';
  return (judged.message ?? '').startsWith(message) ? 'grey' : 'red';
}

function unexpected({ outcome, level, mandatory, strict }: Judged): Status {
  if (outcome === 'pass') return 'green';
  if (outcome === 'not-applicable') return 'hollow';
  if (outcome === 'declined') return mandatory === true && level === 'MUST' ? 'red' : 'hollow';
  if (level === 'MUST') return 'red';
  return level === 'SHOULD' && strict === true ? 'red' : 'yellow';
}

/** The status a report may show: the verdict's own, unless its outcome cannot be that good. */
export function honestStatus(verdict: Pick<CaseVerdict, 'outcome' | 'status'>): Status {
  const { outcome, status } = verdict;
  if (outcome === 'pass') return status;
  if (outcome === 'adapter-fault' || outcome === 'harness-fault') return 'purple';
  if (outcome === 'fail' || outcome === 'timeout' || outcome === 'crash')
    return status === 'green' || status === 'hollow' ? 'red' : status;
  return status === 'green' ? 'hollow' : status;
}

/** True when the run owes this verdict and did not give it. */
export function isOwed(verdict: Pick<CaseVerdict, 'outcome' | 'expectation'>): boolean {
  return verdict.outcome === 'not-run' && verdict.expectation.kind !== 'skip';
}

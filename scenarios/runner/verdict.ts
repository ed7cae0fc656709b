/**
 * Judges one result: the law of reports/law.ts, and what makes an entry of the expectations file itself stale.
 *
 * Pure; it runs nothing and prints nothing. An outcome is never rewritten: a failure that was expected stays a failure in
 * the log and is only shown as foreseen. Entries that no longer hold are red, so that lists of known failures shrink.
 */
import { statusOf } from '../../reports/law.ts';
import type { Judged } from '../../reports/law.ts';
import type { Status } from '../../reports/model.ts';

export type VerdictInput = Judged & {
  /** ISO date of today, as `2025-01-31`; entries with an earlier `until` have expired. */
  readonly today: string;
};

export type VerdictStatus = {
  readonly status: Status;
  /** Why an entry of the expectations file is itself at fault; absent when it is not. */
  readonly stale?: string;
};

/** Applies the law. */
export function judge(input: VerdictInput): VerdictStatus {
  const status = statusOf(input);
  // A fault of harness or adapter says nothing about the implementation, whatever was expected of that.
  if (status === 'purple') return { status };
  const stale = staleness(input, status);
  return stale === undefined ? { status } : { status: 'red', stale };
}

function staleness(input: VerdictInput, status: Status): string | undefined {
  const { expectation, outcome, today } = input;
  switch (expectation.kind) {
    case 'none':
      return undefined;
    case 'known-failing':
      if (status !== 'red') return undefined;
      if (outcome === 'pass') return 'listed as known-failing but passes; remove the entry';
      if (outcome === 'not-applicable') return 'listed as known-failing but does not apply; remove the entry';
      return `fails with another message than the listed "${expectation.message ?? ''}"`;
    case 'known-flaky':
      return isPast(expectation.until, today)
        ? `known-flaky until ${expectation.until} has expired; fix the case or renew the entry`
        : undefined;
    case 'skip':
      return expectation.until !== undefined && isPast(expectation.until, today)
        ? `skip until ${expectation.until} has expired; run the case or renew the entry`
        : undefined;
  }
}

/** An entry holds up to and including its last day. */
function isPast(until: string, today: string): boolean {
  return until < today;
}

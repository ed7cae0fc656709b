/** Folds the events of a session into its sums. Pure; an event that is already in changes nothing. */
import { addCoverage } from '../../reports/coverage.ts';
import { addSeed } from './seeds.ts';
import type { CaseSum, Example, Session, SessionEvent, SessionFailure, SessionHead } from './model.ts';

/** A session that has done nothing yet. */
export function newSession(head: SessionHead): Session {
  return {
    ...head,
    progress: 0,
    elapsedMillis: 0,
    complete: false,
    cases: {},
    failures: {},
    replays: [],
    canaries: [],
  };
}

/** The session with one event more. */
export function foldEvent(session: Session, event: SessionEvent): Session {
  if (event.n <= session.progress) return session;
  const grown = { ...session, progress: event.n, elapsedMillis: event.elapsedMillis };
  switch (event.event) {
    case 'run':
      return { ...grown, cases: { ...session.cases, [event.case]: addRun(session.cases[event.case], event) } };
    case 'failure': {
      const { failure } = event;
      const known = session.failures[failure.signature];
      const sum = known === undefined ? failure : addFailure(known, failure);
      return { ...grown, failures: { ...session.failures, [failure.signature]: sum } };
    }
    case 'replay':
      return { ...grown, replays: [...session.replays, event.replay] };
    case 'canary':
      return { ...grown, canaries: [...session.canaries, event.canary] };
    case 'end':
      return { ...grown, complete: true };
  }
}

function addRun(sum: CaseSum | undefined, run: Extract<SessionEvent, { event: 'run' }>): CaseSum {
  const before = sum ?? { area: run.area, runs: 0, twice: 0, millis: 0, seeds: [], coverage: [] };
  return {
    area: run.area,
    runs: before.runs + 1,
    twice: before.twice + (run.twice === true ? 1 : 0),
    millis: before.millis + run.millis,
    seeds: addSeed(before.seeds, run.seed),
    coverage: run.coverage === undefined ? before.coverage : addCoverage([...before.coverage, ...run.coverage]),
  };
}

/** Both sightings of one signature as one. */
function addFailure(left: SessionFailure, right: SessionFailure): SessionFailure {
  const [older, newer] = left.first.at <= right.first.at ? [left, right] : [right, left];
  return {
    ...newer,
    counts: left.counts || right.counts,
    count: left.count + right.count,
    first: older.first,
    last: left.last.at > right.last.at ? left.last : right.last,
    best: betterExample(left.best, right.best),
  };
}

/** The smaller one; of equal ones the one whose text comes first, so that the order of two does not matter. */
export function betterExample(left: Example, right: Example): Example {
  if (left.size !== right.size) return left.size < right.size ? left : right;
  return JSON.stringify(left) <= JSON.stringify(right) ? left : right;
}

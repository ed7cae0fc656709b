/**
 * What a whole run says: the verdict line, counts by status, level and area, and one mark a clause and target.
 *
 * Every renderer takes its numbers from here, so that no two reports can disagree. The worst thing that happened decides
 * the headline: a red verdict is never hidden behind a fault, nor a fault behind an incomplete run.
 */
import { clauseMarks, type ClauseMark } from './clause-marks.ts';
import { honestStatus, isOwed, STATUSES } from './law.ts';
import type { CaseVerdict, ClauseLevel, PlannedCase, RunLog, Status } from './model.ts';
import { plural } from './text.ts';

/** What became of the run; `kind` is stable for scripts, `headline` and `detail` are for people. */
export type Verdict = {
  readonly kind:
    | 'not-conformant'
    | 'stale'
    | 'faulty'
    | 'incomplete'
    | 'nothing-judged'
    | 'partly-asked'
    | 'with-exceptions'
    | 'conformant';
  readonly status: Status;
  /** Two to five words. */
  readonly headline: string;
  /** One sentence. */
  readonly detail: string;
};

/** Clauses of one level. `held` of `asked` is what the verdict line prints. */
export type LevelCounts = {
  readonly total: number;
  readonly testable: number;
  /** Cited by a case that the run owed an answer to; a clause that is only declined or not applicable is not asked. */
  readonly asked: number;
  readonly held: number;
};

export type AreaCounts = {
  readonly area: string;
  readonly verdicts: number;
  readonly owed: number;
  readonly counts: Readonly<Record<Status, number>>;
};

/** A verdict beside its plan, with the status that counts. */
export type Judgement = {
  readonly plan: PlannedCase;
  readonly verdict: CaseVerdict;
  readonly status: Status;
  readonly owed: boolean;
};

export type Summary = {
  readonly verdict: Verdict;
  readonly counts: Readonly<Record<Status, number>>;
  /** Verdicts the run owes and did not give; they are part of `counts.hollow`. */
  readonly owed: number;
  readonly total: number;
  readonly levels: Readonly<Record<ClauseLevel, LevelCounts>>;
  readonly areas: readonly AreaCounts[];
  readonly clauses: readonly ClauseMark[];
  readonly judgements: readonly Judgement[];
};

/** Adds a log up. */
export function summarize(log: RunLog): Summary {
  const judgements = judge(log);
  const clauses = clauseMarks(log.header, judgements);
  const counts = countStatuses(judgements);
  const owed = judgements.filter((judgement) => judgement.owed).length;
  const levels = {
    MUST: countLevel(clauses, 'MUST'),
    SHOULD: countLevel(clauses, 'SHOULD'),
    MAY: countLevel(clauses, 'MAY'),
  };
  const base = { counts, owed, total: judgements.length, levels, clauses, judgements };
  return { ...base, areas: countAreas(judgements), verdict: verdictOf(base, log) };
}

function judge(log: RunLog): Judgement[] {
  const plans = new Map(log.header.planned.map((plan) => [`${plan.case}\n${plan.target}`, plan]));
  return log.verdicts.map((verdict) => ({
    plan: plans.get(`${verdict.case}\n${verdict.target}`) ?? planFor(verdict),
    verdict,
    status: honestStatus(verdict),
    owed: isOwed(verdict),
  }));
}

function planFor(verdict: CaseVerdict): PlannedCase {
  const area = verdict.case.split('-')[0] ?? '';
  return {
    case: verdict.case,
    target: verdict.target,
    title: '(not planned)',
    area,
    kind: 'example',
    clauses: [],
    level: 'MUST',
  };
}

function countStatuses(judgements: readonly Judgement[]): Record<Status, number> {
  const counts = Object.fromEntries(STATUSES.map((status) => [status, 0])) as Record<Status, number>;
  for (const { status } of judgements) counts[status] += 1;
  return counts;
}

function countAreas(judgements: readonly Judgement[]): AreaCounts[] {
  const areas = new Map<string, Judgement[]>();
  for (const judgement of judgements)
    areas.set(judgement.plan.area, [...(areas.get(judgement.plan.area) ?? []), judgement]);
  return [...areas].map(([area, members]) => ({
    area,
    verdicts: members.length,
    owed: members.filter((member) => member.owed).length,
    counts: countStatuses(members),
  }));
}

function countLevel(clauses: readonly ClauseMark[], level: ClauseLevel): LevelCounts {
  const members = clauses.filter(({ clause }) => clause.level === level);
  const asked = members.filter(({ mark }) => mark !== 'unasked' && mark !== 'uncovered' && mark !== 'untestable');
  return {
    total: members.length,
    testable: members.filter(({ clause }) => clause.testable).length,
    asked: asked.length,
    held: asked.filter(({ mark }) => mark === 'held').length,
  };
}

type Sums = Omit<Summary, 'areas' | 'verdict'>;

function verdictOf(sums: Sums, log: RunLog): Verdict {
  const { counts, owed } = sums;
  const died = log.footer?.complete !== true;
  const missing = owed > 0 ? `${plural(owed, 'verdict')} of ${sums.total} missing` : 'the log is not whole';
  if (counts.red > 0) {
    const red = redVerdict(sums);
    const faults = counts.purple > 0 ? ` ${faultText(counts.purple)}` : '';
    return { ...red, detail: `${red.detail}${faults}${died || owed > 0 ? ` The run is incomplete: ${missing}.` : ''}` };
  }
  if (counts.purple > 0)
    return {
      kind: 'faulty',
      status: 'purple',
      headline: 'No verdict',
      detail: faultText(counts.purple),
    };
  if (died || owed > 0)
    return {
      kind: 'incomplete',
      status: 'yellow',
      headline: 'Incomplete run',
      detail: `Nothing failed so far, but ${missing}.`,
    };
  if (counts.green + counts.grey + counts.yellow === 0)
    return {
      kind: 'nothing-judged',
      status: 'hollow',
      headline: 'Nothing was judged',
      detail: 'No case of this run applied.',
    };
  return cleanVerdict(sums);
}

function faultText(count: number): string {
  return `${plural(count, 'verdict')} ended in a fault of the harness or the adapter.`;
}

function redVerdict(sums: Sums): Verdict {
  const red = sums.judgements.filter((judgement) => judgement.status === 'red');
  const stale = red.filter(({ verdict }) => verdict.outcome === 'pass' || verdict.outcome === 'not-applicable').length;
  const staleText = `${plural(stale, 'case')} listed as known-failing no longer ${stale === 1 ? 'fails' : 'fail'}.`;
  if (stale === red.length)
    return {
      kind: 'stale',
      status: 'red',
      headline: 'Expectations are stale',
      detail: `${capital(staleText)} Take the entries out.`,
    };
  const broken = (['MUST', 'SHOULD', 'MAY'] as const)
    .map((level) => ({
      level,
      count: sums.clauses.filter(({ clause, mark }) => clause.level === level && mark === 'broken').length,
    }))
    .filter(({ count }) => count > 0)
    .map(({ level, count }) => `${count} of ${sums.levels[level].asked} ${level}`);
  const what =
    broken.length > 0 ? `${broken.join(' and ')} clauses are broken` : `${plural(red.length - stale, 'case')} failed`;
  return {
    kind: 'not-conformant',
    status: 'red',
    headline: 'Not conformant',
    detail: `${what}.${stale > 0 ? ` ${staleText}` : ''}`,
  };
}

function cleanVerdict(sums: Sums): Verdict {
  const { MUST, SHOULD } = sums.levels;
  const { grey, yellow } = sums.counts;
  const unasked = MUST.testable - MUST.asked;
  const detail = [
    `${MUST.held} of ${MUST.asked} MUST and ${SHOULD.held} of ${SHOULD.asked} SHOULD clauses hold.`,
    unasked > 0 ? `${unasked} of ${MUST.testable} testable MUST clauses were not asked.` : '',
    yellow > 0 ? `${plural(yellow, 'verdict')} worth a look.` : '',
  ];
  const verdict = { status: grey > 0 ? 'yellow' : 'green', detail: detail.filter(Boolean).join(' ') } as const;
  if (grey > 0)
    return { ...verdict, kind: 'with-exceptions', headline: `Conformant with ${plural(grey, 'exception')}` };
  if (unasked > 0) return { ...verdict, kind: 'partly-asked', headline: 'Conformant as far as asked' };
  return { ...verdict, kind: 'conformant', headline: 'Conformant' };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/**
 * One mark a clause and target: what the run says about each sentence of the spec.
 *
 * A failure that names its clause breaks that clause only: about the other clauses its case cites it proves nothing.
 */
import type { ClauseRow, PlannedCase, RunHeader } from './model.ts';
import type { Judgement } from './summary.ts';

/** From worst to best, then the four ways of not having been judged. */
export const MARKS = [
  'broken',
  'fault',
  'owed',
  'doubt',
  'excepted',
  'held',
  'unasked',
  'uncovered',
  'untestable',
] as const;
export type Mark = (typeof MARKS)[number];

export type ClauseMark = {
  readonly clause: ClauseRow;
  /** The worst over all targets. */
  readonly mark: Mark;
  /** One per target of the run, in the header's order. */
  readonly byTarget: readonly Mark[];
  /** Ids of the cases that cite it. */
  readonly cases: readonly string[];
};

/** Marks for all clauses of the header, then for those that cases cite and the header lacks. */
export function clauseMarks(header: RunHeader, judgements: readonly Judgement[]): ClauseMark[] {
  const citing = new Map<string, Judgement[]>();
  for (const judgement of judgements) {
    for (const id of new Set(concerned(judgement))) {
      const members = citing.get(id);
      if (members === undefined) citing.set(id, [judgement]);
      else members.push(judgement);
    }
  }
  const known = new Set(header.clauses.map((clause) => clause.id));
  const lost = [...citing].filter(([id]) => !known.has(id)).map(([id, members]) => stranger(id, members[0]!.plan));
  return [...header.clauses, ...lost].map((clause) => markClause(clause, citing.get(clause.id) ?? [], header.targets));
}

/** A case's clauses; one that cites none still has to show up somewhere. */
export function citedBy(plan: PlannedCase): readonly string[] {
  return plan.clauses.length > 0 ? plan.clauses : [`${plan.area}-?`];
}

/** The clauses a verdict says something about: those its case cites, and the one its failure names. */
function concerned({ plan, verdict }: Judgement): readonly string[] {
  const blamed = verdict.failure?.clause;
  return blamed === undefined ? citedBy(plan) : [...citedBy(plan), blamed];
}

function stranger(id: string, plan: PlannedCase): ClauseRow {
  const text = id.endsWith('-?')
    ? 'Cases that cite no clause.'
    : 'This clause is cited by a case, but the log does not hold its text.';
  return { id, area: plan.area, level: plan.level, role: '', text, chapter: '', testable: true };
}

function markClause(clause: ClauseRow, citing: readonly Judgement[], targets: readonly string[]): ClauseMark {
  const byTarget = targets.map((target) =>
    markOf(
      clause,
      citing.filter((judgement) => judgement.verdict.target === target),
    ),
  );
  return { clause, mark: markOf(clause, citing), byTarget, cases: [...new Set(citing.map(({ plan }) => plan.case))] };
}

function markOf(clause: ClauseRow, citing: readonly Judgement[]): Mark {
  if (citing.length === 0) return clause.testable ? 'uncovered' : 'untestable';
  const marks = new Set(citing.map((judgement) => say(clause, judgement)));
  return MARKS.find((mark) => marks.has(mark)) ?? 'unasked';
}

/** What one verdict says about one clause its case cites. */
function say(clause: ClauseRow, { verdict, status, owed }: Judgement): Mark {
  if (owed) return 'owed';
  const blamed = verdict.failure?.clause;
  const elsewhere = blamed !== undefined && blamed !== clause.id;
  switch (status) {
    case 'purple':
      return 'fault';
    case 'green':
      return 'held';
    case 'hollow':
      return 'unasked';
    case 'red':
      // A stale entry passed: the list is wrong, the clause holds.
      if (verdict.outcome === 'pass') return 'held';
      if (verdict.outcome === 'not-applicable') return 'unasked';
      return elsewhere ? 'unasked' : 'broken';
    case 'yellow':
      return elsewhere ? 'unasked' : 'doubt';
    case 'grey':
      return elsewhere ? 'unasked' : 'excepted';
  }
}

/**
 * What the HTML report carries: the log, joined with its plan and made small. Types only; shared by builder and browser.
 */
import type { Figure } from '../figures.ts';
import type { ClauseLevel, Outcome, PlannedCase, Status } from '../model.ts';
import type { Mark } from '../clause-marks.ts';
import type { AreaCounts, LevelCounts, Verdict } from '../summary.ts';

export type Page = {
  readonly tool: string;
  readonly implementation: string;
  readonly command: string;
  readonly seed: number;
  readonly verdict: Verdict;
  readonly counts: Readonly<Record<Status, number>>;
  readonly owed: number;
  readonly levels: Readonly<Record<ClauseLevel, LevelCounts>>;
  readonly targets: readonly string[];
  readonly areas: readonly AreaCounts[];
  readonly clauses: readonly PageClause[];
  readonly cases: readonly PageCase[];
  /** Party names and labels of all steps, each once. */
  readonly strings: readonly string[];
  /** What was left out to keep the file small; empty when nothing was. */
  readonly trimmed: string;
};

export type PageClause = {
  readonly id: string;
  readonly area: string;
  readonly level: ClauseLevel;
  readonly role: string;
  readonly text: string;
  readonly chapter: string;
  readonly mark: Mark;
  readonly byTarget: readonly Mark[];
  /** Places in `Page.cases`. */
  readonly cases: readonly number[];
};

export type PageCase = {
  readonly id: string;
  readonly title: string;
  readonly area: string;
  readonly kind: PlannedCase['kind'];
  readonly level: ClauseLevel;
  readonly clauses: readonly string[];
  /** One per target; null where the case was not planned. */
  readonly verdicts: readonly (PageVerdict | null)[];
};

export type PageVerdict = {
  readonly status: Status;
  readonly outcome: Outcome;
  readonly word: string;
  readonly owed: boolean;
  readonly seed: number;
  readonly runs: number;
  readonly millis: number;
  readonly repro: string;
  readonly digest?: string;
  /** Why it is what it is, one sentence. */
  readonly reason?: string;
  /** What was foreseen, in words. */
  readonly foreseen?: string;
  readonly failure?: PageFailure;
  readonly steps?: readonly PageRow[];
  readonly figures?: readonly Figure[];
};

export type PageFailure = {
  readonly clause?: string;
  readonly expected?: string;
  readonly actual?: string;
  readonly hexdump?: readonly PageHexLine[];
  readonly counterexample?: string;
  /** How the counterexample was reached, in words. */
  readonly shrunk?: string;
  readonly stderr?: readonly string[];
  readonly stack?: string;
};

/** A line of the hexdump, and whether it decided. */
type PageHexLine = readonly [text: string, marked: boolean];

/** Micros, places of from, to (-1: a note) and label in `Page.strings`, 0 plain 1 bad 2 fault. */
export type PageStep = readonly [atMicros: number, from: number, to: number, label: number, mark: 0 | 1 | 2];

/** A step, or how many steps were left out here. */
export type PageRow = PageStep | number;

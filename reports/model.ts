/**
 * The event log of a run: one JSON object a line, `run.ndjson`, the only source of every report.
 *
 * Types and the verdict law only; writing and reading lines is `scenarios/runner`, rendering is the files beside this one.
 * A log is a header, then starts and verdicts in any order, then a footer; a run that died has no footer and is still
 * readable, and every verdict that the header planned and the log lacks counts as `not-run`.
 */
import type { Figure } from './figures.ts';

/** What happened. */
export type Outcome =
  'pass' | 'fail' | 'timeout' | 'crash' | 'adapter-fault' | 'harness-fault' | 'declined' | 'not-applicable' | 'not-run';

/** Strictness of the strongest clause a case cites. */
export type ClauseLevel = 'MUST' | 'SHOULD' | 'MAY';

/** What the implementer said beforehand. */
export type Expectation =
  | { readonly kind: 'none' }
  | { readonly kind: 'known-failing'; readonly message?: string }
  | { readonly kind: 'known-flaky'; readonly outcomes: readonly Outcome[]; readonly until: string }
  | { readonly kind: 'skip'; readonly reason: string; readonly until?: string };

/** How a verdict counts: green as wanted, red unexpected, yellow worth a look, grey foreseen, hollow not asked, purple the harness's or adapter's fault. */
export type Status = 'green' | 'red' | 'yellow' | 'grey' | 'hollow' | 'purple';

/** One clause of the spec as the report shows it. */
export type ClauseRow = {
  readonly id: string;
  readonly area: string;
  readonly level: ClauseLevel;
  readonly role: string;
  readonly text: string;
  readonly chapter: string;
  /** False when the clause says why it cannot be tested. */
  readonly testable: boolean;
};

export type RunHeader = {
  readonly kind: 'header';
  readonly format: 1;
  readonly tool: string;
  readonly version: string;
  /** Hash of all clause texts. */
  readonly spec: string;
  /** The command line, as one would type it. */
  readonly command: string;
  readonly seed: number;
  readonly targets: readonly string[];
  readonly shard?: string;
  /** Name, version and language of what was judged. */
  readonly implementation: { readonly name: string; readonly version: string; readonly language: string };
  /** ISO 8601, wall clock. */
  readonly startedAt: string;
  readonly node: string;
  readonly clauses: readonly ClauseRow[];
  /** Every case x target the run owes a verdict for. */
  readonly planned: readonly PlannedCase[];
};

export type PlannedCase = {
  readonly case: string;
  readonly target: string;
  readonly title: string;
  readonly area: string;
  readonly kind: 'example' | 'property' | 'matrix' | 'wire' | 'soak';
  readonly clauses: readonly string[];
  readonly level: ClauseLevel;
};

export type CaseStart = {
  readonly kind: 'start';
  readonly case: string;
  readonly target: string;
  readonly atMillis: number;
};

/** One arrow or note of a case's sequence diagram. */
export type Step = {
  /** Virtual microseconds on the simulator, real ones elsewhere, since the case began. */
  readonly atMicros: number;
  readonly from: string;
  /** The other party of an arrow; absent for a note. */
  readonly to?: string;
  readonly label: string;
  /** `bad` marks the step that decided the verdict. */
  readonly mark?: 'bad' | 'fault';
};

export type Failure = {
  /** One sentence. */
  readonly message: string;
  /** The clause that was broken, if one. */
  readonly clause?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** Annotated hexdump of the deciding bytes; reports highlight lines that begin with `>` and bytes in brackets, `[00 ff]`. */
  readonly hexdump?: string;
  /** The shrunk plan of a property, as JSON, and the fast-check path that reaches it. */
  readonly counterexample?: string;
  readonly path?: string;
  readonly shrinks?: number;
  /** What repeats the run that failed: the seed of its world, its plan as stored JSON, and the digest of its trace. */
  readonly worldSeed?: number;
  readonly choices?: unknown;
  readonly worldDigest?: string;
  /** The hash chain of that run, for whoever repeats it. */
  readonly worldCheckpoints?: { readonly everyRecords: number; readonly digests: readonly string[] };
  /** Last lines of the adapter's stderr. */
  readonly stderr?: readonly string[];
  readonly stack?: string;
};

/** A thing by its unique text: in how many of the runs it happened. */
export type CoverageRow = {
  readonly mark: string;
  readonly hits: number;
  readonly runs: number;
  /** `reachable`: a point that must be reached. `fault`, `attack`: a class of those, which fired.
   * `rareWay`: a point of the engine that was armed in `on` runs, and fired. Absent: it should sometimes happen. */
  readonly kind?: 'reachable' | 'fault' | 'attack' | 'rareWay';
  /** Runs whose plan had the class, whether it came to it or not. */
  readonly on?: number;
};

export type CaseVerdict = {
  readonly kind: 'verdict';
  readonly case: string;
  readonly target: string;
  readonly outcome: Outcome;
  readonly expectation: Expectation;
  readonly status: Status;
  /** Deterministic on the simulator; 0 elsewhere. */
  readonly seed: number;
  /** Property runs executed. */
  readonly runs: number;
  /** Digest of the simulated traces, hex; absent off the simulator. */
  readonly digest?: string;
  readonly wallMillis: number;
  /** Why it was declined, not applicable or not run. */
  readonly reason?: string;
  readonly failure?: Failure;
  readonly steps?: readonly Step[];
  /** What the case measured, as pictures. */
  readonly figures?: readonly Figure[];
  /** What happened in how many of its runs. */
  readonly coverage?: readonly CoverageRow[];
  /** Classes of what was seen (events, ends of calls and connections); of a property in its first run. */
  readonly observed?: readonly string[];
  /** The command that reproduces exactly this verdict. */
  readonly repro: string;
};

export type RunFooter = {
  readonly kind: 'footer';
  readonly complete: boolean;
  /** Over all simulated digests in order of case id; equal for equal seed and commit. */
  readonly digest: string;
  readonly wallMillis: number;
  readonly counts: Readonly<Record<Status, number>>;
};

export type RunEvent = RunHeader | CaseStart | CaseVerdict | RunFooter;

/** A whole log, read back. */
export type RunLog = {
  readonly header: RunHeader;
  /** One per planned case x target, missing ones filled in as `not-run`. */
  readonly verdicts: readonly CaseVerdict[];
  readonly footer: RunFooter | undefined;
  /** What was wrong with the log itself, one sentence each; filled in by `readLog`. */
  readonly problems?: readonly string[];
};

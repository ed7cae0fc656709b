/**
 * From a log to the data of the HTML report, small enough to send by mail.
 *
 * Everything a peer or an adapter wrote is made visible here once, so that no view has to think of control characters. What a
 * page may weigh is bounded: when it gets too heavy, diagrams of passed cases go first, then long texts.
 */
import { isMarkedLine, clip, verdictReason, verdictWord, visible } from '../text.ts';
import type { Figure } from '../figures.ts';
import type { CaseVerdict, Expectation, Failure, RunLog } from '../model.ts';
import { citedBy } from '../clause-marks.ts';
import { summarize, type Judgement, type Summary } from '../summary.ts';
import type { Page, PageCase, PageFailure, PageVerdict } from './page-data.ts';
import { packSteps, type StringPool } from './pack-steps.ts';

/** How much of everything a page takes. */
type Detail = {
  /** Diagrams of passed cases too. */
  readonly passedSteps: boolean;
  readonly stepsMax: number;
  /** Characters of a counterexample or stack, lines of a hexdump or of standard error. */
  readonly charsMax: number;
  readonly linesMax: number;
  /** Hexdumps, counterexamples, standard error, stacks at all. */
  readonly evidence: boolean;
  /** What to tell the reader. */
  readonly trimmed: string;
};

/** From generous to frugal; the first that fits is taken. */
const DETAILS: readonly Detail[] = [
  { passedSteps: true, stepsMax: 160, charsMax: 60_000, linesMax: 400, evidence: true, trimmed: '' },
  {
    passedSteps: false,
    stepsMax: 160,
    charsMax: 20_000,
    linesMax: 200,
    evidence: true,
    trimmed: trimmed('Diagrams of passed cases'),
  },
  {
    passedSteps: false,
    stepsMax: 60,
    charsMax: 2000,
    linesMax: 30,
    evidence: true,
    trimmed: trimmed('Diagrams of passed cases and long texts'),
  },
  {
    passedSteps: false,
    stepsMax: 0,
    charsMax: 300,
    linesMax: 0,
    evidence: false,
    trimmed: trimmed('Diagrams, bytes and long texts'),
  },
];

function trimmed(what: string): string {
  return `${what} were left out to keep this file small; the log has them.`;
}

/** Characters of one line of a hexdump, and of standard error. */
const HEX_LINE_MAX = 400;
const STDERR_LINE_MAX = 600;

/** Bytes of JSON a page may weigh; below 5 MB with markup, script and non-ASCII text. */
const PAGE_BYTES_MAX = 4_000_000;

/** The page's data as JSON that is safe inside a script element. */
export function pageJson(log: RunLog, summary: Summary = summarize(log)): string {
  const last = DETAILS.at(-1)!;
  for (const detail of DETAILS) {
    // Weighed before it is built: a run whose every failure is long would not even fit into one string.
    if (detail !== last && weigh(log, detail) > PAGE_BYTES_MAX) continue;
    const json = JSON.stringify(buildPage(log, summary, detail)).replaceAll('<', '\\u003c');
    if (detail === last || new TextEncoder().encode(json).length <= PAGE_BYTES_MAX) return json;
  }
  return '';
}

/** Characters the long texts of all failures take at least. */
function weigh(log: RunLog, { charsMax, linesMax }: Detail): number {
  const chars = (text = ''): number => Math.min(text.length, charsMax);
  let sum = 0;
  for (const { failure } of log.verdicts) {
    if (failure === undefined) continue;
    const { message, expected, actual, counterexample, stack, stderr = [], hexdump = '' } = failure;
    sum += chars(message) + chars(expected) + chars(actual) + chars(counterexample) + chars(stack);
    sum += Math.min(hexdump.length, linesMax * HEX_LINE_MAX);
    for (const line of stderr.slice(-linesMax)) sum += Math.min(line.length, STDERR_LINE_MAX);
  }
  return sum;
}

function buildPage(log: RunLog, summary: Summary, detail: Detail): Page {
  const { header } = log;
  const strings: StringPool = new Map();
  const cases = buildCases(log, summary, detail, strings);
  const place = new Map(cases.map((one, index) => [one.id, index]));
  return {
    tool: visible(`${header.tool} ${header.version}`),
    implementation: visible(`${header.implementation.name} ${header.implementation.version}`),
    command: visible(header.command),
    seed: header.seed,
    verdict: summary.verdict,
    counts: summary.counts,
    owed: summary.owed,
    levels: summary.levels,
    targets: header.targets.map((target) => visible(target)),
    areas: summary.areas.map((area) => ({ ...area, area: visible(area.area) })),
    clauses: summary.clauses.map(({ clause, mark, byTarget, cases: citing }) => ({
      id: visible(clause.id),
      area: visible(clause.area),
      level: clause.level,
      role: visible(clause.role),
      text: visible(clause.text),
      chapter: visible(chapterTitle(clause.chapter)),
      mark,
      byTarget,
      cases: citing.map((id) => place.get(visible(id))!),
    })),
    cases,
    strings: [...strings.keys()],
    trimmed: detail.trimmed,
  };
}

/** A chapter as a heading: `01-framing.md` is "1. Framing"; whatever is not a file name stays as it is. */
function chapterTitle(chapter: string): string {
  const [, number = '', name = ''] = /^(\d+)-([\w-]+)\.md$/.exec(chapter) ?? [];
  if (name === '') return chapter;
  return `${Number(number)}. ${name.slice(0, 1).toUpperCase()}${name.slice(1).replaceAll('-', ' ')}`;
}

function buildCases(log: RunLog, summary: Summary, detail: Detail, strings: StringPool): PageCase[] {
  const byCase = new Map<string, Judgement[]>();
  for (const judgement of summary.judgements) {
    const members = byCase.get(judgement.plan.case);
    if (members === undefined) byCase.set(judgement.plan.case, [judgement]);
    else members.push(judgement);
  }
  return [...byCase.values()].map((members) => {
    const { plan } = members[0]!;
    return {
      id: visible(plan.case),
      title: visible(clip(plan.title, 600)),
      area: visible(plan.area),
      kind: plan.kind,
      level: plan.level,
      clauses: citedBy(plan).map((id) => visible(id)),
      verdicts: log.header.targets.map((target) => {
        const judgement = members.find(({ verdict }) => verdict.target === target);
        return judgement === undefined ? null : buildVerdict(judgement, detail, strings);
      }),
    };
  });
}

function buildVerdict({ verdict, status, owed }: Judgement, detail: Detail, strings: StringPool): PageVerdict {
  const { failure, steps } = verdict;
  const reason = verdictReason(verdict);
  const wanted =
    steps !== undefined && steps.length > 0 && detail.stepsMax > 0 && (detail.passedSteps || status !== 'green');
  return {
    status,
    outcome: verdict.outcome,
    word: verdictWord(verdict),
    owed,
    seed: verdict.seed,
    runs: verdict.runs,
    millis: Math.round(verdict.wallMillis * 100) / 100,
    repro: visible(verdict.repro),
    ...(verdict.digest === undefined ? {} : { digest: visible(verdict.digest) }),
    ...(reason === undefined ? {} : { reason: visible(clip(reason, detail.charsMax)) }),
    ...foreseen(verdict.expectation),
    ...(failure === undefined ? {} : { failure: buildFailure(failure, verdict, detail) }),
    ...(wanted ? { steps: packSteps(steps, detail.stepsMax, strings) } : {}),
    ...(verdict.figures === undefined || !detail.evidence ? {} : { figures: visibleFigures(verdict.figures) }),
  };
}

/** The figures with every text made visible. */
function visibleFigures(figures: readonly Figure[]): Figure[] {
  const shown: unknown = JSON.parse(JSON.stringify(figures), (_key, value: unknown) =>
    typeof value === 'string' ? visible(value) : value,
  );
  return shown as Figure[];
}

function foreseen(expectation: Expectation): { foreseen?: string } {
  switch (expectation.kind) {
    case 'none':
      return {};
    case 'known-failing':
      return {
        foreseen: visible(`known to fail${expectation.message === undefined ? '' : `: ${expectation.message}`}`),
      };
    case 'known-flaky':
      return { foreseen: visible(`known to be flaky (${expectation.outcomes.join(', ')}) until ${expectation.until}`) };
    case 'skip':
      return {
        foreseen: visible(
          `skipped: ${expectation.reason}${expectation.until === undefined ? '' : `, until ${expectation.until}`}`,
        ),
      };
  }
}

function buildFailure(failure: Failure, verdict: CaseVerdict, detail: Detail): PageFailure {
  const { clause, expected, actual, hexdump, counterexample, stderr, stack } = failure;
  const short = (text: string): string => visible(clip(text, detail.charsMax));
  const long = (text: string): string => visible(clip(text, detail.charsMax), true);
  const judged = {
    ...(clause === undefined ? {} : { clause: visible(clause) }),
    ...(expected === undefined ? {} : { expected: short(expected) }),
    ...(actual === undefined ? {} : { actual: short(actual) }),
  };
  if (!detail.evidence) return judged;
  return {
    ...judged,
    ...(hexdump === undefined ? {} : { hexdump: hexLines(hexdump, detail.linesMax) }),
    ...(counterexample === undefined
      ? {}
      : { counterexample: long(pretty(counterexample)), shrunk: shrunk(failure, verdict) }),
    ...(stderr === undefined || stderr.length === 0
      ? {}
      : { stderr: stderr.slice(-detail.linesMax).map((line) => visible(clip(line, STDERR_LINE_MAX))) }),
    ...(stack === undefined ? {} : { stack: long(stack) }),
  };
}

function hexLines(hexdump: string, linesMax: number): [string, boolean][] {
  const all = hexdump.trimEnd().split('\n');
  const lines = all
    .slice(0, linesMax)
    .map((line): [string, boolean] => [visible(clip(line, HEX_LINE_MAX), true), isMarkedLine(line)]);
  return all.length > linesMax ? [...lines, [`${all.length - linesMax} more lines are in the log`, false]] : lines;
}

/** JSON laid out; text that is not JSON stays as it is. */
function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function shrunk({ path, shrinks }: Failure, { runs }: CaseVerdict): string {
  const parts = [
    `found after ${runs} ${runs === 1 ? 'run' : 'runs'}`,
    ...(shrinks === undefined ? [] : [`made smaller ${shrinks} times`]),
    ...(path === undefined ? [] : [`path ${visible(path)}`]),
  ];
  return parts.join(', ');
}

/**
 * Builds run logs that look like real ones: a mixed run with every outcome, a green run, and a large one.
 *
 * Everything is drawn from the arguments, nothing from a clock or a random source. `HOSTILE` is the text a peer would
 * send to break a report; it sits in every field that a peer, an adapter or an implementer can write.
 */
import { statusOf } from '../../reports/law.ts';
import type {
  CaseVerdict,
  ClauseRow,
  Expectation,
  Failure,
  Outcome,
  PlannedCase,
  RunEvent,
  RunFooter,
  RunHeader,
  RunLog,
  Status,
  Step,
} from '../../reports/model.ts';
import { sampleClauses } from './sample-clauses.ts';

export const HOSTILE =
  '</script><script>alert(1)</script><img src=x onerror=alert(2)>]]><!-- \u0000\u0007\u001b[31mred\u001b[0m \u202egnp.exe | `tick` **bold** "q" \'a\' & \ud800 \uffff';

export type SampleOptions = {
  readonly caseCount: number;
  readonly targets: readonly string[];
  /** What becomes of case `index` on a target; default: it passes. */
  readonly fate?: (index: number, target: string) => Fate | undefined;
  /** Steps in the sequence diagram of every case. */
  readonly stepCount?: number;
  readonly clauses?: readonly ClauseRow[];
};

export type Fate = {
  readonly outcome: Outcome;
  readonly expectation?: Expectation;
  readonly reason?: string;
  readonly failure?: Partial<Failure>;
  readonly steps?: readonly Step[];
};

const KINDS: readonly PlannedCase['kind'][] = ['example', 'property', 'wire', 'matrix', 'example', 'soak'];
const LETTERS = '234567ABCDEFGHJKLMNPQRSTUVWXYZ';

/** A case id that is stable for an index, as in `LOG-7Q2K`. */
function caseId(area: string, index: number): string {
  let rest = index * 7919 + 104_729;
  let id = '';
  for (let letter = 0; letter < 4; letter++) {
    id += LETTERS[rest % LETTERS.length]!;
    rest = Math.floor(rest / LETTERS.length) + index;
  }
  return `${area}-${id}`;
}

/** A log with every verdict in it; `lines` turns it into text. */
export function buildLog(options: SampleOptions): RunLog {
  const clauses = options.clauses ?? sampleClauses();
  const planned = options.targets.flatMap((target) =>
    Array.from({ length: options.caseCount }, (_, index) => plan(index, target, clauses, options.caseCount)),
  );
  const verdicts = planned.map((row, at) => {
    const index = at % options.caseCount;
    return judge(row, index, options.fate?.(index, row.target) ?? { outcome: 'pass' }, options.stepCount ?? 8);
  });
  return { header: header(clauses, planned, options.targets), verdicts, footer: footer(verdicts) };
}

function plan(index: number, target: string, clauses: readonly ClauseRow[], caseCount: number): PlannedCase {
  const testable = clauses.filter((clause) => clause.testable);
  const at = Math.floor((index * testable.length) / caseCount);
  const next = testable[(at + 1) % testable.length]!;
  const main = testable[at % testable.length]!;
  const cited = next.area === main.area ? [main, next] : [main];
  return {
    case: caseId(main.area, index),
    target,
    title: titleOf(main),
    area: main.area,
    kind: KINDS[index % KINDS.length]!,
    clauses: cited.map((clause) => clause.id),
    level: cited.some((clause) => clause.level === 'MUST')
      ? 'MUST'
      : cited.some((clause) => clause.level === 'SHOULD')
        ? 'SHOULD'
        : 'MAY',
  };
}

/** The clause's sentence without its subject and its verb of duty, as a suite's author would shorten it. */
function titleOf({ role, text }: ClauseRow): string {
  const rest = text.replace(/^.*? (MUST|SHOULD|MAY)( NOT)?,? /, '').replace(/[,:].*|\.$/, '');
  return `${role}: ${text.includes(' NOT ') ? 'never ' : ''}${rest}`;
}

function judge(row: PlannedCase, index: number, fate: Fate, stepCount: number): CaseVerdict {
  const expectation = fate.expectation ?? { kind: 'none' };
  const message = fate.failure?.message;
  const failing =
    fate.failure !== undefined || ['fail', 'timeout', 'crash', 'adapter-fault', 'harness-fault'].includes(fate.outcome);
  return {
    kind: 'verdict',
    case: row.case,
    target: row.target,
    outcome: fate.outcome,
    expectation,
    status: statusOf({
      outcome: fate.outcome,
      expectation,
      level: row.level,
      ...(message === undefined ? {} : { message }),
    }),
    seed: 20_251,
    runs: row.kind === 'property' ? 20 : 1,
    wallMillis: ((index * 37) % 50) + (index % 17 === 3 ? 900 : 3) + (row.target === 'sim' ? 0 : 140),
    repro: `npx esf run --case ${row.case} --target ${row.target} --seed 20251`,
    ...(row.target === 'sim' ? { digest: (0x9e37_79b9 * (index + 1)).toString(16).padStart(16, '0').slice(-16) } : {}),
    ...(fate.reason === undefined ? {} : { reason: fate.reason }),
    ...(failing ? { failure: { message: 'the case failed', ...fate.failure } } : {}),
    steps: fate.steps ?? sampleSteps(stepCount, index),
  };
}

/** An exchange of `count` steps between two clients and a server. */
export function sampleSteps(count: number, index = 0, badAt = -1): Step[] {
  const story: readonly (readonly [string, string, string])[] = [
    ['aa01', 'server', 'SYN'],
    ['aa01', 'server', 'Logon id 1'],
    ['server', 'aa01', 'Logon id 1 Succeed'],
    ['aa01', 'server', `InformationBySend id ${index + 2}, 512 B for bb02`],
    ['server', 'bb02', `InformationBySend id ${index + 2}, 512 B from aa01`],
    ['bb02', 'server', 'Ack id 7'],
  ];
  return Array.from({ length: count }, (_, at): Step => {
    const [from, to, label] = story[at % story.length]!;
    const step = { atMicros: at * 1350 + (at > 5 ? 29_000_000 : 0), from, to, label };
    return at === badAt ? { ...step, mark: 'bad' } : step;
  });
}

function header(clauses: readonly ClauseRow[], planned: readonly PlannedCase[], targets: readonly string[]): RunHeader {
  return {
    kind: 'header',
    format: 1,
    tool: 'esf-conformance',
    version: '0.1.0',
    spec: '7c1e5d0b9a3f4482',
    command: `npx esf run --target ${targets.join(',')} --seed 20251`,
    seed: 20_251,
    targets,
    implementation: { name: 'acme-rapid', version: '2.3.1', language: 'go' },
    startedAt: '2025-03-14T09:26:53.589Z',
    node: 'v20.20.0',
    clauses,
    planned,
  };
}

/** The footer that belongs to these verdicts. */
export function footer(verdicts: readonly CaseVerdict[]): RunFooter {
  const counts: Record<Status, number> = { green: 0, red: 0, yellow: 0, grey: 0, hollow: 0, purple: 0 };
  for (const { status } of verdicts) counts[status] += 1;
  return {
    kind: 'footer',
    complete: verdicts.every(({ outcome }) => outcome !== 'not-run'),
    digest: 'd41d8cd98f00b204',
    wallMillis: verdicts.reduce((sum, { wallMillis }) => sum + wallMillis, 0),
    counts,
  };
}

/** The lines of a log file, in the order a run writes them. */
export function lines(log: RunLog): string[] {
  const events: RunEvent[] = [log.header];
  for (const [index, verdict] of log.verdicts.entries()) {
    events.push({ kind: 'start', case: verdict.case, target: verdict.target, atMillis: index * 20 }, verdict);
  }
  if (log.footer !== undefined) events.push(log.footer);
  return events.map((event) => JSON.stringify(event));
}

/**
 * From parsed JSON of unknown shape to the log's types: a wrong type becomes a harmless default and a named problem.
 *
 * Extra fields are ignored, so that a newer writer stays readable. Judging is `law.ts`.
 */
import { readFigure, type Figure } from './figures.ts';
import { OUTCOMES, STATUSES, statusOf } from './law.ts';
import type {
  CaseVerdict,
  CoverageRow,
  ClauseLevel,
  ClauseRow,
  Expectation,
  Failure,
  Outcome,
  PlannedCase,
  RunFooter,
  RunHeader,
  Status,
  Step,
} from './model.ts';
import { visible } from './text.ts';

type Json = Readonly<Record<string, unknown>>;

const LEVELS: readonly ClauseLevel[] = ['MUST', 'SHOULD', 'MAY'];
const KINDS: readonly PlannedCase['kind'][] = ['example', 'property', 'matrix', 'wire', 'soak'];

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function asText(value: unknown, fallback = ''): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : fallback;
}

function asNumber(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function asTexts(value: unknown): string[] {
  return asList(value).filter((item) => typeof item === 'string');
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], fallback: T): T {
  return allowed.find((item) => item === value) ?? fallback;
}

/** `{ [name]: text }` when the value is text, else nothing: optional fields stay absent. */
function optional<K extends string>(source: Json, ...names: readonly K[]): Partial<Record<K, string>> {
  const found: Partial<Record<K, string>> = {};
  for (const name of names) if (typeof source[name] === 'string') found[name] = source[name];
  return found;
}

/** A header; `line` 0 makes the empty one of a log that has none. */
export function readHeader(event: Json, line: number, problems: string[]): RunHeader {
  const implementation = asObject(event.implementation);
  for (const name of ['clauses', 'planned'] as const) {
    if (line > 0 && !Array.isArray(event[name])) problems.push(`line ${line}: the header's ${name} is not a list`);
  }
  return {
    kind: 'header',
    format: 1,
    tool: asText(event.tool, 'unknown tool'),
    version: asText(event.version, '?'),
    spec: asText(event.spec, '?'),
    command: asText(event.command),
    seed: asNumber(event.seed),
    targets: asTexts(event.targets),
    ...optional(event, 'shard'),
    implementation: {
      name: asText(implementation.name, 'unknown implementation'),
      version: asText(implementation.version, '?'),
      language: asText(implementation.language, '?'),
    },
    startedAt: asText(event.startedAt),
    node: asText(event.node, '?'),
    clauses: asList(event.clauses).map(asObject).map(readClause),
    planned: distinct(asList(event.planned).map(asObject).map(readPlanned), problems),
  };
}

function readClause(clause: Json): ClauseRow {
  return {
    id: asText(clause.id, '?'),
    area: asText(clause.area, '?'),
    level: oneOf(clause.level, LEVELS, 'MUST'),
    role: asText(clause.role),
    text: asText(clause.text),
    chapter: asText(clause.chapter),
    testable: clause.testable !== false,
  };
}

function readPlanned(plan: Json): PlannedCase {
  const id = asText(plan.case, '?');
  return {
    case: id,
    target: asText(plan.target, '?'),
    title: asText(plan.title, '(no title)'),
    area: asText(plan.area, id.split('-')[0]),
    kind: oneOf(plan.kind, KINDS, 'example'),
    clauses: asTexts(plan.clauses),
    level: oneOf(plan.level, LEVELS, 'MUST'),
  };
}

function distinct(planned: readonly PlannedCase[], problems: string[]): PlannedCase[] {
  const seen = new Map(planned.map((plan) => [`${plan.case} on ${plan.target}`, plan]));
  if (seen.size < planned.length)
    problems.push(`the plan names ${planned.length - seen.size} cases twice; each counts once`);
  return [...seen.values()];
}

/** A verdict, or undefined when the line does not even say whose it is. */
export function readVerdict(event: Json, line: number, problems: string[]): CaseVerdict | undefined {
  const { case: caseId, target } = event;
  if (typeof caseId !== 'string' || typeof target !== 'string') {
    problems.push(`line ${line}: a verdict without case or target was left out`);
    return undefined;
  }
  const outcome = readOutcome(event.outcome, `line ${line}: ${visible(caseId)} on ${visible(target)}`, problems);
  const expectation = readExpectation(asObject(event.expectation));
  const status = STATUSES.find((known) => known === event.status) ?? statusOf({ outcome, expectation, level: 'MUST' });
  return {
    kind: 'verdict',
    case: caseId,
    target,
    outcome,
    expectation,
    status,
    seed: asNumber(event.seed),
    runs: asNumber(event.runs),
    wallMillis: asNumber(event.wallMillis),
    repro: asText(event.repro),
    ...optional(event, 'digest', 'reason'),
    ...(event.failure === undefined ? {} : { failure: readFailure(asObject(event.failure)) }),
    ...(event.steps === undefined ? {} : { steps: asList(event.steps).map(asObject).map(readStep) }),
    ...readFigures(event.figures),
    ...readCoverage(event.coverage),
    ...(event.observed === undefined ? {} : { observed: asTexts(event.observed) }),
  };
}

/** At most this many figures of one verdict are shown. */
const FIGURES_MAX = 8;

function readFigures(value: unknown): { figures?: Figure[] } {
  const figures = asList(value).slice(0, FIGURES_MAX).map(readFigure);
  const known = figures.filter((figure) => figure !== undefined);
  return known.length === 0 ? {} : { figures: known };
}

function readCoverage(value: unknown): { coverage?: CoverageRow[] } {
  const rows = asList(value)
    .map(asObject)
    .map(({ mark, hits, runs, kind, on }): CoverageRow => ({
      mark: asText(mark, '?'),
      hits: asNumber(hits),
      runs: asNumber(runs),
      ...(kind === 'reachable' || kind === 'fault' || kind === 'attack' || kind === 'rareWay' ? { kind } : {}),
      ...(typeof on === 'number' ? { on } : {}),
    }));
  return rows.length === 0 ? {} : { coverage: rows };
}

function readOutcome(value: unknown, who: string, problems: string[]): Outcome {
  const known = OUTCOMES.find((outcome) => outcome === value);
  if (known !== undefined) return known;
  problems.push(`${who}: the outcome "${visible(asText(value, typeof value))}" is unknown; it counts as harness-fault`);
  return 'harness-fault';
}

function readExpectation(value: Json): Expectation {
  switch (value.kind) {
    case 'known-failing':
      return { kind: 'known-failing', ...optional(value, 'message') };
    case 'known-flaky': {
      const outcomes = OUTCOMES.filter((outcome) => asList(value.outcomes).includes(outcome));
      return { kind: 'known-flaky', outcomes, until: asText(value.until) };
    }
    case 'skip':
      return { kind: 'skip', reason: asText(value.reason), ...optional(value, 'until') };
    default:
      return { kind: 'none' };
  }
}

function readFailure(failure: Json): Failure {
  return {
    message: asText(failure.message, '(no message)'),
    ...optional(failure, 'clause', 'expected', 'actual', 'hexdump', 'counterexample', 'path', 'stack'),
    ...(typeof failure.shrinks === 'number' ? { shrinks: failure.shrinks } : {}),
    ...(Array.isArray(failure.stderr) ? { stderr: asTexts(failure.stderr) } : {}),
  };
}

function readStep(step: Json): Step {
  const mark = step.mark;
  return {
    atMicros: asNumber(step.atMicros),
    from: asText(step.from),
    ...optional(step, 'to'),
    label: asText(step.label),
    ...(mark === 'bad' || mark === 'fault' ? { mark } : {}),
  };
}

/** A footer; counts it lacks are 0. */
export function readFooter(event: Json, line: number, problems: string[]): RunFooter {
  const counts = asObject(event.counts);
  if (typeof event.complete !== 'boolean')
    problems.push(`line ${line}: the footer does not say whether the run is complete; it counts as incomplete`);
  const counted = Object.fromEntries(STATUSES.map((status) => [status, asNumber(counts[status])]));
  return {
    kind: 'footer',
    complete: event.complete === true,
    digest: asText(event.digest),
    wallMillis: asNumber(event.wallMillis),
    counts: counted as Record<Status, number>,
  };
}

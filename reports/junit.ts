/**
 * The run as JUnit XML, for every CI system that reads it.
 *
 * One testsuite an area, one testcase a case and target. `failure` says the implementation does not conform, `error` that
 * something broke (a crash, the adapter, the harness), `skipped` that no answer was asked for, given or counted. Bytes that XML 1.0
 * does not allow are taken out; `]]>` cannot occur because every `>` is escaped.
 */
import { citedBy } from './clause-marks.ts';
import type { RunLog } from './model.ts';
import { summarize, type Judgement } from './summary.ts';
import { escapeAttribute, escapeText, verdictReason, verdictWord } from './text.ts';

type Result = 'passed' | 'failure' | 'error' | 'skipped';

/** The XML document, ending with a line feed. */
export function renderJunit(log: RunLog): string {
  const { areas, judgements, verdict } = summarize(log);
  const suites = areas.map(({ area }) =>
    suite(
      area,
      judgements.filter((judgement) => judgement.plan.area === area),
      log,
    ),
  );
  const name = `${log.header.implementation.name} ${log.header.implementation.version}: ${verdict.headline}`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name, ...totals(judgements) }, suites)}\n`;
}

function suite(area: string, members: readonly Judgement[], log: RunLog): string {
  const { header } = log;
  const attributes = {
    name: area,
    ...totals(members),
    ...(isDateTime(header.startedAt) ? { timestamp: header.startedAt.slice(0, 19) } : {}),
  };
  const about = {
    tool: `${header.tool} ${header.version}`,
    spec: header.spec,
    implementation: `${header.implementation.name} ${header.implementation.version} (${header.implementation.language})`,
    command: header.command,
    seed: String(header.seed),
  };
  return element('testsuite', attributes, [properties(about), ...members.map(testcase)]);
}

function isDateTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(text);
}

function totals(members: readonly Judgement[]): Record<string, string> {
  const results = members.map(resultOf);
  const count = (wanted: Result): string => String(results.filter((result) => result === wanted).length);
  return {
    tests: String(members.length),
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(members.reduce((sum, { verdict }) => sum + verdict.wallMillis, 0)),
  };
}

function seconds(millis: number): string {
  return (Math.max(0, millis) / 1000).toFixed(3);
}

/** How JUnit counts a verdict. */
function resultOf({ verdict, status }: Judgement): Result {
  if (status === 'purple') return 'error';
  if (status === 'red') return verdict.outcome === 'crash' ? 'error' : 'failure';
  return verdict.outcome === 'pass' ? 'passed' : 'skipped';
}

function testcase(judgement: Judgement): string {
  const { plan, verdict } = judgement;
  const clause = verdict.failure?.clause ?? citedBy(plan)[0]!;
  const attributes = {
    name: `${plan.case} ${plan.title} [${plan.target}]`,
    classname: `${plan.area}.${clause}`,
    time: seconds(verdict.wallMillis),
  };
  const about = {
    clause: citedBy(plan).join(' '),
    level: plan.level,
    outcome: verdict.outcome,
    status: judgement.status,
    seed: String(verdict.seed),
    repro: verdict.repro,
    ...(verdict.digest === undefined ? {} : { digest: verdict.digest }),
  };
  return element('testcase', attributes, [properties(about), ...verdictElements(judgement, clause)]);
}

function verdictElements(judgement: Judgement, clause: string): string[] {
  const { verdict, status } = judgement;
  const result = resultOf(judgement);
  if (result === 'passed') return [];
  const message = verdictReason(verdict) ?? verdictWord(verdict);
  if (result === 'skipped') {
    const why = status === 'grey' ? 'foreseen' : status === 'yellow' ? 'worth a look' : verdictWord(verdict);
    return [`<skipped message="${escapeAttribute(message === why ? why : `${why}: ${message}`)}"/>`];
  }
  const found = [
    `<${result} message="${escapeAttribute(message)}" type="${escapeAttribute(`${clause} ${verdictWord(verdict)}`)}">${escapeText(details(judgement))}</${result}>`,
  ];
  const stderr = verdict.failure?.stderr ?? [];
  if (stderr.length > 0) found.push(`<system-err>${escapeText(stderr.join('\n'))}</system-err>`);
  return found;
}

function details({ verdict }: Judgement): string {
  const { failure } = verdict;
  const lines = [
    ['clause', failure?.clause],
    ['expected', failure?.expected],
    ['actual', failure?.actual],
    ['bytes', failure?.hexdump === undefined ? undefined : `\n${failure.hexdump}`],
    ['counterexample', failure?.counterexample],
    ['repro', verdict.repro],
    ['stack', failure?.stack === undefined ? undefined : `\n${failure.stack}`],
  ];
  return lines
    .flatMap(([name, value]) => (value === undefined || value === '' ? [] : [`${name}: ${value}`]))
    .join('\n');
}

function properties(values: Readonly<Record<string, string>>): string {
  const rows = Object.entries(values).map(
    ([name, value]) => `<property name="${escapeAttribute(name)}" value="${escapeAttribute(value)}"/>`,
  );
  return element('properties', {}, rows);
}

function element(name: string, attributes: Readonly<Record<string, string>>, children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeAttribute(value)}"`);
  return `<${name}${written.join('')}>\n${children.join('\n')}\n</${name}>`;
}

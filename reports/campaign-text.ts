/**
 * The report of a campaign as text for a terminal and as Markdown. Pure.
 *
 * The page is campaign-html.ts, an issue campaign-issue.ts. Text of cases and failures is escaped: it may hold anything.
 */
import type { CampaignFailure, CampaignReport } from './campaign-model.ts';
import { judgeCoverage } from './coverage.ts';
import { coverageSections } from './coverage-tables.ts';
import { clip, escapeMarkdown, fence, formatMillis, plural, visible } from './text.ts';

/** Cases that a terminal shows, those that took most time. */
const CASES_SHOWN = 12;
const MESSAGE_MAX = 600;

/** Runs a second of the search, and of one worker; nothing when there was no search. */
export function speedText({ runs, searchMillis, workers, busyPercent }: CampaignReport): string {
  if (searchMillis === undefined || searchMillis === 0) return plural(runs, 'run');
  const perSecond = (runs * 1_000) / searchMillis;
  return (
    `${plural(runs, 'run')} in ${formatMillis(searchMillis)}: ${perSecond.toFixed(1)} a second, ` +
    `${(perSecond / workers).toFixed(1)} a second and worker, ${plural(workers, 'worker')} busy ${busyPercent ?? 0} %`
  );
}

/** The verdict in one sentence. */
export function headline(report: CampaignReport): string {
  const open = report.failures.filter(({ status, counts }) => status === 'open' && counts).length;
  switch (report.verdict) {
    case 'clean':
      return 'Nothing found.';
    case 'failures':
      return `${plural(open, 'open failure')}.`;
    case 'blind':
      return 'The campaign is blind: it did not find what was planted.';
    case 'incomplete':
      return `The campaign was ended early${open > 0 ? `; ${plural(open, 'open failure')}` : ''}.`;
  }
}

/** For a terminal, without colours; ends with a line feed. */
export function renderCampaign(report: CampaignReport): string {
  const wrong = judgeCoverage(report.coverage).filter(({ problem }) => problem !== undefined);
  const cases = report.cases.slice(0, CASES_SHOWN);
  const hidden = report.cases.length - cases.length;
  return [
    ...report.problems.map((problem) => `! ${visible(problem)}`),
    ...cases.map(
      ({ case: id, runs, millis, open }) =>
        `  ${id.padEnd(9)} ${String(runs).padStart(7)} runs  ${formatMillis(millis / Math.max(1, runs)).padStart(8)} each  ${formatMillis(millis).padStart(11)}${open > 0 ? `  ${plural(open, 'open failure')}` : ''}`,
    ),
    ...(hidden > 0 ? [`  and ${plural(hidden, 'case')} more`] : []),
    ...report.failures.map(failureLine),
    ...report.canaries.map(
      ({ mutant, end, runs, text }) => `canary ${mutant}: ${end} after ${plural(runs, 'run')}; ${visible(text)}`,
    ),
    `coverage: ${plural(report.coverage.length, 'mark')}, ${wrong.length === 0 ? 'enough' : `NOT ENOUGH: ${wrong.map(({ mark, problem }) => `${mark} (${problem ?? ''})`).join(', ')}`}`,
    `store: ${plural(report.store.sessions, 'session')}, ${plural(report.store.builds, 'build')}, ${plural(report.store.runs, 'run')}, ${report.store.runsOnBuild} on this build, ${plural(report.store.seedsTwice, 'seed')} run twice`,
    speedText(report),
    headline(report),
    '',
  ].join('\n');
}

function failureLine(failure: CampaignFailure): string {
  const { signature, status, counts, kind, count, countNow, clause, message } = failure;
  const state = status === 'fixed' ? 'fixed ' : counts ? 'OPEN  ' : 'remark';
  const blamed = clause === undefined ? '' : ` ${clause.id}`;
  return `${state} ${signature} ${failure.case} ${kind}${blamed}, ${plural(count, 'time')}, ${countNow} now: ${clip(visible(message), 160)}`;
}

/** A report in GitHub-flavoured Markdown. */
export function renderCampaignMarkdown(report: CampaignReport): string {
  const cell = (value: string | number): string => escapeMarkdown(clip(String(value), MESSAGE_MAX));
  const row = (cells: readonly (string | number)[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const tables = campaignTables(report).flatMap(({ title, head, rows }) => [
    `### ${escapeMarkdown(title)}`,
    [row(head), `|${'---|'.repeat(head.length)}`, ...rows.map(row)].join('\n'),
  ]);
  return [
    `## ${escapeMarkdown(headline(report))}`,
    escapeMarkdown(speedText(report)),
    fence(report.command, 'sh'),
    ...report.problems.map((problem) => `> ${escapeMarkdown(problem)}`),
    ...tables,
    ...coverageSections(report.coverage),
    '',
  ].join('\n\n');
}

/** A table of the report, for Markdown and HTML alike. */
export type CampaignTable = {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
};

/** The tables of the report, in order. */
export function campaignTables(report: CampaignReport): readonly CampaignTable[] {
  const { failures, cases, canaries, store } = report;
  const tables: CampaignTable[] = [
    {
      title: 'Failures by signature',
      head: ['signature', 'status', 'case', 'kind', 'clause', 'times', 'now', 'first seen', 'last seen', 'what'],
      rows: failures.map((each) => [
        each.signature,
        each.counts ? each.status : `${each.status}, remark`,
        each.case,
        each.kind,
        each.clause?.id ?? '',
        each.count,
        each.countNow,
        `${each.first.at.slice(0, 16)} on ${each.first.commit}`,
        `${each.last.at.slice(0, 16)} on ${each.last.commit}`,
        each.message,
      ]),
    },
    {
      title: 'Canary',
      head: ['planted', 'end', 'runs', 'what'],
      rows: canaries.map(({ mutant, end, runs, text }) => [mutant, end, runs, text]),
    },
    {
      title: 'Cases',
      head: ['case', 'runs', 'made twice', 'each', 'together', 'on this build', 'open', 'seeds', 'what'],
      rows: cases.map((each) => [
        each.case,
        each.runs,
        each.twice,
        formatMillis(each.millis / Math.max(1, each.runs)),
        formatMillis(each.millis),
        each.runsOnBuild,
        each.open,
        clip(each.seeds, 80),
        each.title,
      ]),
    },
    {
      title: 'Store',
      head: ['sessions', 'builds', 'runs', 'runs on this build', 'seeds run twice'],
      rows: [[store.sessions, store.builds, store.runs, store.runsOnBuild, store.seedsTwice]],
    },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

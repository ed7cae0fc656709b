/**
 * The run as a CI summary in GitHub-flavoured Markdown: verdict, one table by area, one by level, failures with their commands.
 *
 * Text from the log is escaped, so that it can neither break a table nor become markup or HTML.
 */
import { citedBy } from './clause-marks.ts';
import { coverageMarkdown } from './coverage-tables.ts';
import type { RunLog, Status } from './model.ts';
import { summarize, type Judgement, type Summary } from './summary.ts';
import {
  clip,
  escapeMarkdown,
  fence,
  formatMillis,
  STATUS_GLYPH,
  verdictReason,
  verdictWord,
  visible,
} from './text.ts';

/** Failures written out; CI services cut summaries at one mebibyte. */
const FAILURES_MAX = 50;
/** Characters a field of a failure may take. */
const FIELD_MAX = 600;

const COLUMNS: readonly {
  readonly name: string;
  readonly count: (counts: Readonly<Record<Status, number>>, owed: number) => number;
}[] = [
  { name: 'passed', count: (counts) => counts.green },
  { name: 'failed', count: (counts) => counts.red },
  { name: 'fault', count: (counts) => counts.purple },
  { name: 'worth a look', count: (counts) => counts.yellow },
  { name: 'foreseen', count: (counts) => counts.grey },
  { name: 'not asked', count: (counts, owed) => counts.hollow - owed },
  { name: 'not run', count: (_counts, owed) => owed },
];

/** The summary, ending with a line feed. */
export function renderMarkdown(log: RunLog): string {
  const summary = summarize(log);
  const { verdict } = summary;
  const { header, footer } = log;
  const { implementation } = header;
  const facts = [
    `${implementation.name} ${implementation.version} (${implementation.language})`,
    `${header.tool} ${header.version}`,
    `spec ${clip(header.spec, 12)}`,
    `seed ${header.seed}`,
    ...(footer === undefined ? [] : [`digest ${clip(footer.digest, 16)}`, formatMillis(footer.wallMillis)]),
  ];
  return [
    `## ${STATUS_GLYPH[verdict.status]} ${escapeMarkdown(verdict.headline)}`,
    escapeMarkdown(verdict.detail),
    `Judged: ${facts.map(escapeMarkdown).join(' · ')}`,
    fence(visible(header.command), 'sh'),
    ...(log.problems ?? []).map((problem) => `> ${escapeMarkdown(problem)}`),
    levelTable(summary),
    areaTable(summary),
    ...coverageMarkdown(log),
    ...failures(summary, log),
    '',
  ].join('\n\n');
}

function levelTable({ levels }: Summary): string {
  const rows = (['MUST', 'SHOULD', 'MAY'] as const).map((level) => {
    const { held, asked, testable, total } = levels[level];
    return `| ${level} | ${held} | ${asked} | ${testable} | ${total} |`;
  });
  return ['| clauses | held | asked | testable | all |', '|---|--:|--:|--:|--:|', ...rows].join('\n');
}

function areaTable(summary: Summary): string {
  const used = COLUMNS.filter(({ name, count }) => name === 'passed' || count(summary.counts, summary.owed) > 0);
  const row = (name: string, counts: Readonly<Record<Status, number>>, owed: number, all: number): string =>
    `| ${[name, ...used.map(({ count }) => String(count(counts, owed))), String(all)].join(' | ')} |`;
  return [
    `| ${['area', ...used.map(({ name }) => name), 'all'].join(' | ')} |`,
    `|---|${'--:|'.repeat(used.length + 1)}`,
    ...summary.areas.map((area) => row(escapeMarkdown(area.area), area.counts, area.owed, area.verdicts)),
    row('**all**', summary.counts, summary.owed, summary.total),
  ].join('\n');
}

function failures(summary: Summary, log: RunLog): string[] {
  const shown = (['red', 'purple'] as const).flatMap((status) =>
    summary.judgements.filter((judgement) => judgement.status === status),
  );
  if (shown.length === 0) return [];
  const left = shown.length - FAILURES_MAX;
  return [
    '### Failures',
    ...shown.slice(0, FAILURES_MAX).map((judgement) => failureBlock(judgement, log)),
    ...(left > 0 ? [`${left} more are in the full report.`] : []),
  ];
}

function failureBlock({ plan, verdict, status }: Judgement, log: RunLog): string {
  const cell = (text: string): string => escapeMarkdown(clip(text, FIELD_MAX));
  const blamed = verdict.failure?.clause ?? citedBy(plan)[0]!;
  const clause = log.header.clauses.find((row) => row.id === blamed);
  const { failure } = verdict;
  const reason = verdictReason(verdict);
  const lines = [
    `**${STATUS_GLYPH[status]} ${cell(plan.case)}** ${cell(plan.title)} (${cell(plan.target)}, ${verdictWord(verdict)})`,
    ...(clause === undefined ? [] : [`${cell(`${clause.id} ${clause.level}`)}: “${cell(clause.text)}”`]),
    ...(reason === undefined ? [] : [`why: ${cell(reason)}`]),
    ...(failure?.expected === undefined ? [] : [`expected: ${cell(failure.expected)}`]),
    ...(failure?.actual === undefined ? [] : [`actual: ${cell(failure.actual)}`]),
  ];
  return `${lines.join('<br>\n')}\n\n${fence(visible(verdict.repro), 'sh')}`;
}

/**
 * The coverage of a run as tables: classes of faults and attacks (on, fired, off), points that must be reached, what sometimes should
 * happen. The same rows as Markdown and as markup that needs no script; nothing when no case has marks.
 */
import { FAULT_SHARE_MIN_PERCENT, judgeCoverage, percentOf, sumCoverage } from './coverage.ts';
import type { JudgedRow } from './coverage.ts';
import type { CoverageRow, RunLog } from './model.ts';
import { escapeMarkdown, escapeText, visible } from './text.ts';

type Table = { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] };

function tables(rows: readonly JudgedRow[]): readonly Table[] {
  const of = (kind: JudgedRow['kind']): readonly JudgedRow[] => rows.filter((row) => row.kind === kind);
  const share = (part: number, runs: number): string => `${percentOf(part, runs)} %`;
  const remark = ({ problem = '' }: JudgedRow): string => problem.toLowerCase();
  const classes = (title: string, kind: 'fault' | 'attack' | 'rareWay'): Table => ({
    head: [title, 'on', 'fired', 'off', 'runs', `at least ${FAULT_SHARE_MIN_PERCENT} % fired and off`],
    rows: of(kind).map((row) => {
      const { mark, on = 0, hits, runs } = row;
      return [mark, share(on, runs), share(hits, runs), share(runs - on, runs), String(runs), remark(row) || 'yes'];
    }),
  });
  const marks = (title: string, own: readonly JudgedRow[]): Table => ({
    head: [title, 'happened', 'runs', 'remark'],
    rows: own.map((row) => [row.mark, share(row.hits, row.runs), String(row.runs), remark(row)]),
  });
  const all = [
    classes('class of faults', 'fault'),
    classes('class of attacks', 'attack'),
    classes('rare way of the engine', 'rareWay'),
    marks('point that must be reached', of('reachable')),
    marks('what sometimes should happen', of(undefined)),
  ];
  return all.filter((table) => table.rows.length > 0);
}

function headline(rows: readonly JudgedRow[]): string {
  const wrong = rows.filter(({ problem }) => problem !== undefined).length;
  return wrong === 0
    ? `Coverage: ${rows.length} marks, enough`
    : `Coverage: ${wrong} of ${rows.length} marks not enough`;
}

/** Sections of Markdown, a heading and a table a kind. */
export function coverageMarkdown({ verdicts }: RunLog): readonly string[] {
  return coverageSections(sumCoverage(verdicts));
}

/** The same of sums. */
export function coverageSections(sums: readonly CoverageRow[]): readonly string[] {
  const rows = judgeCoverage(sums);
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [
    `### ${headline(rows)}`,
    ...tables(rows).map(({ head, rows: body }) =>
      [line(head), `|---|${'--:|'.repeat(head.length - 1)}`, ...body.map(line)].join('\n'),
    ),
  ];
}

/** A section of the HTML page. */
export function coverageHtml({ verdicts }: RunLog): string {
  return coverageDetails(sumCoverage(verdicts));
}

/** The same of sums. */
export function coverageDetails(sums: readonly CoverageRow[]): string {
  const rows = judgeCoverage(sums);
  if (rows.length === 0) return '';
  const cell = (name: 'td' | 'th', text: string): string => `<${name}>${escapeText(visible(text))}</${name}>`;
  const table = ({ head, rows: body }: Table): string =>
    `<table><thead><tr>${head.map((text) => cell('th', text)).join('')}</tr></thead><tbody>${body
      .map((cells) => `<tr>${cells.map((text) => cell('td', text)).join('')}</tr>`)
      .join('')}</tbody></table>`;
  return `<details class="coverage" id="coverage"><summary>${escapeText(headline(rows))}</summary>${tables(rows).map(table).join('')}</details>`;
}

/**
 * The run on a terminal: one line an area, a block a failure, the verdict line last.
 *
 * A green run prints nothing but areas and verdict. Text from the log is made visible first, so that no peer can move the
 * cursor or colour the screen. The caller says whether colours are wanted and how wide the screen is.
 */
import { citedBy } from './clause-marks.ts';
import type { Failure, RunLog, Status } from './model.ts';
import { summarize, type AreaCounts, type Judgement, type Summary } from './summary.ts';
import {
  clip,
  formatMillis,
  isMarkedLine,
  STATUS_GLYPH,
  STATUS_WORD,
  verdictReason,
  verdictWord,
  visible,
} from './text.ts';

export type ConsoleOptions = {
  readonly color: boolean;
  /** Characters a line may take; 60 at least. */
  readonly columns: number;
};

type Paint = (text: string, status: Status | 'bold' | 'dim') => string;

/** Characters of one field; a peer may have sent a megabyte. */
const FIELD_MAX = 600;

const SGR = {
  red: '31',
  green: '32',
  yellow: '33',
  purple: '35',
  grey: '90',
  hollow: '90',
  bold: '1',
  dim: '2',
} as const;

/** Verdicts that get a block of their own, and in which order. */
const SHOWN: readonly Status[] = ['red', 'purple', 'yellow'];

/** The whole run as text, ending with a line feed. */
export function renderConsole(log: RunLog, options: ConsoleOptions): string {
  const paint: Paint = (text, status) => (options.color ? `\x1b[${SGR[status]}m${text}\x1b[0m` : text);
  const columns = Math.max(60, options.columns);
  const summary = summarize(log);
  const shown = SHOWN.flatMap((status) => summary.judgements.filter((judgement) => judgement.status === status));
  return [
    ...summary.areas.map((area) => areaLine(area, summary, paint)),
    ...shown.flatMap((judgement) => ['', ...failureLines(judgement, log, paint, columns)]),
    ...(shown.length > 0 ? ['', totalsLine(summary)] : []),
    ...(log.problems ?? []).map((problem) => paint(visible(`log: ${problem}`), 'yellow')),
    verdictLine(summary, log, paint),
    '',
  ].join('\n');
}

function areaLine(area: AreaCounts, summary: Summary, paint: Paint): string {
  const width = Math.max(...summary.areas.map((other) => visible(other.area).length));
  const worst = SHOWN.find((status) => area.counts[status] > 0) ?? (area.owed > 0 ? 'hollow' : undefined);
  const status = worst ?? (area.counts.green > 0 ? 'green' : 'hollow');
  const rest = [...SHOWN, 'grey' as const]
    .filter((other) => area.counts[other] > 0)
    .map((other) => paint(`${area.counts[other]} ${STATUS_WORD[other]}`, other));
  if (area.owed > 0) rest.push(paint(`${area.owed} not run`, 'yellow'));
  const unasked = area.counts.hollow - area.owed;
  if (unasked > 0) rest.push(paint(`${unasked} not asked`, 'hollow'));
  const count = `${String(area.counts.green).padStart(4)} of ${String(area.verdicts).padEnd(4)}`;
  return `${paint(STATUS_GLYPH[status], status)} ${visible(area.area).padEnd(width)} ${count}  ${rest.join(', ')}`.trimEnd();
}

function failureLines({ plan, verdict, status }: Judgement, log: RunLog, paint: Paint, columns: number): string[] {
  const head = `${paint(`${STATUS_GLYPH[status]} ${visible(plan.case)}`, status)}  ${paint(clip(visible(plan.title), 200), 'bold')}`;
  const blamed = verdict.failure?.clause ?? citedBy(plan)[0]!;
  const clause = log.header.clauses.find((row) => row.id === blamed);
  const { failure } = verdict;
  return [
    `${head}  ${paint(`[${visible(plan.target)}, ${verdictWord(verdict)}]`, 'dim')}`,
    ...(clause === undefined
      ? [`   ${visible(blamed)}`]
      : wrap(`${clause.id} ${clause.level}  “${visible(clause.text)}”`, 3, columns)),
    ...field('message', verdictReason(verdict), columns),
    ...comparison(failure, columns),
    ...bytesLines(failure?.hexdump, columns),
    ...field('repro', verdict.repro),
  ];
}

/** Expected and actual beside each other when the line holds both, else one below the other. */
function comparison(failure: Failure | undefined, columns: number): string[] {
  if (failure?.expected === undefined && failure?.actual === undefined) return [];
  const expected = clip(visible(failure.expected ?? '-'), FIELD_MAX);
  const actual = clip(visible(failure.actual ?? '-'), FIELD_MAX);
  const line = `   ${'expected'.padEnd(9)} ${expected.padEnd(36)}  actual  ${actual}`;
  return line.length <= columns
    ? [line]
    : [...field('expected', expected, columns), ...field('actual', actual, columns)];
}

/** The deciding lines of a hexdump; its first line when none is marked. */
function bytesLines(hexdump: string | undefined, columns: number): string[] {
  if (hexdump === undefined || hexdump.trim() === '') return [];
  const lines = hexdump.split('\n').filter((line) => line.trim() !== '');
  const marked = lines.filter(isMarkedLine);
  return (marked.length > 0 ? marked.slice(0, 3) : lines.slice(0, 1)).map((line, index) =>
    clip(
      `   ${(index === 0 ? 'bytes' : '').padEnd(9)} ${visible(line)
        .replaceAll('\\x09', ' ')
        .replace(/^\s*>\s?/, '')}`,
      columns,
    ),
  );
}

/** A labelled field, wrapped to `columns` when given: a command must stay in one piece to be copied. */
function field(name: string, text: string | undefined, columns?: number): string[] {
  if (text === undefined || text === '') return [];
  if (columns === undefined) return [`   ${name.padEnd(9)} ${visible(text)}`];
  return wrap(`${name.padEnd(9)} ${clip(visible(text), FIELD_MAX)}`, 3, columns, 10);
}

function wrap(text: string, indent: number, columns: number, hanging = 2): string[] {
  const lines: string[] = [];
  let line = ' '.repeat(indent);
  let empty = true;
  for (const word of text.split(/(?<=\S)(?= )/)) {
    if (!empty && line.length + word.length > columns) {
      lines.push(line);
      line = ' '.repeat(indent + hanging);
      empty = true;
    }
    line += empty && lines.length > 0 ? word.trimStart() : word;
    empty = false;
  }
  return [...lines, line];
}

function totalsLine(summary: Summary): string {
  const { counts, owed } = summary;
  const parts = (['green', 'red', 'purple', 'yellow', 'grey'] as const).map(
    (status) => `${counts[status]} ${STATUS_WORD[status]}`,
  );
  return `${summary.total} verdicts: ${[...parts, `${counts.hollow - owed} not asked`, `${owed} not run`].join(', ')}`;
}

function verdictLine({ verdict, levels }: Summary, log: RunLog, paint: Paint): string {
  const scores = `MUST ${levels.MUST.held}/${levels.MUST.asked}  SHOULD ${levels.SHOULD.held}/${levels.SHOULD.asked}`;
  const { footer, header } = log;
  const run = [
    `seed ${header.seed}`,
    ...(footer === undefined || footer.digest === '' ? [] : [`digest ${visible(footer.digest)}`]),
    ...(footer === undefined ? [] : [formatMillis(footer.wallMillis)]),
  ];
  const headline = paint(`${STATUS_GLYPH[verdict.status]} ${verdict.headline}.`, verdict.status);
  return `${headline} ${verdict.detail}\n  ${scores}  ${paint(run.join('  '), 'dim')}`;
}

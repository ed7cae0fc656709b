/**
 * Words and numbers as every report writes them, and characters made safe for a terminal, for XML and for Markdown.
 *
 * Strings in a log come from peers, adapters and captures: anything may be in them. Nothing here knows the log's shape
 * beyond one verdict.
 */
import { honestStatus } from './law.ts';
import type { CaseVerdict, Status } from './model.ts';

/** What a status is called. */
export const STATUS_WORD: Readonly<Record<Status, string>> = {
  green: 'passed',
  red: 'failed',
  purple: 'faulty',
  yellow: 'worth a look',
  grey: 'foreseen',
  hollow: 'not asked',
};

/** One character for a status, for terminals and Markdown. */
export const STATUS_GLYPH: Readonly<Record<Status, string>> = {
  green: '✓',
  red: '✗',
  purple: '⚡',
  yellow: '!',
  grey: '≈',
  hollow: '○',
};

/** The word for one verdict: its outcome, or what is odd about it. */
export function verdictWord(verdict: Pick<CaseVerdict, 'outcome' | 'status' | 'expectation'>): string {
  const { outcome, expectation } = verdict;
  if (outcome === 'pass' && honestStatus(verdict) === 'red') return 'stale';
  if (outcome === 'not-run') return expectation.kind === 'skip' ? 'skipped' : 'not run';
  return outcome === 'not-applicable' ? 'n/a' : outcome.replace('-', ' ');
}

/** One sentence on why a verdict is what it is; undefined when it simply passed. */
export function verdictReason(
  verdict: Pick<CaseVerdict, 'outcome' | 'status' | 'expectation' | 'failure' | 'reason'>,
): string | undefined {
  if (verdictWord(verdict) === 'stale') return 'it is listed as known-failing, but it passed: take the entry out';
  return verdict.failure?.message ?? verdict.reason;
}

/** "1 case", "2 cases". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** A duration given in milliseconds, for people. */
export function formatMillis(millis: number): string {
  if (millis < 1) return `${trimZeros(millis.toFixed(2))} ms`;
  if (millis < 1000) return `${trimZeros(millis.toFixed(millis < 10 ? 1 : 0))} ms`;
  if (millis < 60_000) return `${trimZeros((millis / 1000).toFixed(2))} s`;
  const secs = Math.round(millis / 1000);
  return `${Math.floor(secs / 60)} min ${secs % 60} s`;
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** Controls, everything that reorders or hides text, line separators, variation selectors, halves of pairs, noncharacters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\ufdd0-\ufdef\ufe00-\ufe0f\ufffe\uffff]/gu;

/** Text with every invisible character written out, as in `\x1b`; line feeds and tabs stay when `lines` is true. */
export function visible(text: string, lines = false): string {
  return text.replace(UNSEEN, (char) => {
    if (lines && (char === '\n' || char === '\t')) return char;
    const code = char.codePointAt(0)!;
    if (char === '\n') return '\\n';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** Characters that XML 1.0 does not allow, removed. */
function xmlLegal(text: string): string {
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]/gu, '');
}

/** Text for the content of an XML or HTML element. */
export function escapeText(text: string): string {
  return xmlLegal(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Text for a double-quoted XML or HTML attribute; line ends and tabs survive attribute normalisation. */
export function escapeAttribute(text: string): string {
  return escapeText(text)
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll('\t', '&#9;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;');
}

/** Text inside one cell or line of Markdown: no markup, no HTML, no line end. Never put it first on a line. */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replace(/[\\`*_{}[\]#|~]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** A Markdown code block whose fence is longer than any run of backticks inside; line feeds stay. */
export function fence(text: string, language: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}${language}\n${visible(text, true)}\n${ticks}`;
}

/** Text cut to `max` characters, with an ellipsis in place of the rest; never cut inside a surrogate pair. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, Math.max(0, max - 1)).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** True for the lines of a hexdump that decided: those that begin with `>`, bracket bytes, or carry an arrow. */
export function isMarkedLine(line: string): boolean {
  return /^\s*>|\[[0-9a-f]{2}(?: [0-9a-f]{2})*\]|<-{2,}/i.test(line);
}

/** Text of anybody as HTML: what cannot be seen is made visible, what means something is escaped. */
export function html(text: string): string {
  return escapeText(visible(text));
}

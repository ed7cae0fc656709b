/**
 * A badge for a README: a small SVG, and the same as JSON in the shape badge services call an endpoint.
 *
 * The text names the level that decides; the colour repeats it and is never the only sign.
 */
import type { RunLog, Status } from './model.ts';
import { summarize, type Summary } from './summary.ts';
import { escapeAttribute, escapeText } from './text.ts';

export type Badge = {
  readonly svg: string;
  readonly json: {
    readonly schemaVersion: 1;
    readonly label: string;
    readonly message: string;
    readonly color: string;
  };
};

/** Dark enough for white text on all of them. */
const COLOR: Readonly<Record<Status, string>> = {
  green: '#1a7f4b',
  red: '#c0262d',
  purple: '#7a3fb0',
  yellow: '#946200',
  grey: '#5f6772',
  hollow: '#5f6772',
};

/** Horizontal room of one character at 11 px, in px; generous, so that no font overflows. */
const CHAR_PX = 6.6;

/** The badge of one run. */
export function renderBadge(log: RunLog): Badge {
  const summary = summarize(log);
  const label = 'ESF conformance';
  const message = messageOf(summary);
  const color = COLOR[summary.verdict.status];
  return { svg: draw(label, message, color), json: { schemaVersion: 1, label, message, color } };
}

function messageOf({ verdict, levels, counts }: Summary): string {
  const must = `MUST ${levels.MUST.held}/${levels.MUST.asked}`;
  switch (verdict.kind) {
    case 'conformant':
      return `conformant, ${must}`;
    case 'partly-asked':
      return `${must} asked`;
    case 'with-exceptions':
      return `${must}, ${counts.grey} foreseen`;
    case 'not-conformant':
      return `not conformant, ${must}`;
    case 'stale':
      return 'stale expectations';
    case 'faulty':
      return 'harness fault';
    case 'incomplete':
      return 'incomplete run';
    case 'nothing-judged':
      return 'nothing judged';
  }
}

function draw(label: string, message: string, color: string): string {
  const left = Math.round(label.length * CHAR_PX) + 12;
  const right = Math.round(message.length * CHAR_PX) + 12;
  const text = (x: number, words: string): string =>
    `<text x="${x}" y="14" text-anchor="middle">${escapeText(words)}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${escapeAttribute(`${label}: ${message}`)}">`,
    `<title>${escapeText(`${label}: ${message}`)}</title>`,
    `<clipPath id="r"><rect width="${left + right}" height="20" rx="3"/></clipPath>`,
    `<g clip-path="url(#r)"><rect width="${left}" height="20" fill="#3b4048"/><rect x="${left}" width="${right}" height="20" fill="${color}"/></g>`,
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">${text(left / 2, label)}${text(left + right / 2, message)}</g>`,
    '</svg>\n',
  ].join('\n');
}

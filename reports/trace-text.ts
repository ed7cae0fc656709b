/**
 * A recorded run as text for a terminal: a column for each node, a line for each packet on a link and for each thing a node
 * said or did, in the order of time. Colours only where asked for. The legend stands above the first line and in the README.
 */
import { visible } from './text.ts';
import type { ViewRun } from './view/run-data.ts';

const COLUMN_CHARS_MIN = 6;
const COLUMN_CHARS_MAX = 12;
const TIME_CHARS = 12;
const MICROS_PER_SECOND = 1_000_000;

const COLORS = { tcp: 34, udp: 36, icmp: 35, drop: 31, fault: 33, quiet: 90 } as const;
type Color = keyof typeof COLORS;

/** What the signs mean, a line each. */
export const TRACE_LEGEND: readonly string[] = [
  'T U I  a TCP segment, UDP datagram or ICMP error leaves this node ...',
  '> <    ... and arrives at that one, so much later as is told behind it',
  'x      it was lost on the link; X: the node it reached dropped it; ~: it was still on its way at the end',
  '=      instead of -: a copy that a link has made',
  's n    a TCP state; a mapping that a NAT has made',
  'f l m  a fault; a log line; a mark of the scenario',
];

/** The whole text, ending with a line feed. */
export function renderTrace(run: ViewRun, color: boolean): string {
  const longest = Math.max(0, ...run.nodes.map(({ name }) => name.length));
  const width = Math.min(COLUMN_CHARS_MAX, Math.max(COLUMN_CHARS_MIN, longest + 2));
  const paint = (name: Color, text: string): string => (color ? `\x1b[${COLORS[name]}m${text}\x1b[0m` : text);
  const heads = run.nodes.map(({ name }) =>
    visible(name)
      .slice(0, width - 1)
      .padEnd(width),
  );
  const { hops, notes } = run;
  const lines = [
    ...TRACE_LEGEND.map((line) => paint('quiet', line)),
    `${'seconds'.padStart(TIME_CHARS - 2)}  ${heads.join('')}`.trimEnd(),
  ];
  let [hop, note] = [0, 0];
  while (hop < hops.from.length || note < notes.node.length) {
    const isNote = hop >= hops.from.length || (notes.timeMicros[note] ?? Infinity) <= hops.sentMicros[hop]!;
    const [micros, tint, text] = isNote ? noteLine(run, note++, width) : hopLine(run, hop++, width);
    const time = (micros / MICROS_PER_SECOND).toFixed(6).padStart(TIME_CHARS - 2);
    lines.push(`${paint('quiet', time)}  ${tint === undefined ? text : paint(tint, text)}`);
  }
  if (run.missedCount > 0) lines.push(`and ${run.missedCount} more events that did not fit`);
  return `${lines.join('\n')}\n`;
}

type Line = readonly [micros: number, tint: Color | undefined, text: string];

/** The middle of a node's column. */
function placeOf(node: number, width: number): number {
  return node * width + 1;
}

function hopLine(run: ViewRun, hop: number, width: number): Line {
  const { hops, nodes, endpoints, reasons } = run;
  const [from, to] = [placeOf(hops.from[hop]!, width), placeOf(hops.to[hop]!, width)];
  const protocol = hops.protocol[hop]!;
  const outcome = hops.outcome[hop]!;
  const cells = new Array<string>(nodes.length * width).fill(' ');
  const step = Math.sign(to - from);
  const isLost = outcome === 2;
  const end = isLost ? Math.round((from + to) / 2) : to;
  for (let at = from + step; at !== end && step !== 0; at += step) cells[at] = (hops.marks[hop]! & 2) === 0 ? '-' : '=';
  cells[from] = protocol === 6 ? 'T' : protocol === 17 ? 'U' : 'I';
  cells[end] = isLost ? 'x' : outcome === 3 ? 'X' : outcome === 0 ? '~' : step > 0 ? '>' : '<';
  const millis = (hops.endMicros[hop]! - hops.sentMicros[hop]!) / 1_000;
  const fate = outcome === 1 ? `+${millis} ms` : outcome === 0 ? '' : (reasons[hops.reason[hop]!] ?? '');
  const ends = `${endpoints[hops.source[hop]!] ?? ''} > ${endpoints[hops.destination[hop]!] ?? ''}`;
  const damaged = (hops.marks[hop]! & 1) === 0 ? '' : ' damaged';
  const tint = outcome >= 2 ? 'drop' : protocol === 6 ? 'tcp' : protocol === 17 ? 'udp' : 'icmp';
  return [hops.sentMicros[hop]!, tint, `${cells.join('')} ${carried(run, hop)}${damaged}  ${ends}  ${fate}`.trimEnd()];
}

/** Flags and bytes of payload; type and code of ICMP. */
function carried({ hops }: ViewRun, hop: number): string {
  const load = hops.loadBytes[hop]!;
  const protocol = hops.protocol[hop]!;
  if (protocol !== 6 && protocol !== 17) return `type ${hops.sequence[hop]!} code ${hops.acknowledgment[hop]!}`;
  if (protocol === 17) return `${load} B`;
  const names = ['F', 'S', 'R', 'P', 'A', 'U', 'E', 'C'].filter((_, bit) => (hops.flags[hop]! & (1 << bit)) !== 0);
  return load === 0 ? names.join('') : `${names.join('')} ${load} B`;
}

function noteLine(run: ViewRun, note: number, width: number): Line {
  const { notes, noteKinds, nodes, texts } = run;
  const kind = noteKinds[notes.kind[note]!] ?? '';
  const node = notes.node[note]!;
  const cells = new Array<string>(nodes.length * width).fill(' ');
  const sign = kind === 'tcp-state' ? 's' : kind === 'drop' ? 'X' : (kind[0] ?? '?');
  if (node >= 0) cells[placeOf(node, width)] = sign;
  else cells.fill(sign === 'f' ? '#' : '.', 0, nodes.length * width - 1);
  const tint =
    kind === 'fault' || kind === 'nat'
      ? 'fault'
      : kind === 'tcp-state'
        ? 'quiet'
        : kind === 'drop'
          ? 'drop'
          : undefined;
  return [notes.timeMicros[note]!, tint, `${cells.join('')} ${visible(texts[notes.text[note]!] ?? '')}`];
}

/// <reference lib="dom" />
/**
 * Sequence diagrams as SVG: a lane a party, an arrow a message, a band a fault, a note where nothing travels.
 *
 * Time runs downwards but not to scale: every step has its row and its time beside it, and a second or more of silence gets a
 * row of its own that says how long it was.
 */
import type { PageRow, PageStep } from '../page-data.ts';
import type { Child, Kit } from './kit.ts';

/** A row of the picture: a step, how many were left out, or how long nothing happened. */
export type Row =
  | { readonly kind: 'step'; readonly step: PageStep; readonly y: number }
  | { readonly kind: 'cut'; readonly count: number; readonly y: number }
  | { readonly kind: 'gap'; readonly micros: number; readonly y: number };

export type Frame = {
  /** Party name to the horizontal place of its lane, in px. */
  readonly x: ReadonlyMap<string, number>;
  readonly left: number;
  readonly width: number;
  readonly top: number;
};

/** The whole picture. */
export function drawSequence(kit: Kit, steps: readonly PageRow[]): SVGElement {
  const frame = kit.lanesOf(steps);
  const rows = kit.rowsOf(steps, frame.top);
  const height = (rows.at(-1)?.y ?? frame.top) + 30;
  const drawn = rows.map((row): Child => {
    if (row.kind === 'cut')
      return kit.drawBand(frame, row.y, `${kit.words(row.count, 'step')} left out; the log has them`, 'cut');
    if (row.kind === 'gap') return kit.drawBand(frame, row.y, `${kit.micros(row.micros)} later`, 'gap');
    const [at, from, to, label, mark] = row.step;
    const time = kit.svg(
      'text',
      { class: 'time', x: frame.left - 12, y: row.y + 4, 'text-anchor': 'end' },
      kit.micros(at),
    );
    const text = kit.page.strings[label] ?? '';
    const [start, end] = [
      frame.x.get(kit.page.strings[from] ?? ''),
      to < 0 ? undefined : frame.x.get(kit.page.strings[to] ?? ''),
    ];
    if (mark === 2) return [time, kit.drawBand(frame, row.y, text, 'fault')];
    if (start !== undefined && end !== undefined)
      return [time, kit.drawArrow(frame, { y: row.y, start, end, text, bad: mark === 1 })];
    return [time, kit.drawNote(frame, row.y, start ?? frame.left + 8, text, mark === 1)];
  });
  return kit.svg(
    'svg',
    {
      class: 'sequence',
      viewBox: `0 0 ${frame.width} ${height}`,
      width: frame.width,
      height,
      role: 'img',
      'aria-label': 'Sequence diagram',
    },
    kit.drawLanes(frame, height),
    drawn,
  );
}

/** Lanes in order of first appearance; as wide as the longest label wants, within reason. */
export function lanesOf(kit: Kit, steps: readonly PageRow[]): Frame {
  const { strings } = kit.page;
  const parties = new Set<string>();
  let longest = 0;
  for (const step of steps) {
    if (typeof step === 'number') continue;
    const [, from, to, label, mark] = step;
    longest = Math.max(longest, (strings[label] ?? '').length);
    // A fault is a band over all lanes; its "from" need not be a party.
    if (mark === 2) continue;
    if (
      to >= 0 ||
      steps.some((other) => typeof other !== 'number' && other[2] >= 0 && (other[1] === from || other[2] === from))
    )
      parties.add(strings[from] ?? '');
    if (to >= 0) parties.add(strings[to] ?? '');
  }
  const left = 92;
  const room = parties.size <= 2 ? 460 : parties.size === 3 ? 330 : 220;
  const pitch = Math.min(room, Math.max([0, 380, 380, 270, 210][parties.size] ?? 170, longest * 6.4 + 48));
  const x = new Map([...parties].map((party, index): [string, number] => [party, left + 60 + index * pitch]));
  const last = left + 60 + Math.max(0, parties.size - 1) * pitch;
  return { x, left, width: Math.max(420, last + Math.max(110, kit.roomBeside(steps, [...parties].at(-1)))), top: 48 };
}

/** Room for what stands to the right of the last lane: loops and notes. */
export function roomBeside(kit: Kit, steps: readonly PageRow[], party: string | undefined): number {
  const { strings } = kit.page;
  const lengths = steps.map((step) => {
    if (
      typeof step === 'number' ||
      strings[step[1]] !== party ||
      (step[2] >= 0 && step[2] !== step[1]) ||
      step[4] === 2
    )
      return 0;
    return (strings[step[3]] ?? '').length * 6.4 + 70;
  });
  return Math.min(320, Math.max(0, ...lengths));
}

/** Gives every row its height. */
export function rowsOf(_kit: Kit, steps: readonly PageRow[], top: number): Row[] {
  const rows: Row[] = [];
  let y = top + 26;
  let last: number | undefined;
  for (const step of steps) {
    if (typeof step === 'number') {
      rows.push({ kind: 'cut', count: step, y });
      last = undefined;
    } else {
      if (last !== undefined && step[0] - last >= 1_000_000) {
        rows.push({ kind: 'gap', micros: step[0] - last, y });
        y += 32;
      }
      last = step[0];
      rows.push({ kind: 'step', step, y });
    }
    y += 36;
  }
  return rows;
}

/** Names above, lines below. */
export function drawLanes(kit: Kit, frame: Frame, height: number): Child {
  return [...frame.x].map(([party, x]) => {
    const name = party.length > 21 ? `${party.slice(0, 20)}…` : party;
    const half = Math.min(82, Math.max(34, name.length * 3.6 + 10));
    return kit.svg(
      'g',
      { class: 'lane' },
      kit.svg('title', {}, party),
      kit.svg('line', { x1: x, x2: x, y1: 34, y2: height - 6 }),
      kit.svg('rect', { x: x - half, y: 8, width: half * 2, height: 26, rx: 4 }),
      kit.svg('text', { x, y: 25, 'text-anchor': 'middle' }, name),
    );
  });
}

/** A message from lane to lane, or a loop on one lane. */
export function drawArrow(
  kit: Kit,
  frame: Frame,
  arrow: {
    readonly y: number;
    readonly start: number;
    readonly end: number;
    readonly text: string;
    readonly bad: boolean;
  },
): Child {
  const { y, start, end, text, bad } = arrow;
  const self = start === end;
  const way = end > start ? 1 : -1;
  const tip = self ? start + 3 : end - way * 3;
  const span = self ? frame.width - start - 60 : Math.abs(end - start) - 24;
  const max = Math.max(8, Math.floor(span / 6.2));
  const line = self ? `M${start} ${y - 8} h34 v16 h-28` : `M${start} ${y} H${end - way * 4}`;
  const head = self ? `M${tip} ${y + 8} l8 -4 v8 z` : `M${tip} ${y} l${-way * 8} -4 v8 z`;
  return kit.svg(
    'g',
    { class: bad ? 'arrow bad' : 'arrow' },
    kit.svg('title', {}, text),
    bad &&
      kit.svg('rect', {
        class: 'row',
        x: frame.left,
        y: y - 20,
        width: frame.width - frame.left - 8,
        height: 32,
        rx: 4,
      }),
    kit.svg('path', { class: 'line', d: line }),
    kit.svg('path', { class: 'head', d: head }),
    kit.svg(
      'text',
      { x: self ? start + 42 : (start + end) / 2, y: self ? y + 4 : y - 6, 'text-anchor': self ? 'start' : 'middle' },
      `${bad ? '✗ ' : ''}${text.length > max ? `${text.slice(0, max - 1)}…` : text}`,
    ),
  );
}

/** A remark beside a lane. */
export function drawNote(kit: Kit, frame: Frame, y: number, x: number, text: string, bad: boolean): Child {
  const room = Math.max(60, frame.width - x - 16);
  const max = Math.floor((room - 20) / 6.2);
  const shown = text.length > max ? `${text.slice(0, max - 1)}…` : text;
  const width = Math.min(room, shown.length * 6.2 + 20);
  return kit.svg(
    'g',
    { class: bad ? 'note bad' : 'note' },
    kit.svg('title', {}, text),
    kit.svg('rect', { x: x + 6, y: y - 11, width, height: 22, rx: 3 }),
    kit.svg('text', { x: x + 16, y: y + 4 }, shown),
  );
}

/** A band over all lanes: a fault, a pause, steps left out. */
export function drawBand(kit: Kit, frame: Frame, y: number, text: string, kind: 'fault' | 'gap' | 'cut'): Child {
  const width = frame.width - frame.left - 8;
  const max = Math.floor((width - 20) / 6.2);
  return kit.svg(
    'g',
    { class: `band ${kind}` },
    kit.svg('title', {}, text),
    kit.svg('rect', { x: frame.left, y: y - 11, width, height: 22, rx: 3 }),
    kit.svg(
      'text',
      { x: frame.left + width / 2, y: y + 4, 'text-anchor': 'middle' },
      text.length > max ? `${text.slice(0, max - 1)}…` : text,
    ),
  );
}

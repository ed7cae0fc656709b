/// <reference lib="dom" />
/** The bar below: the whole run to scale, how much happened and was lost when, what is on the screen, and the time shown. */
import type { Kit } from './kit.ts';

/** Draws the bar. */
export function drawScrub(kit: Kit): void {
  const { state } = kit;
  const canvas = document.getElementById('scrub') as HTMLCanvasElement;
  const context = kit.fitCanvas(canvas);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const { colors, layout, run } = state;
  context.fillStyle = colors.sheet!;
  context.fillRect(0, 0, width, height);
  const [begin, end] = kit.shownTimes();
  const [left, right] = [kit.scrubX(begin, width), kit.scrubX(end, width)];
  context.fillStyle = colors.band!;
  context.fillRect(left, 0, Math.max(3, right - left), height);
  const { all, drops, notes } = kit.binned(Math.floor((width - 24) / 2));
  const most = Math.max(1, ...all);
  const tall = (count: number): number =>
    count === 0 ? 0 : 3 + ((height - 26) * Math.log2(1 + count)) / Math.log2(1 + most);
  for (let bin = 0; bin < all.length; bin += 1) {
    const x = 12 + bin * 2;
    context.fillStyle = colors['bar-time']!;
    context.fillRect(x, height - 16 - tall(all[bin]!), 2, tall(all[bin]!));
    context.fillStyle = colors.drop!;
    context.fillRect(x, height - 16 - tall(drops[bin]!), 2, tall(drops[bin]!));
    context.fillStyle = colors.fault!;
    if (notes[bin]! > 0) context.fillRect(x, 2, 2, 5);
  }
  context.strokeStyle = colors.focus!;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, 0.5, Math.max(3, right - left) - 1, height - 1);
  const cursor = Math.round(kit.scrubX(state.cursorMicros, width)) + 0.5;
  context.beginPath();
  context.moveTo(cursor, 0);
  context.lineTo(cursor, height);
  context.stroke();
  context.font = '11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace';
  context.fillStyle = colors.soft!;
  context.textBaseline = 'alphabetic';
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    context.textAlign = share === 0 ? 'left' : share === 1 ? 'right' : 'center';
    const text = kit.timeWords(run.endMicros * share, run.endMicros / 1_000);
    context.fillText(text, 12 + (width - 24) * share, height - 4);
  }
  canvas.setAttribute('aria-valuenow', String(Math.round(begin)));
  canvas.setAttribute('aria-valuemax', String(run.endMicros));
  canvas.setAttribute('aria-valuetext', `${kit.timeWords(begin, 1_000)} to ${kit.timeWords(end, 1_000)}`);
  document.body.dataset.shown = JSON.stringify({ begin, end, items: layout.items.length });
}

/** The times at the top and at the bottom of the screen. */
export function shownTimes(kit: Kit): readonly [number, number] {
  const { scrollTop, zoom, height } = kit.state;
  return [kit.timeAt(scrollTop / zoom), kit.timeAt((scrollTop + height - 48) / zoom)];
}

/** Where a time is on the bar. */
export function scrubX(kit: Kit, micros: number, width: number): number {
  return 12 + ((width - 24) * micros) / Math.max(1, kit.state.run.endMicros);
}

export type Bins = { readonly all: Uint32Array; readonly drops: Uint32Array; readonly notes: Uint32Array };

/** What happened in each part of the run; kept until the filter or the width changes. */
export function binned(kit: Kit, count: number): Bins {
  const { layout, arrows, run } = kit.state;
  const kept = (layout as { bins?: Bins }).bins;
  if (kept?.all.length === count) return kept;
  const [all, drops, notes] = [new Uint32Array(count), new Uint32Array(count), new Uint32Array(count)];
  const scale = count / Math.max(1, run.endMicros);
  for (const item of layout.items) {
    const isArrow = item < arrows.count;
    const time = isArrow ? arrows.begin[item]! : run.notes.timeMicros[item - arrows.count]!;
    const bin = Math.min(count - 1, Math.floor(time * scale));
    if (isArrow) {
      all[bin]! += 1;
      if (run.hops.outcome[arrows.last[item]!]! >= 2) drops[bin]! += 1;
    } else if (['fault', 'mark'].includes(run.noteKinds[run.notes.kind[item - arrows.count]!] ?? '')) notes[bin]! += 1;
  }
  const bins = { all, drops, notes };
  (layout as { bins?: Bins }).bins = bins;
  return bins;
}

/** Puts the time under a point of the bar into the middle of the screen. */
export function scrubTo(kit: Kit, x: number): void {
  const { state } = kit;
  const canvas = document.getElementById('scrub') as HTMLCanvasElement;
  const micros = Math.max(0, Math.min(1, (x - 12) / (canvas.clientWidth - 24))) * state.run.endMicros;
  kit.goTo(micros);
}

/** Shows a time, in the middle where possible. */
export function goTo(kit: Kit, micros: number): void {
  const { state } = kit;
  state.cursorMicros = micros;
  state.pointerY = -1;
  state.scrollTop = kit.placeOf(micros) * state.zoom - (state.height - 48) / 2;
  kit.clampScroll();
  kit.redraw();
}

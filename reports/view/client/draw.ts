/// <reference lib="dom" />
/** Draws the lanes and what happens between them on the large canvas: only what is on the screen, and of too much a part. */
import type { Context, Kit } from './kit.ts';

/** Draws everything at the next frame, however often it is asked for. */
export function redraw(kit: Kit): void {
  const { state } = kit;
  if (state.frame !== 0) return;
  state.frame = requestAnimationFrame(() => {
    state.frame = 0;
    kit.drawLanes();
    kit.drawScrub();
    kit.showPanel();
  });
}

/** The large canvas. */
export function drawLanes(kit: Kit): void {
  const { state } = kit;
  const canvas = document.getElementById('lanes') as HTMLCanvasElement;
  const context = kit.fitCanvas(canvas);
  const { width, height, colors, layout } = state;
  state.laneGap = Math.max(118, (width - 96 - 24) / Math.max(1, layout.lanes.length));
  kit.clampScroll();
  context.fillStyle = colors.paper!;
  context.fillRect(0, 0, width, height);
  state.drawn = { arrows: 0, notes: 0, drops: 0, labels: 0, skipped: 0 };
  context.save();
  context.beginPath();
  context.rect(0, 48, width, height - 48);
  context.clip();
  kit.drawAxis(context);
  kit.drawTables(context);
  kit.drawItems(context);
  kit.drawCursor(context);
  context.restore();
  kit.drawHeads(context);
  document.body.dataset.drawn = JSON.stringify(state.drawn);
}

/** The context of a canvas with as many pixels as the screen has for it. */
export function fitCanvas(kit: Kit, canvas: HTMLCanvasElement): Context {
  const ratio = devicePixelRatio || 1;
  const { clientWidth, clientHeight } = canvas;
  if (canvas.width !== Math.round(clientWidth * ratio) || canvas.height !== Math.round(clientHeight * ratio)) {
    canvas.width = Math.round(clientWidth * ratio);
    canvas.height = Math.round(clientHeight * ratio);
  }
  const context = canvas.getContext('2d', { alpha: false })!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  if (canvas.id === 'lanes') {
    kit.state.width = clientWidth;
    kit.state.height = clientHeight;
  }
  return context;
}

/** Keeps what is on the screen within what there is. */
export function clampScroll(kit: Kit): void {
  const { state } = kit;
  const bottom = state.layout.height * state.zoom - (state.height - 48);
  state.scrollTop = Math.max(0, Math.min(state.scrollTop, bottom));
  const right = 96 + 24 + state.laneGap * state.layout.lanes.length - state.width;
  state.scrollLeft = Math.max(0, Math.min(state.scrollLeft, right));
}

/** Where a lane is on the canvas. */
export function laneX(kit: Kit, lane: number): number {
  const { laneGap, scrollLeft } = kit.state;
  return 96 + laneGap * (lane + 0.5) - scrollLeft;
}

/** Where a place at zoom 1 is on the canvas. */
export function placeY(kit: Kit, place: number): number {
  return 48 + place * kit.state.zoom - kit.state.scrollTop;
}

/** Lines of time, and lines of lanes. */
export function drawAxis(kit: Kit, context: Context): void {
  const { width, height, colors, layout } = kit.state;
  context.font = '11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace';
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  context.strokeStyle = colors.grid!;
  context.lineWidth = 1;
  let last = '';
  const [begin, end] = kit.shownTimes();
  for (let y = 70; y < height; y += 44) {
    const micros = kit.timeAt((y - 48 + kit.state.scrollTop) / kit.state.zoom);
    const text = kit.timeWords(micros, Math.max(1, (end - begin) / 64));
    context.beginPath();
    context.moveTo(88, Math.round(y) + 0.5);
    context.lineTo(width, Math.round(y) + 0.5);
    context.stroke();
    context.fillStyle = colors.soft!;
    if (text !== last) context.fillText(text, 80, y);
    last = text;
  }
  context.strokeStyle = colors.lane!;
  context.beginPath();
  for (let lane = 0; lane < layout.lanes.length; lane += 1) {
    const x = Math.round(kit.laneX(lane)) + 0.5;
    if (x < 88 || x > width) continue;
    context.moveTo(x, 48);
    context.lineTo(x, height);
  }
  context.stroke();
}

/** A bar for each mapping beside the lane of its NAT, from its first packet to its end. */
export function drawTables(kit: Kit, context: Context): void {
  const { run, layout, colors, height } = kit.state;
  const slots = new Map<number, number[]>();
  for (const mapping of run.mappings) {
    const lane = layout.laneOf[mapping.nat]!;
    if (lane < 0) continue;
    const ends = slots.get(mapping.nat) ?? [];
    slots.set(mapping.nat, ends);
    let slot = ends.findIndex((end) => end <= mapping.fromMicros);
    if (slot < 0) slot = ends.length;
    ends[slot] = mapping.untilMicros;
    const begin = kit.placeY(kit.placeOf(mapping.fromMicros));
    const end = kit.placeY(kit.placeOf(Math.min(mapping.untilMicros, run.endMicros)));
    if (slot > 7 || end < 48 || begin > height) continue;
    context.fillStyle = mapping.protocol === 'tcp' ? colors.tcp! : colors.udp!;
    context.globalAlpha = 0.38;
    context.fillRect(
      kit.laneX(lane) + 4 + slot * 5,
      Math.max(40, begin),
      3,
      Math.min(height + 10, end) - Math.max(40, begin),
    );
    context.globalAlpha = 1;
  }
}

/** Names above the lanes. */
export function drawHeads(kit: Kit, context: Context): void {
  const { run, layout, width, colors, laneGap, filter } = kit.state;
  context.fillStyle = colors.paper!;
  context.fillRect(0, 0, width, 48);
  context.strokeStyle = colors.line!;
  context.beginPath();
  context.moveTo(0, 47.5);
  context.lineTo(width, 47.5);
  context.stroke();
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  for (const [lane, number] of layout.lanes.entries()) {
    const [x, node] = [kit.laneX(lane), run.nodes[number]!];
    if (x < 60 || x > width + laneGap) continue;
    const isChosen = filter.nodes.has(number);
    context.fillStyle = isChosen ? colors.link! : colors.ink!;
    context.font = '600 13px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
    const name = kit.cutText(context, node.name, laneGap - 34);
    context.fillText(name, x, 21);
    kit.drawSign(context, node.kind, x - context.measureText(name).width / 2 - 11, 16.5);
    context.fillStyle = colors.soft!;
    context.font = '11px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
    context.fillText(kit.cutText(context, node.addresses.join(', '), laneGap - 16), x, 37);
  }
}

/** A filled circle is a host, a diamond a NAT, a square a router. */
export function drawSign(kit: Kit, context: Context, kind: 'host' | 'nat' | 'router', x: number, y: number): void {
  const { colors } = kit.state;
  context.fillStyle = kind === 'host' ? colors.link! : kind === 'nat' ? colors.fault! : colors.soft!;
  context.beginPath();
  if (kind === 'host') context.arc(x, y, 4, 0, 7);
  else if (kind === 'router') context.rect(x - 4, y - 4, 8, 8);
  else {
    context.moveTo(x, y - 5);
    context.lineTo(x + 5, y);
    context.lineTo(x, y + 5);
    context.lineTo(x - 5, y);
  }
  context.fill();
}

/** A text that is not wider than that, with dots where something is missing. */
export function cutText(_kit: Kit, context: Context, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let [low, high] = [0, text.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? '' : `${text.slice(0, low)}…`;
}

/** The line of the time that the tables are shown for. */
export function drawCursor(kit: Kit, context: Context): void {
  const { state } = kit;
  const y = Math.round(kit.placeY(kit.placeOf(state.cursorMicros))) + 0.5;
  if (y < 48 || y > state.height) return;
  context.strokeStyle = state.colors.focus!;
  context.lineWidth = 1;
  context.globalAlpha = 0.55;
  context.setLineDash([2, 3]);
  context.beginPath();
  context.moveTo(0, y);
  context.lineTo(state.width, y);
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

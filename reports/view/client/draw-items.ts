/// <reference lib="dom" />
/** Draws arrows, drops and notes. Of more than fits an eye a part is drawn, drops first, and how much was left out is told. */
import type { Context, Kit } from './kit.ts';

/** How an arrow runs on the canvas. */
export type ArrowLine = {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly isLost: boolean;
};

/** Everything on the screen. */
export function drawItems(kit: Kit, context: Context): void {
  const { state } = kit;
  const visible = kit.visibleItems();
  const stride = Math.max(1, Math.ceil(visible.length / 4_000));
  const labelled = visible.length <= 700;
  /** By gap between lanes: how far down it is written on. */
  const written = new Map<number, number>();
  for (const [order, index] of visible.entries()) {
    const item = state.layout.items[index]!;
    const isDrop = item < state.arrows.count && state.run.hops.outcome[state.arrows.last[item]!]! >= 2;
    const isChosen = index === state.selected || index === state.hovered;
    if (order % stride !== 0 && !isChosen && !(isDrop && order % Math.ceil(stride / 8) === 0)) {
      state.drawn.skipped += 1;
      continue;
    }
    if (item < state.arrows.count) kit.drawArrow(context, index, labelled || isChosen ? written : undefined);
    else kit.drawNote(context, index, labelled || isChosen ? written : undefined);
  }
  if (state.selected >= 0) kit.drawJourney(context);
}

/** Positions of the items that reach into the screen. */
export function visibleItems(kit: Kit): number[] {
  const { layout, scrollTop, zoom, height } = kit.state;
  const [above, below] = [(scrollTop - 20) / zoom, (scrollTop + height) / zoom];
  const visible: number[] = [];
  for (let block = 0; block < layout.blockBottom.length; block += 1) {
    if (layout.top[block << 8]! > below) break;
    if (layout.blockBottom[block]! < above) continue;
    const end = Math.min(layout.items.length, (block + 1) << 8);
    for (let index = block << 8; index < end; index += 1) {
      if (layout.top[index]! > below) break;
      if (layout.bottom[index]! >= above) visible.push(index);
    }
  }
  return visible;
}

/** The line of an arrow; undefined when it has no lane to begin at. */
export function arrowLine(kit: Kit, index: number): ArrowLine | undefined {
  const { state } = kit;
  const { layout, arrows, run } = state;
  const item = layout.items[index]!;
  const [from, to] = [layout.laneOf[arrows.from[item]!]!, arrows.to[item]! < 0 ? -1 : layout.laneOf[arrows.to[item]!]!];
  if (from < 0) return undefined;
  const x0 = kit.laneX(from);
  const y0 = kit.placeY(layout.top[index]!);
  const outcome = run.hops.outcome[arrows.last[item]!]!;
  const wholeX = to >= 0 ? kit.laneX(to) : x0 + state.laneGap * (from === layout.lanes.length - 1 ? -0.8 : 0.8);
  if (outcome === 1 || outcome === 3) {
    return { x0, y0, x1: wholeX, y1: kit.placeY(layout.bottom[index]!), isLost: false };
  }
  // Lost on the way: it ends between the lanes, a little later, whatever the moment it was lost.
  const reach = Math.sign(wholeX - x0) * Math.min(Math.abs(wholeX - x0) * 0.5, state.laneGap * 0.62);
  return { x0, y0, x1: x0 + reach, y1: Math.max(y0 + 5, kit.placeY(layout.bottom[index]!)), isLost: true };
}

/** One arrow, its head or its cross, and its label where there is room. */
export function drawArrow(kit: Kit, context: Context, index: number, written: Map<number, number> | undefined): void {
  const { state } = kit;
  const { hops } = state.run;
  const item = state.layout.items[index]!;
  const [first, last] = [state.arrows.first[item]!, state.arrows.last[item]!];
  const line = kit.arrowLine(index);
  if (line === undefined) return;
  const { x0, y0, x1, y1 } = line;
  const outcome = hops.outcome[last]!;
  const isDrop = outcome >= 2;
  const color = kit.arrowColor(item);
  const isChosen = index === state.selected || index === state.hovered;
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = isChosen ? 2.4 : 1.2;
  // A TCP segment that carries nothing is not what one looks for.
  const isFaint = hops.protocol[first] === 6 && hops.loadBytes[first] === 0 && !isDrop && !isChosen;
  context.globalAlpha = written === undefined ? 0.5 : isFaint ? 0.6 : 1;
  if (outcome === 0 || (hops.marks[last]! & 2) !== 0) context.setLineDash([5, 4]);
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1, y1);
  context.stroke();
  context.setLineDash([]);
  const angle = Math.atan2(y1 - y0, x1 - x0);
  if (isDrop)
    kit.drawCross(context, line.isLost ? x1 : x1 - Math.cos(angle) * 7, line.isLost ? y1 : y1 - Math.sin(angle) * 7);
  else if (outcome === 1) kit.drawHead(context, x1, y1, angle);
  context.globalAlpha = 1;
  state.drawn.arrows += 1;
  if (isDrop) state.drawn.drops += 1;
  if (written !== undefined) kit.drawLabel(context, index, line, written);
}

/** By protocol, and one for all that were dropped. */
export function arrowColor(kit: Kit, arrow: number): string {
  const { arrows, colors, run } = kit.state;
  if (run.hops.outcome[arrows.last[arrow]!]! >= 2) return colors.drop!;
  const protocol = run.hops.protocol[arrows.first[arrow]!];
  return protocol === 6 ? colors.tcp! : protocol === 17 ? colors.udp! : colors.icmp!;
}

/** The head of an arrow. */
export function drawHead(_kit: Kit, context: Context, x: number, y: number, angle: number): void {
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - 8 * Math.cos(angle - 0.36), y - 8 * Math.sin(angle - 0.36));
  context.lineTo(x - 8 * Math.cos(angle + 0.36), y - 8 * Math.sin(angle + 0.36));
  context.fill();
}

/** The cross at the end of a packet. */
export function drawCross(_kit: Kit, context: Context, x: number, y: number): void {
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x - 4, y - 4);
  context.lineTo(x + 4, y + 4);
  context.moveTo(x - 4, y + 4);
  context.lineTo(x + 4, y - 4);
  context.stroke();
}

/** The words of an arrow, along it, in the first gap it crosses. */
export function drawLabel(
  kit: Kit,
  context: Context,
  index: number,
  line: ArrowLine,
  written: Map<number, number>,
): void {
  const { state } = kit;
  const item = state.layout.items[index]!;
  const { hops, reasons } = state.run;
  const [first, last] = [state.arrows.first[item]!, state.arrows.last[item]!];
  const { x0, y0, x1, y1 } = line;
  const lane = state.layout.laneOf[state.arrows.from[item]!]!;
  const direction = x1 >= x0 ? 1 : -1;
  const gap = direction > 0 ? lane : lane - 1;
  const middleX = x0 + (direction * Math.min(state.laneGap, Math.abs(x1 - x0))) / 2;
  const slope = x1 === x0 ? 0 : (y1 - y0) / (x1 - x0);
  const isChosen = index === state.selected || index === state.hovered;
  const middleY = y0 + (middleX - x0) * slope;
  if (!isChosen && middleY - 5 < (written.get(gap) ?? -Infinity) + 12) return;
  const isDrop = hops.outcome[last]! >= 2;
  const label = isDrop ? `${kit.hopLabel(first)} ✕ ${reasons[hops.reason[last]!] ?? ''}` : kit.hopLabel(first);
  context.font = '11px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';
  const text = kit.cutText(context, label, state.laneGap - 26);
  if (text === '') return;
  written.set(gap, middleY - 5);
  context.save();
  // A lost one is short: its words begin at its lane.
  context.translate(
    line.isLost ? x0 + (direction * (state.laneGap - 12)) / 2 : middleX,
    line.isLost ? y0 - 2 : middleY,
  );
  if (Math.abs(slope) < 0.5 && !line.isLost) context.rotate(Math.atan(slope));
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.strokeStyle = state.colors.paper!;
  context.strokeText(text, 0, -3.5);
  context.fillStyle = isDrop ? state.colors.drop! : isChosen ? state.colors.ink! : state.colors.soft!;
  context.fillText(text, 0, -3.5);
  context.restore();
  state.drawn.labels += 1;
}

/** What a node said or did, beside its lane; what concerns no node, across all of them. */
export function drawNote(kit: Kit, context: Context, index: number, written: Map<number, number> | undefined): void {
  const { state } = kit;
  const { run, layout, colors, laneGap, width } = state;
  const note = layout.items[index]! - state.arrows.count;
  const kind = run.noteKinds[run.notes.kind[note]!] ?? '';
  const node = run.notes.node[note]!;
  const lane = node < 0 ? -1 : layout.laneOf[node]!;
  const y = kit.placeY(layout.top[index]!);
  const color =
    kind === 'fault' ? colors.fault! : kind === 'nat' ? colors.fault! : kind === 'drop' ? colors.drop! : colors.soft!;
  const isChosen = index === state.selected || index === state.hovered;
  state.drawn.notes += 1;
  context.fillStyle = color;
  const x = lane < 0 ? 96 : kit.laneX(lane);
  if (lane < 0) {
    context.globalAlpha = 0.14;
    context.fillRect(88, y - 8, width, 15);
    context.globalAlpha = 1;
  } else {
    context.beginPath();
    context.arc(x, y, isChosen ? 4.5 : 3, 0, 7);
    context.fill();
  }
  if (written === undefined) return;
  const isLast = lane >= 0 && lane === layout.lanes.length - 1 && laneGap / 2 < 150;
  const gap = lane < 0 ? -1 : isLast ? lane - 1 : lane;
  if (!isChosen && lane >= 0 && y < (written.get(gap) ?? -Infinity) + 11) return;
  written.set(gap, y);
  context.font = `${kind === 'tcp-state' ? 'italic ' : ''}11px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif`;
  const room =
    lane < 0
      ? width - 110
      : isLast
        ? laneGap - 14
        : laneGap - 18 + (lane === layout.lanes.length - 1 ? -laneGap / 2 : 0);
  const whole = run.texts[run.notes.text[note]!] ?? '';
  // Of a TCP state the new one is enough; the panel has all of it.
  const text = kit.cutText(context, kind === 'tcp-state' ? whole.replace(/^.* to /, '') : whole, room);
  context.textAlign = isLast ? 'right' : 'left';
  context.textBaseline = 'middle';
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.strokeStyle = colors.paper!;
  const textX = isLast ? x - 8 : x + 8;
  if (lane >= 0) context.strokeText(text, textX, y);
  context.fillStyle = isChosen ? colors.ink! : color;
  context.fillText(text, textX, y);
  state.drawn.labels += 1;
}

/** All arrows of the selected packet, stronger. */
export function drawJourney(kit: Kit, context: Context): void {
  const { state } = kit;
  const chosen = new Set(kit.journeyOf(state.selected));
  context.strokeStyle = state.colors.focus!;
  context.globalAlpha = 0.35;
  context.lineWidth = 6;
  for (const index of kit.visibleItems()) {
    const line = chosen.has(index) ? kit.arrowLine(index) : undefined;
    if (line === undefined) continue;
    context.beginPath();
    context.moveTo(line.x0, line.y0);
    context.lineTo(line.x1, line.y1);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** Positions of all arrows of the packet at a position, as far as they are shown. */
export function journeyOf(kit: Kit, index: number): number[] {
  const { layout, arrows, run } = kit.state;
  const item = layout.items[index];
  if (item === undefined || item >= arrows.count) return [];
  let root = arrows.first[item]!;
  while (run.hops.previous[root]! >= 0) root = run.hops.previous[root]!;
  const found: number[] = [];
  const known = new Set([root]);
  // A packet's hops lie close together, but nothing says how close: to the end of its life at most.
  for (let position = 0; position < layout.items.length; position += 1) {
    const other = layout.items[position]!;
    if (other >= arrows.count) continue;
    const first = arrows.first[other]!;
    if (first < root) continue;
    if (first > root + 20_000) break;
    if (first === root || known.has(run.hops.previous[first]!)) {
      found.push(position);
      for (let hop = arrows.last[other]!; hop > root && !known.has(hop); hop = run.hops.previous[hop]!) known.add(hop);
      known.add(first);
      known.add(arrows.last[other]!);
    }
  }
  return found;
}

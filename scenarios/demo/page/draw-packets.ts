/**
 * Draws links, packets on their way, and where packets ended. Canvas only; nodes are elements above it (`things.ts`).
 *
 * A packet's place follows from when it was sent and when it arrived: the run is known already. Whatever was under way since
 * the last frame is drawn with the way it has come, so that nothing is missed at high speed.
 */
import { HOP_OUTCOME } from '../../../sim/index.ts';
import { PACKET_KINDS } from '../kinds.ts';
import type { Conditions } from './conditions.ts';
import type { Place } from './layout.ts';
import type { RunIndex } from './run-index.ts';
import { kindName, pictureReason } from './words.ts';

export type Frame = {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly index: RunIndex;
  readonly places: ReadonlyMap<string, Place>;
  readonly colors: Readonly<Record<string, string>>;
  readonly conditions: Conditions;
  readonly nowMicros: number;
  /** The time of the frame before; not later than now. */
  readonly sinceMicros: number;
  /** How long a dropped packet stays in sight. */
  readonly lingerMicros: number;
  readonly chosenLink: string | undefined;
};

export type Drawn = { packets: number; drops: number };

/** Where names stand already in this frame: one does not cover another. */
type Taken = { readonly x: number; readonly y: number; readonly half: number }[];

/** Packets of the two directions keep apart by so many pixels. */
const LANE = 5;
const DRAWN_MAX = 4_000;
/** With fewer packets than this each has its name beside it. */
const NAMED_MAX = 14;
/** Where on its link a lost packet ends. */
const LOST_AT = 0.42;
/** Half of a node's box, and room for the cross. */
const BOX_X = 74;
const BOX_Y = 36;

/** Draws one frame; says what was drawn. */
export function drawPackets(frame: Frame): Drawn {
  const { context, width, height, index, nowMicros, sinceMicros } = frame;
  context.clearRect(0, 0, width, height);
  drawLinks(frame);
  const { hops } = index.seen.recording;
  const drawn: Drawn = { packets: 0, drops: 0 };
  const taken: Taken = [];
  const first = index.firstHopAfter(Math.min(sinceMicros, nowMicros - frame.lingerMicros) - index.longestMicros - 1);
  const end = index.firstHopAfter(nowMicros);
  const moving: number[] = [];
  const gone: number[] = [];
  for (let hop = Math.max(first, end - 60_000); hop < end; hop += 1) {
    const ended = hops.endMicros[hop]!;
    const isOver = ended >= 0 && ended <= nowMicros;
    if (!isOver || ended > sinceMicros) moving.push(hop);
    if (isOver && hops.outcome[hop]! >= HOP_OUTCOME.lostOnLink && ended > nowMicros - frame.lingerMicros)
      gone.push(hop);
  }
  for (const hop of moving.slice(-DRAWN_MAX))
    drawn.packets += drawMoving(frame, hop, moving.length <= NAMED_MAX ? taken : undefined) ? 1 : 0;
  for (const hop of gone.slice(-80)) drawDrop(frame, hop, gone.length <= NAMED_MAX ? taken : undefined);
  drawn.drops = gone.length;
  return drawn;
}

function drawLinks({ context, index, places, colors, conditions, chosenLink, nowMicros }: Frame): void {
  for (const { name, from, to } of index.seen.topology.links) {
    const [a, b] = [places.get(from), places.get(to)];
    if (a === undefined || b === undefined || !index.isThere(from, nowMicros) || !index.isThere(to, nowMicros))
      continue;
    const ills = conditions.links.get(name) ?? [];
    const isDown = ills.includes('down');
    context.strokeStyle = ills.length > 0 ? colors.drop! : name === chosenLink ? colors.focus! : colors.lane!;
    context.lineWidth = name === chosenLink ? 3 : 2;
    context.setLineDash(isDown ? [3, 7] : ills.length > 0 ? [9, 5] : []);
    context.beginPath();
    context.moveTo(a.x, a.y);
    context.lineTo(b.x, b.y);
    context.stroke();
  }
  context.setLineDash([]);
}

/** Where on its link a packet is, from 0 to 1. */
function partOf(frame: Frame, hop: number, micros: number): number {
  const { hops } = frame.index.seen.recording;
  const sent = hops.sentMicros[hop]!;
  const ended = hops.endMicros[hop]!;
  const isLost = hops.outcome[hop] === HOP_OUTCOME.lostOnLink;
  // What has not arrived by the end of the run is shown half way.
  const span = ended < 0 ? Math.max(1, 2 * (frame.index.endMicros - sent)) : Math.max(1, ended - sent);
  return Math.min(1, Math.max(0, (micros - sent) / span)) * (isLost ? LOST_AT : 1);
}

function pointOf(frame: Frame, hop: number, part: number): Place | undefined {
  const { recording } = frame.index.seen;
  const a = frame.places.get(recording.nodes[recording.hops.from[hop]!]!.name);
  const b = frame.places.get(recording.nodes[recording.hops.to[hop]!]!.name);
  if (a === undefined || b === undefined) return undefined;
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.max(1, Math.hypot(dx, dy));
  return { x: a.x + dx * part - (dy / length) * LANE, y: a.y + dy * part + (dx / length) * LANE };
}

function drawMoving(frame: Frame, hop: number, taken: Taken | undefined): boolean {
  const { context, colors, index, nowMicros, sinceMicros } = frame;
  const part = partOf(frame, hop, nowMicros);
  const at = pointOf(frame, hop, part);
  const from = pointOf(frame, hop, partOf(frame, hop, Math.min(sinceMicros, nowMicros)));
  if (at === undefined || from === undefined) return false;
  const kind = index.seen.kinds[hop]!;
  const name = PACKET_KINDS[kind]![0];
  const color = colors[`k-${name}`]!;
  const { hops } = index.seen.recording;
  context.strokeStyle = context.fillStyle = color;
  if (Math.abs(at.x - from.x) + Math.abs(at.y - from.y) > 3) {
    context.globalAlpha = 0.35;
    context.lineWidth = 3;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(at.x, at.y);
    context.stroke();
    context.globalAlpha = 1;
  }
  // An arrived packet has only its trail left.
  if (hops.endMicros[hop]! >= 0 && hops.endMicros[hop]! < nowMicros) return true;
  drawShape(context, name, at, 3.5 + Math.min(4, hops.sizeBytes[hop]! / 350));
  if (taken !== undefined) write(frame, kindName(kind), { x: at.x, y: at.y - 11 }, color, taken);
  return true;
}

function drawShape(context: CanvasRenderingContext2D, name: string, { x, y }: Place, size: number): void {
  context.beginPath();
  if (name === 'probe') {
    context.moveTo(x, y - size - 1);
    context.lineTo(x + size + 1, y + size);
    context.lineTo(x - size - 1, y + size);
    context.closePath();
  } else if (name === 'open') {
    context.moveTo(x, y - size - 2);
    context.lineTo(x + size + 2, y);
    context.lineTo(x, y + size + 2);
    context.lineTo(x - size - 2, y);
    context.closePath();
  } else if (name === 'beat') context.rect(x - size, y - size, 2 * size, 2 * size);
  else if (name === 'close') context.rect(x - size - 2, y - size / 2, 2 * size + 4, size);
  else context.arc(x, y, size, 0, 2 * Math.PI);
  if (name === 'ack') {
    context.lineWidth = 2;
    context.stroke();
    return;
  }
  context.fill();
  if (name !== 'again') return;
  context.lineWidth = 1.6;
  context.beginPath();
  context.arc(x, y, size + 3, 0, 2 * Math.PI);
  context.stroke();
}

/** Where a link meets the box of the node that it leads to: behind the box nothing can be seen. */
function beforeNode(frame: Frame, hop: number): Place | undefined {
  const [from, to] = [pointOf(frame, hop, 0), pointOf(frame, hop, 1)];
  if (from === undefined || to === undefined) return undefined;
  const [dx, dy] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
  const inside = Math.min(BOX_X / Math.max(1, dx), BOX_Y / Math.max(1, dy));
  return pointOf(frame, hop, Math.max(0.5, 1 - inside));
}

function drawDrop(frame: Frame, hop: number, taken: Taken | undefined): void {
  const { context, colors, index, nowMicros } = frame;
  const { hops, reasons } = index.seen.recording;
  const isLost = hops.outcome[hop] === HOP_OUTCOME.lostOnLink;
  const at = isLost ? pointOf(frame, hop, LOST_AT) : beforeNode(frame, hop);
  if (at === undefined) return;
  context.globalAlpha = Math.max(0.15, 1 - (nowMicros - hops.endMicros[hop]!) / frame.lingerMicros);
  context.strokeStyle = colors.drop!;
  context.lineWidth = 2.4;
  context.beginPath();
  context.moveTo(at.x - 5, at.y - 5);
  context.lineTo(at.x + 5, at.y + 5);
  context.moveTo(at.x + 5, at.y - 5);
  context.lineTo(at.x - 5, at.y + 5);
  context.stroke();
  if (taken !== undefined) {
    // Beside the box of the node, not behind it.
    const beyond = isLost ? undefined : pointOf(frame, hop, 1);
    const aside = beyond === undefined || Math.abs(beyond.x - at.x) < BOX_X / 2 ? 0 : 26 * Math.sign(at.x - beyond.x);
    const words = pictureReason(reasons[hops.reason[hop]!] ?? '');
    write(frame, words, { x: at.x + aside, y: at.y + 20 }, colors.drop!, taken);
  }
  context.globalAlpha = 1;
}

/** Text with the colour of the paper round it, so that lines do not run through; never beyond the edge. */
function write({ context, colors, width }: Frame, text: string, at: Place, color: string, taken: Taken): void {
  context.font = '11px system-ui, sans-serif';
  context.textAlign = 'center';
  const half = context.measureText(text).width / 2 + 4;
  const x = Math.min(width - half, Math.max(half, at.x));
  if (taken.some((other) => Math.abs(other.x - x) < half + other.half && Math.abs(other.y - at.y) < 12)) return;
  taken.push({ x, y: at.y, half });
  context.lineWidth = 3;
  context.lineJoin = 'round';
  context.strokeStyle = colors.paper!;
  context.strokeText(text, x, at.y);
  context.fillStyle = color;
  context.fillText(text, x, at.y);
}

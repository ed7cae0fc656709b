/** The bar of time: how much was sent when, by kind, what was dropped, which stones were thrown. Click, drag, arrow keys. */
import { HOP_OUTCOME } from '../../../sim/index.ts';
import { PACKET_KINDS } from '../kinds.ts';
import { byId, fitCanvas, secondsText, setAttribute } from './dom.ts';
import type { RunIndex } from './run-index.ts';

type Look = { readonly inner: number; readonly height: number; readonly colors: Readonly<Record<string, string>> };

const BIN_PIXELS = 3;
const MARGIN = 10;
const DROPS_HEIGHT = 8;

/** Draws the bar, and follows the pointer on it. */
export class Timeline {
  readonly #canvas = byId<HTMLCanvasElement>('timeline');
  /** What does not change while time runs, drawn once. */
  #bars: { readonly inner: number; readonly colors: Look['colors']; readonly picture: HTMLCanvasElement } | undefined =
    undefined;
  #of: RunIndex | undefined = undefined;

  constructor(goTo: (micros: number) => void) {
    const follow = (event: PointerEvent): void => {
      const { left, width } = this.#canvas.getBoundingClientRect();
      const part = (event.clientX - left - MARGIN) / (width - 2 * MARGIN);
      if (this.#of !== undefined) goTo(Math.min(1, Math.max(0, part)) * this.#of.endMicros);
    };
    this.#canvas.addEventListener('pointerdown', (event) => {
      this.#canvas.setPointerCapture(event.pointerId);
      follow(event);
    });
    this.#canvas.addEventListener('pointermove', (event) => {
      if (this.#canvas.hasPointerCapture(event.pointerId)) follow(event);
    });
  }

  draw(index: RunIndex, nowMicros: number, colors: Readonly<Record<string, string>>): void {
    const { context, width, height } = fitCanvas(this.#canvas);
    // Behind the table of pairs the bar has no size, and a picture without one cannot be drawn.
    if (width === 0 || height === 0) return;
    const inner = Math.max(1, width - 2 * MARGIN);
    if (this.#of !== index || this.#bars?.inner !== inner || this.#bars.colors !== colors) {
      this.#bars = { inner, colors, picture: drawBars(index, { inner, height, colors }) };
    }
    this.#of = index;
    context.clearRect(0, 0, width, height);
    context.drawImage(this.#bars.picture, MARGIN, 0, inner, height);
    this.#drawMarks(context, index, nowMicros, { inner, height, colors });
    setAttribute(this.#canvas, 'aria-valuemax', String(Math.round(index.endMicros / 1e6)));
    setAttribute(this.#canvas, 'aria-valuenow', (nowMicros / 1e6).toFixed(1));
    setAttribute(this.#canvas, 'aria-valuetext', secondsText(nowMicros));
  }

  #drawMarks(context: CanvasRenderingContext2D, index: RunIndex, nowMicros: number, look: Look): void {
    const { inner, height, colors } = look;
    const placeOf = (micros: number): number => MARGIN + (micros / index.endMicros) * inner;
    context.fillStyle = colors.fault!;
    for (const { atMicros } of index.plan.faults) {
      if (atMicros > index.endMicros) continue;
      const x = placeOf(atMicros);
      context.fillRect(x - 0.75, 2, 1.5, height - 4);
      context.beginPath();
      context.moveTo(x, 2);
      context.lineTo(x + 8, 5.5);
      context.lineTo(x, 9);
      context.fill();
    }
    const x = placeOf(nowMicros);
    context.fillStyle = colors.focus!;
    context.fillRect(x - 1, 0, 2, height);
    context.beginPath();
    context.arc(x, 5, 5, 0, 2 * Math.PI);
    context.fill();
  }
}

/** Bars of packets by kind, and below them where any was dropped. */
function drawBars(index: RunIndex, { inner, height, colors }: Look): HTMLCanvasElement {
  const picture = document.createElement('canvas');
  const ratio = Math.min(2, window.devicePixelRatio);
  [picture.width, picture.height] = [Math.round(inner * ratio), Math.round(height * ratio)];
  const context = picture.getContext('2d')!;
  context.scale(ratio, ratio);
  const { counts, most } = count(index, inner);
  const columns = PACKET_KINDS.length + 1;
  const base = height - DROPS_HEIGHT - 6;
  for (let bin = 0; bin * columns < counts.length; bin += 1) {
    let top = base;
    for (const [kind, [name]] of PACKET_KINDS.entries()) {
      const high = (counts[bin * columns + kind]! / most) * (base - 12);
      if (high === 0) continue;
      context.fillStyle = colors[`k-${name}`]!;
      context.fillRect(bin * BIN_PIXELS, top - high, BIN_PIXELS - 0.6, high);
      top -= high;
    }
    const drops = counts[bin * columns + columns - 1]!;
    if (drops === 0) continue;
    context.fillStyle = colors.drop!;
    context.fillRect(bin * BIN_PIXELS, base + 3, BIN_PIXELS - 0.6, DROPS_HEIGHT);
  }
  return picture;
}

function count(index: RunIndex, inner: number): { readonly counts: Int32Array; readonly most: number } {
  const { recording, kinds } = index.seen;
  const { hops } = recording;
  const columns = PACKET_KINDS.length + 1;
  const bins = Math.max(1, Math.floor(inner / BIN_PIXELS));
  const counts = new Int32Array(bins * columns);
  const binOf = (micros: number): number => Math.min(bins - 1, Math.floor((micros / index.endMicros) * bins));
  let most = 1;
  const sums = new Int32Array(bins);
  for (let hop = 0; hop < hops.from.length; hop += 1) {
    if (hops.outcome[hop]! >= HOP_OUTCOME.lostOnLink) counts[binOf(hops.endMicros[hop]!) * columns + columns - 1]! += 1;
    // Each packet once: its first hop.
    if (hops.previous[hop]! >= 0) continue;
    const bin = binOf(hops.sentMicros[hop]!);
    counts[bin * columns + kinds[hop]!]! += 1;
    sums[bin]! += 1;
    most = Math.max(most, sums[bin]!);
  }
  return { counts, most };
}

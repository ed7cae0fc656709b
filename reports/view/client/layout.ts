/**
 * Where items go. Time runs downwards: to scale, or squeezed where nothing happens, so that every item has its row.
 */
import type { Kit, Layout } from './kit.ts';

/** Lays out what passes the filter. */
export function layOut(kit: Kit): void {
  const { state } = kit;
  const items = kit.filterItems();
  const placed = state.compact ? kit.placeCompact(items) : kit.placeToScale(items);
  const blockBottom = new Float64Array(Math.ceil(items.length / 256));
  for (let index = 0; index < items.length; index += 1) {
    const block = index >> 8;
    blockBottom[block] = Math.max(blockBottom[block]!, placed.bottom[index]!);
  }
  const lanes = kit.lanesFor(items);
  const laneOf = new Int32Array(state.run.nodes.length).fill(-1);
  for (const [lane, node] of lanes.entries()) laneOf[node] = lane;
  state.layout = { items, ...placed, blockBottom, lanes, laneOf };
  state.selected = -1;
  state.hovered = -1;
}

/** All nodes that take part; with a filter those that are left with something. */
export function lanesFor(kit: Kit, items: Int32Array): number[] {
  const { state } = kit;
  const { arrows, filter, nodeOrder, run } = state;
  const isAll = filter.text.trim() === '' && filter.nodes.size === 0 && !filter.dropsOnly;
  if (isAll) return [...nodeOrder];
  const present = new Set<number>();
  for (const item of items) {
    if (item < arrows.count) {
      present.add(arrows.from[item]!);
      present.add(arrows.to[item]!);
    } else present.add(run.notes.node[item - arrows.count]!);
  }
  return nodeOrder.filter((node) => present.has(node));
}

type Placed = Pick<Layout, 'top' | 'bottom' | 'axisTime' | 'axisPlace' | 'height'>;

/** Begin and end of each item in time; an arrow that is lost at once, or never arrives, ends where it begins. */
export function itemSpan(kit: Kit, item: number): readonly [begin: number, end: number] {
  const { arrows, run } = kit.state;
  if (item >= arrows.count) {
    const time = run.notes.timeMicros[item - arrows.count]!;
    return [time, time];
  }
  const end = arrows.end[item]!;
  return [arrows.begin[item]!, end === Infinity ? arrows.begin[item]! : end];
}

/** A row for everything that begins, less for what arrives, and a gap that tells how long nothing happened. */
export function placeCompact(kit: Kit, items: Int32Array): Placed {
  const count = items.length;
  const times = new Float64Array(count * 2);
  for (let index = 0; index < count; index += 1) {
    const [begin, end] = kit.itemSpan(items[index]!);
    times[index] = begin;
    times[count + index] = end;
  }
  // Ends in the order of time; begins are in order already, and go first where times are equal.
  const ends = new Uint32Array(count).map((_, index) => index);
  ends.sort((left, right) => times[count + left]! - times[count + right]! || left - right);
  const [top, bottom] = [new Float64Array(count), new Float64Array(count)];
  const [axisTime, axisPlace] = [new Float64Array(count * 2 + 1), new Float64Array(count * 2 + 1)];
  let [place, last, axis] = [10, items.length === 0 ? 0 : times[0]!, 0];
  let [begun, ended] = [0, 0];
  while (ended < count) {
    const isBegin = begun < count && times[begun]! <= times[count + ends[ended]!]!;
    const time = isBegin ? times[begun]! : times[count + ends[ended]!]!;
    const gap = time - last;
    if (gap > 0) place += Math.min(44, 3 + 3.4 * Math.log2(1 + gap / 40));
    last = time;
    if (isBegin) {
      place += 14;
      top[begun] = place;
      begun += 1;
    } else {
      const index = ends[ended]!;
      if (times[count + index]! > times[index]!) place += 3;
      bottom[index] = Math.max(top[index]!, times[count + index]! > times[index]! ? place : top[index]!);
      ended += 1;
    }
    if (axis === 0 || axisTime[axis - 1]! < time) {
      axisTime[axis] = time;
      axisPlace[axis] = place;
      axis += 1;
    } else axisPlace[axis - 1] = place;
  }
  return { top, bottom, axisTime: axisTime.slice(0, axis), axisPlace: axisPlace.slice(0, axis), height: place + 40 };
}

/** To scale: as many px as squeezed time would take, so that the zoom means about the same. */
export function placeToScale(kit: Kit, items: Int32Array): Placed {
  const { endMicros } = kit.state.run;
  const pxPerMicro = Math.max(600, items.length * 20) / Math.max(1, endMicros);
  const [top, bottom] = [new Float64Array(items.length), new Float64Array(items.length)];
  for (let index = 0; index < items.length; index += 1) {
    const [begin, end] = kit.itemSpan(items[index]!);
    top[index] = 14 + begin * pxPerMicro;
    bottom[index] = 14 + end * pxPerMicro;
  }
  const height = 14 + endMicros * pxPerMicro + 40;
  return {
    top,
    bottom,
    axisTime: Float64Array.of(0, endMicros),
    axisPlace: Float64Array.of(14, 14 + endMicros * pxPerMicro),
    height,
  };
}

/** The place of a time at zoom 1. */
export function placeOf(kit: Kit, micros: number): number {
  const { axisTime, axisPlace } = kit.state.layout;
  return kit.interpolate(axisTime, axisPlace, micros);
}

/** The time at a place at zoom 1. */
export function timeAt(kit: Kit, place: number): number {
  const { axisTime, axisPlace } = kit.state.layout;
  return kit.interpolate(axisPlace, axisTime, place);
}

/** The value of a rising table between its points; its end values beyond them. */
export function interpolate(_kit: Kit, keys: Float64Array, values: Float64Array, key: number): number {
  if (keys.length === 0) return 0;
  let [low, high] = [0, keys.length - 1];
  if (key <= keys[0]!) return values[0]!;
  if (key >= keys[high]!) return values[high]!;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (keys[middle]! <= key) low = middle;
    else high = middle;
  }
  const share = (key - keys[low]!) / (keys[high]! - keys[low]!);
  return values[low]! + share * (values[high]! - values[low]!);
}

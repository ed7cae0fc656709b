/**
 * What the viewer's script is made of.
 *
 * Every function in this folder is shipped to the browser as its own source text (`../script.ts`). It may use its
 * arguments, browser globals and other functions through the first argument, the kit; nothing from its module's scope.
 */
import type { ViewAbout, ViewRun } from '../run-data.ts';
import type { parts } from './parts.ts';

/** A run with what stands above it. */
export type ShownRun = ViewRun & { readonly about: ViewAbout };

/** Arrows: hops, joined where what lies between them is not shown. In the order of sending. */
export type Arrows = {
  readonly count: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly begin: Float64Array;
  /** Infinity while on the way. */
  readonly end: Float64Array;
  /** First and last hop. */
  readonly first: Int32Array;
  readonly last: Int32Array;
};

/**
 * What is shown and where. An item is an arrow (its number) or a note (its number behind the arrows). Places are in px at
 * zoom 1, from the beginning of the run.
 */
export type Layout = {
  readonly items: Int32Array;
  readonly top: Float64Array;
  readonly bottom: Float64Array;
  /** Largest `bottom` of each block of items, so that what is off the screen is passed over quickly. */
  readonly blockBottom: Float64Array;
  /** From time to place and back; both rise. */
  readonly axisTime: Float64Array;
  readonly axisPlace: Float64Array;
  readonly height: number;
  /** Node numbers, from left to right. */
  readonly lanes: readonly number[];
  /** By node; -1 when it has none. */
  readonly laneOf: Int32Array;
};

export type Filter = {
  text: string;
  /** Kinds of items that are left out: tcp, udp, icmp, states, notes. */
  readonly without: Set<string>;
  dropsOnly: boolean;
  /** Only what touches these nodes; empty for all. */
  readonly nodes: Set<number>;
};

/** What was drawn last; also on the body, for tests and for the curious. */
export type Drawn = { arrows: number; notes: number; drops: number; labels: number; skipped: number };

export type State = {
  run: ShownRun;
  arrows: Arrows;
  /** Items in the order of time, whatever the filter. */
  order: Int32Array;
  /** Nodes in the order that makes arrows short. */
  nodeOrder: readonly number[];
  layout: Layout;
  readonly filter: Filter;
  /** Routers that only pass on have a lane. */
  routers: boolean;
  /** Time is squeezed where nothing happens. */
  compact: boolean;
  zoom: number;
  scrollTop: number;
  scrollLeft: number;
  width: number;
  height: number;
  laneGap: number;
  /** Positions in `layout.items`; -1 for none. */
  selected: number;
  hovered: number;
  /** The time that the NAT tables are shown for. */
  cursorMicros: number;
  /** While the pointer is over the lanes. */
  pointerY: number;
  playing: boolean;
  frame: number;
  drawn: Drawn;
  colors: Record<string, string>;
};

export type Context = CanvasRenderingContext2D;

type Bound<F> = F extends (kit: Kit, ...rest: infer A) => infer R ? (...rest: A) => R : never;

export type Kit = { readonly state: State } & { readonly [K in keyof typeof parts]: Bound<(typeof parts)[K]> };

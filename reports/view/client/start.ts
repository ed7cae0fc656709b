/// <reference lib="dom" />
/** Starts the viewer when the page is there. */
import type { Arrows, Kit, Layout, State } from './kit.ts';

/** Reads the run, lays it out and shows its beginning. */
export async function start(kit: Kit): Promise<void> {
  try {
    kit.state.run = await kit.unpack(document.getElementById('data')!.textContent);
  } catch (error) {
    document.getElementById('chosen')!.textContent = `The run in this file cannot be read: ${String(error)}`;
    document.body.dataset.ready = 'failed';
    return;
  }
  kit.readColors();
  kit.buildModel();
  kit.layOut();
  const { run, layout } = kit.state;
  kit.state.cursorMicros = kit.timeAt(200);
  if (run.missedCount > 0)
    document.getElementById('missed')!.textContent = `${run.missedCount} more events did not fit.`;
  if (layout.items.length === 0) document.getElementById('missed')!.textContent = 'Nothing was sent in this run.';
  kit.listen();
  kit.drawLanes();
  kit.drawScrub();
  kit.showPanel();
  document.body.dataset.openedMillis = String(Math.round(performance.now()));
  document.body.dataset.ready = 'true';
}

/** The colours of the style sheet, for the canvas. */
export function readColors(kit: Kit): void {
  const style = getComputedStyle(document.documentElement);
  const names = 'paper sheet ink soft line strong link focus tcp udp icmp drop fault lane grid band bar-time'.split(
    ' ',
  );
  kit.state.colors = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
}

/** The state before a run is read. */
export function emptyState(_kit: Kit): State {
  return {
    run: undefined as unknown as State['run'],
    arrows: { count: 0 } as Arrows,
    order: new Int32Array(0),
    nodeOrder: [],
    layout: { items: new Int32Array(0) } as unknown as Layout,
    filter: { text: '', without: new Set(), dropsOnly: false, nodes: new Set() },
    routers: false,
    compact: true,
    zoom: 1,
    scrollTop: 0,
    scrollLeft: 0,
    width: 0,
    height: 0,
    laneGap: 120,
    selected: -1,
    hovered: -1,
    cursorMicros: 0,
    pointerY: -1,
    playing: false,
    frame: 0,
    drawn: { arrows: 0, notes: 0, drops: 0, labels: 0, skipped: 0 },
    colors: {},
  };
}

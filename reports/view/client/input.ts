/// <reference lib="dom" />
/** Mouse, wheel, touch and keys. */
import type { Kit } from './kit.ts';

/** Listens to everything. */
export function listen(kit: Kit): void {
  kit.listenLanes();
  kit.listenScrub();
  kit.listenControls();
  addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement && event.target.type === 'search';
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping && event.key !== 'Escape') return;
    if (kit.press(event.key)) event.preventDefault();
  });
  addEventListener('resize', () => kit.redraw());
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    kit.readColors();
    kit.redraw();
  });
}

/** What a key does. True when it did something. */
export function press(kit: Kit, key: string): boolean {
  const { state } = kit;
  const page = state.height - 100;
  const actions: Readonly<Record<string, () => void>> = {
    j: () => kit.step(1),
    k: () => kit.step(-1),
    d: () => kit.stepToDrop(1),
    D: () => kit.stepToDrop(-1),
    ArrowDown: () => kit.scrollBy(60),
    ArrowUp: () => kit.scrollBy(-60),
    ArrowLeft: () => kit.scrollBy(0, -80),
    ArrowRight: () => kit.scrollBy(0, 80),
    PageDown: () => kit.scrollBy(page),
    PageUp: () => kit.scrollBy(-page),
    Home: () => kit.scrollBy(-Infinity),
    End: () => kit.scrollBy(Infinity),
    '+': () => kit.zoomBy(1.5, state.height / 2),
    '=': () => kit.zoomBy(1.5, state.height / 2),
    '-': () => kit.zoomBy(1 / 1.5, state.height / 2),
    '0': () => kit.zoomBy((state.height - 60) / state.layout.height / state.zoom, 48),
    '1': () => kit.zoomBy(1 / state.zoom, state.height / 2),
    c: () => kit.toggle('compact'),
    r: () => kit.toggle('routers'),
    ' ': () => kit.play(),
    '/': () => document.getElementById('filter')?.focus(),
    Escape: () => kit.clear(),
  };
  const action = actions[key];
  action?.();
  return action !== undefined;
}

/** Nothing selected, nothing filtered. */
export function clear(kit: Kit): void {
  const { state } = kit;
  const input = document.getElementById('filter') as HTMLInputElement;
  input.blur();
  if (state.selected >= 0) {
    state.selected = -1;
    kit.redraw();
    return;
  }
  input.value = '';
  state.filter.text = '';
  state.filter.nodes.clear();
  kit.refilter();
}

/** Moves what is shown; the cursor stays under the pointer. */
export function scrollBy(kit: Kit, down: number, right = 0): void {
  const { state } = kit;
  state.scrollTop += down;
  state.scrollLeft += right;
  kit.clampScroll();
  state.cursorMicros = kit.timeAt(
    (state.scrollTop + (state.pointerY >= 0 ? state.pointerY - 48 : (state.height - 48) / 2)) / state.zoom,
  );
  kit.redraw();
}

/** Changes the zoom; what is at that height stays there. */
export function zoomBy(kit: Kit, factor: number, y: number): void {
  const { state } = kit;
  const place = (y - 48 + state.scrollTop) / state.zoom;
  const least = Math.min(0.5, (state.height - 60) / state.layout.height);
  state.zoom = Math.max(least, Math.min(400, state.zoom * factor));
  state.scrollTop = place * state.zoom - (y - 48);
  kit.clampScroll();
  kit.redraw();
}

/** Selects the next item, or the one before. */
export function step(kit: Kit, by: number): void {
  const { state } = kit;
  const { items, top } = state.layout;
  if (items.length === 0) return;
  const from = state.selected >= 0 ? state.selected + by : (kit.visibleItems()[0] ?? 0);
  const next = Math.max(0, Math.min(items.length - 1, from));
  kit.select(next);
  const y = kit.placeY(top[next]!);
  if (y < 90 || y > state.height - 60) {
    state.scrollTop = top[next]! * state.zoom - (state.height - 48) / 2;
    kit.clampScroll();
  }
}

/** Selects the next packet that was dropped. */
export function stepToDrop(kit: Kit, by: number): void {
  const { layout, arrows, run, selected } = kit.state;
  const begin = selected >= 0 ? selected + by : (kit.visibleItems()[0] ?? 0);
  for (let index = begin; index >= 0 && index < layout.items.length; index += by) {
    const item = layout.items[index]!;
    if (item >= arrows.count || run.hops.outcome[arrows.last[item]!]! < 2) continue;
    kit.state.selected = index - by;
    kit.step(by);
    return;
  }
}

/** Selects an item and shows the tables of its time. */
export function select(kit: Kit, index: number): void {
  const { state } = kit;
  state.selected = index;
  if (index >= 0) state.cursorMicros = kit.itemSpan(state.layout.items[index]!)[0];
  kit.redraw();
}

/** Switches between ways of showing, and stays at the same time. */
export function toggle(kit: Kit, what: 'compact' | 'routers'): void {
  const { state } = kit;
  const [begin] = kit.shownTimes();
  state[what] = !state[what];
  document.getElementById(what)!.setAttribute('aria-pressed', String(state[what]));
  if (what === 'routers') kit.buildModel();
  kit.layOut();
  state.scrollTop = kit.placeOf(begin) * state.zoom;
  kit.clampScroll();
  kit.redraw();
}

/** Lets time run, at the same distance for each frame. */
export function play(kit: Kit): void {
  const { state } = kit;
  state.playing = !state.playing;
  document.getElementById('play')!.setAttribute('aria-pressed', String(state.playing));
  const tick = (): void => {
    if (!state.playing) return;
    const before = state.scrollTop;
    kit.scrollBy(2);
    if (state.scrollTop <= before) kit.play();
    else requestAnimationFrame(tick);
  };
  if (state.playing) requestAnimationFrame(tick);
}

/** The item nearest to a point; -1 when none is near. */
export function itemAt(kit: Kit, x: number, y: number): number {
  const { layout, arrows, run } = kit.state;
  let [best, distance] = [-1, 9];
  for (const index of kit.visibleItems()) {
    const item = layout.items[index]!;
    let away: number;
    if (item >= arrows.count) {
      const node = run.notes.node[item - arrows.count]!;
      const lane = node < 0 ? -1 : layout.laneOf[node]!;
      const noteX = lane < 0 ? x : kit.laneX(lane);
      away = Math.abs(y - kit.placeY(layout.top[index]!)) + (x < noteX - 6 || x > noteX + 90 ? 99 : 2);
    } else {
      const line = kit.arrowLine(index);
      if (line === undefined) continue;
      const [dx, dy] = [line.x1 - line.x0, line.y1 - line.y0];
      const share = Math.max(0, Math.min(1, ((x - line.x0) * dx + (y - line.y0) * dy) / (dx * dx + dy * dy || 1)));
      away = Math.hypot(x - line.x0 - share * dx, y - line.y0 - share * dy);
    }
    if (away < distance) [best, distance] = [index, away];
  }
  return best;
}

/** The lanes: hover, click, drag, wheel. */
export function listenLanes(kit: Kit): void {
  const { state } = kit;
  const canvas = document.getElementById('lanes') as HTMLCanvasElement;
  let dragFrom: { readonly x: number; readonly y: number; moved: boolean } | undefined;
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      if (event.ctrlKey || event.metaKey) kit.zoomBy(Math.exp(-event.deltaY / 300), event.offsetY);
      else if (event.shiftKey) kit.scrollBy(0, event.deltaY);
      else kit.scrollBy(event.deltaY, event.deltaX);
    },
    { passive: false },
  );
  canvas.addEventListener('pointermove', (event) => {
    if (dragFrom !== undefined) {
      if (Math.abs(event.movementX) + Math.abs(event.movementY) > 0) dragFrom.moved = true;
      kit.scrollBy(-event.movementY, -event.movementX);
      return;
    }
    state.pointerY = event.offsetY;
    state.hovered = event.offsetY < 48 ? -1 : kit.itemAt(event.offsetX, event.offsetY);
    canvas.style.cursor = state.hovered >= 0 || event.offsetY < 48 ? 'pointer' : 'default';
    if (event.offsetY >= 48) state.cursorMicros = kit.timeAt((event.offsetY - 48 + state.scrollTop) / state.zoom);
    kit.redraw();
  });
  canvas.addEventListener('pointerleave', () => {
    state.hovered = -1;
    state.pointerY = -1;
    kit.redraw();
  });
  canvas.addEventListener('pointerdown', (event) => {
    dragFrom = { x: event.offsetX, y: event.offsetY, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointerup', (event) => {
    const wasDragged = dragFrom?.moved === true;
    dragFrom = undefined;
    if (wasDragged) return;
    if (event.offsetY < 48) kit.chooseLane(event.offsetX);
    else kit.select(kit.itemAt(event.offsetX, event.offsetY));
  });
}

/** Only what touches the host whose head was clicked; all again by a second click. */
export function chooseLane(kit: Kit, x: number): void {
  const { state } = kit;
  const lane = Math.floor((x + state.scrollLeft - 96) / state.laneGap);
  const node = state.layout.lanes[lane];
  if (node === undefined) return;
  if (!state.filter.nodes.delete(node)) state.filter.nodes.add(node);
  kit.refilter();
}

/** The bar below. */
export function listenScrub(kit: Kit): void {
  const canvas = document.getElementById('scrub') as HTMLCanvasElement;
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    kit.scrubTo(event.offsetX);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.buttons > 0) kit.scrubTo(event.offsetX);
  });
}

/** Filter and buttons. */
export function listenControls(kit: Kit): void {
  const { state } = kit;
  const input = document.getElementById('filter') as HTMLInputElement;
  let waiting: ReturnType<typeof setTimeout> | undefined;
  input.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      state.filter.text = input.value;
      kit.refilter();
    }, 60);
  });
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-kind]')) {
    button.addEventListener('click', () => {
      const isOn = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(isOn));
      const kind = button.dataset.kind ?? '';
      if (kind === 'drops') state.filter.dropsOnly = isOn;
      else if (isOn) state.filter.without.delete(kind);
      else state.filter.without.add(kind);
      kit.refilter();
    });
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-press]')) {
    button.addEventListener('click', () => kit.press(button.dataset.press ?? ''));
  }
}

/** Lays out anew and stays at the same time. */
export function refilter(kit: Kit): void {
  const { state } = kit;
  const [begin, end] = kit.shownTimes();
  kit.layOut();
  state.scrollTop = kit.placeOf((begin + end) / 2) * state.zoom - (state.height - 48) / 2;
  kit.clampScroll();
  kit.redraw();
}

/**
 * Hosts, routers, links and tables of NATs as elements over the picture: they can be read, focused and pressed.
 */
import type { Conditions } from './conditions.ts';
import { make, setAttribute, setText } from './dom.ts';
import type { Place } from './layout.ts';
import type { RunIndex } from './run-index.ts';
import { firstAfter, isAwayNetwork } from './run-index.ts';
import { wellbeing } from './words.ts';

/** What is chosen. */
export type Thing = { readonly kind: 'host' | 'nat' | 'router' | 'link'; readonly name: string };

type NodeParts = {
  readonly button: HTMLButtonElement;
  readonly state: HTMLElement;
  readonly name: string;
  readonly kind: Thing['kind'];
};
type Table = {
  readonly box: HTMLElement;
  readonly title: HTMLElement;
  readonly body: HTMLElement;
  readonly nat: number;
};

/** Mappings that fit under a router. */
const ROWS = 5;
/** A mapping that has ended is struck through for so long. */
const OVER_MICROS = 2_000_000;
const SMALL_FROM = 9;
const SMALL_FROM_NARROW = 6;
/** Marks stand nearer to the host: in the middle of a star they would cover each other. */
const MARK_AT = 0.42;
const MARK_ASIDE = 21;

/** Everything that stands over the picture. */
export class Things {
  readonly #root: HTMLElement;
  readonly #onChoose: (thing: Thing) => void;
  #nodes: NodeParts[] = [];
  #wires = new Map<string, HTMLButtonElement>();
  #tables: Table[] = [];

  constructor(root: HTMLElement, onChoose: (thing: Thing) => void) {
    this.#root = root;
    this.#onChoose = onChoose;
  }

  /** Puts everything of a run where it belongs. Keeps the focus where it was. */
  build(index: RunIndex, places: ReadonlyMap<string, Place>, height: number): void {
    const focused = document.activeElement?.getAttribute('data-thing') ?? null;
    const { topology, recording } = index.seen;
    const isSmall = topology.nodes.length > (this.#root.clientWidth < 620 ? SMALL_FROM_NARROW : SMALL_FROM);
    this.#wires = new Map(topology.links.map((link) => [link.name, this.#wire(link, places)]));
    this.#nodes = topology.nodes.map(({ name, kind, addresses }) => this.#node({ name, kind }, addresses, isSmall));
    for (const { button, name } of this.#nodes) moveTo(button, places.get(name));
    this.#tables = topology.nodes
      .filter(({ kind, name }) => kind === 'nat' && !isAwayNetwork(name))
      .map(({ name }) =>
        makeTable(
          name,
          recording.nodes.findIndex((node) => node.name === name),
          places.get(name),
          { width: this.#root.clientWidth, height },
        ),
      );
    this.#root.replaceChildren(
      ...this.#wires.values(),
      ...this.#nodes.map(({ button }) => button),
      ...this.#tables.map(({ box }) => box),
    );
    if (focused !== null) this.#root.querySelector<HTMLElement>(`[data-thing="${CSS.escape(focused)}"]`)?.focus();
  }

  /** Brings states, marks and tables to a time. */
  update(index: RunIndex, nowMicros: number, conditions: Conditions, chosen: Thing | undefined): void {
    for (const { button, state, name, kind } of this.#nodes) {
      const words =
        conditions.hosts.get(name) ?? (kind === 'host' ? index.stateOf(name, nowMicros) : stateOfRouter(index, name));
      setText(state, words === '' ? ' ' : words);
      button.hidden = !index.isThere(name, nowMicros);
      setAttribute(button, 'data-well', conditions.hosts.has(name) ? 'bad' : wellbeing(words));
      setAttribute(button, 'aria-pressed', String(chosen?.name === name));
    }
    for (const { name, from, to } of index.seen.topology.links) {
      const button = this.#wires.get(name)!;
      button.hidden = !index.isThere(from, nowMicros) || !index.isThere(to, nowMicros);
      const ills = conditions.links.get(name);
      setText(button, ills === undefined ? '•' : '!');
      setAttribute(button, 'data-ill', ills?.join(', '));
      setAttribute(button, 'title', ills === undefined ? `Link ${name}` : `Link ${name}: ${ills.join(', ')}`);
      setAttribute(button, 'aria-pressed', String(chosen?.name === name));
    }
    for (const table of this.#tables) fillTable(table, index, nowMicros);
  }

  #node(thing: Thing, addresses: readonly string[], isSmall: boolean): NodeParts {
    const state = make('i', {}, ' ');
    const about = { nat: 'router with NAT', host: 'host', router: 'the internet', link: '' }[thing.kind];
    const button = make(
      'button',
      {
        type: 'button',
        class: 'node',
        'data-kind': thing.kind,
        'data-thing': thing.name,
        'aria-pressed': 'false',
        title: `${about}: ${addresses.join(', ')}`,
      },
      make('b', {}, shortName(thing.name)),
    );
    if (thing.kind !== 'router') button.append(state);
    if (isSmall) button.dataset.small = '';
    button.addEventListener('click', () => this.#onChoose(thing));
    return { button, state, name: thing.name, kind: thing.kind };
  }

  #wire(
    {
      name,
      from,
      to,
      about,
    }: { readonly name: string; readonly from: string; readonly to: string; readonly about: string },
    places: ReadonlyMap<string, Place>,
  ): HTMLButtonElement {
    const button = make(
      'button',
      {
        type: 'button',
        class: 'wire',
        'data-thing': name,
        'aria-pressed': 'false',
        'aria-label': `Link from ${from} to ${to}, ${about}`,
      },
      '•',
    );
    moveTo(button, besideLink(places.get(from), places.get(to)));
    button.addEventListener('click', () => this.#onChoose({ kind: 'link', name }));
    return button;
  }
}

/** Where the mark of a link stands: beside it, so that it covers no packet. */
function besideLink(a: Place | undefined, b: Place | undefined): Place | undefined {
  if (a === undefined || b === undefined) return undefined;
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.max(1, Math.hypot(dx, dy));
  // Always on the same side, whichever end comes first.
  const side = dx < 0 || (dx === 0 && dy < 0) ? -MARK_ASIDE : MARK_ASIDE;
  return {
    x: Math.round(a.x + dx * MARK_AT - (dy / length) * side),
    y: Math.round(a.y + dy * MARK_AT + (dx / length) * side),
  };
}

/** Names of routers are made from those of their hosts. */
export function shortName(name: string): string {
  return name
    .replace('internet-', '')
    .replace('-router', '’s router')
    .replace(/^([ab])-nat0$/, '$1’s router');
}

function stateOfRouter(index: RunIndex, name: string): string {
  if (isAwayNetwork(name)) return 'NAT';
  const { left, right } = index.plan;
  return name.startsWith('a') ? left : name.startsWith('b') ? right : '';
}

function moveTo(element: HTMLElement, place: Place | undefined): void {
  element.hidden = place === undefined;
  if (place !== undefined) Object.assign(element.style, { left: `${place.x}px`, top: `${place.y}px` });
}

function makeTable(
  name: string,
  nat: number,
  place: Place | undefined,
  size: { readonly width: number; readonly height: number },
): Table {
  const title = make('h3', {}, '');
  const body = make('div');
  const box = make('div', { class: 'table', role: 'group', 'aria-label': `Table of ${shortName(name)}` }, title, body);
  const isNarrow = size.width < 620;
  // Beside the router where hosts stand one above the other, and below it where they stand side by side.
  const at =
    place &&
    (isNarrow
      ? { x: size.width - 90, y: place.y < size.height / 2 ? place.y - 74 : place.y - 60 }
      : { x: place.x + (place.x < size.width / 2 ? 150 : -150), y: place.y + 58 });
  moveTo(box, at);
  return { box, title, body, nat };
}

function fillTable({ title, body, nat }: Table, index: RunIndex, nowMicros: number): void {
  const { mappings } = index.seen.recording;
  const shown = mappings
    .map((mapping, number) => ({ mapping, number }))
    .filter(
      ({ mapping }) =>
        mapping.nat === nat && mapping.fromMicros <= nowMicros && nowMicros < mapping.untilMicros + OVER_MICROS,
    );
  const live = shown.filter(({ mapping }) => nowMicros < mapping.untilMicros).length;
  setText(title, live === 0 ? 'Table: empty' : `${live} ${live === 1 ? 'mapping' : 'mappings'}, idle for`);
  const last = shown.slice(-ROWS).reverse();
  while (body.children.length > last.length) body.lastElementChild!.remove();
  last.forEach(({ mapping, number }, row) => {
    const line =
      body.children[row] ??
      body.appendChild(make('div', { class: 'mapping' }, make('span'), make('span'), make('u', {}, make('s'))));
    const [ends, idle, bar] = [...line.children] as [HTMLElement, HTMLElement, HTMLElement];
    const uses = index.uses[number]!;
    const lastUse = uses[firstAfter(uses, nowMicros) - 1] ?? mapping.fromMicros;
    const isOver = nowMicros >= mapping.untilMicros;
    setText(ends, `${mapping.protocol} ${portOf(mapping.inner)} → ${portOf(mapping.external)}`);
    setText(idle, isOver ? 'gone' : `${((nowMicros - lastUse) / 1e6).toFixed(1)} s`);
    setAttribute(line, 'class', `mapping ${mapping.protocol}${isOver ? ' over' : ''}`);
    setAttribute(line, 'title', `${mapping.inner} is ${mapping.external} outside`);
    // Its life after the last packet, as it was in the end; where it was shorter before, the bar is too long.
    const life = Math.max(1, mapping.untilMicros - (uses.at(-1) ?? mapping.fromMicros));
    (bar.firstElementChild as HTMLElement).style.width =
      `${isOver ? 0 : Math.max(0, 100 - (100 * (nowMicros - lastUse)) / life)}%`;
  });
}

function portOf(endpoint: string): string {
  return endpoint.slice(endpoint.lastIndexOf(':') + 1);
}

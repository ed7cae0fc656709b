/// <reference lib="dom" />
/** The side panel: what is selected, and the tables of the NATs at the time of the cursor. Text goes in as text only. */
import type { ViewMapping } from '../run-data.ts';
import type { Kit } from './kit.ts';

/** Rows of one table that are shown. */
export type Fact = readonly [name: string, value: string];

/** An element with a class and children. */
export function el(_kit: Kit, tag: string, className: string, ...children: readonly (string | Node)[]): HTMLElement {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

/** Brings the panel up to date. */
export function showPanel(kit: Kit): void {
  const { state } = kit;
  const index = state.selected >= 0 ? state.selected : state.hovered;
  document.getElementById('at')!.textContent = kit.timeWords(state.cursorMicros, 1);
  document.getElementById('chosen')!.replaceChildren(...kit.chosenFacts(index));
  document.getElementById('tables')!.replaceChildren(...kit.natTables());
  const { items } = state.layout;
  const total = state.order.length;
  document.getElementById('count')!.textContent =
    items.length === total
      ? `${total.toLocaleString('en')} events`
      : `${items.length.toLocaleString('en')} of ${total.toLocaleString('en')} events`;
  const { skipped } = state.drawn;
  document.getElementById('skipped')!.textContent =
    skipped > 0 ? `${skipped.toLocaleString('en')} on the screen are not drawn; zoom in` : '';
}

/** What is known of an item. */
export function chosenFacts(kit: Kit, index: number): Node[] {
  const { arrows, layout, run } = kit.state;
  const item = layout.items[index];
  if (item === undefined) return [kit.el('p', 'quiet', 'Point at an arrow, or press j and k.')];
  if (item >= arrows.count) {
    const note = item - arrows.count;
    const node = run.nodes[run.notes.node[note]!]?.name ?? 'the run';
    const kind = run.noteKinds[run.notes.kind[note]!] ?? '';
    return [
      kit.el('h3', '', `${kind === 'tcp-state' ? 'TCP state' : kind} at ${node}`),
      kit.facts([['at', kit.timeWords(run.notes.timeMicros[note]!, 1)]]),
      kit.el('p', 'text', run.texts[run.notes.text[note]!] ?? ''),
    ];
  }
  return kit.arrowFacts(item);
}

/** Headers, way, end and first bytes of an arrow. */
export function arrowFacts(kit: Kit, arrow: number): Node[] {
  const { arrows, run } = kit.state;
  const { hops } = run;
  const [first, last] = [arrows.first[arrow]!, arrows.last[arrow]!];
  const outcome = hops.outcome[last]!;
  const [from, to] = [run.nodes[arrows.from[arrow]!]?.name ?? '?', run.nodes[arrows.to[arrow]!]?.name ?? '?'];
  const [begin, end] = [arrows.begin[arrow]!, arrows.end[arrow]!];
  const rows: Fact[] = [
    ['from', run.endpoints[hops.source[first]!] ?? ''],
    ['to', run.endpoints[hops.destination[first]!] ?? ''],
    ['size', `${hops.sizeBytes[first]} bytes, ${hops.loadBytes[first]} of them payload`],
    ['sent', kit.timeWords(begin, 1)],
  ];
  if (hops.protocol[first] === 6) {
    rows.push(['seq, ack', `${hops.sequence[first]! >>> 0}, ${hops.acknowledgment[first]! >>> 0}`]);
  }
  if (outcome === 1) rows.push(['arrived', `${kit.timeWords(end, 1)}, after ${kit.spanWords(end - begin)}`]);
  const marks = hops.marks[last]!;
  if ((marks & 1) !== 0) rows.push(['damaged', 'bits flipped on the way']);
  if ((marks & 2) !== 0) rows.push(['copy', 'made by a link']);
  const parts: Node[] = [kit.el('h3', '', kit.hopLabel(first)), kit.el('p', 'way', `${from} → ${to}`)];
  if (outcome >= 2) {
    const reason = run.reasons[hops.reason[last]!] ?? '';
    const where = outcome === 2 ? 'Lost on the way' : `Ended at ${to}`;
    parts.push(kit.el('p', 'dropped', `${where}: ${kit.reasonWords(reason)} (${reason}).`));
  } else if (outcome === 0) parts.push(kit.el('p', 'quiet', 'Still on its way when the run ended.'));
  parts.push(kit.facts(rows));
  const dump = kit.hexDump(first);
  if (dump !== '') parts.push(kit.el('pre', '', dump));
  return parts;
}

/** Names and values. */
export function facts(kit: Kit, rows: readonly Fact[]): HTMLElement {
  const children = rows.flatMap(([name, value]) => [kit.el('dt', '', name), kit.el('dd', '', value)]);
  return kit.el('dl', '', ...children);
}

/** The first bytes of a payload, eight a line, with their characters. */
export function hexDump(kit: Kit, hop: number): string {
  const { hops, payloads } = kit.state.run;
  const begin = hops.payloadAt[hop]!;
  const bytes = [...payloads.subarray(begin, begin + hops.payloadBytes[hop]!)];
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 8) {
    const line = bytes.slice(at, at + 8);
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = line.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('');
    lines.push(`${hex.padEnd(24)} ${text}`);
  }
  if (bytes.length > 0 && bytes.length < hops.loadBytes[hop]!)
    lines.push(`and ${hops.loadBytes[hop]! - bytes.length} more`);
  return lines.join('\n');
}

/** One table a NAT: what it maps at the time of the cursor. */
export function natTables(kit: Kit): Node[] {
  const { run, cursorMicros } = kit.state;
  const nats = run.nodes.flatMap((node, index) => (node.kind === 'nat' ? [{ name: node.name, index }] : []));
  if (nats.length === 0) return [kit.el('p', 'quiet', 'No NAT in this run.')];
  return nats.slice(0, 12).flatMap(({ name, index }) => {
    const own = run.mappings.filter(({ nat }) => nat === index);
    const live = own.filter(({ fromMicros, untilMicros }) => fromMicros <= cursorMicros && cursorMicros < untilMicros);
    const rows = live.slice(0, 10).map((mapping) => kit.mappingRow(mapping));
    const more = live.length > 10 ? [kit.el('p', 'quiet', `and ${live.length - 10} more`)] : [];
    return [kit.el('h4', '', name, kit.el('small', '', ` ${live.length} now, ${own.length} in all`)), ...rows, ...more];
  });
}

/** One mapping: both ends, whom it talked to, and a bar of its life in the run. */
export function mappingRow(kit: Kit, mapping: ViewMapping): HTMLElement {
  const { run, cursorMicros } = kit.state;
  const share = (micros: number): number => (100 * Math.min(micros, run.endMicros)) / Math.max(1, run.endMicros);
  const bar = kit.el('i', 'life');
  const fill = kit.el('b', mapping.protocol);
  fill.style.left = `${share(mapping.fromMicros)}%`;
  fill.style.width = `max(2px, ${share(mapping.untilMicros) - share(mapping.fromMicros)}%)`;
  const now = kit.el('u', '');
  now.style.left = `${share(cursorMicros)}%`;
  bar.append(fill, now);
  const remotes = mapping.remotes
    .filter(({ sinceMicros }) => sinceMicros <= cursorMicros)
    .map(({ endpoint }) => endpoint);
  const shown = remotes.slice(0, 2).join(', ') + (remotes.length > 2 ? ` and ${remotes.length - 2} more` : '');
  return kit.el(
    'div',
    'mapping',
    kit.el('span', `tag ${mapping.protocol}`, mapping.protocol),
    kit.el('code', '', `${mapping.inner} → :${mapping.external.split(':').at(-1) ?? ''}`),
    kit.el('small', '', `ends in ${kit.spanWords(mapping.untilMicros - cursorMicros)}`),
    kit.el('small', 'remote', `with ${shown}`),
    bar,
  );
}

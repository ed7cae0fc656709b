/** Which items are shown. Words are looked up once in names and texts, so that each of many items costs little. */
import type { Kit } from './kit.ts';

/** A word of the filter, and what has it. */
export type Wanted = {
  readonly isNegated: boolean;
  readonly word: string;
  readonly nodes: Uint8Array;
  readonly endpoints: Uint8Array;
  readonly reasons: Uint8Array;
  readonly texts: Uint8Array;
  /** Labels that hops have had so far. */
  readonly labels: Map<number, boolean>;
};

/** The items that pass the filter, in the order of time. */
export function filterItems(kit: Kit): Int32Array {
  const { order, filter, arrows } = kit.state;
  const wanted = kit.wantedWords(filter.text);
  const passed = new Int32Array(order.length);
  let count = 0;
  for (const item of order) {
    const passes = item < arrows.count ? kit.passesArrow(item, wanted) : kit.passesNote(item - arrows.count, wanted);
    if (passes) passed[count++] = item;
  }
  return passed.slice(0, count);
}

/** The words of the filter: all must be found; one with a minus must not. */
export function wantedWords(kit: Kit, text: string): Wanted[] {
  const { nodes, endpoints, reasons, texts } = kit.state.run;
  const found = (list: readonly string[], word: string): Uint8Array =>
    Uint8Array.from(list, (entry) => (entry.toLowerCase().includes(word) ? 1 : 0));
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '' && word !== '-')
    .map((typed) => {
      const isNegated = typed.startsWith('-');
      const word = isNegated ? typed.slice(1) : typed;
      const names = nodes.map(({ name }) => name);
      return {
        isNegated,
        word,
        nodes: found(names, word),
        endpoints: found(endpoints, word),
        reasons: found(reasons, word),
        texts: found(texts, word),
        labels: new Map<number, boolean>(),
      };
    });
}

/** Whether an arrow passes the filter. */
export function passesArrow(kit: Kit, arrow: number, wanted: readonly Wanted[]): boolean {
  const { arrows, filter, run } = kit.state;
  const { hops } = run;
  const [first, last] = [arrows.first[arrow]!, arrows.last[arrow]!];
  const [from, to] = [arrows.from[arrow]!, arrows.to[arrow]!];
  const isDropped = hops.outcome[last]! >= 2;
  if (filter.dropsOnly && !isDropped) return false;
  if (filter.nodes.size > 0 && !filter.nodes.has(from) && !filter.nodes.has(to)) return false;
  const protocol = hops.protocol[first]!;
  if (filter.without.has(protocol === 6 ? 'tcp' : protocol === 17 ? 'udp' : 'icmp')) return false;
  for (const want of wanted) {
    const isFound =
      want.nodes[from] === 1 ||
      (to >= 0 && want.nodes[to] === 1) ||
      want.endpoints[hops.source[first]!] === 1 ||
      want.endpoints[hops.destination[first]!] === 1 ||
      want.endpoints[hops.source[last]!] === 1 ||
      want.endpoints[hops.destination[last]!] === 1 ||
      (isDropped && (want.reasons[hops.reason[last]!] === 1 || 'dropped'.includes(want.word))) ||
      kit.labelHas(want, first);
    if (isFound === want.isNegated) return false;
  }
  return true;
}

/** Whether a hop's label or payload has the word. */
export function labelHas(kit: Kit, want: Wanted, hop: number): boolean {
  const { hops, payloads } = kit.state.run;
  // Labels follow from these; the port of UDP is among the endpoints already.
  const key = (hops.protocol[hop]! * 256 + hops.flags[hop]!) * 70_000 + hops.loadBytes[hop]!;
  let isLabel = want.labels.get(key);
  if (isLabel === undefined) {
    isLabel = kit.hopLabel(hop).toLowerCase().includes(want.word);
    want.labels.set(key, isLabel);
  }
  if (isLabel || want.word.length < 3) return isLabel;
  const end = hops.payloadAt[hop]! + hops.payloadBytes[hop]!;
  for (let at = hops.payloadAt[hop]!; at + want.word.length <= end; at += 1) {
    let same = 0;
    while (same < want.word.length && (payloads[at + same]! | 32) === (want.word.charCodeAt(same) | 32)) same += 1;
    if (same === want.word.length) return true;
  }
  return false;
}

/** Whether a note passes the filter. */
export function passesNote(kit: Kit, note: number, wanted: readonly Wanted[]): boolean {
  const { filter, run } = kit.state;
  const { node: nodes, kind, text } = run.notes;
  const node = nodes[note]!;
  if (filter.dropsOnly) return false;
  if (filter.nodes.size > 0 && !filter.nodes.has(node)) return false;
  if (filter.without.has(run.noteKinds[kind[note]!] === 'tcp-state' ? 'states' : 'notes')) return false;
  return wanted.every((want) => {
    const isFound = (node >= 0 && want.nodes[node] === 1) || want.texts[text[note]!] === 1;
    return isFound !== want.isNegated;
  });
}

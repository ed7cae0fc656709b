/** From hops to arrows and items, and the order of lanes. Nothing here draws. */
import type { Arrows, Kit } from './kit.ts';

/** Makes everything that depends on which nodes have lanes. */
export function buildModel(kit: Kit): void {
  const { state } = kit;
  state.arrows = kit.joinHops(kit.hiddenNodes());
  state.order = kit.orderItems();
  state.nodeOrder = kit.orderNodes();
}

/** Routers that make nothing and end nothing, unless they are asked for: by node number. */
export function hiddenNodes(kit: Kit): Uint8Array {
  const { nodes, hops, notes } = kit.state.run;
  const hidden = new Uint8Array(nodes.length);
  if (kit.state.routers) return hidden;
  for (const [index, node] of nodes.entries()) hidden[index] = node.kind === 'router' ? 1 : 0;
  for (let hop = 0; hop < hops.from.length; hop += 1) {
    if (hops.previous[hop]! < 0) hidden[hops.from[hop]!] = 0;
    if (hops.outcome[hop] === 3) hidden[hops.to[hop]!] = 0;
  }
  for (const node of notes.node) if (node >= 0) hidden[node] = 0;
  return hidden;
}

/** Joins hops through nodes that are not shown. */
export function joinHops(kit: Kit, hidden: Uint8Array): Arrows {
  const { hops } = kit.state.run;
  const total = hops.from.length;
  const arrowOf = new Int32Array(total);
  const [from, to, first, last] = [0, 1, 2, 3].map(() => new Int32Array(total)) as [
    Int32Array<ArrayBuffer>,
    Int32Array<ArrayBuffer>,
    Int32Array<ArrayBuffer>,
    Int32Array<ArrayBuffer>,
  ];
  const [begin, end] = [new Float64Array(total), new Float64Array(total)];
  let count = 0;
  for (let hop = 0; hop < total; hop += 1) {
    const previous = hops.previous[hop]!;
    // A copy is a second packet on the way to the same place, so it gets an arrow of its own.
    const isJoined = previous >= 0 && hidden[hops.from[hop]!] === 1 && last[arrowOf[previous]!] === previous;
    const arrow = isJoined ? arrowOf[previous]! : count++;
    arrowOf[hop] = arrow;
    if (!isJoined) {
      const isCopy = previous >= 0 && hidden[hops.from[hop]!] === 1;
      from[arrow] = isCopy ? from[arrowOf[previous]!]! : hops.from[hop]!;
      begin[arrow] = hops.sentMicros[hop]!;
      first[arrow] = isCopy ? first[arrowOf[previous]!]! : hop;
    }
    to[arrow] = hops.to[hop]!;
    last[arrow] = hop;
    end[arrow] = hops.endMicros[hop]! < 0 ? Infinity : hops.endMicros[hop]!;
  }
  const owners = kit.addressOwners();
  for (let arrow = 0; arrow < count; arrow += 1) {
    // Lost on its way to a node without a lane: it points to where it was to go.
    if (hidden[to[arrow]!] === 1) to[arrow] = owners[hops.destination[last[arrow]!]!] ?? -1;
  }
  return {
    count,
    from: from.slice(0, count),
    to: to.slice(0, count),
    begin: begin.slice(0, count),
    end: end.slice(0, count),
    first: first.slice(0, count),
    last: last.slice(0, count),
  };
}

/** By endpoint: the node that has its address; -1 where none or several have it. */
export function addressOwners(kit: Kit): number[] {
  const { nodes, endpoints } = kit.state.run;
  const owners = new Map<string, number>();
  for (const [index, { addresses }] of nodes.entries()) {
    for (const address of addresses) owners.set(address, owners.has(address) ? -1 : index);
  }
  return endpoints.map((endpoint) => owners.get(endpoint) ?? owners.get(endpoint.replace(/:\d+$/, '')) ?? -1);
}

/** Arrows and notes in one order of time. */
export function orderItems(kit: Kit): Int32Array {
  const { arrows, run } = kit.state;
  const { timeMicros } = run.notes;
  const order = new Int32Array(arrows.count + timeMicros.length);
  let [arrow, note] = [0, 0];
  for (let at = 0; at < order.length; at += 1) {
    const isNote = arrow >= arrows.count || (note < timeMicros.length && timeMicros[note]! <= arrows.begin[arrow]!);
    order[at] = isNote ? arrows.count + note++ : arrow++;
  }
  return order;
}

/** Moves nodes about until their arrows are short: those that talk stand beside each other. */
export function orderNodes(kit: Kit): number[] {
  const { arrows, run } = kit.state;
  const present = new Set<number>();
  const weights = new Map<number, number>();
  for (let arrow = 0; arrow < arrows.count; arrow += 1) {
    const [from, to] = [arrows.from[arrow]!, arrows.to[arrow]!];
    present.add(from);
    if (to < 0) continue;
    present.add(to);
    const pair = Math.min(from, to) * run.nodes.length + Math.max(from, to);
    weights.set(pair, (weights.get(pair) ?? 0) + 1);
  }
  for (const node of run.notes.node) if (node >= 0) present.add(node);
  let order = [...present].sort((left, right) => left - right);
  // Many lanes cannot be put in order by trying; they keep the order of their appearance.
  if (order.length > 24) return order;
  const pairs = [...weights].map(([pair, weight]) => ({
    from: Math.floor(pair / run.nodes.length),
    to: pair % run.nodes.length,
    weight: Math.sqrt(weight),
  }));
  const length = (tried: readonly number[]): number => {
    const places = new Map(tried.map((node, place) => [node, place]));
    return pairs.reduce(
      (sum, { from, to, weight }) => sum + weight * (Math.abs(places.get(from)! - places.get(to)!) - 1),
      0,
    );
  };
  for (let rounds = 0, shorter = true; shorter && rounds < 4; rounds += 1) {
    shorter = false;
    for (const node of [...order]) {
      const rest = order.filter((other) => other !== node);
      for (let place = 0; place <= rest.length; place += 1) {
        const tried = [...rest.slice(0, place), node, ...rest.slice(place)];
        if (length(tried) < length(order) - 1e-9) {
          order = tried;
          shorter = true;
        }
      }
    }
  }
  return order;
}

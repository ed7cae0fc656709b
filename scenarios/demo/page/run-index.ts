/**
 * A run in the order in which it is asked about: what is under way at a time, what has been said by then, what states are.
 *
 * Built once for each run; every question is a search in sorted columns.
 */
import { formatLine } from '../script.ts';
import type { DemoPlan } from '../plan.ts';
import type { DemoRun, SeenRun } from '../run-demo.ts';
import { HOP_OUTCOME } from '../../../sim/index.ts';
import { dropWords, tcpWords } from './words.ts';

/** One line of what happened. */
export type Line = {
  readonly timeMicros: number;
  readonly kind: 'tale' | 'drop' | 'fault';
  readonly where: string;
  readonly text: string;
};

/** A TCP connection or a state of a program, from a time on. */
export type StateChange = { readonly timeMicros: number; readonly what: string; readonly state: string };

/** A run, ready for questions. */
export class RunIndex {
  readonly run: DemoRun;
  readonly seen: SeenRun;
  readonly plan: DemoPlan;
  /** The longest time a packet was on one link. */
  readonly longestMicros: number;
  /** Everything that happens, sorted, each time once. */
  readonly moments: Float64Array;
  readonly lines: readonly Line[];
  /** By host: what its program said of its state. */
  readonly states: ReadonlyMap<string, readonly StateChange[]>;
  /** By host: its TCP connections. */
  readonly connections: ReadonlyMap<string, readonly StateChange[]>;
  /** By mapping: when packets passed it. */
  readonly uses: readonly Float64Array[];

  /** When letters arrived, sorted. */
  readonly arrivals: Float64Array;
  /** Networks that are there only from the first packet on: those that a host is carried to. */
  readonly #since: ReadonlyMap<string, number>;

  constructor(plan: DemoPlan, run: DemoRun) {
    this.plan = plan;
    this.run = run;
    this.seen = run.seen!;
    const { hops } = this.seen.recording;
    let longest = 0;
    for (let hop = 0; hop < hops.from.length; hop += 1)
      longest = Math.max(longest, hops.endMicros[hop]! - hops.sentMicros[hop]!);
    this.longestMicros = longest;
    this.lines = this.#collectLines();
    this.moments = this.#collectMoments();
    this.states = byHost(
      run.tales
        .filter(({ state }) => state !== null)
        .map((tale) => [tale.host, { timeMicros: tale.timeMicros, what: '', state: tale.state! }]),
    );
    this.connections = this.#collectConnections();
    this.uses = this.#collectUses();
    this.#since = this.#collectLate();
    this.arrivals = Float64Array.from(
      run.letters.map(({ arrivedMicros }) => arrivedMicros).filter((micros) => micros >= 0),
    ).sort();
  }

  /** Whether a node is there yet. */
  isThere(node: string, micros: number): boolean {
    return (this.#since.get(node) ?? 0) <= micros;
  }

  get endMicros(): number {
    return this.run.endMicros;
  }

  /** The number of the first hop that began after that time. */
  firstHopAfter(micros: number): number {
    return firstAfter(this.seen.recording.hops.sentMicros, micros);
  }

  /** How many lines there are by then. */
  linesBy(micros: number): number {
    return upperBound(this.lines.length, (index) => this.lines[index]!.timeMicros, micros);
  }

  /** How many letters were sent by then, and how many had arrived. */
  lettersBy(micros: number): { readonly sent: number; readonly arrived: number } {
    const { letters } = this.run;
    const sent = upperBound(letters.length, (index) => letters[index]!.sentMicros, micros);
    return { sent, arrived: firstAfter(this.arrivals, micros) };
  }

  /** What the program of a host last said of its state. */
  stateOf(host: string, micros: number): string {
    const changes = this.states.get(host) ?? [];
    return changes[upperBound(changes.length, (index) => changes[index]!.timeMicros, micros) - 1]?.state ?? '';
  }

  /** Its TCP connections then: name and state, the closed ones left out. */
  connectionsOf(host: string, micros: number): readonly (readonly [string, string])[] {
    const open = new Map<string, string>();
    // A crash takes them all, without a word.
    const crashes = this.plan.faults.filter(({ fault }) => fault.fault === 'crash' && fault.host === host);
    const crashMicros = crashes.findLast(({ atMicros }) => atMicros <= micros)?.atMicros ?? -1;
    for (const { timeMicros, what, state } of this.connections.get(host) ?? []) {
      if (timeMicros > micros) break;
      if (timeMicros <= crashMicros) continue;
      if (state === 'CLOSED') open.delete(what);
      else open.set(what, state);
    }
    return [...open];
  }

  /** Of the moments before and after a time, the next one. */
  nextMoment(micros: number): number {
    return this.moments[firstAfter(this.moments, micros)] ?? this.endMicros;
  }

  previousMoment(micros: number): number {
    const at = firstAfter(this.moments, micros - 0.5);
    return at === 0 ? 0 : this.moments[at - 1]!;
  }

  #collectLines(): Line[] {
    const { recording } = this.seen;
    const { hops, nodes, reasons } = recording;
    const lines: Line[] = this.run.tales.map(({ timeMicros, host, text }) => ({
      timeMicros,
      kind: 'tale',
      where: host,
      text,
    }));
    for (const line of this.plan.faults) {
      if (line.atMicros <= this.endMicros)
        lines.push({
          timeMicros: line.atMicros,
          kind: 'fault',
          where: '',
          text: formatLine(line).replace(/^\S+ /, ''),
        });
    }
    for (let hop = 0; hop < hops.from.length; hop += 1) {
      const outcome = hops.outcome[hop]!;
      if (outcome < HOP_OUTCOME.lostOnLink) continue;
      const [from, to] = [nodes[hops.from[hop]!]!.name, nodes[hops.to[hop]!]!.name];
      const where = outcome === HOP_OUTCOME.lostOnLink ? `${from} → ${to}` : to;
      lines.push({
        timeMicros: hops.endMicros[hop]!,
        kind: 'drop',
        where,
        text: dropWords(reasons[hops.reason[hop]!] ?? '', this.seen.kinds[hop]!),
      });
    }
    return lines.sort((left, right) => left.timeMicros - right.timeMicros);
  }

  #collectMoments(): Float64Array {
    const { hops, mappings } = this.seen.recording;
    const times = [
      ...hops.sentMicros,
      ...hops.endMicros.filter((end) => end >= 0),
      ...this.lines.map(({ timeMicros }) => timeMicros),
    ];
    for (const { fromMicros, untilMicros } of mappings) times.push(fromMicros, untilMicros);
    const sorted = Float64Array.from(times.filter((time) => time <= this.endMicros)).sort();
    return sorted.filter((time, index) => index === 0 || time !== sorted[index - 1]);
  }

  #collectConnections(): Map<string, StateChange[]> {
    const { notes, noteKinds, nodes, texts } = this.seen.recording;
    const found: [string, StateChange][] = [];
    for (let note = 0; note < notes.node.length; note += 1) {
      if (noteKinds[notes.kind[note]!] !== 'tcp-state') continue;
      const words = tcpWords(texts[notes.text[note]!]!);
      const host = nodes[notes.node[note]!]?.name;
      if (words !== undefined && host !== undefined)
        found.push([host, { timeMicros: notes.timeMicros[note]!, ...words }]);
    }
    return byHost(found);
  }

  #collectLate(): Map<string, number> {
    const { hops, nodes } = this.seen.recording;
    const since = new Map<string, number>();
    nodes.forEach(({ name }, node) => {
      if (!isAwayNetwork(name)) return;
      const first = hops.from.findIndex((from, hop) => from === node || hops.to[hop] === node);
      since.set(name, first < 0 ? Infinity : hops.sentMicros[first]!);
    });
    return since;
  }

  /** A packet that leaves a NAT from the external endpoint, or comes in for it, has used the mapping. */
  #collectUses(): Float64Array[] {
    const { hops, endpoints, mappings } = this.seen.recording;
    const times = new Map<string, number[]>();
    const lists = mappings.map(({ nat, external, protocol }) => {
      const key = `${nat} ${protocol === 'tcp' ? 6 : 17} ${external}`;
      const list = times.get(key) ?? [];
      times.set(key, list);
      return list;
    });
    for (let hop = 0; hop < hops.from.length; hop += 1) {
      const protocol = hops.protocol[hop]!;
      times.get(`${hops.from[hop]!} ${protocol} ${endpoints[hops.source[hop]!]!}`)?.push(hops.sentMicros[hop]!);
      if (hops.outcome[hop] === HOP_OUTCOME.delivered) {
        times.get(`${hops.to[hop]!} ${protocol} ${endpoints[hops.destination[hop]!]!}`)?.push(hops.endMicros[hop]!);
      }
    }
    return lists.map((list) => Float64Array.from(list).sort());
  }
}

/** The networks that the fault `roam` makes are named after the internet they hang on. */
export function isAwayNetwork(name: string): boolean {
  return name.startsWith('internet-');
}

function byHost(found: readonly (readonly [string, StateChange])[]): Map<string, StateChange[]> {
  const hosts = new Map<string, StateChange[]>();
  for (const [host, change] of found) {
    const changes = hosts.get(host) ?? [];
    hosts.set(host, changes);
    changes.push(change);
  }
  return hosts;
}

/** The first index whose value is above; the length when there is none. */
export function firstAfter(sorted: Float64Array, value: number): number {
  return upperBound(sorted.length, (index) => sorted[index]!, value);
}

function upperBound(length: number, at: (index: number) => number, value: number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(middle) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

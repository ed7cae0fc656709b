/**
 * What can be seen of a run from outside while it happens: packets at interfaces, packets that end, translations, records.
 *
 * An observer changes nothing, draws nothing and plans nothing, so a run that is watched has the digest of one that is not.
 * `observe(world, observer)` adds one and gives its remover; several see the same in the order they were added. Everything
 * handed over belongs to the run: whoever wants to keep a packet copies it or encodes it at once.
 */
import type { Mapping } from './nat/mapping.ts';
import type { NetworkInterface } from './node.ts';
import type { Packet } from './packet.ts';
import type { TraceKind } from './trace-kinds.ts';
import type { World } from './world.ts';

/** One who watches. Called in the order of the run; `world.nowMicros` is the time of what is told. */
export type RunObserver = {
  /** A packet leaves a node, before the link does anything to it. */
  onSend(via: NetworkInterface, packet: Readonly<Packet>): void;
  /** A packet arrives at a node, before the node does anything with it. */
  onReceive(at: NetworkInterface, packet: Readonly<Packet>): void;
  /** A link made a second packet out of one; `copy` arrives on its own. */
  onCopy(packet: Readonly<Packet>, copy: Readonly<Packet>): void;
  /** A packet ends before its destination. `subject` is the trace number of the host, router or link direction. */
  onDrop(subject: number, packet: Readonly<Packet>, reasonCode: number): void;
  /** A NAT has just sent a packet through this mapping, in either direction; ends of life are up to date. */
  onTranslate(subject: number, mapping: Readonly<Mapping>, packet: Readonly<Packet>, isOutbound: boolean): void;
  /** A trace record without text, packets left out: timers, events, TCP states, mappings made. */
  onRecord(kind: TraceKind, subject: number, a: number, b: number, c: number, d: number): void;
  /** A trace record with text: faults, log lines, marks. */
  onText(kind: TraceKind, subject: number, text: string): void;
};

/** An observer of nothing, to be spread under those who watch a part. */
export const BLIND_OBSERVER: RunObserver = {
  onSend: () => undefined,
  onReceive: () => undefined,
  onCopy: () => undefined,
  onDrop: () => undefined,
  onTranslate: () => undefined,
  onRecord: () => undefined,
  onText: () => undefined,
};

const watching = new WeakMap<World, Set<RunObserver>>();

/** Shows the run of a world to an observer from now on. Gives the remover. */
export function observe(world: World, observer: RunObserver): () => void {
  const all = watching.get(world) ?? new Set();
  watching.set(world, all);
  all.add(observer);
  install(world, all);
  return () => {
    all.delete(observer);
    install(world, all);
  };
}

/** One is asked directly; several through one that asks them all. */
function install(world: World, all: ReadonlySet<RunObserver>): void {
  const [first] = all;
  world.trace.observer = all.size <= 1 ? first : shared(all);
}

function shared(all: ReadonlySet<RunObserver>): RunObserver {
  return {
    onSend: (via, packet) => all.forEach((each) => each.onSend(via, packet)),
    onReceive: (at, packet) => all.forEach((each) => each.onReceive(at, packet)),
    onCopy: (packet, copy) => all.forEach((each) => each.onCopy(packet, copy)),
    onDrop: (subject, packet, code) => all.forEach((each) => each.onDrop(subject, packet, code)),
    onTranslate: (...told) => all.forEach((each) => each.onTranslate(...told)),
    onRecord: (...told) => all.forEach((each) => each.onRecord(...told)),
    onText: (kind, subject, text) => all.forEach((each) => each.onText(kind, subject, text)),
  };
}

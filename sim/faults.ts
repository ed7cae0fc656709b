/**
 * The closed vocabulary of faults, as data: the same for hand-written scripts and for random search.
 *
 * Loss, delay and other properties of a link are not faults but link options. Use: `const faults = new Faults(world)`, then
 * `faults.apply({ fault: 'partition', between: [['a'], ['b', 'c']] })`, or `faults.at(micros, fault)`; `faults.healAll()`
 * ends everything that lasts, except that crashed hosts stay down until `restart`.
 */
import { usageError } from './errors.ts';
import type { Host } from './host.ts';
import { registryOf } from './registry.ts';
import { TRACE_KIND } from './trace-kinds.ts';
import type { Planned, World } from './world.ts';

/** Hosts and links by name. What is lost in a partition is what would arrive while it lasts. */
export type Fault =
  /** Nothing gets from either group to the other. */
  | { readonly fault: 'partition'; readonly between: readonly [readonly string[], readonly string[]] }
  /** Nothing gets from the first group to the second; the way back is open. */
  | { readonly fault: 'partitionOneWay'; readonly from: readonly string[]; readonly to: readonly string[] }
  /** Nothing gets from the host to anybody, nor to it. */
  | { readonly fault: 'isolate'; readonly host: string }
  /** Ends all partitions. */
  | { readonly fault: 'heal' }
  /** Packets of a link wait ... */
  | { readonly fault: 'hold'; readonly link: string }
  /** ... and go on, in order. */
  | { readonly fault: 'release'; readonly link: string }
  /** `hold`, and `release` after that long. */
  | { readonly fault: 'clog'; readonly link: string; readonly micros: number }
  /** Links are held one after the other and released in the opposite order, a step each: every mix of them occurs. */
  | { readonly fault: 'swizzleClog'; readonly links: readonly string[]; readonly stepMicros: number }
  /** Packets sent over a link are lost ... */
  | { readonly fault: 'linkDown'; readonly link: string }
  /** ... until it is up again. */
  | { readonly fault: 'linkUp'; readonly link: string }
  /** The host vanishes without a word ... */
  | { readonly fault: 'crash'; readonly host: string; readonly store?: 'keep' | 'lose' }
  /** ... and comes back; its program, if it has one, starts anew. */
  | { readonly fault: 'restart'; readonly host: string }
  /** The process stands still, its kernel goes on ... */
  | { readonly fault: 'pause'; readonly host: string }
  /** ... until this. */
  | { readonly fault: 'resume'; readonly host: string }
  /** The wall clock jumps. */
  | { readonly fault: 'clockStep'; readonly host: string; readonly deltaMicros: number }
  /** The monotonic clock changes its speed. */
  | { readonly fault: 'drift'; readonly host: string; readonly driftPpm: number }
  /** A NAT forgets its mappings. */
  | { readonly fault: 'natReboot'; readonly nat: string };

export type FaultKind = Fault['fault'];

/** Every word of the vocabulary, for random choice. */
export const FAULT_KINDS: readonly FaultKind[] = [
  'partition',
  'partitionOneWay',
  'isolate',
  'heal',
  'hold',
  'release',
  'clog',
  'swizzleClog',
  'linkDown',
  'linkUp',
  'crash',
  'restart',
  'pause',
  'resume',
  'clockStep',
  'drift',
  'natReboot',
];

/** Two groups nothing passes between, in one direction. */
type Cut = { readonly from: readonly Host[]; readonly to: readonly Host[] };

/** Does faults to one world. */
export class Faults {
  readonly #world: World;
  readonly #counts = new Map<FaultKind, number>();
  #cuts: Cut[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  /** How often each fault was applied; one that never was proves nothing. */
  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#counts;
  }

  /**
   * Applies a fault now.
   *
   * @throws SimError `usage` - there is no host, link or NAT of that name, or it is up (or down) already.
   */
  apply(fault: Fault): void {
    this.#counts.set(fault.fault, (this.#counts.get(fault.fault) ?? 0) + 1);
    this.#world.trace.recordText(TRACE_KIND.fault, -1, JSON.stringify(fault));
    if ('link' in fault) this.#applyToLink(fault);
    else if ('host' in fault) this.#applyToHost(fault);
    else if (fault.fault === 'swizzleClog') this.#swizzle(fault);
    else if (fault.fault === 'natReboot') this.#nat(fault.nat).reboot();
    else if (fault.fault === 'heal') this.#setCuts([]);
    else this.#partition(fault);
  }

  /** Applies a fault at a time to come. */
  at(atMicros: number, fault: Fault): Planned {
    return this.#world.at(atMicros, () => {
      this.apply(fault);
    });
  }

  /** Ends everything that lasts: partitions, held and broken links, paused processes. */
  healAll(): void {
    this.apply({ fault: 'heal' });
    const { links, hosts } = registryOf(this.#world);
    for (const link of links.values()) {
      link.release();
      link.up();
    }
    for (const host of hosts.values()) host.resume();
  }

  #partition(fault: Extract<Fault, { fault: 'partition' | 'partitionOneWay' }>): void {
    const [from, to] = fault.fault === 'partition' ? fault.between : [fault.from, fault.to];
    const [left, right] = [this.#hosts(from), this.#hosts(to)];
    const cuts = [{ from: left, to: right }];
    if (fault.fault === 'partition') cuts.push({ from: right, to: left });
    this.#setCuts([...this.#cuts, ...cuts]);
  }

  #isolate(name: string): void {
    const others = [...registryOf(this.#world).hosts.keys()].filter((other) => other !== name);
    if (others.length > 0) this.#partition({ fault: 'partition', between: [[name], others] });
  }

  #swizzle({ links, stepMicros }: Extract<Fault, { fault: 'swizzleClog' }>): void {
    const held = links.map((name) => registryOf(this.#world).link(name));
    const startMicros = this.#world.nowMicros;
    held.forEach((link, index) => {
      this.#world.at(startMicros + index * stepMicros, () => link.hold());
      this.#world.at(startMicros + (2 * held.length - 1 - index) * stepMicros, () => link.release());
    });
  }

  #setCuts(cuts: Cut[]): void {
    for (const { to } of this.#cuts) for (const host of to) host.blockedOrigins = undefined;
    this.#cuts = cuts;
    for (const { from, to } of cuts) {
      for (const host of to) {
        host.blockedOrigins ??= new Set();
        for (const { subject } of from) if (subject !== host.subject) host.blockedOrigins.add(subject);
      }
    }
  }

  #applyToLink(fault: Extract<Fault, { link: string }>): void {
    const link = registryOf(this.#world).link(fault.link);
    if (fault.fault === 'hold') link.hold();
    else if (fault.fault === 'release') link.release();
    else if (fault.fault === 'clog') link.clog(fault.micros);
    else if (fault.fault === 'linkDown') link.down();
    else link.up();
  }

  #applyToHost(fault: Extract<Fault, { host: string }>): void {
    const host = registryOf(this.#world).host(fault.host);
    if (fault.fault === 'isolate') this.#isolate(fault.host);
    else if (fault.fault === 'crash') host.crash({ store: fault.store ?? 'keep' });
    else if (fault.fault === 'restart') host.restart();
    else if (fault.fault === 'pause') host.pause();
    else if (fault.fault === 'resume') host.resume();
    else if (fault.fault === 'clockStep') host.clock.step(fault.deltaMicros);
    else host.clock.setDrift(fault.driftPpm);
  }

  #hosts(names: readonly string[]): readonly Host[] {
    if (names.length === 0) throw usageError('a group of a partition is empty; name its hosts');
    return names.map((name) => registryOf(this.#world).host(name));
  }

  #nat(name: string): { reboot(): void } {
    const nat = registryOf(this.#world).nats.get(name);
    if (nat === undefined) throw usageError(`there is no NAT '${name}'`);
    return nat;
  }
}

/**
 * Does faults to a world: what the words of `fault-words.ts` mean.
 *
 * Use: `const faults = new Faults(world)`, then now, `faults.apply({ fault: 'partition', between: [['a'], ['b', 'c']] })`;
 * at a time, `faults.at(micros, fault)`; on an event, `faults.onPacket({ link }, fault)`. `faults.healAll()` ends everything
 * that lasts, except that crashed hosts stay down until `restart`. Conditions of links are `fault-conditions.ts`, hosts away
 * from home `roamers.ts`.
 */
import { checkInteger, usageError } from './errors.ts';
import { FaultConditions } from './fault-conditions.ts';
import type { Fault, FaultKind, LinkCondition } from './fault-words.ts';
import type { Host } from './host.ts';
import type { NetworkInterface } from './node.ts';
import type { Link } from './link.ts';
import type { Packet } from './packet.ts';
import { registryOf } from './registry.ts';
import { Roamers } from './roamers.ts';
import { TRACE_KIND } from './trace-kinds.ts';
import type { Planned, World } from './world.ts';

/** Two groups nothing passes between, in one direction. */
type Cut = { readonly name: string | undefined; readonly from: readonly Host[]; readonly to: readonly Host[] };

/** A packet that a fault waits for. */
export type PacketTrigger = {
  readonly link: string;
  /** `forward` is from the link's first node to its second. Default: either way. */
  readonly way?: 'forward' | 'backward';
  /** Default: any packet. */
  readonly matches?: (packet: Readonly<Packet>) => boolean;
};

type FaultOf<Kind extends FaultKind> = Extract<Fault, { fault: Kind }>;
type Doing = { readonly [Kind in FaultKind]: (fault: FaultOf<Kind>) => void };

/** Does faults to one world. */
export class Faults {
  readonly #world: World;
  readonly #counts = new Map<FaultKind, number>();
  readonly #conditions = new FaultConditions();
  readonly #doing: Doing = this.#makeDoing();
  readonly #slowed = new Set<Host>();
  /** Interfaces that are down. */
  readonly #unplugged = new Map<Host, NetworkInterface>();
  readonly #roamers: Roamers;
  /** What swizzle-clogs will still do to a link. */
  readonly #swizzling = new Map<Link, Planned[]>();
  #cuts: readonly Cut[] = [];

  constructor(world: World) {
    this.#world = world;
    this.#roamers = new Roamers(world);
  }

  /** How often each fault was applied; one that never was proves nothing. */
  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#counts;
  }

  /**
   * Applies a fault now.
   *
   * @throws SimError `usage` - there is no host, link or NAT of that name, it is up (or down) already, or a number is out of
   * its range.
   */
  apply(fault: Fault): void {
    this.#counts.set(fault.fault, (this.#counts.get(fault.fault) ?? 0) + 1);
    this.#world.trace.recordText(TRACE_KIND.fault, -1, JSON.stringify(fault));
    const act = this.#doing[fault.fault] as (fault: Fault) => void;
    act(fault);
  }

  /** Applies a fault at a time to come. */
  at(atMicros: number, fault: Fault): Planned {
    return this.#world.at(atMicros, () => {
      this.apply(fault);
    });
  }

  /**
   * Applies a fault when the first packet that matches enters a link: at that time, in an event of its own, so that the
   * packet itself is on its way. Gives what takes the trigger off again.
   */
  onPacket({ link, way, matches = () => true }: PacketTrigger, fault: Fault): () => void {
    const { forward, backward } = registryOf(this.#world).link(link);
    const directions = way === undefined ? [forward, backward] : [way === 'forward' ? forward : backward];
    let isOver = false;
    const removers = directions.map((direction) =>
      direction.addTap((packet, nowMicros) => {
        if (isOver || !matches(packet)) return;
        isOver = true;
        this.#world.at(nowMicros, () => {
          remove();
          this.apply(fault);
        });
      }),
    );
    const remove = (): void => {
      isOver = true;
      for (const each of removers.splice(0)) each();
    };
    return remove;
  }

  /** Ends everything that lasts: partitions, conditions, held and broken links, pieces, paused processes. */
  healAll(): void {
    this.apply({ fault: 'heal' });
    const { links, hosts } = registryOf(this.#world);
    for (const link of links.values()) this.#free(link);
    for (const host of hosts.values()) this.#rouse(host);
  }

  #makeDoing(): Doing {
    const condition = (fault: FaultOf<LinkCondition>): void => this.#conditions.set(this.#link(fault), fault);
    return {
      partition: ({ between: [left, right], cut }) => this.#partition(cut, left, right, true),
      partitionOneWay: ({ from, to, cut }) => this.#partition(cut, from, to, false),
      isolate: ({ host, cut }) => this.#isolate(cut, host),
      heal: ({ cut }) => this.#setCuts(cut === undefined ? [] : this.#cuts.filter(({ name }) => name !== cut)),
      hold: (fault) => this.#link(fault).hold(),
      release: (fault) => this.#link(fault).release(),
      clog: (fault) => this.#link(fault).clog(fault.micros),
      swizzleClog: (fault) => this.#swizzle(fault),
      linkDown: (fault) => this.#link(fault).down(),
      linkUp: (fault) => this.#link(fault).up(),
      loss: condition,
      delay: condition,
      duplication: condition,
      reordering: condition,
      corruption: condition,
      truncation: condition,
      narrowing: condition,
      mend: (fault) => this.#conditions.mend(this.#link(fault), fault.condition),
      pieces: (fault) => this.#pieces(fault),
      reset: (fault) => this.#host(fault).tcp.resetConnections(),
      crash: (fault) => this.#host(fault).crash({ store: fault.store ?? 'keep' }),
      restart: (fault) => void this.#host(fault).restart(),
      pause: (fault) => this.#host(fault).pause(),
      resume: (fault) => this.#host(fault).resume(),
      suspend: (fault) => this.#host(fault).suspend(),
      wake: (fault) => this.#host(fault).wake(),
      slow: (fault) => this.#slow(fault),
      interfaceDown: (fault) => this.#interface(this.#host(fault), 'down'),
      interfaceUp: (fault) => this.#interface(this.#host(fault), 'up'),
      renumber: ({ host }) => this.#renumber(this.#host({ host }).name),
      roam: (fault) => this.#roamers.roam(this.#host(fault), fault),
      comeHome: (fault) => this.#roamers.comeHome(this.#host(fault), fault),
      clockStep: (fault) => this.#host(fault).clock.step(fault.deltaMicros),
      drift: (fault) => this.#host(fault).clock.setDrift(fault.driftPpm),
      natReboot: ({ nat }) => this.#nat(nat).reboot(),
      natRenumber: ({ nat }) => {
        this.#nat(nat);
        this.#renumber(nat);
      },
      diskFull: (fault) => this.#host(fault).disk.set({ isFull: true }),
      diskFailing: (fault) => this.#host(fault).disk.set({ failPerMille: fault.perMille }),
      diskSlow: (fault) => this.#host(fault).disk.set({ slowMicros: fault.micros }),
      diskMend: (fault) => this.#host(fault).disk.set(),
      recover: (fault) => this.#recover(this.#host(fault)),
    };
  }

  #partition(name: string | undefined, from: readonly string[], to: readonly string[], both: boolean): void {
    const [left, right] = [this.#hosts(from), this.#hosts(to)];
    const cuts: Cut[] = [{ name, from: left, to: right }];
    if (both) cuts.push({ name, from: right, to: left });
    this.#setCuts([...this.#cuts, ...cuts]);
  }

  #isolate(cut: string | undefined, name: string): void {
    const others = [...registryOf(this.#world).hosts.keys()].filter((other) => other !== name);
    if (others.length > 0) this.#partition(cut, [name], others, true);
  }

  #swizzle({ links, stepMicros }: FaultOf<'swizzleClog'>): void {
    const held = links.map((name) => registryOf(this.#world).link(name));
    const startMicros = this.#world.nowMicros;
    held.forEach((link, index) => {
      const hold = this.#world.at(startMicros + index * stepMicros, () => link.hold());
      const releaseMicros = startMicros + (2 * held.length - 1 - index) * stepMicros;
      const release = this.#world.at(releaseMicros, () => link.release());
      this.#swizzling.set(link, [...(this.#swizzling.get(link) ?? []), hold, release]);
    });
  }

  #setCuts(cuts: readonly Cut[]): void {
    for (const { to } of this.#cuts) for (const host of to) host.blockedOrigins = undefined;
    this.#cuts = cuts;
    for (const { from, to } of cuts) {
      for (const host of to) {
        host.blockedOrigins ??= new Set();
        for (const { subject } of from) if (subject !== host.subject) host.blockedOrigins.add(subject);
      }
    }
  }

  #pieces({ host, bytesMax }: FaultOf<'pieces'>): void {
    checkInteger('bytesMax', bytesMax, 0, 0x7fff_ffff);
    this.#host({ host }).tcp.pieceBytesMax = bytesMax === 0 ? Infinity : bytesMax;
  }

  #renumber(node: string): void {
    const place = registryOf(this.#world).places.get(node);
    if (place === undefined) {
      throw usageError(`'${node}' was connected by hand; only an Internet or a Lan has another address to give`);
    }
    place.network.renumber(place.node);
  }

  #slow({ host, delayMicros, busyMicros }: FaultOf<'slow'>): void {
    const struck = this.#host({ host });
    if (delayMicros === 0 && busyMicros === 0) struck.slowDown();
    else struck.slowDown({ delay: { kind: 'constant', micros: delayMicros }, busyMicros });
    this.#slowed.add(struck);
  }

  #interface(host: Host, state: 'up' | 'down'): void {
    const inUse = this.#unplugged.get(host) ?? host.network.usable()[0] ?? host.interfaces[0];
    if (inUse === undefined) throw usageError(`host '${host.name}' has no interface yet; connect it to a network`);
    host.network.setInterface(inUse, state);
    if (state === 'down') this.#unplugged.set(host, inUse);
    else this.#unplugged.delete(host);
  }

  /** Ends everything that lasts on a host itself. */
  #rouse(host: Host): void {
    host.tcp.pieceBytesMax = Infinity;
    host.disk.set();
    if (this.#unplugged.has(host)) this.#interface(host, 'up');
    if (this.#slowed.delete(host)) host.slowDown();
    this.#roamers.comeHome(host, { gapMicros: 0 });
    host.wake();
    host.resume();
  }

  #recover(host: Host): void {
    const without = (group: readonly Host[]): readonly Host[] => group.filter((each) => each !== host);
    const cuts = this.#cuts.map(({ name, from, to }) => ({ name, from: without(from), to: without(to) }));
    this.#setCuts(cuts.filter(({ from, to }) => from.length > 0 && to.length > 0));
    for (const link of registryOf(this.#world).linksOf(host.name)) this.#free(link);
    host.clock.setDrift(0);
    this.#rouse(host);
  }

  /** Ends everything that lasts on a link, or will. */
  #free(link: Link): void {
    for (const planned of this.#swizzling.get(link) ?? []) planned.cancel();
    this.#swizzling.delete(link);
    link.release();
    link.up();
    this.#conditions.mend(link);
  }

  #link({ link }: { readonly link: string }): Link {
    return registryOf(this.#world).link(link);
  }

  #host({ host }: { readonly host: string }): Host {
    return registryOf(this.#world).host(host);
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

/**
 * The stage in a simulated world: one World per run, every host behind its own link to one router in the middle,
 * or in a LAN behind a NAT.
 *
 * Deterministic: equal seed and body, equal digest. It only translates; the network is sim/, the stage is stage.ts.
 */
import type { Endpoint, Platform, TcpConnection } from '../../spec/platform.ts';
import {
  Adversary,
  Faults,
  Host,
  Internet,
  Lan,
  World,
  keepCheckpoints,
  natBehaviour,
  ratio,
  registryOf,
  takeRareWays,
} from '../../sim/index.ts';
import type { EventTarget, Fault, Link, LinkOptions, RareWayCount, WorldOptions } from '../../sim/index.ts';
import type { Stage } from '../api.ts';
import type { AdversarySubject } from './adversary-subject.ts';
import { HarnessFault } from './failures.ts';
import type { LinkConditions } from './net-control.ts';
import { NAT_KINDS } from './network-options.ts';
import type { NatKind, NetworkOptions } from './network-options.ts';
import { inWorldNames } from './sim-faults.ts';
import { runOnStage } from './stage.ts';
import type { BodyResult, ClientFactory, StageSession } from './stage.ts';
import { trackPlatform } from './tracked-platform.ts';
import type { TrackedPlatform } from './tracked-platform.ts';
import type { StageHost, StageWorld } from './world.ts';

export type SimOptions = {
  /** A 31-bit integer. */
  readonly seed: number;
  readonly timeLimitSecs: number;
  readonly invariants: boolean;
  /** Is shown the world before anything is in it. */
  readonly onWorld?: (world: World) => void;
  /** Is told of each host once it is in the world. */
  readonly onHost?: () => void;
  /** Is shown the stage before anything is on it. */
  readonly onSession?: (session: StageSession) => void;
  /** Records to keep; the result then has the trace. */
  readonly traceWindow?: Pick<WorldOptions, 'traceFrom' | 'traceRecords'>;
  /** Default: clients are the reference engine. */
  readonly createClient?: ClientFactory;
};

/** One way over one host's link; two hosts are twice this apart. */
const LINK_DELAY_MICROS = 1_000;
const POLL_MICROS = 10_000;
/** A lost run must end: far more events than any scenario needs. */
const EVENTS_MAX = 50_000_000;
/** Simulated seconds that closing may take on top of the body's limit. */
const CLOSING_SECS = 300;
/** How much later a reordered packet arrives. */
const REORDER_MICROS = 20_000;
/** Stands for "no limit" where a link was limited before. */
const UNLIMITED_BITS_PER_SEC = 1e12;

/** Runs one body to its end; never throws. */
export async function runSim(options: SimOptions, body: (stage: Stage) => Promise<void>): Promise<BodyResult> {
  const world = new World({
    seed: options.seed,
    timeLimitMicros: (options.timeLimitSecs + CLOSING_SECS) * 1_000_000,
    eventLimit: EVENTS_MAX,
    ...options.traceWindow,
  });
  options.onWorld?.(world);
  const checkpoints = keepCheckpoints(world.trace);
  const stageWorld = new SimWorld(world, options.onHost);
  let session: StageSession | undefined;
  let failure: { readonly error?: unknown } = {};
  try {
    await world.run(() =>
      runOnStage(stageWorld, body, options, (made) => {
        session = made;
        options.onSession?.(made);
      }),
    );
  } catch (error) {
    failure = { error };
  }
  return {
    ...failure,
    ...session?.figures(),
    steps: session?.stepsUpTo(failure.error) ?? [],
    digest: world.digest(),
    checkpoints: checkpoints(),
    ...(options.traceWindow === undefined ? {} : { trace: world.trace }),
  };
}

type SimHost = {
  readonly host: Host;
  /** At home. */
  readonly link: Link;
  tracked: TrackedPlatform;
  conditions: LinkConditions;
};

class SimWorld implements StageWorld {
  readonly target = 'sim';
  readonly pollMicros = POLL_MICROS;
  readonly slackMicros = 0;
  readonly measureSlackMicros = 0;
  readonly net: StageWorld['net'];
  readonly #world: World;
  readonly #onHost: () => void;
  readonly #internet: Internet;
  readonly #hosts = new Map<string, SimHost>();
  readonly #lans = new Map<string, { readonly lan: Lan; readonly kind: NatKind }>();
  readonly #chunkLimits = new Map<string, number>();
  /** Made with the first word: a run without any leaves no trace of them. */
  #faults: Faults | undefined = undefined;
  #escaped: unknown = undefined;

  constructor(world: World, onHost: () => void = () => undefined) {
    this.#world = world;
    this.#onHost = onHost;
    this.#internet = new Internet(world, { link: { delayMicros: LINK_DELAY_MICROS } });
    this.net = this.#control();
  }

  nowMicros(): number {
    return this.#world.nowMicros;
  }

  /** Costs no turn of the real event loop; whoever settles a promise in the callback says so. */
  setTimer(delayMicros: number, callback: () => void): { cancel(): void } {
    return new HarnessTimer(this.#world, delayMicros, callback);
  }

  noteAsyncEdge(): void {
    this.#world.noteAsyncEdge();
  }

  addHost(name: string, _kind: 'server' | 'client', network?: NetworkOptions): StageHost {
    const host = new Host(this.#world, name);
    const place = this.#networkFor(name, network);
    const { link, left } = place.join(host);
    const entry: SimHost = { host, link, tracked: this.#track(host.platform()), conditions: {} };
    this.#hosts.set(name, entry);
    this.#onHost();
    const address = host.platform().localAddresses()[0];
    if (address === undefined || left.node !== host) throw new HarnessFault(`host ${name} got no address`);
    return {
      name,
      address,
      // After a crash and a restart the host has a new process, hence a new platform.
      get platform() {
        return entry.tracked.platform;
      },
      files: host.files,
      openResources: () => entry.tracked.openResources(),
    };
  }

  rareWays(): () => readonly Readonly<RareWayCount>[] {
    const ways = takeRareWays(this.#world);
    return () => ways.counts;
  }

  addAdversary(name: string): AdversarySubject {
    const adversary = new Adversary(this.#internet.host(name));
    return { name, adversary, tap: (host) => adversary.tap(this.#entry(host).link) };
  }

  route(_host: string, server: Endpoint): Promise<Endpoint> {
    return Promise.resolve(server);
  }

  healAll(): void {
    this.#faults?.healAll();
    for (const { link } of this.#hosts.values()) link.up();
  }

  escaped(): unknown {
    return this.#escaped;
  }

  /** The public network, or the LAN that was asked for; a LAN is made with its first host. */
  #networkFor(hostName: string, network: NetworkOptions | undefined): Internet | Lan {
    const preset = network === undefined ? undefined : NAT_KINDS[network.nat];
    if (network === undefined || preset === undefined) return this.#internet;
    const name = `lan-${network.lan ?? hostName}`;
    const known = this.#lans.get(name);
    if (known !== undefined && known.kind !== network.nat) {
      throw new HarnessFault(`the LAN of ${hostName} is behind a NAT of kind ${known.kind}, not ${network.nat}`);
    }
    if (known !== undefined) return known.lan;
    const nat = natBehaviour(preset, { hairpin: network.hairpin === true ? 'externalSource' : 'off' });
    const lan = new Lan(this.#internet, name, { nat });
    this.#lans.set(name, { lan, kind: network.nat });
    return lan;
  }

  #track(platform: Platform): TrackedPlatform {
    return trackPlatform(platform, {
      onEscaped: (error) => (this.#escaped ??= error),
      chunkBytesMax: (connection) => this.#chunkLimit(connection),
    });
  }

  /** The tighter limit of the two hosts that a connection joins. */
  #chunkLimit(connection: TcpConnection): number {
    if (this.#chunkLimits.size === 0) return Infinity;
    const of = (endpoint: Endpoint): number => this.#chunkLimits.get(endpoint.address) ?? Infinity;
    return Math.min(of(connection.local), of(connection.remote));
  }

  #entry(name: string): SimHost {
    const entry = this.#hosts.get(name);
    if (entry === undefined) throw new HarnessFault(`there is no host "${name}"`);
    return entry;
  }

  #control(): StageWorld['net'] {
    return {
      fault: (fault) => {
        this.#fault(fault);
        return Promise.resolve();
      },
      conditions: (host, conditions) => this.#setConditions(this.#entry(host), conditions),
      partition: (host) => this.#entry(host).link.down(),
      heal: (host) => this.#entry(host).link.up(),
      resetConnections: (host) => this.#entry(host).tracked.resetConnections(),
      disk: (host, faults) => this.#entry(host).tracked.disk(faults),
      crash: (host) => {
        const entry = this.#entry(host);
        entry.tracked.kill();
        entry.host.crash();
        return Promise.resolve();
      },
      restart: (host) => {
        const entry = this.#entry(host);
        entry.tracked = this.#track(entry.host.restart());
        return Promise.resolve();
      },
    };
  }

  #fault(fault: Fault): void {
    this.#faults ??= new Faults(this.#world);
    // A process ends with its host's power, and the next one has a platform of its own.
    const dies = fault.fault === 'crash' ? this.#entry(fault.host).tracked : undefined;
    // What is torn must still be open when the power goes.
    const isTorn = fault.fault === 'crash' && fault.store === 'tear';
    if (!isTorn) dies?.kill();
    const registry = registryOf(this.#world);
    const inWorld = inWorldNames(fault, {
      linksOf: (host) => registry.linksOf(this.#entry(host).host.name).map(({ name }) => name),
      natOf: (host) => {
        const network = registry.places.get(this.#entry(host).host.name)?.network;
        return network instanceof Lan ? network.nat.name : undefined;
      },
    });
    for (const each of inWorld) this.#faults.apply(each);
    if (isTorn) dies?.kill();
    if (fault.fault !== 'restart') return;
    const entry = this.#entry(fault.host);
    entry.tracked = this.#track(entry.host.platform());
  }

  #setConditions(entry: SimHost, conditions: LinkConditions): void {
    const wasLimited = (entry.conditions.bandwidthBitsPerSec ?? 0) > 0;
    entry.link.configure(linkOptions(conditions, wasLimited));
    entry.conditions = { ...conditions, ...(wasLimited ? { bandwidthBitsPerSec: UNLIMITED_BITS_PER_SEC } : {}) };
    const address = entry.host.platform().localAddresses()[0] ?? '';
    const chunk = conditions.chunkBytesMax ?? 0;
    if (chunk > 0) this.#chunkLimits.set(address, chunk);
    else this.#chunkLimits.delete(address);
  }
}

function linkOptions(conditions: LinkConditions, wasLimited: boolean): LinkOptions {
  const { delayMillis, jitterMillis = 0, lossPerMille = 0, duplicatePerMille = 0, reorderPerMille = 0 } = conditions;
  const { bandwidthBitsPerSec = 0 } = conditions;
  const limited = bandwidthBitsPerSec > 0 ? bandwidthBitsPerSec : wasLimited ? UNLIMITED_BITS_PER_SEC : undefined;
  return {
    delayMicros: delayMillis === undefined ? LINK_DELAY_MICROS : Math.round(delayMillis * 1000),
    jitterMicros: Math.round(jitterMillis * 1000),
    loss: ratio(lossPerMille, 1000),
    duplicate: ratio(duplicatePerMille, 1000),
    reorder: { ratio: ratio(reorderPerMille, 1000), extraMicros: REORDER_MICROS },
    ...(limited === undefined ? {} : { bandwidthBitsPerSecond: limited }),
  };
}

/** A timer of the harness that belongs to no host. */
class HarnessTimer implements EventTarget {
  readonly #world: World;
  readonly #callback: () => void;
  #slot: number;

  constructor(world: World, delayMicros: number, callback: () => void) {
    this.#world = world;
    this.#callback = callback;
    this.#slot = world.schedule(world.nowMicros + delayMicros, this, undefined);
  }

  cancel(): void {
    if (this.#slot >= 0) this.#world.cancel(this.#slot);
    this.#slot = -1;
  }

  onEvent(): void {
    this.#slot = -1;
    this.#callback();
  }
}

/**
 * The stage on real loopback TCP: every host a NodePlatform on faster clocks, every client behind a proxy of its own.
 *
 * Scenario seconds run `timeScale` times as fast as real ones. Not deterministic; what a stalled machine can spoil is
 * told by `stall-meter.ts`. Everything it opened is closed when `runLoopback` returns.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Platform, TcpConnection, TcpListener, Timer } from '../../spec/platform.ts';
import { createClock } from '../../impl/platform/node-clock.ts';
import { createNodeFiles } from '../../impl/platform/node-files.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';
import type { Stage, TargetName } from '../api.ts';
import { hash32 } from '../runner/seeds.ts';
import { HarnessFault, TimeLimitReached } from './failures.ts';
import { LoopbackFaults } from './loopback-faults.ts';
import { LOOPBACK_ADDRESS, LoopbackNet } from './loopback-net.ts';
import { proxiedPlatform } from './proxied-platform.ts';
import type { NetworkOptions } from './network-options.ts';
import { runOnStage } from './stage.ts';
import type { BodyResult, ClientFactory, StageSession } from './stage.ts';
import { lazyFiles } from './tracked-files.ts';
import { trackPlatform } from './tracked-platform.ts';
import type { TrackedPlatform } from './tracked-platform.ts';
import type { StageHost, StageWorld } from './world.ts';

/** Scenario seconds per real second: a timeout of 30 s costs half a second, one second is 17 ms. */
export const TIME_SCALE_DEFAULT = 60;

export type LoopbackOptions = {
  readonly seed: number;
  readonly timeLimitSecs: number;
  readonly invariants: boolean;
  readonly timeScale?: number;
  /** Real seconds that any wait for an event may take longer than asked for; default {@link REAL_SLACK_SECS}. */
  readonly slackSecs?: number;
  /** Default `loopback`; `exec` for foreign clients. */
  readonly target?: TargetName;
  readonly createClient?: ClientFactory;
};

/** Real seconds that any wait for an event may take longer than asked for. */
export const REAL_SLACK_SECS = 2;
/** Real seconds a run may always take. */
const REAL_LIMIT_SECS_MIN = 10;
/** The part of that slack that measured times get. */
const MEASURE_SLACK_SHARE = 0.125;
const REAL_POLL_MILLIS = 2;

/** Runs one body to its end; never throws. */
export async function runLoopback(
  options: LoopbackOptions,
  body: (stage: Stage) => Promise<void>,
): Promise<BodyResult> {
  const timeScale = options.timeScale ?? TIME_SCALE_DEFAULT;
  const world = new LoopbackWorld(timeScale, options);
  const { slackSecs = REAL_SLACK_SECS } = options;
  const limitSecs = Math.max(options.timeLimitSecs / timeScale, REAL_LIMIT_SECS_MIN) + slackSecs;
  let session: StageSession | undefined;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new TimeLimitReached(`the run did not end within ${limitSecs.toFixed(1)} s of real time`));
    }, limitSecs * 1000);
  });
  const run = runOnStage(world, body, options, (made) => (session = made));
  // After the limit nobody awaits the run any more.
  run.catch(() => undefined);
  try {
    await Promise.race([run, limit]);
    return { ...session?.figures(), steps: session?.stepsUpTo() ?? [] };
  } catch (error) {
    return { error, ...session?.figures(), steps: session?.stepsUpTo(error) ?? [] };
  } finally {
    clearTimeout(timer);
    session?.abandon();
    world.close();
  }
}

class LoopbackWorld implements StageWorld {
  readonly target: TargetName;
  readonly pollMicros: number;
  readonly slackMicros: number;
  readonly measureSlackMicros: number;
  readonly net: StageWorld['net'];
  readonly #timeScale: number;
  readonly #clock: ReturnType<typeof createClock>;
  readonly #network: LoopbackNet;
  readonly #faults: LoopbackFaults;
  readonly #hosts = new Map<string, TrackedPlatform>();
  readonly #timers = new Set<Timer>();
  #folder: string | undefined;
  #escaped: unknown = undefined;

  constructor(timeScale: number, { seed, target = 'loopback', slackSecs = REAL_SLACK_SECS }: LoopbackOptions) {
    this.target = target;
    this.#timeScale = timeScale;
    this.#clock = createClock(timeScale);
    const micros = (realSecs: number): number => Math.round(realSecs * timeScale * 1_000_000);
    this.pollMicros = micros(REAL_POLL_MILLIS / 1000);
    this.slackMicros = micros(slackSecs);
    this.measureSlackMicros = micros(slackSecs * MEASURE_SLACK_SHARE);
    let draws = 0;
    this.#network = new LoopbackNet(
      { nowMicros: () => this.nowMicros(), setTimer: (delayMicros, callback) => this.setTimer(delayMicros, callback) },
      () => hash32(String((draws += 1)), seed),
    );
    const control = this.#control();
    this.#faults = new LoopbackFaults(this.#network, control, (host) => this.#loseFiles(host));
    this.net = { ...control, fault: (fault) => this.#faults.apply(fault) };
  }

  nowMicros(): number {
    return this.#clock.monotonicMicros();
  }

  setTimer(delayMicros: number, callback: () => void): { cancel(): void } {
    // Kept, so that none outlives the run: an unanswered wait would keep the process alive.
    const timer = this.#clock.setTimer(delayMicros, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
    return {
      cancel: () => {
        this.#timers.delete(timer);
        timer.cancel();
      },
    };
  }

  noteAsyncEdge(): void {
    // Real promises settle by themselves.
  }

  addAdversary(): never {
    throw new HarnessFault("real sockets forge no packets; give the case targets: ['sim']");
  }

  addHost(name: string, _kind: 'server' | 'client', network?: NetworkOptions): StageHost {
    if (network !== undefined) throw new HarnessFault("real loopback has no NATs; give the case targets: ['sim']");
    this.#network.addHost(name);
    const node = this.#platform(name);
    const tracked = this.#track(proxiedPlatform(node, name, this.#network));
    this.#hosts.set(name, tracked);
    const hosts = this.#hosts;
    return {
      name,
      address: LOOPBACK_ADDRESS,
      // After a crash and a restart the host has a new process, hence a new platform.
      get platform() {
        return (hosts.get(name) ?? tracked).platform;
      },
      files: node.files,
      openResources: () => (hosts.get(name) ?? tracked).openResources(),
    };
  }

  route(host: string, server: { readonly address: string; readonly port: number }): ReturnType<StageWorld['route']> {
    return this.#network.route(host, server);
  }

  healAll(): void {
    this.#faults.healAll();
    this.#network.healAll();
  }

  escaped(): unknown {
    return this.#escaped;
  }

  close(): void {
    for (const timer of this.#timers) timer.cancel();
    for (const host of this.#hosts.values()) cutOff(host.kill());
    this.#network.close();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Every host has a folder of its own, which a restart leaves as it is; made when a host first touches its files. */
  #platform(name: string): Platform {
    const node = createNodePlatform({ timeScale: this.#timeScale, bindAddress: LOOPBACK_ADDRESS });
    const files = lazyFiles(() => {
      this.#folder ??= mkdtempSync(join(tmpdir(), 'esf-hosts-'));
      return createNodeFiles(join(this.#folder, name));
    });
    return { ...node, files };
  }

  #track(platform: Parameters<typeof trackPlatform>[0]): TrackedPlatform {
    return trackPlatform(platform, { onEscaped: (error) => (this.#escaped ??= error) });
  }

  #loseFiles(host: string): void {
    if (this.#folder !== undefined) rmSync(join(this.#folder, host), { recursive: true, force: true });
  }

  #control(): Omit<StageWorld['net'], 'fault'> {
    const network = this.#network;
    return {
      conditions: (host, conditions) => network.conditions(host, conditions),
      partition: (host) => network.set(host, { partitioned: true }),
      heal: (host) => network.set(host, { partitioned: false }),
      resetConnections: (host) => network.resetConnections(host),
      disk: (host, faults) => this.#hosts.get(host)?.disk(faults),
      crash: (host) => {
        network.powerOff(host);
        const tracked = this.#hosts.get(host);
        if (tracked !== undefined) cutOff(tracked.kill());
        return Promise.resolve();
      },
      restart: (host) => {
        const node = this.#platform(host);
        this.#hosts.set(host, this.#track(proxiedPlatform(node, host, network)));
        network.powerOn(host);
        return Promise.resolve();
      },
    };
  }
}

function cutOff(open: {
  readonly connections: readonly TcpConnection[];
  readonly listeners: readonly TcpListener[];
}): void {
  for (const listener of open.listeners) listener.close();
  for (const connection of open.connections) connection.abort();
}

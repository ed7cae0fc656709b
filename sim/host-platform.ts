/**
 * The `Platform` of one life of one host. When the host crashes this object goes dead: code of the old process that still
 * runs (a promise that settles late) can neither send, nor set timers, nor write files.
 */
import type {
  FileStore,
  FileSystem,
  LogLevel,
  Platform,
  TcpConnectOptions,
  TcpConnection,
  TcpHandlers,
  TcpListenOptions,
  TcpListener,
  TcpListenerHandlers,
  Timer,
  UdpBindOptions,
  UdpHandlers,
  UdpSocket,
} from '../spec/platform.ts';
import { ANY_ADDRESS, formatAddress } from './address.ts';
import { BOUND_ANYWHERE } from './ipv6/binding.ts';
import { checkInteger } from './errors.ts';
import type { EventTarget } from './event-queue.ts';
import type { Host } from './host.ts';
import { MemoryFiles } from './files.ts';
import { MemoryStore } from './store.ts';
import { rareWaysOf } from './rare-ways.ts';
import { TcpSocket } from './tcp/socket.ts';
import { TcpListenerSocket } from './tcp/listener.ts';
import { TRACE_KIND } from './trace-kinds.ts';
import { SimUdpSocket } from './udp.ts';

const NOTHING: Timer = { cancel: () => undefined };

/** The port of `spec/platform.ts`, implemented by a simulated host. */
export class HostPlatform implements Platform {
  readonly #host: Host;
  readonly #incarnation: number;

  constructor(host: Host) {
    this.#host = host;
    this.#incarnation = host.incarnation;
  }

  get store(): FileStore {
    return this.#isAlive ? this.#host.store : new MemoryStore();
  }

  get files(): FileSystem {
    return this.#isAlive ? this.#host.disk : new MemoryFiles(() => 0);
  }

  monotonicMicros(): number {
    return this.#host.clock.monotonicMicros();
  }

  wallMillis(): number {
    return this.#host.clock.wallMillis();
  }

  setTimer(delayMicros: number, callback: () => void): Timer {
    checkInteger('delayMicros', delayMicros, 0, Number.MAX_SAFE_INTEGER);
    return this.#isAlive ? new HostTimer(this.#host, delayMicros, callback) : NOTHING;
  }

  randomUint32(): number {
    return this.#host.world.stream(`host:${this.#host.name}:random`).uint32();
  }

  listenTcp(options: TcpListenOptions, handlers: TcpListenerHandlers): TcpListener {
    if (this.#isAlive) return this.#host.tcp.listen(options, handlers);
    const dead = new TcpListenerSocket(this.#host.tcp, BOUND_ANYWHERE, options.port, 0, handlers);
    dead.vanish();
    return dead;
  }

  connectTcp(options: TcpConnectOptions, handlers: TcpHandlers): TcpConnection {
    if (this.#isAlive) return this.#host.tcp.connect(options, handlers);
    const dead = new TcpSocket(this.#host.tcp, [ANY_ADDRESS, 0], [ANY_ADDRESS, options.remote.port]);
    dead.vanish();
    return dead;
  }

  bindUdp(options: UdpBindOptions, handlers: UdpHandlers): UdpSocket {
    if (this.#isAlive) return this.#host.udp.bind(options, handlers);
    const dead = new SimUdpSocket(this.#host.udp, BOUND_ANYWHERE, options.port, handlers);
    dead.vanish();
    return dead;
  }

  localAddresses(): readonly string[] {
    return this.#host.network.usable().flatMap(({ addresses }) => addresses.map(formatAddress));
  }

  log(level: LogLevel, message: string): void {
    this.#host.log(level, message);
  }

  get rareWay(): ((point: string) => boolean) | undefined {
    return rareWaysOf(this.#host.world)?.pass;
  }

  noteAsyncEdge(): void {
    this.#host.world.noteAsyncEdge();
  }

  get #isAlive(): boolean {
    return this.#host.isUp && this.#host.incarnation === this.#incarnation;
  }
}

/** One timer of a process. It waits by the host's own clock, so a slow clock makes a long wait. */
export class HostTimer implements Timer, EventTarget {
  readonly #host: Host;
  readonly #incarnation: number;
  readonly #dueMicros: number;
  #callback: (() => void) | undefined;
  #slot: number;

  constructor(host: Host, delayMicros: number, callback: () => void) {
    this.#host = host;
    this.#incarnation = host.incarnation;
    this.#dueMicros = host.clock.monotonicMicros() + delayMicros;
    this.#callback = callback;
    this.#slot = host.world.schedule(host.clock.trueMicrosAt(this.#dueMicros), this, undefined);
    host.liveTimerCount += 1;
  }

  get hostName(): string {
    return this.#host.name;
  }

  cancel(): void {
    if (this.#callback === undefined) return;
    this.#callback = undefined;
    if (this.#incarnation !== this.#host.incarnation) return;
    this.#host.liveTimerCount -= 1;
    if (this.#slot >= 0) this.#host.world.cancel(this.#slot);
    this.#slot = -1;
  }

  onEvent(): void {
    const host = this.#host;
    this.#slot = -1;
    if (this.#callback === undefined || this.#incarnation !== host.incarnation) return;
    if (host.isPaused) {
      host.defer(this);
      return;
    }
    if (host.clock.monotonicMicros() < this.#dueMicros) {
      // The clock was slowed down meanwhile.
      this.#slot = host.world.schedule(host.clock.trueMicrosAt(this.#dueMicros), this, undefined);
      return;
    }
    const callback = this.#callback;
    this.#callback = undefined;
    host.liveTimerCount -= 1;
    host.world.trace.record(TRACE_KIND.timer, host.subject, this.#dueMicros | 0, 0, 0, 0);
    callback();
  }
}

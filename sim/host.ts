/**
 * A virtual host: interfaces, clocks, a TCP and a UDP stack, timers, a store, and one running process at a time.
 *
 * `platform()` is what an engine gets. `crash` makes process and stacks vanish without a word to anybody; `restart` brings
 * empty ones up under the same addresses. `pause` stops the process only: its kernel goes on acknowledging and buffering.
 * `suspend` stops everything, as closing a laptop does. What becomes of interfaces and addresses is in `network`.
 * A host forwards nothing.
 */
import type { LogLevel, Platform } from '../spec/platform.ts';
import type { Address, Prefix } from './address.ts';
import { HostClock } from './clock.ts';
import { EchoStack } from './echo.ts';
import { usageError } from './errors.ts';
import type { EventTarget } from './event-queue.ts';
import { Groups, isMulticast } from './multicast.ts';
import { HostPlatform } from './host-platform.ts';
import { Disk } from './disk.ts';
import { Firewall } from './host/firewall.ts';
import type { FirewallOptions } from './host/firewall.ts';
import { EphemeralPorts } from './host/ephemeral-ports.ts';
import { HostGate } from './host/gate.ts';
import type { HostModel } from './host/gate.ts';
import { HostNetwork } from './host/network.ts';
import type { HostOptions, OpenResources } from './host/options.ts';
import { answerRejected, tellRefused } from './host/refusal.ts';
import { HostSleep } from './host/sleep.ts';
import { Slowness } from './host/slowness.ts';
import type { SlowOptions } from './host/slowness.ts';
import { HALT, ProcessTurns } from './host/turns.ts';
import type { NodeShaping } from './node-shaping.ts';
import { NetworkInterface } from './node.ts';
import type { PacketNode } from './node.ts';
import { ICMP_CODE, ICMP_TYPE, PROTOCOL, createIcmpError, isIcmp, packetHead, packetPorts } from './packet.ts';
import type { Packet } from './packet.ts';
import type { RandomStream } from './random.ts';
import { registryOf } from './registry.ts';
import { lenderOf } from './stack-host.ts';
import type { Lender, StackHost } from './stack-host.ts';
import { ICMP6_TYPE } from './icmp.ts';
import { PathMtus } from './ipv6/path-mtu.ts';
import { MemoryFiles } from './files.ts';
import { MemoryStore } from './store.ts';
import { checkedTcpOptions } from './tcp/options-check.ts';
import { TCP_OPTIONS_DEFAULT } from './tcp/options.ts';
import type { TcpOptions } from './tcp/options.ts';
import { TcpStack } from './tcp/stack.ts';
import { DROP_REASON, TRACE_KIND } from './trace-kinds.ts';
import type { DropReason } from './trace-kinds.ts';
import { UdpStack } from './udp.ts';
import type { World } from './world.ts';

export type { HostOptions, OpenResources } from './host/options.ts';

/** Time a packet needs from a host to itself. Ours: more than nothing, so that cause comes before effect. */
const LOOPBACK_MICROS = 10;

/** One host. */
export class Host implements PacketNode, StackHost, EventTarget {
  readonly world: World;
  readonly name: string;
  readonly subject: number;
  readonly clock: HostClock;
  readonly store = new MemoryStore();
  readonly files: MemoryFiles;
  /** The same files as the process sees them. */
  readonly disk: Disk = new Disk(this);
  readonly tcpOptions: TcpOptions;
  readonly udpReportsIcmp: boolean;
  readonly hostModel: HostModel;
  readonly onAddressLoss: 'keep' | 'abort';
  readonly lender: Lender;
  /** The multicast groups it listens to. */
  readonly groups = new Groups();
  readonly echo: EchoStack;
  readonly interfaces: NetworkInterface[] = [];
  readonly network: HostNetwork;
  readonly turns: ProcessTurns = new ProcessTurns(this);
  shaping: NodeShaping | undefined = undefined;
  readonly tcp: TcpStack;
  readonly udp: UdpStack;
  /** Counts lives: one more after every crash. */
  incarnation = 0;
  /** Timers that will still fire; kept by the timers themselves. */
  liveTimerCount = 0;
  /** Makers whose packets do not get through to here. */
  blockedOrigins: Set<number> | undefined = undefined;
  #isUp = true;
  #platform: HostPlatform | undefined = undefined;
  #program: ((platform: Platform) => void) | undefined = undefined;
  /** Undefined while everything passes. */
  #gate: HostGate | undefined = undefined;
  readonly #sleep: HostSleep = new HostSleep(this);
  #nextIdentification = 0;
  readonly #ports = new EphemeralPorts(() => this.world.stream(`host:${this.name}:ports`));
  /** Undefined until a "packet too big" came. */
  #pathMtus: PathMtus | undefined = undefined;
  readonly #loopback: EventTarget = { onEvent: (packet) => this.#acceptOwn(packet as Packet) };

  constructor(world: World, name: string, options: HostOptions = {}) {
    registryOf(world).claimNode(name);
    this.world = world;
    this.name = name;
    this.subject = world.trace.subject(name);
    this.clock = new HostClock(world, options.clock ?? {});
    this.files = new MemoryFiles(() => this.clock.wallMillis());
    this.tcpOptions = options.tcp === undefined ? TCP_OPTIONS_DEFAULT : checkedTcpOptions(options.tcp);
    this.udpReportsIcmp = options.udpReportsIcmp ?? false;
    this.network = new HostNetwork(this, this.interfaces);
    this.hostModel = options.hostModel ?? 'weak';
    this.onAddressLoss = options.onAddressLoss ?? 'keep';
    if (this.hostModel === 'strong') this.needGate();
    this.lender = lenderOf(world);
    this.tcp = new TcpStack(this);
    this.udp = new UdpStack(this);
    this.echo = new EchoStack(this);
    registryOf(world).hosts.set(name, this);
    world.reportPending(() => this.#pendingText());
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** The process stands still, for whatever reason. */
  get isPaused(): boolean {
    return this.turns.isHalted;
  }

  get isAsleep(): boolean {
    return this.#sleep.isAsleep;
  }

  /** The address of the preferred interface. */
  get address(): Address {
    return (this.network.usable()[0] ?? this.#firstInterface()).address;
  }

  /** A second interface, and every further one, gets a default route that is used when those before it cannot be. */
  addInterface(address: Address): NetworkInterface {
    const added = new NetworkInterface(this, address);
    this.interfaces.push(added);
    this.network.noteInterface(added);
    return added;
  }

  /** Sends packets for a network out of one interface; without routes everything leaves by the first one. */
  addRoute(prefix: Prefix, via: NetworkInterface, metric = 0): void {
    this.network.addRoute(prefix, via, metric);
  }

  /** An interface has no longer the address it had. */
  noteAddressLoss(old: Address): void {
    this.needGate();
    if (this.onAddressLoss === 'abort') this.tcp.abortFrom(old);
  }

  /**
   * What the process on this host sees of the world; the same object until the host crashes.
   *
   * @throws SimError `usage` - the host is down.
   */
  platform(): Platform {
    if (!this.#isUp) throw usageError(`host '${this.name}' is down; call restart() first`);
    return (this.#platform ??= new HostPlatform(this));
  }

  /** Starts a program, now and again after every `restart`. */
  runProgram(program: (platform: Platform) => void): void {
    this.#program = program;
    program(this.platform());
  }

  /**
   * Process, timers, sockets and connections vanish; nobody is told. Store and files are kept unless `lose` is asked for; with
   * `tear` a part of what was just being written to files is lost.
   */
  crash(options: { readonly store: 'keep' | 'lose' | 'tear' } = { store: 'keep' }): void {
    if (!this.#isUp) return;
    this.#note(`crash, store ${options.store}`);
    this.#isUp = false;
    this.#wakeUp();
    this.turns.forget();
    this.incarnation += 1;
    this.liveTimerCount = 0;
    this.#platform = undefined;
    this.tcp.reset();
    this.udp.reset();
    this.firewall?.forget();
    this.groups.clear();
    this.echo.reset();
    this.disk.cut(options.store === 'tear');
    if (options.store === 'lose') {
      this.store.clear();
      this.files.clear();
    }
  }

  /** The host is up again; its program, if it has one, starts anew. Gives the new platform. */
  restart(): Platform {
    if (this.#isUp) throw usageError(`host '${this.name}' is up; crash() it before restart()`);
    this.#note('restart');
    this.#isUp = true;
    const platform = this.platform();
    this.#program?.(platform);
    return platform;
  }

  /** Stops the process: no callback comes until `resume`; the kernel goes on. */
  pause(): void {
    this.#note('pause');
    this.turns.halt(HALT.paused);
  }

  /** The process goes on with everything it missed, in an event of its own. */
  resume(): void {
    if (!this.turns.isHaltedBy(HALT.paused)) return;
    this.#note('resume');
    this.turns.release(HALT.paused);
  }

  /**
   * The lid is closed: process and kernel stand still, what arrives is lost, and only the wall clock goes on (see
   * `ClockOptions.whileAsleep` for the other one). Peers notice nothing but silence.
   */
  suspend(): void {
    if (!this.#isUp) throw usageError(`host '${this.name}' is down; only a running one can be suspended`);
    if (this.isAsleep) return;
    this.#note('suspend');
    this.#sleep.begin();
  }

  /** The lid is open again: timers that are due by the host's own clock fire, all others are as far away as before. */
  wake(): void {
    if (!this.isAsleep) return;
    this.#note('wake');
    this.#wakeUp();
    this.turns.release(HALT.suspended);
  }

  /** From now on the process is slow, the kernel is not; without options it is as fast as before. */
  slowDown(options?: SlowOptions): void {
    this.#note(options === undefined ? 'slow: no more' : `slow ${JSON.stringify(options)}`);
    this.turns.setSlowness(options && new Slowness(this, options));
  }

  /** From now on packets are looked at before they pass. For the parts of the host. */
  needGate(): HostGate {
    return (this.#gate ??= new HostGate(this.hostModel, this.network));
  }

  /** Sets the firewall, or takes it away. What the one before remembered is forgotten. */
  setFirewall(options?: FirewallOptions): void {
    this.#note(options === undefined ? 'firewall: none' : `firewall ${JSON.stringify(options)}`);
    this.needGate().firewall = options && new Firewall(options);
  }

  get firewall(): Firewall | undefined {
    return this.#gate?.firewall;
  }

  openResources(): OpenResources {
    return {
      timers: this.liveTimerCount,
      connections: this.tcp.openCount,
      listeners: this.tcp.listenerCount,
      udpSockets: this.udp.socketCount,
    };
  }

  receivePacket(packet: Packet, from: NetworkInterface): void {
    if (this.blockedOrigins?.has(packet.origin) === true) this.#drop(packet, 'partition');
    else if (!this.#isUp) this.#drop(packet, 'hostDown');
    else if (packet.damaged) this.#drop(packet, 'checksum');
    else if (this.#gate !== undefined) this.#receiveByGate(this.#gate, packet, from);
    else if (this.ownsAddress(packet.destination)) this.#accept(packet);
    else if (this.groups.has(packet.destination)) this.udp.receive(packet);
    else if (!isMulticast(packet.destination)) this.#drop(packet, 'noRoute');
  }

  sendPacket(packet: Packet): void {
    if (!this.#isUp) return;
    packet.origin = this.subject;
    packet.identification = this.#nextIdentification;
    this.#nextIdentification = (this.#nextIdentification + 1) & 0xffff;
    if (this.ownsAddress(packet.destination)) {
      this.world.schedule(this.world.nowMicros + LOOPBACK_MICROS, this.#loopback, packet);
      return;
    }
    const refusal = this.#gate?.refusesOut(packet, this.world.nowMicros);
    if (refusal !== undefined) {
      this.#refuseOwn(packet, refusal);
      return;
    }
    const via = this.network.route(packet.destination, packet.source);
    if (via === undefined) this.#drop(packet, 'noRoute');
    else via.send(packet);
  }

  ownsAddress(address: Address): boolean {
    return this.network.owns(address);
  }

  sourceAddressFor(destination: Address): Address | undefined {
    if (this.ownsAddress(destination)) return destination;
    return this.network.route(destination)?.addressFor(destination);
  }

  mtuTowards(destination: Address): number {
    const mtuBytes = this.network.route(destination)?.mtuBytes ?? 1_500;
    return this.#pathMtus === undefined
      ? mtuBytes
      : this.#pathMtus.towards(destination, mtuBytes, this.world.nowMicros);
  }

  ephemeralPort(isFree: (port: number) => boolean): number | undefined {
    return this.#ports.take(isFree);
  }

  tcpRandom(): RandomStream {
    return this.world.stream(`host:${this.name}:tcp`);
  }

  soon(target: EventTarget): void {
    this.world.schedule(this.world.nowMicros, this, target);
  }

  /** Keeps an event for when the process goes on. */
  defer(target: EventTarget): void {
    this.turns.defer(target);
  }

  noteWaiting(): void {
    this.turns.noteWaiting();
  }

  /** Writes a line of the process into the trace. */
  log(level: LogLevel, message: string): void {
    this.world.log(this.subject, level, message);
  }

  onEvent(argument: unknown): void {
    this.world.trace.record(TRACE_KIND.event, this.subject, 0, 0, 0, 0);
    const target = argument as EventTarget;
    if (this.isPaused) this.turns.defer(target);
    else target.onEvent(undefined);
  }

  #wakeUp(): void {
    for (const packet of this.#sleep.end()) this.world.schedule(this.world.nowMicros, this.#loopback, packet);
  }

  #acceptOwn(packet: Packet): void {
    if (this.isAsleep) this.#sleep.keep(packet);
    else this.#accept(packet);
  }

  #accept(packet: Packet): void {
    if (!this.#isUp) return;
    if (packet.protocol === PROTOCOL.tcp) {
      this.tcp.receive(packet);
    } else if (isIcmp(packet)) {
      this.#receiveIcmp(packet);
    } else if (!this.udp.receive(packet)) {
      this.#drop(packet, 'noSocket');
      const { unreachable } = ICMP_TYPE;
      this.sendPacket(createIcmpError(packet.destination, unreachable, ICMP_CODE.portUnreachable, packet));
    }
  }

  #receiveIcmp(packet: Packet): void {
    const { quoted } = packet;
    if (quoted === undefined) this.echo.receive(packet);
    if (quoted === undefined || !this.ownsAddress(quoted.source)) return;
    if (packet.icmpType === ICMP6_TYPE.packetTooBig && typeof quoted.destination === 'string') {
      this.#pathMtus ??= new PathMtus();
      this.#pathMtus.note(quoted.destination, packet.nextHopMtu, this.world.nowMicros);
    }
    if (quoted.protocol === PROTOCOL.tcp) this.tcp.receiveError(packet);
    else if (quoted.protocol === PROTOCOL.udp) this.udp.receiveError(quoted);
    else this.echo.receiveError(packet, quoted);
  }

  #receiveByGate(gate: HostGate, packet: Packet, from: NetworkInterface): void {
    const isGroup = isMulticast(packet.destination);
    if (isGroup && !this.groups.has(packet.destination)) return;
    const refusal = gate.refusesIn(packet, from, { isGroup, nowMicros: this.world.nowMicros });
    if (refusal !== undefined) this.#drop(packet, refusal);
    else if (isGroup) this.udp.receive(packet);
    else this.#accept(packet);
    if (refusal === 'hostFirewallReject' && !isGroup) answerRejected(this, packet);
  }

  /** A packet of the process, or of the kernel for it, does not leave. */
  #refuseOwn(packet: Packet, reason: DropReason): void {
    this.#drop(packet, reason);
    const answer = tellRefused(this, packet, reason);
    if (answer !== undefined) this.sendPacket(answer);
  }

  #firstInterface(): NetworkInterface {
    const first = this.interfaces[0];
    if (first === undefined) throw usageError(`host '${this.name}' has no interface yet; connect it to a network`);
    return first;
  }

  #drop(packet: Packet, reason: DropReason): void {
    const { trace } = this.world;
    const code = DROP_REASON[reason];
    trace.observer?.onDrop(this.subject, packet, code);
    trace.record(TRACE_KIND.drop, this.subject, packetHead(packet), packetPorts(packet), packet.sequence, code);
  }

  #note(text: string): void {
    this.world.trace.recordText(TRACE_KIND.fault, this.subject, text);
  }

  #pendingText(): string {
    const { timers, connections, listeners, udpSockets } = this.openResources();
    if (timers + connections + listeners + udpSockets === 0) return '';
    return `${this.name}: ${timers} timers, ${connections} connections, ${listeners} listeners, ${udpSockets} UDP sockets`;
  }
}

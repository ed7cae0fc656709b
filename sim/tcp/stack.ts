/**
 * The TCP side of one host: the table of connections, listeners, and the answers to segments that belong to neither.
 *
 * Ports may be shared between a listener and outgoing connections, as with SO_REUSEADDR and SO_REUSEPORT, because TCP hole
 * punching needs that; only the same pair of endpoints, or two listeners on one address, clash.
 */
import type {
  TcpConnectOptions,
  TcpConnection,
  TcpHandlers,
  TcpListenOptions,
  TcpListener,
  TcpListenerHandlers,
} from '../../spec/platform.ts';
import { ANY_ADDRESS, addressWord, formatAddress, tryParseAddress, unmapped } from '../address.ts';
import type { Address } from '../address.ts';
import type { EventTarget } from '../event-queue.ts';
import { BOUND_ANYWHERE, WILD, bindingFor, clashes, takes } from '../ipv6/binding.ts';
import type { Binding } from '../ipv6/binding.ts';
import { ICMP_CODE, ICMP_TYPE, IP6_MTU_BYTES_MIN, NO_BYTES, PROTOCOL, TCP_FLAG, TCP_HEADER_BYTES } from '../packet.ts';
import { createPacket, ipHeaderBytes } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { StackHost } from '../stack-host.ts';
import type { World } from '../world.ts';
import { ConnectionTable } from './connection-table.ts';
import { asIcmp4, unreachableDetail } from './icmp-errors.ts';
import { learnFromSyn, receiveSegment } from './input.ts';
import { TcpListenerSocket } from './listener.ts';
import type { ListenProblem } from './listener.ts';
import type { TcpOptions } from './options.ts';
import { sendOutput, sendSyn } from './output.ts';
import { TcpSocket } from './socket.ts';
import { TCP_STATE } from './states.ts';
import { rearm } from './deadlines.ts';
import { shiftTimes } from './sleep.ts';

const BACKLOG_DEFAULT = 511;
const SEGMENT_SIZE_MIN = 88;

/** All connections and listeners of a host. */
export class TcpStack {
  readonly host: StackHost;
  readonly options: TcpOptions;
  /** Connections an application still holds. */
  openCount = 0;
  /** The largest piece in which received bytes reach the application. */
  pieceBytesMax = Infinity;
  readonly #connections = new ConnectionTable();
  /** Drawn anew in every life of the host. */
  #sequenceSecret: number | undefined = undefined;
  readonly #listeners = new Map<number, TcpListenerSocket[]>();
  /** Connections with news for a paused process. */
  readonly #waiting = new Set<TcpSocket>();

  constructor(host: StackHost) {
    this.host = host;
    this.options = host.tcpOptions;
  }

  get world(): World {
    return this.host.world;
  }

  get listenerCount(): number {
    let count = 0;
    for (const listeners of this.#listeners.values()) count += listeners.length;
    return count;
  }

  /** Connections in the table, TIME-WAIT and half-open ones included. */
  get socketCount(): number {
    return this.#connections.size;
  }

  /** Every connection in the table. */
  sockets(): TcpSocket[] {
    const all: TcpSocket[] = [];
    this.#connections.forEach((socket) => all.push(socket));
    return all;
  }

  listeners(): TcpListenerSocket[] {
    return [...this.#listeners.values()].flat();
  }

  segmentSizeTowards(address: Address): number {
    return this.host.mtuTowards(address) - ipHeaderBytes(address) - TCP_HEADER_BYTES;
  }

  connect(options: TcpConnectOptions, handlers: TcpHandlers): TcpConnection {
    const given = tryParseAddress(options.remote.address);
    const remote = given === undefined ? undefined : unmapped(given);
    const local = this.#localAddress(options.localAddress, remote);
    const remotePort = options.remote.port;
    const port = this.#localPort(options, local, remote);
    const socket = new TcpSocket(
      this,
      [local ?? ANY_ADDRESS, port ?? 0],
      [remote ?? ANY_ADDRESS, remotePort],
      handlers,
    );
    socket.isMapped = remote !== given;
    this.openCount += 1;
    if (remote === undefined || remotePort < 1 || remotePort > 65_535) {
      this.#failSoon(socket, 'localError', `EINVAL: ${options.remote.address}:${remotePort} is no endpoint`);
    } else if (local === undefined) {
      this.#failSoon(socket, 'unreachable', `ENETUNREACH: no way to ${options.remote.address}`);
    } else if (typeof local !== typeof remote) {
      const detail = `EINVAL: ${formatAddress(local)} and ${formatAddress(remote)} are of two families`;
      this.#failSoon(socket, 'localError', detail);
    } else if (!this.host.ownsAddress(local)) {
      this.#failSoon(socket, 'localError', `EADDRNOTAVAIL: ${formatAddress(local)} is not an address of this host`);
    } else if (port === undefined) {
      this.#failSoon(
        socket,
        'localError',
        `EADDRNOTAVAIL: local port ${options.localPort ?? 0} is taken towards there`,
      );
    } else {
      this.#dial(socket, options.timeoutMicros);
    }
    return socket;
  }

  listen(options: TcpListenOptions, handlers: TcpListenerHandlers): TcpListener {
    const binding = bindingFor(options.address, options.ipv6Only);
    const isFree = (port: number): boolean => !this.#listeners.has(port);
    const port = options.port === 0 ? this.host.ephemeralPort(isFree) : options.port;
    const backlog = options.backlog ?? BACKLOG_DEFAULT;
    const listener = new TcpListenerSocket(this, binding ?? BOUND_ANYWHERE, port ?? 0, backlog, handlers);
    const problem = this.#listenProblem(binding, port);
    if (problem === undefined) {
      const sharing = this.#listeners.get(listener.port);
      if (sharing === undefined) this.#listeners.set(listener.port, [listener]);
      else sharing.push(listener);
    }
    listener.announce(problem);
    return listener;
  }

  /** A segment for this host. */
  receive(packet: Packet): void {
    const socket = this.#connections.find(packet);
    if (socket === undefined) {
      this.#receiveWithoutSocket(packet);
    } else if (socket.state === TCP_STATE.timeWait && isNewerSyn(socket, packet)) {
      // RFC 9293 3.6.1: a new SYN may end TIME-WAIT when it cannot be an old duplicate.
      socket.finish('closed');
      this.#receiveWithoutSocket(packet);
    } else {
      receiveSegment(socket, packet);
    }
  }

  /** An ICMP error about a segment of ours came back. */
  receiveError(icmp: Packet): void {
    const quoted = icmp.quoted!;
    const socket = this.#connections.findBy(
      quoted.source,
      quoted.sourcePort,
      quoted.destination,
      quoted.destinationPort,
    );
    if (socket === undefined) return;
    const kind = asIcmp4(icmp);
    if (kind === undefined || !isInFlight(socket, quoted.sequence)) return;
    const isUnreachable = kind.type === ICMP_TYPE.unreachable;
    if (isUnreachable && kind.code === ICMP_CODE.fragmentationNeeded) {
      this.#shrinkSegments(socket, icmp.nextHopMtu);
    } else if (socket.state <= TCP_STATE.synReceived) {
      // While connecting any such error is final; later it is a hint only (RFC 5461).
      const isPort = isUnreachable && kind.code === ICMP_CODE.portUnreachable;
      const from = formatAddress(icmp.source);
      if (isPort) socket.finish('refused', `${from} answered: port unreachable`);
      else socket.finish('unreachable', unreachableDetail(from, icmp));
    } else if (isUnreachable) {
      socket.softError = unreachableDetail(formatAddress(icmp.source), icmp);
    }
  }

  /** Takes a connection out of the table. */
  forget(socket: TcpSocket): void {
    this.#connections.remove(socket);
  }

  forgetListener(listener: TcpListenerSocket): void {
    const left = this.#listeners.get(listener.port)?.filter((other) => other !== listener) ?? [];
    if (left.length === 0) this.#listeners.delete(listener.port);
    else this.#listeners.set(listener.port, left);
  }

  /** RST in answer to a segment (RFC 9293 section 3.10.7.1); never to another RST. */
  answerReset(cause: Packet): void {
    if ((cause.flags & TCP_FLAG.rst) !== 0) return;
    const answer = createPacket(
      PROTOCOL.tcp,
      cause.destination,
      cause.destinationPort,
      cause.source,
      cause.sourcePort,
      NO_BYTES,
    );
    answer.sizeBytes += TCP_HEADER_BYTES;
    if ((cause.flags & TCP_FLAG.ack) !== 0) {
      answer.flags = TCP_FLAG.rst;
      answer.sequence = cause.acknowledgment;
    } else {
      const length = cause.payload.length + (cause.flags & TCP_FLAG.fin) + ((cause.flags & TCP_FLAG.syn) >> 1);
      answer.flags = TCP_FLAG.rst | TCP_FLAG.ack;
      answer.acknowledgment = (cause.sequence + length) | 0;
    }
    this.host.sendPacket(answer);
  }

  /** Tells the application in an event of its own. */
  tellSoon(socket: TcpSocket): void {
    this.host.soon(new Telling(socket));
  }

  tellOnResume(socket: TcpSocket): void {
    const isUnaccepted = socket.listener !== undefined && socket.state >= TCP_STATE.established;
    if (isUnaccepted && !this.#waiting.has(socket)) socket.listener!.unacceptedCount += 1;
    this.#waiting.add(socket);
    this.host.noteWaiting();
  }

  /** The process goes on: everything it missed is told. Gives how many connections had news. */
  flush(): number {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const listeners of this.#listeners.values()) {
      for (const listener of listeners) listener.unacceptedCount = 0;
    }
    for (const socket of waiting) socket.tellApplication();
    return waiting.length;
  }

  /** The machine has slept for that long. */
  wake(sleptMicros: number): void {
    this.#connections.forEach((socket) => {
      shiftTimes(socket, sleptMicros);
    });
  }

  /** Every connection ends with RST at both ends, as by a middlebox that lost its state. */
  resetConnections(): void {
    for (const socket of this.sockets()) socket.resetByNetwork();
  }

  /** Ends every connection from an address that is gone, in an event of its own each. */
  abortFrom(address: Address): void {
    const ended: TcpSocket[] = [];
    this.#connections.forEach((socket) => {
      if (socket.localAddress === address && socket.state !== TCP_STATE.timeWait) ended.push(socket);
    });
    for (const socket of ended) this.host.soon(new Aborting(socket));
  }

  /** Forgets everything without a word. */
  reset(): void {
    this.#connections.forEach((socket) => {
      socket.vanish();
    });
    for (const socket of this.#waiting) socket.vanish();
    for (const listeners of this.#listeners.values()) {
      for (const listener of listeners) listener.vanish();
    }
    this.#connections.clear();
    this.#listeners.clear();
    this.#waiting.clear();
    this.openCount = 0;
    this.#sequenceSecret = undefined;
  }

  /** What a connection is dialled from; undefined without a way there, or when what was given is no address. */
  #localAddress(given: string | undefined, remote: Address | undefined): Address | undefined {
    if (given === undefined) return remote === undefined ? undefined : this.host.sourceAddressFor(remote);
    const local = tryParseAddress(given);
    return local === undefined ? undefined : unmapped(local);
  }

  #localPort(options: TcpConnectOptions, local: Address | undefined, remote: Address | undefined): number | undefined {
    if (local === undefined || remote === undefined) return options.localPort;
    const isFree = (port: number): boolean =>
      this.#connections.findBy(local, port, remote, options.remote.port) === undefined;
    if (options.localPort === undefined || options.localPort === 0) {
      return this.host.ephemeralPort((port) => isFree(port) && !this.#listeners.has(port));
    }
    return isFree(options.localPort) ? options.localPort : undefined;
  }

  #dial(socket: TcpSocket, timeoutMicros: number | undefined): void {
    this.#connections.insert(socket);
    this.#startSequence(socket);
    socket.enter(TCP_STATE.synSent);
    if (timeoutMicros !== undefined) socket.lifeAtMicros = this.world.nowMicros + timeoutMicros;
    sendSyn(socket);
    rearm(socket);
  }

  #startSequence(socket: TcpSocket): void {
    socket.segmentSizeMax = this.segmentSizeTowards(socket.remoteAddress);
    socket.initialSend = (this.options.initialSequence ?? this.#initialSequence(socket)) | 0;
    socket.sendUnacknowledged = socket.initialSend;
    socket.sendNext = socket.initialSend;
    socket.sendMax = socket.initialSend;
    socket.sendWindowAcknowledgment = socket.initialSend;
  }

  /**
   * RFC 6528: a clock of four microseconds plus a secret function of the endpoints, so that the next connection between
   * the same two continues above the last.
   */
  #initialSequence(socket: TcpSocket): number {
    this.#sequenceSecret ??= this.host.tcpRandom().uint32();
    let hash = this.#sequenceSecret | 0;
    const words = [addressWord(socket.localAddress), addressWord(socket.remoteAddress)];
    for (const word of [...words, (socket.localPort << 16) | socket.remotePort]) {
      hash = Math.imul(hash ^ word, 0x85ebca6b);
      hash ^= hash >>> 15;
    }
    return (Math.floor(this.world.nowMicros / 4) + hash) | 0;
  }

  #failSoon(socket: TcpSocket, reason: 'localError' | 'unreachable', detail: string): void {
    socket.closeReason = reason;
    socket.closeDetail = detail;
    this.tellSoon(socket);
  }

  #listenProblem(binding: Binding | undefined, port: number | undefined): ListenProblem | undefined {
    if (binding === undefined || (binding.wild === WILD.none && !this.host.ownsAddress(binding.address))) {
      return ['EADDRNOTAVAIL', 'the address is not one of this host'];
    }
    if (port === undefined) return ['EADDRINUSE', 'no free port is left'];
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return ['EINVAL', `port ${port} is not in 1 to 65535`];
    const clash = this.#listeners.get(port)?.some((other) => clashes(other.binding, binding));
    return clash === true ? ['EADDRINUSE', `TCP port ${port} is listened on already`] : undefined;
  }

  #receiveWithoutSocket(packet: Packet): void {
    const isFirst = (packet.flags & (TCP_FLAG.syn | TCP_FLAG.ack | TCP_FLAG.rst)) === TCP_FLAG.syn;
    const listener = isFirst ? this.#findListener(packet) : undefined;
    if (listener === undefined) {
      this.answerReset(packet);
      return;
    }
    // A full accept queue drops the SYN, and the peer tries again. As in Linux the queue is full with one more than the
    // backlog. SYNs themselves are not counted (SYN cookies).
    if (listener.unacceptedCount > listener.backlog) return;
    const local = [packet.destination, packet.destinationPort] as const;
    const socket = new TcpSocket(this, local, [packet.source, packet.sourcePort]);
    socket.listener = listener;
    socket.isMapped = listener.binding.isMapped;
    this.#startSequence(socket);
    learnFromSyn(socket, packet);
    this.#connections.insert(socket);
    socket.enter(TCP_STATE.synReceived);
    sendSyn(socket);
  }

  #findListener(packet: Packet): TcpListenerSocket | undefined {
    return this.#listeners.get(packet.destinationPort)?.find(({ binding }) => takes(binding, packet.destination));
  }

  #shrinkSegments(socket: TcpSocket, mtuBytes: number): void {
    const isSix = typeof socket.remoteAddress === 'string';
    // Less than every IPv6 link must carry is no news (RFC 8201 section 4).
    if (isSix && mtuBytes < IP6_MTU_BYTES_MIN) return;
    const headBytes = ipHeaderBytes(socket.remoteAddress) + TCP_HEADER_BYTES;
    const size = Math.max(SEGMENT_SIZE_MIN, mtuBytes - headBytes);
    if (size >= socket.segmentSizeMax) return;
    socket.segmentSizeMax = size;
    socket.isTimingRtt = false;
    socket.sendNext = socket.sendUnacknowledged;
    sendOutput(socket);
  }
}

class Telling implements EventTarget {
  readonly #socket: TcpSocket;

  constructor(socket: TcpSocket) {
    this.#socket = socket;
  }

  onEvent(): void {
    this.#socket.tellApplication();
  }
}

/** The host lost the address of a connection. */
class Aborting implements EventTarget {
  readonly #socket: TcpSocket;

  constructor(socket: TcpSocket) {
    this.#socket = socket;
  }

  onEvent(): void {
    const address = formatAddress(this.#socket.localAddress);
    if (this.#socket.closeReason !== undefined) return;
    this.#socket.finish('localError', `ECONNABORTED: ${address} is no address of this host any more`);
  }
}

function isNewerSyn(socket: TcpSocket, packet: Packet): boolean {
  const isSyn = (packet.flags & (TCP_FLAG.syn | TCP_FLAG.ack | TCP_FLAG.rst)) === TCP_FLAG.syn;
  return isSyn && ((packet.sequence - socket.receiveNext) | 0) > 0;
}

/** RFC 5927 section 4.1: an error about a number that is not on its way was made up, or comes too late. */
function isInFlight(socket: TcpSocket, sequence: number): boolean {
  return ((sequence - socket.sendUnacknowledged) | 0) >= 0 && ((socket.sendMax - sequence) | 0) >= 0;
}

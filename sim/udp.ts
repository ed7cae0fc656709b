/**
 * The UDP side of one host: bound sockets, delivery, and "port unreachable" for the rest.
 *
 * No broadcast, no multicast, no connected sockets. While the host's process is paused, datagrams wait in the socket up
 * to a limit, as in a kernel.
 */
import type { Endpoint, UdpBindOptions, UdpHandlers, UdpSocket } from '../spec/platform.ts';
import { formatEndpoint, tryParseAddress, unmapped } from './address.ts';
import type { EventTarget } from './event-queue.ts';
import { BOUND_ANYWHERE, WILD, bindingFor, clashes, shown, speaks, takes } from './ipv6/binding.ts';
import type { Binding } from './ipv6/binding.ts';
import { createUdpPacket, hashBytes } from './packet.ts';
import type { Packet } from './packet.ts';
import type { StackHost } from './stack-host.ts';

/** RFC 768 and RFC 791: 65,535 minus both headers. */
const UDP_PAYLOAD_BYTES_MAX = 65_507;
/** Bytes a paused process lets wait per socket; the usual default of Linux. */
const WAITING_BYTES_MAX = 212_992;

/** All UDP sockets of a host. */
export class UdpStack {
  readonly host: StackHost;
  /** Why the last datagram sent from this host did not leave; its socket is told so later, by `onError`. */
  lastSendProblem: string | undefined = undefined;
  readonly #sockets = new Map<number, SimUdpSocket[]>();

  constructor(host: StackHost) {
    this.host = host;
  }

  get socketCount(): number {
    let count = 0;
    for (const sockets of this.#sockets.values()) count += sockets.length;
    return count;
  }

  sockets(): SimUdpSocket[] {
    return [...this.#sockets.values()].flat();
  }

  /** Binds; failures and success are told by a later event, as everywhere. */
  bind(options: UdpBindOptions, handlers: UdpHandlers): UdpSocket {
    const binding = bindingFor(options.address, options.ipv6Only);
    const free = options.port === 0 ? this.host.ephemeralPort((port) => !this.#sockets.has(port)) : options.port;
    const socket = new SimUdpSocket(this, binding ?? BOUND_ANYWHERE, free ?? 0, handlers);
    const problem = this.#bindProblem(binding, free);
    if (problem !== undefined) {
      socket.fail(problem[0], problem[1]);
      return socket;
    }
    const sharing = this.#sockets.get(socket.port);
    if (sharing === undefined) this.#sockets.set(socket.port, [socket]);
    else sharing.push(socket);
    socket.announce();
    return socket;
  }

  /** Hands a datagram to its socket; false when no socket wants it. */
  receive(packet: Packet): boolean {
    const socket = this.#sockets.get(packet.destinationPort)?.find(({ binding }) => takes(binding, packet.destination));
    if (socket === undefined) return false;
    socket.receive(packet);
    return true;
  }

  /** An ICMP error about a datagram of ours came back. */
  receiveError(quoted: Packet): void {
    if (!this.host.udpReportsIcmp) return;
    const socket = this.#sockets.get(quoted.sourcePort)?.[0];
    const to = formatEndpoint(quoted.destination, quoted.destinationPort);
    socket?.fail('ECONNREFUSED', `nobody listens at ${to}`);
  }

  /** The firewall of the host did not let a datagram leave. */
  refuse(packet: Packet): void {
    const sharing = this.#sockets.get(packet.sourcePort) ?? [];
    const socket = sharing.find(({ binding }) => binding.address === packet.source) ?? sharing[0];
    socket?.fail('EPERM', 'the firewall of this host forbids it');
  }

  forget(socket: SimUdpSocket): void {
    const sharing = this.#sockets.get(socket.port)?.filter((other) => other !== socket) ?? [];
    if (sharing.length === 0) this.#sockets.delete(socket.port);
    else this.#sockets.set(socket.port, sharing);
  }

  /** The process goes on: what waited is delivered. Gives how many datagrams that were. */
  flush(): number {
    let count = 0;
    for (const sockets of [...this.#sockets.values()]) {
      for (const socket of sockets) count += socket.flush();
    }
    return count;
  }

  /** Forgets everything without a word. */
  reset(): void {
    for (const sockets of this.#sockets.values()) {
      for (const socket of sockets) socket.vanish();
    }
    this.#sockets.clear();
  }

  #bindProblem(binding: Binding | undefined, port: number | undefined): readonly [string, string] | undefined {
    if (binding === undefined || (binding.wild === WILD.none && !this.host.ownsAddress(binding.address))) {
      return ['EADDRNOTAVAIL', 'the address is not one of this host'];
    }
    if (port === undefined) return ['EADDRINUSE', 'no free port is left'];
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return ['EINVAL', `port ${port} is not in 1 to 65535`];
    const clash = this.#sockets.get(port)?.some((other) => clashes(other.binding, binding));
    return clash === true ? ['EADDRINUSE', `UDP port ${port} is in use`] : undefined;
  }
}

/** One bound socket. */
export class SimUdpSocket implements UdpSocket, EventTarget {
  readonly binding: Binding;
  readonly port: number;
  readonly #stack: UdpStack;
  #handlers: UdpHandlers | undefined;
  #waiting: Packet[] | undefined = undefined;
  #waitingBytes = 0;
  #isBound = false;
  /** What is still to be told, in order; each in an event of its own. */
  readonly #notices: Notice[] = [];

  constructor(stack: UdpStack, binding: Binding, port: number, handlers: UdpHandlers) {
    this.#stack = stack;
    this.binding = binding;
    this.port = port;
    this.#handlers = handlers;
  }

  get local(): Endpoint {
    return { address: shown(this.binding.address, this.binding.isMapped), port: this.port };
  }

  /** Bytes that wait for a paused process. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    const { host } = this.#stack;
    const { binding } = this;
    const parsed = tryParseAddress(to.address);
    const destination = parsed === undefined ? undefined : unmapped(parsed);
    if (this.#handlers === undefined || !this.#isBound) return;
    this.#stack.lastSendProblem = undefined;
    if (bytes.length > UDP_PAYLOAD_BYTES_MAX) {
      this.fail('EMSGSIZE', `a datagram of ${bytes.length} bytes exceeds ${UDP_PAYLOAD_BYTES_MAX}`);
      return;
    }
    if (destination === undefined || to.port < 1 || to.port > 65_535) {
      this.fail('EINVAL', `cannot send to ${to.address}:${to.port}`);
      return;
    }
    if (!speaks(binding, destination)) {
      const code = typeof destination === 'string' ? 'EAFNOSUPPORT' : 'ENETUNREACH';
      this.fail(code, `${to.address} is of another family than the socket at ${this.local.address}`);
      return;
    }
    const preferred = host.sourceAddressFor(destination);
    const source = binding.wild === WILD.none ? binding.address : preferred;
    if (source === undefined || preferred === undefined || (source !== preferred && !host.ownsAddress(source))) {
      this.fail('ENETUNREACH', `no way to ${to.address}`);
      return;
    }
    const payload = host.lender.copyOf(bytes);
    const packet = createUdpPacket(source, this.port, destination, to.port, payload);
    packet.payloadHash = hashBytes(payload);
    if (typeof destination === 'string') cutFor(packet, host.mtuTowards(destination));
    host.sendPacket(packet);
  }

  close(): void {
    if (this.#handlers === undefined) return;
    this.vanish();
    this.#stack.forget(this);
  }

  receive(packet: Packet): void {
    if (this.#stack.host.isPaused) {
      if (this.#waitingBytes + packet.payload.length > WAITING_BYTES_MAX) return;
      this.#waitingBytes += packet.payload.length;
      (this.#waiting ??= []).push(packet);
      this.#stack.host.noteWaiting();
      return;
    }
    const from = { address: shown(packet.source, this.binding.isMapped), port: packet.sourcePort };
    const handlers = this.#handlers;
    if (handlers === undefined) return;
    const { lender } = this.#stack.host;
    const bytes = lender.lend(packet.payload);
    handlers.onMessage(bytes, from);
    lender.takeBack(bytes);
  }

  flush(): number {
    const waiting = this.#waiting;
    if (waiting === undefined) return 0;
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    for (const packet of waiting) this.receive(packet);
    return waiting.length;
  }

  vanish(): void {
    this.#handlers = undefined;
    this.#waiting = undefined;
  }

  announce(): void {
    this.#isBound = true;
    this.#tellSoon(undefined);
  }

  fail(code: string, detail: string): void {
    this.#stack.lastSendProblem = code;
    this.#tellSoon({ code, detail });
  }

  onEvent(): void {
    const problem = this.#notices.shift();
    if (problem === undefined) this.#handlers?.onListening?.(this.local);
    else this.#handlers?.onError?.(problem.code, problem.detail);
  }

  #tellSoon(notice: Notice): void {
    this.#notices.push(notice);
    this.#stack.host.soon(this);
  }
}

/** An error, or undefined for "listening". */
type Notice = { readonly code: string; readonly detail: string } | undefined;

/** A datagram of IPv6 above the path's MTU is cut by its sender. */
function cutFor(packet: Packet, mtuBytes: number): void {
  if (packet.sizeBytes > mtuBytes) packet.nextHopMtu = mtuBytes;
}

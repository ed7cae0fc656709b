/**
 * The UDP side of one host: bound sockets, delivery, and "port unreachable" for the rest.
 *
 * No broadcast, no multicast, no connected sockets. While the host's process is paused, datagrams wait in the socket up
 * to a limit, as in a kernel.
 */
import type { Endpoint, UdpBindOptions, UdpHandlers, UdpSocket } from '../spec/platform.ts';
import { ANY_ADDRESS, formatAddress, tryParseAddress } from './address.ts';
import type { Address } from './address.ts';
import type { EventTarget } from './event-queue.ts';
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
  readonly #sockets = new Map<number, SimUdpSocket[]>();

  constructor(host: StackHost) {
    this.host = host;
  }

  get socketCount(): number {
    let count = 0;
    for (const sockets of this.#sockets.values()) count += sockets.length;
    return count;
  }

  /** Binds; failures and success are told by a later event, as everywhere. */
  bind(options: UdpBindOptions, handlers: UdpHandlers): UdpSocket {
    const address = options.address === undefined ? ANY_ADDRESS : tryParseAddress(options.address);
    const free = options.port === 0 ? this.host.ephemeralPort((port) => !this.#sockets.has(port)) : options.port;
    const socket = new SimUdpSocket(this, address ?? ANY_ADDRESS, free ?? 0, handlers);
    const problem = this.#bindProblem(address, free);
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
    const socket = this.#sockets
      .get(packet.destinationPort)
      ?.find(({ address }) => address === ANY_ADDRESS || address === packet.destination);
    if (socket === undefined) return false;
    socket.receive(packet);
    return true;
  }

  /** An ICMP error about a datagram of ours came back. */
  receiveError(quoted: Packet): void {
    if (!this.host.udpReportsIcmp) return;
    const socket = this.#sockets.get(quoted.sourcePort)?.[0];
    const to = `${formatAddress(quoted.destination)}:${quoted.destinationPort}`;
    socket?.fail('ECONNREFUSED', `nobody listens at ${to}`);
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

  #bindProblem(address: Address | undefined, port: number | undefined): readonly [string, string] | undefined {
    if (address === undefined || (address !== ANY_ADDRESS && !this.host.ownsAddress(address))) {
      return ['EADDRNOTAVAIL', 'the address is not one of this host'];
    }
    if (port === undefined) return ['EADDRINUSE', 'no free port is left'];
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return ['EINVAL', `port ${port} is not in 1 to 65535`];
    const clash = this.#sockets
      .get(port)
      ?.some((other) => other.address === ANY_ADDRESS || address === ANY_ADDRESS || other.address === address);
    return clash === true ? ['EADDRINUSE', `UDP port ${port} is in use`] : undefined;
  }
}

/** One bound socket. */
export class SimUdpSocket implements UdpSocket, EventTarget {
  readonly address: Address;
  readonly port: number;
  readonly #stack: UdpStack;
  #handlers: UdpHandlers | undefined;
  #waiting: Packet[] | undefined = undefined;
  #waitingBytes = 0;
  #isBound = false;
  /** What is still to be told, in order; each in an event of its own. */
  readonly #notices: Notice[] = [];

  constructor(stack: UdpStack, address: Address, port: number, handlers: UdpHandlers) {
    this.#stack = stack;
    this.address = address;
    this.port = port;
    this.#handlers = handlers;
  }

  get local(): Endpoint {
    return { address: formatAddress(this.address), port: this.port };
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    const { host } = this.#stack;
    const destination = tryParseAddress(to.address);
    if (this.#handlers === undefined || !this.#isBound) return;
    if (bytes.length > UDP_PAYLOAD_BYTES_MAX) {
      this.fail('EMSGSIZE', `a datagram of ${bytes.length} bytes exceeds ${UDP_PAYLOAD_BYTES_MAX}`);
      return;
    }
    if (destination === undefined || to.port < 1 || to.port > 65_535) {
      this.fail('EINVAL', `cannot send to ${to.address}:${to.port}`);
      return;
    }
    const preferred = host.sourceAddressFor(destination);
    const source = this.address === ANY_ADDRESS ? preferred : this.address;
    if (source === undefined || preferred === undefined || (source !== preferred && !host.ownsAddress(source))) {
      this.fail('ENETUNREACH', `no way to ${to.address}`);
      return;
    }
    // Not `slice`: a Node `Buffer` would give a view.
    const payload = new Uint8Array(bytes);
    const packet = createUdpPacket(source, this.port, destination, to.port, payload);
    packet.payloadHash = hashBytes(payload);
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
    const from = { address: formatAddress(packet.source), port: packet.sourcePort };
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

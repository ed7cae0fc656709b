/**
 * The network between hosts that are all this machine: a proxy per client host and server, and the faults on it.
 *
 * Every byte between a client and a server goes through a `TcpRelay` of real sockets. It knows no protocol. Servers tell
 * it when they start and stop listening, so that a proxy's port is refused exactly when the server's would be.
 */
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { Endpoint, Timer } from '../../spec/platform.ts';
import { HarnessFault } from './failures.ts';
import { LoopbackLink } from './loopback-link.ts';
import type { LinkConditions } from './net-control.ts';
import { TcpRelay } from './tcp-relay.ts';

export type LoopbackClock = {
  nowMicros(): number;
  setTimer(delayMicros: number, callback: () => void): Timer;
};

export type DialResult = 'up' | 'refused';

/** The address of every host. */
export const LOOPBACK_ADDRESS = '127.0.0.1';

/** A listening port in front of one server, for one client host. */
export class HostProxy {
  endpoint: Endpoint = { address: LOOPBACK_ADDRESS, port: 0 };
  readonly server: Endpoint;
  readonly #accept: (socket: Socket, onDialled: (result: DialResult) => void) => void;
  /** By the client's port: the result, or who waits for it. */
  readonly #dialled = new Map<number, DialResult | ((result: DialResult) => void)>();
  #listener: Server | undefined;

  constructor(server: Endpoint, accept: (socket: Socket, onDialled: (result: DialResult) => void) => void) {
    this.server = { address: server.address, port: server.port };
    this.#accept = accept;
  }

  /** Opens the port, the same one again after `close`. */
  listen(): Promise<void> {
    if (this.#listener !== undefined) return Promise.resolve();
    const listener = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true });
    this.#listener = listener;
    listener.on('connection', (socket) => {
      const port = socket.remotePort ?? 0;
      this.#accept(socket, (result) => this.#settle(port, result));
    });
    return new Promise((resolve, reject) => {
      listener.once('error', (error) => reject(new HarnessFault(`a proxy could not listen: ${error.message}`)));
      listener.listen({ host: LOOPBACK_ADDRESS, port: this.endpoint.port }, () => {
        const address = listener.address();
        if (address !== null && typeof address !== 'string')
          this.endpoint = { address: LOOPBACK_ADDRESS, port: address.port };
        resolve();
      });
    });
  }

  /** New connections are refused from now on; running ones go on. */
  close(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }

  /** Calls back when the connection from that local port has got through to the server, or was refused there. */
  whenDialled(clientPort: number, callback: (result: DialResult) => void): void {
    const result = this.#dialled.get(clientPort);
    if (result === 'up' || result === 'refused') {
      this.#dialled.delete(clientPort);
      callback(result);
    } else this.#dialled.set(clientPort, callback);
  }

  #settle(clientPort: number, result: DialResult): void {
    const waiting = this.#dialled.get(clientPort);
    if (typeof waiting === 'function') {
      this.#dialled.delete(clientPort);
      waiting(result);
    } else this.#dialled.set(clientPort, result);
  }
}

/** Links, proxies and relays of one run. */
export class LoopbackNet {
  readonly #clock: LoopbackClock;
  readonly #random: () => number;
  readonly #links = new Map<string, LoopbackLink>();
  readonly #proxies = new Map<string, HostProxy>();
  readonly #relays = new Set<TcpRelay>();
  /** Who listens on a port, or did so last. */
  readonly #servers = new Map<number, { readonly host: string; listening: boolean }>();

  #closed = false;

  constructor(clock: LoopbackClock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
  }

  addHost(name: string): void {
    this.#links.set(name, new LoopbackLink(name, this.#random));
  }

  link(host: string): LoopbackLink {
    const link = this.#links.get(host);
    if (link === undefined) throw new HarnessFault(`there is no host "${host}"`);
    return link;
  }

  /** Makes the way from a host to a server; a port nobody ever listened on is itself the way, and refuses. */
  async route(host: string, server: Endpoint): Promise<Endpoint> {
    const known = this.proxyFor(host, server);
    if (known !== undefined) return known.endpoint;
    const owner = this.#servers.get(server.port);
    if (owner === undefined || this.#closed) return server;
    const proxy = new HostProxy(server, (socket, onDialled) => this.#relay(socket, host, server, onDialled));
    this.#proxies.set(proxyKey(host, server), proxy);
    await proxy.listen();
    if (!owner.listening) proxy.close();
    return proxy.endpoint;
  }

  /** The way from a host to a server, if it was made. */
  proxyFor(host: string, server: Endpoint): HostProxy | undefined {
    return this.#proxies.get(proxyKey(host, server));
  }

  /** A server host listens on a port. */
  listening(host: string, port: number): void {
    this.#servers.set(port, { host, listening: true });
    for (const proxy of this.#proxies.values()) {
      // The port was free a moment ago; a failure shows as refused connections.
      if (proxy.server.port === port && !this.#closed) proxy.listen().catch(() => undefined);
    }
  }

  /** It listens no more. */
  stopped(port: number): void {
    const server = this.#servers.get(port);
    if (server === undefined) return;
    server.listening = false;
    // A host without power answers nothing, so the way stays open and swallows the SYN.
    if (this.link(server.host).down) return;
    for (const proxy of this.#proxies.values()) if (proxy.server.port === port) proxy.close();
  }

  conditions(host: string, conditions: LinkConditions): void {
    this.link(host).conditions = conditions;
  }

  set(host: string, change: { readonly partitioned?: boolean; readonly down?: boolean }): void {
    this.link(host).set(change);
  }

  resetConnections(host: string): void {
    for (const relay of this.#relaysOf(host)) relay.reset();
  }

  /** The host's power is gone; the caller cuts off its engine afterwards. */
  powerOff(host: string): void {
    const relays = this.#relaysOf(host);
    this.link(host).set({ down: true });
    for (const relay of relays) relay.orphan();
  }

  powerOn(host: string): void {
    this.link(host).set({ down: false });
    for (const [port, server] of this.#servers) if (server.host === host && !server.listening) this.stopped(port);
  }

  healAll(): void {
    for (const link of this.#links.values()) link.set({ partitioned: false });
  }

  /** Ends every proxy and relay. */
  close(): void {
    this.#closed = true;
    for (const proxy of this.#proxies.values()) proxy.close();
    for (const relay of [...this.#relays]) relay.reset();
  }

  #relaysOf(host: string): TcpRelay[] {
    const link = this.link(host);
    return [...this.#relays].filter((relay) => relay.uses(link));
  }

  #relay(client: Socket, host: string, server: Endpoint, onDialled: (result: DialResult) => void): void {
    if (this.#closed) {
      client.on('error', () => undefined).destroy();
      return;
    }
    const owner = this.#servers.get(server.port);
    const links = [this.link(host), ...(owner === undefined ? [] : [this.link(owner.host)])];
    const relay: TcpRelay = new TcpRelay({
      client,
      server,
      links,
      nowMicros: () => this.#clock.nowMicros(),
      setTimer: (delayMicros, callback) => this.#clock.setTimer(delayMicros, callback),
      onDialled,
      onGone: () => this.#relays.delete(relay),
    });
    this.#relays.add(relay);
  }
}

function proxyKey(host: string, server: Endpoint): string {
  return `${host} ${server.port}`;
}

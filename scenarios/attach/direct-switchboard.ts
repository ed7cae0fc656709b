/**
 * Direct links at will: a connector without any art, for cases about what goes over channels and not about how they are made.
 *
 * Clients that share a switchboard can reach each other: one listens, the other connects, and the switchboard tells both
 * who is who. Links are real TCP connections of the hosts, so the network's faults hit them; `kill` and `silence` are faults
 * of the link alone. A link may pass for one over UDP, so that both kinds can be had everywhere.
 */
import type { Endpoint, Platform, TcpConnection, TcpHandlers, TcpListener } from '../../spec/platform.ts';
import type { ConnectorFactory, ConnectorOptions } from '../../impl/engine/p2p/connector-factory.ts';
import type { Connector, ConnectorOwner, DirectLink, DirectLinkHandlers } from '../../impl/engine/p2p/link.ts';

import { HarnessFault } from './failures.ts';
import { MemoryLink } from './memory-link.ts';

type Protocol = DirectLink['protocol'];

/** Microseconds a closed link may take to end. */
const LINGER_MICROS = 5_000_000;
/** P2PChannelMode as bits: which kinds a mode allows. */
const ALLOWED: readonly (readonly Protocol[])[] = [['tcp', 'udp'], ['tcp'], ['udp'], []];

/** One world's way of making links. */
export class DirectSwitchboard {
  /** Kinds of links that can be had at present; none: every try fails. */
  protocols: readonly Protocol[] = ['tcp'];
  readonly #connectors = new Map<string, DirectConnector>();
  readonly #links: StageLink[] = [];

  readonly factory: ConnectorFactory = (options, owner) => {
    const connector = new DirectConnector(this, options, owner);
    this.#connectors.set(options.userID, connector);
    return connector;
  };

  /** Links of two users that have not ended, seen from both sides. */
  linksOf(a: string, b: string): readonly StageLink[] {
    return this.#links.filter(({ over, owner, peer }) => !over && [owner, peer].sort().join() === [a, b].sort().join());
  }

  /** Cuts every link of the two users, at once and for both. */
  kill(a: string, b: string, protocol?: Protocol): void {
    for (const link of this.linksOf(a, b)) if (protocol === undefined || link.protocol === protocol) link.cut();
  }

  /** From now on nothing passes on the links of the two users, and nobody is told. */
  silence(a: string, b: string): void {
    for (const link of this.linksOf(a, b)) link.silent = true;
  }

  /** A link of one user whose other end is the scenario, speaking for `peerID`. */
  plug(userID: string, peerID: string, protocol: Protocol = 'tcp'): MemoryLink {
    const connector = this.#connectors.get(userID);
    if (connector === undefined) throw new HarnessFault(`${userID} is not logged on with this switchboard`);
    return connector.plug(peerID, protocol);
  }

  note(link: StageLink): void {
    this.#links.push(link);
  }

  connectorOf(userID: string): DirectConnector | undefined {
    return this.#connectors.get(userID);
  }

  forgetConnector(userID: string, connector: DirectConnector): void {
    if (this.#connectors.get(userID) === connector) this.#connectors.delete(userID);
  }
}

class DirectConnector implements Connector {
  readonly #board: DirectSwitchboard;
  readonly #options: ConnectorOptions;
  readonly #owner: ConnectorOwner;
  readonly #listeners = new Set<TcpListener>();
  readonly #trying = new Map<string, TcpConnection[]>();
  #closed = false;

  constructor(board: DirectSwitchboard, options: ConnectorOptions, owner: ConnectorOwner) {
    this.#board = board;
    this.#options = options;
    this.#owner = owner;
  }

  connect(userID: string): void {
    const peer = this.#board.connectorOf(userID);
    const allowed = ALLOWED[this.#options.mode()] ?? [];
    const protocols = this.#board.protocols.filter((each) => allowed.includes(each));
    if (peer === undefined || protocols.length === 0) {
      this.#later(() => this.#owner.handleFailed(userID, 'the switchboard makes no link'));
      return;
    }
    for (const protocol of protocols) {
      peer.listen(this.#options.userID, protocol, (remote) => this.#dial(userID, protocol, remote));
    }
  }

  /** Waits for one connection of `userID`. */
  listen(userID: string, protocol: Protocol, ready: (remote: Endpoint) => void): void {
    const { platform } = this.#options;
    const listener = platform.listenTcp(
      { port: 0 },
      {
        onListening: (local) => {
          const address = platform.localAddresses()[0] ?? local.address;
          ready({ address: local.address.startsWith('127.') ? local.address : address, port: local.port });
        },
        onConnection: (tcp) => {
          this.#stop(listener);
          return this.#linked(userID, protocol, tcp);
        },
        onError: () => this.#stop(listener),
      },
    );
    this.#listeners.add(listener);
  }

  plug(peerID: string, protocol: Protocol): MemoryLink {
    const { platform, userID } = this.#options;
    const link = new MemoryLink(platform, { userID, peerID, protocol });
    link.handlers = this.#owner.handleLink(peerID, link);
    return link;
  }

  handleSignal(): void {
    // The switchboard needs no signalling.
  }

  forget(userID: string): void {
    for (const tcp of this.#trying.get(userID) ?? []) tcp.abort();
    this.#trying.delete(userID);
  }

  close(): void {
    this.#closed = true;
    for (const userID of [...this.#trying.keys()]) this.forget(userID);
    for (const listener of [...this.#listeners]) this.#stop(listener);
    this.#board.forgetConnector(this.#options.userID, this);
  }

  #dial(userID: string, protocol: Protocol, remote: Endpoint): void {
    if (this.#closed) return;
    let linked: TcpHandlers | undefined;
    const tcp = this.#options.platform.connectTcp(
      { remote, timeoutMicros: 5_000_000 },
      {
        onConnected: () => {
          this.#trying.delete(userID);
          linked = this.#linked(userID, protocol, tcp);
        },
        onData: (bytes) => linked?.onData(bytes),
        onEnd: () => linked?.onEnd?.(),
        onDrain: () => linked?.onDrain?.(),
        onClosed: (reason, detail) => {
          if (linked !== undefined) linked.onClosed(reason, detail);
          else if (!this.#closed && reason !== 'aborted') this.#owner.handleFailed(userID, reason);
        },
      },
    );
    this.#trying.set(userID, [...(this.#trying.get(userID) ?? []), tcp]);
  }

  #linked(userID: string, protocol: Protocol, tcp: TcpConnection): TcpHandlers {
    const link = new StageLink(this.#options.platform, tcp, { owner: this.#options.userID, peer: userID, protocol });
    this.#board.note(link);
    link.handlers = this.#owner.handleLink(userID, link);
    return link;
  }

  #stop(listener: TcpListener): void {
    this.#listeners.delete(listener);
    listener.close();
  }

  #later(call: () => void): void {
    this.#options.platform.setTimer(0, () => {
      if (!this.#closed) call();
    });
  }
}

/** One side of one link. */
export class StageLink implements DirectLink, TcpHandlers {
  readonly protocol: Protocol;
  readonly owner: string;
  readonly peer: string;
  /** Bytes of either direction vanish. */
  silent = false;
  over = false;
  handlers: DirectLinkHandlers | undefined;
  readonly #platform: Platform;
  readonly #tcp: TcpConnection;
  #linger: { cancel(): void } | undefined;

  constructor(
    platform: Platform,
    tcp: TcpConnection,
    of: { readonly owner: string; readonly peer: string; readonly protocol: Protocol },
  ) {
    this.#platform = platform;
    this.#tcp = tcp;
    this.owner = of.owner;
    this.peer = of.peer;
    this.protocol = of.protocol;
  }

  get local(): Endpoint {
    return this.#tcp.local;
  }

  get remote(): Endpoint {
    return this.#tcp.remote;
  }

  get queuedBytes(): number {
    return this.#tcp.queuedBytes;
  }

  write(frame: Uint8Array): void {
    if (!this.silent) this.#tcp.write(frame);
  }

  pause(): void {
    this.#tcp.pause();
  }

  resume(): void {
    this.#tcp.resume();
  }

  close(): void {
    if (this.over) return;
    this.#linger ??= this.#platform.setTimer(LINGER_MICROS, () => this.#tcp.abort());
    this.#tcp.end();
  }

  abort(): void {
    this.#tcp.abort();
  }

  /** A fault: both ends see a reset. */
  cut(): void {
    this.#tcp.abort();
  }

  onData(bytes: Uint8Array): void {
    if (!this.silent) this.handlers?.onData(bytes);
  }

  onEnd(): void {
    if (this.silent) return;
    this.close();
    this.handlers?.onClosed('the other side closed the link');
    this.handlers = undefined;
  }

  onDrain(): void {
    this.handlers?.onDrain();
  }

  onClosed(reason: string): void {
    this.over = true;
    this.#linger?.cancel();
    this.handlers?.onClosed(reason);
    this.handlers = undefined;
  }
}

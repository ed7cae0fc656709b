/**
 * A Platform around another that counts what is open, catches what escapes an engine, and can lose power.
 *
 * It changes nothing else. Used on every target, so that "no timer or socket left" is one and the same check.
 */
import type {
  Platform,
  TcpConnection,
  TcpHandlers,
  TcpListener,
  Timer,
  UdpHandlers,
  UdpSocket,
} from '../../spec/platform.ts';
import type { DiskFaults } from './net-control.ts';
import { TrackedFiles } from './tracked-files.ts';
import type { OpenResources } from './world.ts';

export type TrackedPlatform = {
  readonly platform: Platform;
  openResources(): OpenResources;
  /** From now on no callback reaches the engine; gives what was open, for the caller to cut off. */
  kill(): { readonly connections: readonly TcpConnection[]; readonly listeners: readonly TcpListener[] };
  /** Resets every connection as a middlebox would: the peer gets RST, and the engine is told `reset`. */
  resetConnections(): void;
  /** The host's disk goes wrong, or is in order again. */
  disk(faults: DiskFaults): void;
};

export type TrackOptions = {
  /** Hears of exceptions that an engine let out of a callback; they go no further. */
  readonly onEscaped: (error: unknown) => void;
  /** The largest piece in which bytes of a connection may reach the engine; absent: as they come. */
  readonly chunkBytesMax?: (connection: TcpConnection) => number;
};

/** Wraps `inner`; see the head of this file. */
export function trackPlatform(inner: Platform, options: TrackOptions): TrackedPlatform {
  return new Tracker(inner, options);
}

/** A connection and its handlers, which exist one before the other. */
type Tie = { connection: TcpConnection | undefined; closed: boolean };

class Tracker implements TrackedPlatform {
  readonly platform: Platform;
  readonly #inner: Platform;
  readonly #options: TrackOptions;
  readonly #timers = new Set<Timer>();
  readonly #connections = new Set<TcpConnection>();
  readonly #listeners = new Set<TcpListener>();
  readonly #udpSockets = new Set<UdpSocket>();
  readonly #files: TrackedFiles;
  /** Connections that a middlebox is just resetting. */
  readonly #resetting = new Set<TcpConnection>();
  #dead = false;

  constructor(inner: Platform, options: TrackOptions) {
    this.#inner = inner;
    this.#options = options;
    this.#files = new TrackedFiles(inner.files, (action) => this.#call(action));
    this.platform = {
      monotonicMicros: () => inner.monotonicMicros(),
      wallMillis: () => inner.wallMillis(),
      randomUint32: () => inner.randomUint32(),
      localAddresses: () => inner.localAddresses(),
      store: inner.store,
      files: this.#files,
      log: (level, message) => inner.log(level, message),
      noteAsyncEdge: () => inner.noteAsyncEdge(),
      // Asked each time: a search may begin later.
      get rareWay() {
        return inner.rareWay;
      },
      setTimer: (delayMicros, callback) => this.#setTimer(delayMicros, callback),
      listenTcp: (options, handlers) => {
        const listener = this.#inner.listenTcp(options, {
          onListening: (local) => this.#call(() => handlers.onListening?.(local)),
          onConnection: (connection) => this.#accepted(connection, () => handlers.onConnection(connection)),
          onError: (code, detail) => {
            this.#listeners.delete(tracked);
            this.#call(() => handlers.onError(code, detail));
          },
        });
        const tracked: TcpListener = {
          get local() {
            return listener.local;
          },
          close: () => {
            this.#listeners.delete(tracked);
            listener.close();
          },
        };
        this.#listeners.add(tracked);
        return tracked;
      },
      connectTcp: (options, handlers) => {
        const tie: Tie = { connection: undefined, closed: false };
        const connection = this.#inner.connectTcp(options, this.#wrap(handlers, tie));
        tie.connection = connection;
        if (!tie.closed) this.#connections.add(connection);
        return connection;
      },
      bindUdp: (options, handlers) => this.#bindUdp(options, handlers),
    };
  }

  openResources(): OpenResources {
    return {
      timers: this.#timers.size,
      connections: this.#connections.size,
      listeners: this.#listeners.size,
      udpSockets: this.#udpSockets.size,
      files: this.#files.openCount,
    };
  }

  kill(): { connections: readonly TcpConnection[]; listeners: readonly TcpListener[] } {
    this.#dead = true;
    this.#files.closeAll();
    for (const timer of this.#timers) timer.cancel();
    for (const socket of this.#udpSockets) socket.close();
    const open = { connections: [...this.#connections], listeners: [...this.#listeners] };
    this.#timers.clear();
    this.#udpSockets.clear();
    this.#connections.clear();
    this.#listeners.clear();
    return open;
  }

  resetConnections(): void {
    for (const connection of [...this.#connections]) {
      this.#resetting.add(connection);
      connection.abort();
      this.#resetting.delete(connection);
    }
  }

  disk(faults: DiskFaults): void {
    this.#files.faults = faults;
  }

  #call(action: () => void): void {
    if (this.#dead) return;
    try {
      action();
    } catch (error) {
      this.#options.onEscaped(error);
    }
  }

  #setTimer(delayMicros: number, callback: () => void): Timer {
    if (this.#dead) return { cancel: () => undefined };
    const inner = this.#inner.setTimer(delayMicros, () => {
      this.#timers.delete(timer);
      this.#call(callback);
    });
    const timer: Timer = {
      cancel: () => {
        this.#timers.delete(timer);
        inner.cancel();
      },
    };
    this.#timers.add(timer);
    return timer;
  }

  /** An accepted connection: the engine's handlers are asked for, then wrapped. */
  #accepted(connection: TcpConnection, accept: () => TcpHandlers): TcpHandlers {
    this.#connections.add(connection);
    let handlers: TcpHandlers = { onData: () => undefined, onClosed: () => undefined };
    this.#call(() => (handlers = accept()));
    return this.#wrap(handlers, { connection, closed: false });
  }

  #wrap(handlers: TcpHandlers, tie: Tie): TcpHandlers {
    return {
      onConnected: () => this.#call(() => handlers.onConnected?.()),
      onData: (bytes) => this.#deliver(bytes, handlers, tie),
      onEnd: () => this.#call(() => handlers.onEnd?.()),
      onDrain: () => this.#call(() => handlers.onDrain?.()),
      onClosed: (reason, detail) => {
        tie.closed = true;
        const { connection } = tie;
        if (connection !== undefined) this.#connections.delete(connection);
        const isReset = connection !== undefined && this.#resetting.has(connection);
        this.#call(() => handlers.onClosed(isReset ? 'reset' : reason, detail));
      },
    };
  }

  #deliver(bytes: Uint8Array, handlers: TcpHandlers, tie: Tie): void {
    const { connection } = tie;
    const limit = connection === undefined ? Infinity : (this.#options.chunkBytesMax?.(connection) ?? Infinity);
    if (bytes.length <= limit) {
      this.#call(() => handlers.onData(bytes));
      return;
    }
    // A handler may close the connection between two pieces; nothing comes after that.
    for (let at = 0; at < bytes.length && !tie.closed; at += limit) {
      this.#call(() => handlers.onData(bytes.subarray(at, at + limit)));
    }
  }

  #bindUdp(options: Parameters<Platform['bindUdp']>[0], handlers: UdpHandlers): UdpSocket {
    const inner = this.#inner.bindUdp(options, {
      onMessage: (bytes, from) => this.#call(() => handlers.onMessage(bytes, from)),
      onError: (code, detail) => this.#call(() => handlers.onError?.(code, detail)),
      onListening: (local) => this.#call(() => handlers.onListening?.(local)),
    });
    const socket: UdpSocket = {
      get local() {
        return inner.local;
      },
      send: (bytes, to) => inner.send(bytes, to),
      close: () => {
        this.#udpSockets.delete(socket);
        inner.close();
      },
    };
    this.#udpSockets.add(socket);
    return socket;
  }
}

/**
 * The program's side of the simulated host protocol for TypeScript: a Platform whose network and time are lines.
 *
 * `handle` takes the events of one life, actions leave through the function given. Everything an engine asks of a platform is
 * here. Files and store are in memory. Nothing of the machine is asked, so an engine on it is as
 * deterministic as the lines.
 */
import type {
  Endpoint,
  Platform,
  TcpCloseReason,
  TcpConnection,
  TcpHandlers,
  TcpListener,
  TcpListenerHandlers,
  UdpHandlers,
  UdpSocket,
} from '../../spec/platform.ts';
import { MemoryFiles } from '../../sim/files.ts';
import { MemoryStore } from '../../sim/store.ts';

type Line = Readonly<Record<string, unknown>>;

export type HostPlatformOptions = {
  /** The event `start`. */
  readonly start: Line;
  readonly act: (action: Line) => void;
  /** Asks how many bytes of a connection wait; answered at once. */
  readonly askQueued: (conn: number) => number;
};

/** One life of the host. */
export class HostPlatform {
  readonly platform: Platform;
  readonly #options: HostPlatformOptions;
  readonly #connections = new Map<number, Connection>();
  readonly #sockets = new Map<number, Socket>();
  readonly #listeners = new Map<number, Listener>();
  readonly #timers = new Map<number, () => void>();
  #nowMicros = 0;
  #wallMillis = 0;
  #count = 0;
  #random: number;

  constructor(options: HostPlatformOptions) {
    this.#options = options;
    this.#random = options.start.seed as number;
    this.#setClocks(options.start);
    this.platform = {
      monotonicMicros: () => this.#nowMicros,
      wallMillis: () => this.#wallMillis,
      setTimer: (delayMicros, callback) => this.#setTimer(delayMicros, callback),
      randomUint32: () => this.#draw(),
      listenTcp: (where, handlers) => this.#listen(where, handlers),
      connectTcp: ({ remote, ...rest }, handlers) => this.#connect({ ...remote, ...rest }, handlers),
      bindUdp: (where, handlers) => this.#bind(where, handlers),
      localAddresses: () => options.start.addresses as readonly string[],
      store: new MemoryStore(),
      files: new MemoryFiles(() => this.#wallMillis),
      log: (level, text) => options.act({ do: 'log', level, text: text.slice(0, 4096) }),
      noteAsyncEdge: () => undefined,
    };
  }

  /** An event of the network or of time. */
  handle(event: Line): void {
    this.#setClocks(event);
    const { net } = event as { net: string };
    const { conn, socket, timer, listener } = event as Partial<
      Record<'conn' | 'socket' | 'timer' | 'listener', number>
    >;
    if (net === 'accepted') this.#accept(conn!, event);
    else if (listener !== undefined) this.#listeners.get(listener)?.handle(net, event);
    if (conn !== undefined) this.#connections.get(conn)?.handle(net, event);
    if (net === 'closed') this.#connections.delete(conn!);
    if (socket !== undefined) this.#sockets.get(socket)?.handle(net, event);
    if (timer === undefined) return;
    const callback = this.#timers.get(timer);
    this.#timers.delete(timer);
    callback?.();
  }

  /** What every line tells. */
  #setClocks({ now, wall }: Line): void {
    this.#nowMicros = now as number;
    this.#wallMillis = wall as number;
  }

  #setTimer(delayMicros: number, callback: () => void): { cancel(): void } {
    const timer = ++this.#count;
    this.#timers.set(timer, callback);
    this.#options.act({ do: 'timer', timer, atMicros: this.#nowMicros + delayMicros });
    return {
      cancel: () => {
        if (this.#timers.delete(timer)) this.#options.act({ do: 'clear', timer });
      },
    };
  }

  #connect(where: Line, handlers: TcpHandlers): TcpConnection {
    const conn = ++this.#count;
    this.#options.act({ do: 'connect', conn, ...where });
    const remote = { address: where.address as string, port: where.port as number };
    const connection = new Connection(conn, remote, handlers, this.#options);
    this.#connections.set(conn, connection);
    return connection;
  }

  #listen(where: Line, handlers: TcpListenerHandlers): TcpListener {
    const number = ++this.#count;
    this.#options.act({ do: 'listen', listener: number, ...where });
    const listener = new Listener(handlers, () => {
      if (this.#listeners.delete(number)) this.#options.act({ do: 'unlisten', listener: number });
    });
    this.#listeners.set(number, listener);
    return listener;
  }

  #accept(conn: number, event: Line): void {
    const connection = new Connection(conn, event.remote as Endpoint, undefined, this.#options);
    connection.local = event.local as Endpoint;
    this.#connections.set(conn, connection);
    const listener = this.#listeners.get(event.listener as number);
    // One that came while the listener was being closed has no owner.
    if (listener === undefined) this.#options.act({ do: 'reset', conn });
    else connection.handlers = listener.handlers.onConnection(connection);
  }

  #bind(where: Line, handlers: UdpHandlers): UdpSocket {
    const number = ++this.#count;
    this.#options.act({ do: 'bind', socket: number, ...where });
    const socket = new Socket(number, handlers, this.#options.act, () => this.#sockets.delete(number));
    this.#sockets.set(number, socket);
    return socket;
  }

  /** Mulberry32: a step of a counter, then mixed. */
  #draw(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#random ^ (this.#random >>> 15), this.#random | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}

class Connection implements TcpConnection {
  local: Endpoint = { address: '0.0.0.0', port: 0 };
  remote: Endpoint;
  readonly #conn: number;
  /** Absent until the owner of an accepted connection has said what they are. */
  handlers: TcpHandlers | undefined;
  readonly #options: HostPlatformOptions;
  /** Whether something was written since everything was known to be handed over. */
  #mayWait = false;
  #isOver = false;

  constructor(conn: number, remote: Endpoint, handlers: TcpHandlers | undefined, options: HostPlatformOptions) {
    this.#conn = conn;
    this.remote = remote;
    this.handlers = handlers;
    this.#options = options;
  }

  handle(net: string, event: Line): void {
    if (this.#isOver) return;
    switch (net) {
      case 'connected':
        this.local = event.local as Endpoint;
        this.remote = event.remote as Endpoint;
        this.handlers?.onConnected?.();
        break;
      case 'data':
        this.handlers?.onData(bytesOf(event));
        break;
      case 'ended':
        this.handlers?.onEnd?.();
        break;
      case 'writable':
        this.#mayWait = false;
        this.handlers?.onDrain?.();
        break;
      case 'closed':
        this.#isOver = true;
        this.handlers?.onClosed(event.reason as TcpCloseReason, event.detail as string | undefined);
    }
  }

  get queuedBytes(): number {
    if (!this.#mayWait || this.#isOver) return 0;
    const queued = this.#options.askQueued(this.#conn);
    this.#mayWait = queued > 0;
    return queued;
  }

  write(bytes: Uint8Array): void {
    this.#mayWait = true;
    this.#act('send', { bytes: base64(bytes) });
  }

  pause(): void {
    this.#act('pause');
  }

  resume(): void {
    this.#act('resume');
  }

  end(): void {
    this.#act('end');
  }

  abort(): void {
    if (this.#isOver) return;
    this.#act('reset');
    // The port tells its owner before `abort` returns; the event that comes later finds it over.
    this.#isOver = true;
    this.handlers?.onClosed('aborted');
  }

  setKeepAlive(options: { readonly idleMicros: number; readonly intervalMicros: number }): void {
    this.#act('keepAlive', options);
  }

  #act(action: string, members: Line = {}): void {
    if (!this.#isOver) this.#options.act({ do: action, conn: this.#conn, ...members });
  }
}

class Listener implements TcpListener {
  local: Endpoint = { address: '0.0.0.0', port: 0 };
  readonly handlers: TcpListenerHandlers;
  readonly close: () => void;

  constructor(handlers: TcpListenerHandlers, close: () => void) {
    this.handlers = handlers;
    this.close = close;
  }

  handle(net: string, event: Line): void {
    if (net === 'listening') {
      this.local = event.local as Endpoint;
      this.handlers.onListening?.(this.local);
    } else {
      this.handlers.onError(event.code as string, event.detail as string);
    }
  }
}

class Socket implements UdpSocket {
  local: Endpoint = { address: '0.0.0.0', port: 0 };
  readonly #number: number;
  readonly #handlers: UdpHandlers;
  readonly #act: (action: Line) => void;
  readonly #onClose: () => void;

  constructor(number: number, handlers: UdpHandlers, act: (action: Line) => void, onClose: () => void) {
    this.#number = number;
    this.#handlers = handlers;
    this.#act = act;
    this.#onClose = onClose;
  }

  handle(net: string, event: Line): void {
    if (net === 'bound') {
      this.local = event.local as Endpoint;
      this.#handlers.onListening?.(this.local);
    } else if (net === 'datagram') {
      this.#handlers.onMessage(bytesOf(event), event.from as Endpoint);
    } else if (net === 'failed') {
      this.#handlers.onError?.(event.code as string, event.detail as string);
    }
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    this.#act({ do: 'datagram', socket: this.#number, address: to.address, port: to.port, bytes: base64(bytes) });
  }

  close(): void {
    this.#onClose();
    this.#act({ do: 'unbind', socket: this.#number });
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function bytesOf(event: Line): Uint8Array {
  return Buffer.from(event.bytes as string, 'base64');
}

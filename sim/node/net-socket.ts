/**
 * `net.Socket` over a simulated TCP connection: a real `stream.Duplex` with Node's events in Node's order (lookup, connect,
 * ready, data, end, finish, error, close).
 *
 * `destroy` does what closing a descriptor does: what was written still goes out, then FIN; what comes in afterwards is
 * answered by RST. Written bytes count as sent when the kernel's buffer took them, and `drain` comes as it empties.
 * Not here: pipes, `setNoDelay` (accepted, no effect of its own), taking keep-alive back, `pause` of a kernel read in
 * the middle of a chunk.
 */
import { isIP } from 'node:net';
import { Duplex } from 'node:stream';
import type { Endpoint, TcpCloseReason, TcpConnection, TcpHandlers } from '../../spec/platform.ts';
import { HINT } from './dns.ts';
import type { Lookup, LookupCallback, LookupOptions } from './dns.ts';
import { familyName } from './families.ts';
import { checkedPort, readNetArguments, refusePath } from './net-arguments.ts';
import type { NetOptions } from './net-arguments.ts';
import type { ProcessLife } from './process-life.ts';
import { nodeError, systemError } from './system-errors.ts';
import type { SystemErrorDetails } from './system-errors.ts';
import type { Timers } from './timers.ts';

/** What a socket needs of its process. */
export type NetContext = { readonly life: ProcessLife; readonly timers: Timers; readonly lookup: Lookup };

type Callback = (...parts: unknown[]) => void;
type Done = (error?: Error | null) => void;

/** libuv's fixed time between keep-alive probes. */
const KEEP_ALIVE_INTERVAL_MICROS = 1_000_000;
const KEEP_ALIVE_IDLE_MILLIS_DEFAULT = 7_200_000;

const CODE_OF: Readonly<Record<TcpCloseReason, string>> = {
  closed: 'ECONNRESET',
  refused: 'ECONNREFUSED',
  reset: 'ECONNRESET',
  timedOut: 'ETIMEDOUT',
  unreachable: 'EHOSTUNREACH',
  aborted: 'ECONNABORTED',
  localError: 'EINVAL',
};

/** One connection, dialled or accepted. */
export class NodeSocket extends Duplex {
  connecting = false;
  bytesRead = 0;
  timeout = 0;
  /** The server that accepted it. */
  server: unknown = null;
  readonly #context: NetContext;
  readonly #dialled: NetOptions;
  #connection: TcpConnection | undefined = undefined;
  #bytesDispatched = 0;
  #waitsForDrain: Done | undefined = undefined;
  #isReset = false;
  #idleTimer: { refresh(): unknown; close(): unknown } | undefined = undefined;
  #remote: Endpoint | undefined = undefined;
  #local: Endpoint | undefined = undefined;

  constructor(context: NetContext, options: NetOptions = {}) {
    super({ allowHalfOpen: options.allowHalfOpen ?? false, emitClose: false, autoDestroy: true, decodeStrings: true });
    this.#context = context;
    this.#dialled = options;
    this.on('end', () => {
      // Duplex ends the other side by itself unless half-open connections are wanted.
      this.#stirred();
    });
    options.signal?.addEventListener('abort', () => this.destroy(abortError(options.signal!)), { once: true });
  }

  get pending(): boolean {
    return this.#connection === undefined || this.connecting;
  }

  get readyState(): string {
    if (this.connecting) return 'opening';
    if (this.readable && this.writable) return 'open';
    return this.readable ? 'readOnly' : this.writable ? 'writeOnly' : 'closed';
  }

  get bytesWritten(): number {
    return this.#bytesDispatched + this.writableLength;
  }

  get bufferSize(): number {
    return this.writableLength;
  }

  get remoteAddress(): string | undefined {
    return this.#remote?.address;
  }

  get remotePort(): number | undefined {
    return this.#remote?.port;
  }

  get remoteFamily(): string | undefined {
    return this.#remote === undefined ? undefined : familyName(this.#remote.address);
  }

  get localAddress(): string | undefined {
    return this.#local?.address;
  }

  get localPort(): number | undefined {
    return this.#local?.port;
  }

  get localFamily(): string | undefined {
    return this.#local === undefined ? undefined : familyName(this.#local.address);
  }

  address(): object {
    if (this.#local === undefined) return {};
    const { address, port } = this.#local;
    return { address, family: familyName(address), port };
  }

  connect(...parts: unknown[]): this {
    const [given, callback] = readNetArguments(parts);
    const options = { ...this.#dialled, ...given };
    refusePath(options.path);
    const port = checkedPort(options.port, 'options.port');
    if (callback !== undefined) this.once('connect', callback);
    if (options.timeout !== undefined) this.setTimeout(options.timeout);
    if (options.keepAlive === true) {
      this.once('connect', () => this.setKeepAlive(true, options.keepAliveInitialDelay));
    }
    this.connecting = true;
    const host = options.host ?? 'localhost';
    if (isIP(host) !== 0) process.nextTick(() => this.#dial(host, port, options));
    else this.#lookUp(host, port, options);
    return this;
  }

  setTimeout(millis: number, callback?: Callback): this {
    this.timeout = millis;
    this.#idleTimer?.close();
    this.#idleTimer = undefined;
    if (millis === 0) {
      if (callback !== undefined) this.removeListener('timeout', callback);
      return this;
    }
    this.#idleTimer = this.#context.timers.setTimeout(() => {
      this.emit('timeout');
    }, millis);
    if (callback !== undefined) this.once('timeout', callback);
    return this;
  }

  setKeepAlive(isWanted = false, initialDelayMillis = 0): this {
    if (!isWanted) return this;
    const idleMillis = initialDelayMillis > 0 ? initialDelayMillis : KEEP_ALIVE_IDLE_MILLIS_DEFAULT;
    this.#connection?.setKeepAlive({
      idleMicros: Math.trunc(idleMillis) * 1_000,
      intervalMicros: KEEP_ALIVE_INTERVAL_MICROS,
    });
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  resetAndDestroy(): this {
    this.#isReset = true;
    return this.destroy();
  }

  /** Takes over a connection that a listener accepted; gives the handlers for it. */
  adopt(connection: TcpConnection): TcpHandlers {
    this.#connection = connection;
    this.#noteEndpoints(connection);
    return this.#handlers(connection);
  }

  override _read(): void {
    if (this.connecting) this.once('connect', () => this.#connection?.resume());
    else this.#connection?.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    if (this.connecting) {
      this.once('connect', () => {
        this._write(chunk, '', done);
      });
      return;
    }
    const connection = this.#connection;
    if (connection === undefined) {
      done(nodeError(Error, 'ERR_SOCKET_CLOSED', 'Socket is closed'));
      return;
    }
    this.#stirred();
    connection.write(chunk);
    this.#bytesDispatched += chunk.length;
    if (connection.queuedBytes === 0) done();
    else this.#waitsForDrain = done;
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), '', done);
  }

  override _final(done: Done): void {
    if (this.connecting) {
      this.once('connect', () => {
        this._final(done);
      });
      return;
    }
    this.#connection?.end();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    this.connecting = false;
    this.#idleTimer?.close();
    this.#idleTimer = undefined;
    const connection = this.#connection;
    this.#connection = undefined;
    this.#waitsForDrain = undefined;
    if (connection !== undefined) {
      if (this.#isReset) connection.abort();
      else connection.end();
      connection.resume();
    }
    done(error);
    this.#context.life.soon(() => {
      this.emit('close', error !== null);
    });
  }

  #lookUp(host: string, port: number, options: NetOptions): void {
    const lookup = (options.lookup ?? this.#context.lookup) as Lookup;
    // Families the host has not got are left out, as Node asks getaddrinfo to.
    const { family = 0 } = options;
    const question: LookupOptions = family === 0 ? { family, hints: HINT.ADDRCONFIG } : { family };
    const answer: LookupCallback = (error, found, family) => {
      if (this.destroyed) return;
      const address = typeof found === 'string' ? found : found?.[0]?.address;
      this.emit('lookup', error, address, typeof found === 'string' ? family : found?.[0]?.family, host);
      if (error !== null || address === undefined) {
        this.destroy(error ?? systemError('getaddrinfo', 'ENOTFOUND', { hostname: host }));
      } else {
        this.#dial(address, port, options);
      }
    };
    lookup(host, question, answer);
  }

  #dial(address: string, port: number, options: NetOptions): void {
    if (this.destroyed) return;
    const { life } = this.#context;
    const handlers: { current: TcpHandlers | undefined } = { current: undefined };
    const connection = life.platform.connectTcp(
      {
        remote: { address, port },
        ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
        ...(options.localPort === undefined ? {} : { localPort: options.localPort }),
      },
      {
        onConnected: () => handlers.current?.onConnected?.(),
        onData: (bytes) => handlers.current?.onData(bytes),
        onEnd: () => handlers.current?.onEnd?.(),
        onDrain: () => handlers.current?.onDrain?.(),
        onClosed: (reason, detail) => handlers.current?.onClosed(reason, detail),
      },
    );
    this.#connection = connection;
    handlers.current = this.#handlers(connection, { address, port });
  }

  /** What the network says is told to the stream as macrotasks, in order. */
  #handlers(connection: TcpConnection, dialled?: Required<Pick<SystemErrorDetails, 'address' | 'port'>>): TcpHandlers {
    const { life } = this.#context;
    return {
      onConnected: () => {
        life.enter(() => {
          this.#connected(connection);
        });
      },
      onData: (bytes) => {
        const kept = Buffer.from(bytes);
        life.enter(() => {
          this.#received(connection, kept);
        });
      },
      onEnd: () => {
        life.enter(() => {
          if (this.#connection !== connection) return;
          this.push(null);
          this.read(0);
        });
      },
      onDrain: () => {
        life.enter(() => {
          const done = this.#waitsForDrain;
          this.#waitsForDrain = undefined;
          done?.();
        });
      },
      onClosed: (reason, detail) => {
        life.enter(() => {
          this.#closed(connection, reason, detail, dialled);
        });
      },
    };
  }

  #connected(connection: TcpConnection): void {
    if (this.#connection !== connection) return;
    this.connecting = false;
    this.#noteEndpoints(connection);
    this.#stirred();
    this.emit('connect');
    this.emit('ready');
    if (!this.isPaused()) this.read(0);
  }

  #received(connection: TcpConnection, bytes: Buffer): void {
    if (this.#connection !== connection) {
      // Closed here meanwhile: a kernel answers data for a closed descriptor by RST.
      connection.abort();
      return;
    }
    this.bytesRead += bytes.length;
    this.#stirred();
    if (!this.push(bytes)) connection.pause();
  }

  #closed(connection: TcpConnection, reason: TcpCloseReason, detail: string | undefined, dialled?: Endpoint): void {
    if (this.#connection !== connection || this.destroyed) return;
    if (reason === 'closed') {
      // Both FINs are exchanged; the stream destroys itself when its reader has seen the end.
      return;
    }
    // `EADDRINUSE: local port 5 is taken`: the platform's word for it is more exact than the reason.
    const code = /^(E[A-Z_]+):/.exec(detail ?? '')?.[1] ?? CODE_OF[reason];
    this.destroy(this.connecting ? systemError('connect', code, { ...dialled }) : systemError('read', code));
  }

  #noteEndpoints(connection: TcpConnection): void {
    this.#remote = connection.remote;
    this.#local = connection.local;
  }

  #stirred(): void {
    this.#idleTimer?.refresh();
  }
}

function abortError(signal: AbortSignal): Error {
  const error = nodeError(Error, 'ABORT_ERR', 'The operation was aborted');
  error.name = 'AbortError';
  error.cause = signal.reason;
  return error;
}

/**
 * `net.Server` over a simulated listening port. No pipes, no file descriptors, no sharing between processes.
 */
import { EventEmitter } from 'node:events';
import { isIP } from 'node:net';
import type { Endpoint, TcpHandlers, TcpListener } from '../../spec/platform.ts';
import { anyAddress, familyName } from './families.ts';
import { checkedPort, readNetArguments, refusePath } from './net-arguments.ts';
import type { NetOptions } from './net-arguments.ts';
import { NodeSocket } from './net-socket.ts';
import type { NetContext } from './net-socket.ts';
import { nodeError, systemError } from './system-errors.ts';

type Callback = (...parts: unknown[]) => void;

/** Swallows a connection that nobody wants. */
const NO_HANDLERS: TcpHandlers = { onData: () => undefined, onClosed: () => undefined };

/** A listening port and the connections it accepted. */
export class NodeServer extends EventEmitter {
  maxConnections: number | undefined = undefined;
  readonly #context: NetContext;
  readonly #options: NetOptions & { readonly pauseOnConnect?: boolean };
  readonly #sockets = new Set<NodeSocket>();
  #listener: TcpListener | undefined = undefined;
  #local: Endpoint | undefined = undefined;
  #closing = false;

  constructor(context: NetContext, ...parts: unknown[]) {
    super();
    this.#context = context;
    this.#options = typeof parts[0] === 'object' && parts[0] !== null ? parts[0] : {};
    const onConnection = parts.find((part) => typeof part === 'function');
    if (onConnection !== undefined) this.on('connection', onConnection as Callback);
  }

  get listening(): boolean {
    return this.#listener !== undefined;
  }

  listen(...parts: unknown[]): this {
    const [options, callback] = readNetArguments(parts);
    if (this.listening) {
      const message = 'Listen method has been called more than once without closing.';
      throw nodeError(Error, 'ERR_SERVER_ALREADY_LISTEN', message);
    }
    refusePath(options.path);
    const port = checkedPort(options.port ?? 0, 'options.port');
    if (callback !== undefined) this.once('listening', callback);
    this.#closing = false;
    const { host = anyAddress(this.#context.life.host) } = options;
    if (isIP(host) !== 0) {
      this.#listen(host, port, options);
    } else {
      this.#context.lookup(host, {}, (error, address) => {
        if (error === null) this.#listen(address as string, port, options);
        else this.emit('error', error);
      });
    }
    return this;
  }

  address(): object | null {
    return this.#local === undefined ? null : { ...this.#local, family: familyName(this.#local.address) };
  }

  getConnections(callback: (error: Error | null, count: number) => void): void {
    process.nextTick(callback, null, this.#sockets.size);
  }

  close(callback?: (error?: Error) => void): this {
    if (callback !== undefined) {
      const missing = nodeError(Error, 'ERR_SERVER_NOT_RUNNING', 'Server is not running.');
      const parts = this.listening ? [] : [missing];
      this.once('close', () => {
        callback(...parts);
      });
    }
    this.#listener?.close();
    this.#listener = undefined;
    this.#local = undefined;
    this.#closing = true;
    this.#closeIfDone();
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => this.close(() => resolve()));
  }

  #listen(address: string, port: number, { backlog, ipv6Only = false }: NetOptions): void {
    const { life } = this.#context;
    this.#listener = life.platform.listenTcp(
      { port, address, ipv6Only: ipv6Only && isIP(address) === 6, ...(backlog === undefined ? {} : { backlog }) },
      {
        onListening: (local) => {
          this.#local = local;
          life.enter(() => {
            if (this.#listener !== undefined) this.emit('listening');
          });
        },
        onConnection: (connection) => {
          const socket = this.#accept();
          if (socket === undefined) {
            connection.abort();
            this.#dropped(connection.local, connection.remote);
            return NO_HANDLERS;
          }
          const handlers = socket.adopt(connection);
          life.enter(() => {
            this.emit('connection', socket);
            if (this.#options.pauseOnConnect !== true) socket.read(0);
          });
          return handlers;
        },
        onError: (code) => {
          life.enter(() => {
            this.#listener = undefined;
            this.#local = undefined;
            this.emit('error', systemError('listen', code, { address, port }));
          });
        },
      },
    );
  }

  #accept(): NodeSocket | undefined {
    if (this.maxConnections !== undefined && this.#sockets.size >= this.maxConnections) return undefined;
    const socket = new NodeSocket(this.#context, this.#options);
    socket.server = this;
    this.#sockets.add(socket);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      this.#closeIfDone();
    });
    return socket;
  }

  #dropped(local: Endpoint, remote: Endpoint): void {
    this.#context.life.enter(() => {
      this.emit('drop', {
        localAddress: local.address,
        localPort: local.port,
        localFamily: familyName(local.address),
        remoteAddress: remote.address,
        remotePort: remote.port,
        remoteFamily: familyName(remote.address),
      });
    });
  }

  #closeIfDone(): void {
    if (!this.#closing || this.#sockets.size > 0 || this.listening) return;
    this.#closing = false;
    this.#context.life.soon(() => {
      this.emit('close');
    });
  }
}

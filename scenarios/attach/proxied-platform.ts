/**
 * The Platform of one loopback host: a NodePlatform whose outgoing connections go through the host's proxies.
 *
 * To the engine a connection is up when the proxy has got through to the server, is refused when that was refused, and
 * hangs while the way is cut, as on a network. Listening ports are announced to the proxies.
 */
import type {
  Endpoint,
  Platform,
  TcpCloseReason,
  TcpConnection,
  TcpConnectOptions,
  TcpHandlers,
  TcpListener,
  TcpListenerHandlers,
  TcpListenOptions,
} from '../../spec/platform.ts';
import type { HostProxy, LoopbackNet } from './loopback-net.ts';

/** Linux gives up a connection request after about this long; so do we when the engine sets no limit. */
const CONNECT_TIMEOUT_MICROS = 127_000_000;

/** @param inner - The real sockets. */
export function proxiedPlatform(inner: Platform, host: string, net: LoopbackNet): Platform {
  return {
    ...inner,
    listenTcp: (options, handlers) => listen(inner, { host, net }, options, handlers),
    connectTcp: (options, handlers) => {
      const proxy = net.proxyFor(host, options.remote);
      if (proxy === undefined) return inner.connectTcp(options, handlers);
      return new ProxiedConnection({ inner, proxy, options, handlers, isCut: () => net.link(host).isCut });
    },
  };
}

function listen(
  inner: Platform,
  at: { readonly host: string; readonly net: LoopbackNet },
  options: TcpListenOptions,
  handlers: TcpListenerHandlers,
): TcpListener {
  let port: number | undefined;
  const listener = inner.listenTcp(options, {
    ...handlers,
    onListening: (local) => {
      port = local.port;
      at.net.listening(at.host, port);
      handlers.onListening?.(local);
    },
    onConnection: (connection) => handlers.onConnection(connection),
    onError: (code, detail) => handlers.onError(code, detail),
  });
  return {
    get local() {
      return listener.local;
    },
    close: () => {
      listener.close();
      if (port !== undefined) at.net.stopped(port);
    },
  };
}

type ProxiedOptions = {
  readonly inner: Platform;
  readonly proxy: HostProxy;
  readonly options: TcpConnectOptions;
  readonly handlers: TcpHandlers;
  readonly isCut: () => boolean;
};

class ProxiedConnection implements TcpConnection {
  readonly remote: Endpoint;
  readonly #handlers: TcpHandlers;
  readonly #connection: TcpConnection;
  #state: 'waiting' | 'open' | 'closed' = 'waiting';
  readonly #giveUp: { cancel(): void };

  constructor({ inner, proxy, options, handlers, isCut }: ProxiedOptions) {
    this.remote = options.remote;
    this.#handlers = handlers;
    this.#giveUp = inner.setTimer(options.timeoutMicros ?? CONNECT_TIMEOUT_MICROS, () => this.#fail('timedOut'));
    this.#connection = inner.connectTcp(
      { remote: proxy.endpoint },
      {
        onConnected: () => proxy.whenDialled(this.#connection.local.port, (result) => this.#dialled(result)),
        onData: (bytes) => handlers.onData(bytes),
        onEnd: () => handlers.onEnd?.(),
        onDrain: () => handlers.onDrain?.(),
        onClosed: (reason, detail) => {
          // A refusal while the way is cut could not have been heard; the connection request times out.
          if (this.#state === 'waiting' && reason !== 'aborted' && isCut()) return;
          const told = this.#state === 'waiting' && reason === 'reset' ? 'refused' : reason;
          this.#finish(told, detail);
        },
      },
    );
  }

  get local(): Endpoint {
    return this.#connection.local;
  }

  get queuedBytes(): number {
    return this.#connection.queuedBytes;
  }

  write(bytes: Uint8Array): void {
    this.#connection.write(bytes);
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  end(): void {
    this.#connection.end();
  }

  abort(): void {
    this.#connection.abort();
    // Also when the real connection is gone already, as while a connection request hangs.
    this.#finish('aborted');
  }

  setKeepAlive(options: { readonly idleMicros: number; readonly intervalMicros: number }): void {
    this.#connection.setKeepAlive(options);
  }

  #dialled(result: 'up' | 'refused'): void {
    if (this.#state !== 'waiting') return;
    if (result === 'refused') {
      this.#fail('refused');
      return;
    }
    this.#state = 'open';
    this.#giveUp.cancel();
    this.#handlers.onConnected?.();
  }

  #fail(reason: TcpCloseReason): void {
    if (this.#state !== 'waiting') return;
    this.#finish(reason);
    this.#connection.abort();
  }

  #finish(reason: TcpCloseReason, detail?: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#giveUp.cancel();
    this.#handlers.onClosed(reason, detail);
  }
}

/**
 * TCP over `node:net`: listeners, outgoing connections, and the gathering of writes.
 *
 * What is written during one event (data, timer), or in one turn of user code, leaves each connection in one socket
 * write: a server that answers a hundred messages of one chunk pays for one system call. See `node-connection.ts`.
 */
import { connect, createServer } from 'node:net';
import type { Socket } from 'node:net';
import type {
  Endpoint,
  TcpConnection,
  TcpConnectOptions,
  TcpHandlers,
  TcpListener,
  TcpListenerHandlers,
  TcpListenOptions,
} from '../../spec/platform.ts';
import type { Clock } from './node-clock.ts';
import { NodeConnection } from './node-connection.ts';
import { WriteGatherer } from './write-gatherer.ts';

export type TcpOptions = {
  readonly clock: Clock;
  readonly timeScale: number;
  readonly bindAddress?: string;
  readonly connectFromAddress?: string;
};

export type Tcp = {
  readonly listenTcp: (options: TcpListenOptions, handlers: TcpListenerHandlers) => TcpListener;
  readonly connectTcp: (options: TcpConnectOptions, handlers: TcpHandlers) => TcpConnection;
  /** Runs `work` as one event: its writes leave together when it returns. */
  readonly gathered: (work: () => void) => void;
  readonly open: () => { readonly connections: number; readonly listeners: number };
};

/** Makes the TCP part of a platform. */
export function createTcp(options: TcpOptions): Tcp {
  const gatherer = new WriteGatherer();
  const connections = new Set<NodeConnection>();
  let listeners = 0;
  const adopt = (socket: Socket, local: Endpoint, remote: Endpoint): NodeConnection => {
    const connection = new NodeConnection({
      socket,
      gatherer,
      local,
      remote,
      timeScale: options.timeScale,
      onGone: (gone) => connections.delete(gone),
    });
    connections.add(connection);
    return connection;
  };
  return {
    gathered: (work) => gatherer.run(work),
    open: () => ({ connections: connections.size, listeners }),
    listenTcp(listen, handlers) {
      return startListener(listen, handlers, {
        adopt,
        gatherer,
        bindAddress: options.bindAddress ?? '0.0.0.0',
        countListeners: (change) => void (listeners += change),
      });
    },
    connectTcp(to, handlers) {
      const localAddress = to.localAddress ?? options.connectFromAddress;
      const socket = connect({
        host: to.remote.address,
        port: to.remote.port,
        family: 4,
        allowHalfOpen: true,
        noDelay: true,
        ...(localAddress === undefined ? {} : { localAddress }),
        ...(to.localPort === undefined ? {} : { localPort: to.localPort }),
      });
      const connection = adopt(socket, { address: localAddress ?? '0.0.0.0', port: to.localPort ?? 0 }, to.remote);
      connection.start(handlers);
      if (to.timeoutMicros !== undefined) {
        const timer = options.clock.setTimer(to.timeoutMicros, () => connection.giveUpConnecting());
        socket.once('connect', () => timer.cancel());
        socket.once('close', () => timer.cancel());
      }
      return connection;
    },
  };
}

type ListenerWorld = {
  readonly adopt: (socket: Socket, local: Endpoint, remote: Endpoint) => NodeConnection;
  readonly gatherer: WriteGatherer;
  readonly bindAddress: string;
  readonly countListeners: (change: 1 | -1) => void;
};

function startListener(listen: TcpListenOptions, handlers: TcpListenerHandlers, world: ListenerWorld): TcpListener {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  let local: Endpoint = { address: listen.address ?? world.bindAddress, port: listen.port };
  let open = true;
  world.countListeners(1);
  const close = (): void => {
    if (!open) return;
    open = false;
    world.countListeners(-1);
    server.close();
  };
  server.on('listening', () => {
    const address = server.address();
    if (address === null || typeof address === 'string') return;
    local = { address: address.address, port: address.port };
    if (open) handlers.onListening?.(local);
  });
  server.on('connection', (socket) => {
    const remote = socket.remoteAddress;
    // A peer that reset before we could accept it has no address any more; a closed listener accepts nobody.
    if (!open || remote === undefined) {
      socket.on('error', () => undefined).destroy();
      return;
    }
    const at: Endpoint = { address: socket.localAddress ?? local.address, port: local.port };
    const connection = world.adopt(socket, at, { address: remote, port: socket.remotePort ?? 0 });
    world.gatherer.run(() => connection.start(handlers.onConnection(connection)));
  });
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (!open) return;
    close();
    handlers.onError(error.code ?? 'EUNKNOWN', error.message);
  });
  const { backlog = 511, ipv6Only = false } = listen;
  server.listen({ host: local.address, port: listen.port, backlog, ipv6Only });
  return {
    get local() {
      return local;
    },
    close,
  };
}

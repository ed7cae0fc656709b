/** `net` of one process. Address checks, `BlockList` and `SocketAddress` are the real ones: they ask nobody. */
import * as real from 'node:net';
import { NodeServer } from './net-server.ts';
import { NodeSocket } from './net-socket.ts';
import type { NetContext } from './net-socket.ts';
import type { NetOptions } from './net-arguments.ts';

/** The module. Its classes are bound to the process, so that `new net.Socket()` and `extends net.Server` work. */
export function createNet(context: NetContext): Readonly<Record<string, unknown>> {
  class Socket extends NodeSocket {
    constructor(options?: NetOptions) {
      super(context, options);
    }
  }
  class Server extends NodeServer {
    constructor(...parts: unknown[]) {
      super(context, ...parts);
    }
  }
  // Node lets both be called without `new`, and old code inherits by `Socket.call(this)`-free factories.
  const connect = (...parts: unknown[]): NodeSocket => {
    const options = typeof parts[0] === 'object' && parts[0] !== null ? parts[0] : {};
    return new Socket(options).connect(...parts);
  };
  return {
    Socket: callable(Socket),
    Stream: callable(Socket),
    Server: callable(Server),
    createServer: (...parts: unknown[]): NodeServer => new Server(...parts),
    connect,
    createConnection: connect,
    isIP: real.isIP,
    isIPv4: real.isIPv4,
    isIPv6: real.isIPv6,
    BlockList: real.BlockList,
    SocketAddress: real.SocketAddress,
    getDefaultAutoSelectFamily: (): boolean => false,
    setDefaultAutoSelectFamily: (): void => undefined,
    getDefaultAutoSelectFamilyAttemptTimeout: (): number => 250,
    setDefaultAutoSelectFamilyAttemptTimeout: (): void => undefined,
  };
}

/** A class that may also be called without `new`, as the ones of Node. */
function callable<T extends new (...parts: never[]) => object>(Class: T): T {
  return new Proxy(Class, {
    apply: (target, _self, parts) => Reflect.construct(target, parts) as object,
  });
}

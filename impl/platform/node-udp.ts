/** UDP over `node:dgram`: IPv4, or both families where the address to bind is one of IPv6. */
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { isIPv4, isIPv6 } from 'node:net';
import { plainBytes } from './node-connection.ts';
import type { Endpoint, UdpBindOptions, UdpHandlers, UdpSocket } from '../../spec/platform.ts';

export type Udp = {
  readonly bindUdp: (options: UdpBindOptions, handlers: UdpHandlers) => UdpSocket;
  /** Sockets not yet closed. */
  readonly open: () => number;
};

/** The largest payload of an IPv4 datagram. */
const UDP_PAYLOAD_BYTES_MAX = 65_507;

/** @param bindAddress - Used when a caller names no address. */
export function createUdp(bindAddress?: string): Udp {
  const sockets = new Set<Socket>();
  return {
    open: () => sockets.size,
    bindUdp(options, handlers) {
      let local: Endpoint = { address: options.address ?? bindAddress ?? '0.0.0.0', port: options.port };
      const isSix = isIPv6(local.address);
      const socket = createSocket({ type: isSix ? 'udp6' : 'udp4', ipv6Only: isSix && options.ipv6Only === true });
      sockets.add(socket);
      const close = (): void => {
        if (sockets.delete(socket)) socket.close();
      };
      socket.on('listening', () => {
        const { address, port } = socket.address();
        local = { address, port };
        if (sockets.has(socket)) handlers.onListening?.(local);
      });
      socket.on('message', (bytes, from) => {
        if (sockets.has(socket)) handlers.onMessage(plainBytes(bytes), { address: from.address, port: from.port });
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (sockets.has(socket)) handlers.onError?.(error.code ?? 'EUNKNOWN', error.message);
      });
      socket.bind({ address: local.address, port: local.port });
      return {
        get local() {
          return local;
        },
        send(bytes, to) {
          if (!sockets.has(socket)) return;
          if (bytes.length > UDP_PAYLOAD_BYTES_MAX) {
            handlers.onError?.('EMSGSIZE', `datagram of ${bytes.length} bytes exceeds ${UDP_PAYLOAD_BYTES_MAX}`);
            return;
          }
          // A datagram that cannot be sent is a lost one; Node copies nothing, so the copy is ours.
          const address = isSix && isIPv4(to.address) ? `::ffff:${to.address}` : to.address;
          socket.send(bytes.slice(), to.port, address, () => undefined);
        },
        close,
      };
    },
  };
}

/** UDP ASSOCIATE of SOCKS5 (RFC 1928 section 7): one socket, which unwraps what its client sends and wraps what comes for it. */
import type { Endpoint } from '../../spec/platform.ts';
import type { Host } from '../host.ts';
import { resolveName } from './resolve.ts';
import { readDatagram, writeDatagram } from './socks5-message.ts';

/**
 * Opens the socket, and tells its port once it is bound. `client.port` 0 is whatever port the first datagram comes from. Gives
 * the closer.
 */
export function associate(
  host: Host,
  client: Endpoint,
  allows: ((remote: Endpoint) => boolean) | undefined,
  tell: (port: number) => void,
): () => void {
  let clientPort = client.port;
  const sendOut = (bytes: Uint8Array): void => {
    const datagram = readDatagram(bytes);
    if (datagram === undefined) return;
    const { remote, payload } = datagram;
    resolveName(host, remote.address, (address) => {
      const found = { address: address ?? '', port: remote.port };
      if (address !== undefined && allows?.(found) !== false) socket.send(payload, found);
    });
  };
  const socket = host.platform().bindUdp(
    { port: 0 },
    {
      onListening: ({ port }) => tell(port),
      onMessage: (bytes, from) => {
        const isClient = from.address === client.address && (clientPort === 0 || clientPort === from.port);
        if (isClient) {
          clientPort = from.port;
          sendOut(bytes);
        } else if (clientPort !== 0) {
          socket.send(writeDatagram({ remote: from, payload: bytes }), { address: client.address, port: clientPort });
        }
      },
    },
  );
  return () => socket.close();
}

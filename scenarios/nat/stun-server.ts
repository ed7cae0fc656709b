/**
 * The other half of the classifier: a STUN server on two addresses and two ports, which answers from wherever it is asked to
 * (RFC 5780 section 6). It works over any platform, simulated or real.
 */
import type { Endpoint, Platform, UdpSocket } from '../../spec/platform.ts';
import { decodeStun, encodeStun } from './stun.ts';

/** One address, and the platform that has it; two of them may be the same platform. */
export type StunAddress = { readonly platform: Platform; readonly address: string };

/** Listens; gives the closer. */
export function serveStun(
  addresses: readonly [StunAddress, StunAddress],
  ports: readonly [number, number],
): () => void {
  const endpoints = addresses.map(({ address }) => ports.map((port): Endpoint => ({ address, port })));
  const sockets: UdpSocket[][] = addresses.map(({ platform, address }, which) =>
    ports.map((port, place) =>
      platform.bindUdp({ address, port }, { onMessage: (bytes, from) => answer(which, place, bytes, from) }),
    ),
  );
  const answer = (which: number, place: number, bytes: Uint8Array, from: Endpoint): void => {
    const request = decodeStun(bytes);
    if (request?.kind !== 'request') return;
    const socket = sockets[request.changeAddress ? 1 - which : which]![request.changePort ? 1 - place : place]!;
    const other = endpoints[1 - which]![1 - place]!;
    const port = request.responsePort === 0 ? from.port : request.responsePort;
    socket.send(encodeStun({ kind: 'response', id: request.id, mapped: from, other }), { address: from.address, port });
  };
  return () => sockets.flat().forEach((socket) => socket.close());
}

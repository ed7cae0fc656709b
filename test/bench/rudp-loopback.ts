/** Bytes a second over real loopback UDP in one process: bare `dgram` as fast as it goes, and reliable UDP on top of it. */
import { createSocket } from 'node:dgram';
import { RudpLink } from '../../impl/engine/p2p/rudp-link.ts';
import type { DirectLinkHandlers } from '../../impl/engine/p2p/link.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';
import type { Endpoint, UdpSocket } from '../../spec/platform.ts';

const MILLIS = 1500;
const DATAGRAM_BYTES = 1200;
/** Datagrams sent in one turn of the event loop; more only fill the socket's buffer. */
const BURST = 64;
const ADDRESS = '127.0.0.1';
const QUEUED_BYTES = 1 << 20;

/** What `dgram` delivers of datagrams of the same size. */
export async function rawLoopback(): Promise<number> {
  const receiver = createSocket('udp4');
  const sender = createSocket('udp4');
  let receivedBytes = 0;
  receiver.on('message', (bytes) => (receivedBytes += bytes.length));
  await new Promise<void>((resolve) => receiver.bind(0, ADDRESS, resolve));
  const { port } = receiver.address();
  const datagram = Buffer.alloc(DATAGRAM_BYTES);
  const end = performance.now() + MILLIS;
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      for (let index = 0; index < BURST; index++) sender.send(datagram, port, ADDRESS);
      if (performance.now() < end) setImmediate(turn);
      else resolve();
    };
    turn();
  });
  sender.close();
  receiver.close();
  return (receivedBytes * 1000) / MILLIS;
}

/** What reliable UDP hands over. */
export async function rudpLoopback(): Promise<number> {
  const platform = createNodePlatform({ bindAddress: ADDRESS });
  const links: { left?: RudpLink; right?: RudpLink } = {};
  const bind = (side: 'left' | 'right'): Promise<UdpSocket> =>
    new Promise((resolve) => {
      const socket: UdpSocket = platform.bindUdp(
        { port: 0 },
        { onMessage: (bytes) => links[side]?.handleDatagram(bytes), onListening: () => resolve(socket) },
      );
    });
  const [left, right] = [await bind('left'), await bind('right')];
  let receivedBytes = 0;
  let isOver = false;
  const block = new Uint8Array(65_536);
  await new Promise<void>((resolve, reject) => {
    const quiet = { onDrain: () => undefined, onClosed: () => undefined, onData: () => undefined };
    const handleFailed = (reason: string): void => reject(new Error(`reliable UDP did not connect: ${reason}`));
    const options = (from: UdpSocket, to: UdpSocket) => ({
      platform,
      token: 9n,
      datagramBytesMax: DATAGRAM_BYTES,
      local: from.local,
      remote: to.local,
      send: (bytes: Uint8Array, remote: Endpoint) => from.send(bytes, remote),
    });
    links.right = new RudpLink(
      { ...options(right, left), starts: false },
      { handleConnected: () => ({ ...quiet, onData: (bytes) => (receivedBytes += bytes.length) }), handleFailed },
    );
    const handleConnected = (link: RudpLink): DirectLinkHandlers => {
      const feed = (): void => {
        while (!isOver && link.queuedBytes < QUEUED_BYTES) link.write(block);
        if (!isOver) setTimeout(feed, 2);
      };
      feed();
      setTimeout(resolve, MILLIS);
      return { ...quiet, onDrain: feed };
    };
    links.left = new RudpLink(options(left, right), { handleConnected, handleFailed });
  });
  isOver = true;
  links.left?.release();
  links.right?.release();
  left.close();
  right.close();
  if (process.env.BENCH_DEBUG !== undefined)
    process.stderr.write(`${JSON.stringify({ ...links.left?.statistics })} ${links.left?.rttMicros}\n`);
  return (receivedBytes * 1000) / MILLIS;
}

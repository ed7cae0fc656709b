import { connect, createServer, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { createNodePlatform } from '../../impl/platform/node.ts';
import { connectPair, End, listen, LOOPBACK, turn } from './ends.ts';

const NOTHING_OPEN = { connections: 0, listeners: 0, udpSockets: 0, timers: 0, files: 0 };
const text = (bytes: readonly number[]): string => String.fromCharCode(...bytes);
const ascii = (of: string): Uint8Array => Uint8Array.from(of, (letter) => letter.charCodeAt(0));

test('a connection knows both ends, carries bytes both ways, and ends once on each side', async () => {
  const platform = createNodePlatform();
  const { client, server, close } = await connectPair(platform);
  expect(client.connection.local).toEqual(server.connection.remote);
  expect(client.connection.remote).toMatchObject(server.connection.local);
  expect(server.connection.local.port).toBeGreaterThan(0);
  expect(platform.openResources()).toEqual({ ...NOTHING_OPEN, connections: 2, listeners: 1 });
  client.connection.write(ascii('question'));
  await server.received(8);
  server.connection.write(ascii('answer'));
  await client.received(6);
  expect([text(server.data), text(client.data)]).toEqual(['question', 'answer']);
  client.connection.end();
  await server.ended;
  server.connection.end();
  expect(await Promise.all([client.closed, server.closed])).toEqual(['closed', 'closed']);
  close();
  await turn();
  expect([client.told, server.told]).toEqual([
    ['connected', 'end', 'closed'],
    ['connected', 'end', 'closed'],
  ]);
  expect(platform.openResources()).toEqual(NOTHING_OPEN);
});

test('what arrives is a plain Uint8Array, whose slice is a copy', async () => {
  const { client, server, close } = await connectPair(createNodePlatform());
  const copies: Uint8Array[] = [];
  server.onChunk = (bytes) => {
    copies.push(bytes.slice());
    bytes.fill(0);
  };
  client.connection.write(ascii('kept'));
  await server.received(4);
  expect(copies).toEqual([ascii('kept')]);
  close();
});

test('half-open: after the peer’s FIN this side can still send', async () => {
  const { client, server, close } = await connectPair(createNodePlatform());
  client.connection.end();
  await server.ended;
  server.connection.write(ascii('late'));
  await client.received(4);
  server.connection.end();
  expect(await client.closed).toBe('closed');
  close();
});

test('written bytes are copied: the caller may reuse the buffer at once', async () => {
  const { client, server, close } = await connectPair(createNodePlatform());
  const small = ascii('small');
  const large = new Uint8Array(100_000).fill(1);
  client.connection.write(small);
  client.connection.write(large);
  small.fill(0);
  large.fill(2);
  await server.received(100_005);
  expect(text(server.data.slice(0, 5))).toBe('small');
  expect(server.data.slice(5).every((byte) => byte === 1)).toBe(true);
  close();
});

test('what is written during one data event leaves in one write', async () => {
  const { client, server, close } = await connectPair(createNodePlatform());
  server.onChunk = (bytes) => {
    for (const byte of bytes) server.connection.write(Uint8Array.of(byte));
  };
  client.connection.write(new Uint8Array(100).map((_, i) => i));
  await client.received(100);
  expect(client.data).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(client.chunks).toBe(1);
  close();
});

test('what is written in one turn of user code, or in one timer, leaves in one write each', async () => {
  const platform = createNodePlatform();
  const { client, server, close } = await connectPair(platform);
  const burst = (): void => {
    for (let i = 0; i < 50; i++) client.connection.write(Uint8Array.of(i));
  };
  burst();
  await server.received(50);
  expect(server.chunks).toBe(1);
  platform.setTimer(1000, burst);
  await server.received(100);
  expect(server.chunks).toBe(2);
  close();
});

test('bytes to several connections in one event reach each in one write, in order', async () => {
  const platform = createNodePlatform();
  const pairs = await Promise.all([1, 2, 3].map(() => connectPair(platform)));
  const [first] = pairs;
  first!.server.onChunk = () => {
    for (let i = 0; i < 30; i++) for (const { server } of pairs) server.connection.write(Uint8Array.of(i));
  };
  first!.client.connection.write(Uint8Array.of(1));
  await Promise.all(pairs.map(({ client }) => client.received(30)));
  for (const { client, close } of pairs) {
    expect([client.chunks, client.data]).toEqual([1, Array.from({ length: 30 }, (_, i) => i)]);
    close();
  }
});

test('a connection that ends in the middle of an event does not part the writes of another', async () => {
  const platform = createNodePlatform();
  const [kept, doomed] = await Promise.all([connectPair(platform), connectPair(platform)]);
  kept.server.onChunk = () => {
    kept.server.connection.write(Uint8Array.of(1));
    doomed.server.connection.abort();
    kept.server.connection.write(Uint8Array.of(2));
  };
  const writes = vi.spyOn(Socket.prototype, 'write');
  kept.client.connection.write(Uint8Array.of(0));
  await kept.client.received(2);
  // One of the client, one of the server.
  expect(writes).toHaveBeenCalledTimes(2);
  writes.mockRestore();
  expect([kept.client.chunks, kept.client.data]).toEqual([1, [1, 2]]);
  kept.close();
  doomed.close();
});

test('bytes that still wait for the kernel are not overwritten by another connection’s', async () => {
  const platform = createNodePlatform();
  const [slow, quick] = await Promise.all([connectPair(platform), connectPair(platform)]);
  slow.server.connection.pause();
  let written = 0;
  while (slow.client.connection.queuedBytes === 0) {
    slow.client.connection.write(new Uint8Array(1_000_000));
    written += 1_000_000;
    await turn();
  }
  slow.client.connection.write(new Uint8Array(1000).fill(7));
  await turn();
  quick.client.connection.write(new Uint8Array(1000).fill(8));
  await quick.server.received(1000);
  slow.server.connection.resume();
  await slow.server.received(written + 1000);
  expect(slow.server.data.slice(written).every((byte) => byte === 7)).toBe(true);
  slow.close();
  quick.close();
});

test('gathering keeps order across its limit', async () => {
  const { client, server, close } = await connectPair(createNodePlatform());
  const sizes = [10, 65_536, 3, 65_530, 200_000, 1];
  sizes.forEach((size, index) => client.connection.write(new Uint8Array(size).fill(index)));
  await server.received(sizes.reduce((sum, size) => sum + size, 0));
  const runs = server.data.reduce<[number, number][]>((found, byte) => {
    const last = found.at(-1);
    if (last?.[0] === byte) last[1]++;
    else found.push([byte, 1]);
    return found;
  }, []);
  expect(runs).toEqual(sizes.map((size, index) => [index, size]));
  close();
});

test('queuedBytes is 0 on an idle channel, rises against a peer that does not read, and onDrain says when it is 0 again', async () => {
  const { client, server, close } = await connectPair(createNodePlatform());
  client.connection.write(ascii('x'));
  await server.received(1);
  expect(client.connection.queuedBytes).toBe(0);
  server.connection.pause();
  const block = new Uint8Array(1_000_000);
  let written = 1;
  while (client.connection.queuedBytes === 0) {
    client.connection.write(block);
    written += block.length;
    await turn();
  }
  expect(client.told).toEqual(['connected']);
  server.connection.resume();
  await server.received(written);
  await turn();
  expect([client.connection.queuedBytes, client.told]).toEqual([0, ['connected', 'drain']]);
  close();
});

test('a refused connection is told as refused, once', async () => {
  const platform = createNodePlatform();
  const listener = await listen(platform, () => new End());
  listener.close();
  await turn();
  const client = new End();
  client.connection = platform.connectTcp({ remote: listener }, client);
  expect(await client.closed).toBe('refused');
  await turn();
  expect([client.told, platform.openResources()]).toEqual([['refused'], NOTHING_OPEN]);
});

test('abort resets the peer, and its own onClosed comes before it returns', async () => {
  const { client, server, close } = await connectPair(createNodePlatform());
  client.connection.abort();
  expect(client.told).toEqual(['connected', 'aborted']);
  expect(await server.closed).toBe('reset');
  client.connection.write(ascii('nothing'));
  client.connection.end();
  expect(client.connection.queuedBytes).toBe(0);
  close();
});

test('abort while connecting is told as aborted and leaves nothing open', async () => {
  const platform = createNodePlatform();
  const server = new End();
  const listener = await listen(platform, () => server);
  const client = new End();
  client.connection = platform.connectTcp({ remote: listener }, client);
  client.connection.abort();
  expect(client.told).toEqual(['aborted']);
  listener.close();
  await turn();
  await turn();
  expect(platform.openResources().listeners).toBe(0);
  expect(client.told).toEqual(['aborted']);
});

test('a handshake that gets no answer times out', async () => {
  // A full backlog of a listener that never accepts: further SYNs stay unanswered.
  const server = createServer().listen({ port: 0, host: LOOPBACK, backlog: 1 });
  await new Promise((resolve) => server.once('listening', resolve));
  const platform = createNodePlatform({ timeScale: 100 });
  const client = new End();
  // TEST-NET-1 of RFC 5737: nobody is there; where the machine knows at once, that is an answer as well.
  client.connection = platform.connectTcp(
    { remote: { address: '192.0.2.1', port: 9 }, timeoutMicros: 5_000_000 },
    client,
  );
  expect(await client.closed).toMatch(/timedOut|unreachable|refused|localError/);
  expect(client.told).toHaveLength(1);
  expect(platform.openResources()).toMatchObject({ timers: 0 });
  server.close();
});

test('a port in use is told as EADDRINUSE, and only the first listener counts', async () => {
  const platform = createNodePlatform();
  const listener = await listen(platform, () => new End());
  const code = await new Promise<string>((resolve) => {
    platform.listenTcp({ port: listener.port, address: LOOPBACK }, { onConnection: () => new End(), onError: resolve });
  });
  expect(code).toBe('EADDRINUSE');
  expect(platform.openResources().listeners).toBe(1);
  listener.close();
  listener.close();
  expect(platform.openResources().listeners).toBe(0);
});

test('a closed listener lets its connections live', async () => {
  const platform = createNodePlatform();
  const server = new End();
  const listener = await listen(platform, () => server);
  const client = new End();
  client.connection = platform.connectTcp({ remote: listener }, client);
  await Promise.all([client.connected, server.connected]);
  listener.close();
  client.connection.write(ascii('still here'));
  await server.received(10);
  client.connection.abort();
  await server.closed;
});

test('pause stops onData until resume, and end still sees the peer’s FIN', async () => {
  const { client, server, close } = await connectPair(createNodePlatform());
  server.connection.pause();
  client.connection.write(ascii('held'));
  for (let i = 0; i < 5; i++) await turn();
  expect(server.data).toEqual([]);
  server.connection.resume();
  await server.received(4);
  server.connection.pause();
  client.connection.write(ascii('unread'));
  for (let i = 0; i < 5; i++) await turn();
  server.connection.end();
  await client.ended;
  client.connection.end();
  expect(await server.closed).toBe('closed');
  close();
});

test('bindAddress is where a listener goes that names no address', async () => {
  const platform = createNodePlatform({ bindAddress: LOOPBACK });
  const local = await new Promise<{ address: string }>((resolve) => {
    const listener = platform.listenTcp(
      { port: 0 },
      {
        onListening: (at) => {
          listener.close();
          resolve(at);
        },
        onConnection: () => new End(),
        onError: () => undefined,
      },
    );
  });
  expect(local.address).toBe(LOOPBACK);
});

test('a foreign peer that resets is told as reset', async () => {
  const platform = createNodePlatform();
  const server = new End();
  const listener = await listen(platform, () => server);
  const foreign = connect({ port: (listener as unknown as AddressInfo).port, host: LOOPBACK });
  await server.connected;
  foreign.resetAndDestroy();
  expect(await server.closed).toBe('reset');
  listener.close();
});

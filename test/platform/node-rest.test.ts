import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FileStore, UdpSocket } from '../../spec/platform.ts';
import { rapidEngineFactory } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';
import { LOOPBACK, turn } from './ends.ts';

const timer = (platform: ReturnType<typeof createNodePlatform>, delayMicros: number): Promise<number> =>
  new Promise((resolve) => {
    const startMicros = platform.monotonicMicros();
    platform.setTimer(delayMicros, () => resolve(platform.monotonicMicros() - startMicros));
  });

test('timers never fire before their time on the clock that callers see', async () => {
  const platform = createNodePlatform();
  const elapsed = await Promise.all([0, 900, 5000, 20_000].map((delay) => timer(platform, delay)));
  [0, 900, 5000, 20_000].forEach((delay, i) => expect(elapsed[i]).toBeGreaterThanOrEqual(delay));
  expect(platform.openResources().timers).toBe(0);
});

test('timeScale makes clocks and timers run faster alike', async () => {
  const platform = createNodePlatform({ timeScale: 100 });
  const realStart = performance.now();
  const wallStart = platform.wallMillis();
  const elapsed = await timer(platform, 3_000_000);
  const realMillis = performance.now() - realStart;
  expect(elapsed).toBeGreaterThanOrEqual(3_000_000);
  expect(realMillis).toBeGreaterThanOrEqual(29);
  expect(elapsed / 1000 / realMillis).toBeGreaterThan(90);
  expect(elapsed / 1000 / realMillis).toBeLessThan(101);
  expect(platform.wallMillis() - wallStart).toBeGreaterThanOrEqual(3000);
});

test.each([0, -1, Number.NaN, Infinity])('a timeScale of %d is refused', (timeScale) => {
  expect(() => createNodePlatform({ timeScale })).toThrow(RangeError);
});

test('a cancelled timer does not fire, and cancelling twice or late is harmless', async () => {
  const platform = createNodePlatform();
  let fired = 0;
  const early = platform.setTimer(1000, () => fired++);
  early.cancel();
  early.cancel();
  const late = platform.setTimer(0, () => fired++);
  await timer(platform, 3000);
  late.cancel();
  expect([fired, platform.openResources().timers]).toEqual([1, 0]);
});

test('delays beyond what Node can wait are kept', async () => {
  const platform = createNodePlatform();
  let fired = false;
  const far = platform.setTimer(30 * 86_400 * 1_000_000, () => (fired = true));
  await timer(platform, 5000);
  expect([fired, platform.openResources().timers]).toEqual([false, 1]);
  far.cancel();
});

test('datagrams travel, a too large one is refused, a closed socket is silent', async () => {
  const platform = createNodePlatform();
  const got = { resolve: (_: unknown): void => undefined };
  const message = new Promise((resolve) => (got.resolve = resolve));
  const sockets: UdpSocket[] = [];
  const bound = (onMessage: (bytes: Uint8Array) => void, onError: (code: string) => void): Promise<{ port: number }> =>
    new Promise((resolve) => {
      sockets.push(
        platform.bindUdp(
          { address: LOOPBACK, port: 0 },
          { onMessage: (bytes) => onMessage(bytes.slice()), onError, onListening: resolve },
        ),
      );
    });
  const errors: string[] = [];
  const receiver = await bound(got.resolve, () => undefined);
  await bound(
    () => undefined,
    (code) => errors.push(code),
  );
  const bytes = Uint8Array.of(1, 2, 3);
  sockets[1]!.send(bytes, { address: LOOPBACK, port: receiver.port });
  bytes.fill(0);
  expect(await message).toEqual(Uint8Array.of(1, 2, 3));
  sockets[1]!.send(new Uint8Array(65_508), { address: LOOPBACK, port: receiver.port });
  expect(errors).toEqual(['EMSGSIZE']);
  expect(platform.openResources().udpSockets).toBe(2);
  for (const socket of sockets) socket.close();
  sockets[1]!.close();
  sockets[1]!.send(bytes, { address: LOOPBACK, port: receiver.port });
  expect(platform.openResources().udpSockets).toBe(0);
});

const exercise = (store: FileStore): void => {
  expect(store.read('a/b')).toBeUndefined();
  const bytes = Uint8Array.of(1, 2);
  store.write('a/b', bytes);
  bytes.fill(9);
  store.write('a/../../c', Uint8Array.of(3));
  store.write('b', new Uint8Array(0));
  expect(store.read('a/b')).toEqual(Uint8Array.of(1, 2));
  expect(store.list('a/')).toEqual(['a/../../c', 'a/b']);
  store.write('a/b', Uint8Array.of(4));
  expect(store.read('a/b')).toEqual(Uint8Array.of(4));
  store.remove('a/b');
  store.remove('a/b');
  expect(store.list('')).toEqual(['a/../../c', 'b']);
};

test('the file store keeps copies under any path, in memory or in a directory that outlives the platform', () => {
  exercise(createNodePlatform().store);
  const storeDirectory = mkdtempSync(join(tmpdir(), 'store-'));
  try {
    exercise(createNodePlatform({ storeDirectory }).store);
    expect(createNodePlatform({ storeDirectory }).store.list('')).toEqual(['a/../../c', 'b']);
  } finally {
    rmSync(storeDirectory, { recursive: true });
  }
});

test('the rest of the port: addresses, randomness, log', () => {
  const lines: string[] = [];
  const platform = createNodePlatform({
    log: (level, message) => lines.push(`${level} ${message}`),
    randomUint32: () => 7,
  });
  expect(platform.localAddresses()).toContain(LOOPBACK);
  expect(platform.localAddresses().at(-1)).toMatch(/^127\./);
  platform.log('warn', 'text');
  expect([lines, platform.randomUint32()]).toEqual([['warn text'], 7]);
  const drawn = createNodePlatform().randomUint32();
  expect(Number.isInteger(drawn) && drawn >= 0 && drawn <= 0xffff_ffff).toBe(true);
});

test('a process that was busy past a timeout reads what came in time before it times anybody out', async () => {
  const platform = createNodePlatform({ timeScale: 100, bindAddress: LOOPBACK });
  const server = rapidEngineFactory.createServerEngine(platform);
  await server.initialize(0, null);
  const alice = rapidEngineFactory.createPassiveEngine(platform);
  await alice.initialize('alice', null, LOOPBACK, server.port, null);
  alice.customizeOutter.send(1, null);
  await turn();
  // Half a second is 50 s of the platform's time: longer than the server waits for a sign of life.
  const until = performance.now() + 500;
  alice.customizeOutter.send(2, null);
  while (performance.now() < until);
  await alice.basicOutter.ping();
  expect(server.userManager.isUserOnLine('alice')).toBe(true);
  alice.close();
  server.close();
  while (platform.openResources().connections > 0) await turn();
});

test('engines run on it, seconds in a fraction of one, and leave nothing behind', async () => {
  const platform = createNodePlatform({ timeScale: 20, bindAddress: LOOPBACK });
  const server = rapidEngineFactory.createServerEngine(platform);
  await server.initialize(0, { handleInformation: () => undefined, handleQuery: (_source, _type, info) => info });
  const alice = rapidEngineFactory.createPassiveEngine(platform);
  alice.waitResponseTimeoutInSecs = 4;
  const received = new Promise((resolve) => {
    void alice
      .initialize('alice', null, LOOPBACK, server.port, {
        handleInformation: (source, type, info) =>
          resolve([source, type, info?.length, info?.every((byte) => byte === 3)]),
        handleQuery: () => null,
      })
      .then(() => server.customizeController.sendBlob('alice', 5, new Uint8Array(300_000).fill(3), 1000));
  });
  expect(await received).toEqual([null, 5, 300_000, true]);
  expect(await alice.customizeOutter.query(1, Uint8Array.of(1))).toEqual(Uint8Array.of(1));
  await expect(alice.customizeOutter.query('nobody', 1, null)).rejects.toMatchObject({ code: 'E_TIMEOUT' });
  expect(server.userManager.isUserOnLine('alice')).toBe(true);
  const goodbye = new Promise<number>((resolve) =>
    server.userManager.someOneDisconnected.add((_user, type) => resolve(type)),
  );
  alice.close();
  expect(await goodbye).toBe(0);
  server.close();
  while (platform.openResources().connections > 0) await turn();
  expect(platform.openResources()).toEqual({ connections: 0, listeners: 0, udpSockets: 0, timers: 0, files: 0 });
});

/**
 * Planted nondeterminisms: each is a way in which a run came to depend on something other than its seed, as small as it
 * can be. `value(index, world)` gives the byte that the next packet of the run carries, and thereby makes the fault an
 * event. None of them is used outside of the tests that look whether they are found.
 *
 * What is taken hold of at the top of this file was captured before any guard, as a careless module would have done.
 */
import { createHash, generateKeyPairSync, pbkdf2, randomBytes, randomInt, scrypt } from 'node:crypto';
import { lookup } from 'node:dns';
import { readFile as readFileCallback } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { freemem, hostname } from 'node:os';
import { setTimeout as sleepReally } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import { MessageChannel as NodeMessageChannel, Worker } from 'node:worker_threads';
import { deflate } from 'node:zlib';
import type { World } from '../../sim/index.ts';

export type Planted = {
  readonly name: string;
  /** Who has to find it. */
  readonly by: 'guard' | 'report';
  readonly value: (index: number, world: World) => number | Promise<number>;
};

const captured = {
  now: Date.now.bind(Date),
  random: Math.random.bind(Math),
  performanceNow: performance.now.bind(performance),
  hrtime: process.hrtime.bind(process),
  setTimeout: globalThis.setTimeout,
  setImmediate: globalThis.setImmediate,
  getRandomValues: crypto.getRandomValues.bind(crypto),
  randomUUID: crypto.randomUUID.bind(crypto),
  readFile,
  deflate,
  heap: getHeapStatistics,
  MessageChannel: NodeMessageChannel,
  WeakRef: globalThis.WeakRef,
};

/** State that a careless module keeps from one run to the next. */
let counter = 0;
let flips = 0;
let completions = 0;
const identities = new Map<object, number>();
const registry = new Map<object, string>();
const listeners = new Set<string>();
const addressBook: Record<string, number> = {};
const pattern = /a/g;
const pool: Uint8Array[] = [];

function identityOf(thing: object): number {
  if (!identities.has(thing)) identities.set(thing, identities.size);
  return identities.get(thing)!;
}

/** Counts what real things have completed so far; which events see which count is up to the machine. */
function completed(): void {
  completions += 1;
}

/** So often that no two runs of a machine can be alike in how long each time took. */
async function often(real: () => Promise<unknown>): Promise<void> {
  for (let count = 0; count < 20; count += 1) await real();
}

/** How many simulated sleeps pass until a real thing is done: another number each time. */
async function sleepsUntil(world: World, real: Promise<unknown>): Promise<number> {
  const state = { isDone: false };
  void real.then(() => (state.isDone = true));
  let sleeps = 0;
  for (; !state.isDone; sleeps += 1) await world.sleep(1);
  return sleeps;
}

const guard = (name: string, value: Planted['value']): Planted => ({ name, by: 'guard', value });
const report = (name: string, value: Planted['value']): Planted => ({ name, by: 'report', value });

const text = new TextEncoder();
const hashed = (words: string): number => createHash('sha1').update(words).digest()[0]!;

export const PLANTED: readonly Planted[] = [
  // Asked of the machine by name: the guard's business.
  guard('Date.now', () => Date.now()),
  guard('new Date()', () => new Date().getTime()),
  guard('Math.random', () => Math.random() * 256),
  guard('performance.now', () => performance.now() * 1000),
  guard('performance.mark', () => performance.mark('x').startTime),
  guard('process.hrtime', () => process.hrtime()[1]),
  guard('process.hrtime.bigint', () => Number(process.hrtime.bigint() & 255n)),
  guard('process.uptime', () => process.uptime() * 1e6),
  guard('process.pid', () => process.pid),
  guard('process.env', () => hashed(process.env.HOME ?? '')),
  guard('process.memoryUsage', () => process.memoryUsage().heapUsed),
  guard('the working directory', () => hashed(process.cwd())),
  guard('crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(1))[0]!),
  guard('randomBytes of node:crypto', () => randomBytes(1)[0]!),
  guard('randomInt of node:crypto', () => randomInt(256)),
  guard('a generated key', () =>
    hashed(generateKeyPairSync('ed25519').publicKey.export({ format: 'pem', type: 'spki' }).toString()),
  ),
  guard('setTimeout', (index) => {
    setTimeout(completed, index);
    return completions;
  }),
  guard('setImmediate', () => {
    setImmediate(completed);
    return completions;
  }),
  guard('setTimeout of node:timers/promises', () => {
    void sleepReally(1).then(completed);
    return completions;
  }),
  guard('AbortSignal.timeout', () => (AbortSignal.timeout(1).aborted ? 1 : 0)),
  guard('readFile of node:fs', () => {
    readFileCallback(import.meta.filename, completed);
    return completions;
  }),
  guard('readFile of node:fs/promises', () => {
    void readFile(import.meta.filename).then(completed);
    return completions;
  }),
  guard('zlib on the thread pool', () => {
    deflate(new Uint8Array(1000), completed);
    return completions;
  }),
  guard('a password hash on the thread pool', () => {
    pbkdf2('a', 'b', 1, 8, 'sha1', completed);
    return completions;
  }),
  guard('scrypt on the thread pool', () => {
    scrypt('a', 'b', 8, { N: 2 }, completed);
    return completions;
  }),
  guard('crypto.subtle', () => {
    void crypto.subtle.digest('SHA-256', new Uint8Array(1)).then(completed);
    return completions;
  }),
  guard('a name looked up', () => {
    lookup('localhost', completed);
    return completions;
  }),
  guard('fetch', () => {
    fetch('http://localhost').catch(completed);
    return completions;
  }),
  guard('a worker', () => {
    new Worker('0', { eval: true }).on('exit', completed);
    return completions;
  }),
  guard('a message channel', () => {
    new MessageChannel().port1.close();
    return completions;
  }),
  guard('WeakRef', () => (new WeakRef({}).deref() === undefined ? 1 : 0)),
  guard('a WeakRef made before', () => (heldWeakly.deref() === undefined ? 1 : 0)),
  guard('FinalizationRegistry', () => {
    new FinalizationRegistry(completed).register({}, 1);
    return completions;
  }),
  guard('Atomics.wait', () => (Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1) === 'ok' ? 1 : 0)),
  guard('the time zone', () => new Date(0).getHours()),
  guard('a date of parts in local time', () => new Date(2024, 6, 1).getTime() / 3_600_000),
  guard('the text of a date', () => hashed(String(new Date(0)))),
  guard('the default locale of a comparison', () => 'a'.localeCompare('Z') + 1),
  guard('the default locale of a number', () => hashed((1234.5).toLocaleString())),
  guard('Intl without a locale', () => hashed(new Intl.DateTimeFormat().resolvedOptions().locale)),
  guard('the name of the machine', () => hashed(hostname())),
  guard('free memory', () => freemem() / 4096),

  // Beyond the reach of a guard: only the comparison of two runs shows these.
  report('Date.now, captured before', () => captured.now() * 16),
  report('Math.random, captured before', () => captured.random() * 256),
  report('performance.now, captured before', () => captured.performanceNow() * 1000),
  report('process.hrtime, captured before', () => captured.hrtime()[1] >>> 4),
  report('random values, captured before', () => captured.getRandomValues(new Uint8Array(1))[0]!),
  report('a random UUID, captured before', () => hashed(captured.randomUUID())),
  report('the size of the heap, captured before', () => captured.heap().used_heap_size >>> 3),
  report('a real timer that races the run', (_index, world) =>
    sleepsUntil(world, new Promise((resolve) => captured.setTimeout(resolve, 0))),
  ),
  report('a real turn of the event loop', () => {
    captured.setImmediate(completed);
    return completions;
  }),
  report('completion of a file read', (_index, world) =>
    sleepsUntil(
      world,
      often(() => captured.readFile(import.meta.filename)),
    ),
  ),
  report('completion order on the thread pool', async (_index, world) => {
    const order: number[] = [];
    const job = (which: number, sizeBytes: number): Promise<void> =>
      new Promise((resolve) => captured.deflate(new Uint8Array(sizeBytes), () => resolve(void order.push(which))));
    const sleeps = await sleepsUntil(world, Promise.all([1, 2, 3, 4].map((which) => job(which, 50_000 - which))));
    return order.reduce((sum, which) => sum * 5 + which, sleeps);
  }),
  report('Promise.race of a simulated and a real promise', async (_index, world) => {
    const real = often(() => captured.readFile(import.meta.filename));
    const simulated = world.sleep(1_000_000).then(() => 0);
    return Promise.race([simulated, sleepsUntil(world, real)]);
  }),
  report('a worker message', async (_index, world) => {
    const { port1, port2 } = new captured.MessageChannel();
    const received = new Promise((resolve) => port2.once('message', resolve));
    port1.postMessage(1);
    const sleeps = await sleepsUntil(world, received);
    port2.close();
    // Where a message always takes the same number of turns, it still leaves its mark on what comes after it.
    return sleeps + (completions += 1);
  }),
  report('a Map keyed by object identity', () => identityOf({})),
  report('a Map of hosts that outlives its world', (_index, world) => {
    registry.set(world, 'world');
    return [...registry.keys()].indexOf(world);
  }),
  report('a counter of a module', () => (counter += 1)),
  report('a Set of listeners that is never emptied', () => {
    listeners.add(`listener ${listeners.size}`);
    return listeners.size;
  }),
  report('integer-like keys in ascending instead of given order', () => {
    // Number 9, 10, 11: which comes first as a text, and which as a key, depends on how many there were before.
    addressBook[`${(counter += 1)}`] = counter;
    return hashed(
      Object.keys(addressBook)
        .slice(-3)
        .sort()
        .map((key) => key.slice(-1))
        .join(),
    );
  }),
  report('an inconsistent comparator', () => {
    const order = ['a', 'b', 'c', 'd', 'e'].sort(() => ((flips = (flips * 5 + 1) % 1024) & 64) - 32);
    return hashed(order.join());
  }),
  report('a random comparator', () => hashed(['a', 'b', 'c', 'd'].sort(() => captured.random() - 0.5).join())),
  report('an unordered tie', async (_index, world) => {
    // Two events planned for one time, in the order in which two real things end.
    const order: number[] = [];
    const atMicros = world.nowMicros + 1_000_000;
    const plan = (which: number): Promise<void> =>
      new Promise((resolve) =>
        captured.deflate(new Uint8Array(30_000), () => {
          world.at(atMicros, () => order.push(which));
          resolve();
        }),
      );
    await sleepsUntil(world, Promise.all([1, 2].map(plan)));
    await world.sleep(atMicros - world.nowMicros);
    return order.reduce((sum, each) => sum * 3 + each, 0);
  }),
  report('the text of a stack', () => hashed(new Error('where').stack ?? '')),
  report('lastIndex of a regular expression of a module', () => (pattern.test('aaaaaa') ? pattern.lastIndex : 0)),
  report('bytes left in a pooled buffer', (index) => {
    const bytes = pool.pop() ?? new Uint8Array(4);
    pool.push(bytes);
    bytes.set(text.encode(String(index % 10)), 1);
    return bytes[0]!++;
  }),
];

const heldWeakly = new captured.WeakRef({ held: true });

/** Exploring finds what only one order shows, repeats it from a file, and finds nothing where nothing is. */
import { expect, test } from 'vitest';
import { StoredWay } from '../../scenarios/exhaustive/choice-tree.ts';
import { explore, messageOf } from '../../scenarios/exhaustive/explore.ts';
import type { Explorable, Exploration } from '../../scenarios/exhaustive/explore.ts';
import { MODELS } from '../../scenarios/exhaustive/models/index.ts';
import { parseSchedule, storedSchedule } from '../../scenarios/exhaustive/schedule-file.ts';
import { worldModel } from '../../scenarios/exhaustive/world-model.ts';
import type { ScheduleLimits } from '../../scenarios/exhaustive/arena.ts';

function all(model: Explorable, limits: Partial<ScheduleLimits> = {}, reduce = false): Promise<Exploration> {
  return explore(model, {
    seed: 1,
    limits: { ...model.limits, ...limits },
    reduce,
    schedulesMax: 100_000,
    isOver: () => false,
    goOn: true,
  });
}

/** Three clients send two datagrams each to one server, which breaks when they come in exactly the order that is wrong. */
const planted = worldModel({
  name: 'planted',
  title: 'a server with a fault that one of 720 orders shows',
  limits: {},
  play({ world, internet, arena }) {
    const order: string[] = [];
    const server = internet.host('server').platform();
    arena.controlAllFrom('internet');
    const onMessage = (bytes: Uint8Array): void => void order.push(String.fromCharCode(...bytes));
    server.bindUdp({ port: 9 }, { onMessage });
    const to = { address: server.localAddresses()[0]!, port: 9 };
    for (const name of ['a', 'b', 'c']) {
      const socket = internet
        .host(name)
        .platform()
        .bindUdp({ port: 9 }, { onMessage: () => undefined });
      world.runUntil(world.nowMicros + 1);
      for (const number of [1, 2])
        socket.send(
          Uint8Array.from(`${name}${number}`, (each) => each.charCodeAt(0)),
          to,
        );
    }
    world.runUntil(1_000_000);
    if (order.join(' ') === 'c2 a1 b2 c1 b1 a2') throw new Error('the server breaks');
    return order.join(' ');
  },
});

test('a fault that one of 720 orders shows is found, and its schedule shows it again from a file', async () => {
  const found = await all(planted);
  expect(found).toMatchObject({ schedules: 720, digests: 720, isExhausted: true, share: 1, failureCount: 1 });
  expect(found.outcomes.size).toBe(720);
  const [{ choices, message, digest }] = found.failures as [Exploration['failures'][0]];
  const { limits, name } = planted;
  const stored = storedSchedule({
    version: '0.1.0',
    kind: 'model',
    name,
    seed: 1,
    limits,
    choices,
    found: { message, digest },
  });
  const read = parseSchedule(JSON.stringify(stored));
  expect(read).toEqual(stored);
  const end = await planted.run({ seed: read.seed, limits: read.limits, chooser: new StoredWay(read.choices) });
  expect([messageOf(end.error), end.digest]).toEqual([read.found.message, read.found.digest]);
  const usual = await planted.run({ seed: 1, limits, chooser: new StoredWay([]) });
  expect(usual).toMatchObject({ outcome: 'a1 a2 b1 b2 c1 c2' });
});

test('in order on each way there is one order only, because one way leads to the server', async () => {
  expect(await all(planted, { order: 'fifo' })).toMatchObject({ schedules: 1, failureCount: 0 });
});

test('each way to spend one fault on one packet is gone: none, lost, twice, late', async () => {
  const one = await all(planted, { packetsMax: 1, faultsMax: 1, lateMicros: 500_000 });
  // The packet waits to be chosen while the others pass; late, it comes last as well.
  expect([...one.outcomes].sort(([a], [b]) => a.length - b.length)).toEqual([
    ['a2 b1 b2 c1 c2', 1],
    ['a2 b1 b2 c1 c2 a1', 2],
    ['a2 b1 b2 c1 c2 a1 a1', 1],
  ]);
});

test('the budget ends it, and that is said', async () => {
  const options = { seed: 1, limits: planted.limits, reduce: false, isOver: () => false };
  expect(await explore(planted, { ...options, schedulesMax: 100 })).toMatchObject({
    schedules: 100,
    isExhausted: false,
  });
  const found = await explore(planted, { ...options, schedulesMax: 100_000 });
  expect(found).toMatchObject({ failureCount: 1, isExhausted: false });
});

test.each([
  'tcp-open',
  'tcp-close',
  'tcp-reopen',
  'tcp-data',
  'query',
  'ack',
  'relogon',
  'relogon-ignored',
  'takeover',
  'rudp',
])(
  '%s: no order of a few packets with one fault among them fails, and the reduction misses no outcome',
  async (name) => {
    const model = MODELS.get(name)!;
    const limits = { packetsMax: name.startsWith('tcp') ? 3 : 2, faultsMax: 1 };
    const [full, reduced] = [await all(model, limits), await all(model, limits, true)];
    expect([full.failures, reduced.failures]).toEqual([[], []]);
    // Two packets of engines may all be for one site.
    if (name.startsWith('tcp')) expect(full.schedules).toBeGreaterThan(reduced.schedules);
    else expect(full.schedules).toBeGreaterThanOrEqual(reduced.schedules);
    expect(reduced.schedules).toBeGreaterThanOrEqual(10);
    expect([...reduced.outcomes.keys()].sort()).toEqual([...full.outcomes.keys()].sort());
  },
);

test.each([
  ['{', 'it is not JSON'],
  ['{"schema":1,"case":"X"}', 'it is no stored schedule'],
  ['{"schema":1,"limits":{},"version":"1","kind":"model","name":"x","seed":1}', '"limits" is {}; it must be'],
])('%s is refused', (text, message) => {
  expect(() => parseSchedule(text)).toThrow(message);
});

import { describe, expect, it } from 'vitest';
import { Host, Internet, Router, World, connectNodes, parseAddress, parsePrefix, registryOf } from '../../sim/index.ts';
import { Recorder, aConnectedPair, aPair, bytesOf, dial, listen } from './helpers.ts';

const SECOND = 1_000_000;
const NOTHING = { timers: 0, connections: 0, listeners: 0, udpSockets: 0 };

describe('timers and clocks of a host', () => {
  it('fires once, at its time, unless cancelled', () => {
    const { world, alice } = aPair();
    const platform = alice.platform();
    const fired: number[] = [];
    platform.setTimer(500, () => fired.push(world.nowMicros));
    const cancelled = platform.setTimer(500, () => fired.push(-1));
    const late = platform.setTimer(900, () => fired.push(world.nowMicros));
    cancelled.cancel();
    cancelled.cancel();
    expect(alice.openResources().timers).toBe(2);
    world.runUntil(1_000);
    late.cancel();
    expect(fired).toEqual([500, 900]);
    expect(alice.openResources()).toEqual(NOTHING);
    expect(() => platform.setTimer(1.5, () => undefined)).toThrow('delayMicros is 1.5');
  });

  it.each([-200_000, -37, 0, 41, 250_000])(
    'with a drift of %d ppm, never fires before its own clock says so',
    (driftPpm) => {
      const { world, alice } = aPair({ alice: { clock: { driftPpm } } });
      const platform = alice.platform();
      world.runUntil(123_457);
      for (const delayMicros of [0, 1, 7, 999_999, 1_000_000, 86_400_000_000 / 7]) {
        const delay = Math.floor(delayMicros);
        const started = platform.monotonicMicros();
        let fired = -1;
        platform.setTimer(delay, () => (fired = platform.monotonicMicros()));
        world.runUntil(world.nowMicros + 2 * delay + 10);
        expect(fired - started).toBeGreaterThanOrEqual(delay);
        expect(fired - started).toBeLessThanOrEqual(delay + 2);
      }
      const expected = world.nowMicros + Math.floor((world.nowMicros * driftPpm) / 1_000_000);
      expect(Math.abs(platform.monotonicMicros() - expected)).toBeLessThanOrEqual(1);
    },
  );

  it('steps the wall clock without moving the monotonic one, and keeps both going on a change of drift', () => {
    const { world, alice, bob } = aPair({ epochMillis: 1_000_000, alice: { clock: { offsetMicros: -5_000_000 } } });
    const platform = alice.platform();
    world.runUntil(2 * SECOND);
    expect([platform.wallMillis(), platform.monotonicMicros()]).toEqual([997_000, 2 * SECOND]);
    expect(bob.platform().wallMillis()).toBe(1_002_000);
    alice.clock.step(60 * SECOND);
    expect([platform.wallMillis(), platform.monotonicMicros()]).toEqual([1_057_000, 2 * SECOND]);
    alice.clock.setDrift(-500_000);
    let fired = 0;
    platform.setTimer(SECOND, () => (fired = world.nowMicros));
    world.runUntil(10 * SECOND);
    expect(fired).toBe(4 * SECOND);
    expect(platform.monotonicMicros()).toBe(6 * SECOND);
  });

  it('waits on when the clock is slowed down meanwhile', () => {
    const { world, alice } = aPair();
    let fired = 0;
    alice.platform().setTimer(2 * SECOND, () => (fired = world.nowMicros));
    world.runUntil(SECOND);
    alice.clock.setDrift(-500_000);
    world.runUntil(10 * SECOND);
    expect(fired).toBe(3 * SECOND);
  });
});

describe('the life of a host', () => {
  it('draws, stores and logs through its platform', () => {
    const { world, alice, bob } = aPair({ traceRecords: 10 });
    const seen: string[] = [];
    world.onLog((line) => seen.push(`${line.host} ${line.level} ${line.message}`));
    alice.platform().log('warn', 'hello');
    expect(seen).toEqual(['alice warn hello']);
    expect(world.trace.records().at(-1)).toMatchObject({ kind: 'log', subject: 'alice', text: 'warn: hello' });
    const draws = [alice, bob, alice].map((host) => host.platform().randomUint32());
    expect(new Set(draws).size).toBe(3);
    const { store } = alice.platform();
    const bytes = bytesOf('abc');
    store.write('b/1', bytes);
    store.write('a', bytes);
    store.write('b/0', bytes);
    bytes.fill(0);
    expect(store.read('a')).toEqual(bytesOf('abc'));
    expect(store.list('b/')).toEqual(['b/0', 'b/1']);
    store.remove('b/0');
    expect([store.list('b/'), store.read('b/0')]).toEqual([['b/1'], undefined]);
  });

  it('crashes without a word: no FIN, no timer, no callback, and a dead platform', () => {
    const { world, alice, bob, client, server } = aConnectedPair();
    const old = bob.platform();
    let fired = 0;
    old.setTimer(10, () => (fired += 1));
    old.bindUdp({ port: 9 }, { onMessage: () => (fired += 1) });
    const sent = registryOf(world).link('bob-internet').forward.statistics;
    bob.crash();
    const before = sent.sentPackets;
    expect(bob.openResources()).toEqual(NOTHING);
    server.connection!.write(bytesOf('from the grave'));
    server.connection!.end();
    old.setTimer(10, () => (fired += 1));
    const socket = old.bindUdp({ port: 10 }, { onMessage: () => (fired += 1), onListening: () => (fired += 1) });
    socket.send(bytesOf('x'), { address: alice.platform().localAddresses()[0]!, port: 1 });
    old.listenTcp({ port: 5 }, { onConnection: () => new Recorder(), onError: () => (fired += 1) });
    const dead = dial(old, alice, 80);
    old.store.write('late', bytesOf('x'));
    expect(() => bob.platform()).toThrow("host 'bob' is down");
    world.runUntil(10 * SECOND);
    expect([fired, sent.sentPackets - before, server.events, dead.events]).toEqual([0, 0, [], []]);
    expect(client.events).toEqual(['connected']);
    expect(bob.restart()).not.toBe(old);
    expect(bob.platform().store.read('late')).toBeUndefined();
    // The old platform stays dead after the restart.
    old.setTimer(10, () => (fired += 1));
    world.runUntil(11 * SECOND);
    expect(fired).toBe(0);
    expect(() => bob.restart()).toThrow('is up');
  });

  it('crashes inside its own handlers, and nothing more is told', () => {
    const { world, bob, client, server } = aConnectedPair();
    server.connection!.pause();
    server.onData = () => {
      server.events.push('data');
      bob.crash();
    };
    client.connection!.write(bytesOf('a'));
    client.connection!.end();
    world.runUntil(2 * SECOND);
    server.connection!.resume();
    world.runUntil(3 * SECOND);
    expect(server.events).toEqual(['data']);
    expect(bob.openResources()).toEqual(NOTHING);
  });

  it('keeps its store over a crash, or loses it', () => {
    const { alice } = aPair();
    alice.platform().store.write('a', bytesOf('1'));
    alice.crash();
    expect(alice.restart().store.read('a')).toEqual(bytesOf('1'));
    alice.crash({ store: 'lose' });
    expect(alice.restart().store.read('a')).toBeUndefined();
  });

  it('paused, its kernel acknowledges and buffers; resumed, the process catches up in order', () => {
    const { world, bob, alice, client, server } = aConnectedPair();
    const seen: string[] = [];
    const platform = bob.platform();
    const udp = platform.bindUdp({ port: 9 }, { onMessage: (bytes) => seen.push(`udp ${bytes.length}`) });
    platform.setTimer(SECOND, () => seen.push('timer'));
    server.onData = (bytes) => seen.push(String.fromCharCode(...bytes));
    bob.pause();
    client.connection!.write(bytesOf('one'));
    const socket = alice.platform().bindUdp({ port: 0 }, { onMessage: () => undefined });
    socket.send(new Uint8Array(3), { address: platform.localAddresses()[0]!, port: 9 });
    const late = dial(alice.platform(), platform.localAddresses()[0]!, 80);
    late.connection!.write(bytesOf('hello'));
    client.connection!.write(bytesOf('two'));
    client.connection!.end();
    world.runUntil(5 * SECOND);
    expect(seen).toEqual([]);
    expect(server.events).toEqual([]);
    // The handshake and the acknowledgments came from the kernel.
    expect(late.events).toEqual(['connected', 'drain']);
    expect(bob.isPaused).toBe(true);
    bob.resume();
    expect(seen).toEqual([]);
    world.runUntil(6 * SECOND);
    expect(seen).toEqual(['timer', 'udp 3', 'one', 'two']);
    expect(server.events).toEqual(['end']);
    expect(bob.openResources()).toMatchObject({ connections: 2 });
    udp.close();
  });

  it('paused, it accepts one more than its backlog, as Linux does', () => {
    const { world, bob, alice } = aPair();
    const accepted: Recorder[] = [];
    const handlers = {
      onConnection: () => {
        const recorder = new Recorder();
        accepted.push(recorder);
        return recorder;
      },
      onError: () => undefined,
    };
    bob.platform().listenTcp({ port: 80, backlog: 3 }, handlers);
    world.runUntil(1);
    bob.pause();
    const clients: Recorder[] = [];
    for (let index = 0; index < 6; index += 1) {
      clients.push(dial(alice.platform(), bob, 80));
      world.runUntil(world.nowMicros + 100_000);
    }
    expect(clients.filter(({ events }) => events.includes('connected')).length).toBe(4);
    bob.resume();
    world.runUntil(30 * SECOND);
    expect(accepted.length).toBe(6);
  });

  it('goes down while paused, and comes back unpaused', () => {
    const { world, bob } = aPair();
    let fired = 0;
    bob.platform().setTimer(10, () => (fired += 1));
    bob.pause();
    world.runUntil(20);
    bob.crash();
    bob.restart().setTimer(10, () => (fired += 10));
    world.runUntil(100);
    expect([fired, bob.isPaused]).toEqual([10, false]);
  });

  it('talks to itself', () => {
    const { world, alice } = aPair();
    const accepted: Recorder[] = [];
    listen(alice.platform(), 80, accepted);
    const byLoopback = dial(alice.platform(), '127.0.0.1', 80);
    const byAddress = dial(alice.platform(), alice, 80);
    byLoopback.connection!.write(bytesOf('loop'));
    world.runUntil(SECOND);
    expect([byLoopback.events, byAddress.events]).toEqual([['connected', 'drain'], ['connected']]);
    expect(accepted[0]!.text).toBe('loop');
    expect(registryOf(world).link('alice-internet').forward.statistics.sentPackets).toBe(0);
  });

  it('refuses names twice', () => {
    const { internet } = aPair();
    expect(() => internet.host('alice')).toThrow("'alice' is taken");
  });
});

describe('hosts and routers by hand', () => {
  it('routes by the longest prefix, over two routers, with a host in two networks', () => {
    const world = new World({ seed: 1 });
    const [left, right] = [new Router(world, 'left'), new Router(world, 'right')];
    const [client, server] = [new Host(world, 'client'), new Host(world, 'server')];
    const a = connectNodes(
      { node: client, address: parseAddress('10.0.0.2') },
      { node: left, address: parseAddress('10.0.0.1') },
    );
    const b = connectNodes(
      { node: left, address: parseAddress('10.9.0.1') },
      { node: right, address: parseAddress('10.9.0.2') },
    );
    const c = connectNodes(
      { node: right, address: parseAddress('10.1.0.1') },
      { node: server, address: parseAddress('10.1.0.2') },
    );
    const direct = connectNodes(
      { node: client, address: parseAddress('172.16.0.1') },
      { node: server, address: parseAddress('172.16.0.2') },
    );
    left.routes.addNetwork(parsePrefix('10.0.0.0/24'), a.right);
    left.routes.addNetwork(parsePrefix('0.0.0.0/0'), b.left);
    right.routes.addNetwork(parsePrefix('10.1.0.0/16'), c.left);
    right.routes.addNetwork(parsePrefix('10.0.0.0/8'), b.right);
    client.addRoute(parsePrefix('172.16.0.0/12'), direct.left);
    server.addRoute(parsePrefix('172.16.0.0/12'), direct.right);
    listen(server.platform(), 80);
    const far = dial(client.platform(), '10.1.0.2', 80);
    const near = dial(client.platform(), '172.16.0.2', 80);
    world.runUntil(100_000);
    expect([far.events, near.events]).toEqual([['connected'], ['connected']]);
    expect(b.link.forward.statistics.deliveredPackets).toBe(2);
    expect(near.connection!.local.address).toBe('172.16.0.1');
    expect(client.platform().localAddresses()).toEqual(['10.0.0.2', '172.16.0.1']);
  });

  it('ends a routing loop by the time to live', () => {
    const world = new World({ seed: 1 });
    const [left, right] = [new Router(world, 'left'), new Router(world, 'right')];
    const client = new Host(world, 'client');
    const a = connectNodes({ node: client, address: parseAddress('10.0.0.2') }, { node: left, address: 1 });
    const b = connectNodes({ node: left, address: 2 }, { node: right, address: 3 });
    left.routes.addHost(parseAddress('10.0.0.2'), a.right);
    left.routes.addNetwork(parsePrefix('0.0.0.0/0'), b.left);
    right.routes.addNetwork(parsePrefix('0.0.0.0/0'), b.right);
    const lost = dial(client.platform(), '192.0.2.1', 80);
    world.runUntil(SECOND);
    expect(lost.events).toEqual(['unreachable']);
    // 63 hops between the two, and the error on its way back.
    expect(b.link.forward.statistics.sentPackets + b.link.backward.statistics.sentPackets).toBe(64);
  });

  it('hands out addresses in order, and says when there are none left', () => {
    const internet = new Internet(new World({ seed: 1 }), { prefix: '192.0.2.0/29' });
    expect(internet.host('a').platform().localAddresses()).toEqual(['192.0.2.2']);
    expect(internet.host('b', { address: '192.0.2.5' }).platform().localAddresses()).toEqual(['192.0.2.5']);
    for (const name of ['c', 'd', 'e']) internet.host(name);
    expect(() => internet.host('f')).toThrow('192.0.2.0/29 has no free address left');
    expect(() => internet.host('g', { address: '192.0.2.5' })).toThrow('192.0.2.5 is taken');
    expect(() => internet.host('h', { address: '192.0.3.5' })).toThrow('not in the network');
  });
});

import { describe, expect, it } from 'vitest';
import { DROP_REASON, observe, BLIND_OBSERVER } from '../../sim/index.ts';
import type { World } from '../../sim/index.ts';
import { aConnectedPair, aPair, bytesOf, dial } from './helpers.ts';

const SECOND = 1_000_000;
const HOUR = 3_600 * SECOND;

function countDrops(world: World, reason: keyof typeof DROP_REASON): () => number {
  let count = 0;
  observe(world, {
    ...BLIND_OBSERVER,
    onDrop: (_subject, _packet, code) => {
      if (code === DROP_REASON[reason]) count += 1;
    },
  });
  return () => count;
}

describe('the clocks of a host that sleeps', () => {
  const WHILE: readonly ['stops' | 'goesOn', number, readonly string[]][] = [
    // Timers of 5 s, 20 s and 2 h, the lid closed from 10 s on for an hour.
    ['stops', 10 * SECOND, ['5 s at 5', '20 s at 3620', '2 h at 10800']],
    ['goesOn', 3_610 * SECOND, ['5 s at 5', '20 s at 3610', '2 h at 7200']],
  ];
  it.each(WHILE)('the monotonic one %s; timers fire by it', (whileAsleep, monotonic, expected) => {
    const { world, alice } = aPair({ epochMillis: 0, alice: { clock: { whileAsleep } } });
    const platform = alice.platform();
    const fired: string[] = [];
    const set = (seconds: number, text: string): void => {
      platform.setTimer(seconds * SECOND, () => fired.push(`${text} at ${world.nowMicros / SECOND}`));
    };
    set(20, '20 s');
    set(7_200, '2 h');
    set(5, '5 s');
    world.runUntil(10 * SECOND);
    alice.suspend();
    world.runUntil(1_810 * SECOND);
    // From outside the clocks can be read while it sleeps.
    expect([platform.wallMillis(), alice.isPaused, alice.isAsleep]).toEqual([1_810_000, true, true]);
    world.runUntil(3_610 * SECOND);
    alice.wake();
    expect([platform.monotonicMicros(), platform.wallMillis()]).toEqual([monotonic, 3_610_000]);
    world.runUntil(4 * HOUR);
    expect(fired).toEqual(expected);
    expect(platform.wallMillis()).toBe(4 * 3_600_000);
  });

  it('keeps drift and steps apart from the sleep', () => {
    const { world, alice } = aPair({ epochMillis: 0, alice: { clock: { driftPpm: 100_000 } } });
    const platform = alice.platform();
    world.runUntil(10 * SECOND);
    alice.suspend();
    world.runUntil(20 * SECOND);
    alice.clock.step(-3 * SECOND);
    alice.wake();
    world.runUntil(30 * SECOND);
    expect([platform.monotonicMicros(), platform.wallMillis()]).toEqual([22 * SECOND, 29_000]);
  });

  it('takes a timer set from outside while it sleeps', () => {
    const { world, alice } = aPair();
    const fired: number[] = [];
    world.runUntil(SECOND);
    alice.suspend();
    world.runUntil(100 * SECOND);
    alice.platform().setTimer(5 * SECOND, () => fired.push(world.nowMicros / SECOND));
    world.runUntil(200 * SECOND);
    alice.wake();
    world.runUntil(300 * SECOND);
    expect(fired).toEqual([205]);
  });
});

describe('the network of a host that sleeps', () => {
  it('is deaf and dumb: nothing is acknowledged, refused or sent', () => {
    const { world, alice, bob, client, server } = aConnectedPair();
    const drops = countDrops(world, 'suspended');
    bob.suspend();
    const said = bob.interfaces[0]!.out!.statistics;
    const before = said.sentPackets;
    client.connection!.write(bytesOf('into the void'));
    const dialled = dial(alice.platform(), bob, 81);
    world.runUntil(30 * SECOND);
    expect([dialled.events, said.sentPackets - before, server.text]).toEqual([[], 0, '']);
    expect(drops()).toBeGreaterThan(5);
    bob.wake();
    world.runUntil(90 * SECOND);
    // The repeats of the peer find it awake: what was sent arrives, what is closed is refused.
    expect([dialled.events, server.text]).toEqual([['refused'], 'into the void']);
  });

  it('wakes up to a dead connection when the peer has given up meanwhile, and learns it by RST', () => {
    const { world, bob, client, server } = aConnectedPair();
    bob.suspend();
    client.connection!.write(bytesOf('x'));
    world.runUntil(HOUR);
    expect([client.events, server.events]).toEqual([['connected', 'timedOut'], []]);
    bob.wake();
    server.connection!.write(bytesOf('still there?'));
    world.runUntil(HOUR + SECOND);
    expect(server.events).toEqual(['reset']);
  });

  it('counts the time of its kernel only while it is awake (jiffies of Linux)', () => {
    const { world, bob, alice, server } = aConnectedPair();
    // Nothing gets through any more, so the last word is repeated until the user timeout of 100 s.
    alice.crash();
    server.connection!.write(bytesOf('hello?'));
    world.runUntil(11 * SECOND);
    bob.suspend();
    world.runUntil(HOUR);
    bob.wake();
    world.runUntil(HOUR + 80 * SECOND);
    expect(server.events).toEqual([]);
    world.runUntil(HOUR + 250 * SECOND);
    expect(server.events).toEqual(['timedOut']);
  });

  it('keeps talking to itself afterwards', () => {
    const { world, alice } = aPair();
    const seen: number[] = [];
    const udp = alice.platform().bindUdp({ port: 9 }, { onMessage: (bytes) => seen.push(bytes.length) });
    udp.send(new Uint8Array(3), { address: '127.0.0.1', port: 9 });
    alice.suspend();
    world.runUntil(SECOND);
    expect(seen).toEqual([]);
    alice.wake();
    world.runUntil(2 * SECOND);
    expect(seen).toEqual([3]);
  });

  it('sleeps, is paused, crashes and comes back in any order', () => {
    const { world, bob } = aPair();
    const fired: string[] = [];
    bob.platform().setTimer(SECOND, () => fired.push('first life'));
    bob.suspend();
    bob.suspend();
    bob.pause();
    world.runUntil(5 * SECOND);
    bob.wake();
    bob.wake();
    world.runUntil(10 * SECOND);
    expect([fired, bob.isPaused, bob.isAsleep]).toEqual([[], true, false]);
    bob.resume();
    world.runUntil(11 * SECOND);
    expect(fired).toEqual(['first life']);
    bob.suspend();
    bob.crash();
    expect(() => bob.suspend()).toThrow("'bob' is down");
    bob.restart().setTimer(SECOND, () => fired.push('second life'));
    world.runUntil(12 * SECOND);
    expect([fired, bob.isPaused]).toEqual([['first life', 'second life'], false]);
  });
});

describe('a slow process', () => {
  it('learns of everything late, in order, in batches, while its kernel is fast', () => {
    const { world, alice, bob, client, server } = aConnectedPair();
    const seen: string[] = [];
    server.onData = (bytes) => seen.push(`${String.fromCharCode(...bytes)} at ${world.nowMicros - SECOND}`);
    bob.platform().setTimer(15_000, () => seen.push(`timer at ${world.nowMicros - SECOND}`));
    bob.slowDown({ delay: { kind: 'constant', micros: 100_000 } });
    client.connection!.write(bytesOf('one'));
    world.runUntil(SECOND + 60_000);
    client.connection!.write(bytesOf('two'));
    const unacknowledged = alice.interfaces[0]!.out!.statistics.sentPackets;
    world.runUntil(2 * SECOND);
    // The timer is the first piece of news, after 15 ms; both texts have come when the process gets its turn.
    expect(seen).toEqual(['timer at 115000', 'one at 115000', 'two at 115000']);
    expect(alice.interfaces[0]!.out!.statistics.sentPackets).toBe(unacknowledged);
    bob.slowDown();
    client.connection!.write(bytesOf('fast'));
    world.runUntil(3 * SECOND);
    expect(seen.at(-1)).toBe(`fast at ${SECOND + 20_000}`);
  });

  it('is busy for a while with every piece', () => {
    const { world, alice } = aPair();
    const fired: number[] = [];
    alice.slowDown({ busyMicros: 10_000 });
    for (let micros = 1_000; micros <= 5_000; micros += 1_000) {
      alice.platform().setTimer(micros, () => fired.push(world.nowMicros));
    }
    world.runUntil(SECOND);
    // The first at once; the four that came meanwhile together, after it is done with the first.
    expect(fired).toEqual([1_000, 11_000, 11_000, 11_000, 11_000]);
    alice.platform().setTimer(0, () => fired.push(world.nowMicros - SECOND));
    world.runUntil(2 * SECOND);
    expect(fired.at(-1)).toBe(0);
  });

  it('draws its delays from a stream of its own, and stays slow over a crash', () => {
    const times = [1, 2].map((seed) => {
      const { world, alice } = aPair({ seed });
      const fired: number[] = [];
      alice.slowDown({ delay: { kind: 'uniform', minMicros: 1, maxMicros: 1_000_000 } });
      alice.crash();
      const platform = alice.restart();
      const tick = (): void => {
        fired.push(world.nowMicros);
        if (fired.length < 20) platform.setTimer(1, tick);
      };
      platform.setTimer(1, tick);
      world.runUntil(60 * SECOND);
      return fired;
    });
    expect(new Set(times.flat()).size).toBe(40);
    expect(times[0]!.at(-1)).toBeGreaterThan(3 * SECOND);
  });

  it('is told nothing while it is paused or asleep, and is slow again afterwards', () => {
    const { world, alice } = aPair();
    const fired: number[] = [];
    alice.slowDown({ delay: { kind: 'constant', micros: SECOND } });
    alice.platform().setTimer(1, () => fired.push(world.nowMicros / SECOND));
    world.runUntil(10);
    alice.pause();
    world.runUntil(5 * SECOND);
    alice.resume();
    world.runUntil(10 * SECOND);
    expect(fired).toEqual([6]);
    expect(() => alice.slowDown({})).toThrow('nothing would be slow');
    expect(() => alice.slowDown({ busyMicros: -1 })).toThrow('busyMicros is -1');
  });
});

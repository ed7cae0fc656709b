/** Words of the fault vocabulary that came with the one table: named cuts, conditions of links, resets, pieces, triggers. */
import { describe, expect, it } from 'vitest';
import {
  FAULT_CLASS_NAMES,
  FAULT_CLASSES,
  Faults,
  Internet,
  Lan,
  World,
  registryOf,
  whereFaultClassActs,
} from '../../sim/index.ts';
import type { Fault, FaultClassRow } from '../../sim/index.ts';
import { aConnectedPair, aPair, bytesOf, dial, listen, Recorder } from './helpers.ts';

const SECOND = 1_000_000;

describe('conditions of a link', () => {
  /** What a second of one datagram each 10 ms from alice to bob comes to: how many arrive, in which order, how late. */
  function stream(...script: readonly Fault[]) {
    const { world, internet, alice, bob } = aPair();
    expect(internet.world).toBe(world);
    const faults = new Faults(world);
    for (const fault of script) faults.apply(fault);
    const arrived: number[] = [];
    const lateMicros: number[] = [];
    bob.platform().bindUdp(
      { port: 1 },
      {
        onMessage: (bytes) => {
          arrived.push(bytes[0]! * 256 + bytes[1]!);
          lateMicros.push(world.nowMicros - (bytes[0]! * 256 + bytes[1]!) * 10_000);
        },
      },
    );
    const socket = alice.platform().bindUdp({ port: 2 }, { onMessage: () => undefined });
    for (let index = 1; index <= 400; index += 1) {
      const payload = new Uint8Array(100).fill(7);
      payload.set([index >> 8, index & 255]);
      world.at(index * 10_000, () => socket.send(payload, { address: bob.platform().localAddresses()[0]!, port: 1 }));
    }
    world.runUntil(20 * SECOND);
    return { arrived, lateMicrosMax: Math.max(...lateMicros) };
  }
  const inOrder = Array.from({ length: 400 }, (_, index) => index + 1);
  const link = 'alice-internet';

  it('lose, delay, double, reorder, damage or slow down what passes', () => {
    expect(stream().arrived).toEqual(inOrder);
    expect(stream({ fault: 'loss', link, perMille: 500 }).arrived.length).toBeLessThan(300);
    expect(stream({ fault: 'delay', link, micros: 300_000 }).lateMicrosMax).toBe(310_000);
    expect(stream({ fault: 'duplication', link, perMille: 500 }).arrived.length).toBeGreaterThan(500);
    const reordered = stream({ fault: 'reordering', link, perMille: 500, extraMicros: 50_000 }).arrived;
    expect(reordered).toHaveLength(400);
    expect(reordered).not.toEqual(inOrder);
    expect(stream({ fault: 'corruption', link, perMille: 500 }).arrived.length).toBeLessThan(300);
    expect(stream({ fault: 'truncation', link, perMille: 500 }).arrived.length).toBeLessThan(300);
    // 128 bytes with headers at 51,200 bits a second: 20 ms each, twice what there is time for.
    expect(stream({ fault: 'narrowing', link, bitsPerSecond: 51_200 }).lateMicrosMax).toBeGreaterThan(3 * SECOND);
  });

  it('are mended one by one or all at once, to what the link was before the first of them', () => {
    const worse: readonly Fault[] = [
      { fault: 'loss', link, perMille: 500 },
      { fault: 'delay', link, micros: 300_000, jitterMicros: 100_000 },
      { fault: 'delay', link, micros: 900_000 },
      { fault: 'duplication', link, perMille: 500 },
      { fault: 'reordering', link, perMille: 500, extraMicros: 50_000 },
      { fault: 'corruption', link, perMille: 500 },
      { fault: 'truncation', link, perMille: 500 },
      { fault: 'narrowing', link, bitsPerSecond: 51_200 },
    ];
    // One microsecond on the line that a link keeps which was infinitely fast before.
    const whole = { arrived: inOrder, lateMicrosMax: 20_001 };
    expect(stream(...worse, { fault: 'mend', link })).toEqual(whole);
    expect(stream(...worse, { fault: 'recover', host: 'alice' })).toEqual(whole);
    const lossLeft = stream(worse[0]!, worse[2]!, { fault: 'mend', link, condition: 'delay' });
    expect(lossLeft.lateMicrosMax).toBe(20_000);
    expect(lossLeft.arrived.length).toBeLessThan(300);
  });
});

describe('cuts', () => {
  it('of one name are healed alone', () => {
    const { world, alice, bob } = aPair();
    const faults = new Faults(world);
    faults.apply({ fault: 'partition', between: [['alice'], ['bob']], cut: 'one' });
    faults.apply({ fault: 'isolate', host: 'bob', cut: 'two' });
    faults.apply({ fault: 'heal', cut: 'one' });
    expect([alice.blockedOrigins?.has(bob.subject), bob.blockedOrigins?.has(alice.subject)]).toEqual([true, true]);
    faults.apply({ fault: 'heal', cut: 'two' });
    expect([alice.blockedOrigins, bob.blockedOrigins]).toEqual([undefined, undefined]);
  });

  it('end for one host when it recovers, and for nobody else', () => {
    const world = new World({ seed: 1 });
    const internet = new Internet(world);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => internet.host(name));
    const faults = new Faults(world);
    faults.apply({ fault: 'partition', between: [['a', 'b'], ['c']] });
    faults.apply({ fault: 'recover', host: 'a' });
    expect(a!.blockedOrigins).toBeUndefined();
    expect([...b!.blockedOrigins!]).toEqual([c!.subject]);
    expect([...c!.blockedOrigins!]).toEqual([b!.subject]);
  });
});

describe('connections', () => {
  it('are reset at both ends, as by a middlebox', () => {
    const { world, client, server } = aConnectedPair();
    new Faults(world).apply({ fault: 'reset', host: 'bob' });
    world.runUntil(2 * SECOND);
    expect([client.events, server.events]).toEqual([['connected', 'reset'], ['reset']]);
  });

  it('give bytes in pieces, and whole again afterwards', () => {
    const { world, client, server } = aConnectedPair();
    const faults = new Faults(world);
    faults.apply({ fault: 'pieces', host: 'bob', bytesMax: 3 });
    client.connection!.write(bytesOf('abcdefgh'));
    world.runUntil(2 * SECOND);
    expect(server.chunks.map((chunk) => chunk.length)).toEqual([3, 3, 2]);
    faults.apply({ fault: 'pieces', host: 'bob', bytesMax: 0 });
    client.connection!.write(bytesOf('ijklmnop'));
    world.runUntil(3 * SECOND);
    expect(server.chunks.map((chunk) => chunk.length)).toEqual([3, 3, 2, 8]);
    expect(server.text).toBe('abcdefghijklmnop');
    expect(() => faults.apply({ fault: 'pieces', host: 'bob', bytesMax: -1 })).toThrow('bytesMax is -1');
  });
});

describe('hosts', () => {
  it.each<readonly [string, Fault, Fault]>([
    ['suspended', { fault: 'suspend', host: 'bob' }, { fault: 'wake', host: 'bob' }],
    ['cut off at their interface', { fault: 'interfaceDown', host: 'bob' }, { fault: 'interfaceUp', host: 'bob' }],
    ['suspended', { fault: 'suspend', host: 'bob' }, { fault: 'recover', host: 'bob' }],
    ['cut off at their interface', { fault: 'interfaceDown', host: 'bob' }, { fault: 'recover', host: 'bob' }],
  ])('that are %s hear nothing until they are back', (_name, begin, end) => {
    const { world, client, server } = aConnectedPair();
    const faults = new Faults(world);
    faults.apply(begin);
    client.connection!.write(bytesOf('x'));
    world.runUntil(3 * SECOND);
    expect(server.text).toBe('');
    faults.apply(end);
    world.runUntil(20 * SECOND);
    expect(server.text).toBe('x');
  });

  it('that sleep forget nothing that is written to them meanwhile', () => {
    const { world, client, server } = aConnectedPair();
    const faults = new Faults(world);
    client.connection!.write(bytesOf('a'));
    faults.apply({ fault: 'suspend', host: 'alice' });
    faults.apply({ fault: 'isolate', host: 'alice' });
    // The retransmission falls due while the machine sleeps; the next write comes after that.
    world.runUntil(world.nowMicros + 250_000);
    client.connection!.write(bytesOf('b'));
    faults.apply({ fault: 'recover', host: 'alice' });
    world.runUntil(world.nowMicros + 20 * SECOND);
    expect(server.text).toBe('ab');
  });

  it('that are slow hear late, until they recover', () => {
    const { world, client, server } = aConnectedPair();
    const faults = new Faults(world);
    faults.apply({ fault: 'slow', host: 'bob', delayMicros: 500_000, busyMicros: 0 });
    client.connection!.write(bytesOf('x'));
    world.runUntil(world.nowMicros + 400_000);
    expect(server.text).toBe('');
    world.runUntil(world.nowMicros + 200_000);
    expect(server.text).toBe('x');
    faults.apply({ fault: 'recover', host: 'bob' });
    client.connection!.write(bytesOf('y'));
    world.runUntil(world.nowMicros + 30_000);
    expect(server.text).toBe('xy');
  });

  it('get another address, and what was sent to the old one is lost', () => {
    const { world, bob, client, server } = aConnectedPair();
    const before = bob.platform().localAddresses()[0];
    new Faults(world).apply({ fault: 'renumber', host: 'bob' });
    client.connection!.write(bytesOf('x'));
    world.runUntil(9 * SECOND);
    expect(server.text).toBe('');
    expect(bob.platform().localAddresses()[0]).not.toBe(before);
  });
});

it('a NAT that gets another address keeps no way back to its mappings, and says so when it was connected by hand', () => {
  const world = new World({ seed: 1 });
  const internet = new Internet(world);
  const server = internet.host('server');
  const lan = new Lan(internet, 'lan', { nat: 'fullCone' });
  const inside = lan.host('inside');
  const seen: string[] = [];
  server.platform().bindUdp({ port: 1 }, { onMessage: (_bytes, from) => seen.push(from.address) });
  const socket = inside.platform().bindUdp({ port: 5 }, { onMessage: () => undefined });
  const say = (): void => socket.send(bytesOf('x'), { address: server.platform().localAddresses()[0]!, port: 1 });
  say();
  world.runUntil(SECOND);
  const faults = new Faults(world);
  faults.apply({ fault: 'natRenumber', nat: 'lan' });
  say();
  world.runUntil(2 * SECOND);
  expect(seen).toHaveLength(2);
  expect(seen[1]).not.toBe(seen[0]);
});

it('a fault waits for the packet it is meant for', () => {
  const pair = aPair();
  const { world, alice, bob } = pair;
  const faults = new Faults(world);
  const accepted: Recorder[] = [];
  listen(bob.platform(), 80, accepted);
  // The SYN gets through, the SYN-ACK does not.
  faults.onPacket({ link: 'alice-internet', way: 'forward' }, { fault: 'linkDown', link: 'bob-internet' });
  const taken = faults.onPacket({ link: 'alice-internet' }, { fault: 'crash', host: 'bob' });
  taken();
  dial(alice.platform(), bob, 80);
  world.runUntil(SECOND / 2);
  expect([...faults.counts]).toEqual([['linkDown', 1]]);
  expect(accepted).toHaveLength(0);
  faults.onPacket({ link: 'alice-internet', matches: (packet) => packet.sizeBytes > 9_999 }, { fault: 'heal' });
  world.runUntil(9 * SECOND);
  expect([...faults.counts]).toEqual([['linkDown', 1]]);
});

describe('classes', () => {
  it('say where they can be done, by the words they are made of', () => {
    const everywhere = FAULT_CLASS_NAMES.filter((name) => whereFaultClassActs(name) === 'all');
    expect(everywhere.join(' ')).toBe(
      'loss delay narrowing pieces isolation linkDown reset crash crashLosingStore reboot',
    );
  });

  it('begin, and end so that nothing of them is left', () => {
    for (const name of FAULT_CLASS_NAMES) {
      const row: FaultClassRow = FAULT_CLASSES[name];
      for (const [strength, choice] of [
        [1, 0],
        [2, 255],
        [100, 5],
      ] as const) {
        const world = new World({ seed: 1 });
        const internet = new Internet(world);
        for (const host of ['a', 'b', 'c']) internet.host(host);
        new Lan(internet, 'n', { nat: 'linux' }).host('d');
        const faults = new Faults(world);
        // In a world the link and the NAT of a host have names of their own.
        const inWorld = (fault: Fault): Fault => {
          if ('link' in fault) return { ...fault, link: `${fault.link}-internet` };
          if ('links' in fault) return { ...fault, links: fault.links.map((link) => `${link}-internet`) };
          return 'nat' in fault ? { ...fault, nat: 'n' } : fault;
        };
        const struck = { host: 'a', hosts: ['a', 'b', 'c'], cut: 'x', strength, choice };
        const begun = row.begin(struck);
        expect(begun.length, name).toBeGreaterThan(0);
        for (const fault of begun) faults.apply(inWorld(fault));
        world.runUntil(SECOND);
        for (const fault of row.end?.(struck) ?? []) faults.apply(inWorld(fault));
        world.runUntil(60 * SECOND);
        for (const host of ['a', 'b', 'c']) {
          const { blockedOrigins } = registryOf(world).host(host);
          expect(blockedOrigins, `${name} leaves a cut`).toBeUndefined();
        }
      }
    }
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TCP_OPTIONS_DEFAULT, ratio, registryOf } from '../../sim/index.ts';
import type { LinkOptions, World } from '../../sim/index.ts';
import { aConnectedPair, aPair, dial, listen } from './helpers.ts';
import type { Recorder } from './helpers.ts';

const MINUTE = 60_000_000;

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** Both sides send at once, in pieces; gives what each got. */
function exchange(seed: number, link: LinkOptions, sizeBytes: number, pieceBytes: number): readonly [boolean, boolean] {
  // With a quarter of the packets gone, ten losses in a row are to be expected: give up late.
  const tcp = { userTimeoutMicros: 600 * MINUTE, synRetriesMax: 20 };
  const pair = aPair({ seed, internet: { link }, alice: { tcp }, bob: { tcp } });
  const { world } = pair;
  const accepted: Recorder[] = [];
  listen(pair.bob.platform(), 80, accepted);
  const client = dial(pair.alice.platform(), pair.bob, 80);
  const up = world.stream('up').bytes(sizeBytes);
  const down = world.stream('down').bytes(Math.floor(sizeBytes / 2));
  for (let at = 0; at < up.length; at += pieceBytes) client.connection!.write(up.subarray(at, at + pieceBytes));
  client.connection!.end();
  while (accepted.length === 0 && world.nowMicros < 60 * MINUTE) world.runUntil(world.nowMicros + 1_000_000);
  const server = accepted[0]!;
  for (let at = 0; at < down.length; at += pieceBytes) server.connection!.write(down.subarray(at, at + pieceBytes));
  server.connection!.end();
  world.runUntil(world.nowMicros + 600 * MINUTE);
  expect(client.events.filter((event) => event !== 'drain')).toEqual(['connected', 'end', 'closed']);
  expect(server.events.filter((event) => event !== 'drain')).toEqual(['end', 'closed']);
  return [isSame(server.bytes, up), isSame(client.bytes, down)];
}

describe('TCP over a bad network', () => {
  it('delivers all bytes once and in order, under loss, duplication, reordering, delay and damage', () => {
    const percent = (max: number) => fc.integer({ min: 0, max }).map((part) => ratio(part, 100));
    const link = fc.record({
      delayMicros: fc.integer({ min: 0, max: 100_000 }),
      jitterMicros: fc.integer({ min: 0, max: 50_000 }),
      loss: percent(15),
      duplicate: percent(15),
      reorder: fc.record({ ratio: percent(20), extraMicros: fc.integer({ min: 1, max: 60_000 }) }),
      corrupt: fc.record({ ratio: percent(5) }),
      mtuBytes: fc.integer({ min: 576, max: 1_500 }),
    });
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        link,
        fc.integer({ min: 1, max: 60_000 }),
        fc.integer({ min: 1, max: 5_000 }),
        (seed, options, sizeBytes, pieceBytes) => {
          expect(exchange(seed, options, sizeBytes, Math.max(pieceBytes, sizeBytes >> 7))).toEqual([true, true]);
        },
      ),
      { seed: 20_240_101, numRuns: 60 },
    );
  });

  it.each([
    // A queue that holds the whole window: nothing is lost, and 1,460 of 1,500 bytes are payload, 9.73 Mbit/s at best.
    { queueBytesMax: 300_000, goodputMin: 9_200_000 },
    // A queue of one bandwidth-delay product: slow start overshoots, and NewReno mends one hole a round trip.
    { queueBytesMax: 50_000, goodputMin: 4_500_000 },
  ])('fills a pipe of 10 Mbit/s with a queue of $queueBytesMax bytes', ({ queueBytesMax, goodputMin }) => {
    const link = { delayMicros: 10_000, bandwidthBitsPerSecond: 10_000_000, queueBytesMax };
    const { world, client, server } = aConnectedPair(aPair({ internet: { link } }));
    const sent = world.stream('test').bytes(5_000_000);
    client.connection!.write(sent);
    client.connection!.end();
    let doneAt = 0;
    while (!server.events.includes('end') && world.nowMicros < MINUTE) {
      world.runUntil(world.nowMicros + 10_000);
      doneAt = world.nowMicros;
    }
    expect(isSame(server.bytes, sent)).toBe(true);
    const bitsPerSecond = (5_000_000 * 8) / ((doneAt - 1_000_000) / 1_000_000);
    expect(bitsPerSecond).toBeGreaterThan(goodputMin);
    expect(bitsPerSecond).toBeLessThan(9_740_000);
  });

  it('recovers one lost segment by fast retransmit, long before a timeout', () => {
    const { world, internet, client, server } = aConnectedPair();
    const uplink = linkOf(internet, 'alice-internet').forward;
    uplink.dropNth(4);
    const sent = world.stream('test').bytes(14_600);
    client.connection!.write(sent);
    world.runUntil(1_000_000 + 90_000);
    // 20 ms one way: data, duplicate acknowledgments and the repeat take 80 ms; a timeout takes 200 ms more.
    expect(isSame(server.bytes, sent)).toBe(true);
    expect(uplink.statistics.ruleDroppedPackets).toBe(1);
  });

  it('recovers a lost tail by the retransmission timeout', () => {
    const { world, internet, client, server } = aConnectedPair();
    const uplink = linkOf(internet, 'alice-internet').forward;
    uplink.dropNth(1);
    client.connection!.write(new Uint8Array(10));
    world.runUntil(1_000_000 + 150_000);
    expect(server.bytes.length).toBe(0);
    world.runUntil(1_000_000 + 300_000);
    expect(server.bytes.length).toBe(10);
  });

  it('wraps the sequence number around 2^32 on both sides', () => {
    const tcp = { ...TCP_OPTIONS_DEFAULT, initialSequence: 0xffff_fff0 };
    const near = { ...TCP_OPTIONS_DEFAULT, initialSequence: 0x7fff_fff0 };
    const link = { loss: ratio(1, 50) };
    const { world, client, server } = aConnectedPair(aPair({ internet: { link }, alice: { tcp }, bob: { tcp: near } }));
    const [up, down] = [world.stream('up').bytes(200_000), world.stream('down').bytes(200_000)];
    client.connection!.write(up);
    server.connection!.write(down);
    world.runUntil(2 * MINUTE);
    expect([isSame(server.bytes, up), isSame(client.bytes, down)]).toEqual([true, true]);
  });

  it('finds the path of a smaller MTU by ICMP', () => {
    const { world, client, server } = aConnectedPair(aPair({ bob: { link: { mtuBytes: 800 } } }));
    // Bob announced segments for 800 bytes; lie about it by narrowing the link behind the handshake.
    const sent = world.stream('test').bytes(50_000);
    linkOf({ world }, 'bob-internet').configure({ mtuBytes: 600 });
    client.connection!.write(sent);
    world.runUntil(20_000_000);
    expect(isSame(server.bytes, sent)).toBe(true);
  });

  it('lends received bytes only for the call, and copies written ones', () => {
    const { world, client, server } = aConnectedPair();
    const kept: Uint8Array[] = [];
    server.onData = (bytes) => kept.push(bytes);
    const buffer = Uint8Array.of(1, 2, 3);
    client.connection!.write(buffer);
    buffer.fill(9);
    let seen: number[] = [];
    server.onData = (bytes) => {
      seen = [...bytes];
      kept.push(bytes);
    };
    world.runUntil(2_000_000);
    expect(seen).toEqual([1, 2, 3]);
    expect([...kept[0]!]).toEqual([0xa5, 0xa5, 0xa5]);
  });
});

function linkOf(of: { readonly world: World }, name: string) {
  return registryOf(of.world).link(name);
}

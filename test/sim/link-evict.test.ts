import { describe, expect, it } from 'vitest';
import { BLIND_OBSERVER, DROP_REASON, LinkDirection, World, createUdpPacket, observe } from '../../sim/index.ts';
import type { LinkOptions } from '../../sim/index.ts';

/** A millisecond a packet of 1,000 bytes. */
const LINE = { delayMicros: 0, bandwidthBitsPerSecond: 8_000_000, whenFull: 'random' } as const;

type Fed = { readonly arrived: readonly (readonly [number, number])[]; readonly evicted: readonly number[] };

/** Sends packets of 1,000 bytes, numbered from 1, at given times. Gives numbers and times of those that arrive. */
function feed(seed: number, options: LinkOptions, timesMicros: readonly number[]): Fed {
  const world = new World({ seed });
  const arrived: [number, number][] = [];
  const evicted: number[] = [];
  observe(world, {
    ...BLIND_OBSERVER,
    onDrop: (_subject, packet, code) => {
      expect(code).toBe(DROP_REASON.queueEvicted);
      evicted.push(packet.sourcePort);
    },
  });
  const link = new LinkDirection(
    world,
    'a>b',
    { receivePacket: ({ sourcePort }) => arrived.push([sourcePort, world.nowMicros]) },
    options,
  );
  timesMicros.forEach((atMicros, index) => {
    const packet = createUdpPacket(1, index + 1, 2, 9, new Uint8Array(972));
    world.schedule(atMicros, { onEvent: () => link.send(packet) }, undefined);
  });
  world.runUntil(1_000_000);
  expect(link.statistics.queueDroppedPackets).toBe(evicted.length);
  return { arrived, evicted };
}

const burst = (count: number): readonly number[] => Array.from({ length: count }, () => 0);

describe('a queue that evicts at random', () => {
  it('passes everything at the exact rate while there is room', () => {
    const { arrived, evicted } = feed(1, { ...LINE, queuePacketsMax: 5 }, burst(5));
    expect([arrived, evicted]).toEqual([[1, 2, 3, 4, 5].map((id) => [id, id * 1000]), []]);
  });

  it('keeps as many as a queue that drops at its tail, in order, but not the first ones', () => {
    const { arrived, evicted } = feed(1, { ...LINE, queuePacketsMax: 5 }, burst(50));
    const ids = arrived.map(([id]) => id);
    expect([ids.length, evicted.length]).toEqual([5, 45]);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    // The one on the line is safe; of the others only chance could leave the first four.
    expect(ids[0]).toBe(1);
    expect(ids).not.toEqual([1, 2, 3, 4, 5]);
  });

  it('counts bytes too, and always takes one that waits alone', () => {
    const { arrived } = feed(2, { ...LINE, mtuBytes: 1000, queueBytesMax: 2_500 }, burst(20));
    expect(arrived.length).toBe(3);
    const { arrived: single } = feed(2, { ...LINE, queuePacketsMax: 1 }, [0, 0, 5_000]);
    expect(single.map(([id]) => id)).toEqual([1, 3]);
  });

  it('draws every packet that waits, and the newcomer, equally often', () => {
    const counts = new Map<number, number>();
    const rounds = 5_000;
    for (let seed = 1; seed <= rounds; seed += 1) {
      // One is on the line, nine wait, and one more comes.
      const { evicted } = feed(seed, { ...LINE, queuePacketsMax: 10 }, burst(11));
      expect(evicted.length).toBe(1);
      counts.set(evicted[0]!, (counts.get(evicted[0]!) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    // 500 each; the standard deviation is 21.2, and chi-square with 9 degrees of freedom is above 27.9 once in a thousand.
    const expected = rounds / 10;
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(27.9);
  });

  it('takes another speed while packets wait', () => {
    const world = new World({ seed: 1 });
    const times: number[] = [];
    const link = new LinkDirection(world, 'a>b', { receivePacket: () => times.push(world.nowMicros) }, LINE);
    for (let count = 1; count <= 3; count += 1) link.send(createUdpPacket(1, count, 2, 9, new Uint8Array(972)));
    link.configure({ bandwidthBitsPerSecond: 4_000_000 });
    world.runUntil(10_000);
    expect(times).toEqual([1_000, 3_000, 5_000]);
  });

  it.each([
    [{ whenFull: 'random' }, 'whenFull is given, but no bandwidthBitsPerSecond'],
    [{ ...LINE, codel: {} }, "whenFull is 'random' together with codel"],
    [{ ...LINE, markAboveBytes: 9 }, "whenFull is 'random' together with markAboveBytes"],
    [{ ...LINE, whenFull: 'head' }, "whenFull is 'head'; give tail or random"],
  ])('refuses %j', (options, message) => {
    const world = new World({ seed: 1 });
    expect(() => new LinkDirection(world, 'x', { receivePacket: () => 0 }, options as LinkOptions)).toThrow(message);
  });
});

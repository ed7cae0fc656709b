import { describe, expect, it } from 'vitest';
import { LinkDirection, World, createUdpPacket, ratio } from '../../sim/index.ts';
import type { LinkOptions, Packet } from '../../sim/index.ts';

type Arrival = { readonly id: number; readonly atMicros: number; readonly packet: Packet };

/** Sends `count` packets of 128 bytes, one every `everyMicros`; `id` is the source port. */
function pump(
  options: LinkOptions,
  count: number,
  everyMicros: number,
  setUp: (link: LinkDirection, world: World) => void = () => undefined,
): { arrivals: Arrival[]; link: LinkDirection; world: World } {
  const world = new World({ seed: 3 });
  const arrivals: Arrival[] = [];
  const sink = {
    receivePacket: (packet: Packet): void => {
      arrivals.push({ id: packet.sourcePort, atMicros: world.nowMicros, packet });
    },
  };
  const link = new LinkDirection(world, 'a>b', sink, options);
  setUp(link, world);
  for (let id = 1; id <= count; id += 1) {
    const send = (): void => link.send(createUdpPacket(1, id, 2, 9, new Uint8Array(100)));
    world.schedule((id - 1) * everyMicros, { onEvent: send }, undefined);
  }
  world.runUntil(count * everyMicros + 100_000_000);
  return { arrivals, link, world };
}

const ids = (arrivals: readonly Arrival[]): number[] => arrivals.map(({ id }) => id);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('one direction of a link', () => {
  it('delays by a constant', () => {
    const { arrivals } = pump({ delayMicros: 700 }, 3, 10);
    expect(arrivals.map(({ atMicros }) => atMicros)).toEqual([700, 710, 720]);
  });

  it('jitters uniformly and keeps the order', () => {
    const { arrivals } = pump({ delayMicros: 1_000, jitterMicros: 999 }, 2_000, 2_000);
    const delays = arrivals.map(({ id, atMicros }) => atMicros - (id - 1) * 2_000);
    expect(Math.min(...delays)).toBeLessThan(1_010);
    expect(Math.max(...delays)).toBeGreaterThan(1_990);
    const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
    // 1,499.5 expected; the standard error is 289 / sqrt(2000) = 6.5.
    expect(Math.abs(mean - 1_499.5)).toBeLessThan(26);
    const dense = pump({ delayMicros: 0, jitterMicros: 10_000 }, 500, 10);
    expect(ids(dense.arrivals)).toEqual(upTo(500));
  });

  it('loses by ratio, the others arriving, and counts both', () => {
    const { arrivals, link } = pump({ loss: ratio(1, 4) }, 20_000, 10);
    const lost = link.statistics.lostPackets;
    // 5,000 expected with a standard deviation of 61.
    expect(Math.abs(lost - 5_000)).toBeLessThan(250);
    expect(arrivals.length + lost).toBe(20_000);
    expect(link.statistics).toMatchObject({ sentPackets: 20_000, deliveredPackets: arrivals.length });
    expect(link.statistics.sentBytes).toBe(20_000 * 128);
  });

  it('loses in bursts of the expected length', () => {
    const loss = { goodToBad: ratio(1, 100), badToGood: ratio(1, 5), lossInGood: ratio(0, 1), lossInBad: ratio(1, 1) };
    const { arrivals } = pump({ loss }, 50_000, 10);
    const received = new Set(ids(arrivals));
    let bursts = 0;
    for (let id = 1; id <= 50_000; id += 1) if (!received.has(id) && (id === 1 || received.has(id - 1))) bursts += 1;
    const meanLength = (50_000 - received.size) / bursts;
    // Geometric with mean 5 and standard deviation 4.5 over some 480 bursts: standard error 0.2.
    expect(Math.abs(meanLength - 5)).toBeLessThan(0.8);
  });

  it('duplicates, and the copy is a packet of its own', () => {
    const { arrivals, link } = pump({ duplicate: ratio(1, 2) }, 1_000, 10);
    expect(arrivals.length).toBe(1_000 + link.statistics.duplicatedPackets);
    expect(Math.abs(link.statistics.duplicatedPackets - 500)).toBeLessThan(80);
    const twice = arrivals.find(({ id }, index) => arrivals[index + 1]?.id === id)!;
    expect(arrivals[arrivals.indexOf(twice) + 1]!.packet).not.toBe(twice.packet);
  });

  it('reorders only what was drawn for it', () => {
    const { arrivals, link } = pump({ reorder: { ratio: ratio(1, 10), extraMicros: 100 } }, 1_000, 10);
    const late = arrivals.filter(({ id }, index) => arrivals.slice(0, index).some((before) => before.id > id));
    expect(late.length).toBeGreaterThan(50);
    expect(late.length).toBeLessThanOrEqual(link.statistics.reorderedPackets);
    expect(ids(arrivals).sort((a, b) => a - b)).toEqual(upTo(1_000));
  });

  it('flips one bit, for the checksum or past it', () => {
    const seen = pump({ corrupt: { ratio: ratio(1, 2) } }, 100, 10);
    const damaged = seen.arrivals.filter(({ packet }) => packet.damaged);
    expect(damaged.length).toBe(seen.link.statistics.corruptedPackets);
    expect(damaged.length).toBeGreaterThan(30);
    const unseen = pump({ corrupt: { ratio: ratio(1, 2), undetected: true } }, 100, 10);
    const changed = unseen.arrivals.filter(({ packet }) => packet.payload.some((byte) => byte !== 0));
    expect(changed.length).toBe(unseen.link.statistics.corruptedPackets);
    expect(changed.every(({ packet }) => !packet.damaged && isOneBit(packet.payload))).toBe(true);
  });

  it('passes packets at its bandwidth, to the microsecond over a long run', () => {
    // 128 bytes at 3 Mbit/s are 341 1/3 us each.
    const { arrivals } = pump(
      { delayMicros: 0, bandwidthBitsPerSecond: 3_000_000, queueBytesMax: 1_000_000 },
      3_000,
      0,
    );
    expect(arrivals.at(-1)!.atMicros).toBe(1_024_000);
    expect(arrivals[0]!.atMicros).toBe(342);
  });

  it('drops what does not fit into the queue', () => {
    const { arrivals, link } = pump({ bandwidthBitsPerSecond: 1_024_000, queueBytesMax: 1_500 }, 100, 0);
    // 1,500 bytes of waiting room hold eleven packets of 128 bytes.
    expect(ids(arrivals)).toEqual(upTo(11));
    expect(link.statistics.queueDroppedPackets).toBe(89);
  });

  it('drops scripted packets by number and by condition', () => {
    const byNumber = pump({}, 6, 10, (link) => link.dropNth(2, 5));
    expect(ids(byNumber.arrivals)).toEqual([1, 3, 4, 6]);
    const byCondition = pump({}, 6, 10, (link) => link.dropWhen(({ sourcePort }) => sourcePort > 2, 2));
    expect(ids(byCondition.arrivals)).toEqual([1, 2, 5, 6]);
    const removed = pump({}, 3, 10, (link) => {
      link.dropWhen(() => true)();
    });
    expect(removed.arrivals.length).toBe(3);
  });

  it('delays and duplicates by rule, the first answer winning', () => {
    const { arrivals } = pump({}, 4, 10, (link) => {
      link.addRule(({ sourcePort }) => (sourcePort === 1 ? { extraMicros: 25 } : 'pass'));
      link.addRule(({ sourcePort }) => (sourcePort <= 2 ? 'duplicate' : 'pass'));
    });
    expect(ids(arrivals)).toEqual([2, 2, 3, 1, 4]);
  });

  it('holds packets in flight and gives them back in order', () => {
    const { arrivals, link } = pump({ delayMicros: 15 }, 5, 10, (made, world) => {
      world.at(20, () => made.hold());
      world.at(1_000, () => {
        expect(made.heldCount).toBe(4);
        made.release();
      });
    });
    expect(ids(arrivals)).toEqual(upTo(5));
    expect(arrivals.map(({ atMicros }) => atMicros)).toEqual([15, 1_000, 1_000, 1_000, 1_000]);
    expect(link.heldCount).toBe(0);
  });

  it('clogs for a while', () => {
    const { arrivals } = pump({ delayMicros: 5 }, 3, 10, (link) => link.clog(100));
    expect(arrivals.map(({ atMicros }) => atMicros)).toEqual([100, 100, 100]);
  });

  it('loses what is sent while it is down', () => {
    const { arrivals } = pump({ delayMicros: 15 }, 5, 10, (link, world) => {
      world.at(5, () => link.down());
      world.at(25, () => link.up());
    });
    expect(ids(arrivals)).toEqual([1, 4, 5]);
  });

  it('draws each kind of fault from a stream of its own', () => {
    const plain = ids(pump({ loss: ratio(1, 3) }, 300, 10).arrivals);
    const more = pump({ loss: ratio(1, 3), jitterMicros: 5, corrupt: { ratio: ratio(1, 2) } }, 300, 10);
    expect(ids(more.arrivals)).toEqual(plain);
  });

  it('endangers a datagram once a fragment and cuts none but datagrams', () => {
    const world = new World({ seed: 3 });
    let arrived = 0;
    const link = new LinkDirection(world, 'l', { receivePacket: () => (arrived += 1) }, { loss: ratio(1, 10) });
    for (let index = 0; index < 3_000; index += 1) link.send(createUdpPacket(1, 1, 2, 2, new Uint8Array(14_000)));
    const segment = { ...createUdpPacket(1, 1, 2, 2, new Uint8Array(14_000)), protocol: 6 as const };
    link.send(segment);
    world.runUntil(1_000_000);
    // Ten fragments: 0.9^10 = 34.9 % get through; standard deviation 26 of 3,000.
    expect(Math.abs(arrived - 1_046)).toBeLessThan(110);
    expect(link.statistics.tooBigPackets).toBe(1);
  });

  it('names options that make no sense', () => {
    const make = (options: LinkOptions) => () => pump(options, 0, 0);
    expect(make({ delayMicros: -1 })).toThrow('delayMicros is -1');
    expect(make({ mtuBytes: 100 })).toThrow('mtuBytes is 100');
    expect(make({ queueBytesMax: 5_000 })).toThrow('bandwidthBitsPerSecond');
    expect(make({ loss: { numerator: 3, denominator: 2 } })).toThrow('loss is 3/2');
  });
});

function isOneBit(payload: Uint8Array): boolean {
  const set = [...payload].filter((byte) => byte !== 0);
  return set.length === 1 && (set[0]! & (set[0]! - 1)) === 0;
}

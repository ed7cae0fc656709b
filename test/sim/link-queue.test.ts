import { describe, expect, it } from 'vitest';
import {
  ECN,
  Host,
  ICMP_CODE,
  Internet,
  LinkDirection,
  PROTOCOL,
  World,
  connectNodes,
  createUdpPacket,
  parseAddress,
  ratio,
  shapeNode,
} from '../../sim/index.ts';
import type { LinkOptions, Packet, TooBigPolicy } from '../../sim/index.ts';
import { changedOptions } from '../../sim/link-options.ts';
import { dial, listen } from './helpers.ts';

type Arrival = { readonly id: number; readonly atMicros: number; readonly packet: Packet };

/** Sends packets of 1,000 bytes at given times over one direction; ids count from 1. */
function feed(
  options: LinkOptions,
  timesMicros: readonly number[],
  setUp: (link: LinkDirection, world: World) => void = () => undefined,
  ecn: number = ECN.notCapable,
): { readonly arrivals: Arrival[]; readonly link: LinkDirection } {
  const world = new World({ seed: 3 });
  const arrivals: Arrival[] = [];
  const receivePacket = (packet: Packet): void => {
    arrivals.push({ id: packet.sourcePort, atMicros: world.nowMicros, packet });
  };
  const link = new LinkDirection(world, 'a>b', { receivePacket }, changedOptions({ delayMicros: 0 }, options));
  setUp(link, world);
  timesMicros.forEach((atMicros, index) => {
    const packet = createUdpPacket(1, index + 1, 2, 9, new Uint8Array(972));
    packet.ecn = ecn;
    world.schedule(atMicros, { onEvent: () => link.send(packet) }, undefined);
  });
  world.runUntil(100_000_000);
  return { arrivals, link };
}

const times = (count: number, everyMicros: number): number[] =>
  Array.from({ length: count }, (_, index) => index * everyMicros);
const ids = (arrivals: readonly Arrival[]): number[] => arrivals.map(({ id }) => id);

/** A millisecond a packet. */
const LINE = { bandwidthBitsPerSecond: 8_000_000 };

describe('queues of links', () => {
  it('drop at the tail by packets, the one on the line counted', () => {
    const { arrivals, link } = feed({ ...LINE, queuePacketsMax: 3 }, [0, 0, 0, 0, 999, 1_000, 1_000]);
    // The fourth finds three; at 999 us the first is still on the line; at 1,000 us it has left.
    expect(ids(arrivals)).toEqual([1, 2, 3, 6]);
    expect(link.statistics.queueDroppedPackets).toBe(3);
  });

  it('keep the limit in packets over a long run', () => {
    const { arrivals } = feed({ ...LINE, queuePacketsMax: 2 }, times(20_000, 500));
    expect(Math.abs(arrivals.length - 10_000)).toBeLessThan(3);
  });

  it('let a burst pass that fits into the bucket, and fill it again at rest', () => {
    const { arrivals } = feed({ ...LINE, burstBytes: 3_000 }, [0, 0, 0, 0, 0, 10_000, 10_000, 10_000, 10_000]);
    expect(arrivals.map(({ atMicros }) => atMicros)).toEqual([0, 0, 0, 1_000, 2_000, 10_000, 10_000, 10_000, 11_000]);
  });

  it('mark above a length what can be marked, and nothing else', () => {
    const options = { ...LINE, markAboveBytes: 2_000 };
    const capable = feed(options, times(6, 0), undefined, ECN.capable0);
    expect(ids(capable.arrivals.filter(({ packet }) => packet.ecn === ECN.congestion))).toEqual([4, 5, 6]);
    expect(capable.link.statistics.markedPackets).toBe(3);
    const deaf = feed(options, times(6, 0));
    expect(deaf.arrivals.every(({ packet }) => packet.ecn === ECN.notCapable)).toBe(true);
    expect(deaf.link.statistics.markedPackets).toBe(0);
  });

  it('under CoDel drop at the tail by packets, the one on the line counted', () => {
    const { arrivals, link } = feed({ ...LINE, codel: {}, queuePacketsMax: 3 }, [0, 0, 0, 0, 999, 1_001, 1_001]);
    expect(ids(arrivals)).toEqual([1, 2, 3, 6]);
    expect(link.statistics.queueDroppedPackets).toBe(3);
  });

  it('under CoDel bring a standing delay down to the target', () => {
    const delays = (options: LinkOptions): number[] =>
      feed({ ...LINE, queueBytesMax: 1_000_000, ...options }, times(20_000, 950)).arrivals.map(
        ({ id, atMicros }) => atMicros - (id - 1) * 950,
      );
    const last = (list: number[]): number => Math.max(...list.slice(-2_000));
    expect(last(delays({}))).toBeGreaterThan(800_000);
    expect(last(delays({ codel: {} }))).toBeLessThan(50_000);
  });

  it('under CoDel pass at the exact rate when packets end between microseconds', () => {
    // 1,000 bytes at 3 Mbit/s are 2,666 2/3 us each.
    const { arrivals } = feed(
      { bandwidthBitsPerSecond: 3_000_000, codel: {}, queueBytesMax: 0x7fffffff },
      times(30, 0),
    );
    expect(arrivals[0]!.atMicros).toBe(2_667);
    expect(arrivals[29]!.atMicros).toBe(80_000);
  });

  it('under CoDel count drops, and marks instead where they can', () => {
    const plain = feed({ ...LINE, codel: {} }, times(5_000, 500));
    expect(plain.link.statistics.codelDroppedPackets).toBeGreaterThan(20);
    const marked = feed({ ...LINE, codel: {} }, times(5_000, 500), undefined, ECN.capable1);
    expect(marked.link.statistics.codelDroppedPackets).toBe(0);
    expect(marked.arrivals.filter(({ packet }) => packet.ecn === ECN.congestion).length).toBe(
      marked.link.statistics.markedPackets,
    );
    expect(marked.link.statistics.markedPackets).toBeGreaterThan(20);
  });

  it('under CoDel take another speed while packets wait', () => {
    const { arrivals } = feed({ ...LINE, codel: {} }, times(4, 0), (link, world) => {
      world.at(1_500, () => link.configure({ bandwidthBitsPerSecond: 80_000_000 }));
    });
    expect(arrivals.map(({ atMicros }) => atMicros)).toEqual([1_000, 2_000, 2_100, 2_200]);
  });
});

describe('delays and faults of links', () => {
  it('draw the delay from the model and keep the order unless told otherwise', () => {
    const micros = [5_000, 100];
    const kept = feed({ delay: { kind: 'trace', micros } }, [0, 10, 20, 30]);
    expect(kept.arrivals.map(({ id, atMicros }) => [id, atMicros])).toEqual(
      [
        [1, 5_000],
        [2, 5_000],
        [3, 5_020],
        [4, 5_020],
      ].map(([id, at]) => [id, at]),
    );
    const free = feed({ delay: { kind: 'trace', micros }, overtaking: true }, [0, 10, 20, 30]);
    expect(ids(free.arrivals)).toEqual([2, 4, 1, 3]);
  });

  it('replace a default delay, for both directions or one', () => {
    const world = new World({ seed: 1 });
    const internet = new Internet(world, { link: { delay: { kind: 'constant', micros: 30 } } });
    const [alice, bob] = [
      internet.host('alice', { link: { backward: { delayMicros: 500 } } }),
      internet.host('bob', { link: { delayMicros: 70 } }),
    ];
    const at: number[] = [];
    bob.platform().bindUdp({ port: 5 }, { onMessage: () => at.push(world.nowMicros) });
    alice.platform().bindUdp({ port: 5 }, { onMessage: () => at.push(world.nowMicros) });
    world.runUntil(1);
    alice.sendPacket(createUdpPacket(alice.address, 5, bob.address, 5, new Uint8Array(1)));
    bob.sendPacket(createUdpPacket(bob.address, 5, alice.address, 5, new Uint8Array(1)));
    world.runUntil(10_000);
    expect(at).toEqual([1 + 30 + 70, 1 + 70 + 500]);
  });

  it('exchange one form of delay for the other', () => {
    const { arrivals } = feed({ delayMicros: 700 }, [0, 1_000, 2_000], (link, world) => {
      world.at(500, () => link.configure({ delay: { kind: 'constant', micros: 40 } }));
      world.at(1_500, () => link.configure({ delayMicros: 9 }));
    });
    expect(arrivals.map(({ atMicros }) => atMicros)).toEqual([700, 1_040, 2_009]);
  });

  it('cut datagrams, for the checksum or past it', () => {
    const seen = feed({ truncate: { ratio: ratio(1, 2) } }, times(200, 10));
    const cut = seen.arrivals.filter(({ packet }) => packet.payload.length < 972);
    expect(cut.length).toBe(seen.link.statistics.truncatedPackets);
    expect(cut.length).toBeGreaterThan(60);
    expect(cut.every(({ packet }) => packet.damaged && packet.sizeBytes === packet.payload.length + 28)).toBe(true);
    const unseen = feed({ truncate: { ratio: ratio(1, 1), undetected: true } }, times(50, 10));
    expect(unseen.arrivals.every(({ packet }) => !packet.damaged && packet.payload.length < 972)).toBe(true);
  });

  it('drop a block by script', () => {
    const { arrivals } = feed({}, times(8, 10), (link) => link.dropBlock(3, 4));
    expect(ids(arrivals)).toEqual([1, 2, 7, 8]);
  });

  it('lose exact numbers', () => {
    expect(ids(feed({ loss: { everyPackets: 3 } }, times(7, 10)).arrivals)).toEqual([1, 2, 4, 5, 7]);
    expect(feed({ loss: { lostPackets: 2, ofPackets: 10 } }, times(500, 10)).arrivals.length).toBe(400);
  });
});

describe('packets above the MTU', () => {
  /** A TCP transfer and a datagram of 1,300 bytes over a far link of 1,000. */
  function far(tooBig: TooBigPolicy): { sent: boolean; datagrams: number; needed: { tcp: number; udp: number } } {
    const world = new World({ seed: 1 });
    const internet = new Internet(world);
    const [alice, bob] = [
      internet.host('alice'),
      internet.host('bob', { link: { backward: { mtuBytes: 1_000, tooBig } } }),
    ];
    const needed = { tcp: 0, udp: 0 };
    alice.interfaces[0]!.addTap(({ icmpCode, nextHopMtu, quoted }) => {
      if (icmpCode !== ICMP_CODE.fragmentationNeeded || nextHopMtu !== 1_000) return;
      needed[quoted!.protocol === PROTOCOL.udp ? 'udp' : 'tcp'] += 1;
    });
    const accepted: ReturnType<typeof dial>[] = [];
    listen(bob.platform(), 80, accepted);
    let datagrams = 0;
    bob.platform().bindUdp({ port: 5 }, { onMessage: () => (datagrams += 1) });
    const client = dial(alice.platform(), bob, 80);
    const to = { address: bob.platform().localAddresses()[0]!, port: 5 };
    const socket = alice
      .platform()
      .bindUdp({ port: 0 }, { onListening: () => socket.send(new Uint8Array(1_300), to), onMessage: () => undefined });
    world.runUntil(1_000_000);
    client.connection!.write(new Uint8Array(20_000));
    world.runUntil(20_000_000);
    return { sent: accepted[0]!.bytes.length === 20_000, datagrams, needed };
  }

  it('are cut or announced, refused and announced, or swallowed', () => {
    const cut = far('fragment');
    expect(cut).toMatchObject({ sent: true, datagrams: 1 });
    expect(cut.needed.tcp).toBeGreaterThan(0);
    expect(cut.needed.udp).toBe(0);
    const refused = far('refuse');
    expect(refused).toMatchObject({ sent: true, datagrams: 0 });
    expect(refused.needed.tcp).toBeGreaterThan(0);
    expect(refused.needed.udp).toBe(1);
    expect(far('blackHole')).toEqual({ sent: false, datagrams: 0, needed: { tcp: 0, udp: 0 } });
  });
});

describe('the limit of a node', () => {
  /** One packet of 1,000 bytes a millisecond over each of two links, away from the node and towards it. */
  function star(shape: (node: Host) => void): { readonly away: number[]; readonly towards: number[] } {
    const world = new World({ seed: 1 });
    const node = new Host(world, 'node');
    const seen = { away: [] as number[], towards: [] as number[] };
    node.platform().bindUdp({ port: 9 }, { onMessage: () => seen.towards.push(world.nowMicros) });
    for (const name of ['left', 'right']) {
      const host = new Host(world, name);
      host.platform().bindUdp({ port: 9 }, { onMessage: () => seen.away.push(world.nowMicros) });
      const [inner, outer] = [parseAddress(`10.0.${name.length}.1`), parseAddress(`10.0.${name.length}.2`)];
      const { left, right } = connectNodes(
        { node, address: inner },
        { node: host, address: outer },
        { delayMicros: 0 },
      );
      const payload = new Uint8Array(972);
      for (let at = 0; at < 100_000; at += 1_000) {
        world.schedule(at, { onEvent: () => left.send(createUdpPacket(1, 9, outer, 9, payload)) }, undefined);
        world.schedule(at, { onEvent: () => right.send(createUdpPacket(1, 9, inner, 9, payload)) }, undefined);
      }
    }
    shape(node);
    world.runUntil(10_000_000);
    return seen;
  }

  it('holds for all links together, each way on its own', () => {
    expect(star(() => undefined).away.at(-1)).toBe(99_000);
    const up = star((node) => shapeNode(node, { upBitsPerSecond: 8_000_000 }));
    expect([up.away.length, up.away.at(-1), up.towards.at(-1)]).toEqual([200, 200_000, 99_000]);
    const down = star((node) => shapeNode(node, { downBitsPerSecond: 8_000_000 }));
    expect([down.towards.length, down.towards.at(-1), down.away.at(-1)]).toEqual([200, 200_000, 99_000]);
  });

  it('drops at its tail, counts that, and can be taken off', () => {
    const counts: { up: number; down: number }[] = [];
    const few = star((node) => {
      counts.push(shapeNode(node, { upBitsPerSecond: 8_000_000, queuePacketsMax: 4 })!.dropped);
    });
    expect(few.away.length + counts[0]!.up).toBe(200);
    expect(counts[0]!.up).toBeGreaterThan(90);
    const off = star((node) => {
      shapeNode(node, { upBitsPerSecond: 8_000 });
      shapeNode(node, {});
    });
    expect(off.away.at(-1)).toBe(99_000);
    const host = new Host(new World({ seed: 1 }), 'h');
    expect(() => shapeNode(host, { burstBytes: 5 })).toThrow('neither upBitsPerSecond nor downBitsPerSecond');
    expect(() => shapeNode(host, { upBitsPerSecond: 0 })).toThrow('upBitsPerSecond is 0');
  });
});

describe('a line whose speed changes', () => {
  const SLOW = { bandwidthBitsPerSecond: 8_000, queueBytesMax: 20_000 };
  const SECOND = 1_000_000;

  it('lets what waits leave at the old pace, counts it in bytes, and is fast behind it', () => {
    // Ten packets of a second each; the speed changes when 8,500 bytes wait, and more come at once.
    const { arrivals, link } = feed(
      SLOW,
      [...Array<number>(10).fill(0), ...Array<number>(15).fill(1_500_000)],
      (line, world) => world.at(1_400_000, () => line.configure({ bandwidthBitsPerSecond: 1e9 })),
    );
    expect(arrivals.slice(0, 10).map(({ atMicros }) => atMicros)).toEqual(times(10, SECOND).map((at) => at + SECOND));
    // 8,500 bytes and 11 packets fit into 20,000 bytes, and the next does not.
    expect([arrivals.length, link.statistics.queueDroppedPackets]).toEqual([21, 4]);
    for (const { atMicros } of arrivals.slice(10)) expect(atMicros - 10 * SECOND).toBeLessThanOrEqual(11 * 8);
  });

  it('counts what waits also after several changes, and forgets them when it has left', () => {
    const { arrivals, link } = feed(SLOW, [0, 0, 0, 500_000, 800_000, 1_200_000, 60 * SECOND], (line, world) => {
      world.at(400_000, () => line.configure({ bandwidthBitsPerSecond: 16_000 }));
      world.at(700_000, () => line.configure({ bandwidthBitsPerSecond: 4_000 }));
      world.at(1_100_000, () => line.configure({ bandwidthBitsPerSecond: 8_000 }));
    });
    expect(link.statistics.queueDroppedPackets).toBe(0);
    // 3 s for the first three; then half a second, two, one; and alone a second.
    const wanted = [1, 2, 3, 3.5, 5.5, 6.5, 61].map((secs) => secs * SECOND);
    expect(arrivals.map(({ atMicros }) => atMicros)).toEqual(wanted);
  });
});

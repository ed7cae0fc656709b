import { describe, expect, it } from 'vitest';
import { captureWorld, observe, BLIND_OBSERVER, ratio } from '../../sim/index.ts';
import type { World } from '../../sim/index.ts';
import { aPair, bytesOf, dial, listen } from './helpers.ts';

/** A second reading of the format, sharing nothing with the writer. */
type Read = {
  readonly interfaces: string[];
  readonly packets: {
    readonly at: string;
    readonly micros: number;
    readonly bytes: Buffer;
    readonly direction: number;
    readonly comments: string[];
  }[];
};

function readPcapng(bytes: Uint8Array): Read {
  const file = Buffer.from(bytes);
  const read: Read = { interfaces: [], packets: [] };
  for (let at = 0; at < file.length;) {
    const [type, size] = [file.readUInt32LE(at), file.readUInt32LE(at + 4)];
    expect([size % 4, file.readUInt32LE(at + size - 4)]).toEqual([0, size]);
    const body = file.subarray(at + 8, at + size - 4);
    if (at === 0) expect([type, body.readUInt32LE(0), body.readUInt16LE(4)]).toEqual([0x0a0d0d0a, 0x1a2b3c4d, 1]);
    if (type === 1)
      read.interfaces.push(
        optionsOf(body.subarray(8))
          .find(([code]) => code === 2)![1]
          .toString(),
      );
    if (type === 6) {
      const length = body.readUInt32LE(12);
      expect(body.readUInt32LE(16)).toBe(length);
      const options = optionsOf(body.subarray(20 + Math.ceil(length / 4) * 4));
      read.packets.push({
        at: read.interfaces[body.readUInt32LE(0)]!,
        micros: body.readUInt32LE(4) * 2 ** 32 + body.readUInt32LE(8),
        bytes: body.subarray(20, 20 + length),
        direction: options.find(([code]) => code === 2)![1].readUInt32LE(0),
        comments: options.filter(([code]) => code === 1).map(([, value]) => value.toString()),
      });
    }
    at += size;
  }
  return read;
}

function optionsOf(bytes: Buffer): [number, Buffer][] {
  const options: [number, Buffer][] = [];
  for (let at = 0; at < bytes.length && bytes.readUInt16LE(at) !== 0;) {
    const size = bytes.readUInt16LE(at + 2);
    options.push([bytes.readUInt16LE(at), bytes.subarray(at + 4, at + 4 + size)]);
    at += 4 + Math.ceil(size / 4) * 4;
  }
  return options;
}

const LOSSY = { link: { loss: ratio(1, 4), duplicate: ratio(1, 8), corrupt: { ratio: ratio(1, 8) } } };

/** Datagrams over a bad link, and a connection. */
function aBusyRun(onWorld: (world: World) => void): World {
  const { world, alice, bob } = aPair({ alice: LOSSY });
  onWorld(world);
  listen(bob.platform(), 80, []);
  dial(alice.platform(), bob, 80);
  const socket = alice.platform().bindUdp({ port: 0 }, { onMessage: () => undefined });
  const address = bob.platform().localAddresses()[0]!;
  for (let index = 0; index < 200; index += 1) {
    world.at(index * 1_000, () => socket.send(bytesOf(`datagram ${index}`), { address, port: 9 }));
  }
  world.runUntil(3_000_000);
  return world;
}

describe('a capture of a whole world', () => {
  it('has an interface for each NIC, times of the world, directions, and every packet at each', () => {
    const { world, alice, bob } = aPair({ epochMillis: 1_700_000_000_000 });
    const capture = captureWorld(world);
    bob.platform().bindUdp({ port: 9 }, { onMessage: () => undefined });
    const socket = alice.platform().bindUdp({ port: 7 }, { onMessage: () => undefined });
    socket.send(bytesOf('hello'), { address: bob.platform().localAddresses()[0]!, port: 9 });
    world.runUntil(100_000);
    const { interfaces, packets } = readPcapng(capture.toPcapng());
    expect(interfaces).toEqual(['alice/eth0', 'internet/eth0', 'internet/eth1', 'bob/eth0']);
    expect(packets.map(({ at, direction, micros }) => [at, direction, micros - 1_700_000_000_000_000])).toEqual([
      ['alice/eth0', 2, 0],
      ['internet/eth0', 1, 10_000],
      ['internet/eth1', 2, 10_000],
      ['bob/eth0', 1, 20_000],
    ]);
    for (const { bytes } of packets) expect(bytes.subarray(28).toString()).toBe('hello');
    expect(capture.packetCount).toBe(4);
  });

  it('says on each packet that ended why it did, and on each damaged one that it is', () => {
    const drops: string[] = [];
    let capture: ReturnType<typeof captureWorld> | undefined;
    aBusyRun((world) => {
      capture = captureWorld(world);
      observe(world, { ...BLIND_OBSERVER, onDrop: (subject) => drops.push(world.trace.subjectName(subject)) });
    });
    const comments = readPcapng(capture!.toPcapng()).packets.flatMap((packet) => packet.comments);
    const reasons = new Set(comments);
    expect([...reasons].sort()).toEqual(
      [
        'damaged on the way: the checksum is wrong',
        'dropped by alice-internet:forward: loss',
        'dropped by alice-internet:backward: loss',
        'dropped by alice: checksum',
        'dropped by bob: checksum',
        'dropped by bob: noSocket',
      ].sort(),
    );
    expect(comments.filter((text) => text.startsWith('dropped')).length).toBe(drops.length);
  });

  it('keeps megabytes of packets in order, each with its own comments', () => {
    const { world, alice, bob } = aPair({ alice: { link: { loss: ratio(1, 4) } } });
    const capture = captureWorld(world);
    const wanted: string[] = [];
    observe(world, {
      ...BLIND_OBSERVER,
      onSend: ({ node }, packet) => wanted.push(`${node.name} ${packet.identification} out`),
      onReceive: ({ node }, packet) => wanted.push(`${node.name} ${packet.identification} in`),
      onDrop: () => wanted.push(`${wanted.pop()} dropped`),
    });
    bob.platform().bindUdp({ port: 9 }, { onMessage: () => undefined });
    const socket = alice.platform().bindUdp({ port: 0 }, { onMessage: () => undefined });
    const to = { address: bob.platform().localAddresses()[0]!, port: 9 };
    for (let index = 0; index < 3_000; index += 1) {
      world.at(index * 50_000, () => socket.send(new Uint8Array(600 + (index % 800)), to));
    }
    world.runUntil(200_000_000);
    const file = capture.toPcapng();
    expect(file.length).toBeGreaterThan(9_000_000);
    const read = readPcapng(file).packets.map(({ at, bytes, direction, comments }) => {
      const way = direction === 1 ? 'in' : 'out';
      return [at.split('/')[0], bytes.readUInt16BE(4), way, ...comments.map(() => 'dropped')].join(' ');
    });
    const first = wanted.findIndex((line, index) => line !== read[index]);
    expect([first, read[first], read.length]).toEqual([-1, undefined, wanted.length]);
  });

  it('changes no digest, stopped or not', () => {
    const plain = aBusyRun(() => undefined).digest();
    expect(aBusyRun((world) => captureWorld(world)).digest()).toBe(plain);
    expect(aBusyRun((world) => captureWorld(world).stop()).digest()).toBe(plain);
    expect(aBusyRun((world) => captureWorld(world, { bytesMax: 10_000 })).digest()).toBe(plain);
  });

  it('keeps what fits and counts the rest', () => {
    let capture: ReturnType<typeof captureWorld> | undefined;
    aBusyRun((world) => (capture = captureWorld(world, { bytesMax: 10_000 })));
    const { packets } = readPcapng(capture!.toPcapng());
    expect(packets.length).toBe(capture!.packetCount);
    expect(capture!.missedCount).toBeGreaterThan(100);
  });
});

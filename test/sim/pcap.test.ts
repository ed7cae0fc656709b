import { describe, expect, it } from 'vitest';
import { captureLink, captureNode, conversationPackets, encodePcap, ratio, registryOf } from '../../sim/index.ts';
import type { Address, CapturedPacket } from '../../sim/index.ts';
import { aConnectedPair, aPair, bytesOf, dial, listen } from './helpers.ts';
import type { Recorder } from './helpers.ts';

/** A second reading of the format, sharing nothing with the writer. */
type Frame = {
  readonly seconds: number;
  readonly micros: number;
  readonly ethernetType: number | undefined;
  readonly ip: Buffer;
  readonly ipChecksumOk: boolean;
  readonly protocol: number;
  readonly source: string;
  readonly destination: string;
  readonly fragment: number;
  readonly body: Buffer;
};

function readPcap(bytes: Uint8Array): { readonly linkType: number; readonly frames: Frame[] } {
  const file = Buffer.from(bytes);
  expect(file.readUInt32LE(0)).toBe(0xa1b2c3d4);
  expect([file.readUInt16LE(4), file.readUInt16LE(6)]).toEqual([2, 4]);
  const linkType = file.readUInt32LE(20);
  const frames: Frame[] = [];
  for (let at = 24; at < file.length;) {
    const size = file.readUInt32LE(at + 8);
    expect(file.readUInt32LE(at + 12)).toBe(size);
    const frame = file.subarray(at + 16, at + 16 + size);
    expect(frame.length).toBe(size);
    const ip = linkType === 1 ? frame.subarray(14) : frame;
    frames.push({
      seconds: file.readUInt32LE(at),
      micros: file.readUInt32LE(at + 4),
      ethernetType: linkType === 1 ? frame.readUInt16BE(12) : undefined,
      ip,
      ipChecksumOk: checksumOf(ip.subarray(0, 20)) === 0,
      protocol: ip[9]!,
      source: ip.subarray(12, 16).join('.'),
      destination: ip.subarray(16, 20).join('.'),
      fragment: ip.readUInt16BE(6),
      body: ip.subarray(20),
    });
    expect([ip[0], ip.readUInt16BE(2)]).toEqual([0x45, ip.length]);
    at += 16 + size;
  }
  return { linkType, frames };
}

/** RFC 1071, the slow and obvious way: 0 when the sum over data that holds its checksum is right. */
function checksumOf(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) {
    sum += bytes[at]! * 256 + (at + 1 < bytes.length ? bytes[at + 1]! : 0);
    if (sum > 65_535) sum -= 65_535;
  }
  return 65_535 - sum;
}

function transportChecksumOk(frame: Frame, body = frame.body): boolean {
  if (frame.protocol === 1) return checksumOf(body) === 0;
  const pseudo = Buffer.alloc(12);
  frame.ip.copy(pseudo, 0, 12, 20);
  pseudo[9] = frame.protocol;
  pseudo.writeUInt16BE(body.length, 10);
  return checksumOf(Buffer.concat([pseudo, body])) === 0;
}

describe('captures', () => {
  it.each(['raw', 'ethernet'] as const)('a TCP exchange as %s, with right checksums, options and times', (linkType) => {
    const pair = aPair({ epochMillis: 1_700_000_000_000 });
    const capture = captureNode(pair.alice);
    const { world, client, server } = aConnectedPair(pair);
    client.connection!.write(bytesOf('odd'));
    client.connection!.end();
    server.connection!.end();
    world.runUntil(2_000_000);
    const read = readPcap(capture.toPcap({ linkType }));
    expect(read.linkType).toBe(linkType === 'raw' ? 101 : 1);
    expect(read.frames.length).toBe(capture.packets.length);
    expect(read.frames.length).toBeGreaterThanOrEqual(8);
    for (const frame of read.frames) {
      expect(frame.ipChecksumOk && transportChecksumOk(frame)).toBe(true);
      expect(frame.ethernetType).toBe(linkType === 'raw' ? undefined : 0x0800);
    }
    const [syn, synAck, , data] = read.frames;
    expect([syn!.seconds, syn!.micros, synAck!.micros]).toEqual([1_700_000_000, 0, 40_000]);
    expect([syn!.source, syn!.destination]).toEqual(['198.18.0.2', '198.18.0.3']);
    expect(syn!.body[13]).toBe(2);
    expect([...syn!.body.subarray(20)]).toEqual([2, 4, 1_460 >> 8, 1_460 & 255, 1, 3, 3, 3]);
    expect(synAck!.body.readUInt32BE(8)).toBe((syn!.body.readUInt32BE(4) + 1) % 2 ** 32);
    expect(data!.body.subarray(20).toString()).toBe('odd');
    expect(data!.seconds).toBe(1_700_000_001);
  });

  it('the sizes that links count are the sizes on the wire', () => {
    const pair = aPair();
    const link = registryOf(pair.world).link('alice-internet');
    const capture = captureLink(pair.world, link);
    const { world, client } = aConnectedPair(pair);
    client.connection!.write(new Uint8Array(5_000));
    world.runUntil(2_000_000);
    const total = readPcap(capture.toPcap()).frames.reduce((sum, { ip }) => sum + ip.length, 0);
    expect(total).toBe(link.forward.statistics.sentBytes + link.backward.statistics.sentBytes);
  });

  it('large datagrams as fragments that fit together again', () => {
    const { world, alice, bob } = aPair();
    const capture = captureNode(bob);
    bob.platform().bindUdp({ port: 9 }, { onMessage: () => undefined });
    const socket = alice.platform().bindUdp({ port: 0 }, { onMessage: () => undefined });
    const payload = world.stream('test').bytes(4_000);
    socket.send(payload, { address: bob.platform().localAddresses()[0]!, port: 9 });
    world.runUntil(100_000);
    const { frames } = readPcap(capture.toPcap());
    expect(frames.map(({ fragment }) => [fragment >> 13, (fragment & 0x1fff) * 8])).toEqual([
      [1, 0],
      [1, 1_480],
      [0, 2_960],
    ]);
    expect(frames.every(({ ipChecksumOk }) => ipChecksumOk)).toBe(true);
    const whole = Buffer.concat(frames.map(({ body }) => body));
    expect(transportChecksumOk(frames[0]!, whole)).toBe(true);
    expect(Buffer.compare(whole.subarray(8), payload)).toBe(0);
  });

  it('ICMP errors with what they quote, and damage as a wrong checksum', () => {
    const { world, alice, bob } = aPair({ bob: { link: { corrupt: { ratio: ratio(1, 1) } } } });
    const capture = captureNode(alice);
    const socket = alice.platform().bindUdp({ port: 7 }, { onMessage: () => undefined });
    socket.send(bytesOf('to nowhere'), { address: '203.0.113.1', port: 9 });
    bob.platform().connectTcp({ remote: { address: alice.platform().localAddresses()[0]!, port: 80 } }, silent);
    world.runUntil(100_000);
    const { frames } = readPcap(capture.toPcap());
    const icmp = frames.find(({ protocol }) => protocol === 1)!;
    expect(transportChecksumOk(icmp)).toBe(true);
    expect([icmp.body[0], icmp.body[1], icmp.body.length]).toEqual([3, 1, 36]);
    expect([icmp.body.readUInt16BE(28), icmp.body.readUInt16BE(30)]).toEqual([7, 9]);
    const damaged = frames.find(({ protocol }) => protocol === 6)!;
    expect([damaged.ipChecksumOk, transportChecksumOk(damaged)]).toEqual([true, false]);
  });

  it('stops when told, and at its limit', () => {
    const pair = aPair();
    const [some, few] = [captureNode(pair.alice), captureNode(pair.alice, 2)];
    const { world, client } = aConnectedPair(pair);
    const before = some.packets.length;
    some.stop();
    client.connection!.write(bytesOf('more'));
    world.runUntil(2_000_000);
    expect([before, some.packets.length, few.packets.length]).toEqual([3, 3, 2]);
  });

  it('keeps packets as they were seen, though routers rewrite them later', () => {
    const { world, alice, bob } = aPair();
    const capture = captureNode(alice);
    const accepted: Recorder[] = [];
    listen(bob.platform(), 80, accepted);
    dial(alice.platform(), bob, 80);
    world.runUntil(1_000_000);
    expect(capture.packets.map(({ packet }) => packet.timeToLive)).toEqual([64, 63, 64]);
  });
});

describe('payloads without a network', () => {
  const client = { address: '192.0.2.1', port: 5_000 };
  const server = { address: '192.0.2.2', port: 80 };
  const messages = [
    { atMicros: 1_000_000, from: 'client', bytes: new Uint8Array(3_000).fill(1) },
    { atMicros: 1_500_000, from: 'server', bytes: bytesOf('ok') },
  ] as const;

  it('get a TCP connection whose numbers fit', () => {
    const packets = conversationPackets({ transport: 'tcp', client, server, messages });
    const { frames } = readPcap(encodePcap(packets));
    expect(frames.every((frame) => frame.ipChecksumOk && transportChecksumOk(frame))).toBe(true);
    const flags = frames.map(({ body }) => body[13]);
    expect(flags.slice(0, 3)).toEqual([2, 18, 16]);
    expect(flags.slice(-3)).toEqual([17, 17, 16]);
    expectContinuous(packets);
    const sent = frames
      .filter(({ source }) => source === client.address)
      .map(({ body }) => body.subarray((body[12]! >> 4) * 4));
    expect(Buffer.concat(sent).length).toBe(3_000);
  });

  it('get plain datagrams', () => {
    const packets = conversationPackets({ transport: 'udp', client, server, messages });
    const { frames } = readPcap(encodePcap(packets, { mtuBytes: 65_535 }));
    expect(frames.map(({ body }) => body.length - 8)).toEqual([3_000, 2]);
    expect(frames.every((frame) => transportChecksumOk(frame))).toBe(true);
  });
});

/** Every segment continues its side, and acknowledges exactly what the other side has sent. */
function expectContinuous(packets: readonly CapturedPacket[]): void {
  const next = new Map<Address, number>();
  for (const { packet } of packets) {
    const { source, destination, flags, payload, sequence, acknowledgment } = packet;
    if (next.has(source)) expect(sequence).toBe(next.get(source));
    if ((flags & 16) !== 0) expect(acknowledgment).toBe(next.get(destination));
    next.set(source, sequence + payload.length + (flags & 1) + ((flags >> 1) & 1));
  }
}

const silent = { onData: () => undefined, onClosed: () => undefined };

import { describe, expect, it } from 'vitest';
import { captureNode, registryOf } from '../../sim/index.ts';
import { aConnectedPair, aPair, bytesOf, dial, listen } from './helpers.ts';
import type { Recorder } from './helpers.ts';

const SECOND = 1_000_000;
const MEGABYTE = 1_000_000;

describe('TCP flow control', () => {
  it('stops at the receive buffer while the reader is paused, and probes the closed window', () => {
    const { world, client, server, bob } = aConnectedPair();
    server.connection!.pause();
    const sent = world.stream('test').bytes(MEGABYTE);
    client.connection!.write(sent);
    world.runUntil(10 * SECOND);
    expect(server.bytes.length).toBe(0);
    // Receive buffer 262,144; send buffer 131,072; the rest waits in the application's queue. The scaled window is rounded
    // up by 7 bytes at most for each of some 180 segments.
    const taken = MEGABYTE - client.connection!.queuedBytes;
    expect(taken).toBeGreaterThanOrEqual(262_144 + 131_072);
    expect(taken).toBeLessThan(262_144 + 131_072 + 180 * 7);
    const probes = registryOf(world).link('bob-internet').backward;
    const before = probes.statistics.deliveredPackets;
    world.runUntil(600 * SECOND);
    // A probe's byte is not taken while the window is closed.
    expect(MEGABYTE - client.connection!.queuedBytes).toBe(taken);
    // The probes back off to one in two minutes, are answered, and so never time the connection out.
    expect(probes.statistics.deliveredPackets - before).toBeGreaterThan(3);
    expect(client.events).toEqual(['connected']);
    server.connection!.resume();
    expect(server.bytes.length).toBe(0);
    world.runUntil(630 * SECOND);
    expect(Buffer.compare(server.bytes, sent)).toBe(0);
    expect(client.connection!.queuedBytes).toBe(0);
    expect(client.events).toEqual(['connected', 'drain']);
    expect(bob.openResources().connections).toBe(1);
  });

  it('finds the window open again even when the update is lost', () => {
    const { world, client, server } = aConnectedPair();
    server.connection!.pause();
    client.connection!.write(new Uint8Array(500_000));
    world.runUntil(5 * SECOND);
    const acks = registryOf(world).link('bob-internet').forward;
    acks.dropNth(1);
    server.connection!.resume();
    world.runUntil(5 * SECOND + 50_000);
    expect(acks.statistics.ruleDroppedPackets).toBe(1);
    const stalled = server.bytes.length;
    world.runUntil(60 * SECOND);
    expect(stalled).toBeLessThan(500_000);
    expect(server.bytes.length).toBe(500_000);
  });

  it('goes on with right numbers when the byte of a probe was the last', () => {
    // How much the peer takes while it is paused, from a first world; one byte more in a second.
    const full = aConnectedPair();
    full.server.connection!.pause();
    full.client.connection!.write(new Uint8Array(300_000));
    full.world.runUntil(5 * SECOND);
    const capture = captureNode(full.alice);
    full.world.runUntil(60 * SECOND);
    const { acknowledgment } = capture.packets[1]!.packet;
    const other = aConnectedPair();
    other.server.connection!.pause();
    const before = captureNode(other.alice);
    other.client.connection!.write(Uint8Array.of(0));
    const sizeBytes = ((acknowledgment - before.packets[0]!.packet.sequence) | 0) + 1;
    before.stop();
    other.client.connection!.write(new Uint8Array(sizeBytes - 1));
    other.world.runUntil(5 * SECOND);
    registryOf(other.world).link('bob-internet').forward.dropNth(1);
    other.server.connection!.resume();
    other.world.runUntil(60 * SECOND);
    expect(other.server.bytes.length).toBe(sizeBytes);
    const after = captureNode(other.alice);
    other.server.connection!.write(bytesOf('answer'));
    other.world.runUntil(61 * SECOND);
    expect(other.client.text).toBe('answer');
    const [, ack] = after.packets;
    expect(after.packets.length).toBe(2);
    expect(ack!.packet.sequence).toBe(after.packets[0]!.packet.acknowledgment);
  });

  it('acknowledges what a filled hole made readable, though the handler answered before', () => {
    const { world, client, server, alice } = aConnectedPair();
    const capture = captureNode(alice);
    registryOf(world).link('alice-internet').forward.dropNth(1);
    server.onData = () => {
      if (server.events.length === 0) server.connection!.write(bytesOf('first'));
      server.events.push('data');
    };
    client.connection!.write(new Uint8Array(1_460));
    client.connection!.write(bytesOf('two'));
    world.runUntil(10 * SECOND);
    expect(server.events).toEqual(['data', 'data']);
    const sent = capture.packets.filter(({ packet }) => packet.destinationPort === 80 && packet.payload.length > 0);
    // Both, and the first again; the second needs no repeat.
    expect(sent.map(({ packet }) => packet.payload.length)).toEqual([1_460, 3, 1_460]);
  });

  it('a peer that dies behind a closed window is timed out', () => {
    const { world, client, server, bob } = aConnectedPair();
    server.connection!.pause();
    client.connection!.write(new Uint8Array(500_000));
    world.runUntil(5 * SECOND);
    bob.crash();
    world.runUntil(400 * SECOND);
    expect(client.events).toEqual(['connected', 'timedOut']);
  });

  it('pauses inside the handler, keeps order, and tells the end only after the last byte', () => {
    const { world, client, server } = aConnectedPair();
    let seen = '';
    server.onData = (bytes) => {
      seen += String.fromCharCode(...bytes);
      server.connection!.pause();
    };
    for (const text of ['one ', 'two ', 'three']) client.connection!.write(bytesOf(text));
    client.connection!.end();
    world.runUntil(2 * SECOND);
    expect([seen, server.events]).toEqual(['one ', []]);
    server.connection!.resume();
    world.runUntil(3 * SECOND);
    expect([seen, server.events]).toEqual(['one two ', []]);
    server.connection!.resume();
    world.runUntil(4 * SECOND);
    // The last piece came with the pause that follows it; the end waits for one more resume.
    expect([seen, server.events]).toEqual(['one two three', []]);
    server.connection!.resume();
    world.runUntil(5 * SECOND);
    expect(server.events).toEqual(['end']);
  });

  it('a reset takes unread data with it; an orderly close does not', () => {
    const closing = aConnectedPair();
    closing.server.connection!.pause();
    closing.server.connection!.end();
    closing.client.connection!.write(bytesOf('kept'));
    closing.client.connection!.end();
    closing.world.runUntil(10 * SECOND);
    expect(closing.server.events).toEqual([]);
    closing.server.connection!.resume();
    closing.world.runUntil(11 * SECOND);
    expect([closing.server.text, ...closing.server.events]).toEqual(['kept', 'end', 'closed']);
    const resetting = aConnectedPair();
    resetting.server.connection!.pause();
    resetting.client.connection!.write(bytesOf('lost'));
    resetting.world.runUntil(1_100_000);
    resetting.client.connection!.abort();
    resetting.world.runUntil(2 * SECOND);
    expect([resetting.server.text, ...resetting.server.events]).toEqual(['', 'reset']);
  });

  it('delays acknowledgments when told to, and every second segment at most', () => {
    const tcp = { delayedAckMicros: 40_000 };
    const { world, client } = aConnectedPair(aPair({ bob: { tcp } }));
    const acks = registryOf(world).link('bob-internet').forward.statistics;
    const before = acks.sentPackets;
    client.connection!.write(bytesOf('a'));
    world.runUntil(SECOND + 20_000 + 39_999);
    expect(acks.sentPackets - before).toBe(0);
    world.runUntil(SECOND + 20_000 + 40_000);
    expect(acks.sentPackets - before).toBe(1);
    client.connection!.write(new Uint8Array(1_460 * 4));
    world.runUntil(2 * SECOND);
    expect(acks.sentPackets - before).toBe(3);
  });

  it('carries the acknowledgment on an answer written at once', () => {
    const { world, client, server } = aConnectedPair();
    const up = registryOf(world).link('bob-internet').forward.statistics;
    const before = up.sentPackets;
    server.onData = (bytes) => server.connection!.write(bytes);
    client.connection!.write(bytesOf('ping'));
    world.runUntil(2 * SECOND);
    expect(client.text).toBe('ping');
    expect(up.sentPackets - before).toBe(1);
  });

  it('counts what waits before the handshake as queued, and drains it', () => {
    const { world, alice, bob } = aPair();
    const accepted: Recorder[] = [];
    listen(bob.platform(), 80, accepted);
    const client = dial(alice.platform(), bob, 80);
    client.connection!.write(bytesOf('early'));
    expect(client.connection!.queuedBytes).toBe(5);
    world.runUntil(SECOND);
    expect(client.events).toEqual(['connected', 'drain']);
    expect(accepted[0]!.text).toBe('early');
  });
});

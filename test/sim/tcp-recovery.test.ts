import { describe, expect, it } from 'vitest';
import { captureNode, registryOf } from '../../sim/index.ts';
import type { LinkDirection, Packet } from '../../sim/index.ts';
import { aConnectedPair, bytesOf } from './helpers.ts';
import type { Pair } from './helpers.ts';

/** One round trip of the pair: four crossings of 10 ms. */
const ROUND_TRIP = 40_000;
const START = 1_000_000;
const SEGMENT = 1_460;

const uplinkOf = ({ world }: Pick<Pair, 'world'>): LinkDirection => registryOf(world).link('alice-internet').forward;

describe('TCP recovery, to the microsecond', () => {
  it('mends two holes of one window by partial acknowledgments, without a timeout', () => {
    const pair = aConnectedPair();
    uplinkOf(pair).dropNth(2, 5);
    const sent = pair.world.stream('test').bytes(10 * SEGMENT);
    pair.client.connection!.write(sent);
    // Data out, duplicates back, first repeat out, partial acknowledgment back, second repeat out.
    pair.world.runUntil(START + 2.5 * ROUND_TRIP - 1);
    expect(pair.server.bytes.length).toBeLessThan(10 * SEGMENT);
    pair.world.runUntil(START + 2.5 * ROUND_TRIP);
    expect(Buffer.compare(pair.server.bytes, sent)).toBe(0);
  });

  it('starts again with one segment after a timeout, and doubles from there', () => {
    const pair = aConnectedPair();
    const lost = uplinkOf(pair).dropWhen(({ payload }) => payload.length > 0);
    pair.client.connection!.write(new Uint8Array(10 * SEGMENT));
    pair.world.runUntil(START + 100_000);
    lost();
    const capture = captureNode(pair.alice);
    pair.world.runUntil(START + 3_000_000);
    const data = capture.packets.filter(({ packet }) => packet.payload.length > 0);
    const first = data[0]!.atMicros;
    // The round trip was measured by the handshake: 40 ms, so the timeout is the least there is.
    expect(first - START).toBe(200_000);
    const perRound = [0, 1, 2, 3].map(
      (round) => data.filter(({ atMicros }) => atMicros === first + round * ROUND_TRIP).length,
    );
    expect(perRound).toEqual([1, 2, 4, 3]);
    expect(pair.server.bytes.length).toBe(10 * SEGMENT);
  });

  it('doubles the timeout while nothing is answered, and forgets the doubling afterwards', () => {
    const pair = aConnectedPair();
    const lost = uplinkOf(pair).dropWhen(({ payload }) => payload.length > 0, 3);
    const capture = captureNode(pair.alice);
    pair.client.connection!.write(bytesOf('x'));
    pair.world.runUntil(START + 5_000_000);
    const times = (): number[] =>
      capture.packets.filter(({ packet }) => packet.payload.length > 0).map(({ atMicros }) => atMicros);
    expect(times().map((at) => at - START)).toEqual([0, 200_000, 600_000, 1_400_000]);
    lost();
    uplinkOf(pair).dropNth(1);
    pair.client.connection!.write(bytesOf('y'));
    pair.world.runUntil(START + 8_000_000);
    expect(
      times()
        .slice(4)
        .map((at) => at - START),
    ).toEqual([5_000_000, 5_200_000]);
  });

  it('remembers a FIN that came before the data', () => {
    const pair = aConnectedPair();
    uplinkOf(pair).dropNth(1);
    pair.client.connection!.write(bytesOf('late'));
    pair.client.connection!.end();
    pair.world.runUntil(START + 200_000 + ROUND_TRIP / 2);
    expect([pair.server.text, ...pair.server.events]).toEqual(['late', 'end']);
  });

  it('stays in TIME-WAIT a minute from the last repeated FIN', () => {
    const pair = aConnectedPair();
    pair.client.connection!.end();
    pair.world.runUntil(START + 100_000);
    // Of the three acknowledgments of the server's FIN the first two are lost.
    uplinkOf(pair).dropNth(1, 2);
    pair.server.connection!.end();
    pair.world.runUntil(START + 2_000_000);
    expect(pair.server.events).toEqual(['end', 'closed']);
    // FINs left at 0.1, 0.3 and 0.7 s; the last arrived half a round trip later.
    const last = START + 100_000 + 600_000 + ROUND_TRIP / 2;
    pair.world.runUntil(last + 60_000_000 - 1);
    expect(pair.alice.tcp.socketCount).toBe(1);
    pair.world.runUntil(last + 60_000_000);
    expect(pair.alice.tcp.socketCount).toBe(0);
  });

  it('reports nothing when only the last acknowledgment is missing and the peer is gone', () => {
    const pair = aConnectedPair();
    pair.client.connection!.end();
    pair.world.runUntil(START + 100_000);
    pair.alice.crash();
    pair.alice.restart();
    pair.server.connection!.end();
    pair.world.runUntil(START + 200_000);
    expect(pair.server.events).toEqual(['end', 'closed']);
  });

  it('tells the end before the close, even when paused with nothing to read', () => {
    const pair = aConnectedPair();
    pair.server.connection!.pause();
    pair.client.connection!.end();
    pair.world.runUntil(START + 100_000);
    pair.server.connection!.end();
    pair.world.runUntil(START + 200_000);
    expect(pair.server.events).toEqual([]);
    pair.server.connection!.resume();
    pair.world.runUntil(START + 300_000);
    expect(pair.server.events).toEqual(['end', 'closed']);
  });

  it('lets a new SYN with a higher number end TIME-WAIT', () => {
    const pair = aConnectedPair();
    const { remote } = pair.server.connection!;
    pair.server.connection!.end();
    pair.world.runUntil(START + 100_000);
    pair.client.connection!.end();
    pair.world.runUntil(START + 200_000);
    expect([pair.alice.tcp.socketCount, pair.bob.tcp.socketCount]).toEqual([0, 1]);
    // From the same port again, while the server waits. A SYN that might be old would be answered by an acknowledgment.
    const opened: Packet[] = [];
    uplinkOf(pair).addTap((packet) => opened.push({ ...packet }));
    const before = pair.client.connection as unknown as { sendMax: number };
    const again = { onData: () => undefined, onClosed: () => undefined, onConnected: () => undefined };
    pair.alice.platform().connectTcp({ remote: pair.client.connection!.remote, localPort: remote.port }, again);
    const isHigher = ((opened[0]!.sequence - before.sendMax) | 0) > 0;
    pair.world.runUntil(START + 200_000 + 2 * ROUND_TRIP);
    expect(isHigher).toBe(true);
    // SYN and the acknowledgment of the SYN-ACK; a challenged SYN would have needed a reset and a second SYN.
    expect(opened.map(({ flags }) => flags)).toEqual([2, 16]);
  });
});

/** RACK and the tail loss probe (RFC 8985), beside recovery by counting on the same losses. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TCP_OPTIONS_LINUX, ratio, registryOf } from '../../sim/index.ts';
import type { LinkDirection, TcpOptions } from '../../sim/index.ts';
import type { TcpSocket } from '../../sim/tcp/socket.ts';
import { aConnectedPair, aPair } from './helpers.ts';

const ROUND_TRIP = 40_000;
const START = 1_000_000;
const SEGMENT = 1_460;
const MARGIN = 2_000;

const byTime: Partial<TcpOptions> = { selectiveAcknowledgments: true, lossDetection: 'rackTlp' };
const byCount: Partial<TcpOptions> = { selectiveAcknowledgments: true };

/** Writes so many segments and gives when all have arrived, how many segments of data left, and the window at that time. */
function send(segmentCount: number, tcp: Partial<TcpOptions>, disturb: (uplink: LinkDirection) => void) {
  const pair = aConnectedPair(aPair({ alice: { tcp }, bob: { tcp } }));
  const uplink = registryOf(pair.world).link('alice-internet').forward;
  disturb(uplink);
  let sentCount = 0;
  uplink.addTap(({ payload }) => (sentCount += payload.length > 0 ? 1 : 0));
  const sent = pair.world.stream('test').bytes(segmentCount * SEGMENT);
  pair.client.connection!.write(sent);
  while (pair.server.bytes.length < sent.length) pair.world.runUntil(pair.world.nowMicros + 1_000);
  const tookMicros = pair.world.nowMicros - START;
  const windowBytes = (pair.client.connection as TcpSocket).congestionWindow;
  pair.world.runUntil(START + 10_000_000);
  expect(Buffer.compare(pair.server.bytes, sent)).toBe(0);
  return { tookMicros, sentCount, windowBytes };
}

/** The first `count` segments of data with the lowest sequence number are lost. */
const dropFirst =
  (count: number) =>
  (uplink: LinkDirection): void => {
    let first: number | undefined;
    uplink.dropWhen(({ payload, sequence }) => {
      if (payload.length > 0) first ??= sequence;
      return payload.length > 0 && sequence === first;
    }, count);
  };

describe('losses found by time', () => {
  it('a probe shows what is missing of a tail, after two round trips instead of a timeout', () => {
    const tail = (uplink: LinkDirection): void => uplink.dropNth(9, 10);
    const probed = send(10, byTime, tail);
    expect([probed.tookMicros, probed.sentCount]).toEqual([4.5 * ROUND_TRIP + MARGIN, 12]);
    expect(send(10, byCount, tail).tookMicros).toBeGreaterThanOrEqual(240_000 + ROUND_TRIP / 2);
  });

  it('a single lost segment is probed for when the timeout would come, and the window stays', () => {
    const tail = (uplink: LinkDirection): void => uplink.dropNth(10);
    const [probed, timedOut] = [send(10, byTime, tail), send(10, byCount, tail)];
    expect([probed.tookMicros, timedOut.tookMicros]).toEqual([260_000, 260_000]);
    expect([probed.windowBytes > 2 * SEGMENT, timedOut.windowBytes > 2 * SEGMENT]).toEqual([true, false]);
  });

  it('a segment that is late by less than a quarter of a round trip is not repeated, once lateness was seen', () => {
    const late = (uplink: LinkDirection): void => {
      let count = 0;
      uplink.addRule(({ payload }) => {
        if (payload.length > 0) count += 1;
        return payload.length > 0 && (count === 8 || count === 16) ? { extraMicros: 8_000 } : 'pass';
      });
    };
    // The first time two later segments arrive, too few to conclude from; the second time many.
    expect(send(40, byTime, late).sentCount).toBe(40);
    expect(send(40, byCount, late).sentCount).toBe(42);
  });

  it('a retransmission that is lost again is repeated without a timeout', () => {
    expect(send(20, byTime, dropFirst(2)).tookMicros).toBeLessThan(200_000);
    expect(send(20, byCount, dropFirst(2)).tookMicros).toBeGreaterThan(200_000);
  });

  it('delivers everything once and in order, whatever is lost, doubled and reordered, and comes to rest', () => {
    const percent = fc.integer({ min: 0, max: 25 });
    const world = fc.record({
      seed: fc.nat(),
      loss: percent,
      duplicate: percent,
      reorder: percent,
      size: fc.nat(90_000),
    });
    const check = ({
      seed,
      loss,
      duplicate,
      reorder,
      size,
    }: typeof world extends fc.Arbitrary<infer T> ? T : never): void => {
      const link = {
        loss: ratio(loss, 100),
        duplicate: ratio(duplicate, 100),
        reorder: { ratio: ratio(reorder, 100), extraMicros: 15_000 },
      };
      const pair = aConnectedPair(
        aPair({ seed, internet: {}, alice: { tcp: TCP_OPTIONS_LINUX }, bob: { tcp: TCP_OPTIONS_LINUX } }),
      );
      for (const direction of ['forward', 'backward'] as const) {
        registryOf(pair.world).link('alice-internet')[direction].configure(link);
      }
      const [up, down] = [pair.world.stream('up').bytes(size + 1), pair.world.stream('down').bytes(size + 1)];
      pair.client.connection!.write(up);
      pair.server.connection!.write(down);
      pair.client.connection!.end();
      pair.server.connection!.end();
      pair.world.runUntil(1_500_000_000);
      expect([Buffer.compare(pair.server.bytes, up), Buffer.compare(pair.client.bytes, down)]).toEqual([0, 0]);
      expect([pair.client.events.at(-1), pair.server.events.at(-1)]).toEqual(['closed', 'closed']);
      pair.world.runUntil(pair.world.nowMicros + 130_000_000);
      expect([pair.alice.tcp.socketCount, pair.bob.tcp.socketCount]).toEqual([0, 0]);
    };
    fc.assert(fc.property(world, check), { seed: 11, numRuns: 60 });
  }, 30_000);
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TCP_OPTIONS_LINUX, ratio, registryOf } from '../../sim/index.ts';
import type { Packet } from '../../sim/index.ts';
import { integerCubeRoot } from '../../sim/tcp/cube-root.ts';
import { SackBlocks } from '../../sim/tcp/sack-blocks.ts';
import type { TcpSocket } from '../../sim/tcp/socket.ts';
import { aConnectedPair, aPair, bytesOf } from './helpers.ts';

const SECOND = 1_000_000;

describe('TCP options a host may switch on', () => {
  it('refuses what makes no sense, with the range', () => {
    const refusal = (tcp: object): string => {
      try {
        aPair({ alice: { tcp: tcp } });
      } catch (error) {
        return (error as Error).message;
      }
      return 'taken';
    };
    expect([
      refusal({ rtoMinMicros: 0 }),
      refusal({ receiveBufferBytes: 2 ** 31 }),
      refusal({ congestionControl: 'reno' }),
      refusal({ lossDetection: 'rackTlp' }),
      refusal({ rtoMinMicros: 2_000_000, rtoMaxMicros: 1_000_000 }),
      refusal({ initialSequence: 0.5 }),
      refusal({ rtoMicros: 1 }).slice(0, 30),
      refusal(TCP_OPTIONS_LINUX),
    ]).toEqual([
      'rtoMinMicros is 0; give an integer from 1 to 9007199254740991',
      'receiveBufferBytes is 2147483648; give an integer from 1 to 1073725440',
      "congestionControl is 'reno'; give one of newReno, cubic",
      "lossDetection 'rackTlp' needs selectiveAcknowledgments: true (RFC 8985 section 3.2)",
      'rtoMinMicros 2000000 is above rtoMaxMicros 1000000',
      'initialSequence is 0.5; give an integer from -2147483648 to 4294967295',
      "TCP has no option 'rtoMicros';",
      'taken',
    ]);
  });

  it('the integer cube root is the real one rounded down, cubes and their neighbours included', () => {
    const check = (value: number): void => {
      const root = BigInt(integerCubeRoot(value));
      expect(root ** 3n <= BigInt(value) && (root + 1n) ** 3n > BigInt(value)).toBe(true);
    };
    for (let root = 1; root < 208_063; root += 997) [-1, 0, 1].forEach((step) => check(root ** 3 + step));
    [0, 1, Number.MAX_SAFE_INTEGER].forEach(check);
    fc.assert(fc.property(fc.maxSafeNat(), check), { seed: 1, numRuns: 500 });
  });

  it('reports out-of-order blocks joined, the latest first, four at most', () => {
    const blocks = new SackBlocks();
    for (const start of [10, 30, 50, 70, 90]) blocks.insert(start, start + 10);
    expect(blocks.edges()).toEqual([90, 100, 70, 80, 50, 60, 30, 40]);
    blocks.insert(40, 50);
    expect(blocks.edges().slice(0, 2)).toEqual([30, 60]);
    blocks.advance(60);
    expect(blocks.edges()).toEqual([90, 100, 70, 80]);
  });

  it('carries bytes both ways under loss, reordering and duplication as Linux is set, whatever the peer permits', () => {
    for (const bob of [TCP_OPTIONS_LINUX, {}]) {
      const link = {
        loss: ratio(1, 20),
        duplicate: ratio(1, 20),
        reorder: { ratio: ratio(1, 10), extraMicros: 30_000 },
      };
      const { world, client, server } = aConnectedPair(
        aPair({ seed: 6, internet: { link }, alice: { tcp: TCP_OPTIONS_LINUX }, bob: { tcp: bob } }),
      );
      const [up, down] = [world.stream('up').bytes(400_000), world.stream('down').bytes(400_000)];
      client.connection!.write(up);
      server.connection!.write(down);
      client.connection!.end();
      server.connection!.end();
      world.runUntil(600 * SECOND);
      expect([Buffer.compare(server.bytes, up), Buffer.compare(client.bytes, down)]).toEqual([0, 0]);
      expect(client.events.at(-1)).toBe('closed');
    }
  });

  it('Nagle: one small segment at a time waits for its acknowledgment, until it is switched off', () => {
    const { world, client } = aConnectedPair(aPair({ alice: { tcp: { nagle: true } } }));
    const sent: Packet[] = [];
    registryOf(world)
      .link('alice-internet')
      .forward.addTap((packet) => sent.push({ ...packet }));
    for (const text of ['a', 'b', 'c']) client.connection!.write(bytesOf(text));
    world.runUntil(2 * SECOND);
    expect(sent.map(({ payload }) => payload.length)).toEqual([1, 2]);
    (client.connection as TcpSocket).setNoDelay(true);
    for (const text of ['d', 'e']) client.connection!.write(bytesOf(text));
    expect(sent.map(({ payload }) => payload.length)).toEqual([1, 2, 1, 1]);
  });

  it('a path that swallows big packets without a word stalls the connection until it times out', () => {
    const { world, client, server } = aConnectedPair();
    const { forward } = registryOf(world).link('alice-internet');
    forward.addRule((packet) => (packet.sizeBytes > 1_400 ? 'drop' : 'pass'));
    client.connection!.write(bytesOf('small'));
    client.connection!.write(new Uint8Array(5_000));
    world.runUntil(90 * SECOND);
    expect([server.text, client.events]).toEqual(['small', ['connected']]);
    world.runUntil(400 * SECOND);
    expect(client.events).toEqual(['connected', 'timedOut']);
  });
});

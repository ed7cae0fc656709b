import { describe, expect, it } from 'vitest';
import { buildIdleWorld, pumpPackets, ratio, runChatter, runRing } from '../../sim/index.ts';

describe('worlds for measuring', () => {
  it('pump every packet into the link and lose what the link loses', () => {
    const result = pumpPackets({ packets: 20_000 });
    expect(result.sentPackets).toBe(20_000);
    // One in a hundred is lost: 200, standard deviation 14.
    expect(Math.abs(result.deliveredPackets - 19_800)).toBeLessThan(60);
    expect(pumpPackets({ packets: 20_000 }).digest).toBe(result.digest);
    const other = pumpPackets({ packets: 20_000, link: { delayMicros: 5_000, loss: ratio(1, 2) } });
    expect(Math.abs(other.deliveredPackets - 10_000)).toBeLessThan(300);
  });

  it('pump the same with a ring of records', () => {
    expect(pumpPackets({ packets: 20_000, traceRecords: 1_000 })).toEqual(pumpPackets({ packets: 20_000 }));
  });

  it.each([2, 3, 10])('pass datagrams around a ring of %i hosts', (nodes) => {
    let calls = 0;
    const every = { micros: 1_000_000, call: (): void => void (calls += 1) };
    const result = runRing({ nodes, micros: 10_000_000, every });
    expect(calls).toBe(9);
    expect(result.sentPackets).toBe(nodes * 1_000);
    // One in a hundred is lost, and the last 25 ms are under way.
    expect(Math.abs(result.receivedPackets - nodes * 987)).toBeLessThan(nodes * 5 + 30);
    expect(runRing({ nodes, micros: 10_000_000 }).digest).toBe(result.digest);
  });

  it('hold idle hosts in which nothing happens', () => {
    const world = buildIdleWorld(50);
    expect(world.pendingCount).toBe(0);
  });

  it('let every client speak every interval and be answered', () => {
    const result = runChatter({ clients: 200, micros: 30_000_000, intervalMicros: 3_000_000 });
    // Clients begin anywhere in the first interval and speak nine or ten times in the rest of thirty seconds.
    expect(result.messagesToServer).toBeGreaterThanOrEqual(200 * 9);
    expect(result.messagesToServer).toBeLessThanOrEqual(200 * 10);
    expect(result.messagesToServer - result.messagesToClients).toBeLessThan(20);
    expect(runChatter({ clients: 200, micros: 30_000_000, intervalMicros: 3_000_000 })).toEqual(result);
  });
});

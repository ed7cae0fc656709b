import { describe, expect, it } from 'vitest';
import { pumpPackets, ratio, runChatter } from '../../sim/index.ts';

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

  it('let every client speak every interval and be answered', () => {
    const result = runChatter({ clients: 200, micros: 30_000_000, intervalMicros: 3_000_000 });
    // Clients begin anywhere in the first interval and speak nine or ten times in the rest of thirty seconds.
    expect(result.messagesToServer).toBeGreaterThanOrEqual(200 * 9);
    expect(result.messagesToServer).toBeLessThanOrEqual(200 * 10);
    expect(result.messagesToServer - result.messagesToClients).toBeLessThan(20);
    expect(runChatter({ clients: 200, micros: 30_000_000, intervalMicros: 3_000_000 })).toEqual(result);
  });
});

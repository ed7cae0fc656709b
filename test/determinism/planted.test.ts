import { describe, expect, it } from 'vitest';
import { Internet, SimError, World, findDivergence } from '../../sim/index.ts';
import type { TraceWindow, TracedOutcome } from '../../sim/index.ts';
import { PLANTED } from './planted.ts';
import type { Planted } from './planted.ts';

const PACKETS = 40;

/** Alice sends bob forty bytes, each as the plant says; everything else follows from the seed. */
async function runWith(plant: Planted['value'], window: TraceWindow): Promise<TracedOutcome> {
  const world = new World({ seed: 1, ...window });
  const internet = new Internet(world);
  const [alice, bob] = [internet.host('alice'), internet.host('bob')];
  await world.run(async () => {
    bob.platform().bindUdp({ port: 1 }, { onMessage: () => undefined });
    const socket = alice.platform().bindUdp({ port: 1 }, { onMessage: () => undefined });
    const remote = { address: bob.platform().localAddresses()[0]!, port: 1 };
    for (let index = 0; index < PACKETS; index += 1) {
      socket.send(Uint8Array.of(index, await plant(index, world)), remote);
      await world.sleep(100);
    }
    await world.sleep(100_000);
  });
  return { trace: world.trace };
}

type Found = { readonly by: 'guard' | 'report' | 'nobody'; readonly text: string };

async function find(plant: Planted['value']): Promise<Found> {
  try {
    const divergence = await findDivergence((window) => runWith(plant, window));
    if (divergence === undefined) return { by: 'nobody', text: 'equal runs' };
    const isExact = divergence.toIndex === divergence.fromIndex + 1;
    return { by: isExact ? 'report' : 'nobody', text: divergence.text };
  } catch (error) {
    if (error instanceof SimError && error.code === 'guard') return { by: 'guard', text: error.message };
    throw error;
  }
}

describe('planted nondeterminism', () => {
  const found = new Map<string, Found>();

  it.each(PLANTED)('$name is found', async ({ name, by, value }) => {
    const result = await find(value);
    found.set(name, result);
    expect(result).toMatchObject({ by });
    // The report names time, kind, node and both values.
    if (by === 'report') expect(result.text).toMatch(/^runs part at event \d+: \[\d+ us \S+ \S+ .+\] against \[/);
  });

  it('is found in every case, of which there are at least 20', () => {
    const count = (by: Found['by']): number => [...found.values()].filter((each) => each.by === by).length;
    expect(PLANTED.length).toBeGreaterThanOrEqual(20);
    expect(new Set(PLANTED.map(({ name }) => name)).size).toBe(PLANTED.length);
    expect(count('guard') + count('report')).toBe(PLANTED.length);
    expect({ guard: count('guard'), report: count('report') }).toEqual({
      guard: PLANTED.filter(({ by }) => by === 'guard').length,
      report: PLANTED.filter(({ by }) => by === 'report').length,
    });
  });

  it('is not found where nothing is planted', async () => {
    expect(await find((index, world) => index + world.stream('test').below(200))).toEqual({
      by: 'nobody',
      text: 'equal runs',
    });
  });
});

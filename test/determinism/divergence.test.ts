import { describe, expect, it } from 'vitest';
import { Internet, World, findDivergence } from '../../sim/index.ts';
import type { TraceWindow, TracedOutcome } from '../../sim/index.ts';

/** 20,000 timers and as many packets; in packet `oddAt` a byte that differs. */
function longRun(window: TraceWindow, oddAt: number, odd: number, name = 'alice'): Promise<TracedOutcome> {
  const world = new World({ seed: 3, ...window });
  const internet = new Internet(world, { link: { delayMicros: 50 } });
  const [alice, bob] = [internet.host(name), internet.host('bob')];
  bob.platform().bindUdp({ port: 7 }, { onMessage: () => undefined });
  const socket = alice.platform().bindUdp({ port: 7 }, { onMessage: () => undefined });
  const remote = { address: bob.platform().localAddresses()[0]!, port: 7 };
  let sent = 0;
  const tick = (): void => {
    socket.send(Uint8Array.of(sent & 255, sent === oddAt ? odd : 0), remote);
    sent += 1;
    if (sent < 20_000) world.at(world.nowMicros + 1000, tick);
  };
  world.at(0, tick);
  world.runUntil(30_000_000);
  return Promise.resolve({ trace: world.trace });
}

describe('the first divergence', () => {
  it('of long runs is found from the digests of blocks and named exactly', async () => {
    let windows = 0;
    let odd = 0;
    const divergence = await findDivergence((window) => {
      windows += 1;
      return longRun(window, 15_000, (odd ^= 1));
    });
    expect(divergence).toMatchObject({ runCount: 4 });
    expect(windows).toBe(4);
    expect(divergence!.toIndex).toBe(divergence!.fromIndex + 1);
    expect(divergence!.fromIndex).toBeGreaterThan(4096);
    // The first event that anybody can see is the packet's arrival at the end of its first link, 50 us after tick 15,000.
    expect(divergence!.left).toMatchObject({ timeMicros: 15_000_050, kind: 'deliver' });
    expect(divergence!.left!.subject).toContain('alice');
    expect(divergence!.left!.text).not.toBe(divergence!.right!.text);
    expect(divergence!.digests[0]).not.toBe(divergence!.digests[1]);
  });

  it('that does not come back is named by its block', async () => {
    let runs = 0;
    const divergence = await findDivergence((window) => longRun(window, 15_000, (runs += 1) === 1 ? 1 : 0));
    expect(divergence!.toIndex - divergence!.fromIndex).toBe(4096);
    expect(divergence!.text).toMatch(/^runs part between events \d+ and \d+;/);
  });

  it('of runs of unequal length is the end of the shorter one', async () => {
    let runs = 0;
    const divergence = await findDivergence(async ({ ...window }) => {
      const world = new World({ seed: 1, ...window });
      const ticks = (runs += 1);
      await world.run(async () => {
        for (let tick = 0; tick < ticks; tick += 1) await world.sleep(10);
      });
      return { trace: world.trace };
    });
    expect(divergence!.text).toContain('the end of the run against [20 us');
  });

  it('in the names of nodes, or in how a run ends, is said', async () => {
    let runs = 0;
    const names = await findDivergence((window) => {
      runs += 1;
      const world = new World({ seed: 1, ...window });
      new Internet(world).host(`host-${runs}`);
      return Promise.resolve({ trace: world.trace });
    });
    expect(names!.text).toContain("'host-1' against 'host-2'");
    const ends = await findDivergence((window) =>
      Promise.resolve({ trace: new World({ seed: 1, ...window }).trace, outcome: `ended ${(runs += 1)}` }),
    );
    expect(ends!.text).toContain('ended 3 against ended 4');
  });

  it('of equal runs is none', async () => {
    expect(await findDivergence((window) => longRun(window, 1, 1))).toBeUndefined();
  });
});

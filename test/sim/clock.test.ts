import { describe, expect, it } from 'vitest';
import { Host, World } from '../../sim/index.ts';
import { HostClock } from '../../sim/clock.ts';
import { wanderMicros } from '../../sim/clock-wander.ts';

const SECOND = 1_000_000;

describe('a wall clock that wanders', () => {
  it.each([
    [500_000, 600 * SECOND],
    [3_600 * SECOND, 86_400 * SECOND],
    [7, SECOND],
  ])('is off like a sine of %d us within %d us, to a fifth of a percent', (amplitudeMicros, periodMicros) => {
    let worst = 0;
    for (let step = 0; step < 5_000; step += 1) {
      const now = Math.floor((step * 3 * periodMicros) / 5_000);
      const exact = amplitudeMicros * Math.sin((2 * Math.PI * now) / periodMicros);
      worst = Math.max(worst, Math.abs(wanderMicros({ amplitudeMicros, periodMicros }, now) - exact));
    }
    expect(worst).toBeLessThanOrEqual(amplitudeMicros * 0.002 + 1);
  });

  it('goes ahead, comes back, falls behind, and leaves the monotonic clock alone', () => {
    const world = new World({ seed: 1, epochMillis: 0 });
    const wander = { amplitudeMicros: 2 * SECOND, periodMicros: 100 * SECOND };
    const clock = new HostClock(world, { wander, offsetMicros: 10 * SECOND });
    const read = [0, 25, 50, 75, 100].map((seconds) => {
      world.runUntil(seconds * SECOND);
      return [clock.wallMillis() - seconds * 1000, clock.monotonicMicros() - seconds * SECOND];
    });
    expect(read).toEqual([
      [10_000, 0],
      [12_000, 0],
      [10_000, 0],
      [8_000, 0],
      [10_000, 0],
    ]);
  });

  it.each([
    [{ amplitudeMicros: -1, periodMicros: SECOND }, 'wander.amplitudeMicros is -1'],
    [{ amplitudeMicros: 1, periodMicros: 10 }, 'wander.periodMicros is 10'],
  ])('refuses %j', (wander, message) => {
    expect(() => new HostClock(new World({ seed: 1 }), { wander })).toThrow(message);
  });
});

describe('a monotonic clock that runs slow', () => {
  it('shows the same for several microseconds, and a timer that is due now is not planned for the first of them', () => {
    const world = new World({ seed: 1 });
    const host = new Host(world, 'slow', { clock: { driftPpm: -300_000 } });
    let fired = 0;
    for (let nowMicros = 0; nowMicros < 50; nowMicros += 1) {
      world.runUntil(nowMicros);
      host.platform().setTimer(0, () => (fired += 1));
    }
    world.runUntil(100);
    expect(fired).toBe(50);
  });
});

/** Timers and clocks over a sleep of the machine, and a wall clock that wanders. */
import { Internet, World } from '../../../sim/index.ts';
import type { ClockOptions } from '../../../sim/index.ts';
import type { FidelityRow } from '../model.ts';

const SECOND = 1_000_000;
const AMPLITUDE = 2 * SECOND;
const PERIOD = 86_400 * SECOND;

export function clockLaws(): readonly FidelityRow[] {
  // Set at 0, asleep from 10 s to 40 s; due by the host's clock after 5, 20 and 60 s.
  const [stops, goesOn] = [timersOverSleep({}), timersOverSleep({ whileAsleep: 'goesOn' })];
  return [
    row('timers by CLOCK_MONOTONIC do not count a sleep (clock_gettime(2))', '5, 50, 90 s', stops),
    row('timers by CLOCK_BOOTTIME do, and fire on waking (clock_gettime(2))', '5, 40, 60 s', goesOn),
    wanderLaw(),
  ];
}

function timersOverSleep(clock: ClockOptions): string {
  const world = new World({ seed: 1 });
  const host = new Internet(world).host('host', { clock });
  const fired: number[] = [];
  for (const seconds of [5, 20, 60]) {
    host.platform().setTimer(seconds * SECOND, () => fired.push(world.nowMicros / SECOND));
  }
  world.at(10 * SECOND, () => host.suspend());
  world.at(40 * SECOND, () => host.wake());
  world.runUntil(200 * SECOND);
  return `${fired.join(', ')} s`;
}

function wanderLaw(): FidelityRow {
  const world = new World({ seed: 1, epochMillis: 0, timeLimitMicros: 3 * PERIOD });
  const wander = { amplitudeMicros: AMPLITUDE, periodMicros: PERIOD };
  const platform = new Internet(world).host('host', { clock: { wander } }).platform();
  let worstMicros = 0;
  for (let now = 0; now < 2 * PERIOD; now += 997 * SECOND) {
    world.runUntil(now);
    const exact = now + AMPLITUDE * Math.sin((2 * Math.PI * now) / PERIOD);
    worstMicros = Math.max(worstMicros, Math.abs(platform.wallMillis() * 1000 - exact));
  }
  // The clock is read in whole milliseconds.
  return {
    area: 'hosts',
    law: 'a wandering wall clock follows a sine of 2 s within 0.2 % (Bhaskara I)',
    expected: 'at most 5.0 ms off',
    measured: `${(worstMicros / 1000).toFixed(1)} ms off`,
    holds: worstMicros <= 5_000,
  };
}

function row(law: string, expected: string, measured: string): FidelityRow {
  return { area: 'hosts', law, expected, measured, holds: expected === measured };
}

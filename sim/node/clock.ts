/**
 * `Date`, `performance` and `process.hrtime` of one process, by the clocks of its host: `Date` follows the wall clock, which
 * may be off and may be set, the others the monotonic one.
 *
 * `Date` is that of `@sinonjs/fake-timers`, one clock per process, whose `now` reads the host's. Its timers are not used:
 * a timer has to be an event of the world (see `timers.ts`).
 */
import { createClock } from '@sinonjs/fake-timers';
import type { Platform } from '../../spec/platform.ts';

/** What a program asks for the time. */
export type NodeClock = {
  readonly Date: DateConstructor;
  readonly performance: Readonly<Record<string, unknown>>;
  readonly hrtime: HrTime;
  readonly uptime: () => number;
};

type HrTime = ((since?: readonly [number, number]) => [number, number]) & { bigint(): bigint };

const MICROS_PER_SECOND = 1_000_000;

/** The clocks of a process that starts now. */
export function createNodeClock(platform: Platform): NodeClock {
  const startMicros = platform.monotonicMicros();
  const startMillis = platform.wallMillis();
  const clock = createClock(startMillis);
  Object.defineProperty(clock, 'now', { get: () => platform.wallMillis() });
  const elapsedMicros = (): number => platform.monotonicMicros() - startMicros;
  const now = (): number => elapsedMicros() / 1_000;
  const ignored = (): undefined => undefined;
  return {
    Date: (clock as unknown as { readonly Date: DateConstructor }).Date,
    performance: {
      now,
      timeOrigin: startMillis,
      mark: ignored,
      measure: ignored,
      clearMarks: ignored,
      clearMeasures: ignored,
      getEntries: (): readonly unknown[] => [],
      getEntriesByName: (): readonly unknown[] => [],
      getEntriesByType: (): readonly unknown[] => [],
      toJSON: (): object => ({ timeOrigin: startMillis }),
    },
    hrtime: createHrTime(platform),
    uptime: () => elapsedMicros() / MICROS_PER_SECOND,
  };
}

function createHrTime(platform: Platform): HrTime {
  const hrtime = (since?: readonly [number, number]): [number, number] => {
    const micros = platform.monotonicMicros();
    let seconds = Math.floor(micros / MICROS_PER_SECOND);
    let nanos = (micros % MICROS_PER_SECOND) * 1_000;
    if (since !== undefined) {
      seconds -= since[0];
      nanos -= since[1];
      if (nanos < 0) {
        seconds -= 1;
        nanos += 1_000_000_000;
      }
    }
    return [seconds, nanos];
  };
  return Object.assign(hrtime, { bigint: () => BigInt(platform.monotonicMicros()) * 1_000n });
}

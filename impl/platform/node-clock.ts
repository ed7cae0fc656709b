/**
 * Scaled clocks and timers: virtual time runs `timeScale` times as fast as the machine's.
 *
 * A timer never fires before its delay has passed on the same clock that `monotonicMicros` shows.
 */
import { performance } from 'node:perf_hooks';
import type { Timer } from '../../spec/platform.ts';

export type Clock = {
  readonly monotonicMicros: () => number;
  readonly wallMillis: () => number;
  readonly setTimer: (delayMicros: number, callback: () => void) => Timer;
  /** Timers set and neither fired nor cancelled. */
  readonly open: () => number;
};

/** Starts the clocks now. @param timeScale - Virtual per real time, above 0. */
export function createClock(timeScale: number): Clock {
  const startMillis = performance.now();
  const startWallMillis = Date.now();
  let openTimers = 0;
  const monotonicMicros = (): number => Math.floor((performance.now() - startMillis) * 1000 * timeScale);
  return {
    monotonicMicros,
    wallMillis: () => (timeScale === 1 ? Date.now() : startWallMillis + Math.floor(monotonicMicros() / 1000)),
    open: () => openTimers,
    setTimer(delayMicros, callback) {
      const dueMicros = monotonicMicros() + delayMicros;
      let cancelWait: (() => void) | undefined;
      const fireOrWait = (): void => {
        const leftMicros = dueMicros - monotonicMicros();
        if (leftMicros > 0) {
          cancelWait = wait(leftMicros / 1000 / timeScale, fireOrWait);
          return;
        }
        cancelWait = undefined;
        openTimers--;
        callback();
      };
      openTimers++;
      cancelWait = wait(delayMicros / 1000 / timeScale, fireOrWait);
      return {
        cancel() {
          if (cancelWait === undefined) return;
          cancelWait();
          cancelWait = undefined;
          openTimers--;
        },
      };
    },
  };
}

/** The longest delay Node takes; longer waits are cut into pieces. */
const NODE_DELAY_MILLIS_MAX = 0x7fff_ffff;

/** Waits about `millis`; below a tenth of a millisecond it is the next turn of the event loop. */
function wait(millis: number, callback: () => void): () => void {
  if (millis < 0.1) {
    const handle = setImmediate(callback);
    return () => clearImmediate(handle);
  }
  const handle = setTimeout(callback, Math.min(Math.ceil(millis), NODE_DELAY_MILLIS_MAX));
  return () => clearTimeout(handle);
}

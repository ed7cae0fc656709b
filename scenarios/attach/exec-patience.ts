/**
 * A timer that counts only the time in which this process was awake.
 *
 * On a busy machine this process may stand still for seconds, and then find its timers due and the replies unread. What
 * it slept through is not the adapter's fault; so the time is counted in slices, a late slice counts little more than one
 * in time, and before the last word everything that has arrived is read.
 */

const SLICE_MILLIS = 100;
/** A slice that took longer counts as this. */
const SLICE_COUNTED_MILLIS_MAX = 150;

export type PatienceTimer = { cancel(): void };

/** Calls back once, after `millis` awake, unless cancelled. */
export function startPatience(millis: number, callback: () => void): PatienceTimer {
  let leftMillis = millis;
  let timer: NodeJS.Timeout | undefined;
  let last: NodeJS.Immediate | undefined;
  const nextSlice = (): void => {
    const startMillis = performance.now();
    timer = setTimeout(
      () => {
        leftMillis -= Math.min(performance.now() - startMillis, SLICE_COUNTED_MILLIS_MAX);
        if (leftMillis > 0) nextSlice();
        // Sockets and pipes are read between timers and immediates.
        else last = setImmediate(callback);
      },
      Math.min(SLICE_MILLIS, leftMillis),
    );
  };
  nextSlice();
  return {
    cancel: () => {
      clearTimeout(timer);
      clearImmediate(last);
    },
  };
}

/**
 * Measures how long the event loop of this thread stood still: on a busy machine every timer is late by that much.
 *
 * A timer that should fire every few milliseconds notes its own lateness. Many short standstills in a row add up like one
 * long one, because a message that passes several times through the loop waits for each of them. It keeps no process alive.
 */
const TICK_MILLIS = 5;
/** Share of the time that may be lost without anything adding up: a timer is always a little late. */
const LOST_SHARE = 0.2;

export type StallWatch = {
  /** The longest standstill since the watch began, or series of standstills, in milliseconds. */
  end(): number;
};

type Watch = { lateMillis: number; longestMillis: number };

/** Lateness of this thread, for as many watches as run at once. */
export class StallMeter {
  readonly #watches = new Set<Watch>();
  #timer: NodeJS.Timeout | undefined;
  #lastMillis = 0;

  watch(): StallWatch {
    const watch: Watch = { lateMillis: 0, longestMillis: 0 };
    if (this.#watches.size === 0) this.#start();
    this.#watches.add(watch);
    return {
      end: () => {
        // A standstill that is still going on counts as well.
        this.#note();
        this.#watches.delete(watch);
        if (this.#watches.size === 0) this.stop();
        return watch.longestMillis;
      },
    };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #start(): void {
    this.#lastMillis = performance.now();
    this.#timer = setInterval(() => this.#note(), TICK_MILLIS).unref();
  }

  #note(): void {
    const nowMillis = performance.now();
    const elapsedMillis = nowMillis - this.#lastMillis;
    const lateMillis = Math.max(0, elapsedMillis - TICK_MILLIS);
    this.#lastMillis = nowMillis;
    for (const watch of this.#watches) {
      const left = Math.max(0, watch.lateMillis - TICK_MILLIS * LOST_SHARE);
      watch.lateMillis = left + lateMillis;
      watch.longestMillis = Math.max(watch.longestMillis, watch.lateMillis);
    }
  }
}

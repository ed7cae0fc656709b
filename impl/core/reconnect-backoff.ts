/**
 * How long to wait before each attempt to reconnect: a list of delays, the last one for ever, plus some randomness so that
 * the clients of a restarted server do not come back all at once (RCN-002).
 *
 * Drive it: `nextDelayMicros(random)` before each attempt, `reset` after a logon that succeeded.
 */

const TWO_32 = 0x1_0000_0000;

/** The delays of one client; counts its attempts. */
export class ReconnectBackoff {
  readonly #delaysMicros: readonly number[];
  readonly #jitterPercent: number;
  #attempt = 0;

  /** @param delaysMicros - At least one. @param jitterPercent - Added at random, 0 to this much. */
  constructor(delaysMicros: readonly number[], jitterPercent: number) {
    this.#delaysMicros = delaysMicros;
    this.#jitterPercent = jitterPercent;
  }

  /** @param randomUint32 - Uniform, 0 to 2^32 - 1. */
  nextDelayMicros(randomUint32: number): number {
    const base = this.#delaysMicros[Math.min(this.#attempt, this.#delaysMicros.length - 1)] ?? 0;
    this.#attempt++;
    const jitterMax = Math.floor((base * this.#jitterPercent) / 100);
    return base + Math.floor((jitterMax * randomUint32) / TWO_32);
  }

  reset(): void {
    this.#attempt = 0;
  }
}

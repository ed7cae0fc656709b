/**
 * Whether a channel's queue makes progress: bytes leave it, or it is empty (ENG-009).
 *
 * It only compares what it is shown. Drive it: `poll` after a write that left bytes queued, and again when the wait is over.
 */

export type ChannelBytes = {
  /** All bytes ever written. */
  readonly written: number;
  /** Those still queued. */
  readonly queued: number;
};

export type WriteVerdict =
  { readonly kind: 'idle' } | { readonly kind: 'stuck' } | { readonly kind: 'wait'; readonly untilMicros: number };

/** Looks within one timeout: how late a stop may be noticed, as a share of the timeout. Ours. */
const LOOKS_PER_TIMEOUT = 10;

const IDLE: WriteVerdict = { kind: 'idle' };
const STUCK: WriteVerdict = { kind: 'stuck' };

/** Watches one channel. */
export class WriteProgress {
  readonly #timeoutMicros: number;
  #leftBytes = -1;
  #sinceMicros = 0;

  /** @param timeoutMicros - No byte leaving for this long is too long. */
  constructor(timeoutMicros: number) {
    this.#timeoutMicros = timeoutMicros;
  }

  poll(nowMicros: number, channel: ChannelBytes): WriteVerdict {
    if (channel.queued === 0) {
      this.#leftBytes = -1;
      return IDLE;
    }
    const left = channel.written - channel.queued;
    if (left !== this.#leftBytes) {
      this.#leftBytes = left;
      this.#sinceMicros = nowMicros;
    }
    const stuckMicros = this.#sinceMicros + this.#timeoutMicros;
    if (nowMicros >= stuckMicros) return STUCK;
    const lookMicros = nowMicros + Math.ceil(this.#timeoutMicros / LOOKS_PER_TIMEOUT);
    return { kind: 'wait', untilMicros: Math.min(stuckMicros, lookMicros) };
  }
}

/**
 * CUBIC (RFC 9438), beside the model for comparison: a loss-based window, with slow start of RFC 9002.
 *
 * Every loss is taken for congestion; random loss therefore makes it slow. The cube root is found by whole steps, because
 * `Math.cbrt` need not give the same bits everywhere.
 */
import type { AckNews, CongestionControl } from './congestion.ts';

const MICROS_PER_SEC = 1_000_000;
/** RFC 9438 4.1.2: C in packets a second cubed, and 4.6: beta. */
const C = 0.4;
const BETA = 0.7;
/** RFC 9438 4.3: 3 * (1 - beta) / (1 + beta). */
const RENO_INCREASE = (3 * (1 - BETA)) / (1 + BETA);
const INITIAL_PACKETS = 10;
const WINDOW_PACKETS_MIN = 2;
/** RFC 9002 7.7 proposes 1.25; slow start doubles the window in a round. */
const PACING_GAIN = 1.25;
const PACING_GAIN_SLOW_START = 2;

/** The cube root of a number of 0 or more, by bisection and Newton's steps: the same on every machine. */
export function cubeRoot(value: number): number {
  if (value === 0) return 0;
  let root = value > 1 ? value : 1;
  for (let step = 0; step < 200; step++) {
    const next = (2 * root + value / (root * root)) / 3;
    if (next >= root) return root;
    root = next;
  }
  return root;
}

/** The window of one path. */
export class CubicControl implements CongestionControl {
  readonly #packetBytes: number;
  #windowBytes: number;
  #thresholdBytes = Infinity;
  #largestWindowPackets = 0;
  #renoPackets = 0;
  #rootSecs = 0;
  #epochMicros = -1;
  #recoveryUntilNumber = -1;
  #rttMicros: number;

  constructor(options: { readonly packetBytes: number; readonly initialRttMicros: number }) {
    this.#packetBytes = options.packetBytes;
    this.#rttMicros = options.initialRttMicros;
    this.#windowBytes = INITIAL_PACKETS * options.packetBytes;
  }

  get windowBytes(): number {
    return this.#windowBytes;
  }

  get phase(): string {
    return this.#isSlowStart ? 'slowStart' : 'avoidance';
  }

  get pacingBytesPerSec(): number {
    const gain = this.#isSlowStart ? PACING_GAIN_SLOW_START : PACING_GAIN;
    return (gain * this.#windowBytes * MICROS_PER_SEC) / this.#rttMicros;
  }

  get #isSlowStart(): boolean {
    return this.#windowBytes < this.#thresholdBytes;
  }

  handleAck(news: AckNews): void {
    this.#rttMicros = news.smoothedRttMicros;
    if (news.lostPackets > 0 && news.largestLost >= this.#recoveryUntilNumber) this.#handleLoss(news);
    else if (news.isWindowFull && news.ackedBytes > 0) this.#grow(news);
  }

  handlePersistentCongestion(): void {
    this.#windowBytes = WINDOW_PACKETS_MIN * this.#packetBytes;
    this.#epochMicros = -1;
  }

  #handleLoss(news: AckNews): void {
    const packets = this.#windowBytes / this.#packetBytes;
    // 4.7: fast convergence.
    this.#largestWindowPackets = packets < this.#largestWindowPackets ? (packets * (1 + BETA)) / 2 : packets;
    this.#windowBytes = Math.max(WINDOW_PACKETS_MIN * this.#packetBytes, this.#windowBytes * BETA);
    this.#thresholdBytes = this.#windowBytes;
    this.#recoveryUntilNumber = news.nextNumber;
    this.#epochMicros = -1;
  }

  #grow(news: AckNews): void {
    if (this.#isSlowStart) {
      this.#windowBytes += news.ackedBytes;
      return;
    }
    const packets = this.#windowBytes / this.#packetBytes;
    if (this.#epochMicros < 0) {
      this.#epochMicros = news.nowMicros;
      this.#renoPackets = packets;
      this.#largestWindowPackets = Math.max(this.#largestWindowPackets, packets);
      this.#rootSecs = cubeRoot((this.#largestWindowPackets - packets) / C);
    }
    const secs = (news.nowMicros - this.#epochMicros + this.#rttMicros) / MICROS_PER_SEC - this.#rootSecs;
    const target = C * secs * secs * secs + this.#largestWindowPackets;
    const ackedPackets = news.ackedBytes / this.#packetBytes;
    this.#renoPackets += (RENO_INCREASE * ackedPackets) / packets;
    const bounded = Math.min(Math.max(target, packets), 1.5 * packets);
    const grown = packets + ((bounded - packets) * ackedPackets) / packets;
    this.#windowBytes = Math.max(grown, this.#renoPackets) * this.#packetBytes;
  }
}

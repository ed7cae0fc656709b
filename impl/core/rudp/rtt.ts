/** Round-trip time in the terms of RFC 9002 section 5 and 6: estimate, loss delay, probe timeout. Knows no packets. */
import { rudpAckDelayMicrosMax, rudpGranularityMicros, rudpInitialRttMicros } from '../../../spec/timing.ts';

/** RFC 9002 6.1.2: 9/8. */
const TIME_THRESHOLD_NUMERATOR = 9;
const TIME_THRESHOLD_DENOMINATOR = 8;

/** The estimate of one path. */
export class RttEstimate {
  latestMicros = 0;
  /** Smallest sample ever; 0 before the first. */
  minMicros = 0;
  smoothedMicros = rudpInitialRttMicros;
  #varianceMicros = rudpInitialRttMicros / 2;

  get hasSample(): boolean {
    return this.minMicros > 0;
  }

  /** @param ackDelayMicros - What the peer says it waited; 0 for a handshake. */
  handleSample(sampleMicros: number, ackDelayMicros: number): void {
    const latest = Math.max(1, sampleMicros);
    this.latestMicros = latest;
    if (!this.hasSample) {
      this.minMicros = latest;
      this.smoothedMicros = latest;
      this.#varianceMicros = latest / 2;
      return;
    }
    this.minMicros = Math.min(this.minMicros, latest);
    const delay = Math.min(ackDelayMicros, rudpAckDelayMicrosMax);
    // 5.3: the delay is only believed where the sample stays above the minimum.
    const adjusted = latest >= this.minMicros + delay ? latest - delay : latest;
    this.#varianceMicros = (3 * this.#varianceMicros + Math.abs(this.smoothedMicros - adjusted)) / 4;
    this.smoothedMicros = (7 * this.smoothedMicros + adjusted) / 8;
  }

  /** 6.1.2: how long after its sending a packet is lost when a later one has been acknowledged. */
  get lossDelayMicros(): number {
    const rtt = Math.max(this.smoothedMicros, this.latestMicros);
    const delay = Math.ceil((rtt * TIME_THRESHOLD_NUMERATOR) / TIME_THRESHOLD_DENOMINATOR);
    return Math.max(delay, rudpGranularityMicros);
  }

  /** 6.2.1: the probe timeout before any backoff. */
  get probeTimeoutMicros(): number {
    const spread = Math.max(4 * this.#varianceMicros, rudpGranularityMicros);
    return Math.ceil(this.smoothedMicros + spread + rudpAckDelayMicrosMax);
  }
}

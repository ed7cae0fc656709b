/**
 * Congestion control by a model of the path: bandwidth (largest delivery rate of late) and round trip (smallest of late).
 *
 * In the manner of BBR: it paces at the modelled bandwidth, keeps about one product of the two in flight, and tries a higher
 * rate from time to time. A lost packet is no signal by itself; only when a large share of a round is lost is the queue taken
 * to be shorter than thought. Departures from BBR: the smallest round trip is looked for at half a product, not at four packets.
 */
import type { AckNews, CongestionControl } from './congestion.ts';

const MICROS_PER_SEC = 1_000_000;
/** 2 / ln 2: doubles the rate every round. */
const STARTUP_GAIN = 2.885;
const DRAIN_GAIN = 1 / STARTUP_GAIN;
/** One phase a smallest round trip: try more, give it back, keep. */
const CYCLE_GAINS: readonly number[] = [1.25, 0.75, 1, 1, 1, 1, 1, 1];
const CYCLE_STEADY_FIRST = 2;
const WINDOW_GAIN = 2;
const BANDWIDTH_ROUNDS = 10;
/** The path is full when the rate grew by less than this in so many rounds. */
const FULL_GROWTH = 1.25;
const FULL_ROUNDS = 3;
/** A round with more lost than this share is congestion, whatever random loss the path has. */
const LOSS_SHARE_MAX = 0.2;
const LOSS_PACKETS_MIN = 8;
/** Rounds of a smaller window after such a round. */
const CAUTIOUS_ROUNDS = 8;
const CAUTIOUS_GAIN = 1.25;
/** Rounds and phases last at least this long: shorter than a timer can tell apart, they would measure timers. */
const ROUND_MICROS_MIN = 5_000;
const RTT_MICROS_TTL = 10_000_000;
/** A sample this close to the smallest says that it still holds. */
const RTT_TOLERANCE = 1.03;
const PROBE_RTT_GAIN = 0.5;
/** On top of the product: what delayed Acks and coarse timers need. */
const SPARE_MICROS = 5_000;
const SPARE_PACKETS = 8;
const INITIAL_PACKETS = 32;
const WINDOW_PACKETS_MIN = 4;

type Phase = 'startup' | 'drain' | 'steady' | 'probeRtt';

export type ModelOptions = { readonly packetBytes: number; readonly initialRttMicros: number; readonly seed: number };

/** The model of one path. */
export class ModelControl implements CongestionControl {
  readonly #options: ModelOptions;
  #phase: Phase = 'startup';
  /** Largest rate of each of the last rounds. */
  readonly #roundRates: number[] = new Array<number>(BANDWIDTH_ROUNDS).fill(0);
  #bandwidth = 0;
  #minRttMicros = 0;
  #minRttAtMicros = 0;
  #round = 0;
  #roundAtMicros = 0;
  #nextRoundDelivered = 0;
  #roundStartDelivered = 0;
  #roundLostBytes = 0;
  #roundLostPackets = 0;
  #cautiousUntilRound = 0;
  #fullBandwidth = 0;
  #fullRounds = 0;
  #isFull = false;
  #cycleIndex = CYCLE_STEADY_FIRST;
  #cycleAtMicros = 0;
  #probeRttRound = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
  }

  get phase(): string {
    return this.#phase === 'steady' ? `steady x${CYCLE_GAINS[this.#cycleIndex]!}` : this.#phase;
  }

  /** Bytes a second, 0 before the first measurement. */
  get bandwidthBytesPerSec(): number {
    return this.#bandwidth;
  }

  get pacingBytesPerSec(): number {
    const bandwidth = this.#isFull ? this.#bandwidth : Math.max(this.#bandwidth, this.#initialBandwidth);
    return this.#pacingGain() * bandwidth;
  }

  get windowBytes(): number {
    const { packetBytes } = this.#options;
    if (this.#bandwidth === 0 || this.#minRttMicros === 0) return INITIAL_PACKETS * packetBytes;
    const product = this.#product();
    if (this.#phase === 'probeRtt') return Math.max(WINDOW_PACKETS_MIN * packetBytes, PROBE_RTT_GAIN * product);
    const isCautious = this.#round < this.#cautiousUntilRound;
    const gain = isCautious
      ? CAUTIOUS_GAIN
      : this.#phase === 'startup' || this.#phase === 'drain'
        ? STARTUP_GAIN
        : WINDOW_GAIN;
    const spare = SPARE_PACKETS * packetBytes + (this.#bandwidth * SPARE_MICROS) / MICROS_PER_SEC;
    const floor = this.#isFull ? WINDOW_PACKETS_MIN : INITIAL_PACKETS;
    return Math.max(floor * packetBytes, gain * product + spare);
  }

  handleAck(news: AckNews): void {
    this.#roundLostBytes += news.lostBytes;
    this.#roundLostPackets += news.lostPackets;
    const isRoundOver = news.nowMicros - this.#roundAtMicros >= ROUND_MICROS_MIN;
    const isRoundStart = isRoundOver && news.priorDeliveredBytes >= this.#nextRoundDelivered;
    if (isRoundStart) this.#startRound(news);
    this.#updateBandwidth(news);
    this.#updateMinRtt(news);
    if (isRoundStart) this.#checkFull(news);
    this.#step(news, isRoundStart);
  }

  handlePersistentCongestion(): void {
    // The path may be another one when it works again: measure anew, from what was known.
    this.#isFull = false;
    this.#fullRounds = 0;
    this.#fullBandwidth = 0;
    this.#phase = 'startup';
  }

  /** Until the path is known to be full, what a small message showed of it is no limit. */
  get #initialBandwidth(): number {
    const rttMicros = this.#minRttMicros || this.#options.initialRttMicros;
    return (INITIAL_PACKETS * this.#options.packetBytes * MICROS_PER_SEC) / rttMicros;
  }

  #product(): number {
    return (this.#bandwidth * this.#minRttMicros) / MICROS_PER_SEC;
  }

  #pacingGain(): number {
    if (this.#phase === 'startup') return STARTUP_GAIN;
    if (this.#phase === 'drain') return DRAIN_GAIN;
    return this.#phase === 'steady' ? CYCLE_GAINS[this.#cycleIndex]! : 1;
  }

  #startRound(news: AckNews): void {
    const roundBytes = news.deliveredBytes - this.#roundStartDelivered + this.#roundLostBytes;
    if (this.#roundLostPackets >= LOSS_PACKETS_MIN && this.#roundLostBytes > LOSS_SHARE_MAX * roundBytes) {
      this.#cautiousUntilRound = this.#round + CAUTIOUS_ROUNDS;
      if (this.#phase === 'startup') this.#isFull = true;
    }
    this.#round++;
    this.#roundAtMicros = news.nowMicros;
    this.#nextRoundDelivered = news.deliveredBytes;
    this.#roundStartDelivered = news.deliveredBytes;
    this.#roundLostBytes = this.#roundLostPackets = 0;
    this.#roundRates[this.#round % BANDWIDTH_ROUNDS] = 0;
    // A silent round must not erase what is known.
    const largest = Math.max(...this.#roundRates);
    if (largest > 0) this.#bandwidth = largest;
  }

  #updateBandwidth(news: AckNews): void {
    const rate = news.rateBytesPerSec;
    if (rate === 0 || (news.isAppLimited && rate < this.#bandwidth)) {
      // The application sent less than the path takes: what is known stays known.
      if (news.isAppLimited) this.#raiseRound(this.#bandwidth);
      return;
    }
    this.#raiseRound(rate);
    if (rate > this.#bandwidth) this.#bandwidth = rate;
  }

  #raiseRound(rate: number): void {
    const slot = this.#round % BANDWIDTH_ROUNDS;
    if (rate > this.#roundRates[slot]!) this.#roundRates[slot] = rate;
  }

  #updateMinRtt(news: AckNews): void {
    const { rttMicros, nowMicros } = news;
    if (rttMicros === 0) return;
    if (this.#minRttMicros === 0 || rttMicros <= this.#minRttMicros * RTT_TOLERANCE) {
      this.#minRttAtMicros = nowMicros;
      if (this.#minRttMicros === 0 || rttMicros < this.#minRttMicros) this.#minRttMicros = rttMicros;
    }
    const isStale = nowMicros - this.#minRttAtMicros > RTT_MICROS_TTL;
    if (!isStale || this.#phase === 'probeRtt') return;
    this.#minRttMicros = rttMicros;
    this.#minRttAtMicros = nowMicros;
    if (this.#phase !== 'steady') return;
    this.#phase = 'probeRtt';
    this.#probeRttRound = 0;
  }

  #checkFull(news: AckNews): void {
    if (this.#isFull || news.isAppLimited) return;
    if (this.#bandwidth >= this.#fullBandwidth * FULL_GROWTH) {
      this.#fullBandwidth = this.#bandwidth;
      this.#fullRounds = 0;
      return;
    }
    if (++this.#fullRounds >= FULL_ROUNDS) this.#isFull = true;
  }

  #step(news: AckNews, isRoundStart: boolean): void {
    const { nowMicros, inFlightBytes } = news;
    if (this.#phase === 'startup' && this.#isFull) this.#phase = 'drain';
    if (this.#phase === 'drain' && inFlightBytes <= this.#product() + SPARE_PACKETS * this.#options.packetBytes) {
      this.#enterSteady(nowMicros);
    } else if (this.#phase === 'steady') this.#stepCycle(news);
    else if (this.#phase === 'probeRtt') {
      const isDown = inFlightBytes <= this.windowBytes + this.#options.packetBytes;
      if (this.#probeRttRound === 0 && isDown) this.#probeRttRound = this.#round + 2;
      if (this.#probeRttRound > 0 && isRoundStart && this.#round >= this.#probeRttRound) this.#enterSteady(nowMicros);
    }
  }

  #enterSteady(nowMicros: number): void {
    this.#phase = 'steady';
    // Two connections over one path should not try at the same time.
    const steady = CYCLE_GAINS.length - CYCLE_STEADY_FIRST;
    this.#cycleIndex = CYCLE_STEADY_FIRST + (this.#options.seed % steady);
    this.#cycleAtMicros = nowMicros;
  }

  #stepCycle(news: AckNews): void {
    const { nowMicros, inFlightBytes, lostPackets } = news;
    const gain = CYCLE_GAINS[this.#cycleIndex]!;
    const isPast = nowMicros - this.#cycleAtMicros > Math.max(ROUND_MICROS_MIN, this.#minRttMicros);
    const product = this.#product();
    const isDone =
      gain > 1
        ? isPast && (inFlightBytes >= gain * product || lostPackets > 0)
        : gain < 1
          ? isPast || inFlightBytes <= product
          : isPast;
    if (!isDone) return;
    this.#cycleIndex = (this.#cycleIndex + 1) % CYCLE_GAINS.length;
    this.#cycleAtMicros = nowMicros;
  }
}

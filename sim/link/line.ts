/**
 * A line of a given speed with a queue before it that drops at its tail: when does a packet leave?
 *
 * With `burstBytes` it is a token bucket of that depth: what fits into the bucket leaves at once. The answer is known the
 * moment a packet comes, so no packet is kept and no event needed. Exact: the time is a whole number of microseconds and a
 * rest in parts of the bandwidth. For a queue that decides at its head see `codel-queue.ts`.
 */

export type LineSettings = {
  readonly bandwidthBitsPerSecond: number;
  /** Depth of the token bucket; 0 is a plain line. */
  readonly burstBytes: number;
  /** Bytes that wait at most; a packet that finds nothing waiting is always taken. */
  readonly queueBytesMax: number;
  /** Packets that have not left yet at most; 0 is no limit. */
  readonly queuePacketsMax: number;
};

const BITS_MICROS_PER_BYTE = 8_000_000;
/** Departures kept before those gone by are thrown out. */
const GONE_MAX = 1_024;

/** The state of one line. */
export class Line {
  /** When the line is free (the bucket is full) again, in microseconds and in parts of one (of `bandwidth` parts). */
  #freeAtMicros = 0;
  #freeAtRemainder = 0;
  /** The speed that it has, and what waits since before it got it: so much at that other speed, until then. */
  #bandwidth = 0;
  #oldBandwidth = 0;
  #oldUntilMicros = 0;
  /** Departures to come, for the limit in packets. */
  #departures: number[] = [];
  #departuresGone = 0;

  /** When the last bit of the packet has left, or -1 when the queue is full. */
  depart(nowMicros: number, sizeBytes: number, settings: LineSettings): number {
    const { bandwidthBitsPerSecond: bandwidth, burstBytes } = settings;
    if (bandwidth !== this.#bandwidth) this.#changeSpeed(nowMicros, bandwidth);
    if (this.#freeAtMicros < nowMicros) {
      this.#freeAtMicros = nowMicros;
      this.#freeAtRemainder = 0;
    }
    const waitingBytes = this.waitingBytes(nowMicros, settings);
    if (waitingBytes > 0 && waitingBytes + sizeBytes > settings.queueBytesMax) return -1;
    if (settings.queuePacketsMax > 0 && this.#waitingPackets(nowMicros) >= settings.queuePacketsMax) return -1;
    const parts = sizeBytes * BITS_MICROS_PER_BYTE + this.#freeAtRemainder;
    // Exact, as both are whole and below 2^53; the remainder of large numbers by % would take longer than all the rest.
    const micros = Math.floor(parts / bandwidth);
    this.#freeAtMicros += micros;
    this.#freeAtRemainder = parts - micros * bandwidth;
    let departMicros = this.#freeAtRemainder > 0 ? this.#freeAtMicros + 1 : this.#freeAtMicros;
    if (burstBytes > 0) {
      const ahead = this.#freeAtRemainder - burstBytes * BITS_MICROS_PER_BYTE;
      departMicros = Math.max(nowMicros, this.#freeAtMicros + Math.ceil(ahead / bandwidth));
    }
    if (settings.queuePacketsMax > 0) this.#departures.push(departMicros);
    return departMicros;
  }

  /** Since when the line is free, at most one microsecond before `nowMicros`; `nowMicros` when it is not. */
  freeMicros(nowMicros: number): number {
    return this.#freeAtMicros === nowMicros - 1 ? nowMicros - 1 : nowMicros;
  }

  /** Bytes that still wait, what is left of the packet on the line included. */
  waitingBytes(nowMicros: number, { bandwidthBitsPerSecond, burstBytes }: LineSettings): number {
    if (this.#freeAtMicros <= nowMicros) return 0;
    if (this.#bandwidth !== bandwidthBitsPerSecond) this.#changeSpeed(nowMicros, bandwidthBitsPerSecond);
    const owed = this.#waitingOf(nowMicros);
    return owed > burstBytes ? owed - burstBytes : 0;
  }

  /** What waits goes on leaving when it was told to; only what comes now knows the new speed. */
  #changeSpeed(nowMicros: number, bandwidth: number): void {
    if (this.#freeAtMicros > nowMicros) {
      const owed = this.#waitingOf(nowMicros);
      if (this.#freeAtRemainder > 0) this.#freeAtMicros += 1;
      this.#oldUntilMicros = this.#freeAtMicros;
      this.#oldBandwidth = Math.floor((owed * BITS_MICROS_PER_BYTE) / (this.#freeAtMicros - nowMicros));
    }
    this.#freeAtRemainder = 0;
    this.#bandwidth = bandwidth;
  }

  /** Bytes until the line is free, each at the speed it waits at. */
  #waitingOf(nowMicros: number): number {
    const oldUntilMicros = this.#oldUntilMicros;
    if (oldUntilMicros <= nowMicros) return bytesIn(this.#freeAtMicros - nowMicros, this.#bandwidth);
    return (
      bytesIn(oldUntilMicros - nowMicros, this.#oldBandwidth) +
      bytesIn(this.#freeAtMicros - oldUntilMicros, this.#bandwidth)
    );
  }

  #waitingPackets(nowMicros: number): number {
    const departures = this.#departures;
    while (this.#departuresGone < departures.length && departures[this.#departuresGone]! <= nowMicros) {
      this.#departuresGone += 1;
    }
    if (this.#departuresGone >= GONE_MAX && this.#departuresGone * 2 > departures.length) {
      departures.splice(0, this.#departuresGone);
      this.#departuresGone = 0;
    }
    return departures.length - this.#departuresGone;
  }
}

function bytesIn(micros: number, bandwidth: number): number {
  return Math.floor((micros * bandwidth) / BITS_MICROS_PER_BYTE);
}

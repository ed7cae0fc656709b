/** Spreads datagrams over time. A timer that comes late may be made up for, up to a quantum; more never leaves in one burst. */

const MICROS_PER_SEC = 1_000_000;
/** What late timers may be made up for. */
const QUANTUM_MICROS = 5_000;

/** The time from which the next datagram may leave. */
export class Pacer {
  #nextMicros = 0;

  /** When the next one may leave. */
  get nextMicros(): number {
    return this.#nextMicros;
  }

  canSend(nowMicros: number): boolean {
    return this.#nextMicros <= nowMicros;
  }

  noteSent(nowMicros: number, sizeBytes: number, bytesPerSec: number): void {
    const from = Math.max(this.#nextMicros, nowMicros - QUANTUM_MICROS);
    this.#nextMicros = from + (sizeBytes * MICROS_PER_SEC) / bytesPerSec;
  }
}

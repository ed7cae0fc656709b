/** When to repeat a Syn or SynAck, when to give up, and the round trip that the handshake shows. */

/** Ours: soon, because a hole in a NAT may need the second one; then slower. */
const REPEAT_MICROS_FIRST = 200_000;
const REPEAT_MICROS_MAX = 1_000_000;

/** The timer of one handshake. */
export class HandshakeTimer {
  readonly #limitMicros: number;
  #beganMicros = -1;
  #sentCount = 0;
  #sentMicros = 0;

  /** @param limitMicros - How long the handshake may take. */
  constructor(limitMicros: number) {
    this.#limitMicros = limitMicros;
  }

  /** The handshake begins, or takes its next step; the limit counts from the beginning. */
  start(nowMicros: number): void {
    if (this.#beganMicros < 0) this.#beganMicros = nowMicros;
  }

  noteSent(nowMicros: number): void {
    this.#sentCount++;
    this.#sentMicros = nowMicros;
  }

  isOverdue(nowMicros: number): boolean {
    return nowMicros >= this.#beganMicros + this.#limitMicros;
  }

  isRepeatDue(nowMicros: number): boolean {
    return nowMicros >= this.#repeatMicros;
  }

  get dueMicros(): number {
    return Math.min(this.#beganMicros + this.#limitMicros, this.#repeatMicros);
  }

  /** The round trip when exactly one datagram was sent, so that the answer can only be to that one (Karn); else 0. */
  rttMicros(nowMicros: number): number {
    return this.#sentCount === 1 ? Math.max(1, nowMicros - this.#sentMicros) : 0;
  }

  get #repeatMicros(): number {
    const pause = Math.min(REPEAT_MICROS_MAX, REPEAT_MICROS_FIRST * 2 ** Math.max(0, this.#sentCount - 1));
    return this.#sentMicros + pause;
  }
}

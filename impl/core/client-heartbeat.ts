/**
 * A client's heartbeat: when to send the next one, and when a silent server counts as lost.
 *
 * Silence is judged only once an answer has been seen, because a server may be set not to answer (HBT-004, HBT-010).
 * Drive it: `start` at logon, `handleMessage` for what arrives, then drain `poll(nowMicros)` until it waits.
 */

export type HeartbeatOutput =
  { readonly kind: 'send' } | { readonly kind: 'lost' } | { readonly kind: 'wait'; readonly untilMicros: number };

export type HeartbeatOptions = {
  /** Between two heartbeats; Infinity sends none (HBT-002). */
  readonly spanMicros: number;
  /** Silence that means the connection is broken; Infinity never. */
  readonly silenceMicrosMax: number;
};

const SEND: HeartbeatOutput = { kind: 'send' };
const LOST: HeartbeatOutput = { kind: 'lost' };

/** The heartbeat of one connection. */
export class ClientHeartbeat {
  readonly #options: HeartbeatOptions;
  #nextSendMicros: number;
  #lastMessageMicros: number;
  #answered = false;

  /** Starts at logon: the first heartbeat is due one span later (HBT-001). */
  constructor(nowMicros: number, options: HeartbeatOptions) {
    this.#options = options;
    this.#nextSendMicros = nowMicros + options.spanMicros;
    this.#lastMessageMicros = nowMicros;
  }

  /** Any complete message arrived. @param isHeartbeatAnswer - It was the server's answer to a heartbeat. */
  handleMessage(nowMicros: number, isHeartbeatAnswer: boolean): void {
    this.#lastMessageMicros = nowMicros;
    if (isHeartbeatAnswer) this.#answered = true;
  }

  poll(nowMicros: number): HeartbeatOutput {
    const lostMicros = this.#answered ? this.#lastMessageMicros + this.#options.silenceMicrosMax : Infinity;
    if (nowMicros >= lostMicros) return LOST;
    if (nowMicros >= this.#nextSendMicros) {
      // Spans count from the last one due; after a long stall the missed ones are not made up for.
      const next = this.#nextSendMicros + this.#options.spanMicros;
      this.#nextSendMicros = next > nowMicros ? next : nowMicros + this.#options.spanMicros;
      return SEND;
    }
    return { kind: 'wait', untilMicros: Math.min(lostMicros, this.#nextSendMicros) };
  }
}

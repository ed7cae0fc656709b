/**
 * Delivery rate: how many bytes a second reached the peer, measured over the flight of each packet.
 *
 * After draft-cheng-iccrg-delivery-rate-estimation: the slower of the rate at which a flight was sent and the rate at which
 * it was acknowledged, so that compressed Acks cannot inflate it. Loss does not lower it.
 */
import type { SentPacket } from './sent-packets.ts';

const MICROS_PER_SEC = 1_000_000;

export type RateSample = {
  readonly rateBytesPerSec: number;
  readonly isAppLimited: boolean;
  readonly priorDelivered: number;
};

/** The counters of one direction. */
export class DeliveryRate {
  delivered = 0;
  #deliveredMicros = 0;
  #firstSentMicros = 0;
  /** Up to this many delivered bytes the application was the limit. */
  #appLimitedUntil = -1;

  /** What a packet must remember that is sent now. */
  snapshot(
    nowMicros: number,
    inFlightBytes: number,
  ): Pick<SentPacket, 'delivered' | 'deliveredMicros' | 'firstSentMicros' | 'isAppLimited'> {
    if (inFlightBytes === 0) this.#firstSentMicros = this.#deliveredMicros = nowMicros;
    return {
      delivered: this.delivered,
      deliveredMicros: this.#deliveredMicros,
      firstSentMicros: this.#firstSentMicros,
      isAppLimited: this.#appLimitedUntil >= 0,
    };
  }

  /** There was room to send and nothing to send. */
  noteAppLimited(inFlightBytes: number): void {
    this.#appLimitedUntil = this.delivered + inFlightBytes;
  }

  /** Counts acknowledged packets, at least one. @param minRttMicros - a shorter flight is not believed */
  handleAcked(acked: readonly SentPacket[], nowMicros: number, minRttMicros: number): RateSample {
    let newest = acked[0]!;
    for (const packet of acked) {
      this.delivered += packet.sizeBytes;
      if (packet.number > newest.number) newest = packet;
    }
    this.#deliveredMicros = nowMicros;
    if (this.#appLimitedUntil >= 0 && this.delivered > this.#appLimitedUntil) this.#appLimitedUntil = -1;
    this.#firstSentMicros = Math.max(this.#firstSentMicros, newest.sentMicros);
    const sendMicros = newest.sentMicros - newest.firstSentMicros;
    const ackMicros = nowMicros - newest.deliveredMicros;
    const intervalMicros = Math.max(sendMicros, ackMicros);
    const isUsable = intervalMicros > 0 && intervalMicros >= minRttMicros;
    return {
      rateBytesPerSec: isUsable ? ((this.delivered - newest.delivered) * MICROS_PER_SEC) / intervalMicros : 0,
      isAppLimited: newest.isAppLimited,
      priorDelivered: newest.delivered,
    };
  }
}

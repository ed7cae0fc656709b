/**
 * Packets on their way and what became of them: acknowledgements, losses by packet and time threshold (RFC 9002 section 6.1).
 *
 * Packet numbers are never used twice. A packet declared lost is remembered for a while, so that its late acknowledgement
 * shows that the order of the network is looser than assumed; the packet threshold then grows (RFC 9002 6.1.1 allows it).
 */
import type { Chunk } from './send-stream.ts';
import type { NumberRange } from './datagram.ts';

export type SentPacket = {
  readonly number: number;
  readonly sentMicros: number;
  readonly sizeBytes: number;
  /** Absent for a ping. */
  readonly chunk: Chunk | undefined;
  /** What had been delivered when it was sent, for the delivery rate. */
  readonly delivered: number;
  readonly deliveredMicros: number;
  readonly firstSentMicros: number;
  readonly isAppLimited: boolean;
  fate: 'out' | 'lost' | 'acked';
};

/** RFC 9002 6.1.1: kPacketThreshold. */
const PACKET_THRESHOLD = 3;
/** Beyond this much reordering everything would wait for the time threshold anyway. */
const PACKET_THRESHOLD_MAX = 128;

/** The packets of one direction of one connection. */
export class SentPackets {
  /** From number `#base` on; `undefined` where nothing is to be remembered. */
  readonly #packets: (SentPacket | undefined)[] = [];
  #base = 0;
  #head = 0;
  #packetThreshold = PACKET_THRESHOLD;
  /** Numbers below this are all acknowledged or lost. */
  #lowestOut = 0;
  inFlightBytes = 0;
  inFlightCount = 0;
  /** Packets declared lost and acknowledged after all. */
  spuriousLosses = 0;
  largestAcked = -1;
  /** When the next packet becomes lost by time; Infinity when none will. */
  lossDueMicros = Infinity;

  get nextNumber(): number {
    return this.#base + this.#packets.length - this.#head;
  }

  get packetThreshold(): number {
    return this.#packetThreshold;
  }

  add(packet: SentPacket): void {
    this.#packets.push(packet);
    this.inFlightBytes += packet.sizeBytes;
    this.inFlightCount++;
  }

  #at(number: number): SentPacket | undefined {
    return this.#packets[this.#head + number - this.#base];
  }

  /**
   * Marks ranges as acknowledged.
   *
   * @returns the packets acknowledged for the first time, largest number first
   */
  acknowledge(ranges: readonly NumberRange[]): SentPacket[] {
    const acked: SentPacket[] = [];
    for (const range of ranges) {
      if (range.last < this.#base) break;
      for (let number = range.last; number >= range.first && number >= this.#base; number--) {
        const packet = this.#at(number);
        if (packet === undefined || packet.fate === 'acked') continue;
        if (packet.fate === 'lost') this.#learnReordering(packet);
        else this.#leave(packet);
        packet.fate = 'acked';
        acked.push(packet);
        this.largestAcked = Math.max(this.largestAcked, number);
        this.#packets[this.#head + number - this.#base] = undefined;
      }
    }
    return acked;
  }

  /** Declares packets lost and says when to look again. @returns the lost ones, oldest first */
  detectLost(nowMicros: number, lossDelayMicros: number): SentPacket[] {
    const lost: SentPacket[] = [];
    this.lossDueMicros = Infinity;
    const limit = this.largestAcked;
    let lowestOut = limit + 1;
    for (let number = Math.max(this.#lowestOut, this.#base); number < limit; number++) {
      const packet = this.#at(number);
      if (packet?.fate !== 'out') continue;
      const dueMicros = packet.sentMicros + lossDelayMicros;
      if (limit - number >= this.#packetThreshold || nowMicros >= dueMicros) {
        packet.fate = 'lost';
        this.#leave(packet);
        lost.push(packet);
        continue;
      }
      lowestOut = Math.min(lowestOut, number);
      this.lossDueMicros = Math.min(this.lossDueMicros, dueMicros);
    }
    this.#lowestOut = Math.max(this.#lowestOut, lowestOut);
    return lost;
  }

  /** Forgets what was sent before that time and is no longer on its way. */
  forgetBefore(sentMicros: number): void {
    const packets = this.#packets;
    while (this.#head < packets.length) {
      const packet = packets[this.#head];
      if (packet !== undefined && (packet.fate === 'out' || packet.sentMicros >= sentMicros)) break;
      this.#head++;
      this.#base++;
    }
    if (this.#head > 1024 && this.#head * 2 > packets.length) {
      packets.splice(0, this.#head);
      this.#head = 0;
    }
  }

  #leave(packet: SentPacket): void {
    this.inFlightBytes -= packet.sizeBytes;
    this.inFlightCount--;
  }

  #learnReordering(packet: SentPacket): void {
    this.spuriousLosses++;
    const distance = this.largestAcked - packet.number + 1;
    this.#packetThreshold = Math.max(this.#packetThreshold, Math.min(distance, PACKET_THRESHOLD_MAX));
  }
}

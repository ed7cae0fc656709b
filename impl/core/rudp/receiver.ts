/**
 * The receiving half of a connection: what to keep of a packet, and when to acknowledge.
 *
 * It knows no handshake and no states. Drive it: `handleChunk` and `handlePing`; `pollMessage` for what is whole; `pollAck`
 * when `ackDueMicros` has come.
 */
import { rudpAckDelayMicrosMax } from '../../../spec/timing.ts';
import { encodeAck } from './datagram.ts';
import { ReceivedNumbers } from './received-numbers.ts';
import { ReceiveStream } from './receive-stream.ts';
import type { ChunkVerdict, ReceiveLimits } from './receive-stream.ts';

/** Timers come late; the rest of the allowed delay is for them. */
const ACK_DELAY_MICROS = rudpAckDelayMicrosMax / 2;
/** Packets after which an Ack is sent: few while the sender still learns, more when it is at speed. */
const ACK_PACKETS_EARLY = 2;
const ACK_PACKETS = 8;
const EARLY_PACKETS = 128;
/** A raise of the limit by this share of the memory is announced at once. */
const LIMIT_SHARE = 4;

/** One connection's receiving half. */
export class RudpReceiver {
  readonly stream: ReceiveStream;
  readonly #limits: ReceiveLimits;
  readonly #numbers = new ReceivedNumbers();
  #packets = 0;
  #unackedPackets = 0;
  #ackDueMicros = Infinity;
  #announcedLimit: number;

  constructor(limits: ReceiveLimits) {
    this.#limits = limits;
    this.stream = new ReceiveStream(limits);
    this.#announcedLimit = this.stream.limitOffset;
  }

  /** When an Ack must leave; Infinity: none is owed. */
  get ackDueMicros(): number {
    return this.#ackDueMicros;
  }

  /** The number and the sequence that low bits are read next to. */
  get largestNumber(): number {
    return Math.max(0, this.#numbers.largest);
  }

  get nextSequence(): number {
    return this.stream.nextSequence;
  }

  /** A chunk came in a packet. What is refused is not acknowledged, as if it had been lost. */
  handleChunk(nowMicros: number, number: number, sequence: number, bytes: Uint8Array): ChunkVerdict {
    const verdict = this.stream.handleChunk(sequence, bytes);
    if (verdict === 'new' || verdict === 'duplicate') this.#note(nowMicros, number, verdict === 'duplicate');
    return verdict;
  }

  handlePing(nowMicros: number, number: number): void {
    this.#note(nowMicros, number, true);
  }

  /** A message was taken or more room came to be: says so when the peer may be waiting for it. */
  noteTaken(nowMicros: number): void {
    const gained = this.stream.limitOffset - this.#announcedLimit;
    if (gained * LIMIT_SHARE >= this.#limits.receiveBytesMax && this.#packets > 0) this.#ackDueMicros = nowMicros;
  }

  /** Writes the Ack that is due. @returns its length, 0 for none */
  pollAck(nowMicros: number, view: DataView, tag: number): number {
    if (nowMicros < this.#ackDueMicros) return 0;
    this.#ackDueMicros = Infinity;
    this.#unackedPackets = 0;
    this.#announcedLimit = this.stream.limitOffset;
    return encodeAck(view, {
      tag,
      delayMicros: nowMicros - this.#numbers.largestAtMicros,
      limitBytes: this.#announcedLimit,
      ranges: this.#numbers.ranges,
    });
  }

  /** RFC 9000 13.2: at once when something is missing, was missing or came twice; else after a few, or after a while. */
  #note(nowMicros: number, number: number, isUrgent: boolean): void {
    const isNext = this.#numbers.add(number, nowMicros);
    this.#packets++;
    this.#unackedPackets++;
    const enough = this.#packets < EARLY_PACKETS ? ACK_PACKETS_EARLY : ACK_PACKETS;
    if (isUrgent || !isNext || this.#unackedPackets >= enough) this.#ackDueMicros = nowMicros;
    else if (this.#ackDueMicros === Infinity) this.#ackDueMicros = nowMicros + ACK_DELAY_MICROS;
  }
}

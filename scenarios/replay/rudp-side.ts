/** What one side of a connection of reliable UDP has sent: numbers, chunks, limit, end. Judges what it sees. */
import type { RudpReading } from '../attach/rudp-datagrams.ts';
import { RUDP_ACK_RANGES_MAX } from '../../spec/grammar/rudp-datagrams.ts';
import { RudpStream, type StreamMessageSink } from './rudp-stream.ts';
import type { UdpFound, UdpPlace } from './udp-rules.ts';

/** Numbers and chunks remembered, to know repetitions. */
const REMEMBERED_MAX = 65_536;

/** One side. */
export class RudpSide {
  readonly identity: number;
  readonly endpoint: string;
  readonly stream: RudpStream;
  /** Something came to it that only the other side can have sent (RUD-024). */
  mayOpen = false;
  #retransmissions = 0;
  readonly #found: UdpFound;
  readonly #numbers = new Map<number, number>();
  readonly #chunks = new Map<number, number>();
  #largestNumber: number | undefined;
  #largestChunk = -1;
  #fin: { readonly sequence: number; readonly packet: number } | undefined;
  /** Stream bytes it has room for, as it told. */
  limit = 0;
  #toldBeyondLimit = false;

  constructor(identity: number, endpoint: string, messageBytesMax: number, sink: StreamMessageSink, found: UdpFound) {
    this.identity = identity;
    this.endpoint = endpoint;
    this.stream = new RudpStream(messageBytesMax, sink);
    this.#found = found;
  }

  /** Chunks sent again since the last call. */
  takeRetransmissions(): number {
    const taken = this.#retransmissions;
    this.#retransmissions = 0;
    return taken;
  }

  /** A Data, Ping or Fin it sent. Gives false when the very same datagram was seen before. */
  numbered(reading: RudpReading, bytes: Uint8Array, at: UdpPlace): boolean {
    const number = reading.numbers.number!;
    const hash = hashOf(bytes);
    const before = this.#numbers.get(number);
    if (before === hash) return false;
    if (before !== undefined) {
      this.#found('rudp-number-once', `packet number ${number} was used before for another datagram`, at);
    }
    remember(this.#numbers, number, hash);
    if (this.#largestNumber === undefined || ((number - this.#largestNumber) | 0) > 0) this.#largestNumber = number;
    return true;
  }

  /** A chunk it sent; `limit` is what the receiver has told. */
  data(reading: RudpReading, limit: number, at: UdpPlace): void {
    const sequence = reading.numbers.sequence!;
    const { chunk } = reading;
    if (chunk.length === 0) this.#found('rudp-chunk-not-empty', `chunk ${sequence} has no bytes`, at);
    if (this.#fin !== undefined && sequence >= this.#fin.sequence) {
      const fin = `the Fin in packet ${this.#fin.packet} says ${this.#fin.sequence}`;
      this.#found('rudp-nothing-behind-fin', `chunk ${sequence} is sent, but ${fin} is the end`, at);
    }
    const hash = hashOf(chunk);
    const before = this.#chunks.get(sequence);
    if (before !== undefined) {
      this.#retransmissions += 1;
      if (before !== hash) {
        this.#found('rudp-chunk-cut-the-same', `chunk ${sequence} is sent again with other bytes than before`, at);
      }
      return;
    }
    remember(this.#chunks, sequence, hash);
    this.#largestChunk = Math.max(this.#largestChunk, sequence);
    this.stream.chunk(sequence, chunk);
    if (this.stream.orderedBytes <= limit || this.#toldBeyondLimit) return;
    this.#toldBeyondLimit = true;
    this.#found(
      'rudp-within-limit',
      `${this.stream.orderedBytes} stream bytes were sent, the limit told is ${limit}`,
      at,
    );
  }

  /** A Fin it sent. */
  fin(reading: RudpReading, at: UdpPlace): void {
    const sequence = reading.numbers.sequence!;
    if (sequence <= this.#largestChunk) {
      const sent = `chunk ${this.#largestChunk} was sent`;
      this.#found('rudp-nothing-behind-fin', `the Fin says ${sequence} is the end, but ${sent}`, at);
    }
    this.#fin ??= { sequence, packet: at.packet };
  }

  /** An Ack of what this side has sent, by the other. */
  acked(reading: RudpReading, at: UdpPlace): void {
    const largest = reading.numbers.largest!;
    const known = this.#largestNumber;
    if (known === undefined || ((largest - known) | 0) > 0) {
      const sent = known === undefined ? 'none was sent' : `the last one sent is ${known}`;
      this.#found('rudp-ack-of-sent', `number ${largest} is acknowledged, ${sent}`, at);
      return;
    }
    const ranges = reading.repeated;
    const below = reading.numbers.before! + ranges.reduce((sum, value) => sum + value, 0);
    // The count of all datagrams passes 2^32 only after hours; behind that, less is known than this needs.
    if (ranges.length > 2 * RUDP_ACK_RANGES_MAX || ranges.includes(0) || below > largest) {
      this.#found('rudp-ack-ranges', `${ranges.length / 2} ranges reach ${below} numbers below ${largest}`, at);
    }
  }
}

function remember(map: Map<number, number>, key: number, value: number): void {
  map.set(key, value);
  if (map.size > REMEMBERED_MAX) map.delete(map.keys().next().value!);
}

/** FNV-1a, 32 bits, with the length mixed in: tells a repetition from another datagram. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5 ^ bytes.length;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

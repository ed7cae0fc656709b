/**
 * One direction of a TCP connection put back together: segments in any order in, the byte stream out.
 *
 * Retransmissions are dropped (the first copy of a byte wins, as at a receiver), early segments are kept until the hole
 * before them is filled. When too much is kept, or at the end, the hole is given up: what lies behind it is reported as
 * unreadable, because message boundaries are lost. Sequence numbers may wrap any number of times.
 * Drive: `open(sequence)` once, `segment(...)` for each with payload, `finish()`; bytes come out through the sink.
 */
import { RecentBytes } from './recent-bytes.ts';

/** Bytes that may wait for a hole to be filled, in one direction. */
export const WAITING_BYTES_MAX = 4_194_304;
/** Segments that may wait, in one direction. */
const WAITING_SEGMENTS_MAX = 8_192;

/** What is shared by all streams of a capture: how much waits in all of them. */
export type WaitingBudget = { bytes: number; readonly bytesMax: number };

/** A hole in the stream that nothing filled. */
export type Gap = {
  /** Where in the stream the missing bytes begin. */
  readonly offset: number;
  readonly missingBytes: number;
  /** The packet that holds the first bytes behind the hole. */
  readonly packet: number;
};

export type StreamSink = {
  /** The next bytes of the stream; only valid during the call. */
  onBytes(bytes: Uint8Array, packet: number, timeMicros: number): void;
  /** The first hole; no bytes come after it. */
  onGap(gap: Gap): void;
};

/** Counts and oddities of one direction. */
export type StreamStats = {
  /** Bytes handed out in order. */
  deliveredBytes: number;
  /** Bytes seen behind a gap, which nobody can read. */
  lostBytes: number;
  retransmittedBytes: number;
  outOfOrderSegments: number;
  keepAliveProbes: number;
  /** Packets that repeated a byte with another value; at most 16 are named. */
  conflictingPackets: number[];
  gap: Gap | undefined;
};

type Waiting = {
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly packet: number;
  readonly timeMicros: number;
};

/** One direction of one connection. */
export class TcpStream {
  readonly stats: StreamStats = {
    deliveredBytes: 0,
    lostBytes: 0,
    retransmittedBytes: 0,
    outOfOrderSegments: 0,
    keepAliveProbes: 0,
    conflictingPackets: [],
    gap: undefined,
  };
  readonly #sink: StreamSink;
  readonly #budget: WaitingBudget;
  /** Sequence number of the next byte in order; undefined until the start is known. */
  #nextSequence: number | undefined;
  /** Sorted by offset. */
  readonly #waiting: Waiting[] = [];
  #waitingBytes = 0;
  readonly #history = new RecentBytes();
  /** Stream offset at which the peer said it is done, once a FIN was seen. */
  #finOffset: number | undefined;

  constructor(sink: StreamSink, budget: WaitingBudget) {
    this.#sink = sink;
    this.#budget = budget;
  }

  /** True once the number of the first byte is known. */
  get isOpen(): boolean {
    return this.#nextSequence !== undefined;
  }

  /** True when a FIN was seen and no more can come before it. */
  get isComplete(): boolean {
    if (this.#finOffset === undefined) return false;
    return this.stats.gap !== undefined || this.stats.deliveredBytes >= this.#finOffset;
  }

  /** Fixes the sequence number of the first byte (the SYN's plus one). */
  open(firstSequence: number): void {
    this.#nextSequence = firstSequence >>> 0;
  }

  /** The FIN stands after the byte before `sequence`. */
  fin(sequence: number): void {
    this.#finOffset ??= this.stats.deliveredBytes + ((sequence - this.#nextSequence!) | 0);
  }

  /** Takes the payload of one segment; `bytes` may be reused after the call. */
  segment(sequence: number, bytes: Uint8Array, packet: number, timeMicros: number): void {
    if (this.stats.gap !== undefined) {
      this.stats.lostBytes += bytes.length;
      return;
    }
    const ahead = (sequence - this.#nextSequence!) | 0;
    if (ahead === -1 && bytes.length <= 1) this.stats.keepAliveProbes += 1;
    else if (bytes.length === 0) return;
    else if (ahead === 0 && this.#waiting.length === 0) this.#deliver(bytes, packet, timeMicros);
    else if (ahead > 0) this.#keep(ahead, bytes, packet, timeMicros);
    else this.#overlap(ahead, bytes, packet, timeMicros);
  }

  /** No more will come: gives up on holes. */
  finish(): void {
    if (this.#waiting.length > 0) this.#giveUp();
  }

  #deliver(bytes: Uint8Array, packet: number, timeMicros: number): void {
    this.#nextSequence = (this.#nextSequence! + bytes.length) >>> 0;
    this.stats.deliveredBytes += bytes.length;
    this.#history.push(bytes);
    this.#sink.onBytes(bytes, packet, timeMicros);
  }

  /** Starts at or before the next byte: what is new of it goes out, with what was waiting for it in between. */
  #overlap(ahead: number, bytes: Uint8Array, packet: number, timeMicros: number): void {
    const start = this.stats.deliveredBytes + ahead;
    const known = Math.min(-ahead, bytes.length);
    const conflict = this.#history.differs(start, bytes.subarray(0, known)) || this.#differsFromWaiting(start, bytes);
    if (conflict && this.stats.conflictingPackets.length < 16) this.stats.conflictingPackets.push(packet);
    this.stats.retransmittedBytes += known;
    let rest = bytes.subarray(known);
    while (rest.length > 0) {
      const room = Math.min(rest.length, (this.#waiting[0]?.offset ?? Infinity) - this.stats.deliveredBytes);
      this.#deliver(rest.subarray(0, room), packet, timeMicros);
      const before = this.stats.deliveredBytes;
      this.#drain();
      const repeated = Math.min(this.stats.deliveredBytes - before, rest.length - room);
      this.stats.retransmittedBytes += repeated;
      rest = rest.subarray(room + repeated);
    }
  }

  #drain(): void {
    let first: Waiting | undefined;
    while ((first = this.#waiting[0]) !== undefined && first.offset <= this.stats.deliveredBytes) {
      this.#waiting.shift();
      this.#release(first.bytes.length);
      const known = this.stats.deliveredBytes - first.offset;
      if (known < first.bytes.length) this.#deliver(first.bytes.subarray(known), first.packet, first.timeMicros);
    }
  }

  /** Keeps the parts of an early segment that are not kept yet. */
  #keep(ahead: number, bytes: Uint8Array, packet: number, timeMicros: number): void {
    this.stats.outOfOrderSegments += 1;
    let offset = this.stats.deliveredBytes + ahead;
    let rest = bytes;
    if (this.#differsFromWaiting(offset, bytes) && this.stats.conflictingPackets.length < 16) {
      this.stats.conflictingPackets.push(packet);
    }
    const last = this.#waiting.at(-1);
    const isBehindAll = last === undefined || endOf(last) <= offset;
    let index = isBehindAll ? this.#waiting.length : this.#waiting.findIndex((kept) => endOf(kept) > offset);
    while (rest.length > 0) {
      const next = this.#waiting[index];
      const room = next === undefined ? rest.length : Math.max(next.offset - offset, 0);
      const part = rest.subarray(0, room);
      if (part.length > 0) {
        this.#waiting.splice(index, 0, { offset, bytes: Uint8Array.from(part), packet, timeMicros });
        this.#waitingBytes += part.length;
        this.#budget.bytes += part.length;
        index += 1;
      }
      if (next === undefined) break;
      const covered = Math.min(endOf(next) - offset, rest.length);
      this.stats.retransmittedBytes += covered - part.length;
      offset += covered;
      rest = rest.subarray(covered);
      index += 1;
    }
    if (
      this.#waitingBytes > WAITING_BYTES_MAX ||
      this.#waiting.length > WAITING_SEGMENTS_MAX ||
      this.#budget.bytes > this.#budget.bytesMax
    ) {
      this.#giveUp();
    }
  }

  #giveUp(): void {
    const first = this.#waiting[0]!;
    const offset = this.stats.deliveredBytes;
    this.stats.gap = { offset, missingBytes: first.offset - offset, packet: first.packet };
    this.stats.lostBytes += this.#waitingBytes;
    this.#waiting.length = 0;
    this.#release(this.#waitingBytes);
    this.#sink.onGap(this.stats.gap);
  }

  #release(bytes: number): void {
    this.#waitingBytes -= bytes;
    this.#budget.bytes -= bytes;
  }

  #differsFromWaiting(offset: number, bytes: Uint8Array): boolean {
    const end = offset + bytes.length;
    for (let index = this.#waiting.length - 1; index >= 0; index -= 1) {
      const kept = this.#waiting[index]!;
      if (endOf(kept) <= offset) return false;
      const from = Math.max(kept.offset, offset);
      const to = Math.min(endOf(kept), end);
      if (from < to) {
        const before = kept.bytes.subarray(from - kept.offset, to - kept.offset);
        if (Buffer.compare(before, bytes.subarray(from - offset, to - offset)) !== 0) return true;
      }
    }
    return false;
  }
}

function endOf(kept: Waiting): number {
  return kept.offset + kept.bytes.length;
}

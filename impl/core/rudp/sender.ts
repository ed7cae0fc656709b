/**
 * The sending half of a connection: chunks into packets, as fast as congestion control, pacing and the peer's limit allow.
 *
 * Loss detection and probes after RFC 9002 section 6. It knows no handshake and no states. Drive it: `handleAck`, `handleTimer`,
 * then `pollDatagram` until 0; look again at `dueMicros`.
 */
import { rudpKeepAliveMicros, rudpProbeMicrosMax } from '../../../spec/timing.ts';
import { rudpChunksAheadMax } from '../../../spec/limits.ts';
import { CubicControl } from './cubic-control.ts';
import { DATA_HEADER_BYTES, encodeChunkHeader, encodePing } from './datagram.ts';
import type { NumberRange } from './datagram.ts';
import { DeliveryRate } from './delivery-rate.ts';
import type { CongestionControl } from './congestion.ts';
import { ModelControl } from './model-control.ts';
import { Pacer } from './pacer.ts';
import { RttEstimate } from './rtt.ts';
import { SendStream } from './send-stream.ts';
import type { Chunk } from './send-stream.ts';
import { SentPackets } from './sent-packets.ts';
import type { SentPacket } from './sent-packets.ts';
import type { RudpCongestionControl, RudpStatistics } from './types.ts';

export type SenderOptions = {
  readonly datagramBytesMax: number;
  readonly congestionControl: RudpCongestionControl;
  readonly keepAliveMicros: number;
  /** Any integer; keeps connections over one path out of step. */
  readonly seed: number;
  readonly statistics: RudpStatistics;
};

/** RFC 9002 6.2.4: one or two; the second helps where the loss is not over. */
const PROBES_LATER = 2;
/** Probe timeouts without an answer after which the path counts as gone (RFC 9002 7.6: three). */
const PERSISTENT_TIMEOUTS = 3;
/** A lost packet is remembered so many round trips, to notice that it was only late. */
const REMEMBERED_RTTS = 4;

/** A stream is thin while it uses at most this share of the window, in chunks of at most this share of a datagram. */
const THIN_WINDOW_SHARE = 4;
const THIN_CHUNK_SHARE = 2;
/** After a loss the path is expected to lose more for so long. */
const LOSSY_MICROS = 10_000_000;

export type AckInput = {
  readonly ranges: readonly NumberRange[];
  readonly delayMicros: number;
  readonly limitBytes: number;
};

/** One connection's sending half. */
export class RudpSender {
  readonly stream = new SendStream();
  readonly rtt = new RttEstimate();
  readonly #options: SenderOptions;
  readonly #control: CongestionControl;
  readonly #pacer = new Pacer();
  readonly #sent = new SentPackets();
  readonly #rate = new DeliveryRate();
  #limitOffset = 0;
  #lastElicitingMicros = 0;
  #timeoutCount = 0;
  #probesOwed = 0;
  #isPingOwed = false;
  #lastLossMicros = -LOSSY_MICROS;
  /** The chunk sent for the first time before the latest one, and whether it is to go along with that. */
  #previousChunk: Chunk | undefined = undefined;
  #companion: Chunk | undefined = undefined;
  /** Since the last Ack there was no moment with nothing to send. */
  #wasWindowFull = false;

  constructor(nowMicros: number, options: SenderOptions) {
    this.#options = options;
    this.#lastElicitingMicros = nowMicros;
    const path = { packetBytes: options.datagramBytesMax, initialRttMicros: this.rtt.smoothedMicros };
    this.#control =
      options.congestionControl === 'cubic'
        ? new CubicControl(path)
        : new ModelControl({ ...path, seed: options.seed });
  }

  /** The peer has everything: the Fin and all chunks before it. */
  get isAllAcked(): boolean {
    return this.stream.isAllAcked;
  }

  get control(): CongestionControl {
    return this.#control;
  }

  get inFlightBytes(): number {
    return this.#sent.inFlightBytes;
  }

  /** The handshake brought the first limit and perhaps a round trip. */
  start(nowMicros: number, limitBytes: number, handshakeRttMicros: number): void {
    this.#lastElicitingMicros = nowMicros;
    this.#limitOffset = Math.max(this.#limitOffset, limitBytes);
    if (handshakeRttMicros > 0) this.rtt.handleSample(handshakeRttMicros, 0);
  }

  /** The number that an Ack's low bits are read next to. */
  get nextNumber(): number {
    return this.#sent.nextNumber;
  }

  /** An Ack of the peer; false when it acknowledges what was never sent, and then it has no effect. */
  handleAck(nowMicros: number, ack: AckInput): boolean {
    const sent = this.#sent;
    const largest = ack.ranges[0]!.last;
    if (largest >= sent.nextNumber) return false;
    this.#limitOffset = Math.max(this.#limitOffset, ack.limitBytes);
    const previousLargest = sent.largestAcked;
    const isWindowFull = this.#wasWindowFull;
    const acked = sent.acknowledge(ack.ranges);
    let rttMicros = 0;
    const newest = acked[0];
    if (newest?.number === largest && largest > previousLargest) {
      rttMicros = Math.max(1, nowMicros - newest.sentMicros);
      this.rtt.handleSample(rttMicros, ack.delayMicros);
    }
    for (const packet of acked) if (packet.chunk !== undefined) this.stream.acknowledge(packet.chunk);
    if (acked.length > 0) {
      this.#timeoutCount = 0;
      this.#probesOwed = 0;
    }
    const lost = this.#detectLost(nowMicros);
    this.#options.statistics.spuriousLosses = sent.spuriousLosses;
    if (acked.length > 0 || lost.length > 0) this.#tellControl(nowMicros, { acked, lost, rttMicros, isWindowFull });
    if (acked.length > 0) sent.forgetBefore(nowMicros - REMEMBERED_RTTS * this.rtt.smoothedMicros);
    return true;
  }

  /** Looks at every deadline of this half; early is harmless. */
  handleTimer(nowMicros: number): void {
    if (nowMicros >= this.#sent.lossDueMicros) {
      const lost = this.#detectLost(nowMicros);
      if (lost.length > 0) this.#tellControl(nowMicros, { acked: [], lost, rttMicros: 0, isWindowFull: false });
    }
    if (nowMicros >= this.#probeDueMicros) {
      this.#timeoutCount++;
      this.#options.statistics.probeTimeouts++;
      this.#probesOwed = this.#timeoutCount === 1 ? 1 : PROBES_LATER;
      if (this.#timeoutCount === PERSISTENT_TIMEOUTS) this.#control.handlePersistentCongestion();
    }
    if (nowMicros >= this.#pingDueMicros) this.#isPingOwed = true;
  }

  /** The next time `handleTimer` or `pollDatagram` has something to do; Infinity when only an input can change that. */
  dueMicros(nowMicros: number): number {
    const dueMicros = Math.min(this.#sent.lossDueMicros, this.#probeDueMicros, this.#pingDueMicros);
    if (!this.#hasRoom || !this.#hasPayload) return dueMicros;
    return Math.min(dueMicros, Math.max(nowMicros, Math.ceil(this.#pacer.nextMicros)));
  }

  /** Writes the next datagram that may leave now. @returns its length, 0 for none */
  pollDatagram(nowMicros: number, buffer: Uint8Array, view: DataView, tag: number): number {
    if (this.#probesOwed > 0) return this.#probe(nowMicros, buffer, view, tag);
    const companion = this.#companion;
    this.#companion = undefined;
    if (companion?.isAcked === false && this.#hasRoom) return this.#sendChunk(nowMicros, companion, buffer, view, tag);
    if (this.#hasRoom && this.#pacer.canSend(nowMicros)) {
      const chunk = this.#nextChunk(nowMicros);
      if (chunk !== undefined) return this.#sendChunk(nowMicros, chunk, buffer, view, tag);
      // What the peer has no room for is no sign of what the path can do.
      this.#rate.noteAppLimited(this.#sent.inFlightBytes);
      this.#wasWindowFull = false;
    } else if (!this.#hasRoom) this.#wasWindowFull = true;
    return this.#isPingOwed ? this.#sendPing(nowMicros, view, tag) : 0;
  }

  get #hasRoom(): boolean {
    return this.#sent.inFlightBytes + this.#options.datagramBytesMax <= this.#control.windowBytes;
  }

  get #hasPayload(): boolean {
    return this.stream.hasWaiting || this.#mayCut;
  }

  /** New bytes are there and the peer takes them. */
  get #mayCut(): boolean {
    const { stream } = this;
    if (!stream.hasNew || stream.spanChunks >= rudpChunksAheadMax) return false;
    return stream.queuedBytes === 0 || stream.sentOffset < this.#limitOffset;
  }

  #nextChunk(nowMicros: number): Chunk | undefined {
    const chunk = this.stream.pollWaiting();
    if (chunk !== undefined) {
      this.#options.statistics.retransmittedChunks++;
      return chunk;
    }
    if (!this.#mayCut) return undefined;
    const fresh = this.stream.pollNew(this.#options.datagramBytesMax - DATA_HEADER_BYTES, this.#limitOffset);
    if (fresh !== undefined) this.#chooseCompanion(nowMicros);
    this.#previousChunk = fresh;
    return fresh;
  }

  /**
   * RUD-033: on a path that loses, the chunk before goes along with the next one of a thin stream, so that a lost datagram
   * costs the time to the next message instead of a round trip. Nobody else needs the room it takes.
   */
  #chooseCompanion(nowMicros: number): void {
    const previous = this.#previousChunk;
    const isLossy = nowMicros - this.#lastLossMicros < LOSSY_MICROS;
    if (!isLossy || previous === undefined || previous.isAcked || previous.isFin || this.stream.queuedBytes > 0) return;
    const isSmall = previous.bytes.length * THIN_CHUNK_SHARE <= this.#options.datagramBytesMax;
    const isThin = this.#sent.inFlightBytes * THIN_WINDOW_SHARE <= this.#control.windowBytes;
    if (isSmall && isThin) this.#companion = previous;
  }

  #sendChunk(nowMicros: number, chunk: Chunk, buffer: Uint8Array, view: DataView, tag: number): number {
    const { sequence, bytes, isFin } = chunk;
    const number = this.#sent.nextNumber;
    const length = encodeChunkHeader(view, { kind: isFin ? 'fin' : 'data', tag, number, sequence }) + bytes.length;
    buffer.set(bytes, DATA_HEADER_BYTES);
    chunk.lastPacket = this.#noteSent(nowMicros, length, chunk);
    return length;
  }

  #sendPing(nowMicros: number, view: DataView, tag: number): number {
    this.#isPingOwed = false;
    const length = encodePing(view, tag, this.#sent.nextNumber);
    this.#noteSent(nowMicros, length, undefined);
    return length;
  }

  /** Repeats the oldest chunk that nobody has confirmed, or asks for an Ack (RFC 9002 6.2.4). Not held up by the window. */
  #probe(nowMicros: number, buffer: Uint8Array, view: DataView, tag: number): number {
    const turn = this.#timeoutCount === 1 ? 0 : PROBES_LATER - this.#probesOwed;
    this.#probesOwed--;
    const chunk = this.stream.oldestUnacked(turn + 1)[turn];
    if (chunk === undefined) return this.#sendPing(nowMicros, view, tag);
    chunk.isWaiting = false;
    this.#options.statistics.retransmittedChunks++;
    return this.#sendChunk(nowMicros, chunk, buffer, view, tag);
  }

  #noteSent(nowMicros: number, sizeBytes: number, chunk: Chunk | undefined): SentPacket {
    const sent = this.#sent;
    const packet: SentPacket = {
      number: sent.nextNumber,
      sentMicros: nowMicros,
      sizeBytes,
      chunk,
      ...this.#rate.snapshot(nowMicros, sent.inFlightBytes),
      fate: 'out',
    };
    sent.add(packet);
    this.#lastElicitingMicros = nowMicros;
    this.#pacer.noteSent(nowMicros, sizeBytes, this.#control.pacingBytesPerSec);
    return packet;
  }

  #detectLost(nowMicros: number): SentPacket[] {
    const lost = this.#sent.detectLost(nowMicros, this.rtt.lossDelayMicros);
    this.#options.statistics.lostPackets += lost.length;
    if (lost.length > 0) this.#lastLossMicros = nowMicros;
    for (const packet of lost) {
      // A copy that left later is still on its way.
      if (packet.chunk?.lastPacket === packet) this.stream.repeat(packet.chunk);
    }
    return lost;
  }

  #tellControl(
    nowMicros: number,
    news: { acked: readonly SentPacket[]; lost: readonly SentPacket[]; rttMicros: number; isWindowFull: boolean },
  ): void {
    const { acked, lost, rttMicros, isWindowFull } = news;
    const sample = acked.length === 0 ? undefined : this.#rate.handleAcked(acked, nowMicros, this.rtt.minMicros);
    this.#control.handleAck({
      nowMicros,
      ackedBytes: bytesOf(acked),
      ackedPackets: acked.length,
      lostBytes: bytesOf(lost),
      lostPackets: lost.length,
      largestLost: lost.at(-1)?.number ?? -1,
      nextNumber: this.#sent.nextNumber,
      inFlightBytes: this.#sent.inFlightBytes,
      deliveredBytes: this.#rate.delivered,
      priorDeliveredBytes: sample?.priorDelivered ?? -1,
      rateBytesPerSec: sample?.rateBytesPerSec ?? 0,
      isAppLimited: sample?.isAppLimited ?? false,
      rttMicros,
      smoothedRttMicros: this.rtt.smoothedMicros,
      isWindowFull,
    });
  }

  /** RFC 9002 6.2.1, with a ceiling, so that a path that comes back is found soon. */
  get #probeDueMicros(): number {
    if (this.#sent.inFlightCount === 0) return Infinity;
    return this.#lastElicitingMicros + this.#backedOff(this.#timeoutCount);
  }

  /** A ping after silence of our own; sooner while only the peer's limit holds us up, because its raise may be lost. */
  get #pingDueMicros(): number {
    if (this.#sent.inFlightCount > 0) return Infinity;
    const isHeldUp = this.stream.queuedBytes > 0 && !this.#mayCut;
    const keepAliveMicros = this.#options.keepAliveMicros;
    return (
      this.#lastElicitingMicros + (isHeldUp ? Math.min(keepAliveMicros, rudpKeepAliveMicros / 10) : keepAliveMicros)
    );
  }

  #backedOff(count: number): number {
    return Math.min(rudpProbeMicrosMax, this.rtt.probeTimeoutMicros * 2 ** Math.min(count, 20));
  }
}

function bytesOf(packets: readonly SentPacket[]): number {
  let bytes = 0;
  for (const packet of packets) bytes += packet.sizeBytes;
  return bytes;
}

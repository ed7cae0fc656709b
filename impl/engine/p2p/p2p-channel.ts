/**
 * One channel to another client: messages over a DirectLink, counted, acknowledged, kept alive.
 *
 * What a message means is the receivers' business, the same as behind the server; the sender is the channel's user and
 * nobody else (P2P-042). Which way messages take is `user-channels.ts`' business. It can be used when the other side's hello
 * has come and the own one is known to have arrived (P2P-065).
 */
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import type { BlobAssembly } from '../../core/blob-assembly.ts';
import { UNKNOWN_COUNT } from '../../core/pair-receiving.ts';
import { codecs, encodeFrame, encodeMessage, FrameDecoder } from '../../wire/index.ts';
import type { Codec, FrameView } from '../../wire/index.ts';
import { Alarm } from '../alarm.ts';
import { decodeOrViolate } from '../decode-body.ts';
import { ProtocolType } from '../enums.ts';
import type { HandlerQueue } from '../handler-queue.ts';
import type { Outgoing, Peer, PeerWorld } from '../peer.ts';
import type { Requests } from '../requests.ts';
import type { P2PChannelState } from './api.ts';
import { CHANNEL_DISPATCH } from './channel-dispatch.ts';
import type { ChannelSession } from './channel-session.ts';
import type { DirectLink, DirectLinkHandlers } from './link.ts';

/** Bytes received after which the count is told at once. Ours: a small part of the sender's window (P2P-055). */
const COUNT_BYTES = 65_536;
/** How long a count may wait for more messages. Ours. */
const COUNT_DELAY_MICROS = 100_000;

/** What a channel tells its user's record. After `handleClosed` nothing more comes. */
export type ChannelOwner = {
  handleOpen(channel: P2PChannel): void;
  handleClosed(channel: P2PChannel, reason: string, wasOpen: boolean): void;
  handleDrain(channel: P2PChannel): void;
  /** A stream of the other side begins. */
  beginStream(stream: number): void;
  /** One more message of a stream; below 0: it has been forgotten. @returns the count */
  noteReceived(stream: number): number;
  /** The other side has received this much of a stream of ours. @returns false when it claims too much */
  handleCount(stream: number, count: number): boolean;
  /** The other side's last word on the stream. */
  handleFinal(stream: number, count: number): void;
  handleMarked(markId: number): void;
};

/** A channel, from its link's beginning to its end. */
export class P2PChannel implements Peer, DirectLinkHandlers {
  readonly userID: string;
  /** The number of the direction in which this side sends. */
  readonly stream: number;
  readonly #session: ChannelSession;
  readonly #link: DirectLink;
  readonly #owner: ChannelOwner;
  readonly #platform: Platform;
  readonly #decoder: FrameDecoder;
  readonly #countAlarm: Alarm;
  readonly #heartbeatAlarm: Alarm;
  readonly #openTime: number;
  #isClosed = false;
  /** The other side has our hello. */
  #isConfirmed = false;
  #wasUsable = false;
  /** The other side's stream, once it has said hello. */
  #peerStream: number | undefined;
  #untoldBytes = 0;
  #receivedCount = 0;
  #lastHeardMicros: number;
  #probedMicros: number;
  #sentCount = 0;
  #lastSentTime = 0;
  #readingPaused = false;

  constructor(
    session: ChannelSession,
    link: DirectLink,
    owner: ChannelOwner,
    of: { readonly userID: string; readonly stream: number },
  ) {
    this.userID = of.userID;
    this.stream = of.stream;
    this.#session = session;
    this.#link = link;
    this.#owner = owner;
    this.#platform = session.world.platform;
    this.#decoder = new FrameDecoder(session.limits);
    this.#countAlarm = new Alarm(this.#platform, () => this.#tellCount());
    this.#heartbeatAlarm = new Alarm(this.#platform, (nowMicros) => this.#beat(nowMicros));
    this.#openTime = this.#platform.wallMillis();
    this.#lastHeardMicros = this.#platform.monotonicMicros();
    this.#probedMicros = this.#lastHeardMicros;
  }

  /** Says hello; to be called once, when the link may be written to. */
  greet(): void {
    this.#control(MessageType.P2PChannelHello, codecs.P2PStreamContract, { StreamID: this.stream });
    this.#beat(this.#platform.monotonicMicros());
  }

  get protocol(): 'tcp' | 'udp' {
    return this.#link.protocol;
  }

  get remote(): Endpoint {
    return this.#link.remote;
  }

  get queuedBytes(): number {
    return this.#link.queuedBytes;
  }

  get sentCount(): number {
    return this.#sentCount;
  }

  get receivedCount(): number {
    return this.#receivedCount;
  }

  get peerStream(): number | undefined {
    return this.#peerStream;
  }

  get isOpen(): boolean {
    return !this.#isClosed;
  }

  /** Messages to users may be sent. */
  get isUsable(): boolean {
    return !this.#isClosed && this.#isConfirmed && this.#peerStream !== undefined;
  }

  get world(): PeerWorld {
    return this.#session.world;
  }

  get requests(): Requests {
    return this.#session.requests;
  }

  /** P2P-076: a snapshot. */
  state(): P2PChannelState {
    return {
      destUserID: this.userID,
      destIPE: this.#link.remote,
      protocolType: this.protocol === 'tcp' ? ProtocolType.Tcp : ProtocolType.Udp,
      reliable: true,
      enabled: this.isUsable,
      openTime: this.#openTime,
      messageSentCount: this.#sentCount,
      lastMessageSentTime: this.#sentCount === 0 ? null : this.#lastSentTime,
      inSameLAN: sameNetwork(this.#link.local.address, this.#link.remote.address),
    };
  }

  /** Sends an encoded message of the pair. */
  send(frame: Uint8Array): void {
    this.#sentCount++;
    this.#lastSentTime = this.#platform.wallMillis();
    this.#link.write(frame);
  }

  /** P2P-045: asks for the count. */
  probe(): void {
    this.#probedMicros = this.#platform.monotonicMicros();
    this.#control(MessageType.P2PChannelProbe, null, null);
  }

  /** Answers a mark that came through the server. */
  answerMark(markId: number): void {
    this.#control(MessageType.P2PPathMarked, null, null, markId);
  }

  /** Ends the channel in good order: the other side learns what has been received. */
  close(reason: string): void {
    if (this.#isClosed) return;
    if (this.#peerStream !== undefined) {
      const body = { StreamID: this.#peerStream, Count: this.#receivedCount };
      this.#control(MessageType.P2PStreamFinal, codecs.P2PStreamCountContract, body);
    }
    this.#release();
    // What the other side still sends must find a reader, or the end would not get through.
    if (this.#readingPaused) this.#link.resume();
    this.#link.close();
    this.#owner.handleClosed(this, reason, this.#wasUsable);
  }

  /** Ends the channel at once. */
  abort(reason: string): void {
    if (this.#isClosed) return;
    this.#release();
    this.#link.abort();
    this.#owner.handleClosed(this, reason, this.#wasUsable);
  }

  pauseReading(): void {
    this.#readingPaused = true;
    this.#link.pause();
  }

  resumeReading(): void {
    this.#readingPaused = false;
    // Nobody can be blamed for silence while we did not listen.
    this.#lastHeardMicros = this.#platform.monotonicMicros();
    this.#link.resume();
  }

  onData(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.#lastHeardMicros = this.#platform.monotonicMicros();
    const error = this.#decoder.push(bytes, this.#sink);
    if (error !== undefined) this.violate(`${error.kind}: ${error.detail} (${error.clause})`);
  }

  onDrain(): void {
    if (!this.#isClosed) this.#owner.handleDrain(this);
  }

  onClosed(reason: string): void {
    if (this.#isClosed) return;
    this.#release();
    this.#owner.handleClosed(this, reason, this.#wasUsable);
  }

  senderOf(): string {
    return this.userID;
  }

  noteInformation(): void {
    // Only a server tells its application of information apart from handling it (CUS-007).
  }

  post<Value>(outgoing: Outgoing, codec: Codec<Value> | null, value: Value | null): void {
    this.#session.post(outgoing, codec, value);
  }

  postByServer<Value>(outgoing: Outgoing, codec: Codec<Value> | null, value: Value | null): void {
    this.#session.postByServer(outgoing, codec, value);
  }

  /** P2P-043: bytes that are no message, or one that must not come this way, end the channel and nothing else. */
  violate(detail: string): void {
    if (this.#isClosed) return;
    this.#platform.log('warn', `the channel to ${this.userID} is closed: ${detail} (P2P-043)`);
    this.abort(`invalid message: ${detail}`);
  }

  callQueue(make: false): HandlerQueue | undefined;
  callQueue(make: true): HandlerQueue;
  callQueue(make: boolean): HandlerQueue | undefined {
    return make ? this.#session.callQueue(true) : this.#session.callQueue(false);
  }

  assembly(): BlobAssembly {
    return this.#session.assembly();
  }

  readonly #sink = (frame: FrameView): boolean => {
    const { userID } = this.#session;
    if (frame.sourceId() !== this.userID || frame.destId() !== userID) {
      this.violate(`a message from "${frame.sourceId()}" to "${frame.destId()}" came from ${this.userID} (P2P-042)`);
    } else if (!this.#handleControl(frame)) this.#handleMessage(frame);
    return !this.#isClosed;
  };

  /** @returns whether the message is the channel's own, and not counted */
  #handleControl(frame: FrameView): boolean {
    switch (frame.messageType) {
      case MessageType.P2PChannelHello:
        this.#handleHello(frame);
        return true;
      case MessageType.P2PChannelProbe:
        this.#tellCount();
        return true;
      case MessageType.P2PChannelCount: {
        const told = decodeOrViolate(this, frame, codecs.P2PStreamCountContract);
        if (told === undefined) return true;
        if (!this.#owner.handleCount(told.StreamID, Number(told.Count))) {
          this.violate(`it claims to have received ${told.Count} messages of stream ${told.StreamID} (P2P-044)`);
        } else if (told.StreamID === this.stream) {
          this.#isConfirmed = true;
          this.#noteUsable();
        }
        return true;
      }
      case MessageType.P2PStreamFinal: {
        const told = decodeOrViolate(this, frame, codecs.P2PStreamCountContract);
        if (told === undefined) return true;
        // The count first: it settles what would otherwise be asked for through the server.
        this.#release();
        this.#owner.handleFinal(told.StreamID, Number(told.Count));
        this.#link.abort();
        this.#owner.handleClosed(this, 'the other side closed the channel', this.#wasUsable);
        return true;
      }
      case MessageType.P2PPathMarked:
        this.#owner.handleMarked(frame.messageId);
        return true;
      default:
        return false;
    }
  }

  #handleHello(frame: FrameView): void {
    const hello = decodeOrViolate(this, frame, codecs.P2PStreamContract);
    if (hello === undefined) return;
    if (this.#peerStream !== undefined) {
      this.violate('it said hello twice (P2P-040)');
      return;
    }
    this.#peerStream = hello.StreamID;
    this.#owner.beginStream(hello.StreamID);
    this.#tellCount();
    this.#noteUsable();
  }

  #noteUsable(): void {
    if (this.#wasUsable || !this.isUsable) return;
    this.#wasUsable = true;
    this.#owner.handleOpen(this);
  }

  #handleMessage(frame: FrameView): void {
    const stream = this.#peerStream;
    if (stream === undefined) {
      this.violate('its first message was no hello (P2P-040)');
      return;
    }
    this.#receivedCount = this.#owner.noteReceived(stream);
    if (this.#receivedCount === UNKNOWN_COUNT) {
      this.abort('its stream has been forgotten');
      return;
    }
    this.#untoldBytes += frame.bytes().length;
    CHANNEL_DISPATCH[frame.messageType]?.(this, frame);
    if (this.#isClosed) return;
    if (this.#untoldBytes >= COUNT_BYTES) this.#tellCount();
    else if (!this.#countAlarm.isSet) this.#countAlarm.aim(this.#platform.monotonicMicros() + COUNT_DELAY_MICROS);
  }

  #tellCount(): void {
    this.#countAlarm.clear();
    this.#untoldBytes = 0;
    if (this.#peerStream === undefined || this.#isClosed) return;
    const body = { StreamID: this.#peerStream, Count: this.#receivedCount };
    this.#control(MessageType.P2PChannelCount, codecs.P2PStreamCountContract, body);
  }

  /** P2P-046: probes a silent channel once a span; one that stays silent is dead. */
  #beat(nowMicros: number): void {
    if (this.#isClosed) return;
    const { spanMicros, silenceMicrosMax } = this.#session.heartbeat;
    if (spanMicros === Infinity) return;
    if (!this.#readingPaused && nowMicros >= this.#lastHeardMicros + silenceMicrosMax) {
      this.abort('the other side has been silent for too long (P2P-046)');
      return;
    }
    const quietSinceMicros = Math.max(this.#lastHeardMicros, this.#probedMicros);
    if (nowMicros >= quietSinceMicros + spanMicros) {
      this.probe();
      // A write may end the link at once.
      if (this.#isOver()) return;
    }
    const nextProbeMicros = Math.max(this.#lastHeardMicros, this.#probedMicros) + spanMicros;
    const deadMicros = this.#readingPaused ? Infinity : this.#lastHeardMicros + silenceMicrosMax;
    this.#heartbeatAlarm.aim(Math.min(nextProbeMicros, deadMicros));
  }

  #control<Value>(messageType: number, codec: Codec<Value> | null, value: Value | null, messageId?: number): void {
    const { limits, userID, clientType, requests } = this.#session;
    const id = messageId ?? requests.nextId();
    const header = { clientType, messageType, messageId: id, sourceId: userID, destId: this.userID };
    this.#link.write(
      codec === null ? encodeFrame(header, null, limits.userIdBytesMax) : encodeMessage(header, codec, value, limits),
    );
  }

  #isOver(): boolean {
    return this.#isClosed;
  }

  #release(): void {
    this.#isClosed = true;
    this.#countAlarm.clear();
    this.#heartbeatAlarm.clear();
  }
}

/** Whether two IPv4 addresses share their first three octets: the usual size of a local network (P2P-077). */
function sameNetwork(a: string, b: string): boolean {
  const network = (address: string): string => address.slice(0, address.lastIndexOf('.'));
  return network(a) === network(b);
}

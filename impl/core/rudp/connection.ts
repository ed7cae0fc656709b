/**
 * One reliable-UDP connection: handshake, states, and the two halves put together.
 *
 * No clock, timer, socket or random source: times and random numbers are handed in. See `index.ts` for how to drive it. It
 * does not know the peer's address; whoever owns the socket gives it what came from there and may change it at any time.
 */
import { rudpDatagramBytesMax, rudpReceiveBytesMax, rudpSendBytesMax } from '../../../spec/limits.ts';
import { MESSAGE_BYTES_MAX_DEFAULT } from '../../../spec/limits.ts';
import {
  rudpHandshakeMicrosMax,
  rudpKeepAliveMicros,
  rudpLingerMicros,
  rudpSilenceMicrosMax,
} from '../../../spec/timing.ts';
import {
  CONTROL_BYTES_MAX,
  ackRanges,
  decodeDatagram,
  encodeAbort,
  encodeHandshake,
  expandNumber,
} from './datagram.ts';
import type { Handshake, RudpDatagram } from './datagram.ts';
import { HandshakeTimer } from './handshake-timer.ts';
import { checkOptions } from './options.ts';
import { RudpReceiver } from './receiver.ts';
import { RudpSender } from './sender.ts';
import { LENGTH_PREFIX_BYTES } from './send-stream.ts';
import { RUDP_MOVES } from '../../../spec/rudp-states.ts';
import type { RudpAction, RudpInput, RudpState } from '../../../spec/rudp-states.ts';
import type { RudpCloseReason, RudpOptions, RudpOutput, RudpStatistics } from './types.ts';

const EMPTY = new Uint8Array(0);

const CLOSE_REASONS: Readonly<Partial<Record<RudpInput, RudpCloseReason>>> = {
  handshakeOverdue: 'timedOut',
  silent: 'timedOut',
  abort: 'aborted',
  peerAborted: 'peerAborted',
  strangerConfirmed: 'peerRestarted',
  violated: 'protocolError',
};

/** Datagrams of the handshake and its end that are to leave, newest of each kind only. */
type Owed = { readonly kind: Handshake['kind'] | 'abort'; readonly identity: number };

/** A connection; see the head of this file. */
export class RudpConnection {
  readonly statistics: RudpStatistics = emptyStatistics();
  readonly #options: Required<RudpOptions>;
  readonly #sender: RudpSender;
  readonly #receiver: RudpReceiver;
  readonly #buffer: Uint8Array;
  readonly #view: DataView;
  readonly #handshake: HandshakeTimer;
  readonly #owed: Owed[] = [];
  readonly #events: RudpOutput[] = [];
  #state: RudpState = 'idle';
  #peerIdentity = 0;
  #peerLimitBytes = 0;
  #lastHeardMicros: number;
  #isCloseRemembered = false;
  #isPaused = false;
  #isDrainOwed = false;
  #closedReason: RudpCloseReason | undefined = undefined;
  #isCloseReported = false;

  /** @throws RangeError for an option outside its range; the message names it */
  constructor(nowMicros: number, options: RudpOptions) {
    this.#options = { ...defaults(options), ...options };
    checkOptions(this.#options);
    const { datagramBytesMax, messageBytesMax, receiveBytesMax, identity } = this.#options;
    const { congestionControl, keepAliveMicros } = this.#options;
    const { statistics } = this;
    const sending = { datagramBytesMax, congestionControl, keepAliveMicros, seed: identity, statistics };
    this.#sender = new RudpSender(nowMicros, sending);
    this.#receiver = new RudpReceiver({ messageBytesMax, receiveBytesMax });
    this.#buffer = new Uint8Array(Math.max(datagramBytesMax, CONTROL_BYTES_MAX));
    this.#view = new DataView(this.#buffer.buffer);
    this.#handshake = new HandshakeTimer(this.#options.handshakeMicrosMax);
    this.#lastHeardMicros = nowMicros;
  }

  get state(): RudpState {
    return this.#state;
  }

  /** Nothing more will ever come out: the owner may forget the machine. */
  get isFinished(): boolean {
    return this.#state === 'closed' && this.#isCloseReported && this.#owed.length === 0;
  }

  /** Bytes that `send` queued and that have not left yet. */
  get queuedBytes(): number {
    return this.#sender.stream.queuedBytes;
  }

  /** Bytes that `send` took and the peer has not acknowledged. */
  get unacknowledgedBytes(): number {
    return this.#sender.stream.heldBytes;
  }

  /** For viewers: the round trip, the window, and what congestion control is doing. */
  get path(): {
    readonly rttMicros: number;
    readonly windowBytes: number;
    readonly pacingBytesPerSec: number;
    readonly phase: string;
  } {
    const { windowBytes, pacingBytesPerSec, phase } = this.#sender.control;
    return { rttMicros: this.#sender.rtt.smoothedMicros, windowBytes, pacingBytesPerSec, phase };
  }

  /** Sends a Syn until the peer answers. Not needed on the side that waits for one. */
  start(nowMicros: number): void {
    this.#apply('start', nowMicros);
  }

  /**
   * Queues a message; the bytes are copied. Also before the connection is open.
   *
   * @returns `queued`; `closed` after `close`, `abort` or the end; `tooLong` beyond `messageBytesMax`; `full` when memory for
   * what is not acknowledged would pass `sendBytesMax` (RUD-020)
   */
  send(message: Uint8Array): 'queued' | 'closed' | 'tooLong' | 'full' {
    const state = this.#state;
    const isOpen = state === 'open' || state === 'connecting' || state === 'answered' || state === 'idle';
    if (!isOpen || this.#isCloseRemembered) return 'closed';
    if (message.length > this.#options.messageBytesMax) return 'tooLong';
    const { stream } = this.#sender;
    if (stream.heldBytes + message.length + LENGTH_PREFIX_BYTES > this.#options.sendBytesMax) return 'full';
    stream.push(message);
    this.statistics.sentMessages++;
    this.#isDrainOwed = true;
    return 'queued';
  }

  /** Ends the connection after everything queued has been delivered. */
  close(nowMicros: number): void {
    this.#apply('close', nowMicros);
  }

  /** Ends the connection at once; the peer is told, once. */
  abort(nowMicros: number): void {
    this.#apply('abort', nowMicros);
  }

  /** Gives no more messages until `resume`; the peer is held up when the memory is full. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
  }

  /** Takes a datagram from the peer's address in; what is none, or not from the peer, has no effect. */
  handleDatagram(nowMicros: number, bytes: Uint8Array): void {
    this.statistics.receivedDatagrams++;
    const datagram = decodeDatagram(bytes);
    if (datagram === undefined || !this.#accept(nowMicros, datagram)) this.statistics.ignoredDatagrams++;
  }

  /** Looks at every deadline; early or late is harmless. */
  handleTimer(nowMicros: number): void {
    const state = this.#state;
    if (state === 'connecting' || state === 'answered') {
      if (this.#handshake.isOverdue(nowMicros)) this.#apply('handshakeOverdue', nowMicros);
      else if (this.#handshake.isRepeatDue(nowMicros)) this.#owe(state === 'connecting' ? 'syn' : 'synAck');
    } else if (state === 'lingering') {
      if (nowMicros >= this.#lingerUntilMicros) this.#apply('lingerOver', nowMicros);
    } else if (this.#isLive) {
      if (nowMicros >= this.#silentAtMicros) this.#apply('silent', nowMicros);
      else this.#sender.handleTimer(nowMicros);
    }
  }

  /** The next thing to do; call until it says `wait`. */
  poll(nowMicros: number): RudpOutput {
    const owed = this.#owed.shift();
    if (owed !== undefined) return this.#datagram(this.#writeOwed(nowMicros, owed));
    const event = this.#events.shift();
    if (event !== undefined) return event;
    if (!this.#isPaused) {
      const message = this.#receiver.stream.pollMessage();
      if (message !== undefined) {
        this.#receiver.noteTaken(nowMicros);
        this.statistics.receivedMessages++;
        return { kind: 'message', bytes: message };
      }
    }
    const { stream } = this.#receiver;
    if (this.#closedReason !== undefined && !this.#isCloseReported && !stream.hasMessage) {
      this.#isCloseReported = true;
      return { kind: 'closed', reason: this.#closedReason };
    }
    const length = this.#pollPacket(nowMicros);
    if (length > 0) return this.#datagram(length);
    if (this.#isDrainOwed && this.#isLive && this.queuedBytes === 0) {
      this.#isDrainOwed = false;
      return { kind: 'drained' };
    }
    return { kind: 'wait', untilMicros: this.#dueMicros(nowMicros) };
  }

  /** Between the handshake and the end. */
  get #isLive(): boolean {
    const state = this.#state;
    return state === 'open' || state === 'closing' || state === 'ended' || state === 'peerEnded';
  }

  /** The peer may repeat its Fin as long as our acknowledgement does not reach it. */
  get #lingerUntilMicros(): number {
    return this.#lastHeardMicros + rudpLingerMicros;
  }

  get #silentAtMicros(): number {
    return this.#lastHeardMicros + this.#options.silenceMicrosMax;
  }

  #dueMicros(nowMicros: number): number {
    const state = this.#state;
    if (state === 'connecting' || state === 'answered') return this.#handshake.dueMicros;
    if (state === 'lingering') return Math.min(this.#lingerUntilMicros, this.#receiver.ackDueMicros);
    if (!this.#isLive) return Infinity;
    return Math.min(this.#silentAtMicros, this.#receiver.ackDueMicros, this.#sender.dueMicros(nowMicros));
  }

  #pollPacket(nowMicros: number): number {
    if (!this.#isLive && this.#state !== 'lingering') return 0;
    const length = this.#receiver.pollAck(nowMicros, this.#view, this.#peerIdentity);
    if (length > 0 || this.#state === 'lingering') return length;
    return this.#sender.pollDatagram(nowMicros, this.#buffer, this.#view, this.#peerIdentity);
  }

  #datagram(length: number): RudpOutput {
    this.statistics.sentDatagrams++;
    this.statistics.sentBytes += length;
    return { kind: 'datagram', bytes: this.#buffer.subarray(0, length) };
  }

  /** Only the latest of a kind is worth sending. */
  #owe(kind: Owed['kind'], identity: number = this.#peerIdentity): void {
    const same = this.#owed.findIndex((each) => each.kind === kind);
    if (same >= 0) this.#owed.splice(same, 1);
    this.#owed.push({ kind, identity });
  }

  #writeOwed(nowMicros: number, { kind, identity: echo }: Owed): number {
    const { token, identity } = this.#options;
    if (kind === 'abort') return encodeAbort(this.#view, token, echo);
    this.#handshake.noteSent(nowMicros);
    const limitBytes = this.#receiver.stream.limitOffset;
    return encodeHandshake(this.#view, { kind, token, identity, echo: kind === 'syn' ? 0 : echo, limitBytes });
  }

  /** False when the datagram is not from our peer, or says what cannot be. */
  #accept(nowMicros: number, datagram: RudpDatagram): boolean {
    if (this.#state === 'closed') return false;
    if ('token' in datagram) {
      if (datagram.token !== this.#options.token) return false;
      if (datagram.kind !== 'abort') return this.#acceptHandshake(nowMicros, datagram);
      if (datagram.tag !== this.#options.identity) return false;
      return this.#apply('peerAborted', nowMicros);
    }
    if (datagram.tag !== this.#options.identity || this.#peerIdentity === 0) return false;
    if (this.#state === 'answered') this.#apply('confirmed', nowMicros);
    if (!this.#isLive && this.#state !== 'lingering') return false;
    this.#lastHeardMicros = nowMicros;
    if (datagram.kind === 'ack') return this.#acceptAck(nowMicros, datagram);
    const number = expandNumber(datagram.number, this.#receiver.largestNumber);
    if (datagram.kind === 'ping') {
      this.#receiver.handlePing(nowMicros, number);
      return true;
    }
    const sequence = expandNumber(datagram.sequence, this.#receiver.nextSequence);
    return this.#acceptChunk(nowMicros, number, sequence, datagram.kind === 'fin' ? EMPTY : datagram.chunk);
  }

  #acceptHandshake(nowMicros: number, handshake: Handshake): boolean {
    const { kind, identity, echo, limitBytes } = handshake;
    // Our own Syn, reflected by somebody.
    if (identity === this.#options.identity) return false;
    if (kind !== 'syn' && echo !== this.#options.identity) return false;
    const isStranger = this.#peerIdentity !== 0 && identity !== this.#peerIdentity;
    if (isStranger && (this.#isLive || this.#state === 'lingering')) {
      // An old Syn may still be under way, so a new identity counts only when its owner answers us (RUD-021).
      if (kind === 'syn') this.#owe('synAck', identity);
      else this.#apply('strangerConfirmed', nowMicros, identity);
      return true;
    }
    if (kind === 'confirm' && identity !== this.#peerIdentity) return false;
    this.#lastHeardMicros = nowMicros;
    const isUseful = kind !== 'confirm' || this.#state === 'answered';
    if (isUseful) this.#apply(kind === 'confirm' ? 'confirmed' : kind, nowMicros, identity, limitBytes);
    return true;
  }

  #acceptAck(nowMicros: number, ack: Extract<RudpDatagram, { kind: 'ack' }>): boolean {
    const largest = expandNumber(ack.largest, this.#sender.nextNumber);
    const ranges = ackRanges(ack.view, largest);
    if (ranges === undefined) return false;
    const { delayMicros, limitBytes } = ack;
    if (!this.#sender.handleAck(nowMicros, { ranges, delayMicros, limitBytes })) return false;
    if (this.#sender.isAllAcked) this.#apply('finAcked', nowMicros);
    return true;
  }

  #acceptChunk(nowMicros: number, number: number, sequence: number, bytes: Uint8Array): boolean {
    const verdict = this.#receiver.handleChunk(nowMicros, number, sequence, bytes);
    if (verdict === 'duplicate') this.statistics.duplicateChunks++;
    if (verdict === 'violation') this.#apply('violated', nowMicros);
    else if (this.#receiver.stream.isFinished) this.#apply('peerFin', nowMicros);
    return verdict !== 'refused';
  }

  /** Moves along the table; false where the pair is not in it. */
  #apply(input: RudpInput, nowMicros: number, identity = 0, limitBytes = 0): boolean {
    const move = RUDP_MOVES[this.#state][input];
    if (move === undefined) return false;
    this.#state = move.to;
    for (const action of move.actions) this.#act(action, input, { nowMicros, identity, limitBytes });
    return true;
  }

  #act(action: RudpAction, input: RudpInput, at: { nowMicros: number; identity: number; limitBytes: number }): void {
    const { nowMicros, identity } = at;
    switch (action) {
      case 'sendSyn':
        this.#handshake.start(nowMicros);
        this.#owe('syn');
        break;
      case 'adoptPeer':
        this.#handshake.start(nowMicros);
        this.#peerIdentity = identity;
        this.#peerLimitBytes = at.limitBytes;
        break;
      case 'sendSynAck':
        this.#owe('synAck');
        break;
      case 'sendConfirm':
        this.#owe('confirm');
        break;
      case 'sendAbort':
        this.#owe('abort', input === 'strangerConfirmed' ? identity : this.#peerIdentity);
        break;
      case 'reportConnected':
        this.#open(nowMicros);
        break;
      case 'rememberClose':
        this.#isCloseRemembered = true;
        break;
      case 'queueFin':
        this.#sender.stream.queueFin();
        break;
      case 'reportClosed':
        this.#closedReason = CLOSE_REASONS[input] ?? 'closed';
        this.#sender.stream.clear();
        this.#receiver.stream.dropUnfinished();
        break;
    }
  }

  #open(nowMicros: number): void {
    this.#lastHeardMicros = nowMicros;
    this.#sender.start(nowMicros, this.#peerLimitBytes, this.#handshake.rttMicros(nowMicros));
    this.#events.push({ kind: 'connected' });
    if (this.#isCloseRemembered) this.#apply('close', nowMicros);
  }
}

function defaults(options: RudpOptions): Omit<Required<RudpOptions>, 'token' | 'identity'> {
  const messageBytesMax = options.messageBytesMax ?? MESSAGE_BYTES_MAX_DEFAULT;
  return {
    datagramBytesMax: rudpDatagramBytesMax,
    messageBytesMax,
    receiveBytesMax: Math.max(rudpReceiveBytesMax, 2 * messageBytesMax),
    sendBytesMax: Math.max(rudpSendBytesMax, 2 * messageBytesMax),
    keepAliveMicros: rudpKeepAliveMicros,
    silenceMicrosMax: rudpSilenceMicrosMax,
    handshakeMicrosMax: rudpHandshakeMicrosMax,
    congestionControl: 'model',
  };
}

function emptyStatistics(): RudpStatistics {
  return {
    sentDatagrams: 0,
    sentBytes: 0,
    receivedDatagrams: 0,
    ignoredDatagrams: 0,
    duplicateChunks: 0,
    lostPackets: 0,
    spuriousLosses: 0,
    retransmittedChunks: 0,
    probeTimeouts: 0,
    sentMessages: 0,
    receivedMessages: 0,
  };
}

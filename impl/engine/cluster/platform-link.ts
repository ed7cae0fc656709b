/**
 * One connection of the platform room, at either end: bytes to messages, questions and answers, silence.
 *
 * It knows no states of a cluster; its owner is told of messages in order and, once, of the end. Answers are handed to
 * their questions at once and in the order of the stream, never through a promise: a grant must not be overtaken by what
 * follows it. Drive it: give it to a TCP connection as handlers, `attach` that connection, `post`, `ask`, `close`.
 */
import type { Endpoint, Platform, TcpConnection, TcpHandlers, Timer } from '../../../spec/platform.ts';
import { SERVER_ID } from '../../../spec/limits.ts';
import { keepAliveIdleSecs, keepAliveIntervalSecs } from '../../../spec/timing.ts';
import { PendingReplies } from '../../core/pending-replies.ts';
import { encodeFrame, encodeMessage, FrameDecoder } from '../../wire/index.ts';
import type { Codec, FrameLimits, FrameView } from '../../wire/index.ts';
import { Alarm } from '../alarm.ts';
import { ClientType } from '../enums.ts';
import { secsToMicros } from '../settings.ts';

/** Seconds the peer has to finish closing before the socket is reset; as towards clients. */
const CLOSE_LINGER_SECS = 5;

/** Whose answer is waited for: the one at the other end. */
const PEER = 'peer';

export type LinkSide = 'acms' | 'member';

export type PlatformLinkOptions = {
  readonly platform: Platform;
  readonly side: LinkSide;
  readonly limits: FrameLimits;
  /** How long a question waits; Infinity: until the link ends. */
  readonly waitMicros: number;
  /** Bytes that may be queued before the link is given up; 0: no limit. */
  readonly queuedBytesMax: number;
};

export type PlatformLinkOwner = {
  handleConnected?(): void;
  /** A message that answers no question. Returning false ends the link: it broke the rules. */
  handleMessage(frame: FrameView): boolean;
  /** The link is over; the last call. */
  handleDown(detail: string): void;
};

/** Gets the reply; undefined when there will be none. */
type OnReply = (frame: FrameView | undefined) => void;

/** A question: what is sent, what answers, what to do then. */
export type LinkQuestion<Value> = {
  readonly messageType: number;
  /** The same type unless said otherwise. */
  readonly replyType?: number;
  readonly codec: Codec<Value> | null;
  readonly value: Value | null;
  readonly onReply: OnReply;
};

/** A platform connection. */
export class PlatformLink implements TcpHandlers {
  readonly #options: PlatformLinkOptions;
  readonly #owner: PlatformLinkOwner;
  readonly #decoder: FrameDecoder;
  readonly #pending: PendingReplies<OnReply>;
  readonly #waitAlarm: Alarm;
  #silenceAlarm: Alarm | undefined;
  #silenceMicros = Infinity;
  #lastHeardMicros = 0;
  #tcp: TcpConnection | undefined;
  #connected = false;
  #over = false;
  #gone = false;
  #linger: Timer | undefined;
  readonly #drainListeners: (() => void)[] = [];

  constructor(options: PlatformLinkOptions, owner: PlatformLinkOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#decoder = new FrameDecoder(options.limits);
    this.#pending = new PendingReplies(options.waitMicros);
    this.#waitAlarm = new Alarm(options.platform, (nowMicros) => this.#handleOverdue(nowMicros));
  }

  attach(tcp: TcpConnection): void {
    this.#tcp = tcp;
  }

  /** For an accepted connection, which is connected from the start. */
  start(tcp: TcpConnection): void {
    this.attach(tcp);
    this.onConnected();
  }

  get isOpen(): boolean {
    return this.#connected && !this.#over;
  }

  get remote(): Endpoint {
    return this.#tcp?.remote ?? { address: '', port: 0 };
  }

  /** The connection itself, for what paces itself by it. */
  get tcp(): TcpConnection {
    return this.#tcp!;
  }

  onConnected(): void {
    if (this.#over) return;
    this.#connected = true;
    this.#lastHeardMicros = this.#options.platform.monotonicMicros();
    this.#tcp?.setKeepAlive({
      idleMicros: secsToMicros(keepAliveIdleSecs),
      intervalMicros: secsToMicros(keepAliveIntervalSecs),
    });
    this.#owner.handleConnected?.();
  }

  onData(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#lastHeardMicros = this.#options.platform.monotonicMicros();
    const error = this.#decoder.push(bytes, this.#sink);
    if (error !== undefined) this.#fail(`invalid message: ${error.detail} (${error.clause})`);
  }

  onEnd(): void {
    this.#fail('the other end closed the connection');
  }

  onDrain(): void {
    for (const listener of this.#drainListeners) listener();
  }

  /** Calls back whenever what was queued has gone. */
  whenDrained(listener: () => void): void {
    this.#drainListeners.push(listener);
  }

  /** Bytes that wait to be sent. */
  get queuedBytes(): number {
    return this.#over ? 0 : (this.#tcp?.queuedBytes ?? 0);
  }

  /** Reads nothing more until `readAgainForFiles`: what it brings cannot be passed on as fast. */
  holdForFiles(): void {
    this.#tcp?.pause();
  }

  readAgainForFiles(): void {
    this.#tcp?.resume();
  }

  onClosed(reason: string, detail?: string): void {
    this.#gone = true;
    this.#linger?.cancel();
    this.#fail(detail === undefined ? reason : `${reason}: ${detail}`);
  }

  /** Gives the link up when nothing has come for that long (CLU-010). */
  watchSilence(silenceMicros: number): void {
    this.#silenceMicros = silenceMicros;
    this.#silenceAlarm ??= new Alarm(this.#options.platform, (nowMicros) => this.#checkSilence(nowMicros));
    this.#checkSilence(this.#options.platform.monotonicMicros());
  }

  /** Sends one message; does nothing once the link is over. */
  post<Value>(messageType: number, codec: Codec<Value> | null, value: Value | null, messageId?: number): void {
    if (!this.isOpen) return;
    const sourceId = this.#options.side === 'acms' ? SERVER_ID : '';
    const header = {
      clientType: ClientType.Others,
      messageType,
      messageId: messageId ?? this.#pending.nextId(),
      sourceId,
      destId: '',
    };
    const { limits } = this.#options;
    this.write(
      codec === null ? encodeFrame(header, null, limits.userIdBytesMax) : encodeMessage(header, codec, value, limits),
    );
  }

  /** Sends a question; `onReply` is called once, with the reply or with undefined. */
  ask<Value>(question: LinkQuestion<Value>): void {
    if (!this.isOpen) {
      question.onReply(undefined);
      return;
    }
    const { messageType, replyType = messageType, codec, value, onReply } = question;
    const nowMicros = this.#options.platform.monotonicMicros();
    const id = this.#pending.open(nowMicros, { asked: PEER, expects: replyType, context: onReply });
    if (!this.#waitAlarm.isSet) this.#waitAlarm.aim(this.#pending.nextDeadlineMicros);
    this.post(messageType, codec, value, id);
  }

  /** Sends whole messages as they are. */
  write(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.#tcp!.write(bytes);
    const { queuedBytesMax } = this.#options;
    if (queuedBytesMax > 0 && this.#tcp!.queuedBytes > queuedBytesMax) {
      this.#fail(`more than ${queuedBytesMax} bytes wait to be sent`, true);
    }
  }

  /** Ends the link without telling the owner; what was written still arrives. */
  close(): void {
    if (!this.#release()) return;
    const tcp = this.#tcp;
    if (tcp === undefined || this.#gone) return;
    if (!this.#connected) {
      tcp.abort();
      return;
    }
    this.#linger = this.#options.platform.setTimer(secsToMicros(CLOSE_LINGER_SECS), () => tcp.abort());
    tcp.end();
  }

  readonly #sink = (frame: FrameView): boolean => {
    const { messageId, messageType } = frame;
    const onReply = this.#pending.handleReply({ messageId, messageType, from: PEER });
    if (onReply !== undefined) {
      if (this.#pending.size === 0) this.#waitAlarm.clear();
      onReply(frame);
    } else if (!this.#owner.handleMessage(frame)) this.#fail(`unexpected or invalid message of type ${messageType}`);
    return !this.#over;
  };

  #checkSilence(nowMicros: number): void {
    if (this.#over) return;
    const dueMicros = this.#lastHeardMicros + this.#silenceMicros;
    if (nowMicros >= dueMicros) this.#fail('the other end is silent (CLU-010)', true);
    else this.#silenceAlarm?.aim(dueMicros);
  }

  #handleOverdue(nowMicros: number): void {
    for (let due = this.#pending.pollTimedOut(nowMicros); due; due = this.#pending.pollTimedOut(nowMicros)) {
      due(undefined);
    }
    this.#waitAlarm.aim(this.#pending.nextDeadlineMicros);
  }

  #fail(detail: string, abort = false): void {
    if (this.#over) return;
    if (abort) {
      this.#release();
      this.#tcp?.abort();
    } else this.close();
    this.#owner.handleDown(detail);
  }

  /** @returns false when it was over already */
  #release(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#waitAlarm.clear();
    this.#silenceAlarm?.clear();
    for (const onReply of this.#pending.takeAll()) onReply(undefined);
    return true;
  }
}

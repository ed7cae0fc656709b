/**
 * The sending half of one pair of users: which way each message goes, and that a change of ways loses, doubles and
 * reorders nothing (P2P-050 to P2P-059).
 *
 * A way is the server (0) or a stream, one direction of one channel. Before messages take another way, all of them that
 * took the last one are known to have been received: behind the server's a mark is answered, a live stream is waited for, and
 * of a dead one the other end tells how many messages came out of it; the rest goes again. Meanwhile messages wait here.
 * Drive it: `post` and the `handle*` calls, then drain `poll` until it waits. It encodes nothing and has no clock.
 */
import { FrameQueue } from './frame-queue.ts';

/** The way through the server. Streams have numbers from 1. */
export const SERVER_WAY = 0;

export type PairOutput =
  /** Send over this way; for a stream keep the order of these outputs. */
  | { readonly kind: 'send'; readonly way: number; readonly frame: Uint8Array }
  /** Ask through the server, behind all messages sent there, for an answer with this id. */
  | { readonly kind: 'mark'; readonly markId: number }
  /** Ask over the stream how many messages have come. */
  | { readonly kind: 'probe'; readonly stream: number }
  /** Ask through the server how many messages came out of a stream that is dead. */
  | { readonly kind: 'ask'; readonly stream: number }
  /** The other end did not answer a mark in time: the stream that was to be taken should be given up. */
  | { readonly kind: 'unanswered'; readonly stream: number }
  /** These many messages are lost: nobody can say whether they came, and they must not come twice. */
  | { readonly kind: 'lost'; readonly count: number; readonly why: string }
  | { readonly kind: 'wait'; readonly untilMicros: number };

type Phase =
  /** Messages flow on `way`. */
  | 'steady'
  /** Leaving the server: its last message is not known to have arrived. */
  | 'marking'
  /** Leaving a live stream. */
  | 'draining'
  /** Leaving a dead stream. */
  | 'asking'
  /** No session: everything waits. */
  | 'offline';

export type PairSendingOptions = {
  /** Counted bytes that may be on a stream without having been received. */
  readonly windowBytes: number;
  /** How long an answer to a mark or an ask is waited for. */
  readonly answerMicrosMax: number;
};

/** Messages to one user. */
export class PairSending {
  readonly #options: PairSendingOptions;
  #phase: Phase = 'steady';
  /** Where messages went last. */
  #way = SERVER_WAY;
  #wayIsDead = false;
  /** Where they should go. */
  #best = SERVER_WAY;
  /** Sent on the stream `way`, not known to be received. */
  readonly #kept = new FrameQueue();
  #receivedCount = 0;
  readonly #waiting = new FrameQueue();
  /** Something may be under way through the server that the other end has not got. */
  #serverUsed = true;
  #lastMarkId = 0;
  #deadlineMicros = Infinity;
  #controls: PairOutput[] = [];

  constructor(options: PairSendingOptions) {
    this.#options = options;
  }

  /** The way of the last message. */
  get way(): number {
    return this.#way;
  }

  /** Counted bytes that have not been sent. */
  get waitingBytes(): number {
    return this.#waiting.bytes;
  }

  /** Counted bytes sent on a stream and not known to be received. */
  get keptBytes(): number {
    return this.#kept.bytes;
  }

  /** Nothing waits, nothing is owed, and the server is the way: a new machine would do as well. */
  get isIdle(): boolean {
    return this.#way === SERVER_WAY && this.#best === SERVER_WAY && this.#waiting.length === 0;
  }

  post(frame: Uint8Array): void {
    this.#waiting.push(frame);
  }

  /** The best way now. @param stream - Or {@link SERVER_WAY}. */
  handleBest(stream: number): void {
    this.#best = stream;
    // Nothing has left the server's way yet, so there is nothing to wait for.
    if (this.#phase === 'marking' && stream === SERVER_WAY) this.#resume();
  }

  /** A stream is no more; `handleBest` says what is instead. */
  handleDead(stream: number): void {
    if (this.#way !== stream || stream === SERVER_WAY) return;
    this.#wayIsDead = true;
    if (this.#phase === 'draining') this.#resume();
  }

  /** The other end has received `count` messages of a stream. @returns false when more than were sent */
  handleCount(stream: number, count: number): boolean {
    if (this.#way !== stream || stream === SERVER_WAY) return true;
    const more = count - this.#receivedCount;
    if (more > this.#kept.length) return false;
    for (let dropped = 0; dropped < more; dropped++) this.#kept.shift();
    this.#receivedCount = Math.max(this.#receivedCount, count);
    if (this.#phase === 'draining' && this.#kept.length === 0) this.#resume();
    return true;
  }

  /** The last word on a dead stream. @param count - Messages received; below 0: the other end does not know. */
  handleFinal(stream: number, count: number): void {
    if (this.#way !== stream || !this.#wayIsDead) return;
    const isKnown = count >= 0 && this.handleCount(stream, count);
    if (!isKnown) this.#lose('the other end does not know the stream');
    this.#waiting.prepend(this.#kept);
    if (this.#phase === 'asking') this.#resume();
  }

  /** The answer to a mark. */
  handleMarked(markId: number): void {
    if (this.#phase !== 'marking' || markId !== this.#lastMarkId) return;
    this.#serverUsed = false;
    this.#resume();
  }

  /** The other user is not online: its streams are dead, and what they held is lost with them. */
  handleGone(): void {
    this.#leave('the other user is gone');
    if (this.#phase !== 'offline') this.#resume();
  }

  /** The own session ended; streams are dead, what is owed waits for the next one. */
  handleSessionEnd(): void {
    if (this.#way !== SERVER_WAY) this.#wayIsDead = true;
    this.#best = SERVER_WAY;
    this.#phase = 'offline';
    this.#deadlineMicros = Infinity;
    this.#controls = [];
  }

  handleSessionStart(): void {
    if (this.#phase !== 'offline') return;
    this.#serverUsed = true;
    this.#phase = 'steady';
  }

  /** The next thing to do; a `wait` until there is one. */
  poll(nowMicros: number): PairOutput {
    for (;;) {
      const control = this.#controls.shift();
      if (control !== undefined) return control;
      if (this.#phase === 'offline') return { kind: 'wait', untilMicros: Infinity };
      if (this.#phase !== 'steady') {
        if (nowMicros < this.#deadlineMicros) return { kind: 'wait', untilMicros: this.#deadlineMicros };
        this.#handleUnanswered(nowMicros);
      } else if (this.#way === this.#best && !this.#wayIsDead) {
        return this.#pollFrame() ?? { kind: 'wait', untilMicros: Infinity };
      } else this.#changeWay(nowMicros);
    }
  }

  #pollFrame(): PairOutput | undefined {
    const way = this.#way;
    if (way !== SERVER_WAY && this.#kept.bytes >= this.#options.windowBytes) return undefined;
    const frame = this.#waiting.shift();
    if (frame === undefined) return undefined;
    if (way === SERVER_WAY) this.#serverUsed = true;
    else this.#kept.push(frame);
    return { kind: 'send', way, frame };
  }

  /** One step from `way` to `best`: either there, or into a phase that waits. */
  #changeWay(nowMicros: number): void {
    const way = this.#way;
    if (way === SERVER_WAY ? !this.#serverUsed : this.#kept.length === 0) {
      this.#way = this.#best;
      this.#wayIsDead = false;
      this.#receivedCount = 0;
      return;
    }
    this.#deadlineMicros = nowMicros + this.#options.answerMicrosMax;
    if (way === SERVER_WAY) {
      this.#phase = 'marking';
      this.#controls.push({ kind: 'mark', markId: ++this.#lastMarkId });
    } else if (this.#wayIsDead) {
      this.#phase = 'asking';
      this.#controls.push({ kind: 'ask', stream: way });
    } else {
      this.#phase = 'draining';
      // A live stream answers or dies; its end has a watch of its own.
      this.#deadlineMicros = Infinity;
      this.#controls.push({ kind: 'probe', stream: way });
    }
  }

  #handleUnanswered(nowMicros: number): void {
    if (this.#phase === 'marking') {
      this.#deadlineMicros = nowMicros + this.#options.answerMicrosMax;
      this.#controls.push({ kind: 'unanswered', stream: this.#best });
    } else {
      this.#lose('nobody answered what came of them');
      this.#resume();
    }
  }

  #leave(why: string): void {
    this.#lose(why);
    this.#way = SERVER_WAY;
    this.#wayIsDead = false;
    this.#best = SERVER_WAY;
    this.#serverUsed = true;
  }

  #lose(why: string): void {
    const count = this.#kept.length;
    this.#kept.clear();
    if (count > 0) this.#controls.push({ kind: 'lost', count, why });
  }

  #resume(): void {
    this.#phase = 'steady';
    this.#deadlineMicros = Infinity;
  }
}

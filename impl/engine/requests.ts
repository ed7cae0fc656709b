/**
 * Requests and acknowledged sends as promises: the pending table, one timer, and the two ways of being told.
 *
 * It sends nothing itself. `ask` hands a message id to the caller's `send`; `handleReply` settles; `failAll` ends all.
 */
import type { Platform } from '../../spec/platform.ts';
import { PendingReplies } from '../core/pending-replies.ts';
import type { MessageIdCount, Reply } from '../core/pending-replies.ts';
import { Alarm } from './alarm.ts';
import { TimeoutException } from './errors.ts';
import { asError } from './event.ts';

type Waiting = {
  readonly startedMicros: number;
  resolve(body: unknown, elapsedMicros: number): void;
  reject(error: unknown): void;
};

/** One question: whom, what answers, how to send it, what the answer means. */
export type Question<Answer> = {
  /** `_0` for the server; null when nobody is there to answer, and then nothing is sent. */
  readonly asked: string | null;
  readonly expects: number;
  readonly send: (messageId: number) => void;
  /** The decoded body to the caller's answer; may throw what the caller shall get. */
  readonly answer: (body: unknown, elapsedMicros: number) => Answer;
};

/** What one engine, or one connection of a client, waits for. */
export class Requests {
  readonly #platform: Platform;
  readonly #pending: PendingReplies<Waiting>;
  readonly #alarm: Alarm;

  /**
   * @param waitMicros - Infinity: until the connection ends (QRY-005).
   * @param ids - The engine's count of message ids, where it outlives the connection.
   */
  constructor(platform: Platform, waitMicros: number, ids?: MessageIdCount) {
    this.#platform = platform;
    this.#pending = new PendingReplies(waitMicros, ids);
    this.#alarm = new Alarm(platform, (nowMicros) => this.#handleDue(nowMicros));
  }

  /** An id for a message that waits for nothing. */
  nextId(): number {
    return this.#pending.nextId();
  }

  /** Sends a question and waits. Rejects with TimeoutException, the error of `failAll`, or what `send` or `answer` threw. */
  ask<Answer>(question: Question<Answer>): Promise<Answer> {
    this.#platform.noteAsyncEdge();
    return new Promise<Answer>((resolve, reject) => {
      const startedMicros = this.#platform.monotonicMicros();
      const id = this.#pending.open(startedMicros, {
        asked: question.asked,
        expects: question.expects,
        context: {
          startedMicros,
          resolve: (body, elapsedMicros) => resolve(question.answer(body, elapsedMicros)),
          reject,
        },
      });
      // All wait equally long, so a running alarm is never too late for a new question.
      if (!this.#alarm.isSet) this.#alarm.aim(this.#pending.nextDeadlineMicros);
      if (question.asked === null) return;
      try {
        question.send(id);
      } catch (error) {
        if (this.#pending.takeOne(id) !== undefined) reject(asError(error));
        this.#settled();
      }
    });
  }

  /** @param body - The decoded body of the reply. An answer nobody waits for is ignored (QRY-006, ACK-010). */
  handleReply(reply: Reply, body: unknown): void {
    const waiting = this.#pending.handleReply(reply);
    if (waiting === undefined) return;
    this.#platform.noteAsyncEdge();
    try {
      waiting.resolve(body, this.#platform.monotonicMicros() - waiting.startedMicros);
    } catch (error) {
      waiting.reject(error);
    }
    this.#settled();
  }

  /** Fails all that wait for this user (QRY-014, ACK-013). */
  failAsked(asked: string, error: () => Error): void {
    this.#failEach(this.#pending.takeAsked(asked), error);
  }

  /** Fails all (RCN-006). */
  failAll(error: () => Error): void {
    this.#failEach(this.#pending.takeAll(), error);
  }

  #failEach(waiting: readonly Waiting[], error: () => Error): void {
    if (waiting.length === 0) return;
    this.#platform.noteAsyncEdge();
    for (const each of waiting) each.reject(error());
    this.#settled();
  }

  #handleDue(nowMicros: number): void {
    for (let due = this.#pending.pollTimedOut(nowMicros); due; due = this.#pending.pollTimedOut(nowMicros)) {
      this.#platform.noteAsyncEdge();
      due.reject(new TimeoutException());
    }
    this.#alarm.aim(this.#pending.nextDeadlineMicros);
  }

  /** An alarm that rings for an answered question is harmless; one that rings for none would keep the world awake. */
  #settled(): void {
    if (this.#pending.size === 0) this.#alarm.clear();
  }
}

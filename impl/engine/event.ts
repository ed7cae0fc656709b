/**
 * Subscription points: `EventSource` for ordinary events, `AwaitedEventSource` where the engine waits for the handlers.
 *
 * A handler that throws, or whose promise rejects, is logged and disturbs nobody (USR-004).
 */
import type { Platform } from '../../spec/platform.ts';

type Handler<Args extends readonly unknown[]> = (...args: Args) => unknown;

/** What an event needs of the world: it says that user code ran, and where complaints go. */
export type EventWorld = Pick<Platform, 'noteAsyncEdge' | 'log'>;

class HandlerList<Args extends readonly unknown[]> {
  protected readonly world: EventWorld;
  readonly #name: string;
  /** Replaced, never changed, so that a handler may subscribe or unsubscribe while the event is raised. */
  #handlers: readonly Handler<Args>[] | undefined;

  constructor(world: EventWorld, name: string) {
    this.world = world;
    this.#name = name;
  }

  /** Whether raising would reach anybody; spares making the arguments. */
  get hasHandlers(): boolean {
    return this.#handlers !== undefined && this.#handlers.length > 0;
  }

  add(handler: Handler<Args>): () => void {
    // A wrapper makes each subscription one of its own, also of the same function twice.
    const own: Handler<Args> = (...args) => handler(...args);
    this.#handlers = [...(this.#handlers ?? []), own];
    return () => {
      this.#handlers = this.#handlers?.filter((each) => each !== own);
    };
  }

  /** Calls all handlers; gives back what they returned. */
  protected call(args: Args): unknown[] {
    const results: unknown[] = [];
    if (!this.hasHandlers) return results;
    this.world.noteAsyncEdge();
    for (const handler of this.#handlers!) {
      try {
        results.push(handler(...args));
      } catch (error) {
        this.logFailure(error);
      }
    }
    return results;
  }

  protected logFailure(error: unknown): void {
    this.world.log('error', `a handler of ${this.#name} threw: ${describeError(error)}`);
  }
}

/** An event that is told and forgotten. */
export class EventSource<Args extends readonly unknown[]> extends HandlerList<Args> {
  raise(...args: Args): void {
    for (const result of this.call(args)) {
      // An asynchronous handler is nobody's to wait for, but its failure must not become an unhandled rejection.
      if (isPromiseLike(result)) result.then(undefined, (error: unknown) => this.logFailure(error));
    }
  }
}

/** An event after which the engine goes on when the handlers have finished. */
export class AwaitedEventSource<Args extends readonly unknown[]> extends HandlerList<Args> {
  /** Raises, then calls `next`: before returning when no handler gave a promise. */
  raiseThen(args: Args, next: () => void): void {
    const promises = this.call(args).filter(isPromiseLike);
    if (promises.length === 0) {
      next();
      return;
    }
    let open = promises.length;
    const settled = (): void => {
      this.world.noteAsyncEdge();
      if (--open === 0) next();
    };
    for (const promise of promises) {
      promise.then(settled, (error: unknown) => {
        this.logFailure(error);
        settled();
      });
    }
  }
}

/** Whether user code gave something to wait for. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Any thrown thing as an Error. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Any thrown thing as text. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The callback forms: the handler is called exactly once with what the promise settles with (QRY-008, ACK-005).
 *
 * The promise given back then counts as looked after, so a caller may ignore it.
 */
import type { CallbackHandler, ResultHandler } from './api.ts';
import { asError, describeError } from './event.ts';
import type { EventWorld } from './event.ts';

/** For queries: `handler(error, response, tag)`. */
export function withCallback(
  world: EventWorld,
  promise: Promise<Uint8Array | null>,
  handler: CallbackHandler | undefined,
  tag: unknown,
): Promise<Uint8Array | null> {
  if (handler !== undefined) {
    promise.then(
      (response) => guarded(world, () => handler(null, response, tag)),
      (error: unknown) => guarded(world, () => handler(error as Error, null, tag)),
    );
  }
  return promise;
}

/** For ACKs and sendMessage: `handler(succeed, tag)`. */
export function withResult(
  world: EventWorld,
  promise: Promise<void>,
  handler: ResultHandler | undefined,
  tag: unknown,
): Promise<void> {
  if (handler !== undefined) {
    promise.then(
      () => guarded(world, () => handler(true, tag)),
      () => guarded(world, () => handler(false, tag)),
    );
  }
  return promise;
}

function guarded(world: EventWorld, call: () => void): void {
  world.noteAsyncEdge();
  try {
    call();
  } catch (error) {
    world.log('error', `a callback threw: ${describeError(error)}`);
  }
}

/** A call whose refusal must reject rather than throw. */
export function promised<T>(call: () => Promise<T>): Promise<T> {
  try {
    return call();
  } catch (error) {
    return Promise.reject(asError(error));
  }
}

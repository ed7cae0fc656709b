/**
 * Which server a reconnect goes to: the application's lookup, asked once, with a time limit (CLU-045).
 *
 * Whatever goes wrong with it, there is an answer: the server the client had.
 */
import type { Endpoint, Platform } from '../../../spec/platform.ts';
import type { ServerLookup } from '../cluster/api.ts';
import { describeError } from '../event.ts';

export type FindServer = {
  readonly platform: Platform;
  readonly lookup: ServerLookup;
  readonly known: Endpoint;
  /** Infinity: for ever. */
  readonly waitMicros: number;
};

/** Calls `done` once, with where to go. */
export function findServer(
  { platform, lookup, known, waitMicros }: FindServer,
  done: (server: Endpoint) => void,
): void {
  let isOver = false;
  const finish = (server: Endpoint): void => {
    if (isOver) return;
    isOver = true;
    timer?.cancel();
    platform.noteAsyncEdge();
    done(server);
  };
  const timer = waitMicros === Infinity ? undefined : platform.setTimer(waitMicros, () => finish(known));
  const fail = (error: unknown): void => {
    platform.log(
      'warn',
      `the lookup of a server failed, ${known.address}:${known.port} it is: ${describeError(error)}`,
    );
    finish(known);
  };
  platform.noteAsyncEdge();
  try {
    lookup().then((found) => finish(isEndpoint(found) ? found : known), fail);
  } catch (error) {
    fail(error);
  }
}

function isEndpoint(found: Endpoint | null): found is Endpoint {
  return found !== null && typeof found.address === 'string' && found.port >= 1 && found.port <= 65_535;
}

/**
 * Waiting in scenario time: for conditions, for time to pass, for promises with a limit.
 *
 * Conditions are looked at after every recorded event and, for what no event announces, every `pollMicros`. All limits
 * are scenario seconds; a real machine gets its slack on top. When the run is over, whatever still waits is let go.
 */
import type { Timer } from '../../spec/platform.ts';
import { CheckFailed, HarnessFault, ImplementationCrashed } from './failures.ts';
import type { CheckDetails } from './failures.ts';
import type { Journal } from './journal.ts';
import type { StageWorld } from './world.ts';

export const MICROS_PER_SEC = 1_000_000;

type Wait = { fail(error: Error): void };

/** All waits of one run. */
export class Waiting {
  readonly #world: StageWorld;
  readonly #journal: Journal;
  readonly #waits = new Set<Wait>();
  #over = false;

  constructor(world: StageWorld, journal: Journal) {
    this.#world = world;
    this.#journal = journal;
  }

  nowSecs(): number {
    return this.#world.nowMicros() / MICROS_PER_SEC;
  }

  /**
   * Resolves as soon as `condition` holds.
   * @param describe - Called when it does not in time; gives the failure.
   */
  until(condition: () => boolean, withinSecs: number, describe: () => CheckFailed): Promise<void> {
    if (!(withinSecs > 0)) throw new HarnessFault(`a wait of ${withinSecs} s cannot work; give a number above 0`);
    return new Promise<void>((resolve, reject) => {
      const timers: { deadline?: Timer; poll?: Timer } = {};
      const stop = (settle: () => void): void => {
        timers.deadline?.cancel();
        timers.poll?.cancel();
        unsubscribe();
        this.#waits.delete(wait);
        this.#world.noteAsyncEdge();
        settle();
      };
      const look = (): void => {
        const escaped = this.#world.escaped();
        if (escaped !== undefined) stop(() => reject(crashOf(escaped)));
        else if (holds(condition, (error) => stop(() => reject(error)))) stop(resolve);
      };
      const lookAgain = (): void => {
        timers.poll = this.#world.setTimer(this.#world.pollMicros, () => {
          lookAgain();
          look();
        });
      };
      const wait: Wait = { fail: (error) => stop(() => reject(error)) };
      const unsubscribe = this.#journal.onChange(look);
      this.#waits.add(wait);
      if (this.#over) {
        stop(() => reject(runIsOver()));
        return;
      }
      const limitMicros = Math.round(withinSecs * MICROS_PER_SEC) + this.#world.slackMicros;
      timers.deadline = this.#world.setTimer(limitMicros, () => stop(() => reject(describe())));
      lookAgain();
      look();
    });
  }

  /** Resolves after that much scenario time. */
  sleep(secs: number): Promise<void> {
    if (!(secs >= 0 && Number.isFinite(secs))) throw new HarnessFault(`a sleep of ${secs} s cannot work`);
    return new Promise<void>((resolve, reject) => {
      const stop = (settle: () => void): void => {
        timer.cancel();
        this.#waits.delete(wait);
        this.#world.noteAsyncEdge();
        settle();
      };
      const wait: Wait = { fail: (error) => stop(() => reject(error)) };
      this.#waits.add(wait);
      const timer = this.#world.setTimer(Math.round(secs * MICROS_PER_SEC), () => {
        const escaped = this.#world.escaped();
        stop(escaped === undefined ? resolve : () => reject(crashOf(escaped)));
      });
      if (this.#over) stop(() => reject(runIsOver()));
    });
  }

  /** Fails everything that still waits, so that no timer outlives the run. */
  endAll(error?: Error): void {
    this.#over = true;
    for (const wait of [...this.#waits]) wait.fail(error ?? runIsOver());
  }

  /** Lets waits be made again, for the time after the body. */
  reopen(): void {
    this.#over = false;
  }
}

/** A condition that throws ends its wait with that error. */
function holds(condition: () => boolean, fail: (error: Error) => void): boolean {
  try {
    return condition();
  } catch (error) {
    fail(error instanceof Error ? error : new Error(String(error)));
    return false;
  }
}

function runIsOver(): Error {
  return new HarnessFault('the run is over; a step that was not awaited went on after the end of the scenario');
}

/** The failure that stands for an exception that escaped an engine. */
export function crashOf(escaped: unknown): ImplementationCrashed {
  const text = escaped instanceof Error ? `${escaped.name}: ${escaped.message}` : String(escaped);
  const crash = new ImplementationCrashed(`an exception escaped the engine: ${text}`, { cause: escaped });
  if (escaped instanceof Error && escaped.stack !== undefined) crash.stack = escaped.stack;
  return crash;
}

/** What every `waitFor` takes. */
export type EventWaitOptions<E> = {
  readonly match?: (event: E) => boolean;
  readonly from?: number;
  readonly withinSecs?: number;
  readonly clause?: string;
};

/** Long enough for a reconnect with its longest delay. */
export const WITHIN_SECS_DEFAULT = 30;

/** Waits for the first event of `kind` from index `from` on that `match` accepts. `Wanted` are the events of that kind. */
export async function waitForEvent<E extends { readonly kind: string }, Wanted extends E>(
  waiting: Waiting,
  who: string,
  events: readonly E[],
  kind: E['kind'],
  options: EventWaitOptions<Wanted> = {},
): Promise<Wanted> {
  const withinSecs = options.withinSecs ?? WITHIN_SECS_DEFAULT;
  let next = options.from ?? 0;
  let found: Wanted | undefined;
  const look = (): boolean => {
    for (; found === undefined && next < events.length; next++) {
      const event = events[next]!;
      if (event.kind === kind && (options.match?.(event as Wanted) ?? true)) found = event as Wanted;
    }
    return found !== undefined;
  };
  const describe = (): CheckFailed => {
    const seen = events.slice(options.from ?? 0).map((event) => event.kind);
    const details: CheckDetails = {
      ...(options.clause === undefined ? {} : { clause: options.clause }),
      expected: `${kind}${options.match === undefined ? '' : ' that matches'} within ${withinSecs} s`,
      actual: seen.length === 0 ? 'no event at all' : `events: ${lastOf(seen)}`,
    };
    return new CheckFailed(`${who} saw no ${kind} within ${withinSecs} s`, details);
  };
  await waiting.until(look, withinSecs, describe);
  if (found === undefined) throw new HarnessFault('a wait for an event ended without one');
  return found;
}

function lastOf(kinds: readonly string[]): string {
  const shown = kinds.slice(-12).join(', ');
  return kinds.length > 12 ? `.., ${shown}` : shown;
}

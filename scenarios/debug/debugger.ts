/**
 * Goes to any event of a run, forwards and backwards, and stops where a predicate holds.
 *
 * Events are numbered by the records of the trace, from 0. A run stands still between two steps of its world, and one step may
 * note several events: "at event k" is after the whole step that noted k. Back is a new run from the start to there, because a
 * world cannot be copied; what it meets on the way is compared with what was met before, so a run that is not the same one is
 * said to be another, with the stretch of events where they part. It prints nothing.
 */
import { firstDivergentStretch, worldState } from '../../sim/index.ts';
import type { Checkpoints, Stretch, TraceRecord, WorldState } from '../../sim/index.ts';
import { LiveRun } from './live-run.ts';
import type { RunMaker } from './live-run.ts';
import type { Predicate } from './predicate.ts';
import { watchEvents } from './seen-event.ts';
import type { SeenEvent } from './seen-event.ts';

/** What the run is compared with: an earlier one, or one that is stored. */
export type KnownRun = { readonly what: string; readonly checkpoints: Checkpoints };

/** Where a run stands. */
export type Stop = {
  /** Events of the trace so far; the last one has this number less one. */
  readonly eventCount: number;
  /** The number of the first event that the last step noted. */
  readonly stepFrom: number;
  /** Steps of the world so far. */
  readonly stepCount: number;
  readonly timeMicros: number;
  readonly digest: string;
  /** How the run ended, when it has: `passed` or what went wrong. */
  readonly ended: string | undefined;
  /** Events of this run that are known to be those of the run it is compared with, by their digests. */
  readonly verifiedTo: number;
};

/** The run is not the one it should be. */
export class DivergedError extends Error {
  readonly stretch: Stretch;
  constructor(message: string, stretch: Stretch) {
    super(message);
    this.stretch = stretch;
  }
}

/** Events before a place to go to from which on everything is recorded, and from which steps are made one by one. */
const NEAR_EVENTS = 400;

type Place = { readonly stepCount: number; readonly eventCount: number };

/** A run under the debugger. */
export class Debugger {
  readonly #maker: RunMaker;
  readonly #known: KnownRun | undefined;
  #live: LiveRun;
  /** Places between steps that were met, by the number of steps. */
  readonly #places = new Map<number, Place>();
  readonly #digests = new Map<number, string>();
  #stepFrom = 0;
  /** Runs made, the first one included. */
  runCount = 1;

  private constructor(maker: RunMaker, known: KnownRun | undefined, live: LiveRun) {
    this.#maker = maker;
    this.#known = known;
    this.#live = live;
    this.#met();
  }

  /** Starts the run and stops before its first step. */
  static async start(maker: RunMaker, known?: KnownRun): Promise<Debugger> {
    return new Debugger(maker, known, await LiveRun.start(maker));
  }

  /** Where it stands. @throws DivergedError when that is not where the known run was. */
  stop(): Stop {
    const { world, result } = this.#live;
    return {
      eventCount: world.trace.count,
      stepFrom: this.#stepFrom,
      stepCount: world.eventCount,
      timeMicros: world.nowMicros,
      digest: world.digest(),
      ended: result === undefined ? undefined : endText(result.error),
      verifiedTo: this.#verify(),
    };
  }

  get live(): LiveRun {
    return this.#live;
  }

  /** Everything there is. */
  state(): WorldState {
    return worldState(this.#live.world);
  }

  /** The last events, oldest first. */
  events(count: number): readonly TraceRecord[] {
    return count === 0 ? [] : this.#live.world.trace.records().slice(-count);
  }

  /** Goes to the first place at which so many events have happened; to the end when there are not so many. */
  async goTo(eventCount: number): Promise<void> {
    const isBehind = eventCount < this.#live.world.trace.count;
    if (isBehind) await this.#anew();
    await this.#forward(eventCount);
  }

  /** At least that many events further. */
  async next(count: number): Promise<void> {
    await this.#forward(this.#live.world.trace.count + count);
  }

  /** At least that many events back, or to the start. */
  async back(count: number): Promise<void> {
    const eventCount = Math.max(0, this.#live.world.trace.count - count);
    const { eventCount: now } = this.#live.world;
    let place = this.#placeBefore(eventCount, now);
    if (place === undefined) {
      // The places before were passed without a stop: pass them slowly.
      await this.#anew();
      await this.#forward(eventCount);
      place = this.#placeBefore(eventCount, now) ?? { stepCount: 0, eventCount: 0 };
    }
    if (this.#live.world.eventCount !== place.stepCount) await this.#again(place);
  }

  /** Goes on to the event at which a predicate holds; gives it, or undefined when the run ended before. */
  async until(predicate: Predicate): Promise<SeenEvent | undefined> {
    const found: { hit: SeenEvent | undefined; left: number } = { hit: undefined, left: predicate.nth };
    const live = this.#live;
    const remove = watchEvents(live.world, predicate, (event) => {
      if (found.hit !== undefined || !predicate.holds(event)) return;
      found.left -= 1;
      if (found.left > 0) return;
      found.hit = event;
      live.stopSoon();
    });
    live.stopRecording();
    await live.goOn();
    remove();
    const { eventCount: stepCount, trace } = live.world;
    const { hit } = found;
    // What led there was not recorded; another run does that, and comes to the same place.
    await this.#again({ stepCount: hit === undefined ? Infinity : stepCount, eventCount: trace.count });
    return hit;
  }

  /** Ends it. */
  async close(): Promise<void> {
    await this.#live.abandon();
  }

  async #anew(): Promise<void> {
    await this.#live.abandon();
    this.#live = await LiveRun.start(this.#maker);
    this.runCount += 1;
    this.#met();
  }

  /** A new run to a place that is known, or to its end. */
  async #again({ stepCount, eventCount }: Place): Promise<void> {
    await this.#anew();
    await this.#near(eventCount);
    while (!this.#live.isOver && this.#live.world.eventCount < stepCount) await this.#step();
  }

  async #forward(eventCount: number): Promise<void> {
    await this.#near(eventCount);
    while (!this.#live.isOver && this.#live.world.trace.count < eventCount) await this.#step();
  }

  /** At full speed to where events are near, and recording from there. */
  async #near(eventCount: number): Promise<void> {
    const live = this.#live;
    const { trace } = live.world;
    const near = eventCount - NEAR_EVENTS;
    if (near > trace.count) {
      live.stopRecording();
      trace.callAt(near, () => live.stopSoon());
      await live.goOn();
      this.#met();
    }
    live.record();
  }

  async #step(): Promise<void> {
    const from = this.#live.world.trace.count;
    await this.#live.goOn(this.#live.world.eventCount + 1);
    this.#met();
    this.#stepFrom = from;
  }

  #met(): void {
    const { eventCount: stepCount, trace } = this.#live.world;
    this.#places.set(stepCount, { stepCount, eventCount: trace.count });
    this.#stepFrom = trace.count;
    const [digest, before] = [trace.digest(), this.#digests.get(stepCount)];
    if (before === undefined) this.#digests.set(stepCount, digest);
    else if (before !== digest && !this.#live.isOver) {
      const stretch = { fromIndex: 0, toIndex: trace.count };
      throw new DivergedError(`step ${stepCount} had the digest ${before} before and has ${digest} now`, stretch);
    }
  }

  /** The last known place with at most so many events and fewer steps; only if there can be none between it and what is asked. */
  #placeBefore(eventCount: number, stepsBelow: number): Place | undefined {
    let found: Place | undefined;
    for (const place of this.#places.values()) {
      const isBefore = place.eventCount <= eventCount && place.stepCount < stepsBelow;
      if (isBefore && place.stepCount > (found?.stepCount ?? -1)) found = place;
    }
    if (found === undefined) return undefined;
    return found.eventCount === eventCount || this.#places.has(found.stepCount + 1) ? found : undefined;
  }

  /** Gives up to where both runs are known to be one. */
  #verify(): number {
    if (this.#known === undefined) return 0;
    const { checkpoints, what } = this.#known;
    const own = this.#live.checkpoints();
    const stretch = firstDivergentStretch(checkpoints, own);
    if (stretch !== undefined) {
      const { fromIndex, toIndex } = stretch;
      const text = `this run parts from ${what} between events ${fromIndex} and ${toIndex - 1}`;
      throw new DivergedError(text, stretch);
    }
    const every = Math.max(checkpoints.everyRecords, own.everyRecords);
    const length = ({ everyRecords, digests }: Checkpoints): number => digests.length * everyRecords;
    return Math.floor(Math.min(length(checkpoints), length(own)) / every) * every;
  }
}

function endText(error: unknown): string {
  if (error === undefined) return 'passed';
  return error instanceof Error ? error.message : 'something that is no error was thrown';
}

/**
 * One run of a case that can be stopped between two events, looked at, let go on, and given up.
 *
 * A world of JavaScript objects and promises cannot be copied, so there is no way back in it: whoever wants to go back starts
 * another one, which does the same up to there. It keeps the last records and packets, and a recording from where it is asked.
 */
import { keepCheckpoints, recordFlight } from '../../sim/index.ts';
import type { Checkpoints, FlightRecorder, World } from '../../sim/index.ts';
import type { Stage } from '../api.ts';
import { runSim } from '../attach/sim-stage.ts';
import type { SimOptions } from '../attach/sim-stage.ts';
import type { BodyResult, StageSession } from '../attach/stage.ts';
import { RecentPackets } from './recent-packets.ts';

/** What a run is made of; the same makes the same run. */
export type RunMaker = {
  readonly options: Pick<SimOptions, 'seed' | 'timeLimitSecs' | 'invariants'>;
  readonly body: (stage: Stage) => Promise<void>;
};

/** Trace records that can be listed at a stop. */
const RECORDS_KEPT = 512;

class Abandoned extends Error {}

/** A run between its beginning and its end. */
export class LiveRun {
  readonly world: World;
  readonly checkpoints: () => Checkpoints;
  /** Undefined until the stage is made. */
  session: StageSession | undefined = undefined;
  /** Set when it is over. */
  result: BodyResult | undefined = undefined;
  recorder: FlightRecorder | undefined = undefined;
  packets: RecentPackets | undefined = undefined;
  readonly #ended: Promise<void>;
  #resume: ((how: 'go on' | Abandoned) => void) | undefined = undefined;
  #onStop: () => void = () => undefined;

  private constructor(maker: RunMaker) {
    let world: World | undefined;
    let checkpoints: (() => Checkpoints) | undefined;
    const running = runSim(
      {
        ...maker.options,
        traceWindow: { traceRecords: RECORDS_KEPT },
        onWorld: (made) => {
          world = made;
          checkpoints = keepCheckpoints(made.trace);
          made.pauseAfter(0, () => this.#paused());
        },
        onSession: (session) => (this.session = session),
      },
      maker.body,
    );
    this.world = world!;
    this.checkpoints = checkpoints!;
    this.#ended = running.then((result) => {
      this.result = result;
      this.#onStop();
    });
  }

  /** Starts a run; gives it at its first stop, before any event. */
  static async start(maker: RunMaker): Promise<LiveRun> {
    const run = new LiveRun(maker);
    await run.#nextStop();
    return run;
  }

  get isOver(): boolean {
    return this.result !== undefined;
  }

  /** Goes on until so many events have happened, or until `stopSoon` is called, or to the end. */
  async goOn(untilEventCount = Infinity): Promise<void> {
    if (this.isOver) return;
    this.world.pauseAfter(untilEventCount, () => this.#paused());
    const stop = this.#nextStop();
    this.#resume?.('go on');
    await stop;
  }

  /** Stops before the next event. */
  stopSoon(): void {
    this.world.pauseAfter(0, () => this.#paused());
  }

  /** From now on packets are recorded for the picture and kept for their bytes. */
  record(): void {
    if (this.recorder !== undefined) return;
    this.recorder = recordFlight(this.world);
    this.packets = new RecentPackets(this.world);
  }

  /** Records no more and forgets what was recorded: it costs several times what the run does. */
  stopRecording(): void {
    this.recorder?.stop();
    this.packets?.stop();
    this.recorder = undefined;
    this.packets = undefined;
  }

  /** Ends it here; nothing of it goes on. */
  async abandon(): Promise<void> {
    if (this.isOver) return;
    this.#resume?.(new Abandoned('given up'));
    await this.#ended;
  }

  #nextStop(): Promise<void> {
    return new Promise((resolve) => {
      this.#onStop = resolve;
      if (this.isOver) resolve();
    });
  }

  #paused(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resume = (how) => {
        this.#resume = undefined;
        if (how === 'go on') resolve();
        else reject(how);
      };
      this.#onStop();
    });
  }
}

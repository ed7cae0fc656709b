/**
 * The simulated stage with clients that are programs: one process on each client's host, in virtual time.
 *
 * As on real sockets every body runs with all clients foreign and, when it has two or more, again with every second one
 * the reference engine. Servers, raw peers, network and faults are those of the simulator.
 */
import type { TraceWindow } from '../../sim/index.ts';
import type { Step } from '../../reports/model.ts';
import type { Stage } from '../api.ts';
import { createEngineClient } from './engine-client.ts';
import { AdapterFailure } from './exec-adapter.ts';
import { createExecClient, toRunError } from './exec-client.ts';
import { AdapterFault, Declined } from './failures.ts';
import type { OutsidePool } from './outside-pool.ts';
import type { OutsideProgram } from './outside-program.ts';
import { runSim } from './sim-stage.ts';
import type { BodyResult, ClientFactory } from './stage.ts';
import type { Waiting } from './waiting.ts';

export type OutsideStageOptions = {
  readonly pool: OutsidePool;
  readonly caseId: string;
  readonly seed: number;
  readonly timeLimitSecs: number;
  readonly invariants: boolean;
  readonly traceWindow?: TraceWindow;
  /** Hears of the virtual time that a run took. */
  readonly onSimulated?: (micros: number) => void;
};

/** Who the clients are: all of them foreign, or the second, fourth ... the reference engine. */
export type Cast = 'foreign' | 'mixed';

/** Runs one body in one cast; never throws. Trouble with a program goes before anything it may have led to. */
export async function runOutside(
  options: OutsideStageOptions,
  cast: Cast,
  body: (stage: Stage) => Promise<void>,
): Promise<BodyResult & { readonly clientsMade: number }> {
  const { pool, caseId, seed, timeLimitSecs, invariants, traceWindow } = options;
  const scene = new Scene(pool, caseId, cast);
  let nowMicros = (): number => 0;
  const result = await runSim(
    {
      seed,
      timeLimitSecs,
      invariants,
      createClient: scene.createClient,
      onWorld: (world) => (nowMicros = () => world.nowMicros),
      ...(traceWindow === undefined ? {} : { traceWindow }),
    },
    (stage) => body(scene.watch(stage)),
  );
  options.onSimulated?.(nowMicros());
  const trouble = await scene.end();
  const error = trouble ?? result.error;
  const { clientsMade } = scene;
  if (error === undefined) return { ...result, clientsMade };
  const note: Step = { atMicros: 0, from: 'harness', label: 'every second client was the reference engine' };
  const steps = cast === 'mixed' ? [note, ...result.steps] : result.steps;
  return { ...result, error, steps, clientsMade };
}

/** One run's programs. */
class Scene {
  clientsMade = 0;
  /** The first trouble with a program, or its first word that it cannot do a thing. */
  #trouble: Error | undefined;
  readonly #pool: OutsidePool;
  readonly #caseId: string;
  readonly #cast: Cast;
  readonly #programs = new Map<string, OutsideProgram>();
  #waiting: Waiting | undefined;

  constructor(pool: OutsidePool, caseId: string, cast: Cast) {
    this.#pool = pool;
    this.#caseId = caseId;
    this.#cast = cast;
  }

  readonly createClient: ClientFactory = async (context, userID, options) => {
    this.#waiting = context.waiting;
    this.clientsMade++;
    if (this.#cast === 'mixed' && this.clientsMade % 2 === 0) return createEngineClient(context, userID, options);
    const { host, world } = context;
    let program: OutsideProgram;
    try {
      program = this.#pool.take();
      this.#programs.set(host.name, program);
      program.onFailure = (failure) => this.#fail(failure);
      program.boot({
        name: host.name,
        platform: host.platform,
        setTimer: (delayMicros, callback) => world.setTimer(delayMicros, callback),
      });
    } catch (error) {
      throw toRunError(error);
    }
    return createExecClient(context, userID, options ?? {}, {
      adapter: program,
      inst: host.name,
      caseId: this.#caseId,
      timeFactor: 1,
      onTrouble: (error) => this.#note(program, error),
    });
  };

  /** The stage, with programs ended when their host loses power. */
  watch(stage: Stage): Stage {
    const crash: Stage['net']['crash'] = async (host) => {
      this.#programs.get(host)?.kill();
      await stage.net.crash(host);
    };
    const fault: Stage['net']['fault'] = async (word) => {
      if (word.fault === 'crash') this.#programs.get(word.host)?.kill();
      await stage.net.fault(word);
    };
    return { ...stage, net: { ...stage.net, crash, fault } };
  }

  /** Gives the programs back; with what was wrong with one of them. */
  async end(): Promise<Error | undefined> {
    this.#waiting = undefined;
    for (const program of this.#programs.values()) {
      const failure = await this.#pool.giveBack(program);
      // Its end is known better by now.
      if (failure !== undefined && (this.#trouble === undefined || this.#trouble.message === program.failure?.message))
        this.#trouble = toRunError(failure);
    }
    return this.#trouble;
  }

  #fail(failure: AdapterFailure): void {
    const error = toRunError(failure);
    this.#trouble ??= error;
    this.#waiting?.endAll(error);
  }

  #note(program: OutsideProgram, error: Error): void {
    if (program.wasKilled) return;
    if (error instanceof AdapterFault || error instanceof Declined || program.failure !== undefined)
      this.#trouble ??= error;
  }
}

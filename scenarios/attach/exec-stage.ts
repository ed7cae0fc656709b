/**
 * The stage for foreign clients: the loopback stage whose clients are instances of an adapter.
 *
 * Every body runs with all clients foreign, and, when it has two or more, again with every second one the reference
 * engine, so that the two are judged together as well. The server is the reference, and the proxy stays between.
 */
import type { Stage } from '../api.ts';
import type { Adapter, AdapterFailure } from './exec-adapter.ts';
import { createExecClient, toRunError } from './exec-client.ts';
import type { AdapterPool } from './exec-pool.ts';
import { createEngineClient, handled } from './engine-client.ts';
import { AdapterFault, Declined } from './failures.ts';
import { runLoopback } from './loopback-stage.ts';
import type { BodyResult, ClientFactory } from './stage.ts';
import type { Step } from '../../reports/model.ts';
import type { ClientSubject } from './client-subject.ts';
import type { Waiting } from './waiting.ts';

/** Real seconds by which a run-time's timers may be early: two timers of whole milliseconds, rounded down. */
const TIMER_CUT_SECS = 0.002;

export type ExecOptions = {
  readonly pool: AdapterPool;
  readonly caseId: string;
  readonly seed: number;
  readonly timeLimitSecs: number;
  readonly invariants: boolean;
  /** Real seconds in one scenario second. */
  readonly timeFactor: number;
};

/** Who the clients are: all of them foreign, or the second, fourth ... the reference engine. */
type Cast = 'foreign' | 'mixed';

/** Runs one body in both casts; never throws. Trouble with the adapter goes before anything it may have led to. */
export async function runExec(options: ExecOptions, body: (stage: Stage) => Promise<void>): Promise<BodyResult> {
  const foreign = await play(options, 'foreign', body);
  if (foreign.error !== undefined || foreign.clientsMade < 2) return foreign;
  const mixed = await play(options, 'mixed', body);
  if (mixed.error === undefined) return foreign;
  const note: Step = { atMicros: 0, from: 'harness', label: 'every second client was the reference engine' };
  return { ...mixed, steps: [note, ...mixed.steps] };
}

let instances = 0;

async function play(
  options: ExecOptions,
  cast: Cast,
  body: (stage: Stage) => Promise<void>,
): Promise<BodyResult & { readonly clientsMade: number }> {
  const { pool, seed, timeLimitSecs, invariants, timeFactor } = options;
  let adapter: Adapter;
  try {
    adapter = await pool.take();
  } catch (error) {
    return { error: toRunError(error), steps: [], clientsMade: 0 };
  }
  const scene = new Scene(adapter, options.caseId, timeFactor, cast);
  const world = { seed, timeLimitSecs, invariants, timeScale: 1 / timeFactor, target: 'exec' } as const;
  const result = await runLoopback({ ...world, createClient: scene.createClient }, (stage) => body(scene.watch(stage)));
  await scene.end();
  pool.giveBack(adapter);
  const error = scene.trouble ?? result.error;
  return { ...(error === undefined ? {} : { error }), steps: result.steps, clientsMade: scene.clientsMade };
}

/** One body's clients. */
class Scene {
  clientsMade = 0;
  /** The first trouble with the adapter, or its first word that it cannot do a thing. */
  trouble: Error | undefined;
  readonly #adapter: Adapter;
  readonly #caseId: string;
  readonly #timeFactor: number;
  readonly #cast: Cast;
  readonly #foreign: ClientSubject[] = [];
  #waiting: Waiting | undefined;

  constructor(adapter: Adapter, caseId: string, timeFactor: number, cast: Cast) {
    this.#adapter = adapter;
    this.#caseId = caseId;
    this.#timeFactor = timeFactor;
    this.#cast = cast;
    adapter.onFailure = (failure) => this.#fail(failure);
  }

  readonly createClient: ClientFactory = async (context, userID, options) => {
    this.#waiting = context.waiting;
    this.clientsMade++;
    if (this.#cast === 'mixed' && this.clientsMade % 2 === 0) return createEngineClient(context, userID, options);
    const client = await createExecClient(context, userID, options ?? {}, {
      adapter: this.#adapter,
      inst: `c${++instances}`,
      caseId: this.#caseId,
      timeFactor: this.#timeFactor,
      onTrouble: (error) => this.#note(error),
    });
    this.#foreign.push(client);
    return client;
  };

  /**
   * The stage, with foreign clients told to end when their host loses power (no process does by itself), and lower bounds
   * of time loosened by what timers of whole milliseconds cut off.
   */
  watch(stage: Stage): Stage {
    const crash = async (host: string): Promise<void> => {
      await stage.net.crash(host);
      for (const client of this.#foreign) if (client.host === host) await client.close();
    };
    const took: Stage['took'] = (elapsedSecs, limits, clause, what) => {
      const atLeast = Math.max(0, (limits.atLeast ?? 0) - TIMER_CUT_SECS / this.#timeFactor);
      stage.took(elapsedSecs, { ...limits, atLeast }, clause, what);
    };
    // A scenario may await a refusal later than it comes; until then nobody holds the promise.
    const rejects: Stage['rejects'] = (...args) => handled(stage.rejects(...args));
    return { ...stage, took, rejects, net: { ...stage.net, crash } };
  }

  /** Leaves no instance behind for the next case. */
  async end(): Promise<void> {
    this.#adapter.onFailure = undefined;
    this.#waiting = undefined;
    if (this.#adapter.failure !== undefined) return;
    await this.#adapter.call('reset', {}).catch((error: unknown) => this.#note(toRunError(error)));
  }

  #fail(failure: AdapterFailure): void {
    const error = toRunError(failure);
    this.#note(error);
    this.#waiting?.endAll(error);
  }

  #note(error: Error): void {
    if (error instanceof AdapterFault || error instanceof Declined || this.#adapter.failure !== undefined)
      this.trouble ??= error;
  }
}

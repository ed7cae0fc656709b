/**
 * The target `exec` for `runner/execute.ts`: bodies on the exec stage, features checked first.
 *
 * As on loopback, a failure counts only when this machine was able to keep time; otherwise the body runs again, slower.
 */
import type { BodyOptions, TargetRunner } from '../runner/execute.ts';
import type { AnyScenario, Feature, Stage } from '../api.ts';
import { AdapterFault, Declined, NotApplicable, TimeLimitReached } from './failures.ts';
import { RestartsUsedUp, type AdapterPool } from './exec-pool.ts';
import { runExec } from './exec-stage.ts';
import type { BodyResult } from './stage.ts';
import { StallMeter } from './stall-meter.ts';

/** Each repetition gives the machine this many times longer for everything. */
const SLOWER_FACTOR = 3;
const REPETITIONS_MAX_DEFAULT = 2;
/** A standstill of one scenario second can turn a verdict round. */
const STALL_SCENARIO_SECS = 1;
/** Scenario time never runs slower than real time. */
const TIME_FACTOR_MAX = 1;

export type ExecRunnerOptions = {
  /** Real seconds in one scenario second. */
  readonly timeFactor: number;
  /** How often a failure on a machine that stood still is tried again, slower each time; default 2. */
  readonly repetitionsMax?: number;
};

/** Runs scenarios against the adapters of a pool. */
export class ExecRunner implements TargetRunner {
  readonly target = 'exec';
  readonly #pool: AdapterPool;
  readonly #features: readonly Feature[];
  readonly #timeFactor: number;
  readonly #repetitionsMax: number;
  readonly #meter = new StallMeter();
  /** Cases in which the adapter died, broke the protocol or kept silent. */
  readonly #troubled = new Set<string>();
  #usedUp: RestartsUsedUp | undefined;

  /**
   * @param features - What the adapter declared; a case that needs more is not applicable.
   */
  constructor(pool: AdapterPool, features: readonly Feature[], options: ExecRunnerOptions) {
    this.#pool = pool;
    this.#features = features;
    this.#timeFactor = options.timeFactor;
    this.#repetitionsMax = options.repetitionsMax ?? REPETITIONS_MAX_DEFAULT;
  }

  /** Set once no adapter process may be started any more: cases that were refused one have not been run. */
  get usedUp(): RestartsUsedUp | undefined {
    return this.#usedUp;
  }

  async run(options: BodyOptions, scenario: AnyScenario, body: (stage: Stage) => Promise<void>): Promise<BodyResult> {
    const missing = (scenario.needs ?? []).filter((feature) => !this.#features.includes(feature));
    if (missing.length > 0) {
      const names = missing.map((feature) => `"${feature}"`).join(', ');
      return { error: new NotApplicable(`the adapter does not declare ${names}`), steps: [] };
    }
    // A property would be shrunk now, and every step would cost one of the few processes.
    if (this.#troubled.has(scenario.id)) return { steps: [] };
    const result = await this.#repeatedIfSpoilt(options, scenario, body);
    if (result.error instanceof AdapterFault || result.error instanceof TimeLimitReached)
      this.#troubled.add(scenario.id);
    if (result.error instanceof RestartsUsedUp) this.#usedUp = result.error;
    return result;
  }

  async #repeatedIfSpoilt(
    options: BodyOptions,
    scenario: AnyScenario,
    body: (stage: Stage) => Promise<void>,
  ): Promise<BodyResult> {
    let timeFactor = this.#timeFactor;
    for (let repetition = 0; ; repetition++) {
      const watch = this.#meter.watch();
      const result = await runExec({ ...options, pool: this.#pool, caseId: scenario.id, timeFactor }, body);
      const isSpoilt = watch.end() / 1000 / timeFactor > STALL_SCENARIO_SECS;
      if (repetition === this.#repetitionsMax || !isSpoilt || isFinal(result.error)) return result;
      timeFactor = Math.min(TIME_FACTOR_MAX, timeFactor * SLOWER_FACTOR);
    }
  }

  close(): Promise<void> {
    this.#meter.stop();
    return this.#pool.close();
  }
}

/** Whether an outcome has nothing to do with how busy the machine is. */
function isFinal(error: unknown): boolean {
  if (error === undefined || error instanceof RestartsUsedUp) return true;
  return error instanceof NotApplicable || error instanceof Declined || error instanceof AdapterFault;
}

/**
 * The simulator as a target for foreign clients, for `runner/execute.ts`: bodies on the outside stage, features checked first.
 *
 * Nothing is repeated because of a busy machine: virtual time is exact.
 */
import type { BodyOptions, TargetRunner } from '../runner/execute.ts';
import { combineDigests } from '../runner/seeds.ts';
import type { AnyScenario, Feature, Stage } from '../api.ts';
import { AdapterFault, NotApplicable, TimeLimitReached } from './failures.ts';
import { RestartsUsedUp } from './exec-pool.ts';
import type { OutsidePool } from './outside-pool.ts';
import { runOutside } from './outside-stage.ts';
import type { Cast } from './outside-stage.ts';
import type { BodyResult } from './stage.ts';

/** Runs scenarios in the simulator against the programs of a pool, one at a time. */
export class OutsideRunner implements TargetRunner {
  readonly target = 'sim';
  readonly #pool: OutsidePool;
  readonly #features: readonly Feature[];
  /** Cases in which a program died, broke the protocol or kept silent. */
  readonly #troubled = new Set<string>();
  #usedUp: RestartsUsedUp | undefined;
  #simulatedMicros = 0;

  /** @param features - What the program declared; a case that needs more is not applicable. */
  constructor(pool: OutsidePool, features: readonly Feature[]) {
    this.#pool = pool;
    this.#features = features;
  }

  /** Set once no program may be started any more: cases that were refused one have not been run. */
  get usedUp(): RestartsUsedUp | undefined {
    return this.#usedUp;
  }

  /** Virtual time of all runs together. */
  get simulatedSecs(): number {
    return this.#simulatedMicros / 1e6;
  }

  async run(options: BodyOptions, scenario: AnyScenario, body: (stage: Stage) => Promise<void>): Promise<BodyResult> {
    const missing = (scenario.needs ?? []).filter((feature) => !this.#features.includes(feature));
    if (missing.length > 0) {
      const names = missing.map((feature) => `"${feature}"`).join(', ');
      return { error: new NotApplicable(`the adapter does not declare ${names}`), steps: [] };
    }
    // A property would be shrunk now, and every step would cost one of the few processes; a comparison needs both its runs.
    if (options.traceWindow === undefined && this.#troubled.has(scenario.id)) return { steps: [] };
    const result = await this.#bothCasts(options, scenario, body);
    const { error } = result;
    if (error instanceof AdapterFault || error instanceof TimeLimitReached) this.#troubled.add(scenario.id);
    if (error instanceof RestartsUsedUp) this.#usedUp = error;
    return result;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #bothCasts(
    options: BodyOptions,
    scenario: AnyScenario,
    body: (stage: Stage) => Promise<void>,
  ): Promise<BodyResult> {
    const run = (cast: Cast): ReturnType<typeof runOutside> =>
      runOutside(
        {
          ...options,
          pool: this.#pool,
          caseId: scenario.id,
          onSimulated: (micros) => (this.#simulatedMicros += micros),
        },
        cast,
        body,
      );
    const foreign = await run('foreign');
    if (foreign.error !== undefined || foreign.clientsMade < 2) return foreign;
    const mixed = await run('mixed');
    if (mixed.error !== undefined) return mixed;
    const digests = [foreign.digest, mixed.digest].filter((digest) => digest !== undefined);
    return { ...foreign, digest: combineDigests(digests) };
  }
}

/**
 * Finds the one run of a case that is to be debugged, and makes it repeatable: plan, seed of the world, and the hash chain.
 *
 * Of a property that runs many times it is the smallest plan that fails; when none fails, the last one. The case is executed
 * for that once, as `esf run` would.
 */
import type { AnyScenario } from '../api.ts';
import { runSim } from '../attach/sim-stage.ts';
import type { BodyResult } from '../attach/stage.ts';
import { ChoicesError, decodeChoices, encodeChoices } from '../runner/choices.ts';
import { executeCase } from '../runner/execute.ts';
import type { BodyOptions, CaseResult, ExecuteOptions, TargetRunner } from '../runner/execute.ts';
import type { RunMaker } from './live-run.ts';

/** One run, found. */
export type FoundRun = {
  readonly maker: RunMaker;
  /** What came of it. */
  readonly result: BodyResult;
  /** What came of the whole case. */
  readonly verdict: CaseResult;
};

/** A copy of a plan for each run, because bodies may change theirs. */
type PlanMaker = () => unknown;

/** Executes a case on the simulator; undefined when it made no run at all, and `verdict` then says why. */
export async function findRun(
  scenario: AnyScenario,
  options: ExecuteOptions,
): Promise<FoundRun | { readonly verdict: CaseResult }> {
  let found: Omit<FoundRun, 'verdict'> | undefined;
  let makePlan: PlanMaker = () => undefined;
  const watched: AnyScenario = {
    ...scenario,
    run: (stage, plan) => {
      makePlan = copies(plan);
      return scenario.run(stage, plan);
    },
  };
  const runner: TargetRunner = {
    target: 'sim',
    run: async (bodyOptions, _scenario, body) => {
      const result = await runSim(bodyOptions, body);
      const isBetter = result.error !== undefined || found?.result.error === undefined;
      if (isBetter) found = { maker: makerOf(scenario, bodyOptions, makePlan), result };
      return result;
    },
    close: () => Promise.resolve(),
  };
  const verdict = await executeCase(watched, runner, options);
  return found === undefined ? { verdict } : { ...found, verdict };
}

function makerOf(scenario: AnyScenario, options: BodyOptions, makePlan: PlanMaker): RunMaker {
  return { options, body: (stage) => scenario.run(stage, makePlan()) };
}

function copies(plan: unknown): PlanMaker {
  if (plan === undefined) return () => undefined;
  try {
    const stored = encodeChoices(plan);
    return () => decodeChoices(stored);
  } catch (error) {
    if (error instanceof ChoicesError) return () => plan;
    throw error;
  }
}

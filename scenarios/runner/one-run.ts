/**
 * One run of one plan in one world: as it comes, twice for comparison, or from a file; and what repeats it when it fails.
 *
 * How many runs there are, and what is drawn, is execute.ts.
 */
import type { Checkpoints } from '../../sim/index.ts';
import type { AnyScenario } from '../api.ts';
import { HarnessFault } from '../attach/failures.ts';
import type { BodyResult } from '../attach/stage.ts';
import { ChoicesError, decodeChoices, encodeChoices } from './choices.ts';
import type { Encoded } from './choices.ts';
import { CoverageSum } from './coverage.ts';
import type { BodyOptions, CaseResult, ExecuteOptions, TargetRunner } from './execute.ts';
import { endedBy } from './outcome.ts';
import type { Ended } from './outcome.ts';
import { combineDigests } from './seeds.ts';
import { runTwice } from './twice.ts';

const TIME_LIMIT_SECS_DEFAULT = 600;

/** A plan, and the seed of the world to run it in. */
export type PlannedRun = { readonly plan: unknown; readonly worldSeed: number };

/** One run and what repeats it. */
export type OneRun = { readonly result: BodyResult; readonly ended: Ended | undefined };

/** Runs one plan; with `checkDeterminism` on the simulator twice, and a difference is its failure. */
export async function runOne(
  scenario: AnyScenario,
  runner: TargetRunner,
  { checkDeterminism = false }: ExecuteOptions,
  { plan, worldSeed }: PlannedRun,
): Promise<OneRun> {
  // Before the run, because a body may change its plan.
  const stored = storable(plan);
  const options: BodyOptions = {
    seed: worldSeed,
    timeLimitSecs: scenario.timeLimitSecs ?? TIME_LIMIT_SECS_DEFAULT,
    invariants: scenario.invariants ?? true,
  };
  const result =
    checkDeterminism && runner.target === 'sim'
      ? await runTwice((traceWindow) =>
          runner.run({ ...options, traceWindow }, scenario, (stage) => scenario.run(stage, copyOf(plan, stored))),
        )
      : await runner.run(options, scenario, (stage) => scenario.run(stage, plan));
  if (result.error === undefined) return { result, ended: undefined };
  const { digest, checkpoints } = result;
  return { result, ended: repeatable(endedBy(result.error), { ...stored, worldSeed, digest, checkpoints }) };
}

/** The result of a case that is this one run. */
export async function executeOnce(
  scenario: AnyScenario,
  runner: TargetRunner,
  options: ExecuteOptions,
  planned: PlannedRun,
): Promise<CaseResult> {
  const { result, ended } = await runOne(scenario, runner, options, planned);
  const { steps, digest, figures, note, observed } = result;
  const coverage = new CoverageSum(scenario.reachable);
  coverage.add(result.marks ?? []);
  return {
    outcome: 'pass',
    runs: 1,
    steps,
    ...(figures === undefined ? {} : { figures }),
    ...coverage.rows(1),
    ...(observed === undefined ? {} : { observed }),
    ...(digest === undefined ? {} : { digest: combineDigests([digest]) }),
    ...(note === undefined ? {} : { reason: note }),
    ...ended,
  };
}

/** Runs exactly the plan and the world that a file holds. */
export async function executeStored(
  scenario: AnyScenario,
  runner: TargetRunner,
  options: ExecuteOptions,
  { file, worldSeed, choices }: NonNullable<ExecuteOptions['replay']>,
): Promise<CaseResult> {
  if ((scenario.plan === undefined) !== (choices === undefined)) {
    const what =
      choices === undefined ? 'has no choices, and the case has a plan' : 'has choices, and the case has no plan';
    const error = new HarnessFault(`${file} ${what}: case ${scenario.id} has changed since; find the failure anew`);
    return { ...endedBy(error), runs: 0, steps: [] };
  }
  const plan = choices === undefined ? undefined : decodeChoices(choices);
  const result = await executeOnce(scenario, runner, options, { plan, worldSeed });
  if (result.outcome !== 'harness-fault' || choices === undefined) return result;
  const hint = `if case ${scenario.id} has changed since, its body may not understand the choices in ${file} any more`;
  return { ...result, reason: result.reason === undefined ? hint : `${result.reason}; ${hint}` };
}

/** The plan as it can be stored; nothing when it holds what JSON cannot, and then the seed has to do. */
function storable(plan: unknown): { readonly choices?: Encoded } {
  if (plan === undefined) return {};
  try {
    return { choices: encodeChoices(plan) };
  } catch (error) {
    if (error instanceof ChoicesError) return {};
    throw error;
  }
}

/** A plan for each of two runs. */
function copyOf(plan: unknown, { choices }: { readonly choices?: Encoded }): unknown {
  return choices === undefined ? plan : decodeChoices(choices);
}

/** Adds to a failure what repeats it. */
function repeatable(
  ended: Ended,
  {
    worldSeed,
    choices,
    digest,
    checkpoints,
  }: { worldSeed: number; choices?: Encoded; digest: string | undefined; checkpoints: Checkpoints | undefined },
): Ended {
  if (ended.failure === undefined) return ended;
  const stored = { worldSeed, ...(choices === undefined ? {} : { choices }) };
  const trace = {
    ...(digest === undefined ? {} : { worldDigest: digest }),
    ...(checkpoints === undefined ? {} : { worldCheckpoints: checkpoints }),
  };
  return { ...ended, failure: { ...ended.failure, ...stored, ...trace } };
}

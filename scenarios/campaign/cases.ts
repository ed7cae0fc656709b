/**
 * The cases of a campaign, the failures it makes of results, and the run that a seed stands for. Pure.
 */
import * as fc from 'fast-check';
import type { ClauseLevel } from '../../reports/model.ts';
import type { AnyScenario } from '../api.ts';
import { ChoicesError, encodeChoices } from '../runner/choices.ts';
import { worldSeeds } from '../runner/execute.ts';
import type { CaseResult } from '../runner/execute.ts';
import type { Job } from '../runner/jobs.ts';
import { reproOf } from '../runner/repro-file.ts';
import type { Repro } from '../runner/repro-file.ts';
import { reproCommand } from '../runner/repro.ts';
import { caseSeed } from '../runner/seeds.ts';
import { judge } from '../runner/verdict.ts';
import type { Example, SessionFailure } from './model.ts';
import { failureKind, normalise, signatureOf } from './signature.ts';

/** A property that a campaign searches. */
export type CampaignCase = {
  readonly scenario: AnyScenario;
  readonly area: string;
  readonly level: ClauseLevel;
};

/** What it takes to make a failure of a result. */
export type FailureContext = {
  readonly version: string;
  /** SHOULD counts as MUST. */
  readonly strict: boolean;
  /** ISO 8601. */
  readonly at: string;
};

/** Steps that are kept of a failure, the last ones. */
const STEPS_MAX = 20;
/** So that what cannot be stored is never the smallest. */
const SIZE_UNKNOWN = Number.MAX_SAFE_INTEGER;

/** The failure that a result is; undefined when it is none. */
export function failureOf(
  unit: CampaignCase,
  job: Job,
  result: CaseResult,
  { version, strict, at }: FailureContext,
): SessionFailure | undefined {
  const { scenario, area, level } = unit;
  const { outcome, failure } = result;
  const kind = failureKind(outcome, failure?.message);
  const signature = signatureOf(scenario.id, outcome, failure);
  if (kind === undefined || signature === undefined) return undefined;
  const { seed } = job.options;
  const message = failure?.message ?? outcome;
  const { status } = judge({
    outcome,
    expectation: { kind: 'none' },
    level,
    strict,
    mandatory: true,
    today: at.slice(0, 10),
    message,
  });
  const sighting = { at, seed };
  return {
    signature,
    case: scenario.id,
    area,
    kind,
    level,
    ...(failure?.clause === undefined ? {} : { clause: failure.clause }),
    pattern: normalise(message),
    counts: status === 'red' || status === 'purple',
    count: 1,
    first: sighting,
    last: sighting,
    best: exampleOf(unit, job, result, version),
  };
}

function exampleOf({ scenario }: CampaignCase, job: Job, result: CaseResult, version: string): Example {
  const { failure, outcome, steps } = result;
  const { seed } = job.options;
  const message = failure?.message ?? outcome;
  // What took its worker with it could say nothing of its plan any more; the seed knows it.
  const told = failure?.worldSeed === undefined ? drawnRun(scenario, seed) : undefined;
  const repro = reproOf(
    {
      kind: 'verdict',
      case: scenario.id,
      target: 'sim',
      outcome,
      expectation: { kind: 'none' },
      status: 'red',
      seed,
      runs: 1,
      wallMillis: 0,
      repro: reproCommand(job, result),
      failure: { ...failure, ...told, message },
    },
    version,
  );
  return {
    seed,
    message,
    ...(repro === undefined ? {} : { repro }),
    size: repro?.choices === undefined ? SIZE_UNKNOWN : JSON.stringify(repro.choices).length,
    shrinks: failure?.shrinks ?? 0,
    steps: steps.slice(-STEPS_MAX),
  };
}

/** The plan and the world that the one run of `esf run --seed` draws; nothing when the plan has no form in JSON. */
export function drawnRun(scenario: AnyScenario, seed: number): Pick<Repro, 'worldSeed' | 'choices'> | undefined {
  if (scenario.plan === undefined) return undefined;
  const drawn = fc.sample(fc.tuple(scenario.plan(), worldSeeds()), { seed: caseSeed(seed, scenario.id), numRuns: 1 });
  const [plan, worldSeed] = drawn[0]!;
  try {
    return { worldSeed, choices: encodeChoices(plan) };
  } catch (error) {
    if (error instanceof ChoicesError) return undefined;
    throw error;
  }
}

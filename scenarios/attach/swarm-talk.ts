/**
 * What swarms over clients share: who talks to whom while faults are done to everybody, and that a healed core talks again.
 *
 * A swarm draws `swarmPlans`, builds its world, lives through the plan with `talkThrough`, heals with `healCore`, shows with
 * `stallIsNotAllowed` that nothing but the engines can be at fault, and asks `coreTalks`. It judges nothing else: what may
 * not happen under faults is a law of every run, and what a swarm says besides is its own.
 */
import * as fc from 'fast-check';
import type { Stage } from '../api.ts';
import type { ClientSubject } from './client-subject.ts';
import { applyFaults, faultPlans } from './fault-plan.ts';
import type { FaultPlan, FaultPlanOptions } from './fault-plan.ts';
import { CONVERGED_SECS, talksBy } from './liveness.ts';

/** One call of one user to another, by index, and how long to wait before the next. */
export type TalkStep = { readonly from: number; readonly to: number; readonly pauseMillis: number };

export type SwarmPlan<Step extends TalkStep> = {
  readonly faults: FaultPlan;
  /** When nothing begins or ends any more. */
  readonly hardshipMillis: number;
  readonly talk: readonly Step[];
};

/** Faults begin within this time, last up to three times as long, and hold still after one to two times as long. */
const WITHIN_MILLIS = 20_000;

/** Pairs of users and pauses, ready to be part of a step. */
export function talkSteps(users: number): { [Key in keyof TalkStep]: fc.Arbitrary<number> } {
  return { from: fc.nat({ max: users - 1 }), to: fc.nat({ max: users - 1 }), pauseMillis: fc.nat({ max: 2_000 }) };
}

/** Plans of faults to hosts, given by their places, and of talk under them. */
export function swarmPlans<Step extends TalkStep>(
  struck: Omit<FaultPlanOptions, 'withinMillis' | 'lastMillisMax'>,
  step: fc.Arbitrary<Step>,
): fc.Arbitrary<SwarmPlan<Step>> {
  return fc.record({
    faults: faultPlans({ ...struck, withinMillis: WITHIN_MILLIS, lastMillisMax: 3 * WITHIN_MILLIS }),
    hardshipMillis: fc.integer({ min: WITHIN_MILLIS, max: 2 * WITHIN_MILLIS }),
    talk: fc.array(step, { minLength: 1, maxLength: 20 }),
  });
}

/**
 * Does the faults to the hosts, and meanwhile a call for each step whose user has a process that runs. Calls are not waited
 * for: those of a machine that lost its power never end. Resolves with how those that ended did, when the faults hold still.
 */
export async function talkThrough<Step extends TalkStep>(
  stage: Stage,
  { faults, hardshipMillis, talk }: SwarmPlan<Step>,
  hosts: readonly string[],
  clients: readonly ClientSubject[],
  call: (from: ClientSubject, to: ClientSubject, step: Step) => Promise<unknown>,
): Promise<readonly boolean[]> {
  stage.takeRareWays();
  const hardship = applyFaults(stage, faults, hosts, hardshipMillis);
  const outcomes: boolean[] = [];
  for (const step of talk) {
    const [from, to] = [clients[step.from]!, clients[step.to]!];
    if (hardship.canCall(from.host)) {
      call(from, to, step).then(
        () => outcomes.push(true),
        () => outcomes.push(false),
      );
    }
    await stage.sleep(step.pauseMillis / 1000);
  }
  await hardship.done;
  return outcomes;
}

/** Everybody of the core has something acknowledged by everybody else of it, within bounded time. */
export async function coreTalks(stage: Stage, core: readonly ClientSubject[]): Promise<void> {
  const untilSecs = stage.nowSecs() + CONVERGED_SECS;
  for (const client of core) {
    for (const other of core) if (client !== other) await talksBy(stage, client, other.userID, untilSecs);
  }
}

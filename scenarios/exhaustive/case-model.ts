/**
 * Any case of the suites as a model: its body, with the orders of its packets chosen from the start or after some. Of a property
 * the plan is the first one drawn from the seed. Cases that measure times may fail where a packet is late, and be right.
 */
import * as fc from 'fast-check';
import type { AnyScenario } from '../api.ts';
import { runSim } from '../attach/sim-stage.ts';
import { caseSeed } from '../runner/seeds.ts';
import { Arena } from './arena.ts';
import type { Explorable } from './explore.ts';
import { messageOf } from './explore.ts';
import { LIMITS_DEFAULT } from './world-model.ts';

const TIME_LIMIT_SECS_DEFAULT = 600;

/** The model of a case. */
export function caseModel(scenario: AnyScenario): Explorable {
  const { id, title, timeLimitSecs = TIME_LIMIT_SECS_DEFAULT, invariants = true } = scenario;
  return {
    name: id,
    title,
    limits: { ...LIMITS_DEFAULT, settleMicros: 10_000 },
    async run({ seed: runSeed, limits, chooser, onWorld }) {
      const seed = caseSeed(runSeed, id);
      // Drawn for each schedule, because a body may change its plan.
      const [plan] = scenario.plan === undefined ? [undefined] : fc.sample(scenario.plan(), { seed, numRuns: 1 });
      let arena: Arena | undefined;
      const {
        error,
        digest = '',
        observed = [],
      } = await runSim(
        {
          seed,
          timeLimitSecs,
          invariants,
          onWorld: (world) => {
            onWorld?.(world);
            arena = new Arena(world, limits, chooser);
          },
          onHost: () => arena!.controlAllFrom('internet'),
        },
        (stage) => scenario.run(stage, plan),
      );
      if (error !== undefined) return { digest, outcome: messageOf(error), error };
      return { digest, outcome: observed.length === 0 ? 'passed' : observed.join('; ') };
    },
  };
}

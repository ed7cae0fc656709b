/** Runs one body on the simulator and on real loopback TCP, for tests of the stage itself. */
import { expect, test } from 'vitest';
import type { Stage, TargetName } from '../../scenarios/api.ts';
import { runLoopback } from '../../scenarios/attach/loopback-stage.ts';
import { runSim } from '../../scenarios/attach/sim-stage.ts';
import type { BodyResult } from '../../scenarios/attach/stage.ts';

const OPTIONS = { seed: 1, timeLimitSecs: 600, invariants: true };

export function runOn(
  target: TargetName,
  body: (stage: Stage) => Promise<void>,
  invariants = true,
): Promise<BodyResult> {
  const options = { ...OPTIONS, invariants };
  return target === 'sim' ? runSim(options, body) : runLoopback(options, body);
}

/** A test a target: the body passes on both. */
export function onBothTargets(name: string, body: (stage: Stage) => Promise<void>): void {
  for (const target of ['sim', 'loopback'] as const) {
    test(`${name} (${target})`, async () => {
      const result = await runOn(target, body);
      expect(result.error).toBeUndefined();
    });
  }
}

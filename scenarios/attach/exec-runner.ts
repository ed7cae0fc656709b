/** The target `exec` for `runner/execute.ts`: bodies on the exec stage, features checked first. */
import type { TargetRunner } from '../runner/execute.ts';
import type { Feature } from '../api.ts';
import { NotApplicable } from './failures.ts';
import { RestartsUsedUp, type AdapterPool } from './exec-pool.ts';
import { runExec } from './exec-stage.ts';

export type ExecRunner = TargetRunner & {
  /** Set once no adapter process may be started any more: cases that were refused one have not been run. */
  readonly usedUp: RestartsUsedUp | undefined;
};

/**
 * @param features - What the adapter declared; a case that needs more is not applicable.
 * @param timeFactor - Real seconds in one scenario second.
 */
export function createExecRunner(pool: AdapterPool, features: readonly Feature[], timeFactor: number): ExecRunner {
  let usedUp: RestartsUsedUp | undefined;
  return {
    target: 'exec',
    get usedUp() {
      return usedUp;
    },
    run: async (options, scenario, body) => {
      const missing = (scenario.needs ?? []).filter((feature) => !features.includes(feature));
      if (missing.length > 0) {
        const names = missing.map((feature) => `"${feature}"`).join(', ');
        return { error: new NotApplicable(`the adapter does not declare ${names}`), steps: [] };
      }
      const result = await runExec({ ...options, pool, caseId: scenario.id, timeFactor }, body);
      if (result.error instanceof RestartsUsedUp) usedUp = result.error;
      return result;
    },
    close: () => pool.close(),
  };
}

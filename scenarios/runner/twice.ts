/**
 * Runs a body twice and compares: the runner's own check that equal plan and equal seed give the equal run.
 *
 * Only the simulator can be asked this. What differs is a fault of the harness or of the engine's determinism, not a broken
 * clause, so it ends the case as a fault that names the first event in which the two runs differ.
 */
import { Trace, findDivergence } from '../../sim/index.ts';
import type { TraceWindow, TracedOutcome } from '../../sim/index.ts';
import { HarnessFault } from '../attach/failures.ts';
import type { BodyResult } from '../attach/stage.ts';

/** How the message begins when a second run was another one. */
export const DIVERGED = 'two runs of one plan and one seed are not one run';

/** Gives the first run's result, with an error of its own when a second run was another one. */
export async function runTwice(run: (window: TraceWindow) => Promise<BodyResult>): Promise<BodyResult> {
  const results: BodyResult[] = [];
  const traced = async (window: TraceWindow): Promise<TracedOutcome> => {
    const result = await run(window);
    results.push(result);
    return { trace: result.trace ?? new Trace({ recordsMax: 0 }), outcome: outcomeText(result.error) };
  };
  const divergence = await findDivergence(traced);
  const first = results[0]!;
  if (divergence === undefined) return first;
  const [left, right] = divergence.digests;
  const message = `${DIVERGED} (digests ${left} and ${right}): ${divergence.text}`;
  return { ...first, error: new HarnessFault(message) };
}

function outcomeText(error: unknown): string {
  if (error === undefined) return 'passed';
  return error instanceof Error ? error.message : 'something that is no error was thrown';
}

/**
 * Every stored regression of this folder, replayed on the simulator: what failed once must be as the file expects.
 *
 * To add one: copy the file that `esf run` wrote beside its report, once the fault is mended, add `expected` and a `note`.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openTarget } from '../../scenarios/attach/targets.ts';
import { executeCase } from '../../scenarios/runner/execute.ts';
import { loadScenarios } from '../../scenarios/runner/plan.ts';
import { parseRepro } from '../../scenarios/runner/repro-file.ts';

const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.json'));
const stored = files.map((file) => ({
  file,
  repro: parseRepro(readFileSync(join(import.meta.dirname, file), 'utf8')),
}));
const cases = new Map((await loadScenarios()).map(({ scenario }) => [scenario.id, scenario]));

describe('stored regressions', () => {
  test('are there', () => {
    expect(stored.length).toBeGreaterThan(0);
  });

  test.each(stored)('$file', async ({ file, repro }) => {
    const { worldSeed, choices, expected } = repro;
    const scenario = cases.get(repro.case);
    expect(scenario, `there is no case ${repro.case} any more`).toBeDefined();
    expect(expected, 'a stored regression says what it expects from now on').toBeDefined();
    expect(repro.note, 'a stored regression says what was wrong').toBeDefined();
    const replay = { file, worldSeed, ...(choices === undefined ? {} : { choices }) };
    const result = await executeCase(scenario!, openTarget('sim'), { seed: worldSeed, replay });
    expect(result.failure).toBeUndefined();
    expect(result.outcome).toBe(expected!.outcome);
    if (expected!.digest !== undefined) expect(result.digest).toBe(expected!.digest);
  });
});

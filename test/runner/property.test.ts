/** Properties: shrinking, and that the printed command repeats exactly the shrunk plan. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scenario } from '../../scenarios/api.ts';
import type { AnyScenario } from '../../scenarios/api.ts';
import { CheckFailed } from '../../scenarios/attach/failures.ts';
import { openTarget } from '../../scenarios/attach/targets.ts';
import { signatureOf } from '../../scenarios/campaign/signature.ts';
import { executeCase } from '../../scenarios/runner/execute.ts';
import type { CaseResult, TargetRunner } from '../../scenarios/runner/execute.ts';
import { reproCommand } from '../../scenarios/runner/repro.ts';

/** The server is told to answer with a wrong byte as soon as a query is longer than `limit`. */
function wrongAbove(limit: number, plans: unknown[] = []): AnyScenario {
  return scenario({
    id: 'TST-0001',
    title: 'answers are exact',
    clauses: ['QRY-002'],
    kind: 'property',
    plan: () => fc.record({ bytes: fc.integer({ min: 4, max: 500 }), times: fc.integer({ min: 1, max: 3 }) }),
    async run(stage, plan) {
      plans.push(plan);
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      for (let count = 0; count < plan.times; count++) {
        const asked = stage.payload(plan.bytes);
        const answer = await alice.query(null, 1, asked);
        const expected = asked.slice();
        if (plan.bytes > limit) expected[0]! ^= 1;
        stage.equal(answer, expected, 'QRY-002', 'planted');
      }
    },
  });
}

function optionsOf(command: string): { seed: number; path?: string; runs?: number } {
  const value = (name: string): string | undefined => new RegExp(`--${name} (\\S+)`).exec(command)?.[1];
  const path = value('path');
  return { seed: Number(value('seed')), ...(path === undefined ? {} : { path }) };
}

const job = (seed: number) => ({ case: 'TST-0001', area: 'x', target: 'sim', options: { seed } }) as const;

describe('a failing property', () => {
  const sim = openTarget('sim');

  test('is shrunk to the smallest plan that fails', async () => {
    const result = await executeCase(wrongAbove(100), sim, { seed: 5 });
    expect(result.outcome).toBe('fail');
    expect(JSON.parse(result.failure?.counterexample ?? '')).toEqual({ bytes: 101, times: 1 });
    expect(result.failure).toMatchObject({ message: 'planted', clause: 'QRY-002' });
    expect(result.failure?.shrinks).toBeGreaterThan(0);
  });

  test('is shrunk to plans that fail with the wanted signature only, when one is wanted', async () => {
    // Short queries fail too, in another way; without a wish shrinking ends there.
    const twoFaults = {
      ...wrongAbove(100),
      run: (_stage: unknown, plan: unknown) => {
        const { bytes } = plan as { readonly bytes: number };
        const what = bytes > 300 ? 'too long' : bytes < 50 ? 'too short' : undefined;
        return what === undefined
          ? Promise.resolve()
          : Promise.reject(new CheckFailed(`${what} by ${bytes}`, { clause: 'QRY-002' }));
      },
    };
    const first = await executeCase(twoFaults, sim, { seed: 1, shrinks: false });
    expect(first.failure?.message).toMatch(/^too long/);
    const anyway = await executeCase(twoFaults, sim, { seed: 1 });
    expect(anyway.failure?.message).toMatch(/^too short/);
    const signature = signatureOf('TST-0001', 'fail', first.failure)!;
    const { failure } = await executeCase(twoFaults, sim, { seed: 1, signature });
    expect(JSON.parse(failure?.counterexample ?? '')).toEqual({ bytes: 301, times: 1 });
    expect(failure?.message).toBe('too long by 301');
  });

  test('is repeated by its command: one run, the same plan, the same failure, the same steps', async () => {
    const first = await executeCase(wrongAbove(100), sim, { seed: 5 });
    const command = reproCommand(job(5), first);
    expect(command).toMatch(/^npx esf run --case TST-0001 --target sim --seed 5 --path [\d:]+$/);
    const plans: unknown[] = [];
    const again = await executeCase(wrongAbove(100, plans), sim, optionsOf(command));
    expect(plans).toEqual([{ bytes: 101, times: 1 }]);
    expect(again.runs).toBe(1);
    expect(again.failure?.message).toBe(first.failure?.message);
    expect(again.failure?.counterexample).toBe(first.failure?.counterexample);
    expect(again.failure?.path).toBe(first.failure?.path);
    expect(again.steps).toEqual(first.steps);
    // And the command it prints is the one it was run with.
    expect(reproCommand({ ...job(5), options: optionsOf(command) }, again)).toBe(command);
  });

  test('is repeated in the very same world', async () => {
    const seeds: number[] = [];
    const watched: TargetRunner = {
      ...sim,
      run: async (options, each, body) => {
        const result = await sim.run(options, each, body);
        if (result.error !== undefined) seeds.push(options.seed);
        return result;
      },
    };
    const first = await executeCase(wrongAbove(100), watched, { seed: 5 });
    await executeCase(wrongAbove(100), watched, optionsOf(reproCommand(job(5), first)));
    expect(seeds.at(-1)).toBe(seeds.at(-2));
  });

  test('that has been repaired passes when repeated', async () => {
    const first = await executeCase(wrongAbove(100), sim, { seed: 5 });
    const again = await executeCase(wrongAbove(1000), sim, optionsOf(reproCommand(job(5), first)));
    expect(again).toMatchObject({ outcome: 'pass', runs: 1 });
  });

  describe('that would shrink for ever', () => {
    const endless = scenario({
      id: 'TST-0002',
      title: 'x',
      clauses: ['QRY-002'],
      kind: 'property',
      plan: () => fc.array(fc.integer(), { minLength: 500, maxLength: 1000 }),
      run: () => Promise.resolve(),
    });
    const failing = (error: Error): { runner: TargetRunner; bodies: () => number } => {
      let bodies = 0;
      const run = (): Promise<{ error: Error; steps: [] }> => {
        bodies += 1;
        return Promise.resolve({ error, steps: [] });
      };
      return { runner: { target: 'sim', run, close: () => Promise.resolve() }, bodies: () => bodies };
    };

    test('stops after a while, with what it has', async () => {
      const { runner, bodies } = failing(new CheckFailed('always'));
      const result = await executeCase(endless, runner, { seed: 1 });
      expect(result).toMatchObject({ outcome: 'fail', runs: 1 });
      expect(bodies()).toBeGreaterThan(100);
      expect(bodies()).toBeLessThanOrEqual(301);
    });

    test('is not shrunk at all when the harness is at fault', async () => {
      const { runner, bodies } = failing(new Error('a mistake of the scenario'));
      expect((await executeCase(endless, runner, { seed: 1 })).outcome).toBe('harness-fault');
      expect(bodies()).toBe(1);
    });
  });
});

describe('digests', () => {
  const sim = openTarget('sim');
  const digestOf = async (seed: number, runs: number): Promise<CaseResult> =>
    executeCase(wrongAbove(1000), sim, { seed, runs });

  test('equal seed, equal digest; another seed or number of runs, another digest', async () => {
    const first = await digestOf(1, 5);
    expect(first.digest).toMatch(/^[0-9a-f]{16}$/);
    expect((await digestOf(1, 5)).digest).toBe(first.digest);
    expect((await digestOf(2, 5)).digest).not.toBe(first.digest);
    expect((await digestOf(1, 6)).digest).not.toBe(first.digest);
  });
});

test('a path runs one plan, also where nothing was shrunk', async () => {
  const plans: unknown[] = [];
  const result = await executeCase(wrongAbove(1000, plans), openTarget('sim'), { seed: 1, path: '3' });
  expect(result).toMatchObject({ outcome: 'pass', runs: 1 });
  expect(plans).toHaveLength(1);
});

test('a path for a case without plan is refused', async () => {
  const plain = scenario({
    id: 'TST-0003',
    title: 'x',
    clauses: ['QRY-002'],
    kind: 'example',
    run: () => Promise.resolve(),
  });
  const result = await executeCase(plain, openTarget('sim'), { seed: 1, path: '0' });
  expect(result).toMatchObject({
    outcome: 'harness-fault',
    failure: { message: expect.stringContaining('--path') as string },
  });
});

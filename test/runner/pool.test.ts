/** Workers may die, throw or hang: every job gets exactly one result, and nobody else suffers. */
import { expect, test } from 'vitest';
import type { TargetName } from '../../scenarios/api.ts';
import type { Job, JobResult } from '../../scenarios/runner/jobs.ts';
import { WorkerPool } from '../../scenarios/runner/pool.ts';
import type { Lane } from '../../scenarios/runner/pool.ts';

/** Long enough for a worker to start on a busy machine; what hangs costs this much once. */
const BUDGET_MILLIS = 5000;

const entry = new URL('./fixtures/worker.js', import.meta.url);

async function runAll(
  cases: readonly string[],
  lane: Lane,
  more: { readonly target?: TargetName; readonly startMillis?: number } = {},
): Promise<Record<string, string[]>> {
  const jobs: Job[] = cases.map((name) => ({
    case: name,
    area: 'x',
    target: more.target ?? 'sim',
    options: { seed: 1 },
  }));
  const results: JobResult[] = [];
  const pool = new WorkerPool(jobs, {
    lane,
    entry,
    ...more,
    budgetMillis: () => BUDGET_MILLIS,
    onStarted: () => undefined,
    onResult: (result) => results.push(result),
  });
  await pool.run();
  return Object.fromEntries(
    cases.map((name) => [name, results.filter(({ job }) => job.case === name).map(({ result }) => result.outcome)]),
  );
}

const two: Lane = { workers: 2, capacity: 2 };

test('every job has one result', async () => {
  const cases = Array.from({ length: 20 }, (_each, index) => `pass-${index}`);
  expect(await runAll(cases, two)).toEqual(Object.fromEntries(cases.map((name) => [name, ['pass']])));
});

test('a worker that dies takes its case with it, and only that', async () => {
  const cases = ['pass-1', 'die-1', 'pass-2', 'throw-1', 'pass-3', 'die-2', 'pass-4'];
  expect(await runAll(cases, two)).toEqual({
    'pass-1': ['pass'],
    'die-1': ['crash'],
    'pass-2': ['pass'],
    'throw-1': ['crash'],
    'pass-3': ['pass'],
    'die-2': ['crash'],
    'pass-4': ['pass'],
  });
});

test('a case that never yields is ended with its worker', async () => {
  expect(await runAll(['hang-1', 'pass-1', 'pass-2'], { workers: 1, capacity: 2 })).toEqual({
    'hang-1': ['timeout'],
    'pass-1': ['pass'],
    'pass-2': ['pass'],
  });
});

test('of several cases in a worker that dies, only the culprit has crashed', async () => {
  const cases = ['slow-1', 'slow-2', 'die-1', 'slow-3'];
  expect(await runAll(cases, { workers: 1, capacity: 8 }, { target: 'loopback' })).toEqual({
    'slow-1': ['pass'],
    'slow-2': ['pass'],
    'die-1': ['crash'],
    'slow-3': ['pass'],
  });
});

test('a worker that cannot even start crashes its cases instead of starting for ever', async () => {
  const jobs: Job[] = ['a', 'b'].map((name) => ({ case: name, area: 'x', target: 'sim', options: { seed: 1 } }));
  const outcomes: string[] = [];
  const pool = new WorkerPool(jobs, {
    lane: two,
    entry: new URL('./fixtures/no-such-worker.js', import.meta.url),
    budgetMillis: () => BUDGET_MILLIS,
    onStarted: () => undefined,
    onResult: ({ result }) => outcomes.push(result.outcome),
  });
  await pool.run();
  expect(outcomes).toEqual(['crash', 'crash']);
});

test('a worker that never begins is given up', async () => {
  expect(await runAll(['mute-1', 'pass-1'], { workers: 1, capacity: 2 }, { startMillis: BUDGET_MILLIS })).toEqual({
    'mute-1': ['harness-fault'],
    'pass-1': ['pass'],
  });
});

test('a case that has begun has its whole budget, however long a worker may keep silent before', async () => {
  expect(await runAll(['long-1'], { workers: 1, capacity: 1 }, { startMillis: 3000 })).toEqual({ 'long-1': ['pass'] });
});

test('a case of many runs may take longer than the budget of one, as long as runs end', async () => {
  expect(await runAll(['runs-1'], { workers: 1, capacity: 1 })).toEqual({ 'runs-1': ['pass'] });
});

test('drain finishes what has begun and drops the rest; stop gives up at once', async () => {
  for (const how of ['drain', 'stop'] as const) {
    const cases = ['slow-1', 'slow-2', 'slow-3', 'slow-4'];
    const jobs: Job[] = cases.map((name) => ({ case: name, area: 'x', target: 'loopback', options: { seed: 1 } }));
    const done: string[] = [];
    const pool = new WorkerPool(jobs, {
      lane: { workers: 1, capacity: 2 },
      entry,
      budgetMillis: () => BUDGET_MILLIS,
      onStarted: (job) => {
        if (job.case === 'slow-2') pool[how]();
      },
      onResult: ({ job }) => done.push(job.case),
    });
    await pool.run();
    expect(done).toEqual(how === 'drain' ? ['slow-1', 'slow-2'] : []);
  }
});

/**
 * A worker thread: executes the jobs it is given and reports each. Started by pool.ts only.
 *
 * Simulated cases run one after the other, because they never wait; cases on real sockets mostly wait, so they run at
 * once. It judges nothing and writes no files.
 */
import { parentPort } from 'node:worker_threads';
import type { AnyScenario, TargetName } from '../api.ts';
import { HarnessFault } from '../attach/failures.ts';
import { openTarget } from '../attach/targets.ts';
import { loadScenarios } from './plan.ts';
import { executeCase } from './execute.ts';
import type { CaseResult, TargetRunner } from './execute.ts';
import type { FromWorker, Job, ToWorker } from './jobs.ts';
import { tolerateLateRejections } from './late-rejections.ts';
import { endedBy } from './outcome.ts';

/** A case of many runs says this often that it goes on. */
const GOING_MILLIS = 1_000;

const port = parentPort;
if (port === null) throw new HarnessFault('worker.ts is started by the pool, not by itself');

tolerateLateRejections();
const runners = new Map<TargetName, TargetRunner>();
const scenarios = new Map<string, Promise<ReadonlyMap<string, AnyScenario>>>();
let simulated = Promise.resolve();

function say(message: FromWorker): void {
  port?.postMessage(message);
}

async function scenarioOf(job: Job): Promise<AnyScenario> {
  let suite = scenarios.get(job.area);
  if (suite === undefined) {
    suite = loadScenarios([job.area]).then((list) => new Map(list.map((each) => [each.scenario.id, each.scenario])));
    scenarios.set(job.area, suite);
  }
  const found = (await suite).get(job.case);
  if (found === undefined) throw new HarnessFault(`suite ${job.area} has no case ${job.case} any more`);
  return found;
}

function runnerOf(target: TargetName): TargetRunner {
  let runner = runners.get(target);
  if (runner === undefined) {
    runner = openTarget(target);
    runners.set(target, runner);
  }
  return runner;
}

function brief({ outcome, runs, digest, reason, coverage }: CaseResult): CaseResult {
  return {
    outcome,
    runs,
    steps: [],
    ...(digest === undefined ? {} : { digest }),
    ...(reason === undefined ? {} : { reason }),
    ...(coverage === undefined ? {} : { coverage }),
  };
}

async function execute(id: number, job: Job): Promise<void> {
  let result: CaseResult;
  let startMillis = performance.now();
  try {
    const scenario = await scenarioOf(job);
    const runner = runnerOf(job.target);
    say({ kind: 'started', id });
    startMillis = performance.now();
    let saidMillis = startMillis;
    result = await executeCase(scenario, runner, job.options, () => {
      if (performance.now() - saidMillis < GOING_MILLIS) return;
      saidMillis = performance.now();
      say({ kind: 'going', id });
    });
  } catch (error) {
    result = { ...endedBy(error), runs: 0, steps: [] };
  }
  if (job.isBrief === true && result.failure === undefined) result = brief(result);
  say({ kind: 'done', id, result, wallMillis: performance.now() - startMillis });
}

port.on('message', ({ id, job }: ToWorker) => {
  if (job.target === 'sim') simulated = simulated.then(() => execute(id, job));
  else void execute(id, job);
});
say({ kind: 'ready' });

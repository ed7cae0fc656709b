/** On real sockets a failure on a machine that stood still proves nothing: it is repeated, slower, and says so. */
import { expect, test } from 'vitest';
import { scenario } from '../../scenarios/api.ts';
import { CheckFailed } from '../../scenarios/attach/failures.ts';
import { StallMeter } from '../../scenarios/attach/stall-meter.ts';
import { openTarget } from '../../scenarios/attach/targets.ts';
import { executeCase } from '../../scenarios/runner/execute.ts';

function standStill(millis: number): void {
  const until = performance.now() + millis;
  while (performance.now() < until);
}

test('the meter sees the longest standstill of its own time only', async () => {
  const meter = new StallMeter();
  const early = meter.watch();
  standStill(80);
  expect(early.end()).toBeGreaterThan(60);
  const late = meter.watch();
  await new Promise((resolve) => setTimeout(resolve, 20));
  standStill(40);
  // Still going on when asked.
  expect(late.end()).toBeGreaterThan(30);
  meter.stop();
});

test('short standstills in a row add up', async () => {
  const meter = new StallMeter();
  const watch = meter.watch();
  for (let n = 0; n < 8; n++) {
    standStill(15);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(watch.end()).toBeGreaterThan(50);
  meter.stop();
});

test('a failure after a standstill is repeated on slower clocks, and the verdict tells', async () => {
  const bodies: number[] = [];
  const runner = openTarget('loopback');
  const flaky = scenario({
    id: 'TST-0001',
    title: 'fails once',
    clauses: ['HBT-005'],
    kind: 'example',
    async run(stage) {
      const before = performance.now();
      await stage.sleep(6);
      bodies.push(performance.now() - before);
      if (bodies.length > 1) return;
      standStill(100);
      throw new CheckFailed('too late');
    },
  });
  const result = await executeCase(flaky, runner, { seed: 1 });
  expect(result).toMatchObject({ outcome: 'pass', reason: expect.stringContaining('stood still') as string });
  expect(bodies).toHaveLength(2);
  // 6 scenario seconds are 100 ms first and 400 ms then.
  expect(bodies[1]).toBeGreaterThan(350);
  await runner.close();
});

test('what fails every time fails, however slow the clocks', async () => {
  let bodies = 0;
  const runner = openTarget('loopback');
  const broken = scenario({
    id: 'TST-0002',
    title: 'fails always',
    clauses: ['HBT-005'],
    kind: 'example',
    run: () => {
      bodies += 1;
      standStill(400);
      return Promise.reject(new CheckFailed('wrong'));
    },
  });
  expect(await executeCase(broken, runner, { seed: 1 })).toMatchObject({
    outcome: 'fail',
    failure: { message: 'wrong' },
  });
  expect(bodies).toBe(3);
  await runner.close();
});

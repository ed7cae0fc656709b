/** Every class of fault fires in at least a fifth of the seeds of the swarm, and is off in at least a fifth. */
import { describe, expect, test } from 'vitest';
import { FAULT_CLASSES } from '../../scenarios/attach/fault-plan.ts';
import { openTarget } from '../../scenarios/attach/targets.ts';
import { coverageLines, sumCoverage } from '../../scenarios/runner/coverage.ts';
import { executeCase } from '../../scenarios/runner/execute.ts';
import { scenarios } from '../../scenarios/suites/ack/index.ts';
import type { CaseVerdict } from '../../reports/model.ts';

const RUNS = 120;
const swarm = scenarios.find(({ id }) => id === 'ACK-W3FT')!;

describe('the swarm over ACK', () => {
  test(
    'draws every class of fault on and off, and sometimes sees calls fail and succeed',
    { timeout: 60_000 },
    async () => {
      const { failure, coverage = [] } = await executeCase(swarm, openTarget('sim'), { seed: 2, runs: RUNS });
      expect(failure).toBeUndefined();
      const hits = new Map(coverage.map((row) => [row.mark, row.hits]));
      for (const name of FAULT_CLASSES) {
        const fired = hits.get(`fault: ${name}`) ?? 0;
        expect(fired, `${name} fired in ${fired} of ${RUNS} runs`).toBeGreaterThanOrEqual(RUNS / 5);
        expect(RUNS - fired, `${name} was off in ${RUNS - fired} of ${RUNS} runs`).toBeGreaterThanOrEqual(RUNS / 5);
      }
      expect(hits.get('a call failed under faults')).toBeGreaterThan(0);
      expect(hits.get('a call was acknowledged under faults')).toBeGreaterThan(0);
    },
  );
});

test('marks of one text count together, and one that never happened is shown', () => {
  const row = (mark: string, hits: number, runs: number): CaseVerdict =>
    ({ coverage: [{ mark, hits, runs }] }) as unknown as CaseVerdict;
  const rows = sumCoverage([row('a', 1, 4), row('b', 0, 2), row('a', 3, 4)]);
  expect(rows).toEqual([
    { mark: 'a', hits: 4, runs: 8 },
    { mark: 'b', hits: 0, runs: 2 },
  ]);
  expect(coverageLines(rows)).toContain('a  in  50 %, not in  50 % of 8 runs\n');
  expect(coverageLines(rows)).toContain('NEVER');
});

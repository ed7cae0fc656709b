/** Every class of fault fires in at least a fifth of the seeds of the swarm, and is off in at least a fifth. */
import { describe, expect, test } from 'vitest';
import { judgeCoverage } from '../../reports/coverage.ts';
import { openTarget } from '../../scenarios/attach/targets.ts';
import { executeCase } from '../../scenarios/runner/execute.ts';
import { scenarios } from '../../scenarios/suites/ack/index.ts';
import { FAULT_CLASSES, FAULT_CLASS_NAMES } from '../../sim/index.ts';
import type { FaultClass, FaultClassRow } from '../../sim/index.ts';

/** Nobody in this swarm has files: FIL-D3SK draws those. */
const OF_DISKS: readonly (string | undefined)[] = ['storing', 'tearable'];
const strikes = (name: FaultClass): string | undefined => (FAULT_CLASSES[name] as FaultClassRow).strikes;

const RUNS = 120;
const swarm = scenarios.find(({ id }) => id === 'ACK-W3FT')!;

describe('the swarm over ACK', () => {
  test(
    'draws every class of fault on and off, heals a core that is apart in a fifth of the runs, and sees calls fail and succeed',
    { timeout: 60_000 },
    async () => {
      const { failure, coverage = [] } = await executeCase(swarm, openTarget('sim'), { seed: 2, runs: RUNS });
      expect(failure).toBeUndefined();
      const classes = coverage.filter(({ kind }) => kind === 'fault');
      expect(classes.map(({ mark }) => mark)).toEqual(
        FAULT_CLASS_NAMES.filter((name) => !OF_DISKS.includes(strikes(name))),
      );
      expect(judgeCoverage(coverage).filter(({ problem }) => problem !== undefined)).toEqual([]);
      const apart = coverage.find(({ mark }) => mark === 'the core was apart when it was healed');
      expect(apart?.hits).toBeGreaterThanOrEqual(RUNS / 5);
    },
  );
});

/** Parity: the simulator and real sockets give the same class of outcome, and a difference is seen. */
import { describe, expect, test } from 'vitest';
import { scenario } from '../../scenarios/api.ts';
import type { Stage } from '../../scenarios/api.ts';
import { openTarget } from '../../scenarios/attach/targets.ts';
import { compareParity } from '../../scenarios/cli/run-parity.ts';
import { executeCase } from '../../scenarios/runner/execute.ts';
import { compareTargets, differs, parityLines } from '../../scenarios/runner/parity.ts';
import { loadScenarios, planRun, tagsOf } from '../../scenarios/runner/plan.ts';
import { runSuites } from '../../scenarios/runner/run.ts';
import type { RunOptions } from '../../scenarios/runner/run.ts';
import { loadSpec } from '../../scenarios/runner/spec-files.ts';
import type { CaseVerdict } from '../../reports/model.ts';

/** Cheap suites in which connections are made, refused, pushed out, lost and closed; the whole of it is `esf run --parity`. */
const SUITES = ['smoke', 'logon', 'query', 'relogon'];

test(
  'every tagged case of these suites gives the same outcome class on both targets',
  { timeout: 120_000 },
  async () => {
    const options: RunOptions = {
      selection: { suites: SUITES, tags: ['parity'], targets: ['sim', 'loopback'] },
      spec: loadSpec(),
      seed: 1,
      runs: 2,
      jobs: 2,
      header: { version: '0.0.0', command: 'esf run', startedAt: '2025-06-15T00:00:00.000Z' },
    };
    const { log } = await runSuites(options);
    const rows = await compareParity(log, options);
    expect(rows.length).toBeGreaterThan(35);
    expect(parityLines(rows.filter(differs))).toBe('parity: 0 cases compared on sim and loopback, no difference\n');
    // Nothing observed would be equal everywhere.
    const silent = log.verdicts.filter(({ observed = [] }) => observed.length === 0).map((each) => each.case);
    expect(new Set(silent).size).toBeLessThan(rows.length / 4);
  },
);

test('the tag is on every case for both targets that does not say why not, and selects', async () => {
  const loaded = await loadScenarios();
  const untagged = loaded.filter(({ scenario: each }) => !tagsOf(each).includes('parity'));
  for (const { scenario: each } of untagged) {
    const isOnOne = each.targets !== undefined && !(each.targets.includes('sim') && each.targets.includes('loopback'));
    expect(isOnOne || (each.noParity ?? '') !== '', each.id).toBe(true);
  }
  expect(loaded.length - untagged.length).toBeGreaterThan(300);
  const units = planRun(loaded, { targets: ['loopback'], tags: ['parity'] }, () => 'MUST');
  expect(units).toHaveLength(loaded.length - untagged.length);
});

describe('a difference that is planted', () => {
  async function compared(body: (stage: Stage) => Promise<void>) {
    const verdicts: CaseVerdict[] = [];
    for (const target of ['sim', 'loopback'] as const) {
      const runner = openTarget(target);
      const planted = scenario({ id: 'TST-0001', title: 'a case', clauses: ['CUS-002'], kind: 'example', run: body });
      const result = await executeCase(planted, runner, { seed: 1 });
      await runner.close();
      verdicts.push({ ...result, case: 'TST-0001', target } as unknown as CaseVerdict);
    }
    return compareTargets(verdicts);
  }

  test('in the outcome and its clause is seen', async () => {
    const [row] = await compared((stage) => {
      stage.check(stage.target === 'sim', 'CUS-002', 'planted');
      return Promise.resolve();
    });
    expect(row).toEqual({ case: 'TST-0001', onlySim: ['outcome pass'], onlyLoopback: ['outcome fail by CUS-002'] });
  });

  test('in how a connection ended is seen, and in what nobody may rely on is not', async () => {
    const same = await compared(async (stage) => {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice', { autoReconnect: false });
      for (let n = stage.target === 'sim' ? 1 : 3; n > 0; n -= 1) await alice.send(null, 7, stage.payload());
      await server.waitFor('information');
      await stage.net.fault({ fault: 'reset', host: alice.host });
      await alice.waitFor('connectionInterrupted');
      await server.waitFor('someOneDisconnected');
    });
    expect([same.length, same.filter(differs)]).toEqual([1, []]);
    const rows = await compared(async (stage) => {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice', { autoReconnect: false });
      const bob = await stage.loggedOn(server, 'bob');
      if (stage.target === 'sim') await stage.net.fault({ fault: 'reset', host: alice.host });
      else await bob.basic({ verb: 'kickOut', userID: 'alice' });
      await server.waitFor('someOneDisconnected');
    });
    expect(rows[0]?.onlySim).toContain('server: someOneDisconnected alice NetworkInterrupted');
    expect(rows[0]?.onlyLoopback.join()).toMatch(/someOneDisconnected alice (?!NetworkInterrupted)/);
    expect(parityLines(rows)).toContain('parity: 1 cases compared on sim and loopback, 1 DIFFER\n');
  });
});

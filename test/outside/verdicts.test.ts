/**
 * Verdicts of programs on simulated hosts: the reference gets those it gets without lines, a planted fault is named by the
 * same clause as on real sockets, a simple client fails, and runs repeat exactly.
 */
import { describe, expect, test, vi } from 'vitest';
import type { CaseVerdict } from '../../reports/model.ts';
import { AdapterPool } from '../../scenarios/attach/exec-pool.ts';
import { adapterEnvironment } from '../../scenarios/attach/exec-command.ts';
import { validate } from '../../scenarios/attach/exec-validate.ts';
import { openTarget } from '../../scenarios/attach/targets.ts';
import { runSuites } from '../../scenarios/runner/run.ts';
import { loadSpec } from '../../scenarios/runner/spec-files.ts';
import { PYTHON, SIMPLE, fileOf, reference, validateOutside } from './outside.ts';

// A busy machine takes its time to load suites; virtual time does not care.
vi.setConfig({ testTimeout: 60_000 });

const spec = loadSpec();
const HEADER = { version: '0', command: 'test', startedAt: '2025-01-01T00:00:00Z' };
const planted = (fault: string): string[] => ['python3', fileOf('test/clients/python/planted.py'), fault];

/** One row a case: what came of it. */
function rows(verdicts: readonly CaseVerdict[]): readonly string[] {
  return verdicts.map(
    (each) => `${each.case} ${each.outcome} ${each.failure?.clause ?? ''} ${each.failure?.message ?? ''}`,
  );
}

describe('the reference engine behind lines', () => {
  test('gets the verdicts that it gets without them', async () => {
    const suites = ['smoke', 'heartbeat'];
    const { log } = await validateOutside(reference(), { suites, runs: 2 });
    const within = await runSuites({
      selection: { targets: ['sim'], suites, cases: log.verdicts.map((each) => each.case) },
      ownRunners: { sim: { runner: openTarget('sim'), concurrency: 1 } },
      spec,
      seed: 1,
      runs: 2,
      jobs: 1,
      header: HEADER,
    });
    expect(log.verdicts.length).toBeGreaterThanOrEqual(10);
    expect([...rows(log.verdicts)].sort()).toEqual([...rows(within.log.verdicts)].sort());
    expect(new Set(log.verdicts.map((each) => each.outcome))).toEqual(new Set(['pass']));
  });
});

describe('a fault planted in the Python client', () => {
  test.each([
    ['wrong-ack-id', 'ACK-2N7B', 'ACK-011'],
    ['no-heartbeat', 'HBT-1A2C', 'HBT-001'],
  ])('%s: %s names the same clause as on real sockets', async (fault, id, clause) => {
    // Of the property the first plan alone, as it is.
    const of = { cases: [id], suites: [id.startsWith('ACK') ? 'ack' : 'heartbeat'], path: '0' };
    const simulated = await validateOutside(planted(fault), of);
    const real = await onRealSockets([...planted(fault), 'real'], of);
    const [there] = simulated.log.verdicts;
    expect([there?.target, there?.outcome, there?.failure?.clause]).toEqual(['sim', 'fail', clause]);
    expect([real?.target, real?.outcome, real?.failure?.clause]).toEqual(['exec', 'fail', clause]);
  });
});

async function onRealSockets(
  command: readonly string[],
  of: { readonly cases: readonly string[]; readonly suites: readonly string[]; readonly path: string },
): Promise<CaseVerdict | undefined> {
  const pool = new AdapterPool({ command, env: adapterEnvironment(process.env), suite: 'test' });
  try {
    const hello = await pool.open();
    const about = { pool, hello, spec, seed: 1, jobs: 1, timeFactor: 0.03, repetitionsMax: 0, header: HEADER };
    const { log } = await validate({ ...about, ...of, reproStart: 'npx esf validate' });
    return log.verdicts[0];
  } finally {
    await pool.close();
  }
}

describe('a run in virtual time', () => {
  test('is the same run in another process', async () => {
    const [cases, suites] = [
      ['ACK-AXFK', 'RCN-2B4F'],
      ['ack', 'reconnect'],
    ];
    const [first, second] = [
      await validateOutside(PYTHON, { cases, suites, runs: 2, checkDeterminism: true }),
      await validateOutside(PYTHON, { cases, suites, runs: 2 }),
    ];
    expect(rows(first.log.verdicts)).toEqual(cases.map((id) => expect.stringMatching(`^${id} pass`) as string));
    expect(second.log.verdicts.map((each) => each.digest)).toEqual(first.log.verdicts.map((each) => each.digest));
    expect(first.log.footer?.digest).toMatch(/^[0-9a-f]{16}$/);
  });

  test('of a program that draws without its seed is not, and the first event that differs is named', async () => {
    const { log } = await validateOutside(planted('draws-without-seed'), {
      cases: ['RCN-2B4F'],
      suites: ['reconnect'],
      runs: 1,
      checkDeterminism: true,
    });
    const [verdict] = log.verdicts;
    expect(verdict?.outcome).toBe('harness-fault');
    expect(verdict?.failure?.message).toMatch(/two runs of one plan and one seed are not one run .* line timer/);
  });

  test('repeats a failure from the path that was printed', async () => {
    const first = (await validateOutside(SIMPLE, { cases: ['QRY-7D4T'], suites: ['query'], runs: 5 })).log.verdicts[0];
    expect(first?.outcome).toBe('fail');
    const path = / --path ([0-9:]+)$/.exec(first?.repro ?? '')?.[1] ?? '';
    const again = (await validateOutside(SIMPLE, { cases: ['QRY-7D4T'], suites: ['query'], path })).log.verdicts[0];
    expect(again?.failure?.message).toBe(first?.failure?.message);
    expect(again?.failure?.worldDigest).toBe(first?.failure?.worldDigest);
  });
});

test('a client without reconnect fails what asks for it, and passes what it can', async () => {
  const { log } = await validateOutside(SIMPLE, { suites: ['smoke', 'reconnect'], runs: 1 });
  const outcomes = (area: string): readonly string[] =>
    log.header.planned
      .filter((row) => row.area === area)
      .map((row) => log.verdicts.find((each) => each.case === row.case)!.outcome);
  expect(new Set(outcomes('smoke'))).toEqual(new Set(['pass']));
  expect(outcomes('reconnect').filter((outcome) => outcome === 'pass')).toEqual([]);
  const clauses = log.verdicts.flatMap((each) => each.failure?.clause ?? []);
  expect(clauses).toContain('RCN-001');
});

/** Validation runs: the reference is conformant, every kind of misbehaviour gets its verdict, and no planned case goes without. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { CaseVerdict } from '../../reports/model.ts';
import { readLog } from '../../reports/index.ts';
import type { AdapterOptions } from '../../scenarios/attach/exec-adapter.ts';
import { AdapterPool, RESTARTS_MAX } from '../../scenarios/attach/exec-pool.ts';
import { validate } from '../../scenarios/attach/exec-validate.ts';
import type { ValidateOptions, ValidateResult } from '../../scenarios/attach/exec-validate.ts';
import { loadSpec } from '../../scenarios/runner/spec-files.ts';
import { referenceOptions, tamperedOptions } from './fakes.ts';

const spec = loadSpec();
const folder = mkdtempSync(join(tmpdir(), 'esf-validate-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Extra = Partial<ValidateOptions> & { readonly onPool?: (pool: AdapterPool) => void };

async function run(adapter: AdapterOptions, extra: Extra = {}): Promise<ValidateResult> {
  const pool = new AdapterPool(adapter);
  try {
    const hello = await pool.open();
    extra.onPool?.(pool);
    const header = { version: '0', command: 'test', startedAt: '2025-01-01T00:00:00Z' };
    return await validate({
      pool,
      hello,
      spec,
      seed: 1,
      jobs: 2,
      timeFactor: 0.03,
      repetitionsMax: 0,
      reproStart: 'npx esf validate',
      header,
      ...extra,
    });
  } finally {
    await pool.close();
  }
}

async function verdictOf(mode: string, id: string): Promise<CaseVerdict> {
  const { log } = await run(tamperedOptions(mode), { cases: [id] });
  expect(log.verdicts).toHaveLength(1);
  return log.verdicts[0]!;
}

describe('the reference engine behind its adapter', () => {
  test('passes the smoke suite, alone and among reference clients', async () => {
    const logFile = join(folder, 'reference.ndjson');
    const { log, complete, restarts, conformance } = await run(referenceOptions(), { suites: ['smoke'], logFile });
    expect(log.verdicts.filter(({ outcome }) => outcome !== 'pass')).toEqual([]);
    expect(log.verdicts.length).toBeGreaterThanOrEqual(6);
    expect({ complete, restarts, conformance }).toEqual({ complete: true, restarts: 0, conformance: undefined });
    const read = readLog(readFileSync(logFile, 'utf8')).log;
    expect(read.verdicts).toEqual(log.verdicts);
    expect(read.footer?.complete).toBe(true);
  });

  test('decodes and encodes every vector', async () => {
    const { log } = await run(referenceOptions(), { suites: ['vectors'] });
    expect(
      log.verdicts.filter(({ outcome }) => outcome !== 'pass').map((verdict) => [verdict.case, verdict.failure]),
    ).toEqual([]);
    expect(log.verdicts.length).toBeGreaterThan(400);
  });
});

describe.concurrent('what a client does wrong is a verdict with its clause', () => {
  test.each([
    ['flips-a-bit', 'SMK-7M3E', /./],
    ['loses-events', 'SMK-7M3E', /./],
    ['tells-twice', 'SMK-7M3E', /./],
    ['says-connected', 'SMK-5H9D', /connected is true after a refused logon/],
    ['succeeds-always', 'SMK-5H9D', /wrong answer to a refused logon/],
  ])('%s', async (mode, id, message) => {
    const verdict = await verdictOf(mode, id);
    expect(verdict.failure?.message).toMatch(message);
    expect(verdict.outcome).toBe('fail');
    expect(verdict.status).toBe('red');
    expect(verdict.repro).toBe(`npx esf validate --case ${id} --seed 1`);
  });

  test('an adapter that cannot do what it declared has declined', async () => {
    const verdict = await verdictOf('cannot-query', 'SMK-2Q7C');
    expect([verdict.outcome, verdict.reason], JSON.stringify(verdict.failure)).toEqual([
      'declined',
      'query: the library has no queries',
    ]);
  });

  test('also where the scenario expected a refusal, for that is none', async () => {
    const verdict = await verdictOf('cannot-query', 'QRY-AG2X');
    expect([verdict.outcome, verdict.reason], JSON.stringify(verdict.failure)).toEqual([
      'declined',
      'query: the library has no queries',
    ]);
  });

  test('what is not declared does not apply', async () => {
    const verdict = await verdictOf('declares-little', 'SMK-2Q7C');
    expect([verdict.outcome, verdict.reason]).toEqual(['not-applicable', 'the adapter does not declare "query"']);
  });

  test("a fault is the adapter's", async () => {
    const verdict = await verdictOf('faults-on-send', 'SMK-8K2B');
    expect([verdict.outcome, verdict.status]).toEqual(['adapter-fault', 'purple']);
    expect(verdict.failure?.message).toBe('send was answered with a fault: TypeError: cannot send');
  });

  test('a verb that is never answered is a timeout', async () => {
    const verdict = await verdictOf('never-answers-queries', 'SMK-2Q7C');
    expect(verdict.outcome).toBe('timeout');
    expect(verdict.failure?.message).toMatch(/no reply to query of instance "c\d+" within/);
  });

  test('a decoder that takes anything fails the vectors', async () => {
    const verdict = await verdictOf('decodes-all', 'vector:scalars/bool-2');
    expect(verdict.failure?.message).toBe('bytes that are no valid encoding are accepted');
  });
});

describe('a process that dies', () => {
  test('costs its own case only, and after ten replacements the rest is not run', async () => {
    const { log, complete, restarts } = await run(tamperedOptions('dies-at-every-logon'), {
      suites: ['smoke'],
      jobs: 1,
    });
    expect(complete).toBe(true);
    expect(log.verdicts).toHaveLength(log.header.planned.length);
    const outcomes = new Set(log.verdicts.map(({ outcome }) => outcome));
    expect([...outcomes].sort()).toEqual(log.verdicts.length > RESTARTS_MAX + 1 ? ['crash', 'not-run'] : ['crash']);
    expect(log.verdicts[0]!.failure?.message).toMatch(/ended with signal SIGKILL while logon waited/);
    expect(log.verdicts[0]!.failure?.stderr).toContain('dying at logon 1');
    expect(restarts).toBe(Math.min(RESTARTS_MAX, log.verdicts.length - 1));
  });

  test('killed from outside at any moment, the report is complete', async () => {
    let pool: AdapterPool | undefined;
    let kills = 0;
    const kill = (): void => {
      for (const pid of pool?.pids ?? []) process.kill(pid, 'SIGKILL');
      kills++;
    };
    const { log, complete } = await run(referenceOptions(), {
      suites: ['smoke'],
      onPool: (opened) => (pool = opened),
      onStarted: () => {
        if (kills < 3) setTimeout(kill, 5 * kills);
      },
    });
    expect(complete).toBe(true);
    expect(kills).toBe(3);
    expect(log.verdicts.map((verdict) => verdict.case)).toEqual(log.header.planned.map((row) => row.case));
    const outcomes = log.verdicts.map(({ outcome }) => outcome);
    expect(outcomes).toContain('pass');
    expect(outcomes.filter((outcome) => outcome !== 'pass' && outcome !== 'crash')).toEqual([]);
  });
});

/** Whole runs through real workers: digests, logs, skips, bail, interruption. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readLog } from '../../reports/index.ts';
import type { RunEvent } from '../../reports/index.ts';
import type { ExpectationEntry } from '../../scenarios/runner/expectations.ts';
import { openLog } from '../../scenarios/runner/ndjson.ts';
import { SelectionError } from '../../scenarios/runner/plan.ts';
import { runSuites } from '../../scenarios/runner/run.ts';
import type { RunOptions } from '../../scenarios/runner/run.ts';
import { loadSpec } from '../../scenarios/runner/spec-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'esf-run-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fakeWorker = new URL('./fixtures/worker-of-smoke.js', import.meta.url);

function options(more: Partial<RunOptions> = {}): RunOptions {
  return {
    selection: { suites: ['smoke'], targets: ['sim'] },
    spec: loadSpec(),
    seed: 1,
    jobs: 1,
    header: { version: '0.0.0', command: 'esf run', startedAt: '2025-06-15T00:00:00.000Z' },
    ...more,
  };
}

const fake = (more: Partial<RunOptions> = {}): RunOptions => options({ workerEntry: fakeWorker, ...more });

test('the digest is the same for one worker and for two, and differs for another seed', async () => {
  const one = await runSuites(options());
  const two = await runSuites(options({ jobs: 2 }));
  const other = await runSuites(options({ seed: 2 }));
  expect(one.log.verdicts.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 6 }, () => 'pass'));
  expect(two.log.footer?.digest).toBe(one.log.footer?.digest);
  expect(two.log.verdicts.map(({ digest }) => digest)).toEqual(one.log.verdicts.map(({ digest }) => digest));
  expect(other.log.footer?.digest).not.toBe(one.log.footer?.digest);
});

describe('the log', () => {
  const logPath = join(folder, 'run.ndjson');

  test('says the same as the result, and reads back without a complaint', async () => {
    const { log } = await runSuites(fake({ logPath }));
    const read = readLog(readFileSync(logPath, 'utf8'));
    expect(read.problems).toEqual([]);
    expect(read.log.verdicts).toEqual(log.verdicts);
    expect(read.log.footer).toEqual(log.footer);
    expect(read.log.header).toEqual(log.header);
  });

  test('that was cut anywhere still gives every planned verdict', async () => {
    await runSuites(fake({ logPath }));
    const whole = readFileSync(logPath, 'utf8');
    const headerEnd = whole.indexOf('\n');
    for (let at = headerEnd + 1; at < whole.length - 1; at += 97) {
      const { log, problems } = readLog(whole.slice(0, at));
      expect(log.verdicts).toHaveLength(6);
      expect(log.footer).toBeUndefined();
      expect(problems.length).toBeGreaterThan(0);
    }
  });

  test('keeps every line that was written before the process was killed', () => {
    const path = join(folder, 'killed.ndjson');
    const script = join(folder, 'killed.mts');
    const module = new URL('../../scenarios/runner/ndjson.ts', import.meta.url).href;
    const lines = 50;
    writeFileSync(
      script,
      `import { openLog } from ${JSON.stringify(module)};
       const log = openLog(${JSON.stringify(path)});
       for (let at = 0; at < ${lines}; at++) log.write({ kind: 'start', case: 'C' + at, target: 'sim', atMillis: at });
       process.kill(process.pid, 'SIGKILL');`,
    );
    const child = spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), script]);
    expect(child.signal).toBe('SIGKILL');
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(lines);
  });

  test('a closed log takes no more lines', () => {
    const path = join(folder, 'closed.ndjson');
    const log = openLog(path);
    const event: RunEvent = { kind: 'start', case: 'C', target: 'sim', atMillis: 1 };
    log.write(event);
    log.close();
    log.close();
    log.write(event);
    expect(readFileSync(path, 'utf8')).toBe(`${JSON.stringify(event)}\n`);
  });
});

describe('what is expected', () => {
  const known = (message?: string): readonly ExpectationEntry[] => [
    {
      case: 'SMK-4W1A',
      expectation: message === undefined ? { kind: 'known-failing' } : { kind: 'known-failing', message },
    },
  ];

  test('a skipped case is not run, and grey', async () => {
    const expectations = [{ case: 'SMK-4W1A', expectation: { kind: 'skip', reason: 'not yet' } }] as const;
    const { log } = await runSuites(fake({ expectations }));
    expect(log.verdicts.find((each) => each.case === 'SMK-4W1A')).toMatchObject({
      outcome: 'not-run',
      status: 'grey',
      reason: 'not yet',
    });
  });

  test('a known failure that passes is red and says why', async () => {
    const { log } = await runSuites(fake({ expectations: known() }));
    const verdict = log.verdicts.find((each) => each.case === 'SMK-4W1A');
    expect(verdict).toMatchObject({
      outcome: 'pass',
      status: 'red',
      reason: expect.stringContaining('remove the entry') as string,
    });
  });

  test('an entry for a case that does not exist stops the run before it starts', async () => {
    const expectations = [{ case: 'SMK-XXXX', expectation: { kind: 'skip', reason: 'x' } }] as const;
    await expect(runSuites(fake({ expectations, selection: { targets: ['sim'] } }))).rejects.toThrow(
      /no case SMK-XXXX/,
    );
  });
});

test('bail starts nothing after the first unexpected verdict, and says so', async () => {
  const { log, complete } = await runSuites(fake({ bail: true, seed: 666 }));
  const outcomes = log.verdicts.map(({ outcome }) => outcome);
  expect(outcomes[0]).toBe('fail');
  expect(outcomes.filter((outcome) => outcome === 'not-run').length).toBeGreaterThan(2);
  expect(complete).toBe(true);
});

test('a path needs exactly one case on one target', async () => {
  await expect(runSuites(fake({ path: '0' }))).rejects.toThrow(SelectionError);
});

test('an ended run closes its log with complete: false', async () => {
  const logPath = join(folder, 'ended.ndjson');
  const end = new AbortController();
  const { complete } = await runSuites(fake({ logPath, signal: end.signal, onVerdict: () => end.abort() }));
  expect(complete).toBe(false);
  const { log } = readLog(readFileSync(logPath, 'utf8'));
  expect(log.footer?.complete).toBe(false);
  expect(log.verdicts.some(({ outcome }) => outcome === 'not-run')).toBe(true);
});

test('a caller may run a target in its own thread', async () => {
  const seen: string[] = [];
  const runner = {
    target: 'exec',
    run: (_options: unknown, each: { id: string }) => {
      seen.push(each.id);
      return Promise.resolve({ steps: [] });
    },
    close: () => Promise.resolve(),
  } as const;
  const selection = { suites: ['smoke'], targets: ['exec'] } as const;
  const { log } = await runSuites(options({ selection, ownRunners: { exec: { runner, concurrency: 2 } } }));
  expect(new Set(seen).size).toBe(6);
  expect(log.verdicts.every(({ status }) => status === 'green')).toBe(true);
});

describe('the command', () => {
  const main = new URL('../../scenarios/cli/run.ts', import.meta.url).href;
  const script = join(folder, 'cli.mts');
  writeFileSync(
    script,
    `import { Command } from ${JSON.stringify(import.meta.resolve('commander'))};
     const { register } = await import(${JSON.stringify(main)});
     const program = new Command('esf');
     register(program);
     await program.parseAsync(process.argv.slice(2), { from: 'user' });`,
  );
  const argv = (...words: string[]): string[] => ['--import', import.meta.resolve('tsx'), script, 'run', ...words];

  test('--json prints one object with the fields scripts rely on', () => {
    const report = join(folder, 'report');
    const child = spawnSync(
      process.execPath,
      argv('--case', 'SMK-2Q7C', '--target', 'sim', '--json', '--report', report),
      { encoding: 'utf8' },
    );
    expect(child.status).toBe(0);
    expect(JSON.parse(child.stdout)).toMatchObject({
      planned: 1,
      passed: 1,
      failed: 0,
      report: join(report, 'report.html'),
      verdicts: [{ case: 'SMK-2Q7C', target: 'sim', outcome: 'pass', status: 'green', seed: 1, runs: 1 }],
    });
    expect(child.stderr).not.toContain('\x1b');
  });

  test('SIGINT ends the run with exit code 4 and a log that says so', async () => {
    const report = join(folder, 'interrupted');
    const child = spawn(
      process.execPath,
      argv('--case', 'SMK-3T6F', '--target', 'sim', '--runs', '1000000', '--report', report),
      { stdio: 'ignore' },
    );
    const log = (): string => readFileSync(join(report, 'run.ndjson'), 'utf8');
    await expect
      .poll(
        () => {
          try {
            return log();
          } catch {
            return '';
          }
        },
        { timeout: 15_000 },
      )
      .toContain('"kind":"start"');
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(4);
    expect(readLog(log()).log.footer?.complete).toBe(false);
    expect(readFileSync(join(report, 'report.html'), 'utf8')).toContain('SMK-3T6F');
  });
});

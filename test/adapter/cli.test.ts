/** The two commands as programs: exit codes, one sentence for what is wrong, one JSON object for scripts. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { readLog } from '../../reports/index.ts';
import { compiled } from './compiled.ts';
import { fakeOptions, referenceOptions, tamperedOptions } from './fakes.ts';

const MAIN = compiled(fileURLToPath(new URL('../../scenarios/cli/main.ts', import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'esf-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

function esf(...words: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

const quoted = ({ command }: { readonly command: readonly string[] }): string =>
  command.map((word) => `'${word}'`).join(' ');

describe.concurrent('esf validate', () => {
  test('a command that does not exist: one sentence, exit 3', async () => {
    const { code, stdout, stderr } = await esf('validate', '--adapter', 'no-such-program --x', '--no-report');
    expect(stderr).toBe(
      'esf: the adapter cannot be started: there is no program "no-such-program" (nor on the PATH)\n',
    );
    expect([code, stdout]).toEqual([3, '']);
  });

  test('a program that is no adapter: what it wrote is shown, exit 3', async () => {
    const { code, stderr } = await esf('validate', '--adapter', quoted(fakeOptions('exits-at-once')), '--no-report');
    expect(stderr).toMatch(
      /^esf: the adapter ended with exit code 7 while hello waited for a reply\nlast lines of its standard error:\n {2}first line of trouble\n/,
    );
    expect(code).toBe(3);
  });

  test.each([
    [['validate'], /required option '--adapter <command>'/],
    [['validate', '--adapter', 'x "y'], /open " quote/],
    [
      ['validate', '--adapter', 'x', '--simulated', '--time-factor', '1'],
      /--time-factor is about real time .* leave out/,
    ],
    [['validate', '--adapter', 'x', '--runs', '3'], /--runs needs --simulated: .* leave out one of them/],
    [['validate', '--adapter', 'x', '--time-factor', '0'], /number from 0\.01 to 1/],
    [['adapter-check', '--adapter', ' '], /is empty/],
  ])('%j is a usage error, exit 2', async (words, message) => {
    const { code, stderr } = await esf(...words);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });

  test('a case that passes: one JSON object, reports, exit 0', async () => {
    const report = join(folder, 'good');
    const words = [
      'validate',
      '--adapter',
      quoted(referenceOptions()),
      '--case',
      'SMK-4W1A',
      '--json',
      '--report',
      report,
    ];
    const { code, stdout } = await esf(...words);
    const result = JSON.parse(stdout) as Record<string, unknown>;
    expect(result).toMatchObject({ planned: 1, passed: 1, failed: 0, complete: true, restarts: 0, conformance: null });
    expect(result).toMatchObject({ implementation: { language: 'TypeScript' }, report: join(report, 'report.html') });
    expect(readdirSync(report).sort()).toEqual([
      'badge.json',
      'badge.svg',
      'junit.xml',
      'report.html',
      'run.ndjson',
      'summary.md',
    ]);
    expect(code).toBe(0);
  });

  test('an adapter that dies in every case: a complete report, exit 3', async () => {
    const report = join(folder, 'dying');
    const words = [
      'validate',
      '--adapter',
      quoted(tamperedOptions('dies-at-every-logon')),
      '--suite',
      'smoke',
      '--report',
      report,
    ];
    const { code, stdout } = await esf(...words);
    const { log } = readLog(readFileSync(join(report, 'run.ndjson'), 'utf8'));
    expect(log.verdicts.map(({ outcome }) => outcome)).toEqual(log.header.planned.map(() => 'crash'));
    expect(log.footer?.complete).toBe(true);
    expect(stdout).toMatch(/The adapter was restarted \d+ times\./);
    expect(code).toBe(3);
  });

  test('a client that is wrong: exit 1', async () => {
    const { code } = await esf(
      'validate',
      '--adapter',
      quoted(tamperedOptions('succeeds-always')),
      '--case',
      'SMK-5H9D',
      '--no-report',
    );
    expect(code).toBe(1);
  });
});

describe.concurrent('esf adapter-check', () => {
  test('a sound adapter: exit 0', async () => {
    const { code, stdout } = await esf(
      'adapter-check',
      '--adapter',
      quoted(fakeOptions('good')),
      '--timeout-factor',
      '3',
    );
    expect(stdout).toMatch(/The adapter of fake 0 is sound: \d+ passed, 0 failed/);
    expect(code).toBe(0);
  });

  test('a broken one: what to fix, exit 3, also as one JSON object', async () => {
    const words = ['adapter-check', '--adapter', quoted(fakeOptions('ok-to-nonsense')), '--timeout-factor', '3'];
    const people = await esf(...words);
    expect(people.stdout).toMatch(
      /✗ +6 {2}A verb that does not exist is unsupported\n +seen .*\n +fix .*never ok\. \(chapter 20, section 2\)/,
    );
    const scripts = await esf(...words, '--json');
    const { failed, checks } = JSON.parse(scripts.stdout) as { failed: number; checks: { status: string }[] };
    expect(failed).toBeGreaterThan(0);
    expect(checks.filter(({ status }) => status === 'fail')).toHaveLength(failed);
    expect([people.code, scripts.code]).toEqual([3, 3]);
  });
});

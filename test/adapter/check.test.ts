/** adapter-check: the reference passes everything, and every broken adapter is told what to fix. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AdapterOptions } from '../../scenarios/attach/exec-adapter.ts';
import { CheckRun } from '../../scenarios/attach/exec-check.ts';
import type { CheckReport } from '../../scenarios/attach/exec-check.ts';
import { allChecks } from '../../scenarios/attach/exec-check-end.ts';
import { startCheckServer } from '../../scenarios/attach/exec-check-server.ts';
import type { CheckServer } from '../../scenarios/attach/exec-check-server.ts';
import { fakeOptions, referenceOptions, tamperedOptions } from './fakes.ts';

let server: CheckServer;
beforeAll(async () => void (server = await startCheckServer(3)));
afterAll(() => server.close());

/** With more patience than a user has, so that a busy machine finds no faults that are not there. */
function check(adapter: AdapterOptions, timeoutFactor = 3): Promise<CheckReport> {
  const options = { ...adapter, timeoutFactor };
  return new CheckRun(options, server, () => undefined).run(allChecks(options));
}

test('the reference passes every check', async () => {
  const report = await check(referenceOptions());
  expect(report.results.filter(({ status }) => status !== 'pass')).toEqual([]);
  expect(report.passed).toBeGreaterThanOrEqual(20);
  expect(report.wallMillis).toBeLessThan(15_000);
});

test('a codec-only adapter is sound; what it does not declare is skipped', async () => {
  const report = await check(fakeOptions('good'));
  expect(report.results.filter(({ status }) => status !== 'pass' && status !== 'skipped')).toEqual([]);
  expect(report.skipped).toBeGreaterThan(10);
});

/** These are about waiting in vain. */
const PATIENCE: Readonly<Record<string, number>> = {
  'never-answers': 0.5,
  'hangs-at-bye': 2,
  'silent-on-garbage': 1.5,
  'ignores-end-of-input': 1.5,
};

describe.concurrent('each fault is found by the check that is for it, with its remedy', () => {
  test.each([
    ['exits-at-once', 'The adapter starts and answers hello', /ended with exit code 7/, /Write one line/],
    [
      'prints-a-banner',
      'The adapter starts and answers hello',
      /"Acme adapter 1\.0 starting up"/,
      /nothing else on standard output/,
    ],
    ['never-answers', 'The adapter starts and answers hello', /no reply to hello within 1\.25 s/, /flush it/],
    ['protocol-as-text', 'hello names protocol 1', /must be integer, not "1"/, /a number/],
    ['other-protocol', 'hello names protocol 1', /it says 2/, /"protocol":1/],
    ['misspelt-feature', 'hello declares known features, each once', /not "heart-beat"/, /spelling/],
    ['no-concurrency', 'hello says how many copies may run at once', /at least 1/, /1 is always safe/],
    ['ok-to-nonsense', 'A verb that does not exist is unsupported', /answered with ok/, /never ok/],
    ['answers-unknown-id', 'A verb that does not exist is unsupported', /which was never asked/, /unsupported/],
    ['two-kinds', 'A verb that does not exist is unsupported', /exactly one of/, /unsupported/],
    ['unknown-instance-ok', 'An unknown instance is a fault', /answered with ok/, /no such instance/],
    [
      'dies-of-garbage',
      'A line that is not JSON is a fault, and the adapter goes on',
      /exit code 1/,
      /read the next line/,
    ],
    [
      'silent-on-garbage',
      'A line that is not JSON is a fault, and the adapter goes on',
      /nothing answered/,
      /"id":null/,
    ],
    ['short-lines-only', 'A line of 8 MiB is read', /ended with exit code 1/, /16 MiB/],
    ['exit-code-at-bye', 'bye is answered and ends the process with exit code 0', /exit code 5/, /exit with code 0/],
    [
      'hangs-at-bye',
      'bye is answered and ends the process with exit code 0',
      /still there a second later/,
      /within 3 seconds/,
    ],
    ['ignores-end-of-input', 'The end of standard input ends the process', /still there a second later/, /end of file/],
  ])('%s', async (mode, title, detail, fix) => {
    const report = await check(fakeOptions(mode), PATIENCE[mode]);
    const first = report.results.find(({ status }) => status === 'fail');
    expect(first?.title).toBe(title);
    expect(first?.detail).toMatch(detail);
    expect(first?.fix).toMatch(fix);
  });
});

test('an adapter that keeps silent costs five seconds at most', async () => {
  const report = await check(fakeOptions('never-answers'), 1);
  expect(report.wallMillis).toBeLessThan(5500);
  expect([report.failed, report.passed]).toEqual([1, 0]);
});

describe.concurrent('faults that need a client', () => {
  test.each([
    ['flips-a-bit', 'What the server sends is an event, in lowercase hex', /was sent, the event has/],
    ['loses-events', 'What the server sends is an event, in lowercase hex', /no event "information" came/],
    ['succeeds-always', 'A logon where nobody listens fails with E_CONNECT', /answered with ok/],
    ['says-connected', 'An instance opens, is not connected, and closes', /"connected":true/],
    ['cannot-query', "A query gives the answer's bytes", /answered with unsupported/],
    ['faults-on-send', 'close twice is ok, anything else on a closed instance is E_CLOSED', /answered with fault/],
  ])('%s', async (mode, title, detail) => {
    const first = (await check(tamperedOptions(mode))).results.find(({ status }) => status === 'fail');
    expect(first?.title).toBe(title);
    expect(first?.detail).toMatch(detail);
  });
});

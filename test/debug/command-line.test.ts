/** The command line of debugger and explorer: commands from a pipe, exit codes, and runs that are not the stored ones. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { debugRun } from '../../scenarios/cli/debug-run.ts';
import type { DebugRequest } from '../../scenarios/cli/debug-run.ts';
import { CliError, EXIT } from '../../scenarios/cli/output.ts';
import { findRun } from '../../scenarios/debug/find-run.ts';
import { loadScenarios } from '../../scenarios/runner/plan.ts';

const ROOT = join(import.meta.dirname, '../..');
const CASE = 'SMK-3T6F';

function esf(words: string, input = ''): { readonly status: number | null; readonly out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'bin/esf.js'), ...words.split(' ')], {
    input,
    encoding: 'utf8',
    cwd: ROOT,
  });
  return { status, out: stdout + stderr };
}

test('--step reads commands from a pipe, and the last line is where the run then stands', () => {
  const input = 'until state = ESTABLISHED and node = server\nback 2\nnonsense\nnext 2\nwhere\n';
  const { status, out } = esf(`run --case ${CASE} --seed 7 --step`, input);
  expect(status).toBe(EXIT.ok);
  const places = out.split('\n').filter((line) => line.includes('digest so far'));
  expect(places).toHaveLength(5);
  expect(places[3]).toBe(places[1]);
  expect(places[2]).not.toBe(places[1]);
  expect(places[4]).toBe(places[3]);
  expect(out).toContain('there is no command "nonsense"');
});

test('explore says that the budget ended before the space did', () => {
  const { status, out } = esf('explore --model tcp-open --packets 6 --schedules 3 --json --no-report');
  expect(status).toBe(EXIT.incomplete);
  expect(JSON.parse(out)).toMatchObject({ model: 'tcp-open', schedules: 3, isExhausted: false, failureCount: 0 });
});

/** What the command line gives, and what it printed. */
async function debug(
  flags: DebugRequest['flags'],
  stored?: DebugRequest['stored'],
): Promise<readonly [number, string]> {
  const lines: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
  }
  const selection = { suites: ['smoke'], targets: ['sim' as const], cases: [CASE] };
  const request = { selection, execute: { seed: 7 }, flags, ...(stored === undefined ? {} : { stored }) };
  const status = await debugRun(request).catch((error: unknown) => {
    if (!(error instanceof CliError)) throw error;
    lines.push(error.message);
    return error.exitCode;
  });
  return [status, lines.join('')];
}

afterEach(() => vi.restoreAllMocks());

test('a stop prints one JSON object; a condition that never holds, an event that never was and bad options are told apart', async () => {
  const [status, text] = await debug({ at: 40, json: true });
  const { stop, state, events } = JSON.parse(text) as { stop: object; state: { hosts: object[] }; events: object[] };
  expect([status, stop, events.length]).toEqual([EXIT.ok, expect.objectContaining({ eventCount: 41 }), 20]);
  expect(state.hosts).toHaveLength(3);
  expect(await debug({ break: 'kind = fault and node = nobody' })).toEqual([
    EXIT.verdict,
    expect.stringContaining('no event of the run fulfils'),
  ]);
  expect(await debug({ at: 100_000 })).toEqual([EXIT.usage, expect.stringMatching(/the run has \d+ events/)]);
  expect(await debug({ break: 'kind = nothing' })).toEqual([EXIT.usage, expect.stringContaining('there is no kind')]);
  expect(await debug({ step: true, json: true })).toEqual([EXIT.usage, expect.stringContaining('leave out --json')]);
});

test('a run that is not the stored one is named with the stretch of events, and why', async () => {
  const { scenario } = (await loadScenarios(['smoke'])).find((each) => each.scenario.id === CASE)!;
  const found = await findRun(scenario, { seed: 7 });
  const { checkpoints } = 'maker' in found ? found.result : { checkpoints: undefined };
  expect(checkpoints!.digests.length).toBeGreaterThan(1);
  const stored = { file: 'x.json', checkpoints: checkpoints! };
  expect((await debug({ at: 150 }, stored))[1]).toContain('as before up to event 127');
  const other = { ...checkpoints!, digests: checkpoints!.digests.with(1, '0000000000000000') };
  const [status, text] = await debug({ at: 150 }, { ...stored, checkpoints: other });
  expect(status).toBe(EXIT.fault);
  expect(text).toContain(
    'this run parts from the run stored in x.json between events 64 and 127; runs made now are alike',
  );
});

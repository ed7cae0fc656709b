/**
 * Equal plan and seed, equal digest: in one process twice, in a worker, in another process with another time zone, locale,
 * folder and environment, under a collector that is made to run all the time, without a compiler, and on other versions of
 * Node where `ESF_NODES` names them (paths of executables, separated by colons).
 *
 * Other processes run the build; `npm test` makes it before.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { openTarget } from '../../scenarios/attach/targets.ts';
import { executeCase } from '../../scenarios/runner/execute.ts';
import { loadScenarios } from '../../scenarios/runner/plan.ts';

/** Whole engines: logon, ACK under loss, reliable UDP, hole punching behind NATs, a cluster whose servers crash. */
const CASES = ['SMK-4W1A', 'ACK-AXFK', 'RUD-3C8M', 'P2P-4LNK', 'CON-5S8U', 'CLU-W0XG'];
/** A collector under stress takes ten times the time. */
const FEW_CASES = ['ACK-AXFK', 'RUD-3C8M'];
const OPTIONS = { seed: 3, runs: 2 };
const DIST = join(import.meta.dirname, '../../dist');
const PROCESS_MILLIS_MAX = 110_000;

type Digests = Readonly<Record<string, string | undefined>>;

async function digestsHere(): Promise<Digests> {
  const digests: Record<string, string | undefined> = {};
  for (const { scenario } of await loadScenarios()) {
    if (!CASES.includes(scenario.id)) continue;
    const result = await executeCase(scenario, openTarget('sim'), OPTIONS);
    expect(result.failure).toBeUndefined();
    digests[scenario.id] = result.digest;
  }
  return digests;
}

/** The same in the main thread of another process, from the build. */
const childOf = (cases: readonly string[]): string => `
const from = (file) => import(${JSON.stringify(`${pathToFileURL(DIST).href}/scenarios/`)} + file);
const [{ loadScenarios }, { executeCase }, { openTarget }] = await Promise.all(
  ['runner/plan.js', 'runner/execute.js', 'attach/targets.js'].map(from));
const digests = {};
for (const { scenario } of await loadScenarios()) {
  if (!${JSON.stringify(cases)}.includes(scenario.id)) continue;
  digests[scenario.id] = (await executeCase(scenario, openTarget('sim'), ${JSON.stringify(OPTIONS)})).digest;
}
console.log(JSON.stringify(digests));
`;

const execute = promisify(execFile);

async function digestsOf(
  flags: readonly string[],
  options: {
    readonly node?: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly cwd?: string;
    readonly cases?: readonly string[];
  } = {},
): Promise<Digests> {
  const { node = process.execPath, env = process.env, cwd = process.cwd(), cases = CASES } = options;
  const words = [...flags, '--input-type=module', '-e', childOf(cases)];
  const { stdout } = await execute(node, words, { env, cwd, timeout: PROCESS_MILLIS_MAX });
  return JSON.parse(stdout) as Digests;
}

async function digestsOfWorker(): Promise<Digests> {
  const cli = join(import.meta.dirname, '../../bin/esf.js');
  const words = ['run', '--case', CASES.join(','), '--target', 'sim', '--seed', '3', '--runs', '2', '--jobs', '1'];
  const { stdout } = await execute(process.execPath, [cli, ...words, '--no-report', '--json'], {
    timeout: PROCESS_MILLIS_MAX,
    maxBuffer: 2 ** 26,
  });
  const { verdicts } = JSON.parse(stdout) as { verdicts: { case: string; digest: string }[] };
  return Object.fromEntries(verdicts.map((verdict) => [verdict.case, verdict.digest]));
}

const reference = await digestsHere();

describe('equal plan and seed, equal digest', { timeout: 120_000 }, () => {
  test('of every case there is one', () => {
    expect(Object.keys(reference).sort()).toEqual([...CASES].sort());
    expect(new Set(Object.values(reference)).size).toBe(CASES.length);
    for (const digest of Object.values(reference)) expect(digest).toMatch(/^[0-9a-f]{16}$/);
  });

  test('twice in one process', async () => {
    expect(await digestsHere()).toEqual(reference);
  });

  test('in a worker', async () => {
    expect(await digestsOfWorker()).toEqual(reference);
  });

  test('in another process, of another time zone, locale, folder and environment', async () => {
    const env = { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', EXTRA: '1' };
    expect(await digestsOf(['--stack-trace-limit=3'], { env, cwd: tmpdir() })).toEqual(reference);
  });

  test.each([
    ['scavenges', ['--stress-scavenge=50', '--max-semi-space-size=1']],
    ['marks', ['--stress-marking=20', '--stress-incremental-marking']],
  ])('with a collector that %s all the time', async (_name, flags) => {
    const few = Object.fromEntries(FEW_CASES.map((id) => [id, reference[id]]));
    expect(await digestsOf(flags, { cases: FEW_CASES })).toEqual(few);
  });

  test.each([
    ['no compiler', ['--jitless']],
    ['no optimizing compiler, and one thread', ['--no-opt', '--single-threaded']],
  ])('with %s', async (_name, flags) => {
    expect(await digestsOf(flags)).toEqual(reference);
  });

  const nodes = (process.env.ESF_NODES ?? '').split(':').filter((path) => path !== '');
  test.skipIf(nodes.length === 0)('on the versions of Node that ESF_NODES names', async () => {
    for (const node of nodes) {
      expect(existsSync(node), `ESF_NODES names ${node}, which is not there`).toBe(true);
      expect(await digestsOf([], { node }), node).toEqual(reference);
    }
  });
});

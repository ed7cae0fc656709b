/**
 * A fault in the engine is found, shrunk, stored and told once, though it is met often; replayed from the store it still fails,
 * and passes once it is out. What hangs or kills its worker is a failure with its seed. A canary that nobody sees is told.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openTarget } from '../../scenarios/attach/targets.ts';
import { Campaign } from '../../scenarios/campaign/campaign.ts';
import type { CampaignEnd, CampaignHooks, CampaignOptions } from '../../scenarios/campaign/campaign.ts';
import { plantable, sendCanaryTo } from '../../scenarios/campaign/canary.ts';
import { drawnRun } from '../../scenarios/campaign/cases.ts';
import type { CampaignCase } from '../../scenarios/campaign/cases.ts';
import { knownFailures } from '../../scenarios/campaign/known.ts';
import { openStore, readStore } from '../../scenarios/campaign/store-file.ts';
import { reportOf } from '../../scenarios/campaign/summary.ts';
import { packageRoot } from '../../scenarios/cli/output.ts';
import { copyBuild } from '../../scenarios/mutants/copies.ts';
import { mutants } from '../../scenarios/mutants/list/ack.ts';
import type { Mutant } from '../../scenarios/mutants/mutant.ts';
import { readProved } from '../../scenarios/mutants/proved.ts';
import { decodeChoices } from '../../scenarios/runner/choices.ts';
import { executeCase } from '../../scenarios/runner/execute.ts';
import { loadScenarios, planRun } from '../../scenarios/runner/plan.ts';
import { loadSpec } from '../../scenarios/runner/spec-files.ts';
import { renderCampaignHtml, renderCampaignMarkdown, renderIssue } from '../../reports/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'campaign-'));
const build = copyBuild(packageRoot(), 1);
const [copy] = build.copies;
afterAll(() => {
  rmSync(folder, { recursive: true });
  build.remove();
});

const spec = loadSpec();
const loaded = await loadScenarios(['ack']);
const properties = planRun(loaded, { targets: ['sim'] }, (clauses) => spec.levelOf(clauses)).filter(
  ({ scenario }) => scenario.plan !== undefined,
);
const cases = new Map(
  ['ACK-2N7B', 'ACK-1M6A'].map((id) => [id, properties.find(({ scenario }) => scenario.id === id)!]),
);

/** Rare enough that not every run meets it. */
const fault: Mutant = {
  id: 'planted',
  title: 'every other Ack is forgotten',
  clause: 'ACK-002',
  file: 'engine/receive',
  find: 'peer.post({ messageType: MessageType.Ack, messageId: frame.messageId',
  replace: 'if (frame.messageId % 2 !== 0) peer.post({ messageType: MessageType.Ack, messageId: frame.messageId',
};

type Told = { readonly failures: string[]; readonly replays: string[]; readonly end: CampaignEnd };

async function campaign(path: string, buildName: string, more: Partial<CampaignOptions> = {}): Promise<Told> {
  const head = {
    id: `${buildName}-${more.workers ?? 1}`,
    commit: 'c0ffee',
    build: buildName,
    startedAt: new Date().toISOString(),
    version: '0',
    node: process.version,
    command: 'esf campaign',
    workers: 1,
    startSeed: 1,
    shard: { index: 1, count: 1 },
  };
  const { open } = openStore(path, head);
  const failures: string[] = [];
  const replays: string[] = [];
  const hooks: CampaignHooks = {
    onFailure: ({ signature }, known) => failures.push(`${signature} ${known?.status ?? 'new'}`),
    onReplay: ({ signature, end }) => replays.push(`${signature} ${end}`),
  };
  const end = await new Campaign({
    open,
    cases,
    workers: 1,
    budget: { runs: 16 },
    twicePercent: 0,
    runMillisMax: 30_000,
    strict: false,
    entry: copy!.worker,
    ...more,
    hooks,
  }).run();
  return { failures, replays, end };
}

describe('a fault that is planted', () => {
  const path = join(folder, 'store.ndjson');
  const known = () => knownFailures(readStore(path).store);
  let signatures: readonly string[] = [];

  test('is not there before', { timeout: 60_000 }, async () => {
    expect((await campaign(path, 'clean')).failures).toEqual([]);
  });

  test('is found often, told once, and shrunk', { timeout: 60_000 }, async () => {
    const takeOut = copy!.plant(fault);
    const { failures } = await campaign(path, 'planted');
    takeOut();
    const found = known();
    signatures = found.map(({ signature }) => signature).sort();
    expect(failures.toSorted()).toEqual(signatures.map((signature) => `${signature} new`));
    expect(found.length).toBeLessThanOrEqual(4);
    expect(Math.max(...found.map(({ count }) => count))).toBeGreaterThan(2);
    expect(found.some(({ best }) => best.shrinks > 0)).toBe(true);
    expect(found.every(({ best, status }) => best.repro !== undefined && status === 'open')).toBe(true);
  });

  test('is marked as fixed once it is out, and open when it comes back', { timeout: 60_000 }, async () => {
    const { failures, replays } = await campaign(path, 'mended', { budget: { runs: 1 } });
    expect(failures).toEqual([]);
    expect(signatures.length).toBeGreaterThan(0);
    expect(replays.toSorted()).toEqual(signatures.map((signature) => `${signature} fixed`));
    expect(known().every(({ status }) => status === 'fixed')).toBe(true);
    const takeOut = copy!.plant(fault);
    const back = await campaign(path, 'back', { budget: { runs: 8 } });
    takeOut();
    expect(back.failures.length).toBeGreaterThan(0);
    expect(back.failures.every((told) => told.endsWith(' fixed'))).toBe(true);
    expect(back.replays.toSorted()).toEqual(signatures.map((signature) => `${signature} failing`));
    expect(known().every(({ status }) => status === 'open')).toBe(true);
  });

  test('is in the reports, with clause, command, plan and events', () => {
    const { store } = readStore(path);
    const session = store.get('planted-1')!;
    const report = reportOf({ store, session, cases, spec, problems: ['a <b>line</b> was lost'] });
    expect(report.verdict).toBe('failures');
    const [failure] = report.failures;
    const issue = renderIssue(failure!);
    for (const part of [
      'npx esf run --repro',
      `--case ${failure!.case} --target sim --seed`,
      failure!.clause!.id,
      '## Plan',
      'events',
    ])
      expect(issue).toContain(part);
    expect(renderCampaignMarkdown(report)).toContain(failure!.signature);
    const page = renderCampaignHtml(report);
    expect(page).toContain(failure!.signature);
    expect(page).toContain('a &lt;b&gt;line&lt;/b&gt; was lost');
  });
});

describe('with workers that do as they are told', () => {
  const [some] = cases.values();
  const entry = new URL('../runner/fixtures/worker.js', import.meta.url);
  const named = (...ids: readonly string[]): Pick<CampaignOptions, 'entry' | 'cases'> => ({
    entry,
    cases: new Map<string, CampaignCase>(ids.map((id) => [id, { ...some!, scenario: { ...some!.scenario, id } }])),
  });

  test('a run that hangs or kills its worker is a failure with its seed, and the others go on', async () => {
    const path = join(folder, 'deaths.ndjson');
    const budget = { runs: 30 };
    const { end } = await campaign(path, 'x', { ...named('hang-1', 'die-1', 'pass-1'), runMillisMax: 400, budget });
    const found = knownFailures(readStore(path).store);
    expect(found.map((each) => `${each.case} ${each.kind}`).sort()).toEqual(['die-1 crash', 'hang-1 timeout']);
    // Three, and what the worker had been given ahead.
    expect(found.every(({ count }) => count >= 3 && count <= 8)).toBe(true);
    expect(found.every(({ first, best }) => first.seed <= 16 && best.repro?.choices !== undefined)).toBe(true);
    expect(end.runs).toBe(30);
  });

  test('a run that hung once, as on a machine that stood still, is no failure', async () => {
    const path = join(folder, 'once.ndjson');
    const once = `once-${join(folder, 'has-hung')}`;
    const { end } = await campaign(path, 'x', { ...named(once), runMillisMax: 400, budget: { runs: 8 } });
    expect(knownFailures(readStore(path).store)).toEqual([]);
    expect(end.runs).toBe(8);
  });

  test('a campaign in runs is the same with one worker and with two, and goes on where it was', async () => {
    const seedsOf = (path: string, id: string): unknown =>
      Object.entries(readStore(path).store.get(id)!.cases)
        .map(([each, { seeds }]) => [each, seeds])
        .sort();
    const [one, two] = [join(folder, 'one.ndjson'), join(folder, 'two.ndjson')];
    await campaign(one, 'same', named('pass-1', 'pass-2'));
    await campaign(two, 'same', { ...named('pass-1', 'pass-2'), workers: 2 });
    expect(seedsOf(one, 'same-1')).toEqual([
      ['pass-1', [[1, 8]]],
      ['pass-2', [[1, 8]]],
    ]);
    expect(seedsOf(two, 'same-2')).toEqual(seedsOf(one, 'same-1'));
    await campaign(one, 'same', { ...named('pass-1'), workers: 2 });
    expect(seedsOf(one, 'same-2')).toEqual([['pass-1', [[9, 24]]]]);
  });
});

describe('a canary', () => {
  const options = {
    root: packageRoot(),
    cases,
    mutants,
    proved: readProved(packageRoot()),
    choice: 1,
    startSeed: 1,
    workers: 1,
    runMillisMax: 30_000,
    version: '0',
    runsMax: 8,
  };

  test('that nobody can see makes the campaign blind', { timeout: 60_000 }, async () => {
    expect(plantable(options).length).toBeGreaterThan(3);
    const ids = ['ACK-2N7B'];
    const harmless = { ...fault, title: 'nothing is wrong', replace: fault.find };
    const result = await sendCanaryTo(copy!, { mutant: harmless, cases: ids }, options);
    expect(result).toMatchObject({ end: 'blind', runs: 8 });
    expect(result.text).toContain('8 runs of ACK-2N7B found nothing');
  });
});

test('what is in the store is in lines that a person can read', () => {
  expect(readFileSync(join(folder, 'store.ndjson'), 'utf8').split('\n')[0]).toBe(
    '{"line":"store","schema":1,"version":"0"}',
  );
});

test('the run that a seed stands for is known without making it', async () => {
  expect(properties.length).toBeGreaterThan(5);
  for (const { scenario } of properties) {
    let ran: unknown;
    const watched = { ...scenario, run: (_stage: unknown, plan: unknown) => ((ran = plan), Promise.resolve()) };
    const worlds: number[] = [];
    const target = openTarget('sim');
    const runner = {
      ...target,
      run: (...args: Parameters<typeof target.run>) => (worlds.push(args[0].seed), target.run(...args)),
    };
    await executeCase(watched, runner, { seed: 77, runs: 1 });
    const drawn = drawnRun(scenario, 77)!;
    expect(decodeChoices(drawn.choices!)).toEqual(ran);
    expect(worlds).toEqual([drawn.worldSeed]);
  }
});

/** Runs a campaign from the command line: selection, progress, what is printed and written, exit code. */
import type { CampaignReport } from '../../reports/index.ts';
import { judgeCoverage } from '../../reports/coverage.ts';
import { Campaign, sessionHead } from '../campaign/campaign.ts';
import type { CampaignEnd, CampaignHooks, CampaignOptions } from '../campaign/campaign.ts';
import type { CampaignCase } from '../campaign/cases.ts';
import { revisionOf } from '../campaign/revision.ts';
import { SEED_COUNT } from '../campaign/seeds.ts';
import { StoreError, openStore } from '../campaign/store-file.ts';
import { reportOf } from '../campaign/summary.ts';
import { SelectionError, loadScenarios, planRun } from '../runner/plan.ts';
import { hash32 } from '../runner/seeds.ts';
import { loadSpec } from '../runner/spec-files.ts';
import type { SpecIndex } from '../runner/spec-files.ts';
import { CampaignProgress } from './campaign-progress.ts';
import { presentReport } from './campaign-store.ts';
import type { CampaignFlags } from './campaign.ts';
import { CliError, EXIT, clearProgress, commandLine, packageRoot, packageVersion } from './output.ts';
import type { ExitCode } from './output.ts';

const SECONDS_DEFAULT = 60;

/** The command. */
export async function runCampaign(flags: CampaignFlags & { readonly jobs: number }): Promise<void> {
  if (flags.seconds !== undefined && flags.runs !== undefined) {
    throw new CliError(
      EXIT.usage,
      `--seconds ${flags.seconds} and --runs ${flags.runs}: a campaign has one budget; leave out one`,
    );
  }
  const spec = loadSpec();
  const cases = await selectCases(flags, spec);
  const version = packageVersion();
  const revision = revisionOf(packageRoot(), version);
  const head = sessionHead(revision, {
    version,
    command: commandLine(),
    workers: flags.jobs,
    startSeed: flags.seed ?? hash32(revision.commit) % SEED_COUNT,
    shard: flags.shard ?? { index: 1, count: 1 },
  });
  const { open, problems } = opened(flags.store, head);
  const budget = flags.runs === undefined ? { seconds: flags.seconds ?? SECONDS_DEFAULT } : { runs: flags.runs };
  const progress = new CampaignProgress(budget, cases.size);
  const campaign = new Campaign({
    open,
    cases,
    workers: flags.jobs,
    budget,
    twicePercent: flags.twice,
    runMillisMax: flags.runSeconds * 1_000,
    strict: flags.strict ?? false,
    ...(await canaryOf(flags)),
    hooks: progress.hooks() satisfies CampaignHooks,
  });
  const end = await interruptible(campaign, progress);
  clearProgress();
  const report = reportOf({ store: open.store, session: open.session, cases, spec, end, problems });
  await presentReport(report, flags);
  process.exitCode = exitCodeOf(report, end, flags.coverage === true);
}

async function interruptible(campaign: Campaign, progress: CampaignProgress): Promise<CampaignEnd> {
  const stop = (): void => campaign.stop();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    return await campaign.run();
  } finally {
    progress.end();
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
  }
}

function opened(...[path, head]: Parameters<typeof openStore>): ReturnType<typeof openStore> {
  try {
    return openStore(path, head);
  } catch (error) {
    if (error instanceof StoreError) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}

/** The properties that are selected, by id. */
async function selectCases(
  { suite, case: ids, tag }: CampaignFlags,
  spec: SpecIndex,
): Promise<ReadonlyMap<string, CampaignCase>> {
  try {
    const loaded = await loadScenarios(suite);
    const selection = {
      targets: ['sim' as const],
      ...(suite === undefined ? {} : { suites: suite }),
      ...(ids === undefined ? {} : { cases: ids }),
      ...(tag === undefined ? {} : { tags: tag }),
    };
    const units = planRun(loaded, selection, (clauses) => spec.levelOf(clauses));
    const properties = units.filter(({ scenario }) => scenario.plan !== undefined);
    if (properties.length > 0) return new Map(properties.map((unit) => [unit.scenario.id, unit]));
  } catch (error) {
    if (error instanceof SelectionError) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
  throw new CliError(
    EXIT.usage,
    'nothing to search: no property fits the selection, and other cases draw nothing; `esf list` shows all',
  );
}

async function canaryOf(flags: CampaignFlags): Promise<Pick<CampaignOptions, 'canary'>> {
  if (!flags.canary) return {};
  const [{ mutants }, { readProved }] = await Promise.all([
    import('../mutants/list/index.ts'),
    import('../mutants/proved.ts'),
  ]);
  const root = packageRoot();
  return { canary: { root, mutants, proved: readProved(root), everySecs: flags.canaryEvery * 60 } };
}

/** 4 when ended from outside, 3 for a blind campaign and faults of the harness, 1 for open failures, else 0. */
function exitCodeOf({ failures, coverage }: CampaignReport, end: CampaignEnd, needsCoverage: boolean): ExitCode {
  if (!end.complete) return EXIT.incomplete;
  const open = failures.filter(({ status, counts }) => status === 'open' && counts);
  if (end.isBlind || open.some(({ kind }) => kind === 'harness-fault')) return EXIT.fault;
  const isWanting = needsCoverage && judgeCoverage(coverage).some(({ problem }) => problem !== undefined);
  return open.length > 0 || isWanting ? EXIT.verdict : EXIT.ok;
}

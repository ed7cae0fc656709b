/**
 * `esf campaign`: a long search for failures over the property cases on the simulator, and what is done with its store.
 *
 * Options, progress, exit code; the campaign itself is campaign/campaign.ts, its reports are reports/campaign-*.ts.
 */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { SEED_COUNT } from '../campaign/seeds.ts';
import type { Tag } from '../runner/plan.ts';
import { integerIn } from './output.ts';
import { shard, tags, words } from './selection.ts';

/** Options of all of the command's parts. */
export type StoreFlags = { readonly store: string; readonly json?: boolean };

export type CampaignFlags = StoreFlags & {
  readonly suite?: readonly string[];
  readonly case?: readonly string[];
  readonly tag?: readonly Tag[];
  readonly seed?: number;
  readonly shard?: { readonly index: number; readonly count: number };
  readonly seconds?: number;
  readonly runs?: number;
  readonly jobs?: number;
  readonly twice: number;
  readonly runSeconds: number;
  readonly canary: boolean;
  readonly canaryEvery: number;
  readonly coverage?: boolean;
  readonly strict?: boolean;
  readonly report?: string;
};

const STORE_DEFAULT = 'esf-campaign/store.ndjson';

const ABOUT = `
Each run draws its plan and its world from one seed, and \`esf run --case ID --target sim --seed N --runs 1\` repeats it. Without
--seed a campaign starts at a seed that follows from the commit, and goes on where the store says that it was. A red verdict, a
run that twice hangs or takes its worker with it, and a run that is another one the second time are failures; equal ones are one, by
case, kind, clause and message. New ones are shrunk. What failed on an older build is replayed first.

Time is shared among the cases by weight: the runs a case makes by default over 20, at most 2; eight times that for cases with
points that a campaign must reach, which are the swarms, and twice for cases with an open failure. With --runs it is runs that are shared, and the campaign is the
same on every machine.

Exit codes: 0 nothing found, 1 open failures (or --coverage is not met), 2 usage, 3 harness fault or blind campaign, 4 ended early.

Examples:
  esf campaign --seconds 600
  esf campaign --suite ack,p2p --runs 5000 --seed 1
  esf campaign --shard 2/3 --store b.ndjson --seconds 3600      on the second of three machines
  esf campaign merge a.ndjson b.ndjson -o all.ndjson
  esf campaign issue F3a91c0d2e`;

/** Adds the command to the program. */
export function register(program: Command): void {
  const command = program
    .command('campaign')
    .description('Search for failures for a long time: seed after seed of the properties, on all cores.')
    .option('--store <file>', 'where everything is kept', STORE_DEFAULT)
    .option('--suite <areas>', 'only these suites, comma-separated', words)
    .option('--case <ids>', 'only these cases, comma-separated', words)
    .option('--tag <tags>', 'only cases with these tags', tags)
    .option('--seconds <n>', 'search so long; default 60', integerIn(1, 10_000_000))
    .option('--runs <n>', 'search so many runs instead', integerIn(1, 1_000_000_000))
    .option('--seed <n>', 'the first seed; default by commit', integerIn(0, SEED_COUNT - 1))
    .option('--shard <i/n>', 'one of n parts of the seeds, for several machines', shard)
    .option('--jobs <n>', 'worker threads; default: one for each core', integerIn(1, 256))
    .option('--twice <percent>', 'so many of a hundred runs are made twice and compared', integerIn(0, 100), 10)
    .option('--run-seconds <n>', 'a run that takes longer is a failure', integerIn(1, 86_400), 60)
    .option('--no-canary', 'plant no fault to see that it is found')
    .option('--canary-every <minutes>', 'plant another one so often', integerIn(1, 100_000), 60)
    .option('--coverage', 'exit code 1 when a mark was never met or a class of faults fired too seldom')
    .option('--strict', 'let SHOULD count as MUST')
    .option('--report <folder>', 'write the report as HTML and Markdown, and a file for each open failure')
    .option('--json', 'print one JSON object')
    .addHelpText('after', ABOUT)
    .action(async (flags: CampaignFlags) => {
      // Loaded here and not above, so that --help costs nothing.
      await (await import('./campaign-run.ts')).runCampaign({ jobs: availableParallelism(), ...flags });
    });
  registerStoreCommands(command);
}

function registerStoreCommands(command: Command): void {
  command
    .command('merge')
    .description('Join the stores of several machines into one.')
    .argument('<stores...>', 'stores to join')
    .requiredOption('-o, --out <file>', 'the joined store; may be one of those that are joined')
    .addHelpText(
      'after',
      '\nA session is known by its id, and of two copies of one the longer is kept: order and repetition do not matter.\n',
    )
    .action(async (stores: readonly string[], flags: { readonly out: string }, self: Command) => {
      const { json } = self.optsWithGlobals<StoreFlags>();
      (await import('./campaign-store.ts')).merge(stores, flags.out, json === true);
    });
  command
    .command('issue')
    .description('Print a failure of the store as Markdown, ready to be pasted into an issue.')
    .argument('<signature>', 'as the campaign names it; a beginning will do')
    .action(async (signature: string, _flags: object, self: Command) => {
      await (await import('./campaign-store.ts')).issue(signature, self.optsWithGlobals<StoreFlags>());
    });
  command
    .command('show')
    .description('Show the last session of the store, and every failure that is known.')
    .option('--report <folder>', 'write the report as HTML and Markdown, and a file for each open failure')
    .action(async (_flags: object, self: Command) => {
      const flags = self.optsWithGlobals<StoreFlags & { readonly report?: string }>();
      await (await import('./campaign-store.ts')).show(flags);
    });
}

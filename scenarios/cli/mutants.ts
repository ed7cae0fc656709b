/**
 * `esf mutants`: plants each fault of the list in the engine and shows which scenarios notice it.
 *
 * Exit 0 when at least 95 of 100 are noticed, 1 when fewer are, 3 when a mutant no longer fits the engine's source.
 */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { runCampaign } from '../mutants/campaign.ts';
import type { MutantResult } from '../mutants/campaign.ts';
import { mutants as allMutants } from '../mutants/list/index.ts';
import type { Mutant } from '../mutants/mutant.ts';
import { readProved, writeProved } from '../mutants/proved.ts';
import { loadScenarios } from '../runner/plan.ts';
import { CliError, EXIT, clearProgress, integerIn, packageRoot, printJson, progress } from './output.ts';

type MutantFlags = {
  readonly mutant?: string;
  readonly clause?: string;
  readonly seed: number;
  readonly jobs: number;
  readonly all?: boolean;
  readonly write?: boolean;
  readonly json?: boolean;
};

/** The share of mutants that must be noticed. */
const KILLED_OF_HUNDRED_MIN = 95;

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command('mutants')
    .description('Plant faults in the engine, one at a time, and show which scenarios notice.')
    .option('--mutant <ids>', 'only these mutants, comma-separated')
    .option('--clause <ids>', 'only mutants of these clauses, or of areas such as ACK')
    .option('--seed <n>', 'seed of every run', integerIn(0, Number.MAX_SAFE_INTEGER), 1)
    .option('--jobs <n>', 'processes at once', integerIn(1, 64), availableParallelism())
    .option('--all', 'ask every case that cites the clause, not only enough of them')
    .option('--write', 'ask all, and record the result in scenarios/mutants/proved.json, which `esf spec` reads')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  esf mutants --clause ACK-002')
    .action(run);
}

async function run(flags: MutantFlags): Promise<void> {
  const chosen = choose(flags);
  const root = packageRoot();
  const scenarios = await loadScenarios();
  const results = await runCampaign(chosen, {
    root,
    seed: flags.seed,
    jobs: flags.jobs,
    scenarios,
    // Asked first: who noticed it last time.
    ...(flags.all === true || flags.write === true ? {} : { proved: readProved(root) }),
    onResult: (result, done) => progress(`${done}/${chosen.length} ${result.mutant.id} ${result.status}`),
  });
  clearProgress();
  const noticing = new Set(results.flatMap((result) => result.killedBy));
  const idle =
    flags.mutant === undefined && flags.clause === undefined
      ? scenarios.map(({ scenario }) => scenario.id).filter((id) => !noticing.has(id))
      : [];
  if (flags.write === true) {
    if (chosen.length !== allMutants.length)
      throw new CliError(EXIT.usage, '--write needs the whole campaign; leave out --mutant and --clause');
    writeProved(
      root,
      results.map(({ mutant, killedBy }) => ({ mutantId: mutant.id, clauses: [mutant.clause], killedBy })),
    );
  }
  report(flags, results, idle);
}

function choose(flags: MutantFlags): readonly Mutant[] {
  const ids = flags.mutant?.split(',');
  const clauses = flags.clause?.split(',');
  const unknown = ids?.find((id) => !allMutants.some((mutant) => mutant.id === id));
  if (unknown !== undefined)
    throw new CliError(
      EXIT.usage,
      `there is no mutant ${unknown}; \`esf mutants --json\` names all ${allMutants.length}`,
    );
  const chosen = allMutants.filter(
    ({ id, clause }) =>
      (ids?.includes(id) ?? true) &&
      (clauses?.some((each) => clause === each || clause.startsWith(`${each}-`)) ?? true),
  );
  if (chosen.length === 0) throw new CliError(EXIT.usage, `no mutant breaks ${flags.clause ?? 'anything'}`);
  return chosen;
}

function report(flags: MutantFlags, results: readonly MutantResult[], idle: readonly string[]): void {
  const killed = results.filter((result) => result.status === 'killed');
  const broken = results.filter((result) => result.status === 'broken');
  const survivors = results.filter((result) => result.status === 'survived');
  const unproved = killed.filter((result) => !result.proves);
  const enough = killed.length * 100 >= results.length * KILLED_OF_HUNDRED_MIN;
  if (flags.json === true) {
    printJson({
      total: results.length,
      killed: killed.length,
      survivors: survivors.map(({ mutant }) => mutant.id),
      broken: broken.map(({ mutant, message }) => ({ id: mutant.id, message })),
      killedOnlyByOthers: unproved.map(({ mutant }) => mutant.id),
      casesThatKilledNothing: idle,
      mutants: results.map(({ mutant, status, killedBy }) => ({
        id: mutant.id,
        clause: mutant.clause,
        title: mutant.title,
        status,
        killedBy,
      })),
    });
  } else {
    for (const { mutant, message } of broken) process.stdout.write(`broken    ${mutant.id}  ${message}\n`);
    for (const { mutant } of survivors) process.stdout.write(`survived  ${mutant.id}  ${mutant.title}\n`);
    for (const { mutant, killedBy } of unproved)
      process.stdout.write(`unproved  ${mutant.id}  only ${killedBy.join(' ')} noticed, which cite other clauses\n`);
    if (idle.length > 0) process.stdout.write(`idle      ${idle.join(' ')}: no mutant was noticed by these cases\n`);
    process.stdout.write(`${killed.length} of ${results.length} mutants killed\n`);
  }
  process.exitCode = broken.length > 0 ? EXIT.fault : enough ? EXIT.ok : EXIT.verdict;
}

/** `esf list`: every case with its clauses and targets. Runs nothing. */
import type { Command } from 'commander';
import { SelectionError, loadScenarios, tagsOf, targetsOf } from '../runner/plan.ts';
import type { LoadedScenario } from '../runner/plan.ts';
import { CliError, EXIT, printJson } from './output.ts';

type ListFlags = { readonly suite?: string; readonly json?: boolean };

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command('list')
    .description('List the cases with their clauses and targets.')
    .argument('[text]', 'only cases with this text in id, title or clauses')
    .option('--suite <areas>', 'only these suites, comma-separated')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  esf list --suite smoke')
    .action(list);
}

async function list(text: string | undefined, flags: ListFlags): Promise<void> {
  const loaded = await load(flags.suite?.split(','));
  const wanted = text?.toLowerCase() ?? '';
  const shown = loaded.filter(({ scenario }) =>
    [scenario.id, scenario.title, ...scenario.clauses].join(' ').toLowerCase().includes(wanted),
  );
  if (flags.json === true) {
    printJson({ cases: shown.map(row) });
    return;
  }
  for (const { area, scenario } of shown) {
    process.stdout.write(`${scenario.id}  ${area.padEnd(10)} ${scenario.title}\n`);
    process.stdout.write(
      `          ${scenario.kind}; ${scenario.clauses.join(' ')}; on ${targetsOf(scenario).join(', ')}${tagsOf(scenario)
        .map((tag) => `; ${tag}`)
        .join('')}\n`,
    );
  }
  process.stdout.write(`${shown.length} of ${loaded.length} cases\n`);
}

async function load(suites: readonly string[] | undefined): Promise<readonly LoadedScenario[]> {
  try {
    return await loadScenarios(suites);
  } catch (error) {
    if (error instanceof SelectionError) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}

function row({ area, scenario }: LoadedScenario): unknown {
  const { id, title, kind, clauses, needs = [] } = scenario;
  return { case: id, suite: area, title, kind, clauses, targets: targetsOf(scenario), tags: tagsOf(scenario), needs };
}

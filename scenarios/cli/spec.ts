/**
 * `esf spec`: how many clauses there are, which of them scenarios cite, which a mutant has proved, and faults in the text.
 *
 * Exit code 1 with a line for each finding. Counting and linting are spec/clause-*.ts; this only reads files and prints.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  clauseCounts,
  lintDecisions,
  lintInventory,
  lintScenarios,
  parseDecisions,
  parseInventory,
  parseNotApplicable,
} from '../../spec/clause-coverage.ts';
import type { ClauseCounts, Count, CountByLevel, Decision, ScenarioCitation } from '../../spec/clause-coverage.ts';
import { lintChapters } from '../../spec/clause-lints.ts';
import type { Clause, Finding } from '../../spec/clauses.ts';
import { readProved } from '../mutants/proved.ts';
import { loadScenarios } from '../runner/plan.ts';
import { loadSpec, readChapters } from '../runner/spec-files.ts';
import { EXIT, packageRoot, printJson } from './output.ts';

type SpecFlags = { readonly json?: boolean; readonly uncovered?: boolean };

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command('spec')
    .description('Count the clauses of the specification, what covers them, and faults in the text.')
    .option('--uncovered', 'name the clauses that no scenario cites')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  esf spec --uncovered')
    .action(spec);
}

async function spec(flags: SpecFlags): Promise<void> {
  const root = packageRoot();
  const { clauses } = loadSpec(root);
  const loaded = await loadScenarios();
  const scenarios = loaded.map(({ scenario }) => ({ scenarioId: scenario.id, clauses: scenario.clauses }));
  const counts = clauseCounts(clauses, { scenarios, mutants: readProved(root) });
  const findings = allFindings(root, clauses, scenarios);
  const uncovered = uncoveredOf(clauses, scenarios);
  if (flags.json === true) printJson({ ...counts, findings, uncovered: uncovered.map(({ id }) => id) });
  else {
    process.stdout.write(table(counts));
    if (flags.uncovered === true) for (const { id, text } of uncovered) process.stdout.write(`${id}  ${text}\n`);
  }
  for (const { file, line, message } of findings) process.stderr.write(`${file}:${line}: ${message}\n`);
  process.exitCode = findings.length > 0 ? EXIT.verdict : EXIT.ok;
}

/** Faults of the text and citations that lead nowhere; a clause nobody cites yet is a number, not a fault. */
function allFindings(
  root: string,
  clauses: readonly Clause[],
  scenarios: readonly ScenarioCitation[],
): readonly Finding[] {
  const decisions = parseDecisions({ file: 'spec/decisions.md', text: readSpecFile(root, 'decisions.md') });
  const citations = lintScenarios(clauses, scenarios).filter(({ message }) => message.startsWith('scenario '));
  return [
    ...lintChapters(readChapters(root)),
    ...lintDecisions(clauses, decisions),
    ...inventoryFindings(root, clauses, decisions),
    ...citations,
  ];
}

/** The inventory of the sources is kept with the source code only; a package without it has nothing to compare. */
function inventoryFindings(
  root: string,
  clauses: readonly Clause[],
  decisions: readonly Decision[],
): readonly Finding[] {
  const inventory = parseInventory(readSpecFile(root, 'inventory.tsv'));
  if (inventory.length === 0) return [];
  const excuses = { file: 'spec/not-applicable.md', text: readSpecFile(root, 'not-applicable.md') };
  const notApplicable = parseNotApplicable(excuses);
  return lintInventory({ clauses, inventory, decisions, notApplicable, inventoryFile: 'spec/inventory.tsv' });
}

function readSpecFile(root: string, name: string): string {
  const path = join(root, 'spec', name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function uncoveredOf(clauses: readonly Clause[], scenarios: readonly ScenarioCitation[]): readonly Clause[] {
  const cited = new Set(scenarios.flatMap((each) => each.clauses));
  return clauses.filter(({ id, testability }) => testability.kind === 'test' && !cited.has(id));
}

function table(counts: ClauseCounts): string {
  const rows = [
    ['area', 'MUST', 'covered', 'proved', 'SHOULD', 'covered', 'proved', 'MAY', 'covered', 'proved'],
    ...counts.areas.map((area) => [area.area, ...cells(area)]),
    ['all', ...cells(counts)],
  ];
  return rows
    .map((row) => `${row.map((cell, column) => (column === 0 ? cell.padEnd(5) : cell.padStart(8))).join('')}\n`)
    .join('');
}

function cells({ must, should, may }: CountByLevel): string[] {
  return [must, should, may].flatMap((count: Count) => [count.total, count.covered, count.proved].map(String));
}

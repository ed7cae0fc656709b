/**
 * `esf run --repro FILE`: which options make sense beside it, reading the file, and what is said about the result.
 *
 * The file's form is runner/repro-file.ts; the run itself is that of every other case.
 */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { RunLog } from '../../reports/model.ts';
import type { Selection } from '../runner/plan.ts';
import { ReproError, compareWithRepro, parseRepro } from '../runner/repro-file.ts';
import type { Repro } from '../runner/repro-file.ts';
import type { RunOptions } from '../runner/run.ts';
import { CliError, EXIT } from './output.ts';

/** Options that say what to run; the file says that already. */
const SAID_BY_FILE = ['suite', 'case', 'target', 'seed', 'runs', 'path', 'shard', 'lastFailed'];

/** One stored run, as the command line uses it. */
export type StoredRun = {
  readonly repro: Repro;
  readonly selection: Selection;
  readonly options: Pick<RunOptions, 'seed' | 'replay'>;
};

/** @throws CliError when the file cannot be used, or another option says what to run. */
export function openRepro(file: string, text: string | undefined, command: Command): StoredRun {
  const beside = SAID_BY_FILE.find((name) => command.getOptionValueSource(name) === 'cli');
  if (beside !== undefined || text !== undefined) {
    const option = beside === undefined ? `"${text ?? ''}"` : `--${beside === 'lastFailed' ? 'last-failed' : beside}`;
    throw new CliError(EXIT.usage, `--repro ${file} says what to run; leave out ${option}`);
  }
  const repro = read(file);
  const { worldSeed, choices } = repro;
  return {
    repro,
    selection: { targets: [repro.target], cases: [repro.case] },
    options: {
      seed: worldSeed,
      replay: { file, worldSeed, ...(choices === undefined ? {} : { choices }) },
    },
  };
}

function read(file: string): Repro {
  try {
    return parseRepro(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof ReproError) throw new CliError(EXIT.usage, `--repro ${file}: ${error.message}`);
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(
      EXIT.usage,
      `--repro ${file} cannot be read (${why}); \`esf run\` writes such files on a failure`,
    );
  }
}

/** How the run compares with its file, in one line. */
export function storedRunLine(file: string, { repro }: StoredRun, log: RunLog): string {
  const [verdict] = log.verdicts;
  return verdict === undefined ? '' : `${file}: ${compareWithRepro(repro, verdict)}\n`;
}

/** Where the failures of a run can be repeated from, one line each. */
export function reproLines(files: readonly string[]): string {
  return files.map((file) => `repeat: npx esf run --repro ${file}\n`).join('');
}

/** `esf report`: renders the log of an earlier run again, also one that was cut off. Runs nothing. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { readLog } from '../../reports/index.ts';
import { LOG_FILE, writeReports } from '../runner/report-files.ts';
import { CliError, EXIT } from './output.ts';
import { exitCodeOf, present } from './run.ts';

type ReportFlags = { readonly out?: string; readonly json?: boolean };

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command('report')
    .description('Render the reports of a run from its log again.')
    .argument('[log]', 'the event log of a run', join('esf-report', LOG_FILE))
    .option('--out <folder>', "where the reports go; default: the log's folder")
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExample:\n  esf report esf-report/run.ndjson --out public')
    .action(report);
}

async function report(path: string, flags: ReportFlags): Promise<void> {
  const { log, problems } = readLog(readText(path));
  // Without a header nothing is known that a report could show.
  if (log.verdicts.length === 0 && log.header.planned.length === 0) {
    throw new CliError(EXIT.incomplete, `${path} holds no run: ${problems[0] ?? 'it is empty'}`);
  }
  const page = writeReports(flags.out ?? dirname(path), log);
  const result = { log, complete: log.footer?.complete === true };
  await present(result, flags, page);
  process.exitCode = exitCodeOf(result);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CliError(EXIT.usage, `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

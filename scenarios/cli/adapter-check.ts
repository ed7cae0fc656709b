/**
 * `esf adapter-check --adapter "CMD"`: is the adapter itself sound? At most five seconds, and each failure says what to fix.
 *
 * It judges the adapter, not the library behind it; that is `esf validate`. Exit code 0 when all is well, 3 when not.
 */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { CommandError, adapterEnvironment, splitCommand } from '../attach/exec-command.ts';
import type { AdapterOptions } from '../attach/exec-adapter.ts';
import { CheckRun, type CheckReport, type CheckResult } from '../attach/exec-check.ts';
import { allChecks } from '../attach/exec-check-end.ts';
import { startCheckServer } from '../attach/exec-check-server.ts';
import { CliError, EXIT, clearProgress, packageVersion, printJson, progress } from './output.ts';

/** What every command with `--adapter` takes. */
export type AdapterFlags = {
  readonly adapter: string;
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly timeoutFactor: number;
};

/** Adds the options of {@link AdapterFlags}. */
export function adapterFlags(command: Command): Command {
  return command
    .requiredOption('--adapter <command>', 'the adapter\'s command line, as in "python3 my_adapter.py"')
    .option('--env <names...>', 'environment variables to pass on, besides PATH, HOME, TMPDIR and LANG')
    .option('--cwd <folder>', "the adapter's working folder; default this one")
    .option('--timeout-factor <x>', 'multiplies what the adapter may take to answer', numberIn(0.1, 100), 1);
}

/** How to start the adapter. @throws CliError when the command line cannot be split. */
export function adapterOptions(flags: AdapterFlags): AdapterOptions {
  try {
    return {
      command: splitCommand(flags.adapter),
      env: adapterEnvironment(process.env, flags.env),
      suite: packageVersion(),
      timeoutFactor: flags.timeoutFactor,
      ...(flags.cwd === undefined ? {} : { cwd: flags.cwd }),
    };
  } catch (error) {
    if (error instanceof CommandError) throw new CliError(EXIT.usage, `--adapter: ${error.message}`);
    throw error;
  }
}

/** Adds the command to the program. */
export function register(program: Command): void {
  adapterFlags(program.command('adapter-check'))
    .description('Check an adapter itself, in at most five seconds.')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  esf adapter-check --adapter "python3 my_adapter.py"\n\nThe adapter protocol is in spec/protocol/20-adapter.md.',
    )
    .action(run);
}

async function run(flags: AdapterFlags & { readonly json?: boolean }): Promise<void> {
  const options = adapterOptions(flags);
  const server = await startCheckServer(flags.timeoutFactor);
  try {
    const checks = allChecks(options);
    const checkRun = new CheckRun(options, server, (result) => {
      progress(`${result.number}/${checks.length} ${result.title}`);
    });
    const report = await checkRun.run(checks);
    clearProgress();
    if (flags.json === true)
      printJson({ adapter: flags.adapter, ...report, checks: report.results, results: undefined });
    else process.stdout.write(text(report));
    process.exitCode = report.failed + report.notRun > 0 ? EXIT.fault : EXIT.ok;
  } finally {
    server.close();
  }
  await endNow();
}

const MARKS: Readonly<Record<CheckResult['status'], string>> = { pass: '✓', fail: '✗', skipped: '-', 'not-run': '?' };

/** The report for people. */
function text(report: CheckReport): string {
  const lines = report.results.map(resultLines);
  const name =
    report.implementation === undefined
      ? 'The adapter'
      : `The adapter of ${report.implementation.name} ${report.implementation.version}`;
  const counts = [`${report.passed} passed`, `${report.failed} failed`, `${report.skipped} skipped`];
  if (report.notRun > 0) counts.push(`${report.notRun} not run`);
  const verdict = report.failed + report.notRun === 0 ? 'is sound' : 'needs work';
  const stderr =
    report.stderr.length === 0
      ? []
      : ['', 'Last lines of its standard error:', ...report.stderr.map((line) => `  ${line}`)];
  return `${[...lines, ...stderr, '', `${name} ${verdict}: ${counts.join(', ')} (${report.wallMillis} ms).`].join('\n')}\n`;
}

function resultLines(result: CheckResult): string {
  const head = `${MARKS[result.status]} ${String(result.number).padStart(2)}  ${result.title}`;
  if (result.status === 'pass') return head;
  if (result.status !== 'fail') return `${head} (${result.detail ?? result.status})`;
  return `${head}\n      seen  ${result.detail ?? ''}\n      fix   ${result.fix ?? ''} (chapter 20, section ${result.section})`;
}

/** An option parser for numbers in a range, fractions allowed. */
export function numberIn(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}, not "${text}".`);
  };
}

/**
 * Ends the process once everything written has left it. A case or check that failed may have left a socket behind that Node would
 * wait for, and nothing of a finished run is worth that.
 */
export async function endNow(): Promise<void> {
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))),
  );
  process.exit();
}

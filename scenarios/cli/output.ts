/**
 * What every command shares: exit codes, errors that end a command, option parsers, `--json`, progress on a terminal.
 *
 * With `--json` exactly one JSON object goes to standard output and everything else to standard error.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirname, join } from 'node:path';
import { InvalidArgumentError } from 'commander';

export const EXIT = { ok: 0, verdict: 1, usage: 2, fault: 3, incomplete: 4 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with one sentence on standard error and an exit code. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The folder that holds package.json, whether this runs from source or from the build. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    try {
      if (
        (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string }).name === 'esf-conformance'
      )
        return folder;
    } catch {
      // Not here: one up.
    }
    const parent = dirname(folder);
    if (parent === folder)
      throw new CliError(
        EXIT.fault,
        'cannot find the package.json of esf-conformance above its own files; reinstall the package',
      );
    folder = parent;
  }
}

/** The version in package.json. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string }).version;
}

/** The command as one would type it, for headers and reproduction lines. */
export function commandLine(argv: readonly string[] = process.argv.slice(2)): string {
  return [
    'npx esf',
    ...argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)),
  ].join(' ');
}

/** An option parser for integers in a range; commander turns its error into a usage error that names the option. */
export function integerIn(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < min || value > max) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}, not "${text}".`);
    }
    return value;
  };
}

/** Prints the one JSON object of `--json`. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, (_key, v: unknown) => (typeof v === 'bigint' ? v.toString() : v))}\n`);
}

/** True when standard error is a terminal that wants colours and progress. */
export const isTerminal: boolean =
  process.stderr.isTTY && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb';

/** One line that overwrites itself, on a terminal only. */
export function progress(text: string): void {
  if (isTerminal) process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns || 80) - 1)}`);
}

/** Takes the progress line away. */
export function clearProgress(): void {
  if (isTerminal) process.stderr.write('\r\x1b[2K');
}

/** The secret of a cluster as an option: flags, description, default. The environment keeps it out of process lists. */
export const SECRET_OPTION: [flags: string, description: string, value: string] = [
  '--secret <text>',
  "the cluster's secret; better in the environment variable ESF_ACMS_SECRET",
  process.env.ESF_ACMS_SECRET ?? '',
];

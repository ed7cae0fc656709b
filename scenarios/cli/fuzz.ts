/** `esf fuzz`: feeds the message parser damaged messages. Exit 0 nothing found, 1 findings, 2 usage. */
import { randomInt } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { engineSubject } from '../fuzz/engine-subject.ts';
import { fuzz, type FuzzResult } from '../fuzz/fuzz.ts';
import type { TargetName } from '../fuzz/inputs.ts';
import { dumpOf, renderText, reproOf } from '../fuzz/render-text.ts';
import { vectorOf } from '../fuzz/vectors.ts';
import { clearProgress, CliError, EXIT, integerIn, printJson, progress, type ExitCode } from './output.ts';

type Flags = {
  readonly seed?: number;
  readonly runs?: number;
  readonly seconds?: number;
  readonly target: TargetName;
  readonly save?: string;
  readonly json?: boolean;
};

/** Inputs of a run that names neither --runs nor --seconds. */
const RUNS_DEFAULT = 200_000;

const EXAMPLE = `
Valid messages of every kind are made from the grammar and damaged field by field, then decoded whole and in chunks. A finding
is an exception, an error without kind or clause, another result in other chunks, a value that does not encode to the same
bytes, too much memory or time, or any difference from a second decoder that was written from the specification alone.
Equal seed, target and runs give equal inputs and an equal digest.

Exit code: 0 nothing found, 1 findings, 2 wrong usage.

Examples:
  npx esf fuzz --seed 1 --seconds 30
  npx esf fuzz --seed 1 --target codecs --runs 1000000 --json | jq .findings
  npx esf fuzz --seconds 600 --save findings
`;

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command('fuzz')
    .description('Fuzz the message parser: structure-aware, seeded, against a second decoder.')
    .option(
      '--seed <n>',
      'where the random numbers start; a new one each time when absent',
      integerIn(0, Number.MAX_SAFE_INTEGER),
    )
    .addOption(
      new Option('--runs <n>', `stop after this many inputs (default ${RUNS_DEFAULT})`).argParser(integerIn(1, 1e12)),
    )
    .addOption(
      new Option('--seconds <s>', 'stop after this time instead').argParser(integerIn(1, 1e7)).conflicts('runs'),
    )
    .addOption(new Option('--target <what>', 'what is fuzzed').choices(['decoder', 'codecs', 'all']).default('all'))
    .option('--save <folder>', 'write each finding as a test vector into this folder')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLE)
    .action((flags: Flags) => {
      process.exitCode = run(flags);
    });
}

function run(flags: Flags): ExitCode {
  if (flags.save !== undefined) makeFolder(flags.save);
  const seed = flags.seed ?? randomInt(2 ** 32);
  const { target, seconds } = flags;
  const stop = seconds === undefined ? { runs: flags.runs ?? RUNS_DEFAULT } : { seconds };
  process.stderr.write(`seed ${seed}\n`);
  let shownAt = 0;
  const result = fuzz(engineSubject, {
    seed,
    target,
    ...stop,
    onProgress: (runs, findings) => {
      if (runs - shownAt < 8_192) return;
      shownAt = runs;
      progress(`${runs.toLocaleString('en')} inputs, ${findings} findings`);
    },
  });
  clearProgress();
  const vectors = result.findings.map((finding) => vectorOf(finding, seed, target));
  if (flags.save !== undefined) {
    for (const vector of vectors)
      writeFileSync(join(flags.save, `${vector.id}.json`), `${JSON.stringify([vector], undefined, 2)}\n`);
  }
  if (flags.json === true) printJson(jsonOf(result, vectors));
  else process.stdout.write(`${renderText(result)}\n`);
  return result.findings.length > 0 ? EXIT.verdict : EXIT.ok;
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new CliError(EXIT.usage, `cannot write findings to ${folder}: ${(error as Error).message}`);
  }
}

function jsonOf(result: FuzzResult, vectors: readonly unknown[]): unknown {
  const { findings, decodes, seconds, runs, ...rest } = result;
  const perSecond = (count: number): number => (seconds > 0 ? Math.round(count / seconds) : count);
  return {
    ...rest,
    runs,
    decodes,
    seconds,
    runsPerSecond: perSecond(runs),
    decodesPerSecond: perSecond(decodes),
    findings: findings.map((finding, index) => ({
      oracle: finding.oracle,
      signature: finding.signature,
      message: finding.message,
      run: finding.run,
      bytes: finding.input.bytes.length,
      hex: Buffer.from(finding.input.bytes).toString('hex'),
      dump: dumpOf(finding.input),
      repro: reproOf(finding, result),
      vector: vectors[index],
    })),
  };
}

/**
 * `esf run`: runs suites against the reference on the simulator and over real loopback TCP, and reports.
 *
 * Options, progress, exit code; the run itself is runner/run.ts, the reports are reports/.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { judgeCoverage, sumCoverage } from '../../reports/coverage.ts';
import type { CaseVerdict, RunLog } from '../../reports/model.ts';
import type { TargetName } from '../api.ts';
import { coverageLines, isCovered } from '../runner/coverage.ts';
import { ExpectationsError, parseExpectations } from '../runner/expectations.ts';
import type { ExpectationEntry } from '../runner/expectations.ts';
import type { Selection, Tag } from '../runner/plan.ts';
import { SelectionError } from '../runner/plan.ts';
import { differs, parityLines } from '../runner/parity.ts';
import type { ParityRow } from '../runner/parity.ts';
import { LOG_FILE } from '../runner/report-files.ts';
import type { RunOptions, RunResult } from '../runner/run.ts';
import {
  CliError,
  EXIT,
  clearProgress,
  commandLine,
  integerIn,
  isTerminal,
  packageVersion,
  printJson,
  progress,
} from './output.ts';
import type { ExitCode } from './output.ts';
import { DEBUG_OPTIONS, isDebugging } from './debug-options.ts';
import type { DebugFlags } from './debug-options.ts';
import { openRepro, reproLines, storedRunLine } from './run-repro.ts';
import { shard, tags, words } from './selection.ts';
import { WATCH_OPTIONS, isWatching } from './watch.ts';
import type { WatchFlags } from './watch.ts';

type RunFlags = {
  readonly suite?: readonly string[];
  readonly case?: readonly string[];
  readonly tag?: readonly Tag[];
  readonly target: readonly TargetName[];
  readonly seed: number;
  readonly runs?: number;
  readonly path?: string;
  readonly repro?: string;
  readonly checkDeterminism?: boolean;
  readonly coverage?: boolean;
  readonly parity?: boolean;
  readonly jobs?: number;
  readonly shard?: { readonly index: number; readonly count: number };
  readonly bail?: boolean;
  readonly strict?: boolean;
  readonly expect?: string;
  readonly lastFailed?: boolean;
  readonly report: string | false;
  readonly json?: boolean;
} & WatchFlags &
  DebugFlags;

/** Options that have no meaning while one run is looked at. */
const NOT_BESIDE_DEBUGGING = [
  'checkDeterminism',
  'coverage',
  'parity',
  'pcapng',
  'view',
  'trace',
  'jobs',
  'shard',
  'bail',
  'strict',
  'expect',
  'report',
];
const TARGETS: readonly TargetName[] = ['sim', 'loopback'];
const SEED_DEFAULT = 1;
const SEED_MAX = 0x7fff_ffff;

/** Adds the command to the program. */
export function register(program: Command): void {
  const command = program
    .command('run')
    .description('Run the suites against the reference and report clause by clause.')
    .argument('[text]', 'only cases with this text in id, title or clauses')
    .option('--suite <areas>', 'only these suites, comma-separated', words)
    .option('--case <ids>', 'only these cases, comma-separated', words)
    .option('--tag <tags>', 'only cases with these tags; with parity, compare as --parity does', tags)
    .option('--target <targets>', 'sim, loopback or both, comma-separated', targets, TARGETS)
    .option('--seed <n>', 'where everything that is drawn comes from', integerIn(0, SEED_MAX), SEED_DEFAULT)
    .option(
      '--runs <n>',
      'property runs for every property case; on real sockets a tenth, from 2 to 20',
      integerIn(1, 1_000_000),
    )
    .option('--path <path>', 'exactly the plan of a property that this path leads to, as printed with a failure')
    .option('--repro <file>', 'exactly the run that this file holds, as written for a failure')
    .option(
      '--coverage',
      'print in how many runs each class of faults fired and each mark was met; exit code 1 when one never was',
    )
    .option('--parity', 'compare the outcome classes of sim and loopback, case by case; exit code 1 when two differ')
    .option('--check-determinism', 'make every simulated run twice and name the first event in which the two differ')
    .option('--jobs <n>', 'worker threads; default: one for each core', integerIn(1, 256))
    .option('--shard <i/n>', 'one of n parts of the cases', shard)
    .option('--bail', 'start no more cases after the first unexpected verdict')
    .option('--strict', 'let SHOULD count as MUST')
    .option('--expect <file>', 'JSON with known-failing, known-flaky and skip lists')
    .option('--last-failed', 'only what was unexpected in the last report in the report folder')
    .option('--report <folder>', 'where log and reports go', 'esf-report')
    .option('--no-report', 'write no files')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  esf run\n  esf run --suite smoke --target sim --seed 7\n  esf run REL-003 --json\n\n' +
        'Exit codes: 0 as expected, 1 unexpected verdicts, 2 usage, 3 harness fault, 4 incomplete.',
    )
    .action(run);
  for (const [flags, description] of WATCH_OPTIONS) command.option(flags, description);
  for (const [flags, description, parse] of DEBUG_OPTIONS) {
    if (parse === undefined) command.option(flags, description);
    else command.option(flags, description, parse);
  }
}

async function run(text: string | undefined, flags: RunFlags, command: Command): Promise<void> {
  // Loaded here and not above, so that --help costs nothing.
  const [{ runSuites }, { loadSpec }] = await Promise.all([
    import('../runner/run.ts'),
    import('../runner/spec-files.ts'),
  ]);
  if (isDebugging(flags)) {
    process.exitCode = await debug(text, flags, command);
    return;
  }
  const watch = isWatching(flags) ? new (await import('./watch-run.ts')).Watch(flags) : undefined;
  // What is watched is simulated; real sockets are left out unless they are asked for, which is refused.
  const onlySim = watch !== undefined && command.getOptionValueSource('target') === 'default';
  const stored = flags.repro === undefined ? undefined : openRepro(flags.repro, text, command);
  const selection = stored?.selection ?? (await selectionOf(text, onlySim ? { ...flags, target: ['sim'] } : flags));
  // A repeated run must not overwrite the report it came from.
  const isReporting = stored === undefined || command.getOptionValueSource('report') === 'cli';
  const report = isReporting ? flags.report : false;
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  try {
    const options: RunOptions = {
      selection,
      spec: loadSpec(),
      ...runOptions({ ...flags, report }),
      ...stored?.options,
      ...progressHooks(),
      ...watch?.runOptions(),
      signal: interrupt.signal,
    };
    const result = await runSuites(options);
    clearProgress();
    await watch?.write(result.log.verdicts);
    if (result.log.verdicts.length === 0)
      throw new CliError(EXIT.usage, 'nothing to run: no case fits the selection; `esf list` shows all');
    const { page, repros } = await writeFiles(report, result.log);
    const line = stored === undefined ? '' : storedRunLine(flags.repro ?? '', stored, result.log);
    const rows = sumCoverage(result.log.verdicts);
    const coverage = flags.coverage === true ? coverageLines(rows) : '';
    const parity =
      flags.parity === true || flags.tag?.includes('parity') === true ? await parityOf(result, options) : undefined;
    const remarks = coverage + (parity === undefined ? '' : parityLines(parity)) + reproLines(repros) + line;
    await present(result, flags, page, { repros, remarks, ...(parity === undefined ? {} : { parity }) });
    const exitCode = exitCodeOf(result);
    const isWanting = (flags.coverage === true && !isCovered(rows)) || parity?.some(differs) === true;
    process.exitCode = exitCode === EXIT.ok && isWanting ? EXIT.verdict : exitCode;
  } catch (error) {
    clearProgress();
    if (error instanceof SelectionError) throw new CliError(EXIT.usage, error.message);
    throw error;
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}

/** Stops one run and looks at it; nothing is reported. */
async function debug(text: string | undefined, flags: RunFlags, command: Command): Promise<ExitCode> {
  const beside = NOT_BESIDE_DEBUGGING.find((name) => command.getOptionValueSource(name) === 'cli');
  if (beside !== undefined) {
    const option = `--${beside.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new CliError(EXIT.usage, `${option} is about whole runs; leave it out beside --at, --break and --step`);
  }
  const { debugRun } = await import('./debug-run.ts');
  const stored = flags.repro === undefined ? undefined : openRepro(flags.repro, text, command);
  const onlySim = command.getOptionValueSource('target') === 'default';
  const selection = stored?.selection ?? (await selectionOf(text, onlySim ? { ...flags, target: ['sim'] } : flags));
  const { runs, path } = flags;
  const { seed, replay }: Pick<RunOptions, 'seed' | 'replay'> = stored?.options ?? { seed: flags.seed };
  const execute = {
    seed,
    ...(runs === undefined ? {} : { runs }),
    ...(path === undefined ? {} : { path }),
    ...(replay === undefined ? {} : { replay }),
  };
  const checkpoints = stored?.repro.found.checkpoints;
  const origin =
    flags.repro === undefined ? {} : { stored: { file: flags.repro, ...(checkpoints && { checkpoints }) } };
  return debugRun({ selection, execute, flags, ...origin });
}

async function parityOf({ log, complete }: RunResult, options: RunOptions): Promise<readonly ParityRow[]> {
  return complete ? (await import('./run-parity.ts')).compareParity(log, options) : [];
}

async function selectionOf(text: string | undefined, flags: RunFlags): Promise<Selection> {
  const only = flags.lastFailed === true ? await lastFailed(flags) : undefined;
  return {
    targets: flags.target,
    ...(flags.suite === undefined ? {} : { suites: flags.suite }),
    ...(flags.case === undefined ? {} : { cases: flags.case }),
    ...(flags.tag === undefined ? {} : { tags: flags.tag }),
    ...(text === undefined ? {} : { text }),
    ...(flags.shard === undefined ? {} : { shard: flags.shard }),
    ...(only === undefined ? {} : { only }),
  };
}

/** What was red or purple in the last log. */
async function lastFailed(flags: RunFlags): Promise<readonly { case: string; target: string }[]> {
  const { readLog } = await import('../../reports/index.ts');
  const path = join(flags.report === false ? 'esf-report' : flags.report, LOG_FILE);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new CliError(
      EXIT.usage,
      `--last-failed: there is no ${path}; run without it first, or name the folder with --report`,
    );
  }
  const failed = readLog(text).log.verdicts.filter(({ status }) => status === 'red' || status === 'purple');
  if (failed.length === 0)
    throw new CliError(EXIT.usage, `--last-failed: nothing was unexpected in ${path}; run without it`);
  return failed;
}

function runOptions(flags: RunFlags): Omit<RunOptions, 'selection' | 'spec'> {
  return {
    seed: flags.seed,
    jobs: flags.jobs ?? availableParallelism(),
    bail: flags.bail ?? false,
    strict: flags.strict ?? false,
    ...(flags.runs === undefined ? {} : { runs: flags.runs }),
    ...(flags.path === undefined ? {} : { path: flags.path }),
    ...(flags.expect === undefined ? {} : { expectations: readExpectations(flags.expect) }),
    ...(flags.report === false ? {} : { logPath: join(flags.report, LOG_FILE) }),
    header: {
      version: packageVersion(),
      command: commandLine(),
      startedAt: new Date().toISOString(),
      ...(flags.shard === undefined ? {} : { shard: `${flags.shard.index}/${flags.shard.count}` }),
    },
  };
}

/** @throws CliError when the file cannot be used. */
export function readExpectations(path: string): readonly ExpectationEntry[] {
  try {
    return parseExpectations(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error instanceof ExpectationsError) throw new CliError(EXIT.usage, `--expect ${path}: ${error.message}`);
    throw new CliError(
      EXIT.usage,
      `--expect ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** One line on a terminal: how far, how many unexpected, what is running. */
export function progressHooks(): Pick<RunOptions, 'onPlanned' | 'onStarted' | 'onVerdict'> {
  let planned = 0;
  let done = 0;
  let unexpected = 0;
  return {
    onPlanned: (header) => (planned = header.planned.length),
    onStarted: (job) =>
      progress(`${done}/${planned}${unexpected > 0 ? `, ${unexpected} unexpected` : ''}  ${job.case} on ${job.target}`),
    onVerdict: (verdict) => {
      done += 1;
      if (isUnexpected(verdict)) unexpected += 1;
    },
  };
}

async function writeFiles(
  folder: string | false,
  log: RunLog,
): Promise<{ readonly page: string | undefined; readonly repros: readonly string[] }> {
  if (folder === false) return { page: undefined, repros: [] };
  const { writeReports, writeRepros } = await import('../runner/report-files.ts');
  return { page: writeReports(folder, log), repros: writeRepros(folder, log) };
}

/** What a run leaves besides its log. */
type Left = {
  /** Files that repeat its failures. */
  readonly repros: readonly string[];
  /** Lines for people, each ending with a line feed. */
  readonly remarks: string;
  /** What the two targets gave, when that was compared. */
  readonly parity?: readonly ParityRow[];
};

/** Shows a finished run: the summary for people, or the one JSON object. */
export async function present(
  result: RunResult,
  flags: { readonly json?: boolean },
  page: string | undefined,
  left: Left = { repros: [], remarks: '' },
): Promise<void> {
  const { log } = result;
  const { renderConsole } = await import('../../reports/index.ts');
  const columns = process.stderr.columns || 100;
  const color = flags.json === true ? isTerminal : isTerminal && process.stdout.isTTY;
  const summary = renderConsole(log, { color, columns });
  const out = flags.json === true ? process.stderr : process.stdout;
  out.write(summary);
  if (page !== undefined) out.write(`report: ${page}\n`);
  out.write(left.remarks);
  if (flags.json === true)
    printJson({ ...jsonResult(log, page), repros: left.repros, ...(left.parity && { parity: left.parity }) });
}

/** What `--json` prints: the fields scripts rely on. */
export function jsonResult(log: RunLog, page: string | undefined): object {
  const { verdicts, footer } = log;
  return {
    digest: footer?.digest ?? '',
    planned: verdicts.length,
    passed: verdicts.filter(({ outcome }) => outcome === 'pass').length,
    failed: verdicts.filter(isUnexpected).length,
    complete: footer?.complete ?? false,
    seed: log.header.seed,
    verdicts: verdicts.map((verdict) => ({
      case: verdict.case,
      target: verdict.target,
      outcome: verdict.outcome,
      status: verdict.status,
      ...(verdict.digest === undefined ? {} : { digest: verdict.digest }),
      seed: verdict.seed,
      runs: verdict.runs,
      wallMillis: verdict.wallMillis,
      repro: verdict.repro,
      ...messageOf(verdict),
    })),
    coverage: judgeCoverage(sumCoverage(verdicts)),
    wallMillis: footer?.wallMillis ?? 0,
    report: page ?? null,
  };
}

function messageOf(verdict: CaseVerdict): { message?: string; clause?: string } {
  const message = verdict.failure?.message ?? verdict.reason;
  const clause = verdict.failure?.clause;
  return { ...(message === undefined ? {} : { message }), ...(clause === undefined ? {} : { clause }) };
}

function isUnexpected({ status }: CaseVerdict): boolean {
  return status === 'red' || status === 'purple';
}

/** 4 when the run was ended from outside, 3 for faults of the harness, 1 for unexpected verdicts, else 0. */
export function exitCodeOf({ log, complete }: RunResult): ExitCode {
  if (!complete) return EXIT.incomplete;
  if (log.verdicts.some(({ status }) => status === 'purple')) return EXIT.fault;
  return log.verdicts.some(({ status }) => status === 'red') ? EXIT.verdict : EXIT.ok;
}

function targets(text: string): readonly TargetName[] {
  return words(text).map((word) => {
    const known = TARGETS.find((target) => target === word);
    if (known !== undefined) return known;
    const hint = word === 'exec' ? ' Foreign clients are run by `esf validate`.' : '';
    throw new InvalidArgumentError(`There is no target "${word}"; targets are ${TARGETS.join(', ')}.${hint}`);
  });
}

/**
 * `esf validate --adapter "CMD"`: does somebody else's client, in any language, behave as the specification says?
 *
 * Options, progress, the conformance lines, exit code. The run itself is `attach/exec-validate.ts`.
 */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { AdapterFailure } from '../attach/exec-adapter.ts';
import type { Hello } from '../attach/exec-adapter.ts';
import { AdapterPool } from '../attach/exec-pool.ts';
import { OutsidePool } from '../attach/outside-pool.ts';
import type { ValidateResult } from '../attach/exec-validate.ts';
import { adapterFlags, adapterOptions, endNow, numberIn } from './adapter-check.ts';
import type { AdapterFlags } from './adapter-check.ts';
import {
  CliError,
  EXIT,
  clearProgress,
  commandLine,
  integerIn,
  isTerminal,
  packageVersion,
  printJson,
} from './output.ts';
import type { ExitCode } from './output.ts';

type ValidateFlags = AdapterFlags & {
  readonly case?: readonly string[];
  readonly suite?: readonly string[];
  readonly expect?: string;
  readonly timeFactor: number;
  readonly jobs?: number;
  readonly seed: number;
  readonly simulated?: boolean;
  readonly runs?: number;
  readonly path?: string;
  readonly checkDeterminism?: boolean;
  readonly strict?: boolean;
  readonly report: string | false;
  readonly json?: boolean;
};

const SEED_DEFAULT = 1;
const SEED_MAX = 0x7fff_ffff;
/** Real seconds in one scenario second: 30 s of patience cost 1.5 s. Slower than for our own engine, for slower timers. */
const TIME_FACTOR_DEFAULT = 0.05;

/** Adds the command to the program. */
export function register(program: Command): void {
  adapterFlags(program.command('validate'))
    .description('Judge a client behind an adapter, clause by clause.')
    .option('--case <ids>', 'only these cases, comma-separated', words)
    .option('--suite <areas>', 'only these suites, comma-separated', words)
    .option('--expect <file>', 'JSON with known-failing, known-flaky and skip lists')
    .option('--time-factor <x>', 'real seconds in one second of a scenario', numberIn(0.01, 1), TIME_FACTOR_DEFAULT)
    .option(
      '--jobs <n>',
      "cases at once, each with a process of its own; default two for each core, never more than the adapter's maxConcurrency",
      integerIn(1, 64),
    )
    .option('--seed <n>', 'where everything that is drawn comes from', integerIn(0, SEED_MAX), SEED_DEFAULT)
    .option(
      '--simulated',
      'give the adapter a host in the simulator, network and time included, instead of real sockets',
    )
    .option('--runs <n>', 'with --simulated: runs of each property; default by case', integerIn(1, 1_000_000))
    .option('--path <path>', 'with --simulated: exactly the plan of a property that a failure printed')
    .option('--check-determinism', 'with --simulated: make every run twice; where the two differ the case is at fault')
    .option('--strict', 'let SHOULD count as MUST')
    .option('--report <folder>', 'where log and reports go', 'esf-report')
    .option('--no-report', 'write no files')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  esf validate --adapter "python3 my_adapter.py"\n  esf validate --adapter "./adapter -q" --case QRY-3K7Q --time-factor 1\n' +
        '  esf validate --adapter "python3 test/clients/python/simulated.py" --simulated --check-determinism\n\n' +
        'Write the adapter after spec/protocol/20-adapter.md, and try `esf adapter-check` first.\n' +
        'What --simulated asks of it besides is in spec/adapter/simulated-host.md.\n' +
        'Exit codes: 0 as expected, 1 unexpected verdicts, 2 usage, 3 the adapter is at fault or died, 4 incomplete.',
    )
    .action(run);
}

async function run(flags: ValidateFlags, command: Command): Promise<void> {
  checkTogether(flags, command);
  const options = adapterOptions(flags);
  const pool = flags.simulated === true ? new OutsidePool(options) : new AdapterPool(options);
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  process.once('SIGTERM', onInterrupt);
  const strays = watchStrays();
  try {
    const hello = await open(pool);
    const result = await validateWith(flags, { pool, hello, signal: interrupt.signal });
    clearProgress();
    await present(flags, hello, result);
    process.exitCode = strays.tell() ? EXIT.fault : exitCodeOf(result);
  } finally {
    clearProgress();
    strays.stop();
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
    await pool.close();
  }
  await endNow();
}

/** Real time and virtual time have options of their own. @throws CliError */
function checkTogether(flags: ValidateFlags, command: Command): void {
  const given = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
  const isSimulated = flags.simulated === true;
  const others = isSimulated
    ? { timeFactor: '--time-factor', jobs: '--jobs' }
    : { runs: '--runs', path: '--path', checkDeterminism: '--check-determinism' };
  const [, option] = Object.entries(others).find(([name]) => given(name)) ?? [];
  if (option === undefined) return;
  const why = isSimulated
    ? `${option} is about real time and has no meaning with --simulated`
    : `${option} needs --simulated: runs on real sockets cannot be repeated exactly`;
  throw new CliError(EXIT.usage, `${why}; leave out one of them`);
}

/** Starts the adapter. @throws CliError with one sentence, and what the adapter wrote to standard error. */
async function open(pool: AdapterPool | OutsidePool): Promise<Hello> {
  try {
    return await pool.open();
  } catch (error) {
    if (!(error instanceof AdapterFailure)) throw error;
    const lines = error.stderr.map((line) => `\n  ${line}`).join('');
    throw new CliError(
      EXIT.fault,
      `${error.message}${lines === '' ? '' : `\nlast lines of its standard error:${lines}`}`,
    );
  }
}

type Context = {
  readonly pool: AdapterPool | OutsidePool;
  readonly hello: Hello;
  readonly signal: AbortSignal;
};

async function validateWith(flags: ValidateFlags, context: Context): Promise<ValidateResult> {
  // Loaded here and not above, so that --help costs nothing.
  const { validate } = await import('../attach/exec-validate.ts');
  const { loadSpec } = await import('../runner/spec-files.ts');
  const { SelectionError } = await import('../runner/plan.ts');
  const { progressHooks, readExpectations } = await import('./run.ts');
  const { hello } = context;
  try {
    const result = await validate({
      ...context,
      ...progressHooks(),
      spec: loadSpec(),
      seed: flags.seed,
      // Cases mostly wait, so two for each core keep it busy.
      jobs: flags.jobs ?? 2 * availableParallelism(),
      timeFactor: flags.timeFactor,
      strict: flags.strict ?? false,
      reproStart: commandLine(['validate', '--adapter', flags.adapter, ...modeWords(flags)]),
      ...(flags.runs === undefined ? {} : { runs: flags.runs }),
      ...(flags.path === undefined ? {} : { path: flags.path }),
      ...(flags.checkDeterminism === true ? { checkDeterminism: true } : {}),
      header: {
        version: packageVersion(),
        command: commandLine(),
        startedAt: new Date().toISOString(),
        implementation: pick(hello.implementation),
      },
      ...(flags.case === undefined ? {} : { cases: flags.case }),
      ...(flags.suite === undefined ? {} : { suites: flags.suite }),
      ...(flags.expect === undefined ? {} : { expectations: readExpectations(flags.expect) }),
      ...(flags.report === false ? {} : { logFile: join(flags.report, 'run.ndjson') }),
    });
    if (result.log.verdicts.length === 0)
      throw new CliError(
        EXIT.usage,
        'nothing to run: no case for foreign clients fits the selection; `esf list` shows all',
      );
    return result;
  } catch (error) {
    if (error instanceof SelectionError) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}

function pick({ name, version, language }: Hello['implementation']): Hello['implementation'] {
  return { name, version, language };
}

function modeWords(flags: ValidateFlags): string[] {
  const timeout = flags.timeoutFactor === 1 ? [] : ['--timeout-factor', String(flags.timeoutFactor)];
  if (flags.simulated === true) return [...timeout, '--simulated'];
  return flags.timeFactor === TIME_FACTOR_DEFAULT ? timeout : [...timeout, '--time-factor', String(flags.timeFactor)];
}

async function present(flags: ValidateFlags, hello: Hello, result: ValidateResult): Promise<void> {
  const { conformanceLine } = await import('../attach/exec-conformance.ts');
  const { jsonResult } = await import('./run.ts');
  const { renderConsole } = await import('../../reports/index.ts');
  const page =
    flags.report === false
      ? undefined
      : (await import('../runner/report-files.ts')).writeReports(flags.report, result.log);
  const { name, version, language } = hello.implementation;
  const { conformance = null, restarts } = result;
  const isJson = flags.json === true;
  // With --json standard output is for the one object, and people read standard error.
  const out = isJson ? process.stderr : process.stdout;
  out.write(
    renderConsole(result.log, {
      color: isTerminal && (isJson || process.stdout.isTTY),
      columns: process.stderr.columns || 100,
    }),
  );
  const lines = [
    ...(page === undefined ? [] : [`report: ${page}`]),
    `${name} ${version} (${language}), declares ${hello.features.join(', ')}`,
    ...speedLine(result),
    ...(restarts === 0 ? [] : [`The adapter was restarted ${restarts === 1 ? 'once' : `${restarts} times`}.`]),
    ...(conformance?.map(conformanceLine) ?? ['A part of the suites was run; that says nothing about conformance.']),
  ];
  out.write(`${lines.join('\n')}\n`);
  if (!isJson) return;
  const { implementation, features } = hello;
  printJson({
    ...jsonResult(result.log, page),
    adapter: flags.adapter,
    implementation,
    features,
    restarts,
    conformance,
  });
}

/** How far virtual time came. */
function speedLine({ simulatedSecs, log }: ValidateResult): readonly string[] {
  if (simulatedSecs === undefined) return [];
  const wallSecs = Math.max(0.001, (log.footer?.wallMillis ?? 0) / 1000);
  return [
    `${Math.round(simulatedSecs)} s of virtual time in ${wallSecs.toFixed(1)} s: ${Math.round(simulatedSecs / wallSecs)} a second`,
  ];
}

/** 4 when ended from outside, 3 for faults and deaths of the adapter, 1 for unexpected verdicts, else 0. */
function exitCodeOf({ log, complete }: ValidateResult): ExitCode {
  if (!complete) return EXIT.incomplete;
  const isFault = log.verdicts.some(
    ({ status, outcome }) =>
      status === 'purple' || (outcome === 'crash' && status !== 'grey') || (outcome === 'not-run' && status !== 'grey'),
  );
  if (isFault) return EXIT.fault;
  return log.verdicts.some(({ status }) => status === 'red') ? EXIT.verdict : EXIT.ok;
}

/** Notes what goes wrong outside any case, so that it neither ends the run nor stays unseen. */
function watchStrays(): { stop(): void; tell(): boolean } {
  const seen: string[] = [];
  const note = (error: unknown): void =>
    void seen.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  return {
    stop: () => {
      process.off('unhandledRejection', note);
      process.off('uncaughtException', note);
    },
    tell: () => {
      for (const text of seen)
        process.stderr.write(`esf: a fault of the harness outside any case, please report it: ${text}\n`);
      return seen.length > 0;
    },
  };
}

function words(text: string): readonly string[] {
  const list = text.split(',').map((word) => word.trim());
  if (list.includes('')) throw new InvalidArgumentError(`It must be a comma-separated list, not "${text}".`);
  return list;
}

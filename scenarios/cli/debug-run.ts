/**
 * `esf run --at EVENT`, `--break CONDITION`, `--step`: stops one simulated run and shows it, once or by commands.
 *
 * The case is executed once to find the run and its hash chain, and once more up to the stop, which is compared with the chain;
 * of a stored run (`--repro`) the chain is in the file. Exit code 1 when the condition never holds, 3 when the run is not the
 * one that was stored or found.
 */
import { createInterface } from 'node:readline';
import { firstDivergentStretch } from '../../sim/index.ts';
import type { Checkpoints } from '../../sim/index.ts';
import { CommandError, EVENTS_SHOWN, carryOut, pictureLines } from '../debug/commands.ts';
import { Debugger, DivergedError } from '../debug/debugger.ts';
import type { KnownRun } from '../debug/debugger.ts';
import { findRun } from '../debug/find-run.ts';
import type { FoundRun } from '../debug/find-run.ts';
import { PREDICATE_HELP, PredicateError, parsePredicate } from '../debug/predicate.ts';
import type { Predicate } from '../debug/predicate.ts';
import { eventLines, stateLines, stopText } from '../debug/state-text.ts';
import { subjectStates } from '../debug/subject-state.ts';
import type { ExecuteOptions } from '../runner/execute.ts';
import { SelectionError, loadScenarios, planRun } from '../runner/plan.ts';
import type { PlannedUnit, Selection } from '../runner/plan.ts';
import type { DebugFlags } from './debug-options.ts';
import { CliError, EXIT, printJson } from './output.ts';
import type { ExitCode } from './output.ts';

/** What to debug, as the command line says it. */
export type DebugRequest = {
  readonly selection: Selection;
  readonly execute: ExecuteOptions;
  readonly flags: DebugFlags & { readonly json?: boolean };
  /** Of a stored run: its file, and its hash chain if the file has one. */
  readonly stored?: { readonly file: string; readonly checkpoints?: Checkpoints };
};

/** Does it, and gives the exit code. */
export async function debugRun(request: DebugRequest): Promise<ExitCode> {
  const { flags } = request;
  if (flags.break?.trim() === 'help') {
    process.stdout.write(`${PREDICATE_HELP.join('\n')}\n`);
    return EXIT.ok;
  }
  if (flags.step === true && flags.json === true) {
    throw new CliError(EXIT.usage, '--step is a conversation; leave out --json, or use --at or --break');
  }
  const predicate = flags.break === undefined ? undefined : parsed(flags.break);
  const unit = await oneCase(request.selection);
  const found = await findRun(unit.scenario, request.execute);
  if (!('maker' in found)) {
    const { failure, reason } = found.verdict;
    throw new CliError(
      EXIT.fault,
      `${unit.scenario.id} made no run: ${failure?.message ?? reason ?? 'no reason given'}`,
    );
  }
  const debug = await Debugger.start(found.maker, knownRun(request, found));
  try {
    const isThere = await goThere(debug, flags, predicate);
    if (flags.step === true) await converse(debug);
    else present(debug, unit, flags.json === true);
    if (!isThere) process.stderr.write(`esf: --break: no event of the run fulfils: ${predicate?.text ?? ''}\n`);
    return isThere ? EXIT.ok : EXIT.verdict;
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    throw new CliError(EXIT.fault, await divergenceText(debug, error, found));
  } finally {
    await debug.close();
  }
}

function parsed(text: string): Predicate {
  try {
    return parsePredicate(text);
  } catch (error) {
    if (error instanceof PredicateError) throw new CliError(EXIT.usage, `--break: ${error.message}`);
    throw error;
  }
}

async function oneCase(selection: Selection): Promise<PlannedUnit> {
  try {
    const units = planRun(await loadScenarios(selection.suites), selection, () => 'MUST');
    const [first] = units;
    if (first?.target === 'sim' && units.length === 1) return first;
    const what = units.length === 1 ? 'a case on real sockets' : `${units.length} cases`;
    const advice = 'give --case ID --target sim';
    throw new CliError(
      EXIT.usage,
      `only one case on the simulator can be stopped, and this selects ${what}; ${advice}`,
    );
  } catch (error) {
    if (error instanceof SelectionError) throw new CliError(EXIT.usage, error.message);
    throw error;
  }
}

/** What the run is compared with: the stored chain, or the one of the run just made. */
function knownRun({ stored }: DebugRequest, found: FoundRun): KnownRun | undefined {
  if (stored?.checkpoints !== undefined)
    return { what: `the run stored in ${stored.file}`, checkpoints: stored.checkpoints };
  const { checkpoints } = found.result;
  return checkpoints === undefined ? undefined : { what: 'the run made just before', checkpoints };
}

/** False when a condition never held. */
async function goThere(debug: Debugger, { at }: DebugFlags, predicate: Predicate | undefined): Promise<boolean> {
  if (at !== undefined) {
    await debug.goTo(at + 1);
    const { eventCount } = debug.stop();
    if (eventCount <= at) {
      throw new CliError(
        EXIT.usage,
        `--at ${at}: the run has ${eventCount} events, so the last one is ${eventCount - 1}`,
      );
    }
  }
  return predicate === undefined || (await debug.until(predicate)) !== undefined;
}

function present(debug: Debugger, { scenario }: PlannedUnit, isJson: boolean): void {
  const stop = debug.stop();
  const state = debug.state();
  const subjects = subjectStates(debug.live.session);
  const events = debug.events(EVENTS_SHOWN);
  if (isJson) {
    printJson({ case: scenario.id, stop, events, state, subjects });
    return;
  }
  const color = process.stdout.isTTY && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb';
  const lines = [
    `${scenario.id}: ${scenario.title}`,
    stopText(stop),
    '',
    ...eventLines(events),
    '',
    ...pictureLines(debug, EVENTS_SHOWN, color),
    '',
    ...stateLines(state, subjects),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Reads commands until `quit` or the end of the input. */
async function converse(debug: Debugger): Promise<void> {
  const isByHand = process.stdin.isTTY;
  const color = process.stdout.isTTY && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb';
  const print = (lines: readonly string[]): void =>
    void process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  print([stopText(debug.stop()), ...(isByHand ? ['help lists the commands'] : [])]);
  const input = createInterface({
    input: process.stdin,
    ...(isByHand ? { output: process.stdout, prompt: '> ' } : {}),
  });
  if (isByHand) input.prompt();
  for await (const line of input) {
    if (!isByHand) print([`> ${line}`]);
    try {
      const answer = await carryOut(debug, line, color);
      if (answer === 'quit') break;
      print(answer);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      print([error.message]);
    }
    if (isByHand) input.prompt();
  }
  input.close();
}

/** Which run is another one: the stored one, or each from the next. */
async function divergenceText(debug: Debugger, { message, stretch }: DivergedError, found: FoundRun): Promise<string> {
  await debug.close();
  const again = await Debugger.start(found.maker);
  await again.goTo(stretch.toIndex);
  const { checkpoints } = found.result;
  const isSteady =
    checkpoints !== undefined && firstDivergentStretch(checkpoints, again.live.checkpoints()) === undefined;
  const events = eventLines(again.events(Math.min(stretch.toIndex - stretch.fromIndex, EVENTS_SHOWN)));
  await again.close();
  const why = isSteady
    ? 'runs made now are alike, so engine, simulator or case have changed since; these are the last events of that stretch'
    : 'runs made now differ from each other; `esf run --check-determinism` names the first event. The last of that stretch';
  return `${message}; ${why}:\n${events.join('\n')}`;
}

/**
 * `esf explore`: runs a model or a case once for every order in which its packets can arrive, and for every way to lose, double
 * or delay a few of them, on the simulator.
 *
 * Exit code 1 for a schedule that fails, 4 when the budget ended before the space did. What is explored is scenarios/exhaustive.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { recordFlight } from '../../sim/index.ts';
import type { FlightRecorder } from '../../sim/index.ts';
import { FAULT_KINDS } from '../exhaustive/arena.ts';
import type { PacketFault, ScheduleLimits } from '../exhaustive/arena.ts';
import { StoredWay } from '../exhaustive/choice-tree.ts';
import { explore, messageOf } from '../exhaustive/explore.ts';
import type { Explorable, Exploration } from '../exhaustive/explore.ts';
import { ScheduleFileError, parseSchedule, storedSchedule } from '../exhaustive/schedule-file.ts';
import type { StoredSchedule } from '../exhaustive/schedule-file.ts';
import { CliError, EXIT, clearProgress, integerIn, packageVersion, printJson, progress } from './output.ts';

type ExploreFlags = {
  readonly list?: boolean;
  readonly model?: string;
  readonly case?: string;
  readonly packets?: number;
  readonly skip?: number;
  readonly faults?: number;
  readonly faultKinds?: readonly PacketFault[];
  readonly order?: 'any' | 'fifo';
  readonly reduce?: boolean;
  readonly budget: number;
  readonly schedules: number;
  readonly goOn?: boolean;
  readonly seed: number;
  readonly repro?: string;
  readonly trace?: boolean;
  readonly report: string | false;
  readonly json?: boolean;
};

const PROGRESS_EVERY = 64;
const OUTCOMES_SHOWN = 10;

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command('explore')
    .description('Run a model or a case for every order of its packets, and every way to lose a few.')
    .option('--list', 'list the models')
    .option('--model <name>', 'a model of the list')
    .option('--case <id>', 'a case of the suites; of a property the first plan')
    .option('--packets <n>', 'packets that are chosen among', integerIn(1, 64))
    .option('--skip <n>', 'packets that pass before', integerIn(0, 1_000_000))
    .option('--faults <k>', 'packets lost, doubled or late, at most', integerIn(0, 16))
    .option('--fault-kinds <kinds>', 'of lose, duplicate, late; comma-separated', faultKinds)
    .addOption(new Option('--order <order>', 'fifo: never out of order on one way').choices(['any', 'fifo']))
    .option('--reduce', 'leave out schedules that differ in the order of deliveries to different sites only')
    .option('--budget <seconds>', 'real time, at most', integerIn(1, 86_400), 60)
    .option('--schedules <n>', 'schedules, at most', integerIn(1, 1_000_000_000), 1_000_000_000)
    .option('--go-on', 'go on after a schedule that fails')
    .option('--seed <n>', 'of the simulated worlds', integerIn(0, 0x7fff_ffff), 1)
    .option('--repro <file>', 'exactly the schedule that this file holds')
    .option('--trace', 'with --repro: show it as text, a column a node and a line an event')
    .option('--report <folder>', 'where a schedule that fails is written', 'esf-report')
    .option('--no-report', 'write no files')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  esf explore --model tcp-close --packets 6 --faults 1\n  esf explore --case SMK-3T6F --skip 20 --packets 5\n\n' +
        'Exit codes: 0 all schedules were run and none failed, 1 one failed, 2 usage, 3 harness fault, 4 the budget ended before.',
    )
    .action(exploreCommand);
}

async function exploreCommand(flags: ExploreFlags): Promise<void> {
  if (flags.list === true) {
    const { MODELS } = await import('../exhaustive/models/index.ts');
    const lines = [...MODELS.values()].map(({ name, title }) => `${name.padEnd(36)} ${title}`);
    process.stdout.write(`${lines.join('\n')}\n`);
  } else if (flags.repro === undefined) {
    process.exitCode = await exploreOne(flags);
  } else {
    process.exitCode = await repeat(flags.repro, flags);
  }
}

async function modelNamed(kind: 'model' | 'case', name: string): Promise<Explorable> {
  if (kind === 'model') {
    const { MODELS } = await import('../exhaustive/models/index.ts');
    const model = MODELS.get(name);
    if (model !== undefined) return model;
    throw new CliError(EXIT.usage, `there is no model "${name}"; models are ${[...MODELS.keys()].join(', ')}`);
  }
  const [{ loadScenarios }, { caseModel }] = await Promise.all([
    import('../runner/plan.ts'),
    import('../exhaustive/case-model.ts'),
  ]);
  const found = (await loadScenarios()).find(({ scenario }) => scenario.id === name);
  if (found === undefined) throw new CliError(EXIT.usage, `there is no case "${name}"; \`esf list\` shows all`);
  if (found.scenario.targets?.includes('sim') === false) {
    throw new CliError(
      EXIT.usage,
      `case ${name} does not run on the simulator, and only there packets can be chosen among`,
    );
  }
  return caseModel(found.scenario);
}

async function exploreOne(flags: ExploreFlags): Promise<number> {
  const { model: modelName, case: caseId, seed } = flags;
  if ((modelName === undefined) === (caseId === undefined)) {
    throw new CliError(EXIT.usage, 'give either --model NAME (--list shows them) or --case ID');
  }
  const kind = modelName === undefined ? 'case' : 'model';
  const name = modelName ?? caseId ?? '';
  const model = await modelNamed(kind, name);
  const limits = limitsOf(model, flags);
  const untilMillis = performance.now() + flags.budget * 1_000;
  const interrupt = { isOver: false };
  const onInterrupt = (): void => void (interrupt.isOver = true);
  process.once('SIGINT', onInterrupt);
  const found = await explore(model, {
    seed,
    limits,
    reduce: flags.reduce ?? false,
    schedulesMax: flags.schedules,
    isOver: () => interrupt.isOver || performance.now() >= untilMillis,
    goOn: flags.goOn ?? false,
    onProgress: (count, share) => {
      if (count % PROGRESS_EVERY === 0) progress(`${count} schedules, ${(share * 100).toFixed(1)} % of the branches`);
    },
  });
  process.off('SIGINT', onInterrupt);
  clearProgress();
  const stored = found.failures.map(({ choices, message, digest }) =>
    storedSchedule({ version: packageVersion(), kind, name, seed, limits, choices, found: { message, digest } }),
  );
  const files = flags.report === false ? [] : write(flags.report, stored);
  if (flags.json === true) {
    printJson({ [kind]: name, seed, limits, ...found, outcomes: Object.fromEntries(found.outcomes), repros: files });
  } else {
    process.stdout.write(
      summary(model, limits, found) + files.map((file) => `repeat: npx esf explore --repro ${file}\n`).join(''),
    );
  }
  if (found.failureCount > 0) return EXIT.verdict;
  return found.isExhausted ? EXIT.ok : EXIT.incomplete;
}

function limitsOf({ limits }: Explorable, flags: ExploreFlags): ScheduleLimits {
  return {
    ...limits,
    packetsMax: flags.packets ?? limits.packetsMax,
    skipPackets: flags.skip ?? limits.skipPackets,
    faultsMax: flags.faults ?? limits.faultsMax,
    faults: flags.faultKinds ?? limits.faults,
    order: flags.order ?? limits.order,
  };
}

function summary({ name, title }: Explorable, limits: ScheduleLimits, found: Exploration): string {
  const { packetsMax, faultsMax, faults, order } = limits;
  const space = `${packetsMax} packets${order === 'fifo' ? ' in order' : ''}, ${faultsMax} faults${faultsMax > 0 ? ` (${faults.join(', ')})` : ''}`;
  const extent = found.isExhausted
    ? 'all there are'
    : `the budget ended before the space did: ${(found.share * 100).toFixed(2)} % of its branches`;
  const redundant = found.redundant > 0 ? `, ${found.redundant} more left as redundant` : '';
  const outcomes = [...found.outcomes].sort(([, a], [, b]) => b - a);
  const more = outcomes.length - OUTCOMES_SHOWN;
  return [
    `${name}: ${title}`,
    `${space}: ${found.schedules} schedules run${redundant}, ${extent}`,
    `${found.digests} different traces, ${outcomes.length} outcomes`,
    ...outcomes.slice(0, OUTCOMES_SHOWN).map(([outcome, times]) => `  ${times} x ${outcome}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
    found.failureCount === 0
      ? 'none failed'
      : `${found.failureCount} failed; the first: ${found.failures[0]?.message ?? ''}`,
    '',
  ].join('\n');
}

function write(folder: string, schedules: readonly StoredSchedule[]): readonly string[] {
  if (schedules.length === 0) return [];
  mkdirSync(join(folder, 'explore'), { recursive: true });
  return schedules.map((schedule, index) => {
    const file = join(folder, 'explore', `${schedule.name}-${index + 1}.json`);
    writeFileSync(file, `${JSON.stringify(schedule, null, 2)}\n`);
    return file;
  });
}

/** Runs one stored schedule. */
async function repeat(file: string, flags: ExploreFlags): Promise<number> {
  const schedule = read(file);
  const { kind, name, seed, limits, choices, found } = schedule;
  const model = await modelNamed(kind, name);
  let recorder: FlightRecorder | undefined;
  const end = await model.run({
    seed,
    limits,
    chooser: new StoredWay(choices),
    onWorld: (world) => {
      if (flags.trace === true) recorder = recordFlight(world);
    },
  });
  if (recorder !== undefined) {
    const { renderTrace } = await import('../../reports/index.ts');
    const out = flags.json === true ? process.stderr : process.stdout;
    out.write(renderTrace(recorder.recording(), out.isTTY && process.env.NO_COLOR === undefined));
  }
  const message = end.error === undefined ? undefined : messageOf(end.error);
  const isSame = message === found.message && end.digest === found.digest;
  const how =
    message === undefined
      ? 'it passes now'
      : isSame
        ? 'it fails as when it was stored, event by event'
        : 'it fails otherwise than when it was stored';
  if (flags.json === true)
    printJson({ [kind]: name, outcome: end.outcome, digest: end.digest, failed: message !== undefined, isSame });
  else process.stdout.write(`${name}: ${message ?? end.outcome}\n${file}: ${how}\n`);
  return message === undefined ? EXIT.ok : EXIT.verdict;
}

function read(file: string): StoredSchedule {
  try {
    return parseSchedule(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof ScheduleFileError) throw new CliError(EXIT.usage, `--repro ${file}: ${error.message}`);
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(
      EXIT.usage,
      `--repro ${file} cannot be read (${why}); \`esf explore\` writes such files on a failure`,
    );
  }
}

function faultKinds(text: string): readonly PacketFault[] {
  return text.split(',').map((word) => {
    const kind = FAULT_KINDS.find((each) => each === word.trim());
    if (kind !== undefined) return kind;
    throw new InvalidArgumentError(`There is no fault "${word}"; faults are ${FAULT_KINDS.join(', ')}.`);
  });
}

/**
 * `esf nat`: who gets a direct channel behind which middleboxes, each cell from a run in a simulated network of its own, beside
 * what is expected. Four parts: two clients with the engine's port prediction and a server that relays (chapter 18), plain
 * punching of the same pairs, plain punching of all 9 x 9 behaviours of RFC 4787, and libwebrtc's published 10 x 10.
 *
 * Exit code 1 when a cell differs.
 */
import { Option } from 'commander';
import type { Command } from 'commander';
import { runSim } from '../attach/sim-stage.ts';
import { KIND_NAMES, MATRIX_KINDS, matrixCells } from '../nat/expected.ts';
import type { MatrixCell, MatrixKind, MatrixTransport } from '../nat/expected.ts';
import { textOf } from '../nat/figures.ts';
import type { CellResult } from '../nat/figures.ts';
import { runCell } from '../nat/run-cell.ts';
import type { CellOutcome } from '../nat/run-cell.ts';
import { hash32 } from '../runner/seeds.ts';
import { libwebrtcPart, ninePart, plainPart } from './nat-parts.ts';
import type { PartResult } from './nat-parts.ts';
import { sideBySide } from './nat-text.ts';
import { EXIT, clearProgress, integerIn, printJson, progress } from './output.ts';

type NatFlags = {
  readonly table?: boolean;
  readonly seed: number;
  readonly transport?: MatrixTransport;
  readonly part?: Part;
  readonly json?: boolean;
};

const PARTS = ['engine', 'plain', 'nine', 'libwebrtc'] as const;
type Part = (typeof PARTS)[number];

const CELL_SECS_MAX = 120;

/** Adds the command to the program. */
export function register(program: Command): void {
  program
    .command('nat')
    .description(
      'Run the NAT matrix: who gets a direct channel behind which middleboxes, and whether that is as specified.',
    )
    .option('--table', 'show every cell, not only the summary')
    .option('--seed <n>', 'of the simulated networks', integerIn(0, 0x7fff_ffff), 1)
    .addOption(new Option('--transport <name>', 'only this one; without nine and libwebrtc').choices(['udp', 'tcp']))
    .addOption(
      new Option('--part <name>', 'only this one: with the engine, plain punching, RFC 4787, or libwebrtc').choices(
        PARTS,
      ),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  esf nat --table --seed 7\n  esf nat --part nine --table')
    .action(nat);
}

async function nat(flags: NatFlags): Promise<void> {
  const wants = (part: Part): boolean => (flags.part ?? part) === part;
  const engine = wants('engine') ? await engineCells(flags) : [];
  clearProgress();
  const plain = plainParts(flags, wants);
  const differing =
    engine.filter(({ actual, expected }) => actual !== expected).length +
    plain.reduce((sum, part) => sum + part.total - part.equal, 0);
  if (flags.json === true)
    printJson({ ...asJson(flags.seed, engine), parts: plain.map((part) => ({ ...part, lines: undefined })) });
  else {
    const lines = plain.flatMap((part) => [...(flags.table === true ? [...part.lines, ''] : []), part.summary]);
    process.stdout.write(asText(engine, flags.table === true) + lines.map((line) => `${line}\n`).join(''));
  }
  if (engine.length + plain.length === 0 || differing > 0) process.exitCode = EXIT.verdict;
}

async function engineCells(flags: NatFlags): Promise<CellResult[]> {
  const cells = matrixCells().filter(({ transport }) => (flags.transport ?? transport) === transport);
  const results: CellResult[] = [];
  for (const cell of cells) {
    progress(
      `${results.length + 1} of ${cells.length}: ${cell.transport}, ${KIND_NAMES[cell.a]} and ${KIND_NAMES[cell.b]}`,
    );
    results.push({ ...cell, ...(await runOne(cell, flags.seed)) });
  }
  return results;
}

function plainParts({ transport, seed }: NatFlags, wants: (part: Part) => boolean): PartResult[] {
  const transports: readonly MatrixTransport[] = transport === undefined ? ['udp', 'tcp'] : [transport];
  return [
    ...(wants('plain') ? transports.map((each) => plainPart(each, seed)) : []),
    ...(wants('nine') && transport === undefined ? [ninePart('strict', seed), ninePart('session', seed)] : []),
    ...(wants('libwebrtc') && transport === undefined ? [libwebrtcPart(seed)] : []),
  ];
}

/** Every cell has a seed of its own, so that it runs the same alone and among others. */
async function runOne(cell: MatrixCell, seed: number): Promise<CellOutcome> {
  let outcome: CellOutcome | undefined;
  const own = hash32(`${cell.transport} ${cell.a} ${cell.b}`, seed) & 0x7fff_ffff;
  const result = await runSim({ seed: own, timeLimitSecs: CELL_SECS_MAX, invariants: false }, async (stage) => {
    const server = await stage.server();
    stage.net.conditions(server.host, { delayMillis: 10 });
    outcome = await runCell(stage, server, cell);
  });
  const { error } = result;
  if (outcome !== undefined && error === undefined) return outcome;
  return { actual: 'broken', roundTrips: 0, detail: error instanceof Error ? error.message : 'the run broke off' };
}

function asJson(seed: number, results: readonly CellResult[]): Record<string, unknown> {
  return {
    seed,
    total: results.length,
    equal: results.filter(({ actual, expected }) => actual === expected).length,
    medianRoundTrips: { udp: medianRoundTrips(results, 'udp'), tcp: medianRoundTrips(results, 'tcp') },
    cells: results.map(({ a, b, transport, method, expected, actual, roundTrips, detail }) => ({
      a,
      b,
      initiator: a,
      transport,
      method,
      expected,
      actual,
      roundTrips,
      detail,
    })),
  };
}

/** Over the direct cells; null without any. */
function medianRoundTrips(results: readonly CellResult[], transport: MatrixTransport): number | null {
  const times = results
    .filter((result) => result.transport === transport && result.actual === 'direct')
    .map(({ roundTrips }) => roundTrips)
    .sort((left, right) => left - right);
  return times.length === 0 ? null : times[Math.floor(times.length / 2)]!;
}

/** Colours on a terminal only. */
const isColoured = process.stdout.isTTY && process.env.NO_COLOR === undefined && process.env.TERM !== 'dumb';
const COLOURS = { good: '32', fair: '36', poor: '33', bad: '31;1' } as const;

function coloured(text: string, colour: keyof typeof COLOURS): string {
  return isColoured ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text;
}

const NAME_COLUMNS = 24;
const CELL_COLUMNS = 8;

function asText(results: readonly CellResult[], withTable: boolean): string {
  const lines: string[] = [];
  for (const transport of ['udp', 'tcp'] as const) {
    const own = results.filter((result) => result.transport === transport);
    if (own.length === 0) continue;
    if (withTable) lines.push(...tableLines(transport, own), '');
    const equal = own.filter(({ actual, expected }) => actual === expected).length;
    const direct = own.filter(({ actual }) => actual === 'direct').length;
    const median = medianRoundTrips(results, transport)?.toFixed(1) ?? 'no';
    lines.push(
      `${transport.toUpperCase()}: ${equal} of ${own.length} cells as expected, ${direct} direct, median ${median} round trips of the slowest leg`,
    );
  }
  for (const result of results.filter(({ actual, expected }) => actual !== expected)) {
    lines.push(
      `differs: ${result.transport}, ${KIND_NAMES[result.a]} invites ${KIND_NAMES[result.b]}: expected ${result.expected}, actual ${result.actual}: ${result.detail}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function tableLines(transport: MatrixTransport, results: readonly CellResult[]): string[] {
  const heads = MATRIX_KINDS.map((_kind, index) => String(index + 1).padEnd(CELL_COLUMNS));
  const rows = MATRIX_KINDS.map((a, index) => {
    const cells = MATRIX_KINDS.map((b) => cellText(results.find((result) => result.a === a && result.b === b)));
    return `${`${index + 1} ${KIND_NAMES[a]}`.padEnd(NAME_COLUMNS)}${cells.join('')}`.trimEnd();
  });
  return [
    `${transport.toUpperCase()}, rows invite columns; letter, and round trips to the channel`,
    `${''.padEnd(NAME_COLUMNS)}${heads.join('')}`.trimEnd(),
    ...rows,
    'D direct  P by port prediction  B relayed (birthday paradox not used)  R relayed  T relayed, not by UDP  ! differs',
    '',
    ...sideBySide({
      title: `${transport.toUpperCase()} with the engine, rows invite columns: D direct, R relayed, X neither`,
      names: MATRIX_KINDS.map((kind) => KIND_NAMES[kind]),
      actual: outcomes(results, ({ actual }) => actual),
      expected: outcomes(results, ({ expected }) => expected),
    }),
  ];
}

const OUTCOME_LETTERS = { direct: 'D', relay: 'R', broken: 'X' } as const;

function outcomes(results: readonly CellResult[], which: (result: CellResult) => CellResult['actual']): string[][] {
  const outcome = (a: MatrixKind, b: MatrixKind): string => {
    const result = results.find((each) => each.a === a && each.b === b);
    return result === undefined ? '' : OUTCOME_LETTERS[which(result)];
  };
  return MATRIX_KINDS.map((a) => MATRIX_KINDS.map((b) => outcome(a, b)));
}

function cellText(result: CellResult | undefined): string {
  if (result === undefined) return ''.padEnd(CELL_COLUMNS);
  const text = `${textOf(result)}${result.roundTrips > 0 ? ` ${result.roundTrips.toFixed(1)}` : ''}`.padEnd(
    CELL_COLUMNS,
  );
  if (result.actual !== result.expected) return coloured(text, 'bad');
  if (result.actual === 'relay') return coloured(text, 'poor');
  return coloured(text, result.method === 'prediction' ? 'fair' : 'good');
}

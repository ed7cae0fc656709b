/** The matrix as heat maps for the report: one for each transport. Pure. */
import type { HeatMap, Tone } from '../../reports/figures.ts';
import { KIND_NAMES, MATRIX_KINDS, METHOD_TEXTS, expectedLetter } from './expected.ts';
import type { MatrixCell, MatrixTransport } from './expected.ts';
import type { CellOutcome } from './run-cell.ts';

export type CellResult = MatrixCell & CellOutcome;

const LEGEND =
  'D direct, P direct by port prediction, B relayed although the birthday paradox could open it, R relayed, T not by UDP; ' +
  '! other than expected. Rows invite columns.';

/** The heat map of one transport. */
export function matrixFigure(transport: MatrixTransport, results: readonly CellResult[]): HeatMap {
  const names = MATRIX_KINDS.map((kind) => KIND_NAMES[kind]);
  return {
    kind: 'heat',
    title: `NAT matrix over ${transport.toUpperCase()}`,
    rows: names,
    columns: names,
    legend: LEGEND,
    cells: results
      .filter((result) => result.transport === transport)
      .map((result) => ({
        row: MATRIX_KINDS.indexOf(result.a),
        column: MATRIX_KINDS.indexOf(result.b),
        text: textOf(result),
        detail: detailOf(result),
        tone: toneOf(result),
      })),
  };
}

/** The letter of a cell, with a mark when it is not as expected. */
export function textOf(result: CellResult): string {
  const letter = expectedLetter(result.transport, result.a, result.b);
  if (result.actual === result.expected) return letter;
  return `${{ direct: 'D', relay: 'R', broken: 'X' }[result.actual]}!`;
}

function detailOf(result: CellResult): string {
  const ways = result.roundTrips > 0 ? ` after ${result.roundTrips.toFixed(1)} round trips` : '';
  const wanted = `${KIND_NAMES[result.a]} invites ${KIND_NAMES[result.b]}: expected ${METHOD_TEXTS[result.method]}`;
  return `${wanted}; actual: ${result.actual}${ways}. ${result.detail}`;
}

function toneOf(result: CellResult): Tone {
  if (result.actual !== result.expected) return 'bad';
  if (result.actual === 'relay') return 'poor';
  return result.method === 'prediction' ? 'fair' : 'good';
}

/**
 * Figures: what a case measured, for people who would rather look than read. Types, and the reading of untrusted ones.
 *
 * A heat map has a word in every cell, so that its colours only repeat what the words say; a plot has its numbers in a table
 * beside it. Drawing is `html/client/figures.ts`.
 */

/** How a cell counts: as wanted, with reservations, poor, wrong, or nothing to say. */
export type Tone = 'good' | 'fair' | 'poor' | 'bad' | 'none';

export type HeatMap = {
  readonly kind: 'heat';
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** What the words in the cells mean, a sentence. */
  readonly legend: string;
  readonly cells: readonly HeatCell[];
};

/** `row` and `column` are places in the lists of the map. A place without a cell stays empty. */
export type HeatCell = {
  readonly row: number;
  readonly column: number;
  /** A word, or a few characters. */
  readonly text: string;
  /** What a reader who points at it should know besides. */
  readonly detail: string;
  readonly tone: Tone;
};

export type LinePlot = {
  readonly kind: 'lines';
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  /** The y axis goes from 0 to this, or to the largest value when that is larger. */
  readonly yMax: number;
  readonly series: readonly { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }[];
};

export type Figure = HeatMap | LinePlot;

const TONES: readonly Tone[] = ['good', 'fair', 'poor', 'bad', 'none'];
/** A figure with more than this is no picture any more. */
const NAMES_MAX = 64;
const POINTS_MAX = 2_000;
const TEXT_MAX = 300;

type Json = Readonly<Record<string, unknown>>;

const asObject = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const asList = (value: unknown, max: number): readonly unknown[] => (Array.isArray(value) ? value.slice(0, max) : []);
const asText = (value: unknown): string => (typeof value === 'string' ? value.slice(0, TEXT_MAX) : '');
const asNumber = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
const asNames = (value: unknown): string[] => asList(value, NAMES_MAX).map(asText);

/** A figure from a log, or undefined when it is of no known kind; whatever is wrong in it becomes a harmless default. */
export function readFigure(value: unknown): Figure | undefined {
  const figure = asObject(value);
  if (figure.kind === 'heat') return readHeatMap(figure);
  return figure.kind === 'lines' ? readLinePlot(figure) : undefined;
}

function readHeatMap(map: Json): HeatMap {
  const rows = asNames(map.rows);
  const columns = asNames(map.columns);
  const cells = asList(map.cells, NAMES_MAX * NAMES_MAX).map((item) => {
    const cell = asObject(item);
    return {
      row: asNumber(cell.row),
      column: asNumber(cell.column),
      text: asText(cell.text),
      detail: asText(cell.detail),
      tone: TONES.find((tone) => tone === cell.tone) ?? 'none',
    };
  });
  return { kind: 'heat', title: asText(map.title), rows, columns, legend: asText(map.legend), cells };
}

function readLinePlot(plot: Json): LinePlot {
  const series = asList(plot.series, NAMES_MAX).map((item) => {
    const { name, points } = asObject(item);
    const read = (point: unknown): [number, number] => {
      const [x, y] = asList(point, 2);
      return [asNumber(x), asNumber(y)];
    };
    return { name: asText(name), points: asList(points, POINTS_MAX).map(read) };
  });
  const { title, xLabel, yLabel, yMax } = plot;
  return {
    kind: 'lines',
    title: asText(title),
    xLabel: asText(xLabel),
    yLabel: asText(yLabel),
    yMax: asNumber(yMax),
    series,
  };
}

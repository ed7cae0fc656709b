/// <reference lib="dom" />
/**
 * The figures that cases recorded: heat maps as tables of coloured words, plots as SVG with the numbers in a table below.
 */
import type { HeatMap, LinePlot } from '../../figures.ts';
import type { Child, Kit } from './kit.ts';

/** Every figure of the run, each under the case that drew it; nothing when there is none. */
export function figureSection(kit: Kit): Child {
  const drawn = kit.page.cases.flatMap((one) => {
    const target = one.verdicts.findIndex((verdict) => (verdict?.figures?.length ?? 0) > 0);
    const figures = one.verdicts[target]?.figures ?? [];
    const source = (): Child =>
      kit.h('a', { href: kit.link('case', [one.id, kit.page.targets[target] ?? '']), title: one.title }, one.id);
    return figures.map((figure) => kit.drawFigure(figure, source()));
  });
  return drawn.length === 0 ? null : kit.h('section', { class: 'figures', 'aria-label': 'Figures' }, drawn);
}

/** One figure; `source` stands behind its title. */
export function drawFigure(kit: Kit, figure: HeatMap | LinePlot, source: Child): HTMLElement {
  return kit.h(
    'figure',
    { class: `drawn drawn-${figure.kind}` },
    kit.h('figcaption', {}, kit.h('h2', {}, figure.title), source),
    figure.kind === 'heat' ? kit.drawHeatMap(figure) : kit.drawLines(figure),
  );
}

/** The map as a table. */
export function drawHeatMap(kit: Kit, map: HeatMap): Child {
  const at = new Map(map.cells.map((cell) => [`${cell.row} ${cell.column}`, cell]));
  const cellOf = (row: number, column: number): HTMLElement => {
    const cell = at.get(`${row} ${column}`);
    if (cell === undefined) return kit.h('td', { class: 'tone-empty' });
    return kit.h('td', { class: `tone-${cell.tone}`, title: cell.detail }, cell.text);
  };
  const head = kit.h(
    'tr',
    {},
    kit.h('td', {}),
    map.columns.map((name) => kit.h('th', { scope: 'col' }, name)),
  );
  const rows = map.rows.map((name, row) =>
    kit.h(
      'tr',
      {},
      kit.h('th', { scope: 'row' }, name),
      map.columns.map((_, column) => cellOf(row, column)),
    ),
  );
  return [
    kit.h(
      'div',
      { class: 'scroll' },
      kit.h('table', { class: 'heat' }, kit.h('thead', {}, head), kit.h('tbody', {}, rows)),
    ),
    kit.h('p', { class: 'hint' }, map.legend),
  ];
}

/** The plot, its legend, and its numbers. */
export function drawLines(kit: Kit, plot: LinePlot): Child {
  const [width, height, left, bottom, top, right] = [640, 300, 60, 40, 10, 16];
  const xs = plot.series.flatMap(({ points }) => points.map(([x]) => x));
  const ys = plot.series.flatMap(({ points }) => points.map(([, y]) => y));
  const [xMin, xMax] = [Math.min(...xs), Math.max(...xs)];
  // A whole multiple of the wanted top, so that the grid has round numbers.
  const yMax = (plot.yMax || 1) * Math.max(1, Math.ceil(Math.max(0, ...ys) / (plot.yMax || 1) - 0.1));
  const px = (x: number): number => left + ((x - xMin) / (xMax - xMin || 1)) * (width - left - right);
  const py = (y: number): number => height - bottom - (y / yMax) * (height - bottom - top);
  const round = (value: number): string => String(Math.round(value * 100) / 100);
  const ticks = [...new Set(xs)].sort((a, b) => a - b);
  // Numbers that would run into each other are left out.
  const shownTicks = ticks.filter((x, index) => index === 0 || px(x) - px(ticks[index - 1]!) >= 26);
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => [
    kit.svg('line', { class: 'grid', x1: left, x2: width - right, y1: py(share * yMax), y2: py(share * yMax) }),
    kit.svg('text', { x: left - 6, y: py(share * yMax) + 4, 'text-anchor': 'end' }, round(share * yMax)),
  ]);
  const axis = shownTicks.map((x) =>
    kit.svg('text', { x: px(x), y: height - bottom + 16, 'text-anchor': 'middle' }, round(x)),
  );
  const lines = plot.series.map(({ points }, index) => [
    kit.svg('polyline', {
      class: `line line-${index % 6}`,
      points: points.map(([x, y]) => `${px(x)},${py(y)}`).join(' '),
    }),
    points.map(([x, y]) => kit.svg('circle', { class: `dot line-${index % 6}`, cx: px(x), cy: py(y), r: 2.5 })),
  ]);
  const names = plot.series.map(({ name }, index) =>
    kit.h(
      'span',
      { class: 'key' },
      kit.svg(
        'svg',
        { width: 22, height: 8, 'aria-hidden': 'true' },
        kit.svg('line', { class: `line line-${index % 6}`, x1: 0, x2: 22, y1: 4, y2: 4 }),
      ),
      name,
    ),
  );
  const labels = [
    kit.svg('text', { x: (left + width - right) / 2, y: height - 4, 'text-anchor': 'middle' }, plot.xLabel),
    kit.svg(
      'text',
      { x: 12, y: height / 2, 'text-anchor': 'middle', transform: `rotate(-90 12 ${height / 2})` },
      plot.yLabel,
    ),
  ];
  const label = `${plot.title}: ${plot.yLabel} over ${plot.xLabel}; the table below says the same`;
  return [
    kit.svg(
      'svg',
      { class: 'plot', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label },
      grid,
      axis,
      lines,
      labels,
    ),
    kit.h('p', { class: 'legend' }, names),
    kit.h('details', {}, kit.h('summary', {}, 'As a table'), kit.plotTable(plot, ticks)),
  ];
}

/** The numbers of a plot. */
export function plotTable(kit: Kit, plot: LinePlot, ticks: readonly number[]): HTMLElement {
  const head = [plot.xLabel, ...plot.series.map(({ name }) => name)];
  const rows = ticks.map((tick) => [
    String(tick),
    ...plot.series.map(({ points }) => {
      const point = points.find(([x]) => x === tick);
      return point === undefined ? '' : String(point[1]);
    }),
  ]);
  return kit.h(
    'table',
    { class: 'plain' },
    kit.h(
      'thead',
      {},
      kit.h(
        'tr',
        {},
        head.map((text) => kit.h('th', { scope: 'col' }, text)),
      ),
    ),
    kit.h(
      'tbody',
      {},
      rows.map((cells) =>
        kit.h(
          'tr',
          {},
          cells.map((text) => kit.h('td', {}, text)),
        ),
      ),
    ),
  );
}

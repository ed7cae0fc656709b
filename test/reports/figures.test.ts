/** Figures that cases recorded: read from a log with care, and drawn in a real browser. Needs Chromium. */
import { describe, expect, it } from 'vitest';
import { readFigure, type Figure } from '../../reports/figures.ts';
import { readLog, renderHtml } from '../../reports/index.ts';
import { open } from './chromium.ts';
import { greenRun } from './sample-runs.ts';
import { HOSTILE, lines } from './sample-log.ts';

const HEAT: Figure = {
  kind: 'heat',
  title: `UDP ${HOSTILE}`,
  rows: ['OPEN', 'PRC'],
  columns: ['OPEN', 'PRC'],
  legend: 'D is a direct channel.',
  cells: [
    { row: 0, column: 0, text: 'D', detail: 'host candidate', tone: 'good' },
    { row: 0, column: 1, text: 'relay', detail: 'expected D', tone: 'bad' },
    { row: 1, column: 1, text: 'D', detail: '', tone: 'good' },
  ],
};
const PLOT: Figure = {
  kind: 'lines',
  title: 'Goodput',
  xLabel: 'loss, %',
  yLabel: 'share',
  yMax: 1,
  series: [
    {
      name: 'ours',
      points: [
        [0, 0.97],
        [1, 0.95],
        [5, 0.9],
      ],
    },
    {
      name: 'TCP',
      points: [
        [0, 0.95],
        [1, 0.1],
      ],
    },
  ],
};

function pageWith(figures: readonly Figure[], script: string): string {
  const log = greenRun();
  const [first, ...rest] = log.verdicts;
  const text = lines({ ...log, verdicts: [{ ...first!, figures }, ...rest] }).join('\n');
  const tail = `<script>const out = document.createElement('output'); out.id = 'found'; out.textContent = JSON.stringify((() => { ${script} })()); document.body.append(out);</script>`;
  return renderHtml(readLog(text).log).replace('</body>', () => `${tail}</body>`);
}

async function found(html: string): Promise<unknown> {
  const { dom, log } = await open(html);
  expect(log).toBe('');
  return JSON.parse(/<output id="found">([^<]*)<\/output>/.exec(dom)![1]!.replaceAll('&amp;', '&'));
}

describe('figures in the HTML report', { timeout: 60_000 }, () => {
  it('a heat map says in words what its colours say, under the case that drew it', async () => {
    const script = `const map = document.querySelector('.heat'); return {
      cells: [...map.querySelectorAll('tbody td')].map((td) => [td.textContent, td.className, td.title]),
      scripts: document.querySelectorAll('.drawn script, .drawn img').length, sources: [...document.querySelectorAll('.drawn figcaption a')].map((a) => a.textContent) }`;
    expect(await found(pageWith([HEAT, PLOT], script))).toEqual({
      cells: [
        ['D', 'tone-good', 'host candidate'],
        ['relay', 'tone-bad', 'expected D'],
        ['', 'tone-empty', ''],
        ['D', 'tone-good', ''],
      ],
      scripts: 0,
      sources: [greenRun().verdicts[0]!.case, greenRun().verdicts[0]!.case],
    });
  });

  it('a plot has a line for each series and its numbers in a table', async () => {
    const script = `return { lines: [...document.querySelectorAll('.plot polyline')].map((line) => line.getAttribute('points').split(' ').length),
      rows: [...document.querySelectorAll('.drawn-lines tbody tr')].map((row) => [...row.cells].map((cell) => cell.textContent)),
      inside: [...document.querySelectorAll('.plot .dot')].every((dot) => +dot.getAttribute('cy') >= 0 && +dot.getAttribute('cy') <= 300) }`;
    expect(await found(pageWith([PLOT], script))).toEqual({
      lines: [3, 2],
      rows: [
        ['0', '0.97', '0.95'],
        ['1', '0.95', '0.1'],
        ['5', '0.9', ''],
      ],
      inside: true,
    });
  });

  it('a run without figures has no empty section for them', async () => {
    expect(await found(pageWith([], `return document.querySelectorAll('.figures, .drawn').length`))).toBe(0);
  });
});

describe('a figure from a log', () => {
  it('of no known kind is left out', () => {
    for (const value of [null, 7, 'heat', {}, { kind: 'pie' }, []]) expect(readFigure(value)).toBeUndefined();
  });

  it('with wrong types becomes a harmless one', () => {
    expect(readFigure({ kind: 'heat', rows: 3, cells: [{ row: 'x', tone: 'neon' }] })).toEqual({
      kind: 'heat',
      title: '',
      rows: [],
      columns: [],
      legend: '',
      cells: [{ row: 0, column: 0, text: '', detail: '', tone: 'none' }],
    });
    expect(readFigure({ kind: 'lines', series: [{ points: [[1, NaN], 'x'] }] })).toMatchObject({
      series: [
        {
          name: '',
          points: [
            [1, 0],
            [0, 0],
          ],
        },
      ],
    });
  });
});

/// <reference lib="dom" />
/**
 * Two small charts: verdicts by area, and where the time went. Every bar has its numbers beside it in text.
 */
import type { Status } from '../../model.ts';
import type { Child, Kit } from './kit.ts';

/** Stacked bars, one an area; a row leads to the area in the matrix. */
export function areaChart(kit: Kit): HTMLElement {
  const { areas } = kit.page;
  const most = Math.max(1, ...areas.map((area) => area.verdicts));
  const order: readonly Status[] = ['red', 'purple', 'yellow', 'grey', 'hollow', 'green'];
  const rows = areas.map((area) => {
    let x = 0;
    const pieces = order
      .filter((status) => area.counts[status] > 0)
      .map((status) => {
        const width = (area.counts[status] / most) * 100;
        const piece = kit.svg('rect', {
          class: `f-${status}`,
          x: `${x}%`,
          width: `${Math.max(0, width - 0.4)}%`,
          height: 12,
          rx: 1.5,
        });
        x += width;
        return piece;
      });
    const clean = area.counts.green === area.verdicts;
    const rest = order.filter((status) => status !== 'green' && area.counts[status] > 0);
    const signs = rest.map((status) =>
      kit.h('span', { class: `mark s-${status}` }, kit.icon(status), String(area.counts[status])),
    );
    return {
      name: kit.h('a', { href: kit.link('matrix', [], { area: area.area }) }, area.area),
      bar: kit.svg('svg', { width: '100%', height: 12, 'aria-hidden': 'true' }, pieces),
      text: clean ? [`${area.verdicts} passed`] : [`${area.counts.green} of ${area.verdicts} `, ...signs],
    };
  });
  return kit.barChart('Verdicts by area', ['Area', 'Share', 'Passed'], rows, kit.legend());
}

/** What the colours of the bars mean. */
export function legend(kit: Kit): HTMLElement {
  const names: readonly (readonly [Status, string])[] = [
    ['green', 'passed'],
    ['red', 'failed'],
    ['purple', 'faulty'],
    ['yellow', 'worth a look'],
    ['grey', 'foreseen'],
    ['hollow', 'not asked or not run'],
  ];
  const used = names.filter(([status]) => kit.page.counts[status] > 0);
  return kit.h(
    'p',
    { class: 'legend' },
    used.map(([status, name]) => kit.h('span', { class: `mark s-${status}` }, kit.icon(status), name)),
  );
}

/** The ten slowest verdicts. */
export function slowestChart(kit: Kit): HTMLElement {
  const { page } = kit;
  const all = page.cases.flatMap((one) =>
    one.verdicts.flatMap((verdict, target) =>
      verdict === null || verdict.millis === 0 ? [] : [{ one, verdict, target: page.targets[target] ?? '' }],
    ),
  );
  const slowest = all.sort((a, b) => b.verdict.millis - a.verdict.millis).slice(0, 10);
  const most = Math.max(1, ...slowest.map(({ verdict }) => verdict.millis));
  const rows = slowest.map(({ one, verdict, target }) => ({
    name: kit.h(
      'a',
      { href: kit.link('case', [one.id, target]), title: one.title },
      one.id,
      ' ',
      kit.h('span', { class: 'target' }, target),
    ),
    bar: kit.svg(
      'svg',
      { width: '100%', height: 12, 'aria-hidden': 'true' },
      kit.svg('rect', { class: 'f-time', width: `${(verdict.millis / most) * 100}%`, height: 12, rx: 1.5 }),
    ),
    text: [kit.millis(verdict.millis)],
  }));
  return kit.barChart('Slowest cases', ['Case', 'Share', 'Duration'], rows, null);
}

/** A table whose middle column is a bar. */
export function barChart(
  kit: Kit,
  title: string,
  heads: readonly [string, string, string],
  rows: readonly { readonly name: Child; readonly bar: Child; readonly text: Child }[],
  foot: Child,
): HTMLElement {
  return kit.h(
    'figure',
    { class: 'chart' },
    kit.h('figcaption', {}, kit.h('h2', {}, title)),
    kit.h(
      'table',
      {},
      kit.h(
        'thead',
        { class: 'sr' },
        kit.h(
          'tr',
          {},
          heads.map((head) => kit.h('th', { scope: 'col' }, head)),
        ),
      ),
      kit.h(
        'tbody',
        {},
        rows.map(({ name, bar, text }) =>
          kit.h(
            'tr',
            {},
            kit.h('th', { scope: 'row' }, name),
            kit.h('td', { class: 'bar' }, bar),
            kit.h('td', { class: 'value' }, text),
          ),
        ),
      ),
    ),
    foot,
  );
}

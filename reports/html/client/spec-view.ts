/// <reference lib="dom" />
/**
 * The spec as text, with a mark in the margin of every clause: what this run says about the sentence.
 */
import type { Mark } from '../../clause-marks.ts';
import type { PageClause } from '../page-data.ts';
import type { Kit, Route } from './kit.ts';

/** The whole view. */
export function specView(kit: Kit, route: Route): HTMLElement {
  const order: readonly Mark[] = [
    'broken',
    'fault',
    'doubt',
    'excepted',
    'owed',
    'held',
    'unasked',
    'uncovered',
    'untestable',
  ];
  const text = kit.h('div', {});
  const draw = (): void => {
    const wanted = (kit.parseHash(location.hash).query.mark ?? '').split(',').filter((item) => item !== '');
    const shown = kit.page.clauses.filter((clause) => wanted.length === 0 || wanted.includes(clause.mark));
    const chapters = [...new Set(shown.map((clause) => clause.chapter))];
    text.replaceChildren(
      ...chapters.map((chapter) =>
        kit.h(
          'section',
          { class: 'prose' },
          kit.h('h2', { tabindex: -1 }, chapter === '' ? 'Without chapter' : chapter),
          shown.filter((clause) => clause.chapter === chapter).map((clause) => kit.clauseEntry(clause)),
        ),
      ),
    );
  };
  const chosen = (route.query.mark ?? '').split(',');
  const chips = order.flatMap((mark) => {
    const count = kit.page.clauses.filter((clause) => clause.mark === mark).length;
    return count === 0
      ? []
      : [
          kit.chip(
            'mark',
            mark,
            chosen.includes(mark),
            [kit.markIcon(mark), kit.h('span', { class: 'count' }, String(count))],
            draw,
          ),
        ];
  });
  draw();
  return kit.h(
    'div',
    { class: 'spec' },
    kit.h(
      'div',
      { class: 'filters', role: 'group', 'aria-label': 'Show only' },
      kit.h('span', { class: 'chips' }, chips),
    ),
    kit.h('div', { class: 'columns' }, text, kit.chapterList()),
  );
}

/** Chapters with how many of their clauses hold; a click leads to the chapter as it is shown now. */
export function chapterList(kit: Kit): HTMLElement {
  const chapters = [...new Set(kit.page.clauses.map((clause) => clause.chapter))];
  const rows = chapters.map((chapter) => {
    const members = kit.page.clauses.filter((clause) => clause.chapter === chapter);
    const held = members.filter((clause) => clause.mark === 'held').length;
    const loud = members.some((clause) => clause.mark === 'broken' || clause.mark === 'fault');
    const click = (): void => {
      const heads = [...document.querySelectorAll<HTMLElement>('.prose h2')];
      const head = heads.find((candidate) => candidate.textContent === chapter);
      head?.scrollIntoView();
      head?.focus({ preventScroll: true });
    };
    return kit.h(
      'li',
      {},
      kit.h('button', { type: 'button', click }, chapter === '' ? 'Without chapter' : chapter),
      kit.h(
        'span',
        { class: loud ? 'mark s-red' : 'mark s-hollow' },
        loud && kit.icon('red'),
        `${held}/${members.length}`,
        kit.h('span', { class: 'sr' }, ' held'),
      ),
    );
  });
  return kit.h('nav', { class: 'contents', 'aria-label': 'Chapters' }, kit.h('ul', {}, rows));
}

/** One sentence with its mark and a way to its cases. */
export function clauseEntry(kit: Kit, clause: PageClause): HTMLElement {
  const cases = clause.cases.length;
  return kit.h(
    'article',
    { class: `entry m-${clause.mark}` },
    kit.h('div', { class: 'margin' }, kit.markIcon(clause.mark)),
    kit.h(
      'div',
      {},
      kit.h('p', { class: 'sentence' }, kit.richText(clause.text)),
      kit.h(
        'p',
        { class: 'origin' },
        kit.h('span', { class: 'id' }, clause.id),
        clause.role !== '' && kit.h('span', {}, clause.role),
        cases === 0
          ? kit.h('span', {}, clause.mark === 'untestable' ? 'cannot be tested' : 'no case')
          : kit.h('a', { href: kit.link('matrix', [], { q: clause.id }) }, kit.words(cases, 'case')),
      ),
    ),
  );
}

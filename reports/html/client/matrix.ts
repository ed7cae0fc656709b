/// <reference lib="dom" />
/**
 * The matrix: areas, in them clauses, under each the cases that cite it; one column a target.
 *
 * Rows are made when they are opened. What is open follows from the verdicts until the reader changes it; changes are kept
 * in the address as a list of what was toggled.
 */
import type { Mark } from '../../clause-marks.ts';
import type { Status } from '../../model.ts';
import type { PageClause } from '../page-data.ts';
import type { Filter } from './filters.ts';
import type { Child, Kit, Route } from './kit.ts';

/** The whole view. */
export function matrixView(kit: Kit, route: Route): HTMLElement {
  const table = kit.h('div', { class: kit.page.targets.length > 5 ? 'scroll' : '' });
  const count = kit.h('p', { class: 'hint', 'aria-live': 'polite' });
  const draw = (): void => {
    const now = kit.parseHash(location.hash);
    const asked = kit.filterFrom(now);
    const clauses = kit.page.clauses.filter((clause) => kit.matchesClause(clause, asked));
    const filter = { ...asked, few: clauses.length <= 40 };
    const all = kit.page.clauses.length;
    count.textContent = filter.active
      ? `${clauses.length} of ${kit.words(all, 'clause')}`
      : `${kit.words(all, 'clause')}, ${kit.words(kit.page.cases.length, 'case')}`;
    table.replaceChildren(
      clauses.length === 0
        ? kit.h('p', { class: 'quiet' }, 'No clause matches these filters.')
        : kit.matrixTable(clauses, filter, now, draw),
    );
  };
  draw();
  return kit.h('div', {}, kit.filterBar(kit.filterFrom(route), draw), count, table);
}

/** The table for the clauses that are left. */
export function matrixTable(
  kit: Kit,
  clauses: readonly PageClause[],
  filter: Filter,
  route: Route,
  redraw: () => void,
): HTMLElement {
  const areas = new Map<string, PageClause[]>();
  for (const clause of clauses) {
    const members = areas.get(clause.area);
    if (members === undefined) areas.set(clause.area, [clause]);
    else members.push(clause);
  }
  return kit.h(
    'table',
    { class: 'matrix' },
    kit.h('caption', { class: 'sr' }, 'Clauses and the cases that judge them, by area; one column a target'),
    kit.h(
      'thead',
      {},
      kit.h(
        'tr',
        {},
        kit.h('th', { scope: 'col' }, 'Clause'),
        kit.page.targets.map((target) => kit.h('th', { scope: 'col', class: 'cell' }, target)),
      ),
    ),
    [...areas].map(([area, members]) => {
      const open = kit.isOpen(area, members, filter, route);
      return kit.h(
        'tbody',
        {},
        kit.areaRow(area, members, open, redraw),
        open && members.map((clause) => kit.clauseRows(clause, filter, route, redraw)),
      );
    }),
  );
}

/** Whether an area or clause is open: failures and filters open it, long green lists stay shut, a toggle turns it round. */
export function isOpen(kit: Kit, id: string, members: readonly PageClause[], filter: Filter, route: Route): boolean {
  const loud = members.some((clause) => ['broken', 'fault', 'doubt'].includes(clause.mark));
  const isArea = members.length !== 1 || members[0]!.id !== id;
  const byItself = isArea
    ? loud || filter.active || kit.page.clauses.length <= 150
    : loud || (filter.few && (filter.statuses.length > 0 || filter.text !== ''));
  const toggled = (route.query.toggled ?? '').split(',').includes(id);
  return byItself !== toggled;
}

/** Turns an area or clause round. */
export function toggle(kit: Kit, id: string): void {
  const old = (kit.parseHash(location.hash).query.toggled ?? '').split(',').filter((item) => item !== '');
  kit.replaceQuery({ toggled: (old.includes(id) ? old.filter((item) => item !== id) : [...old, id]).join(',') });
}

/** The heading of an area, with a count of clauses by mark for each target. */
export function areaRow(
  kit: Kit,
  area: string,
  members: readonly PageClause[],
  open: boolean,
  redraw: () => void,
): HTMLElement {
  const click = (): void => {
    kit.toggle(area);
    redraw();
    document.getElementById(`area-${area}`)?.focus();
  };
  const chapter = members[0]?.chapter ?? '';
  const all = kit.page.clauses.filter((clause) => clause.area === area);
  const cells = kit.page.targets.map((_, target) => {
    const count = (...marks: readonly Mark[]): number =>
      all.filter((clause) => marks.includes(clause.byTarget[target]!)).length;
    const held = count('held');
    const look = count('broken') > 0 ? 'red' : count('fault') > 0 ? 'purple' : held === all.length ? 'green' : 'hollow';
    const text = [`${held}/${all.length}`, kit.h('span', { class: 'sr' }, ' held')];
    return kit.h(
      'td',
      { class: 'cell' },
      kit.h('span', { class: `mark tally s-${look}` }, kit.icon(look), kit.h('span', {}, text)),
    );
  });
  return kit.h(
    'tr',
    { class: 'area' },
    kit.h(
      'th',
      { scope: 'rowgroup' },
      kit.h(
        'button',
        { type: 'button', id: `area-${area}`, 'aria-expanded': String(open), click },
        kit.icon(open ? 'open' : 'shut'),
        kit.h('span', { class: 'name' }, area),
        chapter !== '' && kit.h('span', { class: 'chapter' }, chapter.replace(/^\d+[.]? */, '')),
      ),
    ),
    cells,
  );
}

/** A clause and, when open, its cases, the worst first. */
export function clauseRows(kit: Kit, clause: PageClause, filter: Filter, route: Route, redraw: () => void): Child {
  const open = clause.cases.length > 0 && kit.isOpen(clause.id, [clause], filter, route);
  const order: readonly Status[] = ['red', 'purple', 'yellow', 'grey', 'hollow', 'green'];
  const worst = (place: number): number =>
    Math.min(
      ...kit.page.cases[place]!.verdicts.map((verdict) => (verdict === null ? 9 : order.indexOf(verdict.status))),
    );
  const cases = clause.cases
    .filter((place) => kit.matchesCase(kit.page.cases[place]!, filter))
    .sort((a, b) => worst(a) - worst(b));
  return [kit.clauseRow(clause, open, redraw), open && cases.map((place) => kit.caseRow(place))];
}

/** A clause: its id, duty and sentence, and its mark on each target. */
export function clauseRow(kit: Kit, clause: PageClause, open: boolean, redraw: () => void): HTMLElement {
  const click = (): void => {
    kit.toggle(clause.id);
    redraw();
    document.getElementById(`clause-${clause.id}`)?.focus();
  };
  const name = [clause.id, ' ', kit.h('span', { class: `level l-${clause.level}` }, clause.level)];
  const head =
    clause.cases.length === 0
      ? kit.h('span', { class: 'lead' }, kit.icon('none'), ...name)
      : kit.h(
          'button',
          { class: 'lead', type: 'button', id: `clause-${clause.id}`, 'aria-expanded': String(open), click },
          kit.icon(open ? 'open' : 'shut'),
          ...name,
        );
  return kit.h(
    'tr',
    { class: 'clause' },
    kit.h(
      'th',
      { scope: 'row' },
      kit.h('div', { class: 'pair' }, head, kit.h('span', { class: 'sentence' }, kit.richText(clause.text))),
    ),
    clause.byTarget.map((mark) => kit.h('td', { class: 'cell' }, kit.markIcon(mark))),
  );
}

/** A case under a clause; every cell leads to its page. */
export function caseRow(kit: Kit, place: number): HTMLElement {
  const one = kit.page.cases[place]!;
  const first = one.verdicts.findIndex((verdict) => verdict !== null);
  const cells = one.verdicts.map((verdict, target) => {
    if (verdict === null) return kit.h('td', { class: 'cell' }, kit.h('span', { class: 'sr' }, 'not planned'));
    return kit.h(
      'td',
      { class: 'cell' },
      kit.h('a', { href: kit.link('case', [one.id, kit.page.targets[target] ?? '']) }, kit.statusCell(verdict)),
    );
  });
  return kit.h(
    'tr',
    { class: 'case' },
    kit.h(
      'th',
      { scope: 'row' },
      kit.h(
        'a',
        { href: kit.link('case', [one.id, kit.page.targets[first] ?? '']) },
        kit.h('span', { class: 'id' }, one.id),
        ' ',
        kit.h('span', { class: 'title' }, one.title),
      ),
    ),
    cells,
  );
}

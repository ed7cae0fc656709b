/// <reference lib="dom" />
/**
 * The filters of the matrix: by status, level, area and text.
 */
import type { ClauseLevel, Status } from '../../model.ts';
import type { PageCase, PageClause } from '../page-data.ts';
import type { Child, Kit, Route } from './kit.ts';

export type Filter = {
  /** Empty: all. */
  readonly statuses: readonly string[];
  readonly levels: readonly string[];
  readonly area: string;
  /** Lower case. */
  readonly text: string;
  /** True when it leaves anything out. */
  readonly active: boolean;
  /** True when so few clauses are left that all of them may show their cases. */
  readonly few: boolean;
};

/** The filter an address holds. */
export function filterFrom(_kit: Kit, route: Route): Filter {
  const list = (text: string | undefined): string[] => (text ?? '').split(',').filter((item) => item !== '');
  const statuses = list(route.query.status);
  const levels = list(route.query.level);
  const area = route.query.area ?? '';
  const text = (route.query.q ?? '').trim().toLowerCase();
  return {
    few: false,
    statuses,
    levels,
    area,
    text,
    active: statuses.length > 0 || levels.length > 0 || area !== '' || text !== '',
  };
}

/** True when a case belongs to the wanted suite and has a verdict with one of the wanted statuses. */
export function matchesCase(kit: Kit, one: PageCase, filter: Filter): boolean {
  // Suites may be named otherwise than the areas of the spec; the filter takes either.
  const isSuite = filter.area !== '' && !kit.page.clauses.some((clause) => clause.area === filter.area);
  if (isSuite && one.area !== filter.area) return false;
  return (
    filter.statuses.length === 0 ||
    one.verdicts.some((verdict) => verdict !== null && filter.statuses.includes(verdict.status))
  );
}

/** True when a clause belongs into the filtered matrix. */
export function matchesClause(kit: Kit, clause: PageClause, filter: Filter): boolean {
  if (filter.levels.length > 0 && !filter.levels.includes(clause.level)) return false;
  const cases = clause.cases.map((place) => kit.page.cases[place]!);
  const elsewhere = filter.area !== '' && clause.area !== filter.area;
  if (elsewhere && kit.page.clauses.some((other) => other.area === filter.area)) return false;
  if ((elsewhere || filter.statuses.length > 0) && !cases.some((one) => kit.matchesCase(one, filter))) return false;
  if (filter.text === '') return true;
  const own = `${clause.id} ${clause.role} ${clause.text}`.toLowerCase();
  return own.includes(filter.text) || cases.some((one) => `${one.id} ${one.title}`.toLowerCase().includes(filter.text));
}

/** Levels the spec uses, strongest first. */
export function levelsOf(kit: Kit): ClauseLevel[] {
  return (['MUST', 'SHOULD', 'MAY'] as const).filter((level) => kit.page.levels[level].total > 0);
}

/** A filter that is on or off. */
export function chip(
  kit: Kit,
  key: string,
  value: string,
  pressed: boolean,
  label: readonly (Node | string)[],
  onChange: () => void,
): HTMLElement {
  const click = (event: Event): void => {
    const button = event.currentTarget as HTMLElement;
    const on = button.getAttribute('aria-pressed') !== 'true';
    button.setAttribute('aria-pressed', String(on));
    const old = (kit.parseHash(location.hash).query[key] ?? '')
      .split(',')
      .filter((item) => item !== '' && item !== value);
    kit.replaceQuery({ [key]: [...old, ...(on ? [value] : [])].join(',') });
    onChange();
  };
  return kit.h('button', { type: 'button', class: 'chip', 'aria-pressed': String(pressed), click }, ...label);
}

/** The whole bar; `onChange` is called after the address has changed. */
export function filterBar(kit: Kit, filter: Filter, onChange: () => void): HTMLElement {
  const { page } = kit;
  const names: readonly (readonly [Status, string])[] = [
    ['red', 'failed'],
    ['purple', 'faulty'],
    ['yellow', 'worth a look'],
    ['grey', 'foreseen'],
    ['hollow', 'not asked'],
    ['green', 'passed'],
  ];
  const statuses = names
    .filter(([status]) => page.counts[status] > 0)
    .map(([status, name]) =>
      kit.chip(
        'status',
        status,
        filter.statuses.includes(status),
        [
          kit.h('span', { class: `mark s-${status}` }, kit.icon(status), name),
          kit.h('span', { class: 'count' }, String(page.counts[status])),
        ],
        onChange,
      ),
    );
  const levels = kit
    .levelsOf()
    .map((level) => kit.chip('level', level, filter.levels.includes(level), [level], onChange));
  const areas = new Set(page.clauses.map((clause) => clause.area));
  const suites = new Set(page.cases.map((one) => one.area).filter((area) => !areas.has(area)));
  const choose = (event: Event): void => {
    kit.replaceQuery({ area: (event.currentTarget as HTMLSelectElement).value });
    onChange();
  };
  const type = (event: Event): void => {
    kit.replaceQuery({ q: (event.currentTarget as HTMLInputElement).value });
    onChange();
  };
  const option = (value: string, text: string): HTMLElement =>
    kit.h('option', { value, selected: value === filter.area }, text);
  const group = (label: string, names: ReadonlySet<string>): Child => {
    const options = [...names].map((name) => option(name, name));
    return suites.size === 0 ? options : kit.h('optgroup', { label }, options);
  };
  return kit.h(
    'div',
    { class: 'filters', role: 'group', 'aria-label': 'Filters' },
    kit.h('input', {
      id: 'search',
      type: 'search',
      placeholder: 'Search clauses and cases  ( / )',
      'aria-label': 'Search',
      value: filter.text,
      input: type,
    }),
    kit.h(
      'select',
      { 'aria-label': 'Area', change: choose },
      option('', 'All areas'),
      group('Spec', areas),
      group('Suites', suites),
    ),
    kit.h('span', { class: 'chips' }, levels),
    kit.h('span', { class: 'chips' }, statuses),
  );
}

/// <reference lib="dom" />
/**
 * The first view: what needs a look, then how the verdicts and the time are spread.
 */
import type { Status } from '../../model.ts';
import type { PageCase, PageVerdict } from '../page-data.ts';
import type { Kit } from './kit.ts';

/** A case and the targets on which it ended in one way. */
export type Finding = { readonly one: PageCase; readonly verdict: PageVerdict; readonly targets: string[] };

/** The whole view. */
export function overview(kit: Kit): HTMLElement {
  const groups: readonly (readonly [title: string, hint: string, status: Status])[] = [
    ['Failed', 'Not what the spec says, and nobody foresaw it.', 'red'],
    ['Faulty', 'The harness or the adapter broke; says nothing about the implementation.', 'purple'],
    ['Worth a look', 'Not what the spec recommends.', 'yellow'],
    ['Foreseen', 'Listed beforehand by the implementer.', 'grey'],
  ];
  const found = groups.filter(([, , status]) => kit.page.counts[status] > 0);
  return kit.h(
    'div',
    { class: found.length === 0 && kit.page.owed === 0 ? 'overview calm' : 'overview' },
    kit.h(
      'section',
      { class: 'findings', 'aria-label': 'Findings' },
      found.map(([title, hint, status]) => kit.attention(title, hint, status)),
      kit.page.owed > 0 && kit.attention('Not run', 'Planned, but the run ended or stopped before.', 'hollow'),
      found.length === 0 &&
        kit.page.owed === 0 &&
        kit.h('p', { class: 'quiet' }, 'Nothing failed, nothing is missing, nothing needs a look.'),
    ),
    kit.h('section', { class: 'charts' }, kit.areaChart(), kit.slowestChart()),
    kit.figureSection(),
  );
}

/** One group of verdicts, the first of them in full; a case that ended alike on several targets is one entry. */
export function attention(kit: Kit, title: string, hint: string, status: Status): HTMLElement {
  const { page } = kit;
  const max = 25;
  const entries = page.cases.flatMap((one) => {
    const alike = new Map<string, Finding>();
    for (const [index, verdict] of one.verdicts.entries()) {
      if (verdict?.status !== status || (status === 'hollow' && !verdict.owed)) continue;
      const key = `${verdict.word} ${verdict.reason ?? ''}`;
      const known = alike.get(key);
      if (known === undefined) alike.set(key, { one, verdict, targets: [page.targets[index] ?? ''] });
      else known.targets.push(page.targets[index] ?? '');
    }
    return [...alike.values()];
  });
  const count = status === 'hollow' ? page.owed : page.counts[status];
  return kit.h(
    'section',
    { class: 'group' },
    kit.h('h2', {}, title, ' ', kit.h('span', { class: 'count' }, String(count))),
    kit.h('p', { class: 'hint' }, hint),
    kit.h(
      'ul',
      { class: 'list' },
      entries.slice(0, max).map((entry) => kit.finding(entry)),
    ),
    entries.length > max &&
      kit.h(
        'p',
        {},
        kit.h('a', { href: kit.link('matrix', [], { status }) }, `${entries.length - max} more in the matrix`),
      ),
  );
}

/** One entry: what became of a case, where, and why. */
export function finding(kit: Kit, { one, verdict, targets }: Finding): HTMLElement {
  return kit.h(
    'li',
    {},
    kit.h(
      'a',
      { href: kit.link('case', [one.id, targets[0] ?? '']) },
      kit.h(
        'span',
        { class: 'first' },
        kit.statusCell(verdict),
        kit.h('span', { class: 'id' }, one.id),
        kit.h('span', { class: 'target' }, targets.join(', ')),
      ),
      kit.h('span', { class: 'title' }, one.title),
      verdict.reason !== undefined && kit.h('span', { class: 'reason' }, verdict.reason),
    ),
  );
}

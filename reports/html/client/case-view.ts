/// <reference lib="dom" />
/**
 * The page of one case on one target: the sentence of the spec first, then what was expected and what came, then the evidence.
 */
import type { PageCase, PageVerdict } from '../page-data.ts';
import type { Child, Kit, Route } from './kit.ts';

/** The whole view. */
export function caseView(kit: Kit, route: Route): HTMLElement {
  const { page } = kit;
  const [id = '', target = ''] = route.rest;
  const place = page.cases.findIndex((one) => one.id === id);
  const one = page.cases[place];
  const verdict = one?.verdicts[page.targets.indexOf(target)] ?? one?.verdicts.find((other) => other !== null);
  if (one === undefined || !verdict)
    return kit.h(
      'div',
      { class: 'case-page' },
      kit.h('h2', {}, 'No such case'),
      kit.h('p', {}, `This run holds no case ${id}${target === '' ? '' : ` on ${target}`}.`),
    );
  const at = page.targets[one.verdicts.indexOf(verdict)] ?? '';
  const beside = (step: number): Child => {
    const other = page.cases[place + step];
    return (
      other !== undefined &&
      kit.h(
        'a',
        { href: kit.link('case', [other.id, at]), rel: step < 0 ? 'prev' : 'next' },
        step < 0 ? `← ${other.id}` : `${other.id} →`,
      )
    );
  };
  const blamed = verdict.failure?.clause;
  const clauses = [...new Set([...(blamed === undefined ? [] : [blamed]), ...one.clauses])];
  return kit.h(
    'article',
    { class: 'case-page' },
    kit.h(
      'nav',
      { class: 'crumbs', 'aria-label': 'Cases' },
      kit.h('a', { href: kit.memory.lastHash.matrix ?? kit.link('matrix') }, 'Matrix'),
      kit.h('span', {}, one.area),
      kit.h('span', { class: 'id' }, one.id),
      kit.h('span', { class: 'beside' }, beside(-1), beside(1)),
    ),
    kit.h('h2', {}, one.title),
    kit.caseTabs(one, at),
    kit.h(
      'section',
      { class: 'quotes', 'aria-label': 'Clauses' },
      clauses.map((clause, index) => kit.clauseQuote(clause, index === 0)),
    ),
    kit.caseFailure(verdict),
    kit.caseFacts(one, verdict),
    verdict.figures?.map((figure) => kit.drawFigure(figure, null)),
    kit.drawnSteps(verdict),
    kit.caseEvidence(verdict),
    kit.page.trimmed !== '' && kit.h('p', { class: 'hint trimmed' }, kit.page.trimmed),
  );
}

/** The same case on the other targets. */
export function caseTabs(kit: Kit, one: PageCase, at: string): HTMLElement {
  return kit.h(
    'nav',
    { class: 'targets', 'aria-label': 'Targets' },
    one.verdicts.map((verdict, index) => {
      const target = kit.page.targets[index] ?? '';
      if (verdict === null) return null;
      return kit.h(
        'a',
        { href: kit.link('case', [one.id, target]), 'aria-current': target === at ? 'true' : undefined },
        kit.statusCell(verdict),
        kit.h('span', { class: 'target' }, target),
      );
    }),
  );
}

/** A clause in its own words. */
export function clauseQuote(kit: Kit, id: string, first: boolean): HTMLElement {
  const clause = kit.page.clauses.find((other) => other.id === id);
  const text = clause?.text ?? 'The log does not hold the text of this clause.';
  return kit.h(
    'figure',
    { class: first ? 'quote' : 'quote also' },
    kit.h('blockquote', { class: 'sentence' }, kit.richText(text)),
    kit.h(
      'figcaption',
      {},
      kit.h('span', { class: 'id' }, id),
      clause !== undefined && kit.h('span', { class: `level l-${clause.level}` }, clause.level),
      clause !== undefined && clause.chapter !== '' && kit.h('span', {}, clause.chapter),
    ),
  );
}

/** What was expected, what came, and how to see it again. */
export function caseFailure(kit: Kit, verdict: PageVerdict): Child {
  const { failure } = verdict;
  const pair = (name: string, text: string | undefined): Child =>
    text !== undefined && kit.h('div', {}, kit.h('dt', {}, name), kit.h('dd', {}, text));
  return [
    verdict.reason !== undefined && kit.h('p', { class: `verdict-reason s-${verdict.status}` }, verdict.reason),
    verdict.foreseen !== undefined && kit.h('p', { class: 'hint' }, `Expectation: ${verdict.foreseen}.`),
    failure !== undefined &&
      (failure.expected !== undefined || failure.actual !== undefined) &&
      kit.h('dl', { class: 'versus' }, pair('Expected', failure.expected), pair('Actual', failure.actual)),
    verdict.repro !== '' &&
      kit.h(
        'section',
        {},
        kit.h('h3', {}, 'Reproduce'),
        kit.h(
          'div',
          { class: 'command' },
          kit.h('code', {}, verdict.repro),
          kit.copyButton(verdict.repro, 'the command'),
        ),
      ),
  ];
}

/** Bytes, counterexample, standard error, stack: whatever the failure brought. */
export function caseEvidence(kit: Kit, verdict: PageVerdict): Child {
  const { failure } = verdict;
  if (failure === undefined) return null;
  const block = (title: string, ...body: readonly Child[]): Child =>
    kit.h('section', {}, kit.h('h3', {}, title), ...body);
  const deciding = failure.hexdump?.filter(([, marked]) => marked).length ?? 0;
  return [
    failure.hexdump !== undefined &&
      block(
        'Bytes',
        kit.h(
          'pre',
          {
            class: 'hex',
            tabindex: 0,
            'aria-label': `Hexdump${deciding > 0 ? `, ${kit.words(deciding, 'deciding line')} marked` : ''}`,
          },
          failure.hexdump.map(([text, marked]) => kit.h(marked ? 'mark' : 'span', {}, `${text}\n`)),
        ),
      ),
    failure.counterexample !== undefined &&
      block(
        'Smallest counterexample',
        kit.h('p', { class: 'hint' }, failure.shrunk ?? ''),
        kit.h('pre', { tabindex: 0 }, failure.counterexample),
      ),
    failure.stderr !== undefined &&
      block('Standard error, last lines', kit.h('pre', { tabindex: 0 }, failure.stderr.join('\n'))),
    failure.stack !== undefined &&
      kit.h('details', {}, kit.h('summary', {}, 'Stack'), kit.h('pre', { tabindex: 0 }, failure.stack)),
  ];
}

/** The sequence diagram, and the same as a table for those who cannot see it. */
export function drawnSteps(kit: Kit, verdict: PageVerdict): Child {
  const { steps } = verdict;
  if (steps === undefined || steps.length === 0) return null;
  return kit.h(
    'section',
    {},
    kit.h('h3', {}, 'What happened'),
    kit.h(
      'div',
      { class: 'diagram', tabindex: 0, role: 'group', 'aria-label': 'Sequence diagram; the table below says the same' },
      kit.drawSequence(steps),
    ),
    kit.h('details', {}, kit.h('summary', {}, 'As a table'), kit.stepsTable(steps)),
  );
}

/** All steps in words. */
export function stepsTable(kit: Kit, steps: NonNullable<PageVerdict['steps']>): HTMLElement {
  const name = (place: number): string => kit.page.strings[place] ?? '';
  const sign: readonly string[] = ['', 'decided', 'fault'];
  const rows = steps.map((step) => {
    if (typeof step === 'number')
      return kit.h('tr', {}, kit.h('td', { colspan: 5, class: 'hint' }, `${kit.words(step, 'step')} left out`));
    const [at, from, to, label, mark] = step;
    return kit.h(
      'tr',
      { class: mark === 1 ? 'bad' : '' },
      [kit.micros(at), name(from), to < 0 ? '' : name(to), name(label), sign[mark] ?? ''].map((text) =>
        kit.h('td', {}, text),
      ),
    );
  });
  return kit.h(
    'table',
    { class: 'plain' },
    kit.h(
      'thead',
      {},
      kit.h(
        'tr',
        {},
        ['At', 'From', 'To', 'What', ''].map((head) => kit.h('th', { scope: 'col' }, head)),
      ),
    ),
    kit.h('tbody', {}, rows),
  );
}

/** The numbers of the run, in one line. */
export function caseFacts(kit: Kit, one: PageCase, verdict: PageVerdict): HTMLElement {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Outcome', verdict.outcome],
    ['Level', one.level],
    ['Kind', one.kind],
    ['Runs', String(verdict.runs)],
    ['Seed', String(verdict.seed)],
    ['Duration', kit.millis(verdict.millis)],
    ['Digest', verdict.digest],
  ];
  return kit.h(
    'dl',
    { class: 'about' },
    facts.map(
      ([name, value]) => value !== undefined && kit.h('div', {}, kit.h('dt', {}, name), kit.h('dd', {}, value)),
    ),
  );
}

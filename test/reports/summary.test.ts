import { describe, expect, it } from 'vitest';
import { renderBadge, renderConsole, renderHtml, renderJunit, renderMarkdown, summarize } from '../../reports/index.ts';
import type { CaseVerdict, RunLog } from '../../reports/index.ts';
import { buildLog, footer, type Fate } from './sample-log.ts';
import { greenRun, mixedRun } from './sample-runs.ts';
import { parseXml } from './xml.ts';

/** A run of ten cases on one target in which single cases end otherwise. */
function run(fates: Readonly<Record<number, Fate>>, caseCount = 79): RunLog {
  return buildLog({ caseCount, targets: ['sim'], fate: (index) => fates[index] });
}

const FAIL: Fate = { outcome: 'fail', failure: { message: 'wrong' } };
const CRASH: Fate = { outcome: 'crash', failure: { message: 'gone' } };
const FAULT: Fate = { outcome: 'adapter-fault', failure: { message: 'not JSON' } };
const NOT_RUN: Fate = { outcome: 'not-run' };
const STALE: Fate = { outcome: 'pass', expectation: { kind: 'known-failing' } };
const EXCUSED: Fate = { outcome: 'fail', expectation: { kind: 'known-failing' }, failure: { message: 'wrong' } };

describe('the verdict line', () => {
  it.each<[string, RunLog, string]>([
    ['all pass, all asked', greenRun(), 'conformant'],
    ['all pass, few asked', run({}, 10), 'partly-asked'],
    ['one failed', run({ 3: FAIL }), 'not-conformant'],
    ['one crashed', run({ 3: CRASH }), 'not-conformant'],
    ['one failed, one faulty, one not run', run({ 3: FAIL, 4: FAULT, 5: NOT_RUN }), 'not-conformant'],
    ['one faulty', run({ 4: FAULT }), 'faulty'],
    ['one faulty, one not run', run({ 4: FAULT, 5: NOT_RUN }), 'faulty'],
    ['one not run', run({ 5: NOT_RUN }), 'incomplete'],
    ['one stale entry', run({ 5: STALE }), 'stale'],
    ['one stale entry, one failed', run({ 5: STALE, 6: FAIL }), 'not-conformant'],
    ['one foreseen failure', run({ 5: EXCUSED }), 'with-exceptions'],
    ['one not run, though the footer says complete', { ...run({ 5: NOT_RUN }), footer: footer([]) }, 'incomplete'],
    ['no footer', { ...greenRun(), footer: undefined }, 'incomplete'],
    ['nothing planned', buildLog({ caseCount: 0, targets: ['sim'] }), 'nothing-judged'],
    [
      'everything declined',
      buildLog({ caseCount: 9, targets: ['sim'], fate: () => ({ outcome: 'declined' }) }),
      'nothing-judged',
    ],
  ])('says what happened: %s', (_name, log, kind) => {
    expect(summarize(log).verdict.kind).toBe(kind);
  });

  it('is green in no report as soon as one case is red, purple or missing', () => {
    for (const [index, fate] of [FAIL, CRASH, FAULT, NOT_RUN, STALE].entries()) {
      const log = run({ [index * 11]: fate });
      expect(summarize(log).verdict.status).not.toBe('green');
      expect(renderConsole(log, { color: true, columns: 100 })).not.toMatch(/\x1b\[32m✓ Conformant/);
      expect(renderMarkdown(log)).not.toMatch(/^## ✓/);
      expect(renderBadge(log).json.color).not.toBe(renderBadge(greenRun()).json.color);
      expect(renderHtml(log)).not.toContain('<h1 class="s-green">');
      expect(renderJunit(log)).not.toContain(': Conformant"');
    }
  });

  it('does not believe a status that its outcome forbids', () => {
    const log = greenRun();
    const lying: CaseVerdict[] = log.verdicts.map((verdict, index) =>
      index === 7 ? { ...verdict, outcome: 'crash' } : verdict,
    );
    expect(summarize({ ...log, verdicts: lying, footer: footer(lying) }).verdict.kind).toBe('not-conformant');
  });

  it('counts what was and was not asked', () => {
    const { verdict, levels } = summarize(run({}, 10));
    expect(verdict.headline).toBe('Conformant as far as asked');
    expect(verdict.detail).toContain(
      `${levels.MUST.testable - levels.MUST.asked} of 69 testable MUST clauses were not asked`,
    );
    expect(levels.MUST.total).toBe(70);
  });
});

describe('clause marks', () => {
  const mark = (log: RunLog, id: string): string | undefined =>
    summarize(log).clauses.find(({ clause }) => clause.id === id)?.mark;

  it('breaks only the clause a failure names, whether the case cites it or not', () => {
    const log = run({ 0: { outcome: 'fail', failure: { message: 'wrong', clause: 'FRM-001' } } });
    expect(log.verdicts[0]).toMatchObject({ failure: { clause: 'FRM-001' } });
    expect(mark(log, 'FRM-001')).toBe('broken');
    expect(mark(log, 'FRM-002')).toBe('held');
    expect(mark(run({ 0: { outcome: 'fail', failure: { message: 'wrong', clause: 'RCN-004' } } }), 'RCN-004')).toBe(
      'broken',
    );
  });

  it('breaks every clause of a case that names none', () => {
    expect([mark(run({ 0: FAIL }), 'FRM-001'), mark(run({ 0: FAIL }), 'FRM-002')]).toEqual(['broken', 'broken']);
  });

  it('tells the ways of not being judged apart', () => {
    const declined = buildLog({ caseCount: 10, targets: ['sim'], fate: () => ({ outcome: 'declined' }) });
    expect(mark(declined, 'FRM-001')).toBe('unasked');
    expect(mark(declined, 'FRM-004')).toBe('uncovered');
    expect(mark(declined, 'BLB-010')).toBe('untestable');
    expect(mark(run({ 0: NOT_RUN }), 'FRM-001')).toBe('owed');
    expect(mark(run({ 0: STALE }), 'FRM-001')).toBe('held');
  });

  it('takes the worst over all targets', () => {
    const log = buildLog({
      caseCount: 79,
      targets: ['sim', 'loopback'],
      fate: (index, target) => (index === 0 && target === 'loopback' ? FAIL : undefined),
    });
    expect(summarize(log).clauses[0]).toMatchObject({ mark: 'broken', byTarget: ['held', 'broken'] });
  });

  it('gives cases without a known clause a place', () => {
    const log = greenRun();
    const planned = log.header.planned.map((plan, index) =>
      index === 0 ? { ...plan, clauses: [] } : index === 1 ? { ...plan, clauses: ['ZZZ-1'] } : plan,
    );
    const ids = summarize({ ...log, header: { ...log.header, planned } }).clauses.map(({ clause }) => clause.id);
    expect(ids.slice(-2)).toEqual(['FRM-?', 'ZZZ-1']);
  });
});

describe('all reports', () => {
  it('count alike', () => {
    const log = mixedRun();
    const { counts, owed, total, levels } = summarize(log);
    expect(counts).toEqual(log.footer?.counts);
    expect(renderConsole(log, { color: false, columns: 120 })).toContain(
      `${total} verdicts: ${counts.green} passed, ${counts.red} failed, ${counts.purple} faulty, ${counts.yellow} worth a look, ` +
        `${counts.grey} foreseen, ${counts.hollow - owed} not asked, ${owed} not run`,
    );
    expect(renderMarkdown(log)).toContain(
      `| **all** | ${[counts.green, counts.red, counts.purple, counts.yellow, counts.grey, counts.hollow - owed, owed, total].join(' | ')} |`,
    );
    const suites = parseXml(renderJunit(log));
    const number = (name: string): number => Number(suites.attributes.get(name));
    expect(number('tests')).toBe(total);
    expect(number('failures') + number('errors')).toBe(counts.red + counts.purple);
    expect(number('skipped')).toBe(counts.yellow + counts.grey + counts.hollow);
    const page = JSON.parse(/id="data">([^<]*)</.exec(renderHtml(log))![1]!) as { counts: unknown; levels: unknown };
    expect(page.counts).toEqual(counts);
    expect(page.levels).toEqual(JSON.parse(JSON.stringify(levels)));
    expect(renderBadge(log).json.message).toContain(`MUST ${levels.MUST.held}/${levels.MUST.asked}`);
  });

  it('are the same for the same log, and leave the log alone', () => {
    const log = mixedRun();
    const before = JSON.stringify(log);
    for (const render of [
      renderHtml,
      renderJunit,
      renderMarkdown,
      (l: RunLog) => renderConsole(l, { color: true, columns: 80 }),
      (l: RunLog) => renderBadge(l).svg,
    ]) {
      expect(render(log)).toBe(render(mixedRun()));
    }
    expect(JSON.stringify(log)).toBe(before);
  });
});

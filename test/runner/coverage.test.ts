/** Marks: what each counts, how they are summed over runs and cases, and when a campaign has not covered enough. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeCoverage, sumCoverage } from '../../reports/coverage.ts';
import { renderHtml, renderMarkdown } from '../../reports/index.ts';
import type { CaseVerdict, CoverageRow, RunLog } from '../../reports/model.ts';
import { scenario } from '../../scenarios/api.ts';
import type { Stage } from '../../scenarios/api.ts';
import { openTarget } from '../../scenarios/attach/targets.ts';
import { coverageLines, isCovered } from '../../scenarios/runner/coverage.ts';
import { executeCase } from '../../scenarios/runner/execute.ts';

const HEAD = { id: 'TST-0001', title: 'a case', clauses: ['CUS-002'], kind: 'property', invariants: false } as const;

/** A property of ten runs whose plans are 0 to 9. */
async function coverageOf(body: (stage: Stage, plan: number) => void, reachable: readonly string[] = []) {
  let next = 0;
  const plan = (): fc.Arbitrary<number> => fc.constant(0).map(() => next++ % 10);
  const subject = scenario({
    ...HEAD,
    reachable,
    plan,
    run: (stage, each: number) => {
      body(stage, each);
      return Promise.resolve();
    },
  });
  return executeCase(subject, openTarget('sim'), { seed: 1, runs: 10 });
}

describe('the runs of one case', () => {
  test('count each mark once a run, in the order in which marks first came', async () => {
    const { coverage } = await coverageOf((stage, plan) => {
      stage.sometimes('even', plan % 2 === 0);
      stage.sometimes('even', false);
      if (plan > 2) stage.reachable('beyond two');
      stage.faultClass('loss', plan < 4 ? 'off' : 'on');
      if (plan > 7) stage.faultClass('loss', 'fired');
      stage.faultClass('loss', 'off');
    });
    expect(coverage).toEqual([
      { mark: 'even', hits: 5, runs: 10 },
      { mark: 'loss', hits: 2, on: 6, runs: 10, kind: 'fault' },
      { mark: 'beyond two', hits: 7, runs: 10, kind: 'reachable' },
    ]);
  });

  test('show a point that the case says can be reached and that no run came to', async () => {
    const { coverage } = await coverageOf(() => undefined, ['the far end']);
    expect(coverage).toEqual([{ mark: 'the far end', hits: 0, runs: 10, kind: 'reachable' }]);
  });

  test('fail where a point is reached that must not be', async () => {
    const result = await coverageOf((stage, plan) => {
      if (plan === 7) stage.unreachable('seven', 'CUS-002');
    });
    expect(result).toMatchObject({
      outcome: 'fail',
      failure: { message: 'a point was reached that must not be: seven', clause: 'CUS-002' },
    });
  });

  test('a case without a plan counts its one run', async () => {
    const { coverage } = await executeCase(
      scenario({
        ...HEAD,
        kind: 'example',
        run: (stage) => {
          stage.reachable('here');
          return Promise.resolve();
        },
      }),
      openTarget('sim'),
      { seed: 1 },
    );
    expect(coverage).toEqual([{ mark: 'here', hits: 1, runs: 1, kind: 'reachable' }]);
  });
});

describe('a campaign', () => {
  const row = (mark: string, hits: number, runs: number): CoverageRow => ({ mark, hits, runs });
  const fault = (mark: string, on: number, hits: number, runs: number): CoverageRow => ({
    mark,
    hits,
    runs,
    on,
    kind: 'fault',
  });

  test('sums marks of one kind and text', () => {
    const rows = sumCoverage([
      { coverage: [row('a', 1, 4), row('b', 0, 2), row('a', 3, 4)] },
      {},
      { coverage: [fault('a', 3, 2, 4)] },
      { coverage: [fault('a', 1, 1, 5)] },
    ]);
    expect(rows).toEqual([row('a', 4, 8), row('b', 0, 2), fault('a', 4, 3, 9)]);
    const lines = coverageLines(rows);
    expect(lines).toContain('  a  in  50 %, not in  50 % of 8 runs\n');
    expect(lines).toContain('  a  on in  44 %, fired in  33 %, off in  56 % of 9 runs\n');
  });

  test.each<readonly [string, CoverageRow, string | undefined]>([
    ['a point that some run reached', { ...row('x', 1, 90), kind: 'reachable' }, undefined],
    ['a point that none reached', { ...row('x', 0, 1), kind: 'reachable' }, 'NEVER REACHED'],
    ['what sometimes happened', row('x', 1, 90), undefined],
    ['what never happened', row('x', 0, 90), 'NEVER'],
    ['what never happened in a few runs', row('x', 0, 39), undefined],
    ['a class of faults on in a half', fault('x', 45, 45, 90), undefined],
    ['a class that fired in 19 of 100', fault('x', 50, 19, 100), 'FIRED IN LESS THAN 20 %'],
    ['a class that fired in 20 of 100', fault('x', 50, 20, 100), undefined],
    ['a class that was off in 19 of 100', fault('x', 81, 50, 100), 'OFF IN LESS THAN 20 %'],
    ['a class that never fired in a few runs', fault('x', 9, 0, 39), undefined],
  ])('%s', (_name, each, problem) => {
    expect(judgeCoverage([each])[0]?.problem).toBe(problem);
    expect(isCovered([each])).toBe(problem === undefined);
    expect(coverageLines([each])).toContain(problem === undefined ? 'coverage: enough\n' : `   ${problem}\n`);
    if (problem !== undefined) expect(coverageLines([each])).toContain('coverage: NOT ENOUGH: x\n');
  });
});

const VERDICT: CaseVerdict = {
  kind: 'verdict',
  case: 'TST-0001',
  target: 'sim',
  outcome: 'pass',
  expectation: { kind: 'none' },
  status: 'green',
  seed: 1,
  runs: 100,
  wallMillis: 1,
  repro: 'npx esf run',
};

describe('the reports', () => {
  const log = (...coverage: readonly CoverageRow[]): RunLog => ({
    header: {
      kind: 'header',
      format: 1,
      tool: 'esf-conformance',
      version: '0.0.0',
      spec: 'x',
      command: 'npx esf run',
      seed: 1,
      targets: ['sim'],
      implementation: { name: 'engine', version: '1', language: 'TypeScript' },
      startedAt: '2025-06-15T00:00:00.000Z',
      node: 'v20',
      clauses: [],
      planned: [
        {
          case: 'TST-0001',
          target: 'sim',
          title: 'a case',
          area: 'tst',
          kind: 'property',
          clauses: ['X-1'],
          level: 'MUST',
        },
      ],
    },
    verdicts: [{ ...VERDICT, coverage }],
    footer: undefined,
  });
  const rows: readonly CoverageRow[] = [
    { mark: 'clog<b>', hits: 19, runs: 100, on: 50, kind: 'fault' },
    { mark: 'the end', hits: 0, runs: 100, kind: 'reachable' },
    { mark: 'sometimes', hits: 7, runs: 100 },
  ];

  test('have the table of classes with shares and limits, and the marks', () => {
    const markdown = renderMarkdown(log(...rows));
    expect(markdown).toContain('### Coverage: 2 of 3 marks not enough\n');
    expect(markdown).toMatch(/\| clog.*b.* \| 50 % \| 19 % \| 50 % \| 100 \| fired in less than 20 % \|\n/);
    expect(markdown).toContain('| the end | 0 % | 100 | never reached |\n');
    const page = renderHtml(log(...rows));
    expect(page).toContain('<summary>Coverage: 2 of 3 marks not enough</summary>');
    expect(page).toContain(
      '<tr><td>clog&lt;b&gt;</td><td>50 %</td><td>19 %</td><td>50 %</td><td>100</td><td>fired in less than 20 %</td></tr>',
    );
    expect(page).toContain('<tr><td>sometimes</td><td>7 %</td><td>100</td><td></td></tr>');
  });

  test('say nothing of coverage when no case has marks', () => {
    expect(renderMarkdown(log())).not.toContain('Coverage');
    expect(renderHtml(log())).not.toContain('id="coverage"');
  });
});

/** Rows, decisions, scenarios and counts: each lint is shown the fault it is for. */
import { describe, expect, test } from 'vitest';
import {
  clauseCounts,
  lintDecisions,
  lintInventory,
  lintScenarios,
  parseDecisions,
  parseInventory,
  parseNotApplicable,
} from '../../spec/clause-coverage.ts';
import { areas, parseClauses } from '../../spec/clauses.ts';
import type { Clause, Finding } from '../../spec/clauses.ts';

const clausesOf = (text: string): readonly Clause[] => parseClauses([{ file: 'c.md', text }]);
const said = (findings: readonly Finding[]): string[] =>
  findings.map(({ file, line, message }) => `${file}:${line} ${message}`);

const inventory = parseInventory(
  'id\tlevel\tstatement\nHDR-001\tMUST\tfirst\nHDR-002\tMUST\tsecond\nDEM-001\tMUST\tdemo\n',
);

function rowFindings(inv: string, notApplicable = '', decisions = ''): string[] {
  return said(
    lintInventory({
      clauses: clausesOf(`A MUST. {#FRM-001 MUST both${inv === '' ? '' : ` inv:${inv}`} source:manual}`),
      inventory,
      decisions: parseDecisions({ file: 'd.md', text: decisions }),
      notApplicable: parseNotApplicable({ file: 'n.md', text: notApplicable }),
      inventoryFile: 'i.tsv',
    }),
  );
}

describe('inventory', () => {
  test('rows may be covered by a clause, a decision, or be not applicable; other areas are not asked for', () => {
    expect(rowFindings('HDR-001,HDR-002')).toEqual([]);
    expect(rowFindings('HDR-001', '- HDR-002: not ours')).toEqual([]);
    expect(rowFindings('HDR-001', '', '### D-001 T\n\n- Rows: HDR-002\n')).toEqual([]);
    expect(rowFindings('', '- HDR-001..HDR-002: neither')).toEqual([]);
  });

  test('a row nobody accounts for is found', () => {
    expect(rowFindings('HDR-001')).toEqual(['i.tsv:3 row HDR-002 is not accounted for: second']);
  });

  test('a row that does not exist is found wherever it is named', () => {
    expect(rowFindings('HDR-001,HDR-002,HDR-009')).toEqual(['c.md:1 inventory row HDR-009 does not exist']);
    expect(rowFindings('HDR-001,HDR-002', '\n- HDR-008..HDR-009: x')).toEqual([
      'n.md:2 inventory row HDR-008 does not exist',
      'n.md:2 inventory row HDR-009 does not exist',
    ]);
    expect(rowFindings('HDR-001,HDR-002', '', '### D-001 T\n\n- Rows: HDR-007\n')).toEqual([
      'd.md:3 inventory row HDR-007 does not exist',
    ]);
  });

  test('a row both covered and not applicable is found', () => {
    expect(rowFindings('HDR-001,HDR-002', '- HDR-002: not ours')).toEqual([
      'n.md:1 row HDR-002 is covered and not applicable',
    ]);
  });
});

describe('decisions', () => {
  const ours = 'A MUST. {#FRM-001 MUST both source:ours}';
  const decide = (text: string): ReturnType<typeof parseDecisions> => parseDecisions({ file: 'd.md', text });

  test('a clause of our own with a decision is sound', () => {
    expect(lintDecisions(clausesOf(ours), decide('### D-001 T\n\n- Why: x\n- Clauses: FRM-001\n'))).toEqual([]);
  });

  test('a clause of our own without a decision is found', () => {
    expect(said(lintDecisions(clausesOf(ours), []))).toEqual([
      'c.md:1 FRM-001 is ours and no decision gives the reason',
    ]);
  });

  test('a decision about an unknown clause is found', () => {
    expect(said(lintDecisions(clausesOf(ours), decide('### D-001 T\n\n- Clauses: FRM-001, FRM-002\n')))).toEqual([
      'd.md:3 D-001 names unknown clause FRM-002',
    ]);
  });

  test('a decision number used twice is found', () => {
    const text = '### D-001 T\n- Clauses: FRM-001\n### D-001 U\n- Clauses: none\n';
    expect(said(lintDecisions(clausesOf(ours), decide(text)))).toEqual(['d.md:4 decision D-001 stands twice']);
  });
});

describe('scenarios', () => {
  const clauses = clausesOf(
    [
      'A MUST. {#FRM-001 MUST both source:manual}',
      'B SHOULD. {#FRM-002 SHOULD both source:manual}',
      'C MUST. {#FRM-003 MUST both source:manual test:review}',
    ].join('\n\n'),
  );

  test('only a testable MUST has to be cited', () => {
    expect(lintScenarios(clauses, [{ scenarioId: 's', clauses: ['FRM-001'] }])).toEqual([]);
  });

  test('a testable MUST that no scenario cites is found', () => {
    expect(said(lintScenarios(clauses, [{ scenarioId: 's', clauses: ['FRM-002'] }]))).toEqual([
      'c.md:1 FRM-001 is a MUST that no scenario cites',
    ]);
  });

  test('a scenario citing an unknown clause, or none, is found', () => {
    const scenarios = [
      { scenarioId: 's', clauses: ['FRM-001', 'FRM-999'] },
      { scenarioId: 't', clauses: [] },
    ];
    expect(said(lintScenarios(clauses, scenarios))).toEqual([
      's:1 scenario s cites unknown clause FRM-999',
      't:1 scenario t cites no clause',
    ]);
  });
});

describe('counts', () => {
  const clauses = clausesOf(
    [
      'A MUST. {#FRM-001 MUST both source:manual}',
      'B MUST. {#FRM-002 MUST both source:manual}',
      'C MUST. {#LOG-001 MUST both source:manual}',
      'D MAY. {#LOG-002 MAY both source:manual}',
    ].join('\n\n'),
  );
  const scenarios = [
    { scenarioId: 's', clauses: ['FRM-001', 'FRM-002'] },
    { scenarioId: 't', clauses: ['LOG-001'] },
  ];

  test('covered counts cited clauses, by level and by area', () => {
    const counts = clauseCounts(clauses, { scenarios, mutants: [] });
    expect(counts.must).toEqual({ total: 3, covered: 3, proved: 0 });
    expect(counts.may).toEqual({ total: 1, covered: 0, proved: 0 });
    expect(counts.areas.find(({ area }) => area === 'LOG')!.must).toEqual({ total: 1, covered: 1, proved: 0 });
    expect(counts.areas).toHaveLength(Object.keys(areas).length);
  });

  test('a clause is proved only by a scenario that cites it and killed a mutant that breaks it', () => {
    const mutant = (broken: string, killer: string): object => ({
      mutantId: 'm',
      clauses: [broken],
      killedBy: [killer],
    });
    const proved = (...mutants: object[]): number =>
      clauseCounts(clauses, {
        scenarios,
        mutants: mutants as { mutantId: string; clauses: string[]; killedBy: string[] }[],
      }).must.proved;
    expect(proved(mutant('FRM-001', 's'))).toBe(1);
    expect(proved(mutant('FRM-001', 't'))).toBe(0);
    expect(proved(mutant('FRM-001', 'gone'))).toBe(0);
    expect(proved(mutant('FRM-001', 's'), mutant('LOG-001', 't'))).toBe(2);
    expect(proved({ mutantId: 'm', clauses: ['FRM-002'], killedBy: [] })).toBe(0);
  });
});

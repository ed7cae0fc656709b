/** The verdict law, cell by cell: outcome x expectation x level. */
import { describe, expect, test } from 'vitest';
import type { ClauseLevel, Expectation, Outcome, Status } from '../../reports/model.ts';
import { judge } from '../../scenarios/runner/verdict.ts';

const TODAY = '2025-06-15';
const OUTCOMES: readonly Outcome[] = [
  'pass',
  'fail',
  'timeout',
  'crash',
  'adapter-fault',
  'harness-fault',
  'declined',
  'not-applicable',
  'not-run',
];
const LETTER: Readonly<Record<string, Status>> = {
  g: 'green',
  r: 'red',
  y: 'yellow',
  e: 'grey',
  h: 'hollow',
  p: 'purple',
};

const none: Expectation = { kind: 'none' };
const failing: Expectation = { kind: 'known-failing', message: 'bob got' };
const flaky: Expectation = { kind: 'known-flaky', outcomes: ['fail'], until: TODAY };
const flakyNoMore: Expectation = { kind: 'known-flaky', outcomes: ['fail'], until: '2025-06-14' };
const skip: Expectation = { kind: 'skip', reason: 'no blobs here', until: TODAY };
const skipNoMore: Expectation = { kind: 'skip', reason: 'no blobs here', until: '2025-06-14' };

/** One letter an outcome, in the order above; rows are MUST, SHOULD, MAY. */
const LAW: readonly (readonly [string, Expectation, string, Readonly<Record<ClauseLevel, string>>])[] = [
  ['nothing expected', none, 'bob got nothing', { MUST: 'grrrpprhh', SHOULD: 'gyyypphhh', MAY: 'gyyypphhh' }],
  ['known-failing', failing, 'bob got nothing', { MUST: 'reeepperh', SHOULD: 'reeepperh', MAY: 'reeepperh' }],
  [
    'known-failing, other message',
    failing,
    'alice got nothing',
    { MUST: 'rrrrpperh', SHOULD: 'rrrrpperh', MAY: 'rrrrpperh' },
  ],
  ['known-flaky', flaky, 'bob got nothing', { MUST: 'gerrpprhh', SHOULD: 'geyypphhh', MAY: 'geyypphhh' }],
  [
    'known-flaky, expired',
    flakyNoMore,
    'bob got nothing',
    { MUST: 'rrrrpprrr', SHOULD: 'rrrrpprrr', MAY: 'rrrrpprrr' },
  ],
  ['skip', skip, 'bob got nothing', { MUST: 'grrrpprhe', SHOULD: 'gyyypphhe', MAY: 'gyyypphhe' }],
  ['skip, expired', skipNoMore, 'bob got nothing', { MUST: 'rrrrpprrr', SHOULD: 'rrrrpprrr', MAY: 'rrrrpprrr' }],
];

describe.each(LAW)('%s', (_name, expectation, message, rows) => {
  for (const level of ['MUST', 'SHOULD', 'MAY'] as const) {
    test.each(OUTCOMES.map((outcome, index) => [outcome, LETTER[rows[level][index]!]!] as const))(
      `${level}: %s is %s`,
      (outcome, status) => {
        expect(judge({ outcome, expectation, level, message, today: TODAY, mandatory: true }).status).toBe(status);
      },
    );
  }
});

test('strict makes a broken SHOULD red', () => {
  const input = { outcome: 'fail', expectation: none, level: 'SHOULD', today: TODAY } as const;
  expect(judge(input).status).toBe('yellow');
  expect(judge({ ...input, strict: true }).status).toBe('red');
});

test('a MUST of a feature that is not mandatory may be declined', () => {
  const input = { outcome: 'declined', expectation: none, level: 'MUST', today: TODAY } as const;
  expect(judge({ ...input, mandatory: false }).status).toBe('hollow');
});

describe('what is stale says so', () => {
  const input = { level: 'MUST', today: TODAY } as const;
  test.each([
    ['passes', { outcome: 'pass', expectation: failing }, /known-failing but passes/],
    ['does not apply', { outcome: 'not-applicable', expectation: failing }, /does not apply/],
    [
      'fails otherwise',
      { outcome: 'fail', expectation: failing, message: 'x' },
      /another message than the listed "bob got"/,
    ],
    ['flaky too long', { outcome: 'pass', expectation: flakyNoMore }, /until 2025-06-14 has expired/],
    ['skipped too long', { outcome: 'not-run', expectation: skipNoMore }, /until 2025-06-14 has expired/],
  ] as const)('%s', (_name, cell, text) => {
    const { status, stale } = judge({ ...input, ...cell });
    expect(status).toBe('red');
    expect(stale).toMatch(text);
  });

  test('an entry that holds is not stale', () => {
    expect(judge({ ...input, outcome: 'fail', expectation: failing, message: 'bob got x' })).toEqual({
      status: 'grey',
    });
    expect(judge({ ...input, outcome: 'not-run', expectation: skip })).toEqual({ status: 'grey' });
  });
});

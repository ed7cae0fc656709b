import { describe, expect, it } from 'vitest';
import { honestStatus, isOwed, OUTCOMES, STATUSES, statusOf } from '../../reports/law.ts';
import type { ClauseLevel, Expectation, Outcome, Status } from '../../reports/model.ts';

const NONE: Expectation = { kind: 'none' };
const FAILING: Expectation = { kind: 'known-failing', message: 'no reply' };
const FLAKY: Expectation = { kind: 'known-flaky', outcomes: ['timeout'], until: '2026-01-01' };
const SKIP: Expectation = { kind: 'skip', reason: 'no second address' };

/** Columns: none MUST, none SHOULD, none MAY, known-failing, known-flaky (timeout), skip; failures begin with "no reply". */
const TABLE: Readonly<Record<Outcome, readonly [Status, Status, Status, Status, Status, Status]>> = {
  pass: ['green', 'green', 'green', 'red', 'green', 'green'],
  fail: ['red', 'yellow', 'yellow', 'grey', 'red', 'red'],
  timeout: ['red', 'yellow', 'yellow', 'grey', 'grey', 'red'],
  crash: ['red', 'yellow', 'yellow', 'grey', 'red', 'red'],
  'adapter-fault': ['purple', 'purple', 'purple', 'purple', 'purple', 'purple'],
  'harness-fault': ['purple', 'purple', 'purple', 'purple', 'purple', 'purple'],
  declined: ['hollow', 'hollow', 'hollow', 'grey', 'hollow', 'hollow'],
  'not-applicable': ['hollow', 'hollow', 'hollow', 'red', 'hollow', 'hollow'],
  'not-run': ['hollow', 'hollow', 'hollow', 'hollow', 'hollow', 'grey'],
};

describe('the verdict law', () => {
  it.each(OUTCOMES)('judges every cell of the row %s', (outcome) => {
    const judge = (expectation: Expectation, level: ClauseLevel): Status =>
      statusOf({ outcome, expectation, level, message: 'no reply after 2 s' });
    expect([
      judge(NONE, 'MUST'),
      judge(NONE, 'SHOULD'),
      judge(NONE, 'MAY'),
      judge(FAILING, 'MUST'),
      judge(FLAKY, 'MUST'),
      judge(SKIP, 'MUST'),
    ]).toEqual(TABLE[outcome]);
  });

  it('counts a listed failure with another message as news', () => {
    expect(statusOf({ outcome: 'fail', expectation: FAILING, level: 'MUST', message: 'wrong reply' })).toBe('red');
    expect(statusOf({ outcome: 'fail', expectation: { kind: 'known-failing' }, level: 'MUST', message: 'any' })).toBe(
      'grey',
    );
  });

  it('is harder when strict and where a feature is mandatory', () => {
    expect(statusOf({ outcome: 'fail', expectation: NONE, level: 'SHOULD', strict: true })).toBe('red');
    expect(statusOf({ outcome: 'fail', expectation: NONE, level: 'MAY', strict: true })).toBe('yellow');
    expect(statusOf({ outcome: 'declined', expectation: NONE, level: 'MUST', mandatory: true })).toBe('red');
    expect(statusOf({ outcome: 'declined', expectation: NONE, level: 'SHOULD', mandatory: true })).toBe('hollow');
  });

  it('never lets a report show anything but a pass as green', () => {
    for (const outcome of OUTCOMES) {
      for (const status of STATUSES) {
        const shown = honestStatus({ outcome, status });
        if (outcome !== 'pass') expect(shown, `${outcome} said ${status}`).not.toBe('green');
        if (status === 'red') expect(['red', 'purple']).toContain(shown);
      }
    }
  });

  it('owes a verdict that was not run, unless a skip foresaw it', () => {
    expect(isOwed({ outcome: 'not-run', expectation: NONE })).toBe(true);
    expect(isOwed({ outcome: 'not-run', expectation: SKIP })).toBe(false);
    expect(isOwed({ outcome: 'pass', expectation: NONE })).toBe(false);
  });
});

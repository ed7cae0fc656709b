/** The conformance lines: which cases count for which profile, and what speaks against it. */
import { describe, expect, test } from 'vitest';
import { PROFILES, conformanceLine, conformanceOf } from '../../scenarios/attach/exec-conformance.ts';
import type { JudgedCase } from '../../scenarios/attach/exec-conformance.ts';
import type { ClauseLevel, Outcome, Status } from '../../reports/model.ts';
import type { Feature } from '../../scenarios/api.ts';

function judged(
  id: string,
  needs: readonly Feature[],
  outcome: Outcome,
  status: Status,
  level: ClauseLevel = 'MUST',
): JudgedCase {
  const verdict = {
    kind: 'verdict',
    case: id,
    target: 'exec',
    outcome,
    status,
    expectation: { kind: 'none' },
    seed: 1,
    runs: 1,
    wallMillis: 1,
    repro: '',
  } as const;
  return { verdict, level, needs };
}

const lines = (cases: readonly JudgedCase[], declared: readonly Feature[]): readonly string[] =>
  conformanceOf(cases, declared).map(conformanceLine);

describe('conformance', () => {
  const good = [judged('LOG-1', ['logon'], 'pass', 'green'), judged('BLB-1', ['blob'], 'pass', 'green')];

  test('everything declared and green conforms', () => {
    expect(lines(good, PROFILES.Full)).toEqual(['Core: conformant', 'Full: conformant']);
  });

  test('a red case speaks against the profiles that have its features, and no other', () => {
    expect(lines([...good, judged('BLB-2', ['send', 'blob'], 'fail', 'red')], PROFILES.Full)).toEqual([
      'Core: conformant',
      'Full: not conformant, 1 case against it (BLB-2)',
    ]);
    expect(lines([...good, judged('SND-1', ['send'], 'crash', 'red')], PROFILES.Full)[0]).toBe(
      'Core: not conformant, 1 case against it (SND-1)',
    );
  });

  test.each([
    ['adapter-fault', 'purple'],
    ['not-run', 'hollow'],
  ] as const)('so does %s', (outcome, status) => {
    expect(lines([...good, judged('SND-1', ['send'], outcome, status)], PROFILES.Full)[0]).toBe(
      'Core: not conformant, 1 case against it (SND-1)',
    );
  });

  test('what is declared and then declined speaks against it where it is a MUST', () => {
    const declined = judged('QRY-1', ['query'], 'declined', 'hollow');
    expect(lines([...good, declined], PROFILES.Full)[0]).toBe('Core: not conformant, 1 case against it (QRY-1)');
    expect(lines([...good, { ...declined, level: 'SHOULD' }], PROFILES.Full)[0]).toBe('Core: conformant');
  });

  test('a foreseen failure is an exception, a skipped case too', () => {
    const cases = [...good, judged('SND-1', ['send'], 'fail', 'grey'), judged('SND-2', ['send'], 'not-run', 'grey')];
    expect(lines(cases, PROFILES.Full)[0]).toBe('Core: conformant with 2 exceptions (SND-1, SND-2)');
  });

  test('a missing feature is named', () => {
    const cases = [good[0]!, judged('BLB-1', ['blob'], 'not-applicable', 'hollow')];
    expect(lines(cases, PROFILES.Core)).toEqual([
      'Core: conformant',
      'Full: not conformant, the adapter does not declare blob, reconnect, basic, sendMessage',
    ]);
  });

  test('nothing green proves nothing', () => {
    expect(lines([], PROFILES.Full)).toEqual([
      'Core: not conformant, no case passed',
      'Full: not conformant, no case passed',
    ]);
  });

  test('the codec is judged where it is declared', () => {
    const some = [
      judged('vector:a/b', ['decode'], 'pass', 'green'),
      judged('vector:a/c', ['decode'], 'declined', 'hollow'),
    ];
    expect(lines([...good, ...some], [...PROFILES.Full, 'decode'])[2]).toBe('Codec: conformant');
    expect(lines([...good, judged('vector:a/b', ['decode'], 'fail', 'red')], [...PROFILES.Full, 'decode'])).toEqual([
      'Core: conformant',
      'Full: conformant',
      'Codec: not conformant, 1 case against it (vector:a/b)',
    ]);
  });

  test('many cases are counted, some named', () => {
    const cases = Array.from({ length: 20 }, (_, index) => judged(`X-${index}`, ['send'], 'fail', 'red'));
    expect(lines(cases, PROFILES.Full)[0]).toBe(
      'Core: not conformant, 20 cases against it (X-0, X-1, X-2, X-3, X-4, X-5, X-6, X-7 and 12 more)',
    );
  });
});

import { describe, expect, it } from 'vitest';
import { OUTCOMES, STATUSES } from '../../reports/law.ts';
import type { CaseVerdict } from '../../reports/model.ts';
import { readLog } from '../../reports/read-log.ts';
import { renderHtml, renderJunit, renderMarkdown } from '../../reports/index.ts';
import { summarize } from '../../reports/summary.ts';
import { sampleClauses } from './sample-clauses.ts';
import { buildLog, lines } from './sample-log.ts';
import { greenRun, mixedRun } from './sample-runs.ts';

const text = (log = greenRun()): string => `${lines(log).join('\n')}\n`;

/** A run, the green one by default, with one line replaced by what `change` makes of it. */
function changed(index: number, change: (event: Record<string, unknown>) => unknown, log = greenRun()): string {
  const all = lines(log);
  const event = JSON.parse(all[index]!) as Record<string, unknown>;
  all[index] = JSON.stringify(change(event));
  return `${all.join('\n')}\n`;
}

describe('a whole log', () => {
  it('comes back as it was written', () => {
    const log = mixedRun();
    const read = readLog(text(log));
    expect(read.problems).toEqual([]);
    expect(read.log).toEqual({ ...JSON.parse(JSON.stringify(log)), problems: [] });
  });

  it('may have Windows line ends, a byte order mark and empty lines', () => {
    expect(readLog(`\ufeff${text().replaceAll('\n', '\r\n\r\n')}`).problems).toEqual([]);
  });
});

describe('a log of a run that died', () => {
  const whole = text(mixedRun());

  it('is readable wherever it was cut, and never looks better than what it holds', () => {
    const planned = mixedRun().verdicts.length;
    const headerEnd = whole.indexOf('\n') + 1;
    for (let at = headerEnd; at < whole.length - 1; at += 997) {
      const { log, problems } = readLog(whole.slice(0, at));
      expect(log.verdicts).toHaveLength(planned);
      expect(problems.join('\n')).toContain('no footer');
      const { verdict, counts } = summarize(log);
      expect(verdict.status, `cut at ${at}`).not.toBe('green');
      expect(verdict.kind).toBe(counts.red > 0 ? 'not-conformant' : counts.purple > 0 ? 'faulty' : 'incomplete');
    }
  });

  it('names the cut line and the case that was running', () => {
    const all = lines(greenRun());
    const { log, problems } = readLog(`${all.slice(0, 4).join('\n')}\n${all[4]!.slice(0, 80)}`);
    expect(problems[0]).toMatch(/^line 5 is cut off and was left out: "\{"kind":"verdict"/);
    expect(problems[1]).toBe('the log has no footer: the run died; 78 of 79 verdicts are missing');
    expect(log.verdicts[1]).toMatchObject({
      outcome: 'not-run',
      status: 'hollow',
      reason: 'the run died while this case was running',
    });
    expect(log.verdicts[2]).toMatchObject({ outcome: 'not-run', reason: 'the run died before this case began' });
    expect(log.verdicts[2]!.repro).toBe(log.header.command);
  });

  it('may be empty, or hold no header, and is then never conformant', () => {
    for (const broken of ['', '\n', 'x', '{', 'null\n[]\n3\n', lines(greenRun()).slice(1).join('\n')]) {
      const { log, problems } = readLog(broken);
      expect(problems.join('\n')).toContain('no header');
      expect(summarize(log).verdict.kind).not.toBe('conformant');
    }
  });

  it('shows verdicts even when the header is lost', () => {
    const { log } = readLog(lines(mixedRun()).slice(1).join('\n'));
    expect(log.verdicts).toHaveLength(120);
    expect(summarize(log).verdict.kind).toBe('not-conformant');
  });
});

describe('a log that is odd', () => {
  const problemOf = (log: string): string => readLog(log).problems.join('\n');

  it('keeps what it does not know out of the way', () => {
    expect(problemOf(changed(1, (event) => ({ ...event, kind: 'weather' })))).toBe(
      'line 2 is of an unknown kind "weather" and was left out',
    );
    expect(problemOf(`${text()}garbage\n`)).toBe('line 161 is not a JSON object and was left out: "garbage"');
  });

  it('warns of another format', () => {
    expect(problemOf(changed(0, (event) => ({ ...event, format: 2 })))).toContain('format is "2"');
  });

  it('counts a verdict that flatters itself as what its outcome says', () => {
    const read = readLog(changed(2, (event) => ({ ...event, outcome: 'fail' })));
    expect(read.problems[0]).toContain('says green for the outcome fail; it counts as red');
    expect(summarize(read.log).verdict.kind).toBe('not-conformant');
  });

  it('takes an unknown outcome for a fault of the harness', () => {
    const read = readLog(changed(2, (event) => ({ ...event, outcome: 'splendid' })));
    expect(read.problems[0]).toContain('"splendid"');
    expect(summarize(read.log).verdict.kind).toBe('faulty');
  });

  it('lets the worse of two verdicts count, in either order', () => {
    const all = lines(greenRun());
    const worse = JSON.stringify({ ...(JSON.parse(all[2]!) as object), outcome: 'fail', status: 'red' });
    for (const twice of [
      [...all.slice(0, 3), worse, ...all.slice(3)],
      [...all.slice(0, 2), worse, ...all.slice(2)],
    ]) {
      const read = readLog(twice.join('\n'));
      expect(read.problems.join('\n')).toContain('has a second verdict');
      expect(summarize(read.log).counts.red).toBe(1);
    }
  });

  it('shows verdicts nobody planned', () => {
    const read = readLog(changed(2, (event) => ({ ...event, case: 'NEW-0001' })));
    expect(read.problems.join('\n')).toContain('never planned');
    expect(read.log.verdicts).toHaveLength(80);
    expect(summarize(read.log).verdict.kind).toBe('incomplete');
  });

  it('notices a footer that counts otherwise, and a clause nobody knows', () => {
    expect(problemOf(changed(159, (event) => ({ ...event, counts: { green: 80 } })))).toContain(
      'counts 80 green verdicts, the log holds 79',
    );
    expect(problemOf(changed(0, (event) => ({ ...event, clauses: [] })))).toContain(
      'clauses that the log does not list',
    );
  });

  it('survives any value in any field', () => {
    const wrong: readonly unknown[] = [null, 7, 'x', [], [null], {}, [{}], true, 1e300, { kind: 'known-flaky' }];
    const short = buildLog({ caseCount: 2, targets: ['sim'], clauses: sampleClauses().slice(0, 3) });
    const well = (verdict: CaseVerdict): boolean =>
      OUTCOMES.includes(verdict.outcome) && STATUSES.includes(verdict.status) && Number.isFinite(verdict.wallMillis);
    for (const index of [0, 1, 2, 5]) {
      const fields = Object.keys(JSON.parse(lines(short)[index]!) as object);
      for (const field of [...fields, 'failure', 'reason', 'digest']) {
        for (const value of wrong) {
          const { log } = readLog(changed(index, (event) => ({ ...event, [field]: value }), short));
          expect(log.verdicts.length).toBeGreaterThanOrEqual(field === 'kind' && index === 0 ? 2 : 1);
          expect(log.verdicts.every(well)).toBe(true);
          expect(() => [renderHtml, renderJunit, renderMarkdown].map((render) => render(log))).not.toThrow();
        }
      }
    }
  });
});

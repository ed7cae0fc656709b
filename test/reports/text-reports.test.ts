/** Console, Markdown and badge. */
import { describe, expect, it } from 'vitest';
import { renderBadge, renderConsole, renderMarkdown } from '../../reports/index.ts';
import { readLog } from '../../reports/read-log.ts';
import { visible } from '../../reports/text.ts';
import { buildLog, HOSTILE, lines } from './sample-log.ts';
import { greenRun, mixedRun } from './sample-runs.ts';
import { parseXml } from './xml.ts';

const plain = { color: false, columns: 120 };

describe('the console', () => {
  it('says one line an area and the verdict when all is green', () => {
    expect(renderConsole(greenRun(), plain)).toMatchInlineSnapshot(`
      "✓ FRM   10 of 10
      ✓ SER   10 of 10
      ✓ LIM   10 of 10
      ✓ LOG   10 of 10
      ✓ HBT   10 of 10
      ✓ REL   10 of 10
      ✓ RCN   10 of 10
      ✓ BLB    9 of 9
      ✓ Conformant. 69 of 69 MUST and 7 of 7 SHOULD clauses hold.
        MUST 69/69  SHOULD 7/7  seed 20251  digest d41d8cd98f00b204  6.67 s
      "
    `);
  });

  it('gives a failure its clause, expectation, bytes and command', () => {
    const blocks = renderConsole(mixedRun(), plain).split('\n\n');
    expect(blocks[1]).toMatchInlineSnapshot(`
      "✗ FRM-UKKE  receiver: treat a negative body length as invalid  [sim, fail]
         FRM-010 MUST  “A receiver MUST treat a negative body length as invalid, of kind InvalidHeader.”
         message   the server kept a connection whose header announced a negative body length
         expected  the connection is closed and InvalidHeader is reported
         actual    no reaction before the sentinel reply (3.1 ms)
         bytes     0020  00 00 00 00 [ff ff ff 7f] 00 00 00 00 74 65 73 74 ............test   Content: length 2147483647, 12 …
         repro     npx esf run --case FRM-UKKE --target sim --seed 20251"
    `);
    expect(blocks).toHaveLength(1 + 8 + 2 + 1 + 1);
  });

  it('puts expected and actual side by side where there is room', () => {
    expect(renderConsole(mixedRun(), plain)).toContain(
      '   expected  each message once                     actual  message 7 at 12.4 ms and at 31.0 s',
    );
    expect(renderConsole(mixedRun(), { color: false, columns: 70 })).toContain(
      '   expected  each message once\n   actual    message 7',
    );
  });

  it('keeps within the columns, commands and headings apart', () => {
    for (const line of renderConsole(mixedRun(), { color: false, columns: 80 }).split('\n')) {
      if (/^ {3}\S/.test(line) && !line.startsWith('   repro')) expect(line.length, line).toBeLessThanOrEqual(80);
    }
  });

  it('lets no peer touch the terminal, and no colour through when none is wanted', () => {
    expect(renderConsole(mixedRun(), plain)).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800]/);
    const coloured = renderConsole(mixedRun(), { color: true, columns: 120 });
    expect(coloured.replace(/\x1b\[\d+m/g, '')).toBe(renderConsole(mixedRun(), plain));
    expect(coloured).not.toContain('\x1b[31mred');
  });

  it('names what is wrong with the log', () => {
    expect(renderConsole(readLog(lines(greenRun()).slice(0, 9).join('\n')).log, plain)).toContain(
      'log: the log has no footer: the run died; 75 of 79 verdicts are missing\n○ Incomplete run.'.replace('○', '!'),
    );
  });
});

describe('visible text', () => {
  it('leaves nothing invisible', () => {
    const all = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code)).join(' ');
    expect(visible(all)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    expect(visible('a\x1b[2J\u202eb\ud800é漢😀')).toBe('a\\x1b[2J\\u{202e}b\\u{d800}é漢😀');
    expect(visible('a\tb\nc', true)).toBe('a\tb\nc');
  });
});

describe('Markdown', () => {
  it('begins with the verdict and ends with commands', () => {
    const markdown = renderMarkdown(mixedRun());
    expect(markdown).toMatch(/^## ✗ Not conformant\n\n6 of 66 MUST and 2 of 7 SHOULD clauses are broken\./);
    expect(markdown).toContain('| MUST | 50 | 66 | 69 | 70 |');
    expect(markdown).toContain('| REL | 10 | 1 | 2 | 0 | 1 | 2 | 0 | 16 |');
    expect(markdown).toContain('```sh\nnpx esf run --case FRM-UKKE --target sim --seed 20251\n```');
    expect(renderMarkdown(greenRun())).not.toContain('### Failures');
  });

  it('lets nothing through that is markup', () => {
    const markdown = renderMarkdown(mixedRun());
    expect(markdown).toContain('\\`tick\\` \\*\\*bold\\*\\*');
    expect(markdown.replaceAll('<br>', '')).not.toMatch(/[<\x00-\x09\x0b-\x1f\u202e]/);
    for (const row of markdown.split('\n').filter((line) => line.startsWith('|'))) expect(row).not.toContain('HOSTILE');
  });

  it('fences commands that hold fences', () => {
    const log = buildLog({ caseCount: 1, targets: ['sim'] });
    const markdown = renderMarkdown({ ...log, header: { ...log.header, command: 'echo ```` x' } });
    expect(markdown).toContain('`````sh\necho ```` x\n`````');
  });

  it('stays readable when hundreds fail', () => {
    const log = buildLog({
      caseCount: 500,
      targets: ['sim'],
      fate: () => ({ outcome: 'fail', failure: { message: HOSTILE.repeat(500) } }),
    });
    const markdown = renderMarkdown(log);
    expect(markdown.slice(-100)).toContain('426 more are in the full report.');
    expect(markdown.length).toBeLessThan(200_000);
  });
});

describe('the badge', () => {
  it('is valid XML and says the same in both forms', () => {
    const { svg, json } = renderBadge(mixedRun());
    expect(parseXml(`<?xml version="1.0" encoding="UTF-8"?>${svg}`).attributes.get('aria-label')).toBe(
      `${json.label}: ${json.message}`,
    );
    expect(json).toEqual({
      schemaVersion: 1,
      label: 'ESF conformance',
      message: 'not conformant, MUST 50/66',
      color: '#c0262d',
    });
  });

  it('has a text of its own for every verdict', () => {
    expect(renderBadge(greenRun()).json).toMatchObject({ message: 'conformant, MUST 69/69', color: '#1a7f4b' });
    const some = (outcome: 'declined' | 'harness-fault' | 'not-run'): string =>
      renderBadge(buildLog({ caseCount: 5, targets: ['sim'], fate: () => ({ outcome }) })).json.message;
    expect([some('declined'), some('harness-fault'), some('not-run')]).toEqual([
      'nothing judged',
      'harness fault',
      'incomplete run',
    ]);
  });
});

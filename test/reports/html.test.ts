import { Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { renderHtml } from '../../reports/index.ts';
import { DARK, LIGHT, type Palette } from '../../reports/html/palette.ts';
import type { Page, PageRow } from '../../reports/html/page-data.ts';
import { clientScript } from '../../reports/html/script.ts';
import { buildLog, HOSTILE, sampleSteps } from './sample-log.ts';
import { greenRun, largeRun, mixedRun } from './sample-runs.ts';

function pageOf(html: string): Page {
  return JSON.parse(/<script type="application\/json" id="data">([^<]*)<\/script>/.exec(html)![1]!) as Page;
}

describe('the file', () => {
  const html = renderHtml(mixedRun());

  it('asks for nothing', () => {
    expect(html).toContain(
      `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:">`,
    );
    for (const [, value] of html.matchAll(/\s(?:src|href|action|poster|srcset)="([^"]*)"/g))
      expect(value).toMatch(/^(#|data:image\/svg)/);
    expect(/<style>([^]*?)<\/style>/.exec(html)![1]).not.toMatch(/url\(|@import/);
    expect(html).not.toMatch(/<(link(?! rel="icon")|iframe|object|embed|base|form)\b/);
  });

  it('holds hostile text as text only', () => {
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html).not.toContain('<img');
    expect(html).not.toContain('<!--');
    expect(html).not.toMatch(/[\0\x07\x1b\u202e\ud800-\udfff\uffff]/u);
    const markup = html.slice(0, html.indexOf('<script'));
    expect(markup).toContain('&lt;/script&gt;&lt;script&gt;alert(1)');
    const { title } = pageOf(html).cases.find(({ id }) => id === 'SER-K2JS')!;
    expect(title).toContain('</script><script>alert(1)</script>');
    expect(title).toContain('\\x1b[31m');
  });

  it('takes hostile text in every field of the header as well', () => {
    const log = greenRun();
    const { header } = log;
    const hostile = {
      ...header,
      tool: HOSTILE,
      version: HOSTILE,
      spec: HOSTILE,
      command: HOSTILE,
      startedAt: HOSTILE,
      node: HOSTILE,
      shard: HOSTILE,
      implementation: { name: HOSTILE, version: HOSTILE, language: HOSTILE },
      clauses: header.clauses.map((clause) => ({ ...clause, text: HOSTILE, chapter: HOSTILE, role: HOSTILE })),
      planned: header.planned.map((plan) => ({ ...plan, area: HOSTILE })),
    };
    const page = renderHtml({ ...log, header: hostile, problems: [HOSTILE] });
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page).not.toContain('<img');
  });

  it('tells the verdict and the failures without a script', () => {
    expect(html).toMatch(/<h1 class="s-red">.*Not conformant<\/h1>/);
    const noscript = /<noscript>([^]*)<\/noscript>/.exec(html)![1]!;
    expect(noscript.match(/<li>/g)).toHaveLength(10);
    expect(noscript).toContain('npx esf run --case FRM-UKKE');
  });

  it('stays below 5 MB for 500 cases on three targets, even when all of them fail at length', () => {
    const large = renderHtml(largeRun());
    expect(Buffer.byteLength(large)).toBeLessThan(5_000_000);
    expect(pageOf(large).cases).toHaveLength(500);
    const long = 'é'.repeat(100_000);
    const worst = buildLog({
      caseCount: 500,
      targets: ['sim', 'loopback', 'exec'],
      stepCount: 300,
      fate: () => ({
        outcome: 'fail',
        failure: {
          message: 'no',
          counterexample: long,
          stack: long,
          stderr: Array<string>(500).fill(long),
          hexdump: `${long}\n`.repeat(9),
        },
      }),
    });
    const html = renderHtml(worst);
    expect(Buffer.byteLength(html)).toBeLessThan(5_000_000);
    expect(pageOf(html).trimmed).not.toBe('');
  });
});

describe('the numbers at the top', () => {
  it('say how much of the spec was not asked, and never fill the bar before all of it holds', () => {
    const scores = (html: string): string => /<dl class="scores">(.*?)<\/dl>/.exec(html)![1]!.split('</div>')[0]!;
    expect(scores(renderHtml(greenRun()))).toMatch(/<dd>69<small> \/ 69<\/small>.*width:100%/);
    expect(scores(renderHtml(buildLog({ caseCount: 10, targets: ['sim'] })))).toMatch(
      /<dd>16<small> \/ 16<\/small>.*width:23\.1%.*of 69 testable/,
    );
  });

  it('name chapters as headings', () => {
    const log = greenRun();
    const clauses = log.header.clauses.map((clause) => ({ ...clause, chapter: '01-framing-and-header.md' }));
    const page = pageOf(renderHtml({ ...log, header: { ...log.header, clauses } }));
    expect(new Set(page.clauses.map(({ chapter }) => chapter))).toEqual(new Set(['1. Framing and header']));
  });
});

describe('diagrams', () => {
  const rowsOf = (count: number, badAt: number): readonly PageRow[] =>
    pageOf(
      renderHtml(
        buildLog({
          caseCount: 1,
          targets: ['sim'],
          fate: () => ({ outcome: 'fail', steps: sampleSteps(count, 0, badAt) }),
        }),
      ),
    ).cases[0]!.verdicts[0]!.steps!;
  const stepsIn = (rows: readonly PageRow[]): number =>
    rows.reduce<number>((sum, row) => sum + (typeof row === 'number' ? row : 1), 0);

  it('show all of a short story', () => {
    expect(rowsOf(160, 80).every((row) => typeof row !== 'number')).toBe(true);
  });

  it.each([
    [161, 5],
    [1000, 500],
    [5000, 4999],
    [5000, -1],
  ])('leave out the middle of %i steps but not step %i that decided', (count, badAt) => {
    const rows = rowsOf(count, badAt);
    expect(rows.length).toBeLessThanOrEqual(170);
    expect(rows.some((row) => typeof row === 'number')).toBe(true);
    expect(stepsIn(rows)).toBe(count);
    if (badAt >= 0) expect(rows.filter((row) => typeof row !== 'number' && row[4] === 1)).toHaveLength(1);
  });

  it('stay bounded when every step is bad', () => {
    const steps = sampleSteps(2000).map((step) => ({ ...step, mark: 'bad' as const }));
    const page = pageOf(
      renderHtml(buildLog({ caseCount: 1, targets: ['sim'], fate: () => ({ outcome: 'fail', steps }) })),
    );
    expect(page.cases[0]!.verdicts[0]!.steps!.length).toBeLessThanOrEqual(330);
  });
});

describe('the script', () => {
  it('is plain JavaScript that needs nothing from its modules', () => {
    const script = clientScript();
    expect(() => new Script(script)).not.toThrow();
    expect(script).not.toMatch(
      /__vi_|import\(|require\(|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/,
    );
    expect(script).not.toContain('</');
  });
});

describe('colours', () => {
  const channel = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (hex: string): number =>
    [1, 3, 5]
      .map((at) => channel(Number.parseInt(hex.slice(at, at + 2), 16) / 255))
      .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index]!, 0);
  const contrast = (a: string, b: string): number => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
    return (light + 0.05) / (dark + 0.05);
  };

  it.each<[string, Palette]>([
    ['light', LIGHT],
    ['dark', DARK],
  ])('of text are readable when %s', (_name, palette) => {
    const inks = ['ink', 'soft', 'link', 'green', 'red', 'purple', 'yellow', 'grey', 'hollow'];
    for (const ink of inks)
      for (const ground of ['paper', 'sheet'])
        expect(contrast(palette[ink]!, palette[ground]!), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    for (const [ink, ground] of [
      ['red', 'red-tint'],
      ['yellow', 'yellow-tint'],
      ['ink', 'mark-tint'],
      ['ink', 'yellow-tint'],
    ] as const)
      expect(contrast(palette[ink]!, palette[ground]!), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  });
});

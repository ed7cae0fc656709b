/** The HTML report in a real browser, opened from a file. Needs Chromium and says so when there is none. */
import { beforeAll, describe, expect, it } from 'vitest';
import { renderHtml } from '../../reports/index.ts';
import { escapeAttribute } from '../../reports/text.ts';
import { open } from './chromium.ts';
import { greenRun, largeRun, mixedRun } from './sample-runs.ts';

/** What a script may use: selectors, and going to an address the way a click on a link does. */
const TOOLS = `const $ = (q) => document.querySelector(q), $$ = (q) => [...document.querySelectorAll(q)], texts = (q) => $$(q).map((e) => e.textContent);
const go = (hash) => { location.hash = hash; dispatchEvent(new HashChangeEvent('hashchange')); };`;

type Scripts = Readonly<Record<string, readonly [hash: string, body: string]>>;

/** The page with scripts that run in turn, each from its own address; what they return ends up in `<output id="found">`. */
function scripted(html: string, scripts: Scripts): string {
  const steps = Object.entries(scripts).map(
    ([name, [hash, body]]) => `go(${JSON.stringify(hash)}); found[${JSON.stringify(name)}] = (() => { ${body} })();`,
  );
  const script = `${TOOLS} const found = {}; ${steps.join('\n')}
const output = document.createElement('output'); output.id = 'found'; output.textContent = JSON.stringify(found); document.body.append(output);`;
  return html.replace('</body>', () => `<script>${script}</script></body>`);
}

/** Opens a page and reads its output; whatever the browser complained about fails the test. */
async function outputOf(html: string): Promise<unknown> {
  const { dom, log } = await open(html);
  expect(log).toBe('');
  const found = /<output id="found">([^<]*)<\/output>/.exec(dom)?.[1];
  expect(found, 'the driving script failed').toBeDefined();
  return JSON.parse(found!.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'));
}

async function drive(html: string, scripts: Scripts): Promise<Record<string, unknown>> {
  return (await outputOf(scripted(html, scripts))) as Record<string, unknown>;
}

const ADDRESSES = [
  '#',
  '#/',
  '#//',
  '#/nowhere',
  '#/case',
  '#/case/%',
  '#/case/NONE-0000/sim',
  '#/matrix?%=%&status=&area=%00',
  '#/spec?mark=x',
  '#/matrix?toggled=,,,',
];

const SCRIPTS = {
  overview: [
    '#/',
    `return { groups: texts('.group h2'), first: texts('.list li a')[0], charts: texts('.chart h2'), bars: $$('.chart rect').length > 20 };`,
  ],
  matrix: [
    '#/matrix',
    `return { clauses: $$('tr.clause').length, areas: $$('tr.area').length, heads: texts('.matrix thead th'), shut: $('#clause-FRM-001').ariaExpanded,
      ukke: texts('tr.case').find((row) => row.includes('FRM-UKKE')) };`,
  ],
  filters: [
    '#/matrix?area=SER',
    `const rows = () => $$('tr.clause').length; const type = (text) => { $('#search').value = text; $('#search').dispatchEvent(new Event('input')); };
      const first = rows(); $$('.chip').find((c) => c.textContent.startsWith('SHOULD')).click(); const second = rows(), hash = location.hash;
      type('CYCLIC'); const third = rows(), typed = location.hash; type('nothing like it');
      return { first, second, hash, third, typed, none: texts('.quiet'), said: texts('[aria-live].hint') };`,
  ],
  failing: ['#/matrix?status=red', `return $$('tr.case').map((row) => row.querySelector('td .s-red') !== null);`],
  keyboard: [
    '#/matrix',
    `const clause = $('#clause-LOG-001'); clause.focus(); clause.click();
      const open = { expanded: $('#clause-LOG-001').ariaExpanded, focus: document.activeElement.id, hash: location.hash };
      $('#area-LOG').click(); const shut = { clauses: $$('tr.clause').length, hash: location.hash };
      dispatchEvent(new KeyboardEvent('keydown', { key: '/' })); return { open, shut, search: document.activeElement.id };`,
  ],
  case: [
    '#/case/FRM-UKKE/sim',
    `const page = $('.case-page').textContent; const inOrder = ['A receiver', 'Expected', 'Actual', 'Reproduce', 'What happened', 'Bytes'].map((word) => page.indexOf(word));
      const first = { quote: texts('blockquote')[0], versus: texts('.versus dd'), marked: texts('.hex mark').length, lanes: texts('.lane > text'), bad: texts('.arrow.bad > text'),
        bands: texts('.band > text'), rows: $$('.plain tbody tr').length, command: texts('.case-page .command code'), copies: $$('.copy').length,
        ordered: inOrder.every((at, index) => at >= 0 && (index === 0 || at > inOrder[index - 1])) };
      go('#/case/FRM-UKKE/loopback'); return { ...first, second: $('.targets [aria-current]').textContent, focus: document.activeElement.id };`,
  ],
  long: [
    '#/case/HBT-Y63K/sim',
    `return { bad: $$('.arrow.bad').length, cuts: texts('.band.cut > text'), height: +$('.sequence').getAttribute('height'),
      counterexample: JSON.parse(texts('.case-page pre').find((text) => text.startsWith('{'))).faults.length };`,
  ],
  hostile: [
    '#/case/SER-K2JS/sim',
    `return { images: document.images.length, scripts: document.scripts.length, title: texts('.case-page h2')[0],
      stderr: texts('.case-page pre').some((text) => text.includes('<script>alert(1)<' + '/script>')) };`,
  ],
  spec: [
    '#/spec',
    `const marks = texts('.entry .margin'); $$('.chip').find((c) => c.textContent.startsWith('broken')).click();
      return { all: marks.length, untestable: marks.filter((m) => m === 'untestable').length, broken: $$('.entry').length, hash: location.hash, chapters: texts('.contents li') };`,
  ],
  back: [
    '#/matrix?area=FRM&q=negative',
    `$$('.chip')[0].click(); go('#/case/FRM-UKKE/sim'); return [$('.crumbs a').getAttribute('href'), $('.tabs [aria-current]').getAttribute('href')];`,
  ],
  addresses: [
    '#/',
    `return ${JSON.stringify(ADDRESSES)}.map((hash) => { go(hash); return $('#view').childElementCount; });`,
  ],
} as const;

describe('the HTML report in Chromium', () => {
  let found: Record<string, unknown> = {};
  beforeAll(async () => {
    found = await drive(renderHtml(mixedRun()), SCRIPTS);
  }, 60_000);

  it('shows first what failed', () => {
    expect(found.overview).toEqual({
      groups: ['Failed 8', 'Faulty 2', 'Worth a look 1', 'Foreseen 4', 'Not run 1'],
      first: expect.stringContaining('failFRM-UKKEsim, loopback') as string,
      charts: ['Verdicts by area', 'Slowest cases'],
      bars: true,
    });
  });

  it('shows every clause in the matrix, and cases of broken ones', () => {
    expect(found.matrix).toEqual({
      clauses: 80,
      areas: 8,
      heads: ['Clause', 'sim', 'loopback'],
      ukke: 'FRM-UKKE receiver: treat a negative body length as invalidfailfail',
      shut: 'false',
    });
  });

  it('filters from the address, and puts filters into the address', () => {
    expect(found.filters).toEqual({
      first: 10,
      second: 1,
      hash: '#/matrix?area=SER&level=SHOULD',
      third: 1,
      typed: '#/matrix?area=SER&level=SHOULD&q=CYCLIC',
      none: ['No clause matches these filters.'],
      said: ['0 of 80 clauses'],
    });
  });

  it('keeps only failing cases when asked for failures', () => {
    expect((found.failing as boolean[]).length).toBeGreaterThan(6);
    expect(found.failing).not.toContain(false);
  });

  it('opens and shuts areas and clauses in place, and remembers it in the address', () => {
    expect(found.keyboard).toEqual({
      open: { expanded: 'true', focus: 'clause-LOG-001', hash: '#/matrix?toggled=LOG-001' },
      shut: { clauses: 70, hash: '#/matrix?toggled=LOG-001,LOG' },
      search: 'search',
    });
  });

  it('gives a case its clause first, then expected, actual, command, diagram, bytes', () => {
    expect(found.case).toEqual({
      quote: 'A receiver MUST treat a negative body length as invalid, of kind InvalidHeader.',
      versus: [
        'the connection is closed and InvalidHeader is reported',
        'no reaction before the sentinel reply (3.1 ms)',
      ],
      marked: 1,
      lanes: ['raw', 'server'],
      bad: ['✗ GetMyIPE id 3 reply'],
      bands: ['30.000 s later', 'partition raw | server'],
      rows: 10,
      command: ['npx esf run --case FRM-UKKE --target sim --seed 20251'],
      copies: 2,
      ordered: true,
      second: 'failloopback',
      focus: 'view',
    });
  });

  it('draws a long story with its middle left out and its turning point in', () => {
    const long = found.long as { bad: number; cuts: string[]; height: number; counterexample: number };
    expect(long).toMatchObject({ bad: 1, counterexample: 2 });
    expect(long.cuts[0]).toMatch(/^\d+ steps left out; the log has them$/);
    expect(long.height).toBeLessThan(6500);
  });

  it('shows hostile text and runs none of it', () => {
    expect(found.hostile).toEqual({
      images: 0,
      scripts: 3,
      title: expect.stringContaining(
        `</script><script>alert(1)</script><img src=x onerror=alert(2)>]]><!-- \\x00\\x07\\x1b[31mred`,
      ) as string,
      stderr: true,
    });
  });

  it('marks every sentence of the spec', () => {
    const spec = found.spec as { chapters: string[] };
    expect(spec).toMatchObject({ all: 80, untestable: 1, broken: 8, hash: '#/spec?mark=broken' });
    expect(spec.chapters).toHaveLength(8);
    expect(spec.chapters[0]).toBe('1. Framing and header9/10 held');
  });

  it('leads back from a case to the matrix as it was', () => {
    const address = '#/matrix?area=FRM&q=negative&level=MUST';
    expect(found.back).toEqual([address, address]);
  });

  it('survives any address', () => {
    expect(found.addresses).toEqual(ADDRESSES.map(() => 1));
  });
});

describe('the HTML report in Chromium', { timeout: 60_000 }, () => {
  it('opens at the address of a link', async () => {
    const { dom, log } = await open(renderHtml(greenRun()), '#/spec?mark=untestable');
    expect(log).toBe('');
    expect(dom).toContain('data-ready="true"');
    expect(dom).toContain('data-view="spec"');
    expect(dom.match(/<article class="entry/g)).toHaveLength(1);
  });

  it('says that all is well when it is, and filters by suites that are named otherwise than areas', async () => {
    const log = greenRun();
    const planned = log.header.planned.map((plan) => ({
      ...plan,
      area: `suite-${plan.area === 'FRM' ? 'one' : 'two'}`,
    }));
    const { calm, suite } = await drive(renderHtml({ ...log, header: { ...log.header, planned } }), {
      calm: [
        '#/',
        `return [...texts('h1'), ...texts('.quiet'), $$('.group').length, $('.chart th a').getAttribute('href')];`,
      ],
      suite: [
        '#/matrix?area=suite-one',
        `return { areas: texts('.area .name'), chosen: $('select').value, groups: $$('optgroup').map((g) => g.label), cases: $$('tr.case').length };`,
      ],
    });
    expect(calm).toEqual([
      'Conformant',
      'Nothing failed, nothing is missing, nothing needs a look.',
      0,
      '#/matrix?area=suite-one',
    ]);
    expect(suite).toEqual({ areas: ['FRM'], chosen: 'suite-one', groups: ['Spec', 'Suites'], cases: 0 });
  });

  it('needs no sideways scrolling at any width', async () => {
    // Windows cannot be made as narrow as a telephone, frames can.
    const widths = [1280, 860, 700, 560, 360];
    const body = `return [innerWidth, ...['#/', '#/matrix', '#/spec', '#/case/FRM-UKKE/sim', '#/case/SER-K2JS/sim'].map((hash) => { go(hash);
      return document.documentElement.scrollWidth - document.documentElement.clientWidth; })];`;
    const inside = escapeAttribute(scripted(renderHtml(mixedRun()), { wide: ['#/', body] }));
    const frames = widths.map(
      (width) => `<iframe width="${width}" height="800" style="border:0" srcdoc="${inside}"></iframe>`,
    );
    const collect = `onload = () => { const output = document.createElement('output'); output.id = 'found';
      output.textContent = JSON.stringify(Array.from(frames).map((frame) => JSON.parse(frame.document.getElementById('found').textContent).wide)); document.body.append(output); };`;
    const found = await outputOf(`<!doctype html><body>${frames.join('')}<script>${collect}</script></body>`);
    expect(found).toEqual(widths.map((width) => [width, 0, 0, 0, 0, 0]));
  });

  it('is instant with 500 cases on three targets', async () => {
    const body = `const time = (act) => { const begin = performance.now(); act(); document.body.getBoundingClientRect(); return Math.round(performance.now() - begin); };
      return ['#/', '#/matrix', '#/matrix?status=green&q=a', '#/spec', '#/case/FRM-S77H/exec'].map((hash) => [hash, time(() => go(hash))]);`;
    const { times } = await drive(renderHtml(largeRun()), { times: ['#/nowhere', body] });
    for (const [view, millis] of times as [string, number][])
      expect(millis, `${view} of ${JSON.stringify(times)}`).toBeLessThan(1000);
    if (process.env.ESF_TIMES !== undefined) process.stderr.write(`${JSON.stringify(times)}\n`);
  });
});

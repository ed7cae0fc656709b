/**
 * The demo page in a real browser, from a file: it asks for nothing, plays a run to its end, its digests are those of Node,
 * what is clicked is in its address, and its table counts what it should. Needs Chromium.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoPage } from '../../scenarios/demo/page-file.ts';
import { parsePlan } from '../../scenarios/demo/plan.ts';
import { runDemo } from '../../scenarios/demo/run-demo.ts';
import { openPage } from '../seeing/browser.ts';
import type { Page, PageOptions } from '../seeing/browser.ts';

const ROOT = join(import.meta.dirname, '../..');
const SIZE_BYTES_MAX = 1_500_000;
const PAIR = 'scene=pair&seed=11&seconds=4&left=EI/APD&right=APD/EI&reading=session&transport=udp&link=wifi&rate=4';

const folder = mkdtempSync(join(tmpdir(), 'esf-demo-'));
const file = join(folder, 'demo.html');
const READY = "document.body?.dataset.state === 'ready'";

const openAt = async (line: string, options: PageOptions = {}): Promise<Page> => {
  const page = await openPage(new URL(`${pathToFileURL(file).href}#${line}`), options);
  await page.until(READY);
  return page;
};
const digestHere = async (line: string): Promise<string> => (await runDemo(parsePlan(line))).digest;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the demo page in Chromium', { timeout: 60_000 }, () => {
  let page: Page;
  const text = (id: string): Promise<unknown> => page.evaluate(`document.getElementById('${id}').textContent`);
  const click = (selector: string): Promise<unknown> => page.evaluate(`document.querySelector('${selector}').click()`);
  const clickText = (words: string): Promise<unknown> =>
    page.evaluate(
      `[...document.querySelectorAll('#chosen button')].find((each) => each.textContent === '${words}').click()`,
    );
  const goTo = (seconds: string): Promise<unknown> =>
    page.evaluate(
      `(() => { const jump = document.getElementById('jump'); jump.value = '${seconds}'; jump.dispatchEvent(new Event('change')); })()`,
    );

  beforeAll(async () => {
    const html = demoPage(ROOT);
    process.stdout.write(`demo page: ${Math.ceil(html.length / 1_000)} kB\n`);
    expect(html.length, 'bytes of the file').toBeLessThan(SIZE_BYTES_MAX);
    writeFileSync(file, html);
    page = await openAt(PAIR, { width: 1_280, height: 900 });
  }, 60_000);
  afterAll(() => page.close());

  it('plays a run to its end, without anything moving that should not, and with the digest of Node', async () => {
    await page.evaluate(
      `(() => { window.shifted = 0; new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.shifted += entry.value))).observe({ type: 'layout-shift' }); })()`,
    );
    await page.evaluate(`document.getElementById('speed').value = '1'`);
    await page.key(' ');
    await page.until(`document.getElementById('clock').textContent === '4.000 s'`);
    await page.until(`document.getElementById('play').textContent === 'Play'`);
    expect(await text('digest')).toBe(await digestHere(PAIR));
    expect(await text('log')).toContain('direct channel to ben over UDP');
    expect(await text('letter-count')).toMatch(/^\d+ of \d+ arrived$/);
    expect(await page.evaluate('window.shifted')).toBe(0);
  });

  it('steps to what happens next, and back, by keys', async () => {
    await page.key('Home');
    await page.until(`document.getElementById('clock').textContent === '0.000 s'`);
    await page.key('.');
    await page.until(`document.getElementById('clock').textContent !== '0.000 s'`);
    const there = await text('clock');
    await page.key('.');
    await page.until(`document.getElementById('clock').textContent !== '${String(there)}'`);
    await page.key(',');
    await page.until(`document.getElementById('clock').textContent === '${String(there)}'`);
  });

  it('puts what is thrown into its address, and that address is the same run, here and in another page', async () => {
    await goTo('1.5');
    await click('[data-thing="ann-router-internet"]');
    await page.until(`document.getElementById('chosen').textContent.includes('Cut it')`);
    const before = await text('digest');
    await clickText('Cut it');
    await page.until(`${READY} && document.getElementById('digest').textContent !== '…'`);
    expect(await text('digest')).not.toBe(before);
    await goTo('2.5');
    await page.until(`document.getElementById('chosen').textContent.includes('Put it up')`);
    await clickText('Put it up');
    await page.until(`${READY} && document.getElementById('digest').textContent !== '…'`);
    const line = ((await page.evaluate('location.hash')) as string).slice(1);
    expect(parsePlan(line).faults).toEqual([
      { atMicros: 1_500_000, fault: { fault: 'linkDown', link: 'ann-router-internet' } },
      { atMicros: 2_500_000, fault: { fault: 'linkUp', link: 'ann-router-internet' } },
    ]);
    const digest = await text('digest');
    expect(digest).toBe(await digestHere(line));
    const other = await openAt(line, { width: 390, height: 844, dark: true, still: true });
    try {
      expect(await other.evaluate(`document.getElementById('digest').textContent`)).toBe(digest);
      expect(await other.evaluate(`document.getElementById('script').value`)).toContain('1.5s linkDown');
      expect(await other.evaluate('document.documentElement.scrollWidth'), 'nothing is wider than a telephone').toBe(
        390,
      );
      expect(other.complaints).toEqual([]);
    } finally {
      await other.close();
    }
  });

  it('says what is wrong with a script and an address, and runs on', async () => {
    await page.evaluate(`document.getElementById('script').value = '2s explode host=ann'`);
    await click('#script-apply');
    expect(await text('trouble')).toContain("there is no fault 'explode'");
    await page.evaluate(`location.hash = '#scene=pair&left=round'`);
    await page.until(`document.getElementById('trouble').textContent.includes("left is 'round'")`);
    await page.until(READY);
  });

  it.each([
    ['strict', 25],
    ['session', 31],
  ])('fills the 9 x 9 table with runs: %s, %i pairs', async (reading, pairs) => {
    await page.evaluate(`location.hash = '#matrix'`);
    await page.until(`!document.getElementById('matrix-view').hidden`);
    await page.evaluate(
      `(() => { const select = document.getElementById('matrix-reading'); select.value = '${reading}'; select.dispatchEvent(new Event('change')); })()`,
    );
    await page.until(`/^\\d+ of 45 pairs/.test(document.getElementById('matrix-count').textContent)`);
    expect(await text('matrix-count')).toBe(`${pairs} of 45 pairs reach each other directly`);
  });

  it('opens the run of a cell', async () => {
    await page.evaluate(`document.querySelectorAll('#matrix tbody button')[5].click()`);
    await page.until(`${READY} && location.hash.startsWith('#scene=punch')`);
    const line = ((await page.evaluate('location.hash')) as string).slice(1);
    expect(parsePlan(line)).toMatchObject({ scene: 'punch', left: 'EI/EI', right: 'AD/APD', reading: 'session' });
    await page.until(`document.getElementById('digest').textContent !== '…'`);
    expect(await text('digest')).toBe(await digestHere(line));
  });

  it('asked for nothing, and complained of nothing', async () => {
    const asked = (await page.evaluate(`performance.getEntriesByType('resource').map(({ name }) => name)`)) as string[];
    expect(asked.filter((name) => !name.startsWith('blob:'))).toEqual([]);
    expect(page.complaints).toEqual([]);
  });
});

/**
 * The viewer of runs in a real browser, used with mouse and keys, and how fast it opens a run of 100,000 events; and the same
 * run as text. Needs Chromium.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderTrace, renderView } from '../../reports/index.ts';
import { Internet, Lan, World, ratio, recordFlight } from '../../sim/index.ts';
import type { Recording } from '../../sim/index.ts';
import { openPage } from './browser.ts';
import type { Page } from './browser.ts';

const LOSSY = { link: { delayMicros: 5_000, loss: ratio(1, 20) } };

/** Two hosts at home and a server; as many datagrams as asked for, each over three or more links. */
function aRun(datagrams: number, spanMicros: number): { recording: Recording; digest: string } {
  const world = new World({ seed: 5 });
  const recorder = recordFlight(world);
  play(world, datagrams, spanMicros);
  return { recording: recorder.recording(), digest: world.digest() };
}

function play(world: World, datagrams: number, spanMicros: number): void {
  const internet = new Internet(world, LOSSY);
  const server = internet.host('server').platform();
  const home = new Lan(internet, 'home', { nat: 'portRestricted', uplink: { delayMicros: 8_000 } });
  const [alice, bob] = [home.host('alice').platform(), home.host('bob').platform()];
  server.bindUdp({ port: 9_000 }, { onMessage: () => undefined });
  const to = { address: server.localAddresses()[0]!, port: 9_000 };
  const sockets = [alice, bob].map((platform) => platform.bindUdp({ port: 0 }, { onMessage: () => undefined }));
  for (let index = 0; index < datagrams; index += 1) {
    const text = Uint8Array.from(`needle ${index}`, (letter) => letter.charCodeAt(0));
    world.at(Math.floor((index * spanMicros) / datagrams), () => sockets[index % 2]!.send(text, to));
  }
  world.runUntil(spanMicros + 1_000_000);
}

const ABOUT = { title: 'A run <of a test>', subtitle: 'pass; seed 5', command: 'npx esf run' };

type Drawn = { arrows: number; drops: number; labels: number; skipped: number };
type Shown = { begin: number; end: number; items: number };

describe('the viewer in Chromium', { timeout: 90_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'esf-view-'));
  const { recording, digest } = aRun(300, 10_000_000);
  let page: Page;
  const drawn = async (): Promise<Drawn> =>
    JSON.parse((await page.evaluate('document.body.dataset.drawn')) as string) as Drawn;
  const shown = async (): Promise<Shown> =>
    JSON.parse((await page.evaluate('document.body.dataset.shown')) as string) as Shown;
  const text = (id: string): Promise<unknown> => page.evaluate(`document.getElementById('${id}').textContent`);
  /** Does something and waits for the frame that follows from it. */
  const after = async (act: () => Promise<unknown>): Promise<void> => {
    await act();
    await page.evaluate(
      'new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 90))',
    );
  };
  const click = async (x: number, y: number): Promise<void> => {
    await page.mouse('mousePressed', x, y);
    await page.mouse('mouseReleased', x, y);
  };

  beforeAll(async () => {
    const file = join(folder, 'run.html');
    writeFileSync(file, renderView(recording, ABOUT));
    page = await openPage(file);
    await page.until("document.body?.dataset.ready === 'true'");
  }, 60_000);
  afterAll(async () => {
    await page.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('shows the beginning: lanes, arrows with words, and how much there is', async () => {
    const { arrows, labels, skipped } = await drawn();
    expect(arrows).toBeGreaterThan(10);
    expect(labels).toBeGreaterThan(5);
    expect(skipped).toBe(0);
    expect((await shown()).begin).toBeLessThan(100_000);
    expect(await text('count')).toMatch(/^\d+ events$/);
    expect(await page.evaluate('document.title')).toBe(ABOUT.title);
    const colors = await page.evaluate(`(() => { const c = document.getElementById('lanes');
      const { data } = c.getContext('2d').getImageData(0, 0, c.width, c.height); const seen = new Set();
      for (let at = 0; at < data.length; at += 4) seen.add(data[at] << 16 | data[at + 1] << 8 | data[at + 2]); return [seen.has(0x0f766a), seen.size > 50]; })()`);
    expect(colors, 'the colour of UDP is on the canvas').toEqual([true, true]);
  });

  it('goes where the bar is clicked and dragged', async () => {
    const box = (await page.evaluate(
      `(({ left, top, width, height }) => [left, top + height / 2, width])(document.getElementById('scrub').getBoundingClientRect())`,
    )) as [number, number, number];
    const [left, y, width] = box;
    await after(() => click(left + width / 2, y));
    const middle = await shown();
    expect(middle.begin).toBeLessThan(5_500_000);
    expect(middle.end).toBeGreaterThan(5_500_000);
    await page.mouse('mousePressed', left + width / 2, y);
    await after(() => page.mouse('mouseMoved', left + width * 0.8, y));
    await page.mouse('mouseReleased', left + width * 0.8, y);
    expect((await shown()).begin).toBeGreaterThan(middle.end);
    await after(() => page.key('Home'));
    expect((await shown()).begin).toBeLessThan(100_000);
  });

  it('tells of a drop why it happened, and of a NAT what it maps at that time', async () => {
    await after(() => page.key('d'));
    expect(await text('chosen')).toContain('the link lost it (loss)');
    expect(await text('chosen')).toContain('needle');
    const tables = (await text('tables')) as string;
    expect(tables).toMatch(/home 2 now, 2 in all/);
    expect(tables).toContain('with 198.18.0.2:9000');
    await after(() => page.key('End'));
    await after(() => page.evaluate("document.getElementById('filter').focus()"));
    await after(() => page.key('Escape'));
  });

  it('filters by words, kinds and drops, and finds what datagrams carry', async () => {
    const type = (words: string) => () =>
      page.evaluate(
        `(() => { const input = document.getElementById('filter'); input.value = ${JSON.stringify(words)}; input.dispatchEvent(new Event('input')); })()`,
      );
    const total = (await shown()).items;
    await after(type('"nothing has this"'));
    expect((await shown()).items).toBe(0);
    await after(type('299'));
    const one = (await shown()).items;
    expect([one > 0, one < 10]).toEqual([true, true]);
    await after(type('loss'));
    const lost = (await shown()).items;
    const drops = [...recording.hops.outcome].filter((outcome) => outcome >= 2).length;
    expect(lost).toBe(drops);
    await after(type('-alice'));
    const others = (await shown()).items;
    await after(type('alice'));
    expect(others + (await shown()).items).toBe(total);
    await after(type(''));
    await after(() => page.evaluate(`document.querySelector('[data-kind=udp]').click()`));
    expect((await shown()).items).toBeLessThan(total / 10);
    await after(() => page.evaluate(`document.querySelector('[data-kind=udp]').click()`));
    await after(() => page.evaluate(`document.querySelector('[data-kind=drops]').click()`));
    expect((await shown()).items).toBe(drops);
    await after(() => page.evaluate(`document.querySelector('[data-kind=drops]').click()`));
    expect((await shown()).items).toBe(total);
  });

  it('zooms with keys, shows routers, and complains of nothing', async () => {
    await after(() => page.key('Home'));
    const near = await shown();
    await after(() => page.key('-'));
    const far = await shown();
    expect(far.end - far.begin).toBeGreaterThan(near.end - near.begin);
    const before = (await shown()).items;
    await after(() => page.key('r'));
    expect((await shown()).items).toBeGreaterThan(before);
    expect(page.complaints).toEqual([]);
  });

  it('is not seen by the run', () => {
    const world = new World({ seed: 5 });
    play(world, 300, 10_000_000);
    expect(world.digest()).toBe(digest);
  });
});

describe('a run of 100,000 events', { timeout: 120_000 }, () => {
  it('is a file of at most 5 MB that opens in at most 2 s', async () => {
    const { recording } = aRun(36_000, 60_000_000);
    const events = recording.hops.from.length + recording.notes.node.length;
    expect(events).toBeGreaterThanOrEqual(100_000);
    const html = renderView(recording, ABOUT);
    expect(html.length).toBeLessThan(5_000_000);
    const folder = mkdtempSync(join(tmpdir(), 'esf-view-'));
    writeFileSync(join(folder, 'run.html'), html);
    const page = await openPage(join(folder, 'run.html'));
    try {
      await page.until("document.body?.dataset.ready === 'true'");
      const millis = Number(await page.evaluate('document.body.dataset.openedMillis'));
      process.stdout.write(`viewer: ${events} events, ${Math.ceil(html.length / 1_000)} kB, opened in ${millis} ms\n`);
      // The goal is 2,000; a machine that is busy with other tests gets twice that.
      expect(millis).toBeLessThan(4_000);
      await page.key('0');
      await page.until('JSON.parse(document.body.dataset.drawn).skipped > 10000');
    } finally {
      await page.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('a run as text', () => {
  const { recording } = aRun(40, 1_000_000);
  const lines = renderTrace(recording, false).split('\n');

  it('has a column for each node and a line for each hop and note', () => {
    const head = lines.findIndex((line) => line.trimStart().startsWith('seconds'));
    expect(lines[head]!.trim().split(/\s+/).slice(1)).toEqual(recording.nodes.map(({ name }) => name));
    const body = lines.slice(head + 1, -1);
    expect(body.length).toBe(recording.hops.from.length + recording.notes.node.length);
    const times = body.map((line) => Number(line.trim().split(/\s+/)[0]));
    expect(times).toEqual([...times].sort((left, right) => left - right));
    expect(body.filter((line) => line.includes(' loss')).length).toBe(
      [...recording.hops.outcome].filter((outcome) => outcome === 2).length,
    );
    expect(body.some((line) => /n .*maps udp/.test(line))).toBe(true);
  });

  it('has colours only where asked for', () => {
    expect(lines.join('')).not.toContain('\x1b');
    expect(renderTrace(recording, true)).toContain('\x1b[36m');
  });
});

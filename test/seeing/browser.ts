/**
 * A page in Chromium that is really used: mouse, keys, screenshots, real time. Speaks to the browser over two pipes, without a
 * driver library. Use: `const page = await openPage(file); await page.evaluate('1 + 1'); await page.close()`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { chromiumPath } from '../reports/chromium.ts';

type Answer = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
};

export type PageOptions = {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  readonly still?: boolean;
};

/** An open page. */
export type Page = {
  /** What an expression gives, as JSON; promises are awaited. */
  evaluate(expression: string): Promise<unknown>;
  /** Waits until an expression is true. */
  until(expression: string): Promise<void>;
  mouse(type: 'mousePressed' | 'mouseReleased' | 'mouseMoved', x: number, y: number): Promise<void>;
  wheel(x: number, y: number, deltaY: number): Promise<void>;
  key(key: string): Promise<void>;
  screenshot(): Promise<Buffer>;
  /** What the page wrote to the console, and errors nobody caught. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
};

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--hide-scrollbars',
  '--disable-background-networking',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--remote-debugging-pipe',
];
const WAIT_MILLIS_MAX = 30_000;

/** Opens a file or an address. */
export async function openPage(page: string | URL, options: PageOptions = {}): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), 'esf-page-'));
  const { width = 1_400, height = 900 } = options;
  const browser = spawn(
    chromiumPath(),
    [...FLAGS, `--user-data-dir=${profile}`, `--window-size=${width},${height}`, 'about:blank'],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise((resolve) => browser.once('exit', resolve));
  const line = new Line(browser.stdio[3] as Writable, browser.stdio[4] as Readable);
  const complaints: string[] = [];
  line.onEvent = (method, params) => {
    if (method === 'Runtime.exceptionThrown' || method === 'Log.entryAdded') complaints.push(JSON.stringify(params));
  };
  const { targetInfos } = (await line.call('Target.getTargets', {})) as {
    targetInfos: { targetId: string; type: string }[];
  };
  const { targetId } = targetInfos.find(({ type }) => type === 'page')!;
  const { sessionId } = (await line.call('Target.attachToTarget', { targetId, flatten: true })) as {
    sessionId: string;
  };
  const call = (method: string, params: object = {}): Promise<unknown> => line.call(method, params, sessionId);
  await Promise.all(['Runtime.enable', 'Log.enable', 'Page.enable'].map((method) => call(method)));
  await call('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  const features = [
    { name: 'prefers-color-scheme', value: options.dark === true ? 'dark' : 'light' },
    { name: 'prefers-reduced-motion', value: options.still === true ? 'reduce' : 'no-preference' },
  ];
  await call('Emulation.setEmulatedMedia', { features });
  await call('Page.navigate', { url: (typeof page === 'string' ? pathToFileURL(page) : page).href });
  const evaluate = async (expression: string): Promise<unknown> => {
    const { result, exceptionDetails } = (await call('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    })) as { result: { value?: unknown }; exceptionDetails?: unknown };
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  };
  return {
    complaints,
    evaluate,
    until: async (expression) => {
      const deadline = Date.now() + WAIT_MILLIS_MAX;
      while ((await evaluate(expression)) !== true) {
        if (Date.now() > deadline) throw new Error(`still not: ${expression}; ${complaints.join('; ')}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    mouse: async (type, x, y) => {
      const buttons = type === 'mouseReleased' ? 0 : 1;
      await call('Input.dispatchMouseEvent', { type, x, y, button: 'left', buttons, clickCount: 1 });
    },
    wheel: async (x, y, deltaY) => {
      await call('Input.dispatchMouseEvent', { type: 'mouseWheel', x, y, deltaX: 0, deltaY });
    },
    key: async (key) => {
      await call('Input.dispatchKeyEvent', { type: 'keyDown', key });
      await call('Input.dispatchKeyEvent', { type: 'keyUp', key });
    },
    screenshot: async () => {
      const { data } = (await call('Page.captureScreenshot', { format: 'png' })) as { data: string };
      return Buffer.from(data, 'base64');
    },
    close: async () => {
      browser.kill('SIGKILL');
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 15, retryDelay: 100 });
    },
  };
}

/** Messages over two pipes, each ended by a zero byte. */
class Line {
  onEvent: (method: string, params: unknown) => void = () => undefined;
  readonly #out: Writable;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #rest = Buffer.alloc(0);
  #lastId = 0;

  constructor(out: Writable, incoming: Readable) {
    this.#out = out;
    incoming.on('data', (bytes: Buffer) => this.#take(bytes));
  }

  call(method: string, params: object, sessionId?: string): Promise<unknown> {
    const id = ++this.#lastId;
    this.#out.write(`${JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) })}\0`);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  #take(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let end = this.#rest.indexOf(0); end >= 0; end = this.#rest.indexOf(0)) {
      const answer = JSON.parse(this.#rest.subarray(0, end).toString()) as Answer;
      this.#rest = this.#rest.subarray(end + 1);
      if (answer.id === undefined) this.onEvent(answer.method ?? '', answer.params);
      const waiting = this.#waiting.get(answer.id ?? -1);
      this.#waiting.delete(answer.id ?? -1);
      if (answer.error !== undefined) waiting?.reject(new Error(answer.error.message));
      else waiting?.resolve(answer.result);
    }
  }
}

/**
 * Equal plan and seed, equal digest also in Chromium: the build's own modules are served as they are, with nothing of Node,
 * and whole engines run on them in a page.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPage } from '../seeing/browser.ts';
import type { Page } from '../seeing/browser.ts';
import { runEngineWorld } from './engine-world.ts';
import type { EngineRun } from './engine-world.ts';

const ROOT = join(import.meta.dirname, '../..');
const SEEDS = [1, 2, 3];

const ANSWERS: Readonly<Record<string, () => string>> = {
  '/': () => '<!doctype html><title>worlds</title>',
  '/test/determinism/engine-world.js': () =>
    ts.transpileModule(readFileSync(join(import.meta.dirname, 'engine-world.ts'), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        rewriteRelativeImportExtensions: true,
      },
    }).outputText,
};

let server: Server;
let page: Page;

beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '/';
    const isModule = /^\/(?:impl|sim|spec)\/[\w./-]+\.js$/.test(path) && !path.includes('..');
    const answer = ANSWERS[path] ?? (isModule ? () => readFileSync(join(ROOT, 'dist', path), 'utf8') : undefined);
    if (answer === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.setHeader('content-type', path === '/' ? 'text/html' : 'text/javascript');
    response.end(answer());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  page = await openPage(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
}, 60_000);

afterAll(async () => {
  await page.close();
  server.close();
});

/** In a page there is no `setImmediate`; a message to oneself is a turn of the event loop as well. */
const inPage = (seed: number): string => `(async () => {
  const { runEngineWorld } = await import('/test/determinism/engine-world.js');
  const { port1, port2 } = new MessageChannel();
  const waiting = [];
  port2.onmessage = () => waiting.shift()();
  return await runEngineWorld(${seed}, { macrotask: (turn) => { waiting.push(turn); port1.postMessage(0); } });
})()`;

it('gives the same digest in a page as here', { timeout: 60_000 }, async () => {
  for (const seed of SEEDS) {
    const here = await runEngineWorld(seed);
    expect(here.received, 'all information and the blob arrived').toBe((40 * 41) / 2 + 200_000);
    const there = (await page.evaluate(inPage(seed))) as EngineRun;
    expect(there).toEqual(here);
  }
});

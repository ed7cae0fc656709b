/** The rule of `sim/node/process-life.ts` leaves nothing to chance: same seed, same digest, wherever it runs. */
import { execFile } from 'node:child_process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { playIce } from './ice.ts';
import { playMqtt } from './mqtt.ts';

const DEMO = fileURLToPath(new URL('./demo.ts', import.meta.url));
const SEED = 9;

const STORIES = {
  mqtt: () => playMqtt(SEED),
  ice: () => playIce(SEED, ['portRestricted', 'restrictedCone']),
} as const;

async function inAnotherProcess(story: string, nodeOptions: readonly string[]): Promise<string> {
  const parts = [...nodeOptions, '--import', 'tsx', DEMO, story, '--seed', String(SEED), '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, parts, { maxBuffer: 10_000_000 });
  return (JSON.parse(stdout) as { readonly digest: string }).digest;
}

function inAWorker(story: string): Promise<string> {
  const argv = [story, '--seed', String(SEED), '--json'];
  const start = `import('tsx/esm/api').then(({ register }) => (register(), import(${JSON.stringify(pathToFileURL(DEMO))})));`;
  const worker = new Worker(start, { eval: true, argv, stdout: true });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** The compiler that loads the broker makes more of this too slow for `mqtt`. */
const STRESS = { mqtt: [], ice: ['--max-semi-space-size=1', '--gc-interval=500'] } as const;

describe.each(['mqtt', 'ice'] as const)('%s', (story) => {
  it('has one digest: here, here again, in a worker, in another process', async () => {
    const { digest } = await STORIES[story]();
    const others = [
      (await STORIES[story]()).digest,
      // Not while a world runs here: its guard forbids threads and processes.
      ...(await Promise.all([inAWorker(story), inAnotherProcess(story, STRESS[story])])),
    ];
    expect(others).toEqual([digest, digest, digest]);
  }, 120_000);

  it('keeps its digest while another world runs in between', async () => {
    const { digest } = await STORIES[story]();
    const [first, second] = await Promise.all([STORIES[story](), STORIES[story]()]);
    expect([first.digest, second.digest]).toEqual([digest, digest]);
  });
});

/**
 * Packages nobody here wrote, on virtual hosts: `npx tsx test/node/demo.ts STORY [--seed N] [--pcap FILE] [--pcapng FILE]
 * [--json]`, where STORY is `mqtt`, `ice` (the agents meet) or `ice-apart` (their NATs do not let them).
 *
 * Prints what happened and the digest, which is the same for the same seed everywhere. `--pcap` writes what the broker, or the
 * router between the two homes, saw; `--pcapng` what every interface saw, with the reasons of drops. Exit 2 for a story that
 * does not exist.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort } from 'node:worker_threads';
import { playIce } from './ice.ts';
import { playMqtt } from './mqtt.ts';
import type { StoryFiles } from './worlds.ts';

/** What every story tells, whatever else it has. */
type Story = { readonly digest: string; readonly virtualMillis: number; readonly files: StoryFiles };

const STORIES: Readonly<Record<string, (seed: number) => Promise<Story>>> = {
  mqtt: playMqtt,
  ice: (seed) => playIce(seed, ['portRestricted', 'restrictedCone']),
  'ice-apart': (seed) => playIce(seed, ['portRestricted', 'symmetric']),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '7' },
    pcap: { type: 'string' },
    pcapng: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const [name = ''] = positionals;
const play = STORIES[name];
const seed = Number(values.seed);
if (play === undefined || !Number.isSafeInteger(seed) || seed < 0) {
  const problem = play === undefined ? `no story "${name}"; there is ${Object.keys(STORIES).join(', ')}` : 'bad --seed';
  process.stderr.write(`demo: ${problem}; usage: demo.ts STORY [--seed N] [--pcap FILE] [--pcapng FILE] [--json]\n`);
  process.exit(2);
}
const { files, ...story } = await play(seed);
if (values.pcap !== undefined) writeFileSync(values.pcap, files.pcap());
if (values.pcapng !== undefined) writeFileSync(values.pcapng, files.pcapng());
process.stdout.write(values.json ? `${JSON.stringify(story)}\n` : `${JSON.stringify(story, undefined, 2)}\n`);
if (!isMainThread) parentPort!.postMessage(story.digest);

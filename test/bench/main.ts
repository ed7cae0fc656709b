/**
 * `npm run bench [-- NAME...] [-- --json]`: every benchmark, one table, `reports/bench/latest.json`.
 *
 * With names only those run, and only their rows are replaced in the file.
 * Each bench is a function that gives rows; it times itself against its peer inside one run. Each has a process of its own,
 * so that none is measured on the heap that another left behind. Exit 1 when a target is missed.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { askedParts, textTable } from '../named-parts.ts';
import { figure, reached } from './model.ts';
import type { BenchRow } from './model.ts';

const BENCHES: Readonly<Record<string, () => Promise<BenchRow[]>>> = {
  codec: async () => (await import('./codec-bench.ts')).codecBench(),
  frame: async () => (await import('./frame-bench.ts')).frameBench(),
  server: async () => (await import('./server-bench.ts')).serverBench(),
  rudp: async () => (await import('./rudp-bench.ts')).rudpBench(),
  files: async () => (await import('./files-bench.ts')).filesBench(),
  sim: async () => (await import('./sim-bench.ts')).simBench(),
  nat: async () => (await import('./nat-bench.ts')).natBench(),
  simTcp: async () => (await import('./sim-tcp-bench.ts')).simTcpBench(),
  pcapng: async () => (await import('./pcapng-bench.ts')).pcapngBench(),
  cluster: async () => (await import('./cluster-bench.ts')).clusterBench(),
  tools: async () => (await import('./tools-bench.ts')).toolsBench(),
};

/** Set in the process of one bench: its name. */
const BENCH_OF_THIS_PROCESS = 'ESF_BENCH';

function table(rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => [
    row.name,
    `${figure(row.ours)} ${row.unit}`,
    row.peer === null ? '' : `${row.peerName} ${figure(row.peer)}`,
    row.ratio === null ? '' : row.ratio.toFixed(2),
    row.target === null
      ? ''
      : `${row.lowerIsBetter === true ? '<=' : '>='} ${row.ratio === null ? figure(row.target) : row.target}`,
    row.target === null ? '' : reached(row) ? 'reached' : 'MISSED',
    row.detail ?? '',
  ]);
  const head = ['benchmark', 'ours (median)', 'peer (median)', 'ratio', 'target', '', 'detail'];
  return textTable(head, cells);
}

/** The rows of one bench, from a process of its own. */
async function measured(name: string): Promise<BenchRow[]> {
  const child = fork(fileURLToPath(import.meta.url), [], { env: { ...process.env, [BENCH_OF_THIS_PROCESS]: name } });
  const told: BenchRow[][] = [];
  child.on('message', (rows) => told.push(rows as BenchRow[]));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0 || told[0] === undefined)
    throw new Error(`the process of bench ${name} ended with ${code ?? 'a signal'}`);
  return told[0];
}

async function measureAll(): Promise<void> {
  const all = Object.keys(BENCHES);
  const { names: asked, json } = askedParts('bench', 'benchmark', all);
  const rows: BenchRow[] = [];
  for (const name of asked) {
    process.stderr.write(`bench: ${name}\n`);
    rows.push(...(await measured(name)));
  }
  const result = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, rows };
  write(new URL('../../reports/bench/latest.json', import.meta.url), result, asked.length < all.length);
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${table(rows)}\n`);
  process.exitCode = rows.every(reached) ? 0 : 1;
}

/** Rows of benches that did not run stay as they were. */
function write(file: URL, result: { readonly rows: readonly BenchRow[] }, isPart: boolean): void {
  const { rows } = result;
  const last: BenchRow[] =
    isPart && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as { rows: BenchRow[] }).rows : [];
  const kept = last.filter(({ name }) => !rows.some((row) => row.name === name));
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...result, rows: [...kept, ...rows] }, null, 2)}\n`);
}

const own = process.env[BENCH_OF_THIS_PROCESS];
if (own === undefined) await measureAll();
else process.send!(await BENCHES[own]!(), () => process.disconnect());

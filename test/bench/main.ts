/**
 * `npm run bench [-- NAME...] [-- --json]`: every benchmark, one table, `reports/bench/latest.json`.
 *
 * With names only those run, and only their rows are replaced in the file.
 * Each bench is a function that gives rows; it times itself against its peer inside one run. Exit 1 when a target is missed.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
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

const rows: BenchRow[] = [];
const all = Object.keys(BENCHES);
const asked = askedParts('bench', 'benchmark', all);
for (const name of asked) {
  process.stderr.write(`bench: ${name}\n`);
  rows.push(...(await BENCHES[name]!()));
}
const result = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, rows };
write(new URL('../../reports/bench/latest.json', import.meta.url));
process.stdout.write(process.argv.includes('--json') ? `${JSON.stringify(result)}\n` : `${table(rows)}\n`);
process.exitCode = rows.every(reached) ? 0 : 1;

/** Rows of benches that did not run stay as they were. */
function write(file: URL): void {
  const last: BenchRow[] =
    asked.length < all.length && existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as { rows: BenchRow[] }).rows
      : [];
  const kept = last.filter(({ name }) => !rows.some((row) => row.name === name));
  mkdirSync(new URL('.', file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...result, rows: [...kept, ...rows] }, null, 2)}\n`);
}

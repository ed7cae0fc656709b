/**
 * `npm run fidelity [-- AREA...] [-- --json]`: the laws the simulator must obey, what they say, what was measured, and the
 * verdict. Exit 1 when a law does not hold, 2 for an area that does not exist.
 */
import { tcpArea } from './tcp.ts';
import type { FidelityArea, FidelityRow } from './model.ts';

const AREAS: Readonly<Record<string, FidelityArea>> = {
  links: async () => (await import('./links.ts')).linksFidelity(),
  tcp: tcpArea,
  nat: async () => (await import('./nat.ts')).natLaws(),
};

function table(rows: readonly FidelityRow[]): string {
  const cells = rows.map((row) => [row.area, row.law, row.expected, row.measured, row.holds ? 'holds' : 'BROKEN']);
  const head = ['area', 'law', 'expected', 'measured', 'verdict'];
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]!.length)));
  return [head, widths.map((width) => '-'.repeat(width)), ...cells]
    .map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
    .join('\n');
}

const asked = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const unknown = asked.filter((name) => !(name in AREAS));
if (unknown.length > 0) {
  process.stderr.write(
    `fidelity: no area "${unknown.join('", "')}"; there are ${Object.keys(AREAS).join(', ') || 'none'}\n`,
  );
  process.exit(2);
}
const rows: FidelityRow[] = [];
for (const name of asked.length > 0 ? asked : Object.keys(AREAS)) {
  process.stderr.write(`fidelity: ${name}\n`);
  rows.push(...(await AREAS[name]!()));
}
const broken = rows.filter(({ holds }) => !holds).length;
process.stdout.write(
  process.argv.includes('--json')
    ? `${JSON.stringify({ rows, broken })}\n`
    : `${table(rows)}\n${rows.length - broken} of ${rows.length} laws hold\n`,
);
process.exitCode = broken === 0 ? 0 : 1;

/**
 * `npm run fidelity [-- AREA...] [-- --json]`: the laws the simulator must obey, what they say, what was measured, and the
 * verdict. Exit 1 when a law does not hold, 2 for an area that does not exist.
 */
import { tcpArea } from './tcp.ts';
import { askedParts, textTable } from '../named-parts.ts';
import type { FidelityArea, FidelityRow } from './model.ts';

const AREAS: Readonly<Record<string, FidelityArea>> = {
  links: async () => (await import('./links.ts')).linksFidelity(),
  tcp: tcpArea,
  nat: async () => (await import('./nat.ts')).natLaws(),
  boxes: async () => (await import('./boxes.ts')).boxesLaws(),
  ipv6: async () => (await import('./ipv6.ts')).ipv6Laws(),
  attacks: async () => (await import('./attacks.ts')).attackLaws(),
  orders: async () => (await import('./orders.ts')).ordersLaws(),
  hosts: async () => (await import('./hosts.ts')).hostsLaws(),
};

function table(rows: readonly FidelityRow[]): string {
  const cells = rows.map((row) => [row.area, row.law, row.expected, row.measured, row.holds ? 'holds' : 'BROKEN']);
  const head = ['area', 'law', 'expected', 'measured', 'verdict'];
  return textTable(head, cells);
}

const asked = askedParts('fidelity', 'area', Object.keys(AREAS));
const rows: FidelityRow[] = [];
for (const name of asked.names) {
  process.stderr.write(`fidelity: ${name}\n`);
  rows.push(...(await AREAS[name]!()));
}
const broken = rows.filter(({ holds }) => !holds).length;
process.stdout.write(
  asked.json
    ? `${JSON.stringify({ rows, broken })}\n`
    : `${table(rows)}\n${rows.length - broken} of ${rows.length} laws hold\n`,
);
process.exitCode = broken === 0 ? 0 : 1;

/**
 * All 9 x 9 pairs of RFC 4787 behaviours (mapping and filtering), plain UDP punching with random ports: what must come of
 * it, and what does.
 *
 * Two readings of the RFC differ in six of the 45 unordered pairs: whether the answer to an admitted packet leaves by the
 * mapping that the packet came in by (`session`, as connection tracking does), or by one of its own (`strict`).
 */
import { natBehaviour } from '../../sim/index.ts';
import type { NatDependence } from '../../sim/index.ts';
import { punchUdp } from './punch-udp.ts';

export type Reading = 'strict' | 'session';

const DEPENDENCES: readonly NatDependence[] = ['endpointIndependent', 'addressDependent', 'addressAndPortDependent'];
const SHORT: Readonly<Record<NatDependence, string>> = {
  endpointIndependent: 'EI',
  addressDependent: 'AD',
  addressAndPortDependent: 'APD',
};

/** Mapping, then filtering; rows and columns are in this order. */
export const NINE: readonly {
  readonly mapping: NatDependence;
  readonly filtering: NatDependence;
  readonly name: string;
}[] = DEPENDENCES.flatMap((mapping) =>
  DEPENDENCES.map((filtering) => ({ mapping, filtering, name: `${SHORT[mapping]}/${SHORT[filtering]}` })),
);

/** Y direct, - not, * only where sessions are kept. Filled by hand from the rules, and equal to two published tables. */
const EXPECTED = [
  'YYYYYYYYY',
  'YYYYYYYYY',
  'YYY*--*--',
  'YY*YY*YY*',
  'YY-Y--Y--',
  'YY-*--*--',
  'YY*YY*YY*',
  'YY-Y--Y--',
  'YY-*--*--',
] as const;

/** Rows and columns as NINE. */
export function expectedNine(reading: Reading): boolean[][] {
  return EXPECTED.map((row) =>
    Array.from(row, (letter) => letter === 'Y' || (letter === '*' && reading === 'session')),
  );
}

/** Runs all 81 pairs. */
export function runNine(reading: Reading, seed: number): boolean[][] {
  const places = NINE.map(({ mapping, filtering }) => {
    const inboundSession = reading === 'session';
    return { nats: [natBehaviour('fullCone', { mapping, filtering, inboundSession })] };
  });
  return places.map((a) => places.map((b) => punchUdp(a, b, { seed }).isDirect));
}

/** How many of the 45 unordered pairs are direct; a pair counts when both orders are. */
export function directPairs(matrix: readonly (readonly boolean[])[]): number {
  let count = 0;
  for (let a = 0; a < NINE.length; a += 1) {
    for (let b = a; b < NINE.length; b += 1) if (matrix[a]![b]! && matrix[b]![a]!) count += 1;
  }
  return count;
}

/** Laws about who reaches whom: the published matrices, whatever the order of packets, and chains of NATs. */
import { natBehaviour } from '../../../sim/index.ts';
import type { NatBehaviour, NatDependence, NatPreset } from '../../../sim/index.ts';
import { classify } from '../../../scenarios/nat/classify.ts';
import { runLibwebrtc } from '../../../scenarios/nat/libwebrtc.ts';
import { NINE, directPairs, expectedNine, runNine } from '../../../scenarios/nat/nine.ts';
import { punchUdp } from '../../../scenarios/nat/punch-udp.ts';
import type { PunchOptions } from '../../../scenarios/nat/punch-udp.ts';
import type { FidelityRow } from '../model.ts';
import { exactly } from './row.ts';
import { behind } from './worlds.ts';

export async function matrixLaws(): Promise<FidelityRow[]> {
  return [...libwebrtc(), classicTypes(), ...nine(), ...namedRegressions(), await cascade()];
}

function libwebrtc(): FidelityRow[] {
  const cells = runLibwebrtc(5);
  return [true, false].map((isPublished) => {
    const own = cells.filter((cell) => cell.isPublished === isPublished);
    const equal = own.filter(({ actual, expected }) => actual === expected).length;
    const law = isPublished
      ? 'tested cells: direct or relayed, and over UDP how each end is seen'
      : 'cells not tested there: over TCP, or relayed';
    const source = isPublished ? 'libwebrtc kMatrix' : 'TCP rules of chapter 18, no publication';
    return exactly(law, source, `${isPublished ? 56 : 44} of ${isPublished ? 56 : 44}`, `${equal} of ${own.length}`);
  });
}

const CLASSIC = ['fullCone', 'restrictedCone', 'portRestricted', 'symmetric'] as const satisfies readonly NatPreset[];
/** The second end probes as much later (or earlier), or both at once. */
const SKEWS = [-300_000, -1, 0, 1, 300_000];

function punches(a: NatPreset | undefined, b: NatPreset | undefined, options: PunchOptions = {}): boolean {
  const placeOf = (preset: NatPreset | undefined) => ({ nats: preset === undefined ? [] : [natBehaviour(preset)] });
  return punchUdp(placeOf(a), placeOf(b), options).isDirect;
}

function classicTypes(): FidelityRow {
  const counts = SKEWS.map((skewMicros) => {
    const direct = CLASSIC.flatMap((a) => CLASSIC.filter((b) => punches(a, b, { skewMicros })).map((b) => `${a} ${b}`));
    const isOneOfThree = (pair: string): boolean =>
      /^(portRestricted|symmetric) (portRestricted|symmetric)$/.test(pair);
    const strict = direct.filter(isOneOfThree);
    return direct.length === 13 && strict.join() === 'portRestricted portRestricted' ? 13 : -direct.length;
  });
  return exactly(
    '13 of the 16 classic pairs are punched: all but those of symmetric with symmetric or port-restricted; in five orders of packets',
    'RFC 3489 types',
    '13, 13, 13, 13, 13',
    counts.join(', '),
  );
}

function nine(): FidelityRow[] {
  return (['strict', 'session'] as const).map((reading) => {
    const matrix = runNine(reading, 5);
    const isEqual = JSON.stringify(matrix) === JSON.stringify(expectedNine(reading));
    const expected = reading === 'strict' ? 25 : 31;
    const law = `unordered pairs of the 9 x 9 behaviours that are punched, ${reading} reading; every cell as expected`;
    const measured = `${directPairs(matrix)} of 45, ${isEqual ? 'all' : 'not all'} cells`;
    return exactly(law, 'RFC 4787', `${expected} of 45, all cells`, measured);
  });
}

/** Mistakes other projects once made. */
function namedRegressions(): FidelityRow[] {
  const openWithSymmetric = [punches(undefined, 'symmetric'), punches('symmetric', undefined)];
  const restricted = [1, 2].flatMap((rounds) =>
    [-300_000, 300_000].map((skewMicros) => punches('restrictedCone', 'symmetric', { rounds, skewMicros })),
  );
  return [
    exactly(
      'an open host and a symmetric NAT: direct whoever is first',
      'iroh#4134',
      'true true',
      openWithSymmetric.join(' '),
    ),
    exactly(
      'restricted with symmetric, either end first: one round of probes is not enough, two are',
      'eduP2P two-ping',
      'false false true true',
      restricted.join(' '),
    ),
  ];
}

const STRICTNESS: readonly NatDependence[] = ['endpointIndependent', 'addressDependent', 'addressAndPortDependent'];
const ALLOCATIONS = ['random', 'sequential'] as const;

/** 81 pairs of behaviours in a row, times two allocations each. */
async function cascade(): Promise<FidelityRow> {
  const all: NatBehaviour[] = NINE.flatMap(({ mapping, filtering }) =>
    ALLOCATIONS.map((allocation) => natBehaviour('fullCone', { mapping, filtering, allocation })),
  );
  let equal = 0;
  let count = 0;
  for (const outer of all) {
    for (const inner of all) {
      const seen = await behind([outer, inner], classify);
      count += 1;
      if (
        seen.mapping === stricter(outer.mapping, inner.mapping) &&
        seen.filtering === stricter(outer.filtering, inner.filtering)
      )
        equal += 1;
    }
  }
  return exactly(
    'two NATs in a row: the stricter mapping and the stricter filtering',
    'cascade law',
    '324 of 324',
    `${equal} of ${count}`,
  );
}

function stricter(a: NatDependence, b: NatDependence): NatDependence {
  return STRICTNESS.indexOf(a) > STRICTNESS.indexOf(b) ? a : b;
}

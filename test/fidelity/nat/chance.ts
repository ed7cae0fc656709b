/** Laws about guessed ports: birthdays, Monte Carlo on real tables against the formulas, and the numbers others published. */
import { RandomStream, natBehaviour } from '../../../sim/index.ts';
import type { FidelityRow } from '../model.ts';
import { exactly, howOften, percent } from './row.ts';
import { TableNat } from './tables.ts';

const LOWEST = 1_024;
/** Ports 1024 to 65535. */
const PORTS = 64_512;
/** Tailscale's published table: probes, and percent as printed there. */
const PUBLISHED = [
  [174, '50'],
  [256, '64'],
  [1_024, '98'],
  [2_048, '99.9'],
] as const;
const SOCKETS = 256;
const PEER = 7;

/** `trials` of the Monte Carlo on one side; a fifth of that on both sides, which takes five times as long. */
export function chanceLaws(trials: number): FidelityRow[] {
  return [...oneSided(trials), ...twoSided(Math.ceil(trials / 5)), ...exhaustion(), ...formulas()];
}

/** One of k mappings is hit by one of n different ports out of N. */
function hitProbability(ports: number, mappings: number, probes: number): number {
  let miss = 1;
  for (let each = 0; each < probes; each += 1) miss *= 1 - mappings / (ports - each);
  return 1 - miss;
}

/** The symmetric side opens 256 sockets towards the one known endpoint; the other side probes ports, no port twice. */
function oneSided(trials: number): FidelityRow[] {
  const behaviour = natBehaviour('symmetric');
  const most = PUBLISHED.at(-1)![0];
  const firstHits: number[] = [];
  for (let seed = 1; seed <= trials; seed += 1) {
    const nat = new TableNat(behaviour, seed, 'nat');
    for (let socket = 0; socket < SOCKETS; socket += 1) nat.send(10_000 + socket, PEER, 4_000);
    firstHits.push(firstHit(most, new RandomStream(seed, 'probes'), (port) => nat.admits(port, PEER, 4_000)));
  }
  return PUBLISHED.map(([probes, published]) => {
    const hits = firstHits.filter((hit) => hit <= probes).length;
    const law = `one side guesses ${probes} of ${PORTS} ports against ${SOCKETS} mappings; published as ${published} %`;
    return howOften(law, 'birthday, Tailscale', hitProbability(PORTS, SOCKETS, probes), hits, trials);
  });
}

/** The number of the first probe that hits, from 1; Infinity for none of `most`. */
function firstHit(most: number, stream: RandomStream, isHit: (port: number) => boolean): number {
  const probed = new Set<number>();
  while (probed.size < most) {
    const port = LOWEST + stream.below(PORTS);
    if (probed.has(port)) continue;
    probed.add(port);
    if (isHit(port)) return probed.size;
  }
  return Infinity;
}

const SMALL = 1_024;

/** Both sides symmetric, both guess, each probe from a socket of its own; scaled down to 1024 ports. */
function twoSided(trials: number): FidelityRow[] {
  const behaviour = natBehaviour('symmetric', { portMin: LOWEST, portMax: LOWEST + SMALL - 1 });
  return [400, 800].map((probes) => {
    let hits = 0;
    for (let seed = 1; seed <= trials; seed += 1) if (meets(behaviour, probes, seed)) hits += 1;
    const expected = 1 - Math.exp(-(probes * probes) / (SMALL * SMALL));
    return howOften(
      `both sides guess, ${probes} probes each, ${SMALL} ports`,
      'birthday, two-sided',
      expected,
      hits,
      trials,
    );
  });
}

function meets(behaviour: ReturnType<typeof natBehaviour>, probes: number, seed: number): boolean {
  const [left, right] = ['left', 'right'].map((name) => new TableNat(behaviour, seed, name));
  const sent = [left!, right!].map((nat, side) => {
    const stream = new RandomStream(seed, `guess ${side}`);
    return Array.from({ length: probes }, (_unused, socket) => {
      const to = LOWEST + stream.below(SMALL);
      return [nat.send(10_000 + socket, 1 - side, to)!, to] as const;
    });
  });
  return sent[0]!.some(([from, to]) => right!.admits(to, 0, from) && left!.admits(from, 1, to));
}

/** Guessing on both sides to 99.9 % would need more mappings than there are ports. */
function exhaustion(): FidelityRow[] {
  const probes = Math.ceil(2.628 * SMALL);
  const nat = new TableNat(natBehaviour('symmetric', { portMin: LOWEST, portMax: LOWEST + SMALL - 1 }), 1, 'nat');
  let refused = 0;
  for (let socket = 0; socket < probes; socket += 1) {
    if (nat.send(2_000 + socket, PEER, 4_000 + socket) === undefined) refused += 1;
  }
  const law = `both sides guessing to 99.9 % takes 2.628 N mappings (169,555 of 64,512 ports): with ${SMALL} ports the NAT refuses the rest`;
  return [exactly(law, 'exhaustion', String(probes - SMALL), String(refused))];
}

/** Numbers published elsewhere, by the same formula. */
function formulas(): FidelityRow[] {
  const two = (a: number, b: number): string => (100 * (1 - Math.exp((-a * b) / (PORTS * PORTS)))).toFixed(4);
  const needed = (share: number): number => {
    let probes = 1;
    while (hitProbability(PORTS, SOCKETS, probes) < share) probes += 1;
    return probes;
  };
  const published = 'published numbers';
  return [
    exactly(
      `by the formula: ${SOCKETS} mappings, probes ${PUBLISHED.map(([probes]) => probes).join(', ')}`,
      published,
      '49.98 %, 63.94 %, 98.35 %, 99.97 %',
      PUBLISHED.map(([probes]) => percent(hitProbability(PORTS, SOCKETS, probes))).join(', '),
    ),
    exactly(
      'both sides guessing: 256 x 2048, and 53,710 and 169,555 each',
      published,
      '0.0126 %, 50.00 %, 99.90 %',
      [
        `${two(256, 2_048)} %`,
        `${Number(two(53_710, 53_710)).toFixed(2)} %`,
        `${Number(two(169_555, 169_555)).toFixed(2)} %`,
      ].join(', '),
    ),
    exactly(
      'at 100 probes a second, half are through after, and 99.9 % after',
      published,
      '1.75 s, 17.15 s',
      [0.5, 0.999].map((share) => `${(needed(share) / 100).toFixed(2)} s`).join(', '),
    ),
    exactly(
      'what others do: hyperdht 256 x 1750, frp 256 x 1000, dquic 400 x 400 (that one by 1 - e^(-kn/N))',
      published,
      '99.91 %, 98.18 %, 91.63 %',
      [
        percent(hitProbability(PORTS, 256, 1_750)),
        percent(hitProbability(PORTS, 256, 1_000)),
        percent(1 - Math.exp((-400 * 400) / PORTS)),
      ].join(', '),
    ),
  ];
}

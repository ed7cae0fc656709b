/** Laws about predicted ports: a window of guesses, cross traffic that steals ports, two sides that predict each other. */
import { natBehaviour } from '../../../sim/index.ts';
import type { FidelityRow } from '../model.ts';
import { exactly, howOften } from './row.ts';
import { TableNat } from './tables.ts';

const SEQUENTIAL = natBehaviour('symmetricSequential', { portMin: 10_000, portMax: 60_000 });
const [A, B] = [1, 2];
const INNER = 4_000;
/** Thefts on either side that are tried, from 0. */
const THEFTS = 30;

/** `trials` of each Monte Carlo. */
export function predictionLaws(trials: number): FidelityRow[] {
  return [windowLaw(), ...stepLaws(), ...poisson(trials), linearLaw(), ...bsgs()];
}

/** What was stolen decides: the first x + 1 predicted ports must be among the W that are sprayed. */
function reaches(thefts: number, window: number, portStep = 1): boolean {
  const nat = new TableNat({ ...SEQUENTIAL, portStep }, thefts + 1, 'nat');
  const measured = nat.measure(INNER);
  nat.steal(thefts);
  nat.send(INNER, B, INNER);
  for (let guess = 1; guess <= window; guess += 1)
    if (nat.admits(wrapped(measured + guess * portStep), B, INNER)) return true;
  return false;
}

/** Into the NAT's range. */
function wrapped(port: number): number {
  const { portMin, portMax } = SEQUENTIAL;
  const count = portMax - portMin + 1;
  return portMin + ((((port - portMin) % count) + count) % count);
}

function windowLaw(): FidelityRow {
  let equal = 0;
  for (let thefts = 0; thefts < THEFTS; thefts += 1) {
    for (let window = 1; window <= THEFTS; window += 1) {
      if (reaches(thefts, window) === thefts + 1 <= window) equal += 1;
    }
  }
  const law = 'one side predicts W ports, x are stolen meanwhile: reached iff x + 1 <= W; all x < 30, W <= 30';
  return exactly(law, 'prediction', '900 of 900', `${equal} of 900`);
}

function stepLaws(): FidelityRow[] {
  return [2, -1, -7].map((portStep) =>
    exactly(
      `the same with a step of ${portStep}: x = 4 with W = 4 and W = 5`,
      'prediction',
      'false, true',
      [reaches(4, 4, portStep), reaches(4, 5, portStep)].join(', '),
    ),
  );
}

/** Neighbours' thefts as a Poisson process in the NAT itself. Mean number of thefts, window, as in the published table. */
const WINDOWS = [
  [0.5, 1],
  [0.5, 2],
  [1, 1],
  [1, 3],
  [2, 5],
  [5, 10],
  [10, 10],
  [10, 20],
] as const;
const GAP_MICROS = 1_000;

function poisson(trials: number): FidelityRow[] {
  return WINDOWS.map(([mean, window]) => {
    let hits = 0;
    for (let seed = 1; seed <= trials; seed += 1) {
      const nat = new TableNat({ ...SEQUENTIAL, crossTrafficMicros: GAP_MICROS }, seed, `nat ${mean} ${window}`);
      const measured = nat.measure(INNER);
      nat.wait(mean * GAP_MICROS);
      const step = nat.send(INNER, B, INNER)! - measured;
      if (wrapped(measured + step) !== measured && ((step % 50_001) + 50_001) % 50_001 <= window) hits += 1;
    }
    const law = `cross traffic of mean ${mean} between measurement and punch, ${window} ports predicted`;
    return howOften(law, 'prediction, Poisson', poissonBelow(mean, window), hits, trials);
  });
}

/** The probability of fewer than `limit` events. */
function poissonBelow(mean: number, limit: number): number {
  let [term, sum] = [Math.exp(-mean), 0];
  for (let events = 0; events < limit; events += 1) {
    sum += term;
    term *= mean / (events + 1);
  }
  return sum;
}

/** Two sequential NATs; each probe takes a port of its own NAT. `guess` gives the i-th guess, from 1, past the measured port. */
function meets(
  thefts: readonly [number, number],
  window: number,
  guess: readonly [(i: number) => number, (i: number) => number],
): boolean {
  const nats = [new TableNat(SEQUENTIAL, 11, 'a'), new TableNat(SEQUENTIAL, 12, 'b')] as const;
  const measured = nats.map((nat) => nat.measure(INNER));
  nats.forEach((nat, side) => nat.steal(thefts[side]!));
  const remotes = [B, A];
  const sent = nats.map((nat, side) =>
    Array.from({ length: window }, (_unused, index) => {
      const to = measured[1 - side]! + guess[side]!(index + 1);
      return [nat.send(INNER, remotes[side]!, to)!, to] as const;
    }),
  );
  return sent[0]!.some(([from, to]) => nats[1].admits(to, A, from) && nats[0].admits(from, B, to));
}

const STEP: (i: number) => number = (i) => i;
const GIANT: (i: number) => number = (i) => 2 * i - 1;

/** Both scan one port after the other: the gap between guess and port never closes. */
function linearLaw(): FidelityRow {
  let equal = 0;
  for (let x = 0; x < 10; x += 1)
    for (let y = 0; y < 10; y += 1) if (meets([x, y], 60, [STEP, STEP]) === (x + y === 0)) equal += 1;
  const law =
    'both sides symmetric and sequential, both scan with step 1: only when nothing was stolen, whatever the window; x, y < 10, W = 60';
  return exactly(law, 'prediction', '100 of 100', `${equal} of 100`);
}

function bsgs(): FidelityRow[] {
  let enough = 0;
  let tooFew = 0;
  for (let x = 0; x < THEFTS; x += 1) {
    for (let y = 0; y < THEFTS; y += 1) {
      const needed = x + 2 * y + 1;
      if (meets([x, y], needed, [STEP, GIANT])) enough += 1;
      if (!meets([x, y], needed - 1, [STEP, GIANT])) tooFew += 1;
    }
  }
  const law = 'one scans by 1, the other by 2: they meet iff W >= x + 2y + 1; with W, and with one less; all x, y < 30';
  return [exactly(law, 'baby step, giant step', '900 of 900, 900 of 900', `${enough} of 900, ${tooFew} of 900`)];
}

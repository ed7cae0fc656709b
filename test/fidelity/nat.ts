/**
 * The laws of NATs and hole punching: who reaches whom, what a classifier sees, TCP, predicted ports, and chance.
 *
 * Not here: pings (no NAT of ours translates them), field averages (they measure populations, not NATs), and mistakes of other
 * engines that are not the network's.
 */
import type { FidelityRow } from './model.ts';
import { chanceLaws } from './nat/chance.ts';
import { classifierLaws } from './nat/classified.ts';
import { matrixLaws } from './nat/matrices.ts';
import { predictionLaws } from './nat/prediction.ts';
import { tcpLaws } from './nat/tcp.ts';

/** Seeds of each Monte Carlo when there is time. */
const TRIALS = 10_000;

/** All of them; with fewer trials it is faster and less sharp. */
export async function natLaws(trials = TRIALS): Promise<FidelityRow[]> {
  return [
    ...(await matrixLaws()),
    ...(await classifierLaws()),
    ...tcpLaws(),
    ...predictionLaws(trials),
    ...chanceLaws(trials),
  ];
}

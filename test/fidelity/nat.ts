/**
 * The laws of NATs and hole punching: who reaches whom, what a classifier sees, TCP, pings and hops, predicted ports, chance.
 *
 * Not here: field averages (they measure populations, not NATs), and mistakes of other
 * engines that are not the network's.
 */
import type { FidelityRow } from './model.ts';
import { chanceLaws } from './nat/chance.ts';
import { classifierLaws } from './nat/classified.ts';
import { hopLaws } from './nat/hops.ts';
import { matrixLaws } from './nat/matrices.ts';
import { predictionLaws } from './nat/prediction.ts';
import { ruleLaws } from './nat/rules.ts';
import { tcpLaws } from './nat/tcp.ts';

/** Seeds of each Monte Carlo when there is time. */
const TRIALS = 10_000;

/** All of them; with fewer trials it is faster and less sharp. */
export async function natLaws(trials = TRIALS): Promise<FidelityRow[]> {
  return [
    ...(await matrixLaws()),
    ...(await classifierLaws()),
    ...tcpLaws(),
    ...hopLaws(),
    ...ruleLaws(Math.ceil(trials / 5)),
    ...predictionLaws(trials),
    ...chanceLaws(trials),
  ];
}

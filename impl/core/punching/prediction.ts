/**
 * Port prediction: what two observations say about a NAT, and which ports of a sequential one to try (P2P-021).
 *
 * Pure. A NAT that gives out ports at random is recognised and left alone.
 */
import type { Endpoint } from '../../../spec/platform.ts';
import type { NatMappingKind, Role, Side } from './types.ts';

/** Ours: ports further apart than this are taken for random; the chance of a random NAT to look sequential is 0.2 %. */
const STEP_MAX = 64;

/** Ours: ports tried; ten ports taken by others in between are covered with certainty, and twenty mostly. */
export const PREDICTION_WINDOW = 20;

const PORT_MAX = 65_535;

export type NatReading = { readonly mapping: NatMappingKind; readonly lastPort: number; readonly step: number };

/** What a NAT showed of one socket, asked from two ports of one server, in that order. */
export function readNat(first: Endpoint, second: Endpoint | undefined): NatReading {
  if (second === undefined) return { mapping: 'unknown', lastPort: 0, step: 0 };
  const step = second.port - first.port;
  if (step === 0 && first.address === second.address) return { mapping: 'independent', lastPort: 0, step: 0 };
  const isSequential = first.address === second.address && step >= -STEP_MAX && step <= STEP_MAX && step !== 0;
  return isSequential
    ? { mapping: 'sequential', lastPort: second.port, step }
    : { mapping: 'random', lastPort: 0, step: 0 };
}

/**
 * The ports of the peer to try, likeliest first.
 *
 * Every try takes a port from the own NAT when that one is sequential as well; then the answerer goes in double steps, so
 * that both meet after x + 2y + 1 tries, when x and y ports were taken by others meanwhile.
 */
export function predictedPorts(peer: Side, ownMapping: NatMappingKind, role: Role): number[] {
  if (peer.mapping !== 'sequential' || peer.predictedPort === 0) return [];
  const isDouble = ownMapping === 'sequential' && role === 'answerer';
  const ports: number[] = [];
  for (let index = 1; index <= PREDICTION_WINDOW; index += 1) {
    const steps = isDouble ? 2 * index - 1 : index;
    const port = peer.predictedPort + peer.predictedStep * steps;
    if (port >= 1 && port <= PORT_MAX) ports.push(port);
  }
  return ports;
}

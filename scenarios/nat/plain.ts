/**
 * The matrix with plain punching: the seven kinds of middleboxes, every pair, no port guessed, no engine, no server that
 * relays. What must come of it follows from the same tables: only what is direct without a trick.
 */
import { natBehaviour } from '../../sim/index.ts';
import { NAT_KINDS } from '../attach/network-options.ts';
import { MATRIX_KINDS, matrixCells } from './expected.ts';
import type { MatrixKind, MatrixTransport } from './expected.ts';
import type { Place } from './place.ts';
import { punchTcp } from './punch-tcp.ts';
import { punchUdp } from './punch-udp.ts';

/** Rows are the end named first. */
export type PlainMatrix = {
  readonly transport: MatrixTransport;
  readonly expected: readonly (readonly boolean[])[];
  readonly actual: readonly (readonly boolean[])[];
};

/** Runs all 49 pairs. */
export function runPlain(transport: MatrixTransport, seed: number): PlainMatrix {
  const punches = (a: MatrixKind, b: MatrixKind): boolean =>
    transport === 'udp' ? punchUdp(placeOf(a), placeOf(b), { seed }).isDirect : punchTcp(placeOf(a), placeOf(b), seed);
  const cells = matrixCells().filter((cell) => cell.transport === transport);
  const isDirect = (a: MatrixKind, b: MatrixKind): boolean =>
    cells.find((cell) => cell.a === a && cell.b === b)!.method === 'direct';
  return {
    transport,
    expected: MATRIX_KINDS.map((a) => MATRIX_KINDS.map((b) => isDirect(a, b))),
    actual: MATRIX_KINDS.map((a) => MATRIX_KINDS.map((b) => punches(a, b))),
  };
}

function placeOf(kind: MatrixKind): Place {
  const preset = NAT_KINDS[kind];
  return { nats: preset === undefined ? [] : [natBehaviour(preset)] };
}

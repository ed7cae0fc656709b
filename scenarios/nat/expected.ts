/**
 * The matrix as data: seven kinds of middleboxes, every unordered pair, and what must come of it over UDP and over TCP (P2P-030).
 *
 * The verdicts are the tables of chapter 18; a test compares the two. Data and pure functions only.
 */
import type { NatKind } from '../attach/network-options.ts';

/** The kinds of the matrix, in the order of its rows. */
export const MATRIX_KINDS = [
  'open',
  'fullCone',
  'restrictedCone',
  'portRestricted',
  'symmetricSequential',
  'symmetricRandom',
  'udpBlocked',
] as const satisfies readonly NatKind[];

export type MatrixKind = (typeof MATRIX_KINDS)[number];

export const KIND_NAMES: Readonly<Record<MatrixKind, string>> = {
  open: 'open',
  fullCone: 'full cone',
  restrictedCone: 'restricted',
  portRestricted: 'port-restricted',
  symmetricSequential: 'symmetric, sequential',
  symmetricRandom: 'symmetric, random',
  udpBlocked: 'UDP blocked',
};

export type MatrixTransport = 'udp' | 'tcp';

/** How a cell is to be reached: `birthday` and `otherTransport` are relayed. */
export type Method = 'direct' | 'prediction' | 'birthday' | 'relay' | 'otherTransport';

const METHODS: Readonly<Record<string, Method>> = {
  D: 'direct',
  P: 'prediction',
  B: 'birthday',
  R: 'relay',
  T: 'otherTransport',
};

/** What each method means, for people. */
export const METHOD_TEXTS: Readonly<Record<Method, string>> = {
  direct: 'direct',
  prediction: 'direct by port prediction',
  birthday: 'relayed; guessing many hundred ports could open it (birthday paradox), which this edition does not do',
  relay: 'relayed',
  otherTransport: 'relayed here; the other transport gets through where its table says so',
};

/** Rows and columns in the order of MATRIX_KINDS, from the diagonal on. */
const TABLES: Readonly<Record<MatrixTransport, readonly string[]>> = {
  udp: ['DDDDDDT', 'DDDDDT', 'DDDDT', 'DPBT', 'PBT', 'BT', 'T'],
  tcp: ['DDDDDDD', 'DDDDDD', 'DDDDD', 'DPBD', 'PRP', 'RB', 'D'],
};

/** The letter of a pair, whoever invites. */
export function expectedLetter(transport: MatrixTransport, a: MatrixKind, b: MatrixKind): string {
  const [row, column] = [MATRIX_KINDS.indexOf(a), MATRIX_KINDS.indexOf(b)].sort((left, right) => left - right);
  return TABLES[transport][row!]![column! - row!]!;
}

/** One cell: `a` invites. */
export type MatrixCell = {
  readonly a: MatrixKind;
  readonly b: MatrixKind;
  readonly transport: MatrixTransport;
  readonly method: Method;
  readonly expected: 'direct' | 'relay';
};

/** All pairs with each side as inviter, both transports: 98 cells. */
export function matrixCells(): readonly MatrixCell[] {
  const transports: readonly MatrixTransport[] = ['udp', 'tcp'];
  return transports.flatMap((transport) =>
    MATRIX_KINDS.flatMap((a) => MATRIX_KINDS.map((b): MatrixCell => cellOf(transport, a, b))),
  );
}

function cellOf(transport: MatrixTransport, a: MatrixKind, b: MatrixKind): MatrixCell {
  const method = METHODS[expectedLetter(transport, a, b)]!;
  const expected = method === 'direct' || method === 'prediction' ? 'direct' : 'relay';
  return { a, b, transport, method, expected };
}

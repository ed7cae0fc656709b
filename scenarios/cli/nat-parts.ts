/** The parts of `esf nat` that need no engine: each runs, and gives its table, its counts and its letters. */
import { KIND_NAMES, MATRIX_KINDS } from '../nat/expected.ts';
import type { MatrixTransport } from '../nat/expected.ts';
import { LIBWEBRTC_PLACES, runLibwebrtc } from '../nat/libwebrtc.ts';
import { NINE, directPairs, expectedNine, runNine } from '../nat/nine.ts';
import type { Reading } from '../nat/nine.ts';
import { runPlain } from '../nat/plain.ts';
import { equalCells, sideBySide } from './nat-text.ts';
import type { Compared } from './nat-text.ts';

/** What one part came to; rows and columns of the letters as `names`. */
export type PartResult = {
  readonly part: string;
  readonly total: number;
  readonly equal: number;
  /** Unordered pairs that are direct; of the 9 x 9 only. */
  readonly directPairs?: number;
  readonly names: readonly string[];
  readonly actual: readonly (readonly string[])[];
  readonly expected: readonly (readonly string[])[];
  readonly summary: string;
  readonly lines: readonly string[];
};

const letters = (matrix: readonly (readonly boolean[])[]): string[][] =>
  matrix.map((row) => row.map((isDirect) => (isDirect ? 'D' : '-')));

/** Plain punching of the seven kinds. */
export function plainPart(transport: MatrixTransport, seed: number): PartResult {
  const { actual, expected } = runPlain(transport, seed);
  return result(`plain ${transport}`, {
    title: `Plain ${transport.toUpperCase()} punching, no port guessed: D direct, - not`,
    names: MATRIX_KINDS.map((kind) => KIND_NAMES[kind]),
    actual: letters(actual),
    expected: letters(expected),
  });
}

/** The 9 x 9 of RFC 4787. */
export function ninePart(reading: Reading, seed: number): PartResult {
  const actual = runNine(reading, seed);
  const pairs = directPairs(actual);
  const how = reading === 'strict' ? 'by the letter' : 'with a session for what was let in';
  const compared = {
    title: `RFC 4787 mapping/filtering ${how}, plain UDP punching: D direct, - not`,
    names: NINE.map(({ name }) => name),
    actual: letters(actual),
    expected: letters(expectedNine(reading)),
  };
  const part = result(`RFC 4787 ${reading}`, compared);
  return { ...part, directPairs: pairs, summary: `${part.summary}, ${pairs} of 45 unordered pairs direct` };
}

/** libwebrtc's 10 x 10. */
export function libwebrtcPart(seed: number): PartResult {
  const cells = runLibwebrtc(seed);
  const rows = LIBWEBRTC_PLACES.map((_place, row) => cells.filter((cell) => cell.row === row));
  const part = result('libwebrtc', {
    title:
      'libwebrtc kMatrix: over UDP how each end is seen (L local, S server-reflexive, P peer-reflexive), tcp, relay; () not published',
    names: LIBWEBRTC_PLACES.map(({ name }) => name),
    actual: rows.map((row) => row.map(({ actual }) => actual)),
    expected: rows.map((row) => row.map(({ expected }) => expected)),
  });
  const published = cells.filter(({ isPublished }) => isPublished);
  const equal = published.filter(({ actual, expected }) => actual === expected).length;
  const lines = sideBySide({
    title: part.lines[0]!,
    names: part.names,
    actual: rows.map((row) => row.map(({ actual, isPublished }) => (isPublished ? actual : `(${actual})`))),
    expected: rows.map((row) => row.map(({ expected, isPublished }) => (isPublished ? expected : `(${expected})`))),
  });
  return { ...part, lines, summary: `${part.summary}, ${equal} of the ${published.length} published ones` };
}

function result(part: string, compared: Compared): PartResult {
  const [equal, total] = equalCells(compared);
  const { names, actual, expected } = compared;
  const summary = `${part}: ${equal} of ${total} cells as expected`;
  return { part, total, equal, names, actual, expected, summary, lines: sideBySide(compared) };
}

/** The tables of `esf nat` that compare yes and no: what was seen on the left, what is expected on the right. Pure. */
const COLUMN = 8;

export type Compared = {
  readonly title: string;
  readonly names: readonly string[];
  /** Letters; rows and columns as `names`. */
  readonly actual: readonly (readonly string[])[];
  readonly expected: readonly (readonly string[])[];
};

/** A cell that differs is marked by `!`. */
export function sideBySide({ title, names, actual, expected }: Compared): string[] {
  const nameColumns = Math.max(...names.map((name) => name.length)) + 5;
  const heads = names.map((_name, index) => String(index + 1).padEnd(COLUMN)).join('');
  const gap = '   | ';
  const rows = names.map((name, row) => {
    const left = actual[row]!.map((letter, column) => `${letter}${letter === expected[row]![column] ? '' : '!'}`);
    const cells = (letters: readonly string[]): string => letters.map((letter) => letter.padEnd(COLUMN)).join('');
    return `${`${index(row)} ${name}`.padEnd(nameColumns)}${cells(left)}${gap}${cells(expected[row]!)}`.trimEnd();
  });
  return [
    title,
    `${''.padEnd(nameColumns)}${'seen'.padEnd(heads.length)}${gap}expected`,
    `${''.padEnd(nameColumns)}${heads}${gap}${heads}`.trimEnd(),
    ...rows,
  ];
}

function index(row: number): string {
  return String(row + 1).padStart(2);
}

/** How many cells are as expected, and how many there are. */
export function equalCells({ actual, expected }: Pick<Compared, 'actual' | 'expected'>): readonly [number, number] {
  const pairs = actual.flatMap((row, at) => row.map((letter, column) => letter === expected[at]![column]));
  return [pairs.filter(Boolean).length, pairs.length];
}

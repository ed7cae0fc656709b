/** The 9 x 9 table: filled by runs in a worker, cell by cell; a cell opens its run. */
import { NINE, directPairs } from '../../nat/nine.ts';
import type { Reading } from '../../nat/nine.ts';
import type { DemoPlan } from '../plan.ts';
import { byId, make, setText } from './dom.ts';
import { Runner } from './runner.ts';

/** Fills the table and opens runs. */
export class Matrix {
  readonly #open: (plan: DemoPlan) => void;
  readonly #runner = new Runner();
  #hasRun = false;

  constructor(open: (plan: DemoPlan) => void, seed: () => number) {
    this.#open = open;
    const run = (): void => this.#run(seed());
    byId('matrix-run').addEventListener('click', run);
    for (const id of ['matrix-reading', 'matrix-by']) byId(id).addEventListener('change', run);
    this.#build();
  }

  /** The first time it is looked at, it fills itself. */
  show(seed: number): void {
    if (!this.#hasRun) this.#run(seed);
  }

  #build(): void {
    const head = make('tr', {}, make('td'), ...NINE.map(({ name }) => make('th', { scope: 'col' }, name)));
    const rows = NINE.map(({ name }) => {
      const cells = NINE.map((column) =>
        make(
          'td',
          {},
          make(
            'button',
            { type: 'button', disabled: '', 'aria-label': `${name} and ${column.name}: not run yet` },
            '·',
          ),
        ),
      );
      return make('tr', {}, make('th', { scope: 'row' }, name), ...cells);
    });
    byId('matrix').replaceChildren(make('thead', {}, head), make('tbody', {}, ...rows));
  }

  #run(seed: number): void {
    this.#hasRun = true;
    this.#build();
    const reading = byId<HTMLSelectElement>('matrix-reading').value as Reading;
    const by = byId<HTMLSelectElement>('matrix-by').value as 'punch' | 'pair';
    const outcomes = NINE.map(() => NINE.map(() => false));
    let done = 0;
    setText(byId('matrix-count'), 'Running …');
    this.#runner.matrix({ kind: 'matrix', by, reading, seed }, (answer) => {
      if (answer.kind === 'failed') setText(byId('matrix-count'), `It failed: ${answer.message}`);
      if (answer.kind !== 'cell') return;
      const { row, column, line, isDirect } = answer;
      outcomes[row]![column] = isDirect;
      done += 1;
      this.#fill(row, column, line, isDirect);
      const pairs = `${directPairs(outcomes)} of 45 pairs reach each other directly`;
      setText(byId('matrix-count'), done === 81 ? pairs : `${done} of 81 run; ${pairs}`);
    });
  }

  #fill(row: number, column: number, line: DemoPlan, isDirect: boolean): void {
    const button = byId('matrix').querySelectorAll('tbody tr')[row]!.querySelectorAll('button')[column]!;
    button.disabled = false;
    button.dataset.way = isDirect ? 'direct' : 'none';
    setText(button, isDirect ? 'direct' : '—');
    button.setAttribute(
      'aria-label',
      `${line.left} and ${line.right}: ${isDirect ? 'direct' : 'no direct way'}; watch this run`,
    );
    button.onclick = () => this.#open(line);
  }
}

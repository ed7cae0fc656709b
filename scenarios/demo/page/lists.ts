/** What happened and which messages there are, the latest first, as text. */
import type { Letter } from '../stage.ts';
import { byId, make, setAttribute, setText } from './dom.ts';
import { shortName } from './things.ts';
import type { RunIndex } from './run-index.ts';

const SHOWN = 60;

/** Shows both lists as they are at a time; a list that is as it was is left alone. */
export class Lists {
  #shown = '';

  update(index: RunIndex, nowMicros: number): void {
    this.#showLog(index, nowMicros);
    this.#showLetters(index, nowMicros);
  }

  #showLog(index: RunIndex, nowMicros: number): void {
    const count = index.linesBy(nowMicros);
    const key = `${index.run.digest} ${count}`;
    if (key === this.#shown) return;
    this.#shown = key;
    setText(byId('log-count'), `${count} lines`);
    const lines = index.lines.slice(Math.max(0, count - SHOWN), count).reverse();
    byId('log').replaceChildren(
      ...lines.map(({ timeMicros, kind, where, text }) =>
        make(
          'li',
          { class: kind },
          make('time', {}, (timeMicros / 1e6).toFixed(3)),
          make('span', {}, where === '' ? text : `${where.split(' → ').map(shortName).join(' → ')}: ${text}`),
        ),
      ),
    );
  }

  #showLetters(index: RunIndex, nowMicros: number): void {
    const { sent, arrived } = index.lettersBy(nowMicros);
    setText(byId('letter-count'), sent === 0 ? '' : `${arrived} of ${sent} arrived`);
    const list = byId('letters');
    const last = index.run.letters.slice(Math.max(0, sent - SHOWN), sent).reverse();
    while (list.children.length > last.length) list.lastElementChild!.remove();
    last.forEach((letter, row) => {
      const item = list.children[row] ?? list.appendChild(make('li', {}, make('time'), make('span')));
      const [time, text] = [...item.children] as [Element, Element];
      const { words, kind } = stateOf(letter, nowMicros);
      setText(time, (letter.sentMicros / 1e6).toFixed(3));
      setText(text, `${letter.number} ${letter.from} → ${letter.to}: ${words}`);
      setAttribute(text, 'title', words);
      if (item.className !== kind) item.className = kind;
    });
  }
}

/** A letter takes longer than that only when something is wrong. */
const LATE_MICROS = 1_000_000;

function stateOf(letter: Letter, nowMicros: number): { readonly words: string; readonly kind: string } {
  const { way, sentMicros, arrivedMicros, endMicros, isAcknowledged } = letter;
  const by = (micros: number): boolean => micros >= 0 && micros <= nowMicros;
  const how = way === 'direct' ? 'directly' : 'relayed';
  if (by(endMicros) && !isAcknowledged) {
    return by(arrivedMicros)
      ? { words: 'arrived, but its acknowledgement did not', kind: 'late' }
      : { words: 'given up: no acknowledgement', kind: 'lost' };
  }
  const millis = (micros: number): string => `${Math.round((micros - sentMicros) / 1_000)} ms`;
  if (by(endMicros)) return { words: `acknowledged, ${millis(endMicros)}, ${how}`, kind: '' };
  if (by(arrivedMicros)) return { words: `arrived, ${millis(arrivedMicros)}, ${how}`, kind: '' };
  return { words: `on its way ${how}`, kind: nowMicros - sentMicros > LATE_MICROS ? 'late' : '' };
}

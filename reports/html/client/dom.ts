/// <reference lib="dom" />
/**
 * Building blocks of every view. Text always goes in as text nodes; nothing here or elsewhere parses markup.
 */
import type { Mark } from '../../clause-marks.ts';
import type { Status } from '../../model.ts';
import type { PageVerdict } from '../page-data.ts';
import type { Attributes, Child, Kit } from './kit.ts';

/** An HTML element; a function among the attributes is a listener. */
export function h(kit: Kit, tag: string, attributes: Attributes = {}, ...children: readonly Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  kit.append(element, children);
  return element;
}

/** An SVG element. */
export function svg(kit: Kit, tag: string, attributes: Attributes = {}, ...children: readonly Child[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false && typeof value !== 'function')
      element.setAttribute(name, String(value));
  }
  kit.append(element, children);
  return element;
}

/** Adds children, however deep they are nested. */
export function append(kit: Kit, parent: Element, child: Child): void {
  if (child === null || child === undefined || child === false) return;
  if (typeof child === 'string') parent.appendChild(document.createTextNode(child));
  else if (child instanceof Node) parent.appendChild(child);
  else for (const inner of child) kit.append(parent, inner);
}

/** The sign of a status, from the sprite at the top of the page. */
export function icon(kit: Kit, name: string): SVGElement {
  return kit.svg(
    'svg',
    { class: 'icon', 'aria-hidden': 'true', viewBox: '0 0 16 16' },
    kit.svg('use', { href: `#i-${name}` }),
  );
}

/** Sign and word of what the run says about a clause. */
export function markIcon(kit: Kit, mark: Mark): HTMLElement {
  const look: Readonly<Record<Mark, readonly [icon: string, colour: string, word: string]>> = {
    broken: ['red', 'red', 'broken'],
    fault: ['purple', 'purple', 'faulty'],
    owed: ['owed', 'hollow', 'not run'],
    doubt: ['yellow', 'yellow', 'in doubt'],
    excepted: ['grey', 'grey', 'foreseen'],
    held: ['green', 'green', 'held'],
    unasked: ['hollow', 'hollow', 'not asked'],
    uncovered: ['uncovered', 'hollow', 'uncovered'],
    untestable: ['untestable', 'hollow', 'untestable'],
  };
  const [name, colour, word] = look[mark];
  return kit.h('span', { class: `mark s-${colour}` }, kit.icon(name), kit.h('span', {}, word));
}

/** Sign and word of a verdict. */
export function statusCell(kit: Kit, verdict: PageVerdict): HTMLElement {
  const name: Status | 'owed' = verdict.owed ? 'owed' : verdict.status;
  return kit.h('span', { class: `mark s-${verdict.status}` }, kit.icon(name), kit.h('span', {}, verdict.word));
}

/** Spec text: words in backticks as code, words of duty in small capitals. */
export function richText(kit: Kit, text: string): Child[] {
  return text.split(/(`[^`]+`|\b(?:MUST NOT|MUST|SHOULD NOT|SHOULD|MAY)\b)/).map((piece) => {
    if (piece.startsWith('`')) return kit.h('code', {}, piece.slice(1, -1));
    return /^(MUST|SHOULD|MAY)/.test(piece) ? kit.h('b', { class: 'duty' }, piece) : piece;
  });
}

/** A button that puts `text` on the clipboard and says so. */
export function copyButton(kit: Kit, text: string, what: string): HTMLElement {
  const label = kit.h('span', { 'aria-live': 'polite' }, 'Copy');
  const done = (): void => {
    label.textContent = 'Copied';
    setTimeout(() => (label.textContent = 'Copy'), 1500);
  };
  const byHand = (): void => {
    // Pages opened from a disk may have no clipboard interface; selecting and copying works everywhere.
    const area = kit.h('textarea', { class: 'sr' }) as HTMLTextAreaElement;
    area.value = text;
    document.body.append(area);
    area.select();
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- the only way left where the clipboard is refused
    if (document.execCommand('copy')) done();
    area.remove();
  };
  const copy = (): void => {
    const clipboard = (navigator as { readonly clipboard?: Clipboard }).clipboard;
    if (clipboard === undefined) byHand();
    else clipboard.writeText(text).then(done, byHand);
  };
  return kit.h('button', { class: 'copy', type: 'button', 'aria-label': `Copy ${what}`, click: copy }, label);
}

/**
 * The signs of the report, drawn once and used by name: shape says the same as colour and word.
 */

/** Name to the inside of a 16 x 16 symbol. Strokes take the colour of the text. */
const SIGNS: Readonly<Record<string, string>> = {
  green: '<path d="M3 8.6l3.2 3.1L13 4.6"/>',
  red: '<path d="M4 4l8 8M12 4l-8 8"/>',
  purple: '<path class="solid" d="M9.4 1.5L3.6 9h3.7l-.7 5.5L12.4 7H8.7z"/>',
  yellow: '<path d="M8 2.2l6 11H2z"/><path d="M8 6.5v3.2M8 11.2v.3"/>',
  grey: '<path d="M2.5 6.4c1.8-1.8 3.7-1.8 5.5 0s3.7 1.8 5.5 0M2.5 10.8c1.8-1.8 3.7-1.8 5.5 0s3.7 1.8 5.5 0"/>',
  hollow: '<circle cx="8" cy="8" r="4.6"/>',
  owed: '<circle cx="8" cy="8" r="5.6"/><path d="M8 4.8V8l2.2 1.6"/>',
  uncovered: '<circle cx="8" cy="8" r="4.6" stroke-dasharray="2 2.2"/>',
  untestable: '<path d="M4 8h8"/>',
  open: '<path d="M4 6.2l4 4 4-4"/>',
  shut: '<path d="M6.2 4l4 4-4 4"/>',
  none: '',
};

/** All signs, invisible until used. */
export function sprite(): string {
  const symbols = Object.entries(SIGNS).map(
    ([name, inside]) => `<symbol id="i-${name}" viewBox="0 0 16 16">${inside}</symbol>`,
  );
  return `<svg class="sprite" aria-hidden="true">${symbols.join('')}</svg>`;
}

/** Each lint over the text of the chapters is shown the fault it is for, and the same text without it. */
import { expect, test } from 'vitest';
import { lintChapters } from '../../spec/clause-lints.ts';

const messages = (...texts: string[]): string[] =>
  lintChapters(texts.map((text, index) => ({ file: `${index}.md`, text }))).map(
    ({ file, line, message }) => `${file}:${line} ${message}`,
  );

const sound = 'A server MUST answer. {#LOG-004 MUST server source:manual}';

test('sound text has no findings', () => {
  expect(messages(sound, 'Prose.\n\n- B MAY do so. {#FRM-001 MAY both source:ours test:review}')).toEqual([]);
});

test('an id that stands twice is found, also across chapters', () => {
  expect(messages(sound, `\n${sound}`)).toEqual(['1.md:2 id LOG-004 already stands in 0.md:1']);
});

test('a malformed tag is found', () => {
  expect(messages('It MUST. {#LOG-4 MUST server source:manual}')).toEqual([
    '0.md:1 tag {#LOG-4 MUST server source:manual}: id "LOG-4" is not of the form ABC-123',
  ]);
});

test('an unknown area is found', () => {
  expect(messages('It MUST. {#ZZZ-001 MUST server source:manual}')).toEqual([
    '0.md:1 tag {#ZZZ-001 MUST server source:manual}: area "ZZZ" is unknown',
  ]);
});

test.each(['MUST', 'SHOULD', 'MAY'])('a sentence with %s and no tag is found', (word) => {
  const text = `A server ${word} answer.`;
  expect(messages(`Prose.\n\n${text}`)).toEqual([`0.md:3 binding sentence without a tag: "${text}"`]);
});

test('an untagged sentence is found before and after a tagged one in the same paragraph', () => {
  expect(messages(`B MUST. ${sound}`)).toEqual(['0.md:1 binding sentence without a tag: "B MUST."']);
  expect(messages(`${sound} C MUST.`)).toEqual(['0.md:1 binding sentence without a tag: "C MUST."']);
});

test('lower-case words and code blocks bind nothing', () => {
  expect(messages('You must and may.\n\n```\nMUST\n```\n')).toEqual([]);
});

test('a tag without a sentence is found', () => {
  expect(messages('{#LOG-004 MUST server source:manual}')).toEqual([
    '0.md:1 tag {#LOG-004 MUST server source:manual} follows no sentence',
  ]);
});

test('a tag whose level the sentence does not use is found', () => {
  expect(messages('A server SHOULD answer. {#LOG-004 MUST server source:manual}')).toEqual([
    '0.md:1 LOG-004 is MUST, its sentence says SHOULD',
  ]);
  expect(messages('A server answers. {#LOG-004 MUST server source:manual}')).toEqual([
    '0.md:1 LOG-004 is MUST, its sentence says no level word',
  ]);
  expect(messages('A server MUST or MAY. {#LOG-004 MUST server source:manual}')).toEqual([
    '0.md:1 LOG-004 is MUST, its sentence says MUST and MAY',
  ]);
});

test('a code block that is not closed is found', () => {
  expect(messages('```\nhex\n')).toEqual(['0.md:1 code block is not closed']);
});

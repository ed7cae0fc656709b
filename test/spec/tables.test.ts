/** The tables in the chapters are what the grammar gives; one changed by hand, or left behind by the grammar, is found. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { chapterTables, fillTables, reservedMessages } from '../../spec/chapter-tables.ts';
import { messages } from '../../spec/grammar/index.ts';

const protocol = new URL('../../spec/protocol/', import.meta.url);
const chapters = readdirSync(protocol)
  .filter((name) => name.endsWith('.md'))
  .map((name) => ({ name, text: readFileSync(new URL(name, protocol), 'utf8') }));

test.each(chapters)('$name is not stale (npx tsx test/spec/write-tables.ts)', ({ text }) => {
  expect(text).toBe(fillTables(text));
});

test('every table but those of API enumerations stands in a chapter', () => {
  const all = chapters.map(({ text }) => text).join('');
  const missing = [...chapterTables.keys()].filter((name) => !all.includes(`<!-- generated:${name} -->`));
  expect(missing).toEqual([]);
});

test('a table changed by hand is made anew', () => {
  const text =
    'a\n<!-- generated:enums RelogonMode -->\n\n| value | name |\n|---|---|\n| 7 | Wrong |\n\n<!-- /generated -->\nb\n';
  expect(fillTables(text)).toBe(
    'a\n<!-- generated:enums RelogonMode -->\n\n| value | name |\n| --- | --- |\n| 0 | IgnoreNew |\n| 1 | ReplaceOld |\n\n<!-- /generated -->\nb\n',
  );
});

test('an unknown or open mark is refused by name', () => {
  expect(() => fillTables('<!-- generated:nothing -->\n<!-- /generated -->')).toThrow('generated:nothing');
  expect(() => fillTables('<!-- generated:header -->\n')).toThrow('generated:header');
});

test('reserved names are messages of the grammar', () => {
  const names: readonly string[] = messages.map(({ name }) => name);
  expect(reservedMessages.filter((name) => !names.includes(name))).toEqual([]);
});

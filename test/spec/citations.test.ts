/** Clause ids in sources, tests and documents name clauses that exist. Files of this folder plant wrong ones and are left out. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { areas, parseClauses } from '../../spec/clauses.ts';

const root = new URL('../../', import.meta.url);
const folders = ['spec', 'sim', 'impl', 'scenarios', 'reports', 'test'];
/** Row ids of the inventory look the same and stand in these. */
const rowFiles = ['spec/inventory.tsv', 'spec/decisions.md', 'spec/not-applicable.md', 'spec/README.md'];
const idPattern = new RegExp(`\\b(?:${Object.keys(areas).join('|')})-\\d{3}\\b`, 'g');

const files = folders
  .flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  )
  .filter((name) => /\.(ts|md|json|lua)$/.test(name))
  .filter((name) => !rowFiles.includes(name) && !name.startsWith('test/spec/') && !name.includes('node_modules'));

function textOf(file: string): string {
  const text = readFileSync(new URL(file, root), 'utf8');
  return file.startsWith('spec/protocol/') ? text.replaceAll(/inv:\S+/g, '') : text;
}

const chapters = files
  .filter((file) => /^spec\/protocol\/.*\.md$/.test(file))
  .map((file) => ({ file, text: readFileSync(new URL(file, root), 'utf8') }));
const known = new Set(parseClauses(chapters).map((clause) => clause.id));

function unknownIn(text: string): string[] {
  return [...text.matchAll(idPattern)].map((match) => match[0]).filter((id) => !known.has(id));
}

test('an unknown id is noticed, a known one is not', () => {
  expect(unknownIn('FRM-001 and FRM-999')).toEqual(['FRM-999']);
});

test('every cited clause exists', () => {
  expect(files.length).toBeGreaterThan(40);
  const wrong = files.flatMap((file) => unknownIn(textOf(file)).map((id) => `${file}: ${id}`));
  expect(wrong).toEqual([]);
});

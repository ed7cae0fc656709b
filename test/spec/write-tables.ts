/** Writes the generated tables into the chapters: `npx tsx test/spec/write-tables.ts`. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fillTables } from '../../spec/chapter-tables.ts';

const protocol = new URL('../../spec/protocol/', import.meta.url);
for (const name of readdirSync(protocol).filter((file) => file.endsWith('.md'))) {
  const text = readFileSync(new URL(name, protocol), 'utf8');
  const filled = fillTables(text);
  if (filled !== text) writeFileSync(new URL(name, protocol), filled);
}

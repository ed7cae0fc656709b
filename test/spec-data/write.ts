/** Writes every generated file of spec/ into the repository: `npx tsx test/spec-data/write.ts`. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allGeneratedFiles } from './generated-files.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
for (const [path, text] of allGeneratedFiles()) {
  mkdirSync(dirname(root + path), { recursive: true });
  writeFileSync(root + path, text);
  process.stdout.write(`${path}: ${text.length} characters\n`);
}

/** The generated files in the repository are what the generators give now. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { allGeneratedFiles } from './generated-files.ts';

test.each([...allGeneratedFiles()])('%s is not stale; `npx tsx test/spec-data/write.ts` renews it', (path, text) => {
  expect(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8') === text).toBe(true);
});

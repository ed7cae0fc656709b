/**
 * All vector files as text, made from the hand-written cases beside this file. Pure: writing them is the caller's.
 *
 * `npx tsx test/spec-data/write.ts` writes them; a test fails when the files in the repository differ from this.
 * Expected results are written by hand in the cases and never taken from a decoder.
 */
import { composedVectors } from './cases-composed.ts';
import { frameVectors } from './cases-frames.ts';
import { scalarVectors } from './cases-scalars.ts';
import { messageVectors, streamVectors } from './cases-streams.ts';
import { textVectors } from './cases-text.ts';
import type { Vector } from './pieces.ts';

export type { Vector } from './pieces.ts';

/** Vectors by file name. */
export function vectorsByFile(): ReadonlyMap<string, readonly Vector[]> {
  return new Map([
    ['scalars.json', scalarVectors().vectors],
    ['text.json', textVectors().vectors],
    ['composed.json', composedVectors().vectors],
    ['frames.json', frameVectors().vectors],
    ['messages.json', messageVectors().vectors],
    ['streams.json', streamVectors().vectors],
  ]);
}

/** The text of each file: one vector a line, so that a change shows as one line. */
export function vectorFiles(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [name, vectors] of vectorsByFile()) {
    files.set(name, `[\n${vectors.map((vector) => JSON.stringify(vector)).join(',\n')}\n]\n`);
  }
  return files;
}

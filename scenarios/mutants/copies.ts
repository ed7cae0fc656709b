/**
 * Copies of the build in which faults are planted, one for each mutant that runs at the same time.
 *
 * A changed file needs no hook in the module loader, which costs a second thread and a third of a second in every process.
 * The copies lie inside the package, so that they find the same dependencies.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { applyMutant } from './mutant.ts';
import type { Mutant } from './mutant.ts';

/** What a process reads of the build. */
const KINDS = ['.js', '.json'];

/** One copy; holds at most one mutant at a time. */
export type BuildCopy = {
  /** The script of one mutant's process. */
  readonly child: string;
  /** The file of worker threads that run cases on it. */
  readonly worker: URL;
  /**
   * Plants the mutant and gives what takes it out again.
   *
   * @throws Error when the mutant is stale
   */
  plant(mutant: Mutant): () => void;
};

/** The copies, until `remove`. */
export type BuildCopies = { readonly copies: readonly BuildCopy[]; remove(): void };

/** Makes `count` copies of the build below `root`. */
export function copyBuild(root: string, count: number): BuildCopies {
  mkdirSync(join(root, '.build'), { recursive: true });
  const folder = mkdtempSync(join(root, '.build', 'mutants-'));
  const copies = Array.from({ length: count }, (_, index) => {
    const copy = join(folder, String(index));
    cpSync(join(root, 'dist'), copy, {
      recursive: true,
      filter: (path) => KINDS.includes(extname(path)) || statSync(path).isDirectory(),
    });
    return copyAt(copy);
  });
  return { copies, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function copyAt(folder: string): BuildCopy {
  return {
    child: join(folder, 'scenarios', 'mutants', 'child.js'),
    worker: pathToFileURL(join(folder, 'scenarios', 'runner', 'worker.js')),
    plant(mutant) {
      const path = join(folder, 'impl', `${mutant.file}.js`);
      const source = readFileSync(path, 'utf8');
      writeFileSync(path, applyMutant(source, mutant));
      return () => writeFileSync(path, source);
    },
  };
}

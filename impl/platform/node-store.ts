/** A synchronous file store: one file per path in a directory, or a map in memory when there is no directory. */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileStore } from '../../spec/platform.ts';

/** @param directory - Made when missing; absent: the store lives in memory and dies with the process. */
export function createFileStore(directory?: string): FileStore {
  return directory === undefined ? createMemoryStore() : createDirectoryStore(directory);
}

function createMemoryStore(): FileStore {
  const files = new Map<string, Uint8Array>();
  return {
    read: (path) => files.get(path)?.slice(),
    write: (path, bytes) => void files.set(path, bytes.slice()),
    remove: (path) => void files.delete(path),
    list: (prefix) => [...files.keys()].filter((path) => path.startsWith(prefix)).sort(),
  };
}

/** Paths become file names by percent encoding, so no path can leave the directory. */
function createDirectoryStore(directory: string): FileStore {
  mkdirSync(directory, { recursive: true });
  const nameOf = (path: string): string => join(directory, `f-${encodeURIComponent(path)}`);
  return {
    read(path) {
      try {
        return new Uint8Array(readFileSync(nameOf(path)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write(path, bytes) {
      // A rename replaces the old content in one step: a crash leaves the old file or the new one.
      const temporary = join(directory, `t-${encodeURIComponent(path)}`);
      writeFileSync(temporary, bytes);
      renameSync(temporary, nameOf(path));
    },
    remove: (path) => rmSync(nameOf(path), { force: true }),
    list: (prefix) =>
      readdirSync(directory)
        .filter((name) => name.startsWith('f-'))
        .map((name) => decodeURIComponent(name.slice(2)))
        .filter((path) => path.startsWith(prefix))
        .sort(),
  };
}

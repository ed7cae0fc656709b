/**
 * A folder's entries one after the other, always in the same order: names sorted, a folder before what is in it.
 *
 * Holds the names of the folders on the way down only. What is neither file nor folder is passed over. It reads names and
 * sizes, never contents.
 */
import type { FileSystem } from '../../../spec/platform.ts';
import type { FolderEntry } from '../../core/files/file-sending.ts';
import { NamesSeen, relativeNames } from '../../core/files/plain-names.ts';

type Level = { readonly path: string; readonly names: readonly string[]; next: number };

/** One walk; `next` until it gives null. */
export class FolderWalk {
  readonly #files: FileSystem;
  readonly #root: string;
  readonly #levels: Level[] = [];
  readonly #seen = new NamesSeen();

  /** @param root - An absolute path of a folder. */
  constructor(files: FileSystem, root: string) {
    this.#files = files;
    this.#root = root;
    this.#enter('');
  }

  /** The next entry; null at the end; the fault when a name cannot be sent (FIL-063). */
  next(): FolderEntry | null | { readonly fault: string } {
    for (;;) {
      const level = this.#levels.at(-1);
      if (level === undefined) return null;
      const name = level.names[level.next++];
      if (name === undefined) {
        this.#levels.pop();
        continue;
      }
      const path = level.path === '' ? name : `${level.path}/${name}`;
      const info = this.#files.stat(`${this.#root}/${path}`);
      if (info === undefined) continue;
      const fault = this.#faultOf(path, name, info.kind);
      if (fault !== undefined) return { fault };
      if (info.kind === 'file') return { kind: 'file', path, sizeBytes: info.sizeBytes };
      this.#enter(path);
      return { kind: 'folder', path };
    }
  }

  #enter(path: string): void {
    const names = this.#files.listFolder(path === '' ? this.#root : `${this.#root}/${path}`) ?? [];
    this.#levels.push({ path, names, next: 0 });
  }

  /** A name that every receiver refuses is refused here, where somebody can still change it. */
  #faultOf(path: string, name: string, kind: 'file' | 'folder'): string | undefined {
    const names = name.includes('\\')
      ? { fault: 'has a backslash, which is taken for a separator' }
      : relativeNames(path);
    const fault = 'fault' in names ? names.fault : this.#seen.add(names, kind);
    return fault === undefined ? undefined : `${JSON.stringify(path)} ${fault}`;
  }
}

/** Bytes of all files in a folder, or why it cannot be sent. */
export function folderBytes(files: FileSystem, root: string): number | { readonly fault: string } {
  const walk = new FolderWalk(files, root);
  let totalBytes = 0;
  for (let entry = walk.next(); entry !== null; entry = walk.next()) {
    if ('fault' in entry) return entry;
    if (entry.kind === 'file') totalBytes += entry.sizeBytes;
  }
  return totalBytes;
}

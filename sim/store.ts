/** The file store of one host: a map in memory that copies on the way in and out. It models no disk and no faults. */
import type { FileStore } from '../spec/platform.ts';

/** An empty store. */
export class MemoryStore implements FileStore {
  readonly #files = new Map<string, Uint8Array>();

  read(path: string): Uint8Array | undefined {
    return this.#files.get(path)?.slice();
  }

  write(path: string, bytes: Uint8Array): void {
    this.#files.set(path, bytes.slice());
  }

  remove(path: string): void {
    this.#files.delete(path);
  }

  /** Paths that start with `prefix`, in code unit order. */
  list(prefix: string): readonly string[] {
    return [...this.#files.keys()].filter((path) => path.startsWith(prefix)).sort();
  }

  /** Loses everything. */
  clear(): void {
    this.#files.clear();
  }
}

/**
 * The user's files of one host, in memory: a tree of folders, files as bytes that grow, times from the host's clock.
 *
 * It models no slowness, no limit and no fault; a harness that needs those wraps it. Paths are taken from the root, with
 * or without a leading `/`; `.` and `..` are refused, so that one file has one path.
 */
import type { FileFailure, FileHandle, FileInfo, FileSystem } from '../spec/platform.ts';

type Entry = { kind: 'file'; bytes: Uint8Array; sizeBytes: number; modifiedMillis: number } | Folder;
type Folder = { kind: 'folder'; modifiedMillis: number; readonly children: Map<string, Entry> };

/** An empty tree. */
export class MemoryFiles implements FileSystem {
  readonly #nowMillis: () => number;
  #root: Folder;

  /** @param nowMillis - The host's wall clock. */
  constructor(nowMillis: () => number) {
    this.#nowMillis = nowMillis;
    this.#root = this.#newFolder();
  }

  absolute(path: string): string {
    return `/${(namesOf(path) ?? [path]).join('/')}`;
  }

  stat(path: string): FileInfo | undefined {
    const entry = this.#entry(path);
    if (entry === undefined) return undefined;
    const { kind, modifiedMillis } = entry;
    return { kind, sizeBytes: entry.kind === 'file' ? entry.sizeBytes : 0, modifiedMillis };
  }

  listFolder(path: string): readonly string[] | undefined {
    const entry = this.#entry(path);
    return entry?.kind === 'folder' ? [...entry.children.keys()].sort() : undefined;
  }

  makeFolder(path: string): FileFailure | undefined {
    const names = namesOf(path);
    if (names === undefined) return badPath(path);
    const made = this.#folder(names);
    return 'code' in made ? made : undefined;
  }

  rename(from: string, to: string): FileFailure | undefined {
    const [source, target] = [this.#place(from), this.#place(to)];
    if ('code' in source) return source;
    if ('code' in target) return target;
    const entry = source.folder.children.get(source.name);
    if (entry === undefined) return notFound(from);
    const old = target.folder.children.get(target.name);
    if (old?.kind === 'folder' || (old !== undefined && entry.kind === 'folder')) {
      return { code: 'failed', detail: `${to} exists` };
    }
    source.folder.children.delete(source.name);
    target.folder.children.set(target.name, entry);
    return undefined;
  }

  remove(path: string): FileFailure | undefined {
    const place = this.#place(path);
    if ('code' in place) return place.code === 'notFound' ? undefined : place;
    if (place.folder.children.delete(place.name)) place.folder.modifiedMillis = this.#nowMillis();
    return undefined;
  }

  openToRead(path: string): FileHandle | FileFailure {
    const entry = this.#entry(path);
    if (entry === undefined) return notFound(path);
    if (entry.kind === 'folder') return { code: 'failed', detail: `${path} is a folder` };
    return {
      read: (offsetBytes, lengthBytes, onRead) =>
        onRead(entry.bytes.slice(offsetBytes, Math.min(offsetBytes + lengthBytes, entry.sizeBytes))),
      write: () => ({ code: 'denied', detail: `${path} is open for reading` }),
      close: () => undefined,
    };
  }

  openToWrite(path: string, keepBytes: number): FileHandle | FileFailure {
    const names = namesOf(path);
    const name = names?.pop();
    if (names === undefined || name === undefined) return badPath(path);
    const folder = this.#folder(names);
    if ('code' in folder) return folder;
    const old = folder.children.get(name);
    if (old?.kind === 'folder') return { code: 'failed', detail: `${path} is a folder` };
    const kept = old?.bytes.slice(0, Math.min(keepBytes, old.sizeBytes)) ?? new Uint8Array(0);
    const file: Entry = { kind: 'file', bytes: kept, sizeBytes: kept.length, modifiedMillis: this.#nowMillis() };
    folder.children.set(name, file);
    return {
      read: (_offset, _length, onRead) => onRead({ code: 'denied', detail: `${path} is open for writing` }),
      write: (offsetBytes, bytes) => {
        const endBytes = offsetBytes + bytes.length;
        if (endBytes > file.bytes.length) {
          const grown = new Uint8Array(Math.max(endBytes, 2 * file.bytes.length));
          grown.set(file.bytes.subarray(0, file.sizeBytes));
          file.bytes = grown;
        }
        file.bytes.set(bytes, offsetBytes);
        file.sizeBytes = Math.max(file.sizeBytes, endBytes);
        file.modifiedMillis = this.#nowMillis();
        return undefined;
      },
      close: () => undefined,
    };
  }

  /** Loses everything. */
  clear(): void {
    this.#root = this.#newFolder();
  }

  #newFolder(): Folder {
    return { kind: 'folder', modifiedMillis: this.#nowMillis(), children: new Map() };
  }

  #entry(path: string): Entry | undefined {
    let entry: Entry | undefined = this.#root;
    for (const name of namesOf(path) ?? ['']) entry = entry?.kind === 'folder' ? entry.children.get(name) : undefined;
    return entry;
  }

  /** The folder at these names, made where it is missing. */
  #folder(names: readonly string[]): Folder | FileFailure {
    let folder = this.#root;
    for (const name of names) {
      let next = folder.children.get(name);
      if (next === undefined) {
        next = this.#newFolder();
        folder.children.set(name, next);
        folder.modifiedMillis = this.#nowMillis();
      }
      if (next.kind === 'file') return { code: 'failed', detail: `${name} is a file` };
      folder = next;
    }
    return folder;
  }

  #place(path: string): { folder: Folder; name: string } | FileFailure {
    const names = namesOf(path);
    const name = names?.pop();
    if (names === undefined || name === undefined) return badPath(path);
    const folder = this.#entry(names.join('/'));
    return folder?.kind === 'folder' ? { folder, name } : notFound(path);
  }
}

/** The names of a path from the root on; undefined for a path that is none. */
function namesOf(path: string): string[] | undefined {
  const names = path.split('/').filter((name) => name !== '');
  return names.some((name) => name === '.' || name === '..' || name.includes('\0')) ? undefined : names;
}

function badPath(path: string): FileFailure {
  return { code: 'badPath', detail: `${JSON.stringify(path)} names no file in this store` };
}

function notFound(path: string): FileFailure {
  return { code: 'notFound', detail: `there is no ${path}` };
}

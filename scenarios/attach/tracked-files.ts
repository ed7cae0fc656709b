/** A FileSystem around another that counts open handles and can go wrong: reads that hang or fail, a full disk. */
import type { FileFailure, FileHandle, FileInfo, FileSystem } from '../../spec/platform.ts';
import type { DiskFaults } from './net-control.ts';

const FULL: FileFailure = { code: 'full', detail: 'there is no room left on the disk' };
const UNREADABLE: FileFailure = { code: 'failed', detail: 'the disk cannot be read' };

/** The files of one life of one host. */
export class TrackedFiles implements FileSystem {
  faults: DiskFaults = {};
  readonly #inner: FileSystem;
  readonly #call: (action: () => void) => void;
  readonly #open = new Set<FileHandle>();

  /** @param call - Runs a callback of the engine, and catches what escapes it. */
  constructor(inner: FileSystem, call: (action: () => void) => void) {
    this.#inner = inner;
    this.#call = call;
  }

  get openCount(): number {
    return this.#open.size;
  }

  closeAll(): void {
    for (const handle of [...this.#open]) handle.close();
  }

  absolute(path: string): string {
    return this.#inner.absolute(path);
  }

  stat(path: string): FileInfo | undefined {
    return this.#inner.stat(path);
  }

  listFolder(path: string): readonly string[] | undefined {
    return this.#inner.listFolder(path);
  }

  makeFolder(path: string): FileFailure | undefined {
    return this.#inner.makeFolder(path);
  }

  rename(from: string, to: string): FileFailure | undefined {
    return this.#inner.rename(from, to);
  }

  remove(path: string): FileFailure | undefined {
    return this.#inner.remove(path);
  }

  openToRead(path: string): FileHandle | FileFailure {
    return this.#tracked(this.#inner.openToRead(path));
  }

  openToWrite(path: string, keepBytes: number): FileHandle | FileFailure {
    return this.faults.writes === 'full' ? FULL : this.#tracked(this.#inner.openToWrite(path, keepBytes));
  }

  #tracked(opened: FileHandle | FileFailure): FileHandle | FileFailure {
    if ('code' in opened) return opened;
    const handle: FileHandle = {
      read: (offsetBytes, lengthBytes, onRead) => {
        const { reads } = this.faults;
        if (reads === 'stuck') return;
        if (reads === 'failing') this.#call(() => onRead(UNREADABLE));
        else opened.read(offsetBytes, lengthBytes, (result) => this.#call(() => onRead(result)));
      },
      write: (offsetBytes, bytes) => (this.faults.writes === 'full' ? FULL : opened.write(offsetBytes, bytes)),
      close: () => {
        this.#open.delete(handle);
        opened.close();
      },
    };
    this.#open.add(handle);
    return handle;
  }
}

/** Files that come into being when they are first used. */
export function lazyFiles(make: () => FileSystem): FileSystem {
  let made: FileSystem | undefined;
  const files = (): FileSystem => (made ??= make());
  return {
    absolute: (path) => files().absolute(path),
    stat: (path) => files().stat(path),
    listFolder: (path) => files().listFolder(path),
    makeFolder: (path) => files().makeFolder(path),
    rename: (from, to) => files().rename(from, to),
    remove: (path) => files().remove(path),
    openToRead: (path) => files().openToRead(path),
    openToWrite: (path, keepBytes) => files().openToWrite(path, keepBytes),
  };
}

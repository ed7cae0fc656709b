/**
 * The user's files over `node:fs`: real paths, or a folder that nothing may leave.
 *
 * With a root every path is taken from there (a leading `/` is the root), and what would lead out is refused: `..`, drive
 * letters, backslashes, NUL, and links that point elsewhere. Reads run beside the event loop, writes on it: a writer that
 * is slower than its peer then slows the peer down instead of filling the memory.
 */
import * as fs from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import type { FileFailure, FileHandle, FileInfo, FileSystem } from '../../spec/platform.ts';
import { plainBytes } from './node-connection.ts';

export type NodeFiles = FileSystem & {
  /** Handles open at present. */
  open(): number;
};

/** @param root - Made when missing; absent: the paths are those of the machine. */
export function createNodeFiles(root?: string): NodeFiles {
  if (root !== undefined) fs.mkdirSync(root, { recursive: true });
  return new MachineFiles(root === undefined ? undefined : fs.realpathSync(root));
}

class MachineFiles implements NodeFiles {
  readonly #root: string | undefined;
  #open = 0;

  constructor(root: string | undefined) {
    this.#root = root;
  }

  open(): number {
    return this.#open;
  }

  absolute(path: string): string {
    if (this.#root === undefined) return resolve(path);
    return `/${path
      .split('/')
      .filter((name) => name !== '')
      .join('/')}`;
  }

  stat(path: string): FileInfo | undefined {
    const real = this.#real(path);
    if (typeof real !== 'string') return undefined;
    const stat = fs.statSync(real, { throwIfNoEntry: false, bigint: false });
    if (stat === undefined) return undefined;
    const isFolder = stat.isDirectory();
    if (!isFolder && !stat.isFile()) return undefined;
    const modifiedMillis = Math.floor(stat.mtimeMs);
    return { kind: isFolder ? 'folder' : 'file', sizeBytes: isFolder ? 0 : stat.size, modifiedMillis };
  }

  listFolder(path: string): readonly string[] | undefined {
    const real = this.#real(path);
    if (typeof real !== 'string') return undefined;
    try {
      return fs.readdirSync(real).sort();
    } catch {
      return undefined;
    }
  }

  makeFolder(path: string): FileFailure | undefined {
    return this.#attempt(path, (real) => void fs.mkdirSync(real, { recursive: true }));
  }

  rename(from: string, to: string): FileFailure | undefined {
    return this.#attempt(from, (source) => this.#attempt(to, (target) => fs.renameSync(source, target)));
  }

  remove(path: string): FileFailure | undefined {
    return this.#attempt(path, (real) => fs.rmSync(real, { recursive: true, force: true }));
  }

  openToRead(path: string): FileHandle | FileFailure {
    return this.#opened(path, (real) => fs.openSync(real, 'r'));
  }

  openToWrite(path: string, keepBytes: number): FileHandle | FileFailure {
    return this.#opened(path, (real) => {
      fs.mkdirSync(dirname(real), { recursive: true });
      const fd = fs.openSync(real, fs.constants.O_RDWR | fs.constants.O_CREAT);
      if (fs.fstatSync(fd).size > keepBytes) fs.ftruncateSync(fd, keepBytes);
      return fd;
    });
  }

  #opened(path: string, open: (real: string) => number): FileHandle | FileFailure {
    let fd = -1;
    const failure = this.#attempt(path, (real) => void (fd = open(real)));
    if (failure !== undefined) return failure;
    this.#open += 1;
    return new OpenFile(fd, () => (this.#open -= 1));
  }

  #attempt(path: string, act: (real: string) => FileFailure | undefined | void): FileFailure | undefined {
    try {
      const real = this.#real(path);
      return typeof real === 'string' ? (act(real) ?? undefined) : real;
    } catch (error) {
      return failureOf(error);
    }
  }

  #real(path: string): string | FileFailure {
    if (path.includes('\0')) return badPath(path);
    const root = this.#root;
    if (root === undefined) return path;
    const names = path.split('/').filter((name) => name !== '');
    if (names.some((name) => name === '.' || name === '..' || /[\\:]/.test(name))) return badPath(path);
    const real = join(root, ...names);
    return isInside(root, real) ? real : badPath(path);
  }
}

/** Whether no link on the way leads out of the root: the nearest thing that exists must lie inside. */
function isInside(root: string, path: string): boolean {
  for (let at = path; at.length >= root.length; at = dirname(at)) {
    // A link whose target is missing does not "exist", yet writing to it would follow it.
    if (fs.lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() === true && !fs.existsSync(at)) return false;
    if (!fs.existsSync(at)) continue;
    const real = fs.realpathSync(at);
    return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
  }
  return false;
}

class OpenFile implements FileHandle {
  readonly #fd: number;
  readonly #onClosed: () => void;
  #readsUnderWay = 0;
  #closed = false;

  constructor(fd: number, onClosed: () => void) {
    this.#fd = fd;
    this.#onClosed = onClosed;
  }

  read(offsetBytes: number, lengthBytes: number, onRead: (result: Uint8Array | FileFailure) => void): void {
    if (this.#closed) return;
    // Not cleared first: only what was read is handed on.
    const bytes = plainBytes(Buffer.allocUnsafeSlow(lengthBytes));
    this.#readsUnderWay += 1;
    const readOn = (done: number): void => {
      fs.read(this.#fd, bytes, done, lengthBytes - done, offsetBytes + done, (error, count) => {
        // The kernel may give less than was asked for before the end.
        if (error === null && count > 0 && done + count < lengthBytes && !this.#closed) {
          readOn(done + count);
          return;
        }
        this.#readsUnderWay -= 1;
        if (this.#closed) this.#release();
        else onRead(error === null ? bytes.subarray(0, done + count) : failureOf(error));
      });
    };
    readOn(0);
  }

  write(offsetBytes: number, bytes: Uint8Array): FileFailure | undefined {
    if (this.#closed) return { code: 'failed', detail: 'the file is closed' };
    try {
      for (let done = 0; done < bytes.length;) {
        done += fs.writeSync(this.#fd, bytes, done, bytes.length - done, offsetBytes + done);
      }
      return undefined;
    } catch (error) {
      return failureOf(error);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClosed();
    this.#release();
  }

  /** Not while a read runs: its number may by then belong to another file. */
  #release(): void {
    if (this.#readsUnderWay > 0) return;
    try {
      fs.closeSync(this.#fd);
    } catch {
      // What was written has been told; there is nothing left to do with the file.
    }
  }
}

const CODES: ReadonlyMap<string, FileFailure['code']> = new Map([
  ['ENOENT', 'notFound'],
  ['ENOTDIR', 'notFound'],
  ['EACCES', 'denied'],
  ['EPERM', 'denied'],
  ['EROFS', 'denied'],
  ['ENOSPC', 'full'],
  ['EDQUOT', 'full'],
  ['EFBIG', 'full'],
  ['ENAMETOOLONG', 'badPath'],
]);

function failureOf(error: unknown): FileFailure {
  const { code, message } = error as NodeJS.ErrnoException;
  return { code: CODES.get(code ?? '') ?? 'failed', detail: message };
}

function badPath(path: string): FileFailure {
  return { code: 'badPath', detail: `${JSON.stringify(path)} leads out of the folder, or names no file` };
}

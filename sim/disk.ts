/**
 * The disk of one host, as its process sees it: the files of `files.ts`, which may be full, may fail, may be slow, and may be
 * left with half of the last write when the power goes.
 *
 * A disk in order passes everything on, at once and without a draw. `host.files` shows the same files without any of this. The
 * store (`store.ts`) has no faults but being lost. Torn are the writes of handles that are open when the power goes; a file
 * that was closed or renamed before is whole, as after an fsync, and folders are always in order, as with a journal.
 */
import type { FileFailure, FileHandle, FileInfo, FileSystem } from '../spec/platform.ts';
import { checkInteger } from './errors.ts';
import type { Host } from './host.ts';
import { ratio } from './ratio.ts';

const FULL: FileFailure = { code: 'full', detail: 'there is no room left on the disk' };
const BROKEN: FileFailure = { code: 'failed', detail: 'the disk made an error' };

/** What is wrong with a disk. */
export type DiskState = {
  /** Nothing can be made longer. */
  readonly isFull: boolean;
  /** That many reads and writes of a thousand fail. */
  readonly failPerMille: number;
  /** Reads end so much later. Writes do not wait: the port writes before it returns. */
  readonly slowMicros: number;
};

const IN_ORDER: DiskState = { isFull: false, failPerMille: 0, slowMicros: 0 };

/** A handle that writes: what it wrote last may be torn. */
type Writing = { readonly path: string; offsetBytes: number; lengthBytes: number };

/** One disk. */
export class Disk implements FileSystem {
  readonly #host: Host;
  readonly #writing = new Set<Writing>();
  #state: DiskState = IN_ORDER;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Changes some of what is wrong; without an argument all is in order again. */
  set(changes?: Partial<DiskState>): void {
    this.#state = changes === undefined ? IN_ORDER : { ...this.#state, ...changes };
    checkInteger('failPerMille', this.#state.failPerMille, 0, 1_000);
    checkInteger('slowMicros', this.#state.slowMicros, 0, Number.MAX_SAFE_INTEGER);
  }

  /** The power goes: handles are gone; with `tears` the end of each last write is lost, a drawn part of it. */
  cut(tears: boolean): void {
    for (const { path, offsetBytes, lengthBytes } of tears ? this.#writing : []) {
      const size = this.#files.stat(path)?.sizeBytes ?? 0;
      const kept = offsetBytes + this.#random().below(lengthBytes + 1);
      if (kept >= size) continue;
      const opened = this.#files.openToWrite(path, kept);
      if (!('code' in opened)) opened.close();
    }
    this.#writing.clear();
    this.#state = IN_ORDER;
  }

  absolute(path: string): string {
    return this.#files.absolute(path);
  }

  stat(path: string): FileInfo | undefined {
    return this.#files.stat(path);
  }

  listFolder(path: string): readonly string[] | undefined {
    return this.#files.listFolder(path);
  }

  makeFolder(path: string): FileFailure | undefined {
    return this.#refusal() ?? this.#files.makeFolder(path);
  }

  rename(from: string, to: string): FileFailure | undefined {
    return this.#failure() ?? this.#files.rename(from, to);
  }

  remove(path: string): FileFailure | undefined {
    return this.#failure() ?? this.#files.remove(path);
  }

  openToRead(path: string): FileHandle | FileFailure {
    const opened = this.#failure() ?? this.#files.openToRead(path);
    if ('code' in opened) return opened;
    let isOpen = true;
    return {
      read: (offsetBytes, lengthBytes, onRead) => {
        const failure = this.#failure();
        const give = (): void => {
          if (!isOpen) return;
          if (failure === undefined) opened.read(offsetBytes, lengthBytes, onRead);
          else onRead(failure);
        };
        if (this.#state.slowMicros === 0) give();
        else if (this.#host.isUp) this.#host.platform().setTimer(this.#state.slowMicros, give);
      },
      write: (offsetBytes, bytes) => opened.write(offsetBytes, bytes),
      close: () => {
        isOpen = false;
        opened.close();
      },
    };
  }

  openToWrite(path: string, keepBytes: number): FileHandle | FileFailure {
    const opened = this.#refusal() ?? this.#files.openToWrite(path, keepBytes);
    if ('code' in opened) return opened;
    const writing: Writing = { path, offsetBytes: 0, lengthBytes: 0 };
    return {
      read: (offsetBytes, lengthBytes, onRead) => opened.read(offsetBytes, lengthBytes, onRead),
      write: (offsetBytes, bytes) => {
        const refusal = this.#refusal();
        if (refusal !== undefined) return refusal;
        this.#writing.add(writing);
        [writing.offsetBytes, writing.lengthBytes] = [offsetBytes, bytes.length];
        return opened.write(offsetBytes, bytes);
      },
      close: () => {
        this.#writing.delete(writing);
        opened.close();
      },
    };
  }

  get #files(): FileSystem {
    return this.#host.files;
  }

  #random(): ReturnType<Host['tcpRandom']> {
    return this.#host.world.stream(`disk:${this.#host.name}`);
  }

  /** Draws only where something is wrong. */
  #failure(): FileFailure | undefined {
    const { failPerMille } = this.#state;
    return failPerMille > 0 && this.#random().chance(ratio(failPerMille, 1_000)) ? BROKEN : undefined;
  }

  #refusal(): FileFailure | undefined {
    return this.#state.isFull ? FULL : this.#failure();
  }
}

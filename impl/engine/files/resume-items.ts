/**
 * What interrupted receptions have left: found again under the five conditions, thrown away with its temporary file when
 * it has not been used for long enough (FIL-040 to FIL-046).
 *
 * Knows the disk, no messages and no timers: `pollExpired` says when to come again.
 */
import type { FileSystem } from '../../../spec/platform.ts';
import { FILE_RESUME_ITEMS_MAX } from '../../../spec/limits.ts';
import type { ResumePoint } from '../../core/files/file-sending.ts';
import { relativeNames } from '../../core/files/plain-names.ts';
import type { ResumedProjectItem } from './api-files.ts';
import type { Project } from './project.ts';

export type ResumeItem = {
  readonly isFolder: boolean;
  readonly point: ResumePoint;
  readonly sinceMicros: number;
  /** As the application sees it. */
  readonly shown: ResumedProjectItem;
};

/** The items of one engine. */
export class ResumeItems {
  readonly #files: FileSystem;
  #items: ResumeItem[] = [];
  #ttlMicros: number;

  /** @param ttlMicros - 0: nothing is kept. */
  constructor(files: FileSystem, ttlMicros: number) {
    this.#files = files;
    this.#ttlMicros = ttlMicros;
  }

  set ttlMicros(ttlMicros: number) {
    this.#ttlMicros = ttlMicros;
  }

  /** Keeps what a project has received. @returns false when it is not kept; its temporary file is then removed. */
  add(item: ResumeItem): boolean {
    const { localTempFileSavePath } = item.shown;
    if (this.#ttlMicros <= 0) {
      this.#files.remove(localTempFileSavePath);
      return false;
    }
    this.#items = this.#items.filter((each) => each.shown.localTempFileSavePath !== localTempFileSavePath);
    this.#items.push(item);
    if (this.#items.length > FILE_RESUME_ITEMS_MAX) this.#throwAway([this.#items[0]!]);
    return true;
  }

  /** The item that a request matches, the latest first; with a path only one that was kept for it (condition 5). */
  find(project: Project, nowMicros: number, savePath?: string): ResumeItem | undefined {
    this.pollExpired(nowMicros);
    return this.#items.findLast(
      ({ isFolder, point, shown }) =>
        isFolder === project.isFolder &&
        shown.senderID === project.senderID &&
        shown.originPath === project.originPath &&
        shown.originSize === project.totalSize &&
        shown.originLastUpdateTime === project.originLastUpdateTime &&
        (savePath === undefined || shown.localSavePath === savePath) &&
        this.#isThere(shown.localTempFileSavePath, point),
    );
  }

  /** A project now writes to this temporary file: whatever was kept in it is its own. */
  take(temporaryPath: string): void {
    this.#items = this.#items.filter(({ shown }) => shown.localTempFileSavePath !== temporaryPath);
  }

  /** Throws away what is too old. @returns when the next item will be; Infinity: there is none. */
  pollExpired(nowMicros: number): number {
    this.#throwAway(this.#items.filter((item) => nowMicros >= item.sinceMicros + this.#ttlMicros));
    return Math.min(Infinity, ...this.#items.map((item) => item.sinceMicros + this.#ttlMicros));
  }

  /** FIL-044: nothing outlives the engine's initialize. */
  clear(): void {
    this.#throwAway(this.#items);
  }

  #throwAway(items: readonly ResumeItem[]): void {
    if (items.length === 0) return;
    this.#items = this.#items.filter((item) => !items.includes(item));
    for (const { shown } of items) this.#files.remove(shown.localTempFileSavePath);
  }

  /** Condition 4: the temporary file is there and holds what it must hold. */
  #isThere(path: string, { receivedBytes, file }: ResumePoint): boolean {
    if (file === null) return (this.#files.stat(path)?.sizeBytes ?? -1) >= receivedBytes;
    const names = relativeNames(file.path);
    if ('fault' in names) return false;
    return (this.#files.stat([path, ...names].join('/'))?.sizeBytes ?? -1) >= file.receivedBytes;
  }
}

/**
 * The receiving end of one project, without disk or network: what to open, write, put in place, answer and tell.
 *
 * It trusts nothing: order, sizes and names of packages are checked, and what does not fit ends the project (FIL-014,
 * FIL-060). Drive it: `handle*`, then `poll` until it says `wait`. Whoever does the outputs reports a failure of the disk
 * with `handleEnding('failed', ...)`, which takes back what was to follow. Chapter 19.
 */
import type { FileTransDisrupttedTypeName } from '../../../spec/errors.ts';
import type { ResumePoint } from './file-sending.ts';
import { FILE_ENDINGS, RECEIVER_MOVES } from './file-states.ts';
import type { FileEnding, ReceiverInput, ReceiverState } from './file-states.ts';
import { NamesSeen, relativeNames } from './plain-names.ts';

export type ReceivingOptions = {
  readonly isFolder: boolean;
  readonly totalBytes: number;
  /** From agreeing to the first package; Infinity: for ever. */
  readonly firstPackageMicros: number;
  /** Infinity: never too slow. */
  readonly zeroSpeedMicros: number;
};

export type ReceivedPackage =
  | { readonly kind: 'data'; readonly data: Uint8Array }
  | { readonly kind: 'nextFile'; readonly path: string; readonly sizeBytes: number }
  | { readonly kind: 'newFolder'; readonly path: string }
  | { readonly kind: 'finished' }
  | { readonly kind: 'unreadable'; readonly why: string };

export type ReceiverOutput =
  /** Make the temporary file or folder ready; `resume` null: empty, whatever was there. */
  | { readonly kind: 'prepare'; readonly resume: ResumePoint | null }
  | { readonly kind: 'makeFolder'; readonly names: readonly string[] }
  | { readonly kind: 'openFile'; readonly names: readonly string[]; readonly keepBytes: number }
  | { readonly kind: 'write'; readonly offsetBytes: number; readonly bytes: Uint8Array }
  | { readonly kind: 'closeFile' }
  /** Give the temporary file or folder its name, then `handlePlaced`. */
  | { readonly kind: 'place' }
  | { readonly kind: 'agree'; readonly resume: ResumePoint | null }
  | { readonly kind: 'refuse'; readonly cause: string | null }
  | { readonly kind: 'confirm' }
  | { readonly kind: 'tell'; readonly innerError: boolean; readonly cause: string }
  | { readonly kind: 'started'; readonly resumed: boolean }
  | { readonly kind: 'progress'; readonly receivedBytes: number }
  | { readonly kind: 'completed' }
  /** `resume` is where another project may go on; null: throw the temporary file away. */
  | {
      readonly kind: 'disrupted';
      readonly type: FileTransDisrupttedTypeName;
      readonly cause: string;
      readonly resume: ResumePoint | null;
    }
  | { readonly kind: 'wait'; readonly untilMicros: number };

type OpenFile = { readonly path: string; readonly sizeBytes: number; receivedBytes: number };

/** The receiving end of one project. */
export class FileReceiving {
  readonly #options: ReceivingOptions;
  #state: ReceiverState = 'undecided';
  #outputs: ReceiverOutput[] = [];
  #index = 0;
  #receivedBytes = 0;
  /** Of a folder's files so far, as they were announced. */
  #announcedBytes = 0;
  #progressMicros = 0;
  #file: OpenFile | undefined;
  /** The file that bytes came for last; where a folder goes on. */
  #lastFile: OpenFile | undefined;
  #resume: ResumePoint | null = null;
  readonly #names = new NamesSeen();

  constructor(options: ReceivingOptions) {
    this.#options = options;
  }

  get state(): ReceiverState {
    return this.#state;
  }

  /** Bytes of the project that are there. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** The application agrees; with `resume` it goes on where another project ended. */
  handleAccepted(nowMicros: number, resume: ResumePoint | null): void {
    if (this.#state !== 'undecided') return;
    this.#resume = resume;
    this.#receivedBytes = resume?.receivedBytes ?? 0;
    this.#announcedBytes = this.#receivedBytes - (resume?.file?.receivedBytes ?? 0);
    this.#progressMicros = nowMicros;
    this.#input('accepted');
  }

  handleRejected(cause: string | null): void {
    if (this.#state === 'undecided') this.#input('rejected', cause);
  }

  /** A package from the sender; before agreeing and after the end it means nothing. */
  handlePackage(nowMicros: number, index: number, body: ReceivedPackage): void {
    if (this.#state !== 'awaitingFirst' && this.#state !== 'receiving') return;
    this.#progressMicros = nowMicros;
    this.#input('package');
    this.#index = (this.#index + 1) & 0xff;
    const fault = index === this.#index ? this.#take(body) : `package ${index} came where ${this.#index} was due`;
    if (fault !== undefined) this.handleEnding('failed', fault);
  }

  /** The temporary file has its name. */
  handlePlaced(): void {
    this.#input('placed');
  }

  /** Time has passed. */
  handleTimer(nowMicros: number): void {
    if (nowMicros < this.#overdueMicros()) return;
    this.handleEnding(this.#state === 'awaitingFirst' ? 'firstOverdue' : 'tooSlow', '');
  }

  /** The project ends before it is complete; void when it has ended. */
  handleEnding(ending: FileEnding, words: string): void {
    if (RECEIVER_MOVES[this.#state][ending] === undefined) return;
    const { cause, tell } = FILE_ENDINGS[ending];
    const hadTemporary = this.#state !== 'undecided';
    // A project that resumed and got nothing is not tried in this way again: what it goes on from may not fit any more.
    const isBarren = ending === 'peerFailed' && this.#receivedBytes === this.#resume?.receivedBytes;
    // What was to be done has not happened and must not be told.
    this.#outputs = [];
    const resume = hadTemporary && !isBarren ? this.#resumePoint() : null;
    this.#input(ending);
    const text = words === '' ? cause : words;
    const told = ending === 'channelClosed' ? cause : text;
    if (tell !== null) this.#outputs.push({ kind: 'tell', innerError: tell === 'unable', cause: told });
    this.#outputs.push({ kind: 'closeFile' }, { kind: 'disrupted', type: cause, cause: text, resume });
  }

  /** The next thing to do. */
  poll(): ReceiverOutput {
    return this.#outputs.shift() ?? { kind: 'wait', untilMicros: this.#overdueMicros() };
  }

  #input(input: ReceiverInput, cause: string | null = null): void {
    const move = RECEIVER_MOVES[this.#state][input];
    if (move === undefined) return;
    this.#state = move.to;
    for (const action of move.actions) {
      if (action === 'begin') this.#begin();
      else if (action === 'refuse') this.#refuse(cause);
      else if (action === 'finish') this.#outputs.push({ kind: 'closeFile' }, { kind: 'place' });
      else if (action === 'complete') this.#outputs.push({ kind: 'confirm' }, { kind: 'completed' });
    }
  }

  #begin(): void {
    const resume = this.#resume;
    this.#outputs.push({ kind: 'prepare', resume });
    if (!this.#options.isFolder) {
      this.#outputs.push({ kind: 'openFile', names: [], keepBytes: this.#receivedBytes });
      this.#file = { path: '', sizeBytes: this.#options.totalBytes, receivedBytes: this.#receivedBytes };
    }
    this.#outputs.push({ kind: 'agree', resume }, { kind: 'started', resumed: resume !== null });
  }

  #refuse(cause: string | null): void {
    const words = cause === null || cause === '' ? 'RejectAccepting' : cause;
    this.#outputs.push({ kind: 'refuse', cause });
    this.#outputs.push({ kind: 'disrupted', type: 'RejectAccepting', cause: words, resume: null });
  }

  /** @returns what is wrong with the package. */
  #take(body: ReceivedPackage): string | undefined {
    switch (body.kind) {
      case 'data':
        return this.#takeData(body.data);
      case 'nextFile':
        return this.#takeNextFile(body.path, body.sizeBytes);
      case 'newFolder':
        return this.#takeNewFolder(body.path);
      case 'finished':
        return this.#takeFinished();
      case 'unreadable':
        return body.why;
    }
  }

  #takeData(data: Uint8Array): string | undefined {
    const file = this.#file;
    if (file === undefined) return 'data came while no file was open';
    const endBytes = file.receivedBytes + data.length;
    if (data.length === 0) return 'a package of data holds none';
    if (endBytes > file.sizeBytes) return `${endBytes} bytes came of a file of ${file.sizeBytes}`;
    this.#outputs.push({ kind: 'write', offsetBytes: file.receivedBytes, bytes: data });
    file.receivedBytes = endBytes;
    this.#receivedBytes += data.length;
    this.#outputs.push({ kind: 'progress', receivedBytes: this.#receivedBytes });
    if (this.#options.isFolder && endBytes === file.sizeBytes) this.#endFile();
    return undefined;
  }

  #takeNextFile(path: string, sizeBytes: number): string | undefined {
    if (!this.#options.isFolder) return 'a package for folders came in a project of one file';
    if (this.#file !== undefined) return `the next file came before all of ${this.#file.path}`;
    const names = relativeNames(path);
    if ('fault' in names) return `the path ${JSON.stringify(path)} ${names.fault}`;
    const clash = this.#names.add(names, 'file');
    if (clash !== undefined) return `the path ${JSON.stringify(path)} ${clash}`;
    const isResumed = this.#resume?.file?.path === path && this.#lastFile === undefined;
    const from = isResumed ? (this.#resume?.file?.receivedBytes ?? 0) : 0;
    this.#announcedBytes += sizeBytes;
    if (this.#announcedBytes > this.#options.totalBytes || sizeBytes < from) {
      return `a file of ${sizeBytes} bytes does not fit the ${this.#options.totalBytes} that were announced`;
    }
    this.#file = { path, sizeBytes, receivedBytes: from };
    this.#lastFile = this.#file;
    this.#outputs.push({ kind: 'openFile', names, keepBytes: from });
    if (sizeBytes === from) this.#endFile();
    return undefined;
  }

  #takeNewFolder(path: string): string | undefined {
    if (!this.#options.isFolder) return 'a package for folders came in a project of one file';
    if (this.#file !== undefined) return `a folder came before all of ${this.#file.path}`;
    const names = relativeNames(path);
    if ('fault' in names) return `the path ${JSON.stringify(path)} ${names.fault}`;
    const clash = this.#names.add(names, 'folder');
    if (clash !== undefined) return `the path ${JSON.stringify(path)} ${clash}`;
    this.#outputs.push({ kind: 'makeFolder', names });
    return undefined;
  }

  #takeFinished(): string | undefined {
    const { totalBytes } = this.#options;
    if (this.#receivedBytes !== totalBytes) return `the end came after ${this.#receivedBytes} of ${totalBytes} bytes`;
    this.#file = undefined;
    this.#input('complete');
    return undefined;
  }

  #endFile(): void {
    this.#file = undefined;
    this.#outputs.push({ kind: 'closeFile' }, { kind: 'confirm' });
  }

  /** Where another project may go on; null when nothing has come. */
  #resumePoint(): ResumePoint | null {
    if (this.#receivedBytes === 0) return null;
    if (!this.#options.isFolder) return { receivedBytes: this.#receivedBytes, file: null };
    const last = this.#lastFile;
    // Nothing came since the project before this one ended.
    if (last === undefined) return this.#resume;
    const { path, sizeBytes, receivedBytes } = last;
    return { receivedBytes: this.#receivedBytes, file: { path, sizeBytes, receivedBytes } };
  }

  #overdueMicros(): number {
    const { firstPackageMicros, zeroSpeedMicros } = this.#options;
    if (this.#state === 'awaitingFirst') return this.#progressMicros + firstPackageMicros;
    return this.#state === 'receiving' ? this.#progressMicros + zeroSpeedMicros : Infinity;
  }
}

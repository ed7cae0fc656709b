/**
 * The sending end of one project, without disk or network: what to read, what to post, what to tell, how long to wait.
 *
 * Drive it: `handle*` with what happened, then `poll` until it says `wait`. Room is granted by `handleRoom` and used up by
 * posting, so a slow path holds the machine back, never fills memory: two reads at most are held. A folder's entries come
 * one at a time by `handleEntry`, each asked for with `next`. Chapter 19.
 */
import type { FileTransDisrupttedTypeName } from '../../../spec/errors.ts';
import { FILE_ENDINGS, SENDER_MOVES } from './file-states.ts';
import type { FileEnding, SenderInput, SenderState } from './file-states.ts';

/** One thing in a folder, by its path below it. */
export type FolderEntry =
  | { readonly kind: 'file'; readonly path: string; readonly sizeBytes: number }
  | { readonly kind: 'folder'; readonly path: string };

/** Where an interrupted project goes on; `file` in folders only (FIL-043). */
export type ResumePoint = {
  readonly receivedBytes: number;
  readonly file: { readonly path: string; readonly sizeBytes: number; readonly receivedBytes: number } | null;
};

export type SendingOptions = {
  readonly isFolder: boolean;
  readonly totalBytes: number;
  /** Bytes of data in a package. */
  readonly packageBytes: number;
  /** From one package to the next, at least. */
  readonly spanMicros: number;
  /** Infinity: never too slow. */
  readonly zeroSpeedMicros: number;
  /** Bytes asked of the disk at once. */
  readonly readBytes: number;
};

export type PackageToPost =
  | { readonly kind: 'data'; readonly data: Uint8Array }
  | { readonly kind: 'nextFile'; readonly path: string; readonly sizeBytes: number }
  | { readonly kind: 'newFolder'; readonly path: string }
  | { readonly kind: 'finished' };

export type SenderOutput =
  /** Open this file; '' is the project's own. Failure is an ending. */
  | { readonly kind: 'open'; readonly path: string }
  | { readonly kind: 'read'; readonly offsetBytes: number; readonly lengthBytes: number }
  | { readonly kind: 'next' }
  | { readonly kind: 'close' }
  | { readonly kind: 'post'; readonly index: number; readonly body: PackageToPost }
  | { readonly kind: 'tell'; readonly innerError: boolean; readonly cause: string }
  | { readonly kind: 'answered'; readonly agreed: boolean }
  | { readonly kind: 'started'; readonly resumed: boolean }
  | { readonly kind: 'progress'; readonly sentBytes: number }
  | { readonly kind: 'completed' }
  | { readonly kind: 'disrupted'; readonly type: FileTransDisrupttedTypeName; readonly cause: string }
  | { readonly kind: 'wait'; readonly untilMicros: number };

/** What a package counts against the room besides its data. */
const PACKAGE_OVERHEAD_BYTES = 128;

type OpenFile = { readonly sizeBytes: number; askedBytes: number; postedBytes: number };

/** The sending end of one project. */
export class FileSending {
  readonly #options: SendingOptions;
  #state: SenderState = 'asked';
  #outputs: SenderOutput[] = [];
  #index = 0;
  #sentBytes = 0;
  #roomBytes = 0;
  /** Not before this may the next package go (SendingSpanInMSecs). */
  #notBeforeMicros = 0;
  #progressMicros = 0;
  #queuedBytes = 0;
  #file: OpenFile | undefined;
  /** Read and not yet posted, in order. */
  #chunks: Uint8Array[] = [];
  #reading = false;
  /** A package of no data that waits for room. */
  #pending: PackageToPost | undefined;
  #skipTo: ResumePoint['file'] = null;

  constructor(options: SendingOptions) {
    this.#options = options;
  }

  get state(): SenderState {
    return this.#state;
  }

  /** Bytes of the project that are posted, or were there already. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** It could post more if the path took it. */
  get wantsRoom(): boolean {
    return this.#roomBytes <= 0 && this.#canPost();
  }

  /** The receiver agreed; `resume` says where it wants to go on. */
  handleAgreed(nowMicros: number, resume: ResumePoint | null): void {
    if (this.#state !== 'asked') return;
    const from = resume?.receivedBytes ?? 0;
    this.#progressMicros = nowMicros;
    this.#sentBytes = from;
    this.#skipTo = resume?.file ?? null;
    this.#input('agreed');
    this.#outputs.push({ kind: 'answered', agreed: true }, { kind: 'started', resumed: from > 0 });
    if (from > this.#options.totalBytes) this.handleEnding('failed', `the receiver says it has ${from} bytes`);
    else if (!this.#options.isFolder) this.#openFile('', this.#options.totalBytes, from);
    else if (from === 0 || this.#skipTo !== null) this.#outputs.push({ kind: 'next' });
    else this.handleEnding('failed', 'the receiver does not say with which file to go on');
  }

  /** @param cause - The receiver's words; null when it gave none. */
  handleRejected(cause: string | null): void {
    if (this.#state !== 'asked') return;
    this.#outputs.push({ kind: 'answered', agreed: false });
    this.handleEnding('rejected', cause ?? '');
  }

  /** The entry that was asked for; null: there are no more. */
  handleEntry(entry: FolderEntry | null): void {
    if (this.#state !== 'starting' && this.#state !== 'sending') return;
    const skipTo = this.#skipTo;
    if (entry === null) {
      if (skipTo === null) this.#pending = { kind: 'finished' };
      else this.handleEnding('failed', `${skipTo.path} is not in the folder any more, so the rest cannot be sent`);
    } else if (entry.kind === 'folder') this.#pending = { kind: 'newFolder', path: entry.path };
    else if (skipTo === null) this.#startFile(entry, 0);
    else if (entry.path !== skipTo.path) this.#outputs.push({ kind: 'next' });
    else if (entry.sizeBytes !== skipTo.sizeBytes) this.handleEnding('failed', `${entry.path} has changed its size`);
    else {
      this.#skipTo = null;
      this.#startFile(entry, skipTo.receivedBytes);
    }
  }

  /** What was asked for has been read. */
  handleRead(bytes: Uint8Array): void {
    this.#reading = false;
    if (this.#state === 'ended' || this.#file === undefined) return;
    this.#chunks.push(bytes);
    if (bytes.length === 0) this.handleEnding('failed', 'the file has become shorter than it was');
  }

  /** The path takes this much more. */
  handleRoom(roomBytes: number): void {
    this.#roomBytes = roomBytes;
  }

  /** SingleFileRevFinishedNotify. */
  handleConfirmed(nowMicros: number): void {
    this.#progressMicros = nowMicros;
    this.#input('confirmed');
  }

  /** How much of what was posted the network has not taken; less than before is a sign of life. */
  handleQueue(nowMicros: number, queuedBytes: number): void {
    // Before the first package it is the messages of others that move.
    if (queuedBytes < this.#queuedBytes && this.#state !== 'starting') this.#progressMicros = nowMicros;
    this.#queuedBytes = queuedBytes;
  }

  /** Time has passed. */
  handleTimer(nowMicros: number): void {
    if (nowMicros < this.#overdueMicros()) return;
    const isReading = this.#reading && this.#chunks.length === 0;
    if (this.#state === 'starting') this.handleEnding(isReading ? 'readStuck' : 'neverStarted', '');
    else this.handleEnding(isReading && this.#state === 'sending' ? 'readStuck' : 'tooSlow', '');
  }

  /** The project ends before it is complete; void when it has ended. */
  handleEnding(ending: FileEnding, words: string): void {
    if (SENDER_MOVES[this.#state][ending] === undefined) return;
    const { cause, tell } = FILE_ENDINGS[ending];
    // What was decided before and has not been done must not happen any more, but what was seen is told.
    this.#outputs = this.#outputs.filter(({ kind }) => kind === 'answered' || kind === 'started');
    this.#input(ending);
    const text = words === '' ? cause : words;
    this.#outputs.push({ kind: 'close' });
    const told = ending === 'channelClosed' ? cause : text;
    if (tell !== null) this.#outputs.push({ kind: 'tell', innerError: tell === 'unable', cause: told });
    this.#outputs.push({ kind: 'disrupted', type: cause, cause: text });
  }

  /** The next thing to do. */
  poll(nowMicros: number): SenderOutput {
    for (;;) {
      const output = this.#outputs.shift() ?? this.#work(nowMicros);
      if (output !== undefined) return output;
      if (this.#outputs.length === 0) return { kind: 'wait', untilMicros: this.#wakeMicros(nowMicros) };
    }
  }

  #input(input: SenderInput): void {
    const move = SENDER_MOVES[this.#state][input];
    if (move === undefined) return;
    this.#state = move.to;
    for (const action of move.actions) {
      if (action === 'goOn') this.#outputs.push({ kind: 'next' });
      else if (action === 'complete') this.#outputs.push({ kind: 'completed' });
      else if (action === 'end') this.#letGo();
    }
  }

  #startFile(entry: { readonly path: string; readonly sizeBytes: number }, fromBytes: number): void {
    this.#pending = { kind: 'nextFile', path: entry.path, sizeBytes: entry.sizeBytes };
    this.#openFile(entry.path, entry.sizeBytes, fromBytes);
  }

  #openFile(path: string, sizeBytes: number, fromBytes: number): void {
    this.#file = { sizeBytes, askedBytes: fromBytes, postedBytes: fromBytes };
    this.#outputs.push({ kind: 'open', path });
  }

  /** One step of sending, as far as room, time and disk allow. */
  #work(nowMicros: number): SenderOutput | undefined {
    if (this.#state !== 'starting' && this.#state !== 'sending') return undefined;
    const read = this.#readAhead();
    if (read !== undefined) return read;
    if (this.#roomBytes <= 0 || nowMicros < this.#notBeforeMicros) return undefined;
    if (this.#pending !== undefined) return this.#postPending(nowMicros, this.#pending);
    const file = this.#file;
    if (file === undefined) return undefined;
    if (file.postedBytes === file.sizeBytes) this.#endFile();
    else if (this.#chunks.length > 0) return this.#postData(nowMicros, file);
    return undefined;
  }

  #readAhead(): SenderOutput | undefined {
    const file = this.#file;
    if (file === undefined || this.#reading || this.#chunks.length >= 2 || file.askedBytes >= file.sizeBytes) return;
    const offsetBytes = file.askedBytes;
    const lengthBytes = Math.min(this.#options.readBytes, file.sizeBytes - offsetBytes);
    this.#reading = true;
    file.askedBytes += lengthBytes;
    return { kind: 'read', offsetBytes, lengthBytes };
  }

  #postPending(nowMicros: number, body: PackageToPost): SenderOutput {
    this.#pending = undefined;
    const output = this.#post(nowMicros, body, 0);
    if (body.kind === 'newFolder') this.#outputs.push({ kind: 'next' });
    else if (body.kind === 'finished') this.#input('allSent');
    return output;
  }

  #postData(nowMicros: number, file: OpenFile): SenderOutput {
    const { packageBytes } = this.#options;
    let data = this.#chunks[0]!;
    if (data.length > packageBytes) {
      this.#chunks[0] = data.subarray(packageBytes);
      data = data.subarray(0, packageBytes);
    } else this.#chunks.shift();
    file.postedBytes += data.length;
    this.#sentBytes += data.length;
    const output = this.#post(nowMicros, { kind: 'data', data }, data.length);
    this.#outputs.push({ kind: 'progress', sentBytes: this.#sentBytes });
    return output;
  }

  #post(nowMicros: number, body: PackageToPost, dataBytes: number): SenderOutput {
    this.#index = (this.#index + 1) & 0xff;
    this.#roomBytes -= dataBytes + PACKAGE_OVERHEAD_BYTES;
    this.#notBeforeMicros = nowMicros + this.#options.spanMicros;
    this.#progressMicros = nowMicros;
    this.#input('firstSent');
    return { kind: 'post', index: this.#index, body };
  }

  #endFile(): void {
    this.#file = undefined;
    this.#outputs.push({ kind: 'close' });
    if (this.#options.isFolder) this.#input('fileSent');
    else this.#pending = { kind: 'finished' };
  }

  #letGo(): void {
    this.#chunks = [];
    this.#file = undefined;
    this.#pending = undefined;
  }

  /**
   * FIL-024: when nothing has moved for too long. A pause that the application asked for is no standstill, and what has left
   * may be on its way to a slow receiver for long: that one sees whether it moves.
   */
  #overdueMicros(): number {
    if (this.#state === 'asked' || this.#state === 'ended') return Infinity;
    const isAllOut = this.#state === 'betweenFiles' || this.#state === 'confirming';
    if (isAllOut && this.#queuedBytes === 0) return Infinity;
    return Math.max(this.#progressMicros, this.#notBeforeMicros) + this.#options.zeroSpeedMicros;
  }

  #wakeMicros(nowMicros: number): number {
    const isPaced = this.#notBeforeMicros > nowMicros && this.#roomBytes > 0 && this.#canPost();
    return Math.min(this.#overdueMicros(), isPaced ? this.#notBeforeMicros : Infinity);
  }

  #canPost(): boolean {
    if (this.#state !== 'starting' && this.#state !== 'sending') return false;
    const file = this.#file;
    const isAtEnd = file !== undefined && file.postedBytes === file.sizeBytes;
    return this.#pending !== undefined || this.#chunks.length > 0 || isAtEnd;
  }
}

/**
 * Cuts an adapter's output into lines: bytes in, whole lines out, with a limit; and keeps the tail of a text stream.
 *
 * Bytes are only turned into text once a line is whole, so characters cut in two by a chunk survive, and what is not UTF-8
 * is noticed. It parses nothing.
 */

/** The longest line of the adapter protocol, in bytes, line feed included (chapter 20, section 2). */
const LINE_BYTES_MAX = 16 * 1024 * 1024;

const LF = 0x0a;
const CR = 0x0d;

/** What a splitter found: a line's bytes without its end, or that the limit was passed. */
export type LineHandlers = {
  onLine(bytes: Buffer): void;
  /** More than the limit without a line feed; `start` is the first 200 bytes. Nothing more is delivered. */
  onOverflow(start: Buffer): void;
};

/** Collects chunks until a line feed; costs each byte once. */
export class LineSplitter {
  readonly #handlers: LineHandlers;
  readonly #bytesMax: number;
  #parts: Buffer[] = [];
  #size = 0;
  #dead = false;

  constructor(handlers: LineHandlers, bytesMax: number = LINE_BYTES_MAX) {
    this.#handlers = handlers;
    this.#bytesMax = bytesMax;
  }

  /** Takes the next chunk; calls the handlers for every line it completes. */
  push(chunk: Buffer): void {
    let start = 0;
    while (!this.#dead) {
      const end = chunk.indexOf(LF, start);
      const piece = chunk.subarray(start, end === -1 ? chunk.length : end);
      if (piece.length > 0) this.#parts.push(piece);
      this.#size += piece.length;
      if (this.#size >= this.#bytesMax) {
        this.#dead = true;
        this.#handlers.onOverflow(Buffer.concat(this.#parts).subarray(0, 200));
        this.#parts = [];
        return;
      }
      if (end === -1) return;
      this.#emit();
      start = end + 1;
    }
  }

  /** What came after the last line feed; an adapter that died in mid-line leaves something here. */
  rest(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #emit(): void {
    let line = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    if (line.at(-1) === CR) line = line.subarray(0, -1);
    if (line.length > 0) this.#handlers.onLine(line);
  }
}

/** The text of a line, or undefined when it is not UTF-8. */
export function utf8(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The first 200 bytes of a line for a message: as text when they are readable text, else in hex. */
export function showBytes(bytes: Buffer): string {
  const start = bytes.subarray(0, 200);
  const more = bytes.length > start.length ? ` ... (${bytes.length} bytes)` : '';
  // A character may be cut by the 200th byte; judge the whole line, show the part.
  if (utf8(bytes) === undefined) return `hex ${start.toString('hex')}${more}`;
  return `${JSON.stringify(start.toString('utf8').replace(/\uFFFD+$/, ''))}${more}`;
}

/** Keeps the last lines of a stream of text, each cut at 400 characters. */
export class TailKeeper {
  readonly #linesMax: number;
  #lines: string[] = [];
  #open = '';

  constructor(linesMax = 20) {
    this.#linesMax = linesMax;
  }

  push(chunk: Buffer): void {
    const pieces = (this.#open + chunk.toString('utf8')).split('\n');
    this.#open = (pieces.pop() ?? '').slice(-4096);
    for (const piece of pieces.slice(-this.#linesMax)) this.#lines.push(piece.trimEnd().slice(0, 400));
    if (this.#lines.length > this.#linesMax) this.#lines = this.#lines.slice(-this.#linesMax);
  }

  /** The last lines, an unfinished one included. */
  lines(): readonly string[] {
    return this.#open === '' ? [...this.#lines] : [...this.#lines, this.#open.slice(0, 400)].slice(-this.#linesMax);
  }

  clear(): void {
    this.#lines = [];
    this.#open = '';
  }
}

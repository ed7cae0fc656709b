/**
 * A child process that this thread talks with synchronously: a line is written, lines are read, and nothing else happens.
 *
 * Virtual time must not move while a program thinks, and the world's loop is synchronous; so the ends of two FIFOs are read
 * and written with blocking calls. A program that never answers is ended by the watchdog, and the read then ends. It knows no
 * protocol. POSIX only. Standard error goes to a file, because nobody could empty a pipe meanwhile.
 */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutGuard } from '../../sim/guard.ts';
import { TailKeeper } from './exec-lines.ts';
import type { ProcessEnd, ProcessOptions } from './exec-process.ts';
import { LINE_BYTES_MAX } from './outside-limits.ts';
import type { Watchdog } from './outside-watchdog.ts';

const LF = 0x0a;
const CR = 0x0d;
const CHUNK_BYTES = 65_536;
const STDERR_TAIL_BYTES = 16_384;

/** What reading gave. `overflow`: the first bytes of a line that is too long. */
export type Received =
  | { readonly kind: 'line'; readonly bytes: Buffer }
  | { readonly kind: 'end'; readonly rest: Buffer }
  | { readonly kind: 'overflow'; readonly start: Buffer };

/** What a program is talked with through. */
export type LinePipe = Pick<
  LockstepPipe,
  'pid' | 'send' | 'receive' | 'wasLate' | 'stderrTail' | 'clearStderr' | 'kill' | 'close'
>;

const alive = new Set<LockstepPipe>();
let hooked = false;

/** A running program and its two pipes. */
export class LockstepPipe {
  readonly pid: number | undefined;
  readonly #ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #watchdog: Watchdog;
  readonly #input: number;
  readonly #output: number;
  readonly #stderr: number;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  #held: Buffer = Buffer.alloc(0);
  #isClosed = false;

  /** Starts the program. @throws Error where there are no FIFOs, or no such program. */
  constructor(options: ProcessOptions, watchdog: Watchdog) {
    this.#watchdog = watchdog;
    // A process of the machine: what it draws and asks does not concern the run.
    const opened = withoutGuard(() => open(options));
    this.#child = opened.child;
    this.#input = opened.input;
    this.#output = opened.output;
    this.#stderr = opened.stderr;
    this.pid = opened.child.pid;
    this.#ended = opened.ended;
    alive.add(this);
    if (!hooked) {
      hooked = true;
      process.on('exit', () => {
        for (const one of alive) one.kill();
      });
    }
  }

  /** Writes a line; blocks until the program's pipe has taken it. False when the program is gone. */
  send(line: string): boolean {
    return this.#waiting(() => {
      let bytes: Buffer = Buffer.from(`${line}\n`);
      try {
        while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.#input, bytes));
        return true;
      } catch {
        return false;
      }
    });
  }

  /** The next line that is not empty, without its end; blocks until there is one. */
  receive(): Received {
    const parts: Buffer[] = [];
    let size = 0;
    for (;;) {
      const end = this.#held.indexOf(LF);
      const piece = end === -1 ? this.#held : this.#held.subarray(0, end);
      size += piece.length;
      parts.push(piece);
      if (size >= LINE_BYTES_MAX) return { kind: 'overflow', start: Buffer.concat(parts).subarray(0, 200) };
      if (end !== -1) {
        this.#held = this.#held.subarray(end + 1);
        const line = withoutReturn(parts.length === 1 ? piece : Buffer.concat(parts));
        if (line.length > 0) return { kind: 'line', bytes: line };
        parts.length = 0;
        size = 0;
        continue;
      }
      const more = this.#read();
      if (more === undefined) return { kind: 'end', rest: Buffer.concat(parts) };
      this.#held = more;
    }
  }

  /** Whether the program was ended because it let us wait too long. */
  get wasLate(): boolean {
    return this.pid !== undefined && this.#watchdog.hasKilled(this.pid);
  }

  /** The last lines of standard error. */
  stderrTail(): readonly string[] {
    if (this.#isClosed) return [];
    const { size } = fstatSync(this.#stderr);
    const tail = Buffer.alloc(Math.min(size, STDERR_TAIL_BYTES));
    const length = readSync(this.#stderr, tail, 0, tail.length, size - tail.length);
    const keeper = new TailKeeper();
    keeper.push(tail.subarray(0, length));
    return keeper.lines();
  }

  /** Forgets standard error so far. */
  clearStderr(): void {
    if (!this.#isClosed) ftruncateSync(this.#stderr);
  }

  /** Ends the program's whole process group at once. */
  kill(): void {
    if (this.pid === undefined) return;
    try {
      process.kill(-this.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }

  /** Ends the program, and gives back the pipes; resolves when it has ended. */
  async close(): Promise<ProcessEnd> {
    this.kill();
    const end = await this.#ended;
    alive.delete(this);
    if (!this.#isClosed) {
      this.#isClosed = true;
      for (const each of [this.#input, this.#output, this.#stderr]) closeSync(each);
      this.#child.removeAllListeners();
    }
    return end;
  }

  #read(): Buffer | undefined {
    return this.#waiting(() => {
      const length = readSync(this.#output, this.#chunk, 0, CHUNK_BYTES, null);
      // The next read goes into the same memory.
      return length === 0 ? undefined : Buffer.from(this.#chunk.subarray(0, length));
    });
  }

  #waiting<T>(action: () => T): T {
    this.#watchdog.begin(this.pid ?? 0);
    try {
      return action();
    } finally {
      this.#watchdog.end();
    }
  }
}

function withoutReturn(line: Buffer): Buffer {
  return line.at(-1) === CR ? line.subarray(0, -1) : line;
}

type Opened = {
  readonly child: ChildProcess;
  readonly input: number;
  readonly output: number;
  readonly stderr: number;
  readonly ended: Promise<ProcessEnd>;
};

function open({ command, env, cwd }: ProcessOptions): Opened {
  if (process.platform === 'win32') {
    throw new Error('programs on simulated hosts need the FIFOs of a POSIX system; use Linux, macOS or WSL');
  }
  const folder = mkdtempSync(join(tmpdir(), 'esf-outside-'));
  try {
    const [input, output] = [join(folder, 'in'), join(folder, 'out')];
    execFileSync('mkfifo', [input, output]);
    const [ours, theirs] = [fifo(input), fifo(output)];
    const stderr = openSync(join(folder, 'err'), 'a+');
    const child = spawn(command[0]!, command.slice(1), {
      env,
      // A group of its own, so that a wrapper goes together with what it started.
      detached: true,
      stdio: [ours.readEnd, theirs.writeEnd, stderr],
      ...(cwd === undefined ? {} : { cwd }),
    });
    closeSync(ours.readEnd);
    closeSync(theirs.writeEnd);
    return { child, input: ours.writeEnd, output: theirs.readEnd, stderr, ended: endOf(child) };
  } finally {
    // Whoever has it open keeps it.
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Both ends. Each blocks, and the read end ends when nobody has the write end any more. */
function fifo(path: string): { readonly readEnd: number; readonly writeEnd: number } {
  // With this one open the other two need not wait for each other.
  const both = openSync(path, constants.O_RDWR);
  const readEnd = openSync(path, constants.O_RDONLY);
  const writeEnd = openSync(path, constants.O_WRONLY);
  closeSync(both);
  return { readEnd, writeEnd };
}

function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) resolve({ kind: 'not-started', reason: error.message });
    });
    child.on('exit', (code, signal) => {
      resolve(code === null ? { kind: 'signal', signal: signal ?? 'unknown' } : { kind: 'exit', code });
    });
  });
}

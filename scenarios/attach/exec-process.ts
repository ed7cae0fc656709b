/**
 * One adapter process: starts it, cuts its output into lines, keeps the tail of its standard error, ends it.
 *
 * It knows nothing of the adapter protocol; `exec-adapter.ts` speaks that. Nothing here throws for what the process does:
 * a command that cannot be started is an end like any other.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { LineSplitter, TailKeeper } from './exec-lines.ts';

/** How a process ended. */
export type ProcessEnd =
  | { readonly kind: 'exit'; readonly code: number }
  | { readonly kind: 'signal'; readonly signal: string }
  | { readonly kind: 'not-started'; readonly reason: string };

export type ProcessHandlers = {
  onLine(bytes: Buffer): void;
  onOverflow(start: Buffer): void;
  /** The last call. `rest` is output after the last line feed. */
  onEnd(end: ProcessEnd, rest: Buffer): void;
};

export type ProcessOptions = {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

/** How long a process that has exited may keep its pipes open (through children of its own), in milliseconds. */
const PIPES_GRACE_MILLIS = 200;

/** Processes still alive; ended with this one, whatever ends it. */
const alive = new Set<AdapterProcess>();
let hooked = false;

/** A running child process. */
export class AdapterProcess {
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #handlers: ProcessHandlers;
  readonly #stdout: LineSplitter;
  readonly #stderr = new TailKeeper();
  #end: ProcessEnd | undefined;
  #resolveEnded: (end: ProcessEnd) => void = () => undefined;

  constructor(options: ProcessOptions, handlers: ProcessHandlers) {
    this.#handlers = handlers;
    this.#stdout = new LineSplitter(handlers);
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    // A group of its own, so that a wrapper (npx, a shell script) goes together with what it started.
    this.#child = spawn(options.command[0]!, options.command.slice(1), {
      env: options.env,
      detached: process.platform !== 'win32',
      windowsHide: true,
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    alive.add(this);
    hookExit();
    this.#listen(options.command[0]!);
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Queues text for standard input; after the end it does nothing. */
  write(text: string): void {
    if (this.#end === undefined && this.#child.stdin.writable) this.#child.stdin.write(text);
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  /** The last lines of standard error. */
  stderrTail(): readonly string[] {
    return this.#stderr.lines();
  }

  clearStderr(): void {
    this.#stderr.clear();
  }

  /** Signals the process and its group; false when there is nothing left to signal. */
  signal(signal: 'SIGTERM' | 'SIGKILL'): boolean {
    const { pid } = this.#child;
    if (pid === undefined || this.#end !== undefined) return false;
    try {
      if (process.platform === 'win32') return this.#child.kill(signal);
      return process.kill(-pid, signal);
    } catch {
      return false;
    }
  }

  /** SIGTERM, and SIGKILL when it still lives after `graceMillis`. */
  async terminate(graceMillis: number): Promise<ProcessEnd> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMillis);
    const end = await this.ended;
    clearTimeout(timer);
    return end;
  }

  #listen(program: string): void {
    const child = this.#child;
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#end === undefined) this.#stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    // A process that is gone breaks the pipe; its end is reported by 'exit'.
    child.stdin.on('error', () => undefined);
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) this.#finish({ kind: 'not-started', reason: startProblem(program, error) });
    });
    child.on('exit', (code, signal) => {
      const end: ProcessEnd = code === null ? { kind: 'signal', signal: signal ?? 'unknown' } : { kind: 'exit', code };
      const timer = setTimeout(() => this.#finish(end), PIPES_GRACE_MILLIS);
      child.on('close', () => {
        clearTimeout(timer);
        this.#finish(end);
      });
    });
  }

  #finish(end: ProcessEnd): void {
    if (this.#end !== undefined) return;
    // What the process left behind in its group has no one to answer to any more.
    if (end.kind !== 'not-started') this.signal('SIGKILL');
    this.#end = end;
    alive.delete(this);
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.#handlers.onEnd(end, this.#stdout.rest());
    this.#resolveEnded(end);
  }
}

function startProblem(program: string, error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return `there is no program "${program}" (nor on the PATH)`;
  if (error.code === 'EACCES')
    return `"${program}" is not executable; make it so, or name its interpreter, as in "python3 ${program}"`;
  return error.message;
}

function hookExit(): void {
  if (hooked) return;
  hooked = true;
  process.on('exit', () => {
    for (const one of alive) one.signal('SIGKILL');
  });
}

/** "exit code 3", "signal SIGSEGV", or why it never started. */
export function describeEnd(end: ProcessEnd): string {
  switch (end.kind) {
    case 'exit':
      return `exit code ${end.code}`;
    case 'signal':
      return `signal ${end.signal}`;
    case 'not-started':
      return end.reason;
  }
}

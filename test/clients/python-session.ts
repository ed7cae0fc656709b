/** The Python client's session (python/p2p_session.py) as a process whose lines can be awaited. */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('python/p2p_session.py', import.meta.url));

export type Digest = { readonly count: number; readonly sha256: string };
export type SessionResult = {
  readonly sent: Digest;
  readonly received: Digest;
  readonly fileSent: string;
  readonly fileReceived: string;
  readonly filesDirect: boolean;
};

export class PythonSession {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  /** @param words - The script's options, as in its head. */
  constructor(words: readonly string[]) {
    this.#process = spawn('python3', [SCRIPT, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process.stderr.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** The next line, which must be about this event. */
  async next(event: string): Promise<Readonly<Record<string, unknown>>> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`the Python session ended before "${event}": ${this.#errors}`);
    const said = JSON.parse(line.value) as Record<string, unknown>;
    if (said.event !== event) throw new Error(`"${event}" expected, but it said ${line.value}: ${this.#errors}`);
    return said;
  }

  /** Lets it close, and gives its exit code. */
  async end(): Promise<number | null> {
    if (this.#process.exitCode !== null) return this.#process.exitCode;
    const exited = once(this.#process, 'exit');
    this.#process.stdin.end('\n');
    const [code] = (await exited) as [number | null];
    return code;
  }

  /** Ends it at once, when a test has failed. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }
}

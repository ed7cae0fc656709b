/** A process in a network namespace that says what happens to it, one JSON object a line. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

type Line = Readonly<Record<string, unknown>>;

/** A process in a namespace whose standard output is JSON lines. */
export class Talking {
  readonly lines: Line[] = [];
  readonly #process: ChildProcess;
  readonly #waiting: { readonly wanted: (line: Line) => boolean; readonly resolve: (line: Line) => void }[] = [];
  #fail: (error: Error) => void = () => undefined;
  readonly #failed = new Promise<never>((_resolve, reject) => (this.#fail = reject));

  constructor(namespace: string, args: readonly string[], name: string) {
    this.#failed.catch(() => undefined);
    this.#process = spawn('ip', ['netns', 'exec', namespace, process.execPath, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface(this.#process.stdout!).on('line', (text) => this.#take(text));
    this.#process.on('close', (code) => {
      this.#fail(new Error(`${name} ended with ${code}; it had said ${JSON.stringify(this.lines)}`));
    });
  }

  /** The first line, said or to come, that is wanted; fails when the process ends first. */
  waitFor(wanted: (line: Line) => boolean): Promise<Line> {
    const said = this.lines.find(wanted);
    if (said !== undefined) return Promise.resolve(said);
    const coming = new Promise<Line>((resolve) => this.#waiting.push({ wanted, resolve }));
    return Promise.race([coming, this.#failed]);
  }

  stop(): void {
    this.#process.kill('SIGTERM');
  }

  #take(text: string): void {
    const line = JSON.parse(text) as Line;
    this.lines.push(line);
    for (const { wanted, resolve } of this.#waiting) if (wanted(line)) resolve(line);
  }
}

/** How the tests put programs on simulated hosts, and validate with them. */
import { fileURLToPath } from 'node:url';
import type { Stage } from '../../scenarios/api.ts';
import { validate } from '../../scenarios/attach/exec-validate.ts';
import type { ValidateOptions, ValidateResult } from '../../scenarios/attach/exec-validate.ts';
import { adapterEnvironment } from '../../scenarios/attach/exec-command.ts';
import { OutsidePool } from '../../scenarios/attach/outside-pool.ts';
import type { LinePipe, Received } from '../../scenarios/attach/outside-pipe.ts';
import type { ProcessEnd } from '../../scenarios/attach/exec-process.ts';
import { runOutside } from '../../scenarios/attach/outside-stage.ts';
import type { BodyResult } from '../../scenarios/attach/stage.ts';
import { loadSpec } from '../../scenarios/runner/spec-files.ts';
import { compiled } from '../adapter/compiled.ts';
import { answer } from './fake-modes.ts';
import type { Line } from './fake-modes.ts';

const spec = loadSpec();

/** The path of a file of this repository. */
export function fileOf(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

export const PYTHON = ['python3', fileOf('test/clients/python/simulated.py')];
export const SIMPLE = [process.execPath, fileOf('test/clients/simple/client.js')];

/** The reference engine as a program. */
export function reference(): readonly string[] {
  return [process.execPath, compiled(fileOf('scenarios/attach/exec-reference-simulated.ts'))];
}

/** Real seconds in which an event must be answered here: short, for there are programs that never do. */
const PATIENCE_FACTOR = 0.05;

const env = adapterEnvironment(process.env);

export function poolOf(command: readonly string[], timeoutFactor = 1): OutsidePool {
  return new OutsidePool({ command, env, suite: 'test', timeoutFactor });
}

/** A fake program in this process, behind a pipe that is none: what is told is answered at once. */
class FakePipe implements LinePipe {
  readonly pid = 1;
  readonly wasLate = false;
  readonly #mode: string;
  #output: Buffer[] = [];

  constructor(mode: string) {
    this.#mode = mode;
  }

  send(text: string): boolean {
    const raw = (part: string | Uint8Array): void => void this.#output.push(Buffer.from(part));
    answer(this.#mode, JSON.parse(text) as Line, { raw, write: (line) => raw(`${JSON.stringify(line)}\n`) });
    return true;
  }

  receive(): Received {
    const line = this.#output.shift();
    return line === undefined ? { kind: 'end', rest: Buffer.alloc(0) } : { kind: 'line', bytes: line.subarray(0, -1) };
  }

  stderrTail(): readonly string[] {
    return [];
  }

  clearStderr(): void {
    // There is none.
  }

  kill(): void {
    this.#output = [];
  }

  close(): Promise<ProcessEnd> {
    return Promise.resolve({ kind: 'signal', signal: 'SIGKILL' });
  }
}

/** A client and a minute. */
async function meet(stage: Stage): Promise<void> {
  await stage.client('alice');
  await stage.sleep(60);
}

/** One run with a fake program in that mode. */
export async function runFake(mode: string): Promise<BodyResult> {
  return run(new OutsidePool({ command: [], env, suite: 'test', connect: () => new FakePipe(mode) }));
}

/** The same with a process of its own. */
export async function runFakeProcess(mode: string): Promise<BodyResult> {
  const command = [process.execPath, compiled(fileOf('test/outside/fake-program.ts')), mode];
  return run(poolOf(command, mode === 'never-idle' ? PATIENCE_FACTOR : 1));
}

async function run(pool: OutsidePool): Promise<BodyResult> {
  try {
    await pool.open();
    const about = { pool, caseId: 'TST-0000', seed: 1, timeLimitSecs: 600, invariants: false };
    return await runOutside(about, 'foreign', meet);
  } finally {
    await pool.close();
  }
}

/** A validation in the simulator. */
export async function validateOutside(
  command: readonly string[],
  extra: Partial<ValidateOptions> = {},
): Promise<ValidateResult> {
  const pool = poolOf(command);
  try {
    const hello = await pool.open();
    const header = { version: '0', command: 'test', startedAt: '2025-01-01T00:00:00Z' };
    const reproStart = 'npx esf validate --simulated';
    return await validate({ pool, hello, spec, seed: 1, jobs: 1, timeFactor: 1, reproStart, header, ...extra });
  } finally {
    await pool.close();
  }
}

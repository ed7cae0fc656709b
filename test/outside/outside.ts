/** How the tests put programs on simulated hosts, and validate with them. */
import { fileURLToPath } from 'node:url';
import type { Stage } from '../../scenarios/api.ts';
import { validate } from '../../scenarios/attach/exec-validate.ts';
import type { ValidateOptions, ValidateResult } from '../../scenarios/attach/exec-validate.ts';
import { adapterEnvironment } from '../../scenarios/attach/exec-command.ts';
import { OutsidePool } from '../../scenarios/attach/outside-pool.ts';
import { runOutside } from '../../scenarios/attach/outside-stage.ts';
import type { BodyResult } from '../../scenarios/attach/stage.ts';
import { loadSpec } from '../../scenarios/runner/spec-files.ts';
import { compiled } from '../adapter/compiled.ts';

const spec = loadSpec();

/** The path of a file of this repository. */
export function fileOf(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

const FAKE = fileOf('test/outside/fake-program.js');
export const PYTHON = ['python3', fileOf('test/clients/python/simulated.py')];
export const SIMPLE = [process.execPath, fileOf('test/clients/simple/client.js')];

/** The reference engine as a program. */
export function reference(): readonly string[] {
  return [process.execPath, compiled(fileOf('scenarios/attach/exec-reference-simulated.ts'))];
}

/** Real seconds in which an event must be answered here: short, for there are programs that never do. */
const PATIENCE_FACTOR = 0.05;

export function poolOf(command: readonly string[], timeoutFactor = 1): OutsidePool {
  return new OutsidePool({ command, env: adapterEnvironment(process.env), suite: 'test', timeoutFactor });
}

/** One run with a fake program in that mode; by default with a client and a minute. */
export async function runFake(
  mode: string,
  body: (stage: Stage) => Promise<void> = async (stage) => {
    await stage.client('alice');
    await stage.sleep(60);
  },
): Promise<BodyResult> {
  const pool = poolOf([process.execPath, FAKE, mode], mode === 'never-idle' ? PATIENCE_FACTOR : 1);
  try {
    await pool.open();
    const about = { pool, caseId: 'TST-0000', seed: 1, timeLimitSecs: 600, invariants: false };
    return await runOutside(about, 'foreign', body);
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

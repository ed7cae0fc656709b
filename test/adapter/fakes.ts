/** How the tests start adapters: the fake in one of its modes, and the reference engine's. */
import { fileURLToPath } from 'node:url';
import type { AdapterOptions } from '../../scenarios/attach/exec-adapter.ts';
import { adapterEnvironment } from '../../scenarios/attach/exec-command.ts';

const FAKE = fileURLToPath(new URL('fake-adapter.mjs', import.meta.url));
const REFERENCE = fileURLToPath(new URL('../../scenarios/attach/exec-reference-adapter.ts', import.meta.url));

const base = { suite: 'test', env: adapterEnvironment(process.env) };

/** The fake adapter in a mode of `fake-adapter.mjs`. */
export function fakeOptions(mode: string): AdapterOptions {
  return { ...base, command: [process.execPath, FAKE, mode] };
}

/** The command line that starts the reference adapter from source. */
export const REFERENCE_COMMAND: readonly string[] = [process.execPath, '--import', 'tsx', REFERENCE];

/** The reference engine behind its adapter. */
export function referenceOptions(): AdapterOptions {
  return { ...base, command: REFERENCE_COMMAND };
}

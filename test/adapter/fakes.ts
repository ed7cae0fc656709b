/** How the tests start adapters: the fake in one of its modes, and the reference engine's. */
import { fileURLToPath } from 'node:url';
import { compiled } from './compiled.ts';
import type { AdapterOptions } from '../../scenarios/attach/exec-adapter.ts';
import { adapterEnvironment } from '../../scenarios/attach/exec-command.ts';

const FAKE = fileURLToPath(new URL('fake-adapter.js', import.meta.url));
const REFERENCE = fileURLToPath(new URL('../../scenarios/attach/exec-reference-adapter.ts', import.meta.url));

const base = { suite: 'test', env: adapterEnvironment(process.env) };

/** The fake adapter in a mode of `fake-adapter.js`. */
export function fakeOptions(mode: string): AdapterOptions {
  return { ...base, command: [process.execPath, FAKE, mode] };
}

/** The reference engine behind its adapter. */
export function referenceOptions(): AdapterOptions {
  return { ...base, command: [process.execPath, compiled(REFERENCE)] };
}

const TAMPERED = fileURLToPath(new URL('tampered-adapter.ts', import.meta.url));

/** The reference adapter, tampered with in a mode of `tampered-adapter.ts`. */
export function tamperedOptions(mode: string): AdapterOptions {
  return { ...base, command: [process.execPath, compiled(TAMPERED), mode] };
}

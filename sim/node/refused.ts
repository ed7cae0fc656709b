/**
 * Stand-ins for what a virtual host does not have: they can be imported, looked at and inherited from, and throw when called.
 */
import { notVirtual } from './system-errors.ts';

/** A module with the same names: constants stay, functions and classes throw `ERR_SIM_NOT_VIRTUAL` when used. */
export function refused(name: string, real: object): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.getOwnPropertyNames(real)) {
    const descriptor = Object.getOwnPropertyDescriptor(real, key);
    if (descriptor === undefined || !('value' in descriptor)) continue;
    const value: unknown = descriptor.value;
    copy[key] = typeof value === 'function' ? refusedFunction(`${name}.${key}`) : value;
  }
  return copy;
}

/** A function, or a class, that throws. */
export function refusedFunction(what: string, instead?: string): () => never {
  return function refusedCall(): never {
    throw notVirtual(what, instead);
  };
}

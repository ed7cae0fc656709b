/**
 * The error of a call that this side got wrong: an argument, an id, a size. Peer mistakes are never thrown, they are results.
 *
 * `code` is one of the catalogue in `spec/errors.ts`, `clause` the sentence that was broken; the message names value and limit.
 */
import type { ErrorCodeName } from '../../spec/errors.ts';

/** ERR-001: a refused call. */
export class LocalProtocolError extends Error {
  override readonly name = 'LocalProtocolError';
  readonly code: ErrorCodeName;
  readonly clause: string;

  constructor(code: ErrorCodeName, clause: string, message: string) {
    super(`${message} (${code}, ${clause})`);
    this.code = code;
    this.clause = clause;
  }
}

/** A short form of any value for an error message. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  if (typeof value === 'bigint') return `${value.toString()}n`;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Map) return `a Map of ${value.size}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}

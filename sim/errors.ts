/**
 * The one error class of the simulator. What a network may do (refuse, reset, lose) is never an error here; errors are
 * for wrong calls, broken determinism and runs that cannot end.
 */

/**
 * - `usage`: a call or option is wrong; the message says what to give instead.
 * - `guard`: code inside a run asked the real machine for time, randomness or a timer.
 * - `deadlock`: nothing is left to happen and the scenario still waits.
 * - `timeLimit`, `eventLimit`: the run went on beyond its limit.
 */
export type SimErrorCode = 'usage' | 'guard' | 'deadlock' | 'timeLimit' | 'eventLimit';

/** What the simulator throws; `code` is for programs, `message` for people. */
export class SimError extends Error {
  readonly code: SimErrorCode;

  constructor(code: SimErrorCode, message: string) {
    super(message);
    this.name = 'SimError';
    this.code = code;
  }
}

/** A wrong call or option. */
export function usageError(message: string): SimError {
  return new SimError('usage', message);
}

/** Throws unless `value` is an integer from `min` to `max`. */
export function checkInteger(name: string, value: number, min: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw usageError(`${name} is ${value}; give an integer from ${min} to ${max}`);
  }
}

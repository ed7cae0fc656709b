/**
 * Turns whatever ended a run into an outcome and a failure for the report. Pure.
 *
 * The implementation is at fault only for what a check, a wait or its own exception shows; anything that the harness or a
 * scenario threw by itself is a fault of the harness.
 */
import { SimError } from '../../sim/index.ts';
import type { Failure, Outcome } from '../../reports/model.ts';
import {
  AdapterCrashed,
  AdapterFault,
  CheckFailed,
  Declined,
  HarnessFault,
  ImplementationCrashed,
  NotApplicable,
  TimeLimitReached,
} from '../attach/failures.ts';

export type Ended = { readonly outcome: Outcome; readonly failure?: Failure; readonly reason?: string };

/** What an error of a run means. */
export function endedBy(error: unknown): Ended {
  if (error instanceof CheckFailed) return { outcome: 'fail', failure: { message: error.message, ...error.details } };
  if (error instanceof NotApplicable) return { outcome: 'not-applicable', reason: error.message };
  if (error instanceof Declined) return { outcome: 'declined', reason: error.message };
  if (error instanceof AdapterFault) {
    const outcome = error instanceof AdapterCrashed ? 'crash' : 'adapter-fault';
    return { outcome, failure: { message: error.message, stderr: error.stderr } };
  }
  if (error instanceof TimeLimitReached) return { outcome: 'timeout', failure: { message: error.message } };
  if (error instanceof ImplementationCrashed) return { outcome: 'crash', failure: withStack(error) };
  if (error instanceof SimError) return endedBySim(error);
  if (error instanceof HarnessFault) return { outcome: 'harness-fault', failure: withStack(error) };
  if (error instanceof Error) return endedByOther(error);
  return { outcome: 'harness-fault', failure: { message: `something that is no error was thrown: ${String(error)}` } };
}

function endedBySim(error: SimError): Ended {
  switch (error.code) {
    case 'deadlock':
    case 'timeLimit':
    case 'eventLimit':
      return { outcome: 'timeout', failure: { message: error.message } };
    case 'guard':
    case 'usage':
      return { outcome: 'harness-fault', failure: withStack(error) };
  }
}

function endedByOther(error: Error): Ended {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  if (code?.startsWith('E_') === true) {
    // A call of the implementation failed where the scenario expected it to succeed.
    const message = `a call failed unexpectedly with ${code}: ${error.message}`;
    const failure = { message, expected: 'success', actual: code };
    return { outcome: 'fail', failure: error.stack === undefined ? failure : { ...failure, stack: error.stack } };
  }
  return { outcome: thrownByEngine(error) ? 'crash' : 'harness-fault', failure: withStack(error) };
}

function withStack(error: Error): Failure {
  const message = error.message === '' ? error.name : error.message;
  return error.stack === undefined ? { message } : { message, stack: error.stack };
}

/** Whether the innermost frame that is ours lies in the engine. */
function thrownByEngine(error: Error): boolean {
  const ours = (error.stack ?? '')
    .split('\n')
    .find((line) => /\/(impl|scenarios|sim|spec)\/[\w-]/.test(line) && !line.includes('node_modules'));
  return ours !== undefined && /\/impl\/[\w-]/.test(ours);
}

/**
 * What to do about promises that reject with nobody waiting for them.
 *
 * A body that fails leaves its other calls and waits behind; those reject when the run is torn down, and they say nothing
 * new. Any other unhandled rejection is a fault of the engine or the harness and ends the process, as Node would.
 */
import { CheckFailed, HarnessFault } from '../attach/failures.ts';

/** Installs the policy for this thread. */
export function tolerateLateRejections(): void {
  process.on('unhandledRejection', (reason) => {
    const isAbandonedCheck = reason instanceof CheckFailed || reason instanceof HarnessFault;
    const isAbandonedCall = reason instanceof Error && 'code' in reason && String(reason.code).startsWith('E_');
    if (!isAbandonedCheck && !isAbandonedCall) throw reason;
  });
}

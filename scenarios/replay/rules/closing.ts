/** When a side that has to close counts as having failed to: the one measure all rules about closing share. */
import type { Facts } from '../facts.ts';
import type { ConnectionEnd, Place } from '../judged.ts';
import { secondsBetween } from '../wording.ts';

/** A side that has to close "then" gets this long, which covers handlers, retransmissions and slow machines; seconds. */
export const CLOSE_GRACE_SECS = 5;

/**
 * True unless it is certain that the side failed to close: nothing can be said when the other side closed first with an
 * RST, when the capture ended soon after, or when the connection was lost sight of.
 */
export function closesWithin(facts: Facts, end: ConnectionEnd, side: 'client' | 'server', cause: Place): boolean {
  const closed = facts[side].closed;
  if (closed !== undefined) return secondsBetween(cause, closed) <= CLOSE_GRACE_SECS;
  if (end.how !== 'captureEnd') return true;
  return secondsBetween(cause, end) <= CLOSE_GRACE_SECS;
}

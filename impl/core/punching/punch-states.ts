/**
 * An attempt over UDP as a table: state x input -> next state. What goes out in each state is `punching.ts`.
 *
 * A pair that is not in the table changes nothing.
 */
export const PUNCH_STATES = [
  /** The peer has not said where it is, or the own NAT is still being measured. */
  'waiting',
  /** Probes are under way; nothing came back. */
  'probing',
  /** A probe of the peer came in: the way from there to here works. */
  'heard',
  /** A probe of ours was acknowledged: the way works in both directions. */
  'acknowledged',
  /** What runs over the way is up. */
  'connected',
  'failed',
] as const;
export type PunchState = (typeof PUNCH_STATES)[number];

export const PUNCH_INPUTS = ['bothKnown', 'heard', 'acknowledged', 'connected', 'overdue', 'giveUp'] as const;
export type PunchInput = (typeof PUNCH_INPUTS)[number];

export const PUNCH_MOVES: Readonly<Record<PunchState, Readonly<Partial<Record<PunchInput, PunchState>>>>> = {
  waiting: { bothKnown: 'probing', heard: 'heard', overdue: 'failed', giveUp: 'failed' },
  probing: {
    heard: 'heard',
    acknowledged: 'acknowledged',
    connected: 'connected',
    overdue: 'failed',
    giveUp: 'failed',
  },
  heard: { acknowledged: 'acknowledged', connected: 'connected', overdue: 'failed', giveUp: 'failed' },
  acknowledged: { connected: 'connected', overdue: 'failed', giveUp: 'failed' },
  connected: {},
  failed: {},
};

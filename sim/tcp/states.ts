/**
 * The TCP states of RFC 9293 section 3.3.2 and the moves between them, as data. Segments, timers and buffers are elsewhere.
 */

/** LISTEN belongs to listeners, which are no connections; it has no number here. */
export const TCP_STATE = {
  closed: 0,
  synSent: 1,
  synReceived: 2,
  established: 3,
  finWait1: 4,
  finWait2: 5,
  closeWait: 6,
  closing: 7,
  lastAck: 8,
  timeWait: 9,
} as const;

export type TcpState = (typeof TCP_STATE)[keyof typeof TCP_STATE];

export const TCP_STATE_NAMES = [
  'CLOSED',
  'SYN-SENT',
  'SYN-RECEIVED',
  'ESTABLISHED',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'CLOSE-WAIT',
  'CLOSING',
  'LAST-ACK',
  'TIME-WAIT',
] as const;

/**
 * What moves a connection on.
 * - `synReceived`: a SYN without ACK crossed ours (simultaneous open).
 * - `handshakeDone`: both SYNs are acknowledged.
 * - `finSent`: all data was sent and our FIN with it.
 * - `finReceived`: the peer's FIN is next in order.
 * - `finAcked`: the peer acknowledged our FIN.
 * - `expired`: 2 MSL are over.
 */
export type TcpMove = 'synReceived' | 'handshakeDone' | 'finSent' | 'finReceived' | 'finAcked' | 'expired';

type Moves = Readonly<Partial<Record<TcpMove, TcpState>>>;

/** State x move. A pair that is missing here cannot happen. A reset or a timeout leads to CLOSED from everywhere. */
export const TCP_MOVES: readonly Moves[] = [
  /* CLOSED       */ {},
  /* SYN-SENT     */ { synReceived: TCP_STATE.synReceived, handshakeDone: TCP_STATE.established },
  /* SYN-RECEIVED */ { handshakeDone: TCP_STATE.established },
  /* ESTABLISHED  */ { finSent: TCP_STATE.finWait1, finReceived: TCP_STATE.closeWait },
  /* FIN-WAIT-1   */ { finAcked: TCP_STATE.finWait2, finReceived: TCP_STATE.closing },
  /* FIN-WAIT-2   */ { finReceived: TCP_STATE.timeWait },
  /* CLOSE-WAIT   */ { finSent: TCP_STATE.lastAck },
  /* CLOSING      */ { finAcked: TCP_STATE.timeWait },
  /* LAST-ACK     */ { finAcked: TCP_STATE.closed },
  /* TIME-WAIT    */ { expired: TCP_STATE.closed },
];

/** States in which data of the peer is taken. */
export const TAKES_DATA: readonly boolean[] = [false, false, false, true, true, true, false, false, false, false];

/** States in which data of ours, or our FIN, may be on its way for the first time. */
export const SENDS_DATA: readonly boolean[] = [false, false, false, true, false, false, true, false, false, false];

/** States in which the peer is known to know of the connection. */
export const IS_SYNCHRONIZED: readonly boolean[] = [false, false, false, true, true, true, true, true, true, true];

/**
 * A reliable-UDP connection as a table: state x input -> next state and what to do, in order.
 *
 * It does nothing itself. A pair that is not in the table changes nothing.
 */
export const RUDP_STATES = [
  /** Made, not started; a Syn of the peer starts it. */
  'idle',
  /** Syn sent. */
  'connecting',
  /** The peer's Syn came and was answered; whether the peer heard that is not known yet. */
  'answered',
  'open',
  /** This side closed; its rest and its Fin are under way. */
  'closing',
  /** Our Fin is acknowledged; the peer's is still to come. */
  'ended',
  /** The peer's Fin came; our rest and our Fin are under way. */
  'peerEnded',
  /** Both streams are over; repeated Fins of the peer are still acknowledged. */
  'lingering',
  'closed',
] as const;
export type RudpState = (typeof RUDP_STATES)[number];

export const RUDP_INPUTS = [
  'start',
  'syn',
  'synAck',
  /** A datagram that only somebody who has our identity can send. */
  'confirmed',
  /** The token is right and our identity is echoed, but the sender is another than our peer. */
  'strangerConfirmed',
  'handshakeOverdue',
  'close',
  'finAcked',
  'peerFin',
  'abort',
  'peerAborted',
  'silent',
  'violated',
  'lingerOver',
] as const;
export type RudpInput = (typeof RUDP_INPUTS)[number];

export type RudpAction =
  | 'sendSyn'
  | 'adoptPeer'
  | 'sendSynAck'
  | 'sendConfirm'
  | 'sendAbort'
  | 'reportConnected'
  /** Close as soon as the connection is open. */
  | 'rememberClose'
  | 'queueFin'
  | 'reportClosed';

export type RudpMove = { readonly to: RudpState; readonly actions: readonly RudpAction[] };

const move = (to: RudpState, ...actions: RudpAction[]): RudpMove => ({ to, actions });

/** Ends that are the same in every state with a peer. */
const ends = {
  strangerConfirmed: move('closed', 'sendAbort', 'reportClosed'),
  abort: move('closed', 'sendAbort', 'reportClosed'),
  peerAborted: move('closed', 'reportClosed'),
  silent: move('closed', 'reportClosed'),
  violated: move('closed', 'sendAbort', 'reportClosed'),
} as const;

/** The table. What `reportClosed` reports is said by the input. */
export const RUDP_MOVES: Readonly<Record<RudpState, Readonly<Partial<Record<RudpInput, RudpMove>>>>> = {
  idle: {
    start: move('connecting', 'sendSyn'),
    syn: move('answered', 'adoptPeer', 'sendSynAck'),
    close: move('closed', 'reportClosed'),
    abort: move('closed', 'reportClosed'),
  },
  connecting: {
    syn: move('answered', 'adoptPeer', 'sendSynAck'),
    synAck: move('open', 'adoptPeer', 'sendConfirm', 'reportConnected'),
    handshakeOverdue: move('closed', 'reportClosed'),
    close: move('connecting', 'rememberClose'),
    abort: move('closed', 'reportClosed'),
    peerAborted: move('closed', 'reportClosed'),
  },
  answered: {
    syn: move('answered', 'adoptPeer', 'sendSynAck'),
    synAck: move('open', 'adoptPeer', 'sendConfirm', 'reportConnected'),
    confirmed: move('open', 'reportConnected'),
    handshakeOverdue: move('closed', 'reportClosed'),
    close: move('answered', 'rememberClose'),
    abort: move('closed', 'sendAbort', 'reportClosed'),
    peerAborted: move('closed', 'reportClosed'),
  },
  open: {
    syn: move('open', 'sendSynAck'),
    synAck: move('open', 'sendConfirm'),
    close: move('closing', 'queueFin'),
    peerFin: move('peerEnded', 'queueFin'),
    ...ends,
  },
  closing: {
    syn: move('closing', 'sendSynAck'),
    synAck: move('closing', 'sendConfirm'),
    finAcked: move('ended'),
    peerFin: move('peerEnded'),
    ...ends,
  },
  ended: {
    syn: move('ended', 'sendSynAck'),
    synAck: move('ended', 'sendConfirm'),
    peerFin: move('lingering', 'reportClosed'),
    ...ends,
  },
  peerEnded: {
    syn: move('peerEnded', 'sendSynAck'),
    synAck: move('peerEnded', 'sendConfirm'),
    finAcked: move('lingering', 'reportClosed'),
    ...ends,
  },
  lingering: {
    lingerOver: move('closed'),
    abort: move('closed'),
    peerAborted: move('closed'),
  },
  closed: {},
};

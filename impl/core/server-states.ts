/**
 * One connection at the server as a table: state x input -> next state and what to do, in order.
 *
 * It does nothing itself; see `client-states.ts` for the rules of doing. A user's end is said by `unbind` with its reason.
 */
import { DisconnectedType } from '../../spec/errors.ts';
import type { DisconnectedTypeValue } from '../../spec/errors.ts';

export const SERVER_STATES = [
  /** Nobody yet: only a logon is taken. */
  'unbound',
  /** The application, or the order of logons, decides; what arrives is held. */
  'deciding',
  'bound',
  /** Timed out; the application's handlers have not finished (HBT-008). */
  'leaving',
  /** Over for the engine; the socket may still be closing. */
  'closed',
] as const;
export type ServerState = (typeof SERVER_STATES)[number];

export const SERVER_INPUTS = [
  'logon',
  'message',
  'accepted',
  'refused',
  'invalid',
  'wrongUser',
  /** FIN, or the end of the connection for any reason. */
  'peerEnded',
  'logonOverdue',
  'heartbeatTimedOut',
  'timeoutHandled',
  'kick',
  'replaced',
  'overflow',
  'stuck',
  'close',
] as const;
export type ServerInput = (typeof SERVER_INPUTS)[number];

export type ServerAction =
  | 'decide'
  | 'hold'
  | 'bind'
  | 'dispatch'
  | 'answerHadLoggedOn'
  | 'logStranger'
  | 'notifyKickedOut'
  | 'notifyPushedOut'
  | 'end'
  | 'abort'
  | 'raiseInvalid'
  | 'raiseTimedOut'
  | 'unbind'
  | 'reportCount';

export type ServerMove = {
  readonly to: ServerState;
  readonly actions: readonly ServerAction[];
  /** For `unbind`. */
  readonly reason?: DisconnectedTypeValue;
};

const move = (to: ServerState, ...actions: ServerAction[]): ServerMove => ({ to, actions });
/** A user leaves: close first, tell afterwards (SEC-001, HBT-008). */
const leave = (reason: DisconnectedTypeValue, ...actions: ServerAction[]): ServerMove => ({
  to: 'closed',
  actions: [...actions, 'unbind', 'reportCount'],
  reason,
});
/** The same user comes back in the same breath, so the count has not changed (REL-014). */
const replace = (reason: DisconnectedTypeValue): ServerMove => ({
  to: 'closed',
  actions: ['notifyPushedOut', 'end', 'unbind'],
  reason,
});

/** The table. */
export const SERVER_MOVES: Readonly<Record<ServerState, Readonly<Partial<Record<ServerInput, ServerMove>>>>> = {
  unbound: {
    logon: move('deciding', 'decide'),
    message: move('closed', 'logStranger', 'end'),
    invalid: move('closed', 'end', 'raiseInvalid'),
    peerEnded: move('closed', 'end'),
    logonOverdue: move('closed', 'end'),
    overflow: move('closed', 'abort'),
    stuck: move('closed', 'abort'),
    close: move('closed', 'end'),
  },
  deciding: {
    logon: move('deciding', 'hold'),
    message: move('deciding', 'hold'),
    invalid: move('deciding', 'hold'),
    accepted: move('bound', 'bind'),
    refused: move('closed', 'end'),
    peerEnded: move('closed', 'end'),
    logonOverdue: move('closed', 'end'),
    overflow: move('closed', 'abort'),
    stuck: move('closed', 'abort'),
    close: move('closed', 'end'),
  },
  bound: {
    logon: move('bound', 'answerHadLoggedOn'),
    message: move('bound', 'dispatch'),
    invalid: leave(DisconnectedType.InvalidMessage, 'end', 'raiseInvalid'),
    wrongUser: leave(DisconnectedType.MessageWithWrongUserID, 'end'),
    peerEnded: leave(DisconnectedType.NetworkInterrupted, 'end'),
    heartbeatTimedOut: move('leaving', 'raiseTimedOut'),
    kick: leave(DisconnectedType.BeingPushedOut, 'notifyKickedOut', 'end'),
    replaced: replace(DisconnectedType.BeingPushedOut),
    overflow: leave(DisconnectedType.ChannelCacheOverflow, 'abort'),
    stuck: leave(DisconnectedType.NetworkInterrupted, 'abort'),
    close: move('closed', 'end'),
  },
  leaving: {
    timeoutHandled: leave(DisconnectedType.HeartBeatTimeout, 'end'),
    peerEnded: leave(DisconnectedType.HeartBeatTimeout, 'end'),
    kick: leave(DisconnectedType.HeartBeatTimeout, 'notifyKickedOut', 'end'),
    replaced: replace(DisconnectedType.HeartBeatTimeout),
    overflow: leave(DisconnectedType.HeartBeatTimeout, 'abort'),
    stuck: leave(DisconnectedType.HeartBeatTimeout, 'abort'),
    close: move('closed', 'end'),
  },
  closed: {},
};

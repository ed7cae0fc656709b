/**
 * A client's connection as a table: state x input -> next state and what to do, in order.
 *
 * It does nothing itself. The engine takes the state first and then does the actions; user code called by one may move the
 * state on, and then the rest of the list is void. A pair that is not in the table changes nothing.
 */

export const CLIENT_STATES = [
  /** Never initialized, or the first logon did not succeed. */
  'idle',
  /** First TCP connection under way. */
  'connecting',
  /** First logon sent. */
  'loggingOn',
  'online',
  /** Connection lost; the next attempt is due later. */
  'waiting',
  /** TCP connection of a reconnect under way. */
  'reconnecting',
  /** Logon of a reconnect sent. */
  'relogging',
  /** Ended without `close`: pushed out, kicked out, relogon refused, lost without reconnect. May be initialized again. */
  'ended',
  /** `close` was called: for good. */
  'closed',
] as const;
export type ClientState = (typeof CLIENT_STATES)[number];

/** `...ForGood`: the same with autoReconnect off. */
export const CLIENT_INPUTS = [
  'initialize',
  'connected',
  'connectFailed',
  'logonSucceeded',
  'logonRefused',
  'logonTimedOut',
  'lost',
  'lostForGood',
  'invalid',
  'invalidForGood',
  'pushedOut',
  'kickedOut',
  'breakNow',
  'breakLater',
  'breakForGood',
  'retryDue',
  'close',
] as const;
export type ClientInput = (typeof CLIENT_INPUTS)[number];

export type ClientAction =
  | 'connect'
  | 'sendLogon'
  | 'drop'
  | 'startSession'
  | 'endSession'
  | 'scheduleRetry'
  | 'cancelRetry'
  | 'resolveInitialize'
  | 'failConnect'
  | 'failTimeout'
  | 'failClosed'
  | 'raiseInvalid'
  | 'raiseInterrupted'
  /** Interrupted, then rebuild start: one step, so that nothing a handler does can part them (RCN-001). */
  | 'raiseOutage'
  | 'raiseRelogonCompleted'
  | 'raisePushedOut'
  | 'raiseKickedOut';

export type ClientMove = { readonly to: ClientState; readonly actions: readonly ClientAction[] };

const move = (to: ClientState, ...actions: ClientAction[]): ClientMove => ({ to, actions });

/** The table. `drop` ends the TCP connection; `endSession` stops the heartbeat and fails what waits (RCN-006). */
export const CLIENT_MOVES: Readonly<Record<ClientState, Readonly<Partial<Record<ClientInput, ClientMove>>>>> = {
  idle: {
    initialize: move('connecting', 'connect'),
    close: move('closed'),
  },
  connecting: {
    connected: move('loggingOn', 'sendLogon'),
    connectFailed: move('idle', 'failConnect'),
    close: move('closed', 'drop', 'failClosed'),
  },
  loggingOn: {
    logonSucceeded: move('online', 'startSession', 'resolveInitialize'),
    logonRefused: move('idle', 'drop', 'resolveInitialize'),
    logonTimedOut: move('idle', 'drop', 'failTimeout'),
    lost: move('idle', 'failConnect'),
    lostForGood: move('idle', 'failConnect'),
    invalid: move('idle', 'drop', 'failConnect', 'raiseInvalid'),
    invalidForGood: move('idle', 'drop', 'failConnect', 'raiseInvalid'),
    close: move('closed', 'drop', 'failClosed'),
  },
  online: {
    lost: move('waiting', 'endSession', 'scheduleRetry', 'raiseOutage'),
    lostForGood: move('ended', 'endSession', 'raiseInterrupted'),
    invalid: move('waiting', 'drop', 'endSession', 'scheduleRetry', 'raiseInvalid', 'raiseOutage'),
    invalidForGood: move('ended', 'drop', 'endSession', 'raiseInvalid', 'raiseInterrupted'),
    pushedOut: move('ended', 'drop', 'endSession', 'raisePushedOut'),
    kickedOut: move('ended', 'drop', 'endSession', 'raiseKickedOut'),
    breakNow: move('reconnecting', 'drop', 'endSession', 'raiseOutage', 'connect'),
    breakLater: move('waiting', 'drop', 'endSession', 'scheduleRetry', 'raiseOutage'),
    breakForGood: move('ended', 'drop', 'endSession', 'raiseInterrupted'),
    close: move('closed', 'drop', 'endSession'),
  },
  waiting: {
    retryDue: move('reconnecting', 'connect'),
    breakNow: move('reconnecting', 'cancelRetry', 'connect'),
    close: move('closed', 'cancelRetry'),
  },
  reconnecting: {
    connected: move('relogging', 'sendLogon'),
    connectFailed: move('waiting', 'scheduleRetry'),
    close: move('closed', 'drop'),
  },
  relogging: {
    logonSucceeded: move('online', 'startSession', 'raiseRelogonCompleted'),
    logonRefused: move('ended', 'drop', 'raiseRelogonCompleted'),
    logonTimedOut: move('waiting', 'drop', 'scheduleRetry'),
    lost: move('waiting', 'scheduleRetry'),
    lostForGood: move('waiting', 'scheduleRetry'),
    invalid: move('waiting', 'drop', 'scheduleRetry', 'raiseInvalid'),
    invalidForGood: move('waiting', 'drop', 'scheduleRetry', 'raiseInvalid'),
    close: move('closed', 'drop'),
  },
  ended: {
    initialize: move('connecting', 'connect'),
    close: move('closed'),
  },
  closed: {},
};

/**
 * The errors an application can see: one base class with code and clause, subclasses under the manual's names.
 *
 * Nothing here is thrown for what a peer does; see `TimeoutException` and friends for the ends of a wait.
 */

/** Every code an engine's error can carry. ERR-001 */
export type ErrorCode =
  | 'E_TIMEOUT'
  | 'E_HANDLING'
  | 'E_DISCONNECTED'
  | 'E_CONNECT'
  | 'E_ADDRINUSE'
  | 'E_NOT_INITIALIZED'
  | 'E_CLOSED'
  | 'E_USER_ID'
  | 'E_MESSAGE_SIZE'
  | 'E_ARGUMENT'
  | 'E_SETTING_LATE';

/** Base of all errors of the engine: a code, the clause it follows from, a message naming value and limit. ERR-001 */
export class EngineError extends Error {
  override readonly name: string = 'EngineError';
  readonly code: ErrorCode;
  readonly clause: string;

  constructor(code: ErrorCode, clause: string, message: string) {
    super(message);
    this.code = code;
    this.clause = clause;
  }
}

/** The caller's fault: a bad argument, a call at the wrong time. Fix the call. ERR-001 */
export class LocalProtocolError extends EngineError {
  override readonly name = 'LocalProtocolError';
}

/** No reply in time; the message is the manual's. QRY-004 */
export class TimeoutException extends EngineError {
  override readonly name = 'TimeoutException';

  constructor(clause = 'QRY-004') {
    super('E_TIMEOUT', clause, 'Timeout waiting for reply !');
  }
}

/** The other side's `handleQuery` threw. QRY-003 */
export class HandingException extends EngineError {
  override readonly name = 'HandingException';

  /** @param handlingUserID - Who was asked; `_0` for the server. */
  constructor(handlingUserID: string, informationType: number) {
    super(
      'E_HANDLING',
      'QRY-003',
      `There is an exception occured when ${handlingUserID} handing the query of ${informationType}.`,
    );
  }
}

/** The connection is, or went, down; the message is the manual's. RCN-006 */
export class DisconnectedException extends EngineError {
  override readonly name = 'DisconnectedException';

  constructor(clause = 'RCN-006') {
    super('E_DISCONNECTED', clause, 'Network connection is disconnected !');
  }
}

/** The connection to the server, or the listening port, could not be had. LOG-007, ENG-006 */
export class ConnectException extends EngineError {
  override readonly name = 'ConnectException';
}

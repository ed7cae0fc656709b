/**
 * The errors an application can see: all carry `code`, `clause` and a message naming value and limit (ERR-001).
 *
 * A refused call gives `LocalProtocolError`; the ends of a wait have classes of their own, under the manual's names (ERR-002).
 */
import type { ErrorCodeName } from '../../spec/errors.ts';
import { LocalProtocolError } from '../wire/local-error.ts';

export { LocalProtocolError } from '../wire/local-error.ts';
export type { ErrorCodeName as ErrorCode } from '../../spec/errors.ts';

/** A wait that ended without what was waited for. */
export class EngineError extends Error {
  override readonly name: string = 'EngineError';
  readonly code: ErrorCodeName;
  readonly clause: string;

  constructor(code: ErrorCodeName, clause: string, message: string) {
    super(message);
    this.code = code;
    this.clause = clause;
  }
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

/** A call asks for a peer-to-peer channel and there is none. P2P-062 */
export function noChannelError(userID: string): LocalProtocolError {
  const text = `there is no channel to ${userID}; make one with p2pController.p2pConnectAsyn and wait for p2pChannelOpened`;
  return new LocalProtocolError('E_NO_CHANNEL', 'P2P-062', text);
}

/** The connection to the server, or the listening port, could not be had. LOG-007, ENG-006 */
export class ConnectException extends EngineError {
  override readonly name = 'ConnectException';
}

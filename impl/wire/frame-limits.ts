/** The two limits of a connection, and the check that they make sense. Both ends must have the same (LIM-004). */
import { headerBytes, MESSAGE_BYTES_HIGHEST, USER_ID_BYTES_HIGHEST, USER_ID_BYTES_LOWEST } from '../../spec/limits.ts';
import { describeValue, LocalProtocolError } from './local-error.ts';

/** The limits both ends must agree on. */
export type FrameLimits = {
  /** N, bytes, 1 to 255. */
  readonly userIdBytesMax: number;
  /** Bytes, header included; at least a header. */
  readonly messageBytesMax: number;
};

/**
 * Refuses a value that is no integer in the range.
 * @throws LocalProtocolError E_ARGUMENT naming value, range and clause
 */
export function integerIn(what: string, clause: string, value: number, lowest: number, highest: number): void {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return;
  const wanted = `must be an integer from ${lowest} to ${highest}`;
  throw new LocalProtocolError('E_ARGUMENT', clause, `${what} ${wanted}, got ${describeValue(value)}`);
}

/**
 * Refuses limits outside LIM-002, or below what a header takes.
 * @throws LocalProtocolError E_ARGUMENT
 */
export function checkLimits({ userIdBytesMax, messageBytesMax }: FrameLimits): void {
  integerIn('userIdBytesMax', 'LIM-002', userIdBytesMax, USER_ID_BYTES_LOWEST, USER_ID_BYTES_HIGHEST);
  integerIn('messageBytesMax', 'LIM-005', messageBytesMax, headerBytes(userIdBytesMax), MESSAGE_BYTES_HIGHEST);
}

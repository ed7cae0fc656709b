/** Checks of what the application passes in; each throws a LocalProtocolError naming value, limit and clause (ERR-001). */
import { SYSTEM_ID_PREFIX, USER_ID_BYTES_HIGHEST, USER_ID_BYTES_LOWEST } from '../../spec/limits.ts';
import { describeValue, LocalProtocolError, utf8Length } from '../wire/index.ts';

const refuse = (clause: string, what: string): LocalProtocolError => new LocalProtocolError('E_ARGUMENT', clause, what);

/** A UserID that a user may have, at most `bytesMax` bytes of UTF-8 (LIM-003). @throws LocalProtocolError `E_USER_ID` */
export function checkUserId(userID: string, bytesMax: number): void {
  const length = typeof userID === 'string' ? utf8Length(userID) : -1;
  let problem: string | undefined;
  if (length < 0) problem = 'is not a string with a UTF-8 form';
  else if (length === 0) problem = 'is empty';
  else if (userID.startsWith(SYSTEM_ID_PREFIX)) problem = `starts with ${SYSTEM_ID_PREFIX}, which is the system's`;
  else if (length > bytesMax)
    problem = `takes ${length} bytes, the limit is ${bytesMax}; raise maxLengthOfUserID on both ends`;
  if (problem !== undefined) {
    throw new LocalProtocolError('E_USER_ID', 'LIM-003', `UserID ${describeValue(userID)} ${problem}`);
  }
}

/** Any int32 (CUS-012). */
export function checkInformationType(informationType: number): void {
  if ((informationType | 0) !== informationType) {
    throw refuse('CUS-012', `informationType must be a signed 32-bit integer, got ${describeValue(informationType)}`);
  }
}

/** Bytes or null; undefined counts as null. */
export function checkInfo(info: Uint8Array | null | undefined): Uint8Array | null {
  if (info === null || info === undefined) return null;
  if (info instanceof Uint8Array) return info;
  throw refuse('CUS-012', `information must be a Uint8Array or null, got ${describeValue(info)}`);
}

/** An integer within a range. */
export function checkInteger(what: string, clause: string, value: number, lowest: number, highest: number): void {
  if (Number.isInteger(value) && value >= lowest && value <= highest) return;
  throw refuse(clause, `${what} must be an integer from ${lowest} to ${highest}, got ${describeValue(value)}`);
}

/** N (LIM-002). */
export function checkUserIdBytesMax(value: number): void {
  checkInteger(
    'the maximum length of a UserID in bytes',
    'LIM-002',
    value,
    USER_ID_BYTES_LOWEST,
    USER_ID_BYTES_HIGHEST,
  );
}

/** Any finite number of seconds. */
export function checkSecs(what: string, value: number): void {
  if (typeof value === 'number' && Number.isFinite(value)) return;
  throw refuse('ENG-003', `${what} must be a finite number of seconds, got ${describeValue(value)}`);
}

/** A string or null; undefined counts as null. */
export function checkText(what: string, value: string | null | undefined): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' && utf8Length(value) >= 0) return value;
  throw refuse('ERR-001', `${what} must be a string with a UTF-8 form, or null; got ${describeValue(value)}`);
}

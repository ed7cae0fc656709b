/**
 * Defaults for engines made afterwards, as the manual's GlobalUtil has them (LIM-002, LIM-005, LOG-006).
 *
 * An engine copies them when it is made; later changes do not reach it (LIM-011). Prefer an engine's own settings.
 */
import {
  AUTHORIZED_USER_DEFAULT,
  headerBytes,
  MESSAGE_BYTES_HIGHEST,
  MESSAGE_BYTES_MAX_DEFAULT,
  USER_ID_BYTES_MAX_DEFAULT,
  VERSION_DEFAULT,
} from '../../spec/limits.ts';
import { checkInteger, checkText, checkUserIdBytesMax } from './arguments.ts';

/** What both kinds of engine must agree on. */
export type CommonDefaults = {
  maxLengthOfUserID: number;
  maxLengthOfMessage: number;
  authorizedUser: string;
  version: number;
};

const defaults: CommonDefaults = {
  maxLengthOfUserID: USER_ID_BYTES_MAX_DEFAULT,
  maxLengthOfMessage: MESSAGE_BYTES_MAX_DEFAULT,
  authorizedUser: AUTHORIZED_USER_DEFAULT,
  version: VERSION_DEFAULT,
};

/** The defaults as they are now. */
export function commonDefaults(): CommonDefaults {
  return { ...defaults };
}

/** The longest message: at least a header, at most what the body length can say (LIM-005). */
export function checkMessageBytesMax(value: number): void {
  checkInteger('the maximum length of a message in bytes', 'LIM-005', value, headerBytes(1), MESSAGE_BYTES_HIGHEST);
}

export const globalUtil = {
  get maxLengthOfUserID(): number {
    return defaults.maxLengthOfUserID;
  },
  get maxLengthOfMessage(): number {
    return defaults.maxLengthOfMessage;
  },
  /** @param bytes - 1 to 255, the same on both ends. @throws LocalProtocolError `E_ARGUMENT` (LIM-002) */
  setMaxLengthOfUserID(bytes: number): void {
    checkUserIdBytesMax(bytes);
    defaults.maxLengthOfUserID = bytes;
  },
  /** @param bytes - Header included. @throws LocalProtocolError `E_ARGUMENT` (LIM-005) */
  setMaxLengthOfMessage(bytes: number): void {
    checkMessageBytesMax(bytes);
    defaults.maxLengthOfMessage = bytes;
  },
  /** The authorised account; the password is the vendor's licence and has no use here. (LOG-006) */
  setAuthorizedUser(userID: string, _password?: string): void {
    defaults.authorizedUser = checkText('the authorized user', userID) ?? AUTHORIZED_USER_DEFAULT;
  },
} as const;

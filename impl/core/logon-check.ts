/**
 * What a server checks in a logon before it asks the application: the UserID, the version, the account (LOG-006, SEC-010).
 *
 * Order: UserID first, because nothing can be said about a user without a name.
 */
import { LogonResult } from '../../spec/errors.ts';
import { SYSTEM_ID_PREFIX } from '../../spec/limits.ts';

export type LogonClaim = {
  readonly userID: string;
  readonly authorizedUser: string | null;
  readonly version: number;
};

export type LogonExpectation = { readonly authorizedUser: string; readonly version: number };

export type LogonRefusal = {
  readonly logonResult: (typeof LogonResult)['Failed'] | (typeof LogonResult)['VersionMismatched'];
  readonly failureCause: string;
};

/** @returns undefined when the application may be asked. */
export function checkLogon(claim: LogonClaim, expected: LogonExpectation): LogonRefusal | undefined {
  const { userID } = claim;
  if (userID === '' || userID.startsWith(SYSTEM_ID_PREFIX)) {
    const why = userID === '' ? 'The UserID is empty' : `The UserID ${userID} starts with ${SYSTEM_ID_PREFIX}`;
    return { logonResult: LogonResult.Failed, failureCause: `${why}; such names belong to the system. (SEC-010)` };
  }
  if (claim.version !== expected.version) {
    const failureCause = `The client's version is ${claim.version}, the server's is ${expected.version}. (LOG-006)`;
    return { logonResult: LogonResult.VersionMismatched, failureCause };
  }
  if (claim.authorizedUser !== expected.authorizedUser) {
    const failureCause = "The client's authorized user is not the server's. (LOG-006)";
    return { logonResult: LogonResult.VersionMismatched, failureCause };
  }
  return undefined;
}

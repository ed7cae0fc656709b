/** What initialize was given, and the settings as they were then, checked (LIM-011). */
import type { Endpoint } from '../../../spec/platform.ts';
import { clientTimeoutSpans } from '../../../spec/timing.ts';
import type { ContractOf } from '../../../spec/grammar/index.ts';
import { codecs, encodeMessage } from '../../wire/index.ts';
import { checkText, checkUserId } from '../arguments.ts';
import { microsOrNever } from '../settings.ts';
import type { LinkOptions } from './client-link.ts';
import type { PassiveSettings } from './passive-settings.ts';
import { checkServer } from './refusals.ts';

export type Account = {
  readonly userID: string;
  readonly server: Endpoint;
  readonly request: ContractOf<'ReqLogonContract'>;
  readonly link: LinkOptions;
};

/** What initialize was given. */
export type Given = { readonly userID: string; readonly password: string | null; readonly server: Endpoint };

/** What links share besides settings. */
export type LinkParts = Pick<LinkOptions, 'world' | 'messageIds' | 'router'>;

/** @throws LocalProtocolError `E_USER_ID`, `E_ARGUMENT`, `E_MESSAGE_SIZE` */
export function createAccount(settings: PassiveSettings, given: Given, parts: LinkParts): Account {
  const { userID, server } = given;
  const limits = { userIdBytesMax: settings.maxLengthOfUserID, messageBytesMax: settings.maxLengthOfMessage };
  checkUserId(userID, limits.userIdBytesMax);
  checkServer(server);
  const request = {
    AuthorizedUser: settings.authorizedUser,
    Password: checkText('the password', given.password),
    SystemToken: settings.systemToken,
    Version: settings.version,
  };
  // A logon that no message can carry is refused now, not when the connection is up (LIM-007).
  const header = { clientType: settings.clientType, messageType: 0, messageId: 1, sourceId: userID, destId: '' };
  encodeMessage(header, codecs.ReqLogonContract, request, limits);
  const spanSecs = settings.heartBeatSpanInSecs;
  const silenceSecs = settings.advanced.heartbeatTimeoutInSecs ?? clientTimeoutSpans * spanSecs;
  const link: LinkOptions = {
    limits,
    userID,
    clientType: settings.clientType,
    waitMicros: microsOrNever(settings.waitResponseTimeoutInSecs),
    writeMicros: microsOrNever(settings.advanced.writeTimeoutInSecs),
    heartbeat: { spanMicros: microsOrNever(spanSecs), silenceMicrosMax: microsOrNever(silenceSecs) },
    blobBytesMax: settings.advanced.blobBytesMax,
    ...parts,
  };
  return { userID, server, request, link };
}

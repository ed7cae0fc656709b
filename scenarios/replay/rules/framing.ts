/** Rules about headers: tokens, ids, names, types (FRM, LIM). Each looks at one message. */
import { ClientType } from '../../../spec/errors.ts';
import { messageByType, MessageType } from '../../../spec/grammar/index.ts';
import { SERVER_ID, SYSTEM_ID_PREFIX } from '../../../spec/limits.ts';
import { isAnswer, isRequest, REPLY_TYPES, REQUEST_TYPES } from '../exchanges.ts';
import { isServerName } from '../facts.ts';
import type { JudgedMessage, Rule } from '../judged.ts';
import { BODILESS_TYPES, FORWARDED_TYPES, OTHER_TYPES, RESERVED_TYPES } from '../message-kinds.ts';
import { nameOf, quoted, secondsBetween } from '../wording.ts';
import { ruleList } from './rule-list.ts';

/** A request whose asker has given up by default no longer claims its id (QRY-004), seconds. */
const REQUEST_LIFE_SECS = 30;

export const framingRules: readonly Rule[] = ruleList([
  {
    on: 'message',
    name: 'id-padding-zero',
    clause: 'FRM-013',
    level: 'MUST',
    check: (message, facts) => {
      const at = paddingFault(message.bytes, facts.userIdBytesMax);
      return at === undefined ? undefined : `byte ${at} of the header is padding of an id and is not zero`;
    },
  },
  {
    on: 'message',
    name: 'server-client-type',
    clause: 'FRM-005',
    level: 'MUST',
    from: 'server',
    check: ({ source, clientType }) =>
      isServerName(source) && clientType !== ClientType.Others
        ? `the server writes client type ${clientType}; its own is ${ClientType.Others} (Others)`
        : undefined,
  },
  {
    on: 'message',
    name: 'request-id-unique',
    clause: 'FRM-011',
    level: 'MUST',
    types: REQUEST_TYPES,
    check: (message, facts) => {
      if (!isRequest(message)) return undefined;
      const open = message.isFromServer ? facts.serverRequests : facts.clientRequests;
      const maker = message.isFromServer && isServerName(message.source) ? SERVER_ID : message.source;
      const before = open.find(maker, message.id);
      if (before === undefined || secondsBetween(before, message) >= REQUEST_LIFE_SECS) return undefined;
      return `message id ${message.id} is still in use: ${nameOf(before.type)} in packet ${before.packet} waits for its answer`;
    },
  },
  {
    on: 'message',
    name: 'reply-has-request-id',
    clause: 'FRM-012',
    level: 'MUST',
    needsStart: true,
    types: REPLY_TYPES,
    check: (message, facts) =>
      isAnswer(message) && message.request === undefined
        ? `${nameOf(message.type)} with message id ${message.id} answers no request of ${quoted(askerOf(message, facts.user))} that is still unanswered`
        : undefined,
  },
  {
    on: 'message',
    name: 'client-source-is-user',
    clause: 'FRM-016',
    level: 'MUST',
    from: 'client',
    check: ({ source }, facts) =>
      facts.user !== undefined && source !== facts.user
        ? `source id is ${quoted(source)}, but this connection belongs to ${quoted(facts.user)}`
        : undefined,
  },
  {
    on: 'message',
    name: 'server-source-is-server',
    clause: 'FRM-016',
    level: 'MUST',
    from: 'server',
    check: ({ source, type }) => {
      const wanted = source.startsWith(SYSTEM_ID_PREFIX) && source !== SERVER_ID;
      return wanted ? `source id ${quoted(source)} of ${nameOf(type)} is neither _0 nor the name of a user` : undefined;
    },
  },
  {
    on: 'message',
    name: 'empty-server-name-only-for-one',
    clause: 'FRM-031',
    level: 'MUST',
    from: 'server',
    check: ({ source }, facts) =>
      source === '' && facts.userIdBytesMax > 1
        ? `source id is empty; a server is _0 (empty only where N is 1, here it is ${facts.userIdBytesMax})`
        : undefined,
  },
  {
    on: 'message',
    name: 'server-names-receiver',
    clause: 'FRM-026',
    level: 'MUST',
    from: 'server',
    check: ({ source, dest, type }, facts) =>
      isServerName(source) && facts.user !== undefined && dest !== facts.user
        ? `destination id of the server's ${nameOf(type)} is ${quoted(dest)}, the receiving user is ${quoted(facts.user)}`
        : undefined,
  },
  {
    on: 'message',
    name: 'target-may-be-a-user',
    clause: 'LIM-003',
    level: 'MUST',
    from: 'client',
    check: ({ dest }) =>
      dest.startsWith(SYSTEM_ID_PREFIX) && dest !== SERVER_ID
        ? `destination id ${quoted(dest)} starts with _ and is not the server's`
        : undefined,
  },
  {
    on: 'message',
    name: 'no-body-where-none-belongs',
    clause: 'FRM-021',
    level: 'MUST',
    types: BODILESS_TYPES,
    check: ({ type, bodyLength, isFromServer }) => {
      const message = messageByType(type);
      if (message === undefined || bodyLength === 0) return undefined;
      const isReply = isFromServer && message.reply !== undefined;
      const body = isReply ? message.reply : message.body;
      return body === null ? `${nameOf(type)} has no body, but ${bodyLength} body bytes were sent` : undefined;
    },
  },
  {
    on: 'message',
    name: 'no-reserved-type',
    clause: 'FRM-030',
    level: 'MUST',
    types: RESERVED_TYPES,
    check: ({ type }) => `type ${type} (${nameOf(type)}) is reserved`,
  },
  {
    on: 'message',
    name: 'only-forwardable-types-forwarded',
    clause: 'FRM-029',
    level: 'MUST',
    from: 'server',
    types: OTHER_TYPES,
    check: ({ type, source }) =>
      !isServerName(source) && !isNotice(type)
        ? `${nameOf(type)} from ${quoted(source)} was forwarded; the server answers this type itself or not at all`
        : undefined,
  },
  {
    on: 'message',
    name: 'forwarded-unchanged',
    clause: 'FRM-022',
    level: 'MUST',
    from: 'server',
    types: FORWARDED_TYPES,
    check: ({ type, source, id, forward }) => {
      if (forward?.kind === 'never')
        return `${nameOf(type)} with message id ${id} comes in the name of ${quoted(source)}, who never sent it`;
      if (forward?.kind === 'changed')
        return `the ${forward.what} of a forwarded ${nameOf(type)} is not what ${quoted(source)} sent in packet ${forward.sent.packet}`;
      return undefined;
    },
  },
  {
    on: 'message',
    name: 'forwarded-to-its-target',
    clause: 'FRM-022',
    level: 'MUST',
    from: 'server',
    types: FORWARDED_TYPES,
    check: ({ type, source, dest }, facts) =>
      !isServerName(source) && facts.user !== undefined && dest !== facts.user
        ? `${nameOf(type)} for ${quoted(dest)} was sent to ${quoted(facts.user)}`
        : undefined,
  },
  {
    on: 'message',
    name: 'nothing-passed-over',
    clause: 'CUS-005',
    level: 'MUST',
    from: 'server',
    types: FORWARDED_TYPES,
    check: ({ forward, type, source }) =>
      forward?.kind === 'same' && forward.passedOver.length > 0
        ? `${forward.passedOver.length} earlier ${nameOf(type)} of ${quoted(source)} to this user, the first in packet ${forward.passedOver[0]!.packet}, were not forwarded`
        : undefined,
  },
  {
    on: 'message',
    name: 'messages-numbered',
    clause: 'FRM-024',
    level: 'SHOULD',
    from: 'client',
    needsStart: true,
    check: (message, facts) => {
      // Once is enough: after the first jump every later number would be reported as well.
      if (isAnswer(message) || message.id === facts.lastClientId + 1 || facts.numberingBroken) return undefined;
      return `message id ${message.id} follows ${facts.lastClientId}; numbers 1, 2, 3, ... make a trace readable`;
    },
  },
]);

const isNotice = (type: number): boolean =>
  type === MessageType.BeingPushedOutNotify || type === MessageType.BeingKickedOutNotify;

function askerOf(message: JudgedMessage, user: string | undefined): string {
  return message.isFromServer ? (user ?? message.dest) : message.dest === '' ? SERVER_ID : message.dest;
}

/** Where the first padding byte that is not zero stands in the header. */
function paddingFault(bytes: Uint8Array, n: number): number | undefined {
  for (const at of [12, 13 + n]) {
    for (let index = at + 1 + bytes[at]!; index <= at + n; index += 1) if (bytes[index] !== 0) return index;
  }
  return undefined;
}

/** Rules about requests and their answers: pings, basic questions, queries, ACKs (BAS, QRY, ACK). */
import { messageByType, MessageType, type ContractOf } from '../../../spec/grammar/index.ts';
import type { Information, Ping } from '../decode-body.ts';
import { ANSWER_TYPE, REPLY_TYPES, type OpenRequest } from '../exchanges.ts';
import { isServerName, partyOf, type Facts } from '../facts.ts';
import type { ConnectionEnd, JudgedMessage, LateFinding, Rule } from '../judged.ts';
import { nameOf, quoted, secondsBetween, secondsText } from '../wording.ts';
import { ruleList } from './rule-list.ts';

/** An answer is missing for certain when the side that owes it was heard of again this much later, seconds. */
const OWED_WITH_SIGN_OF_LIFE_SECS = 5;
/** Or when it was silent, but connected, for the waiting time of the asker (QRY-004), seconds. */
const OWED_SECS = 30;

/** Questions that the server itself answers from what it knows, and the clause that binds it to. */
const SERVER_ANSWERS = [
  { type: MessageType.GetMyIPE, clause: 'BAS-014' },
  { type: MessageType.GetUserIPE, clause: 'BAS-015' },
  { type: MessageType.QueryOnline, clause: 'BAS-016' },
  { type: MessageType.QueryOnlines, clause: 'BAS-017' },
  { type: MessageType.GetAllOnlineUsers, clause: 'BAS-018' },
] as const;

/** Message types that are answered by another type: what the wrong type breaks. */
const ANSWER_CLAUSES = [
  { request: MessageType.PingByServer, clause: 'BAS-012' },
  { request: MessageType.Request, clause: 'QRY-015' },
  { request: MessageType.InformationNeedAck, clause: 'ACK-011' },
] as const;

const answerRules: readonly Rule[] = ANSWER_CLAUSES.flatMap(({ request: requestType, clause }): readonly Rule[] => [
  {
    on: 'message',
    name: `answer-type-of-${nameOf(requestType)}`,
    clause,
    level: 'MUST',
    types: REPLY_TYPES,
    check: (message) => {
      const { request } = message;
      if (request?.type !== requestType || ANSWER_TYPE.get(requestType) === message.type) return undefined;
      return `${nameOf(requestType)} of packet ${request.packet} was answered by ${nameOf(message.type)}, not ${messageByType(requestType)!.replyType!}`;
    },
  },
  {
    on: 'message',
    name: `answer-source-of-${nameOf(requestType)}`,
    clause,
    level: 'MUST',
    from: 'server',
    types: REPLY_TYPES,
    check: (message) => {
      const { request } = message;
      if (request?.type !== requestType || partyOf(request.dest) === partyOf(message.source)) return undefined;
      return `${quoted(partyOf(request.dest))} was asked in packet ${request.packet}, and ${quoted(partyOf(message.source))} answers`;
    },
  },
]);

const owedRules: readonly Rule[] = [
  ...SERVER_ANSWERS.map(({ type, clause }): Rule => ({
    on: 'end',
    name: `server-answers-${nameOf(type)}`,
    clause,
    level: 'MUST',
    check: (facts, end) => unanswered(facts, end, 'server', (request) => request.type === type),
  })),
  ...(['client', 'server'] as const).flatMap((side): readonly Rule[] => [
    {
      on: 'end',
      name: `${side}-acknowledges`,
      clause: 'ACK-011',
      level: 'MUST',
      check: (facts, end) =>
        unanswered(
          facts,
          end,
          side,
          (request) => request.type === MessageType.InformationNeedAck && isFor(request, side),
        ),
    },
    {
      on: 'end',
      name: `${side}-answers-ping`,
      clause: 'BAS-012',
      level: 'MUST',
      check: (facts, end) =>
        unanswered(facts, end, side, (request) => request.type === MessageType.PingByServer && isFor(request, side)),
    },
  ]),
];

/** The side itself is asked; a request that only passes through the server is answered by somebody else. */
function isFor(request: OpenRequest, side: 'client' | 'server'): boolean {
  return side === 'client' || isServerName(request.dest);
}

/** Requests that `side` should have answered and for certain did not. */
function unanswered(
  facts: Facts,
  end: ConnectionEnd,
  side: 'client' | 'server',
  isOwed: (request: OpenRequest) => boolean,
): readonly LateFinding[] {
  const findings: LateFinding[] = [];
  if (!facts.isWhole || facts.phase !== 'bound' || facts.notice !== undefined) return findings;
  if (facts.client.invalid !== undefined || facts.server.invalid !== undefined || facts.wrongSource !== undefined)
    return findings;
  const { last, closed } = facts[side];
  const other = facts[side === 'client' ? 'server' : 'client'].closed;
  const until = Math.min(closed?.timeMicros ?? Infinity, other?.timeMicros ?? Infinity, end.timeMicros);
  for (const request of (side === 'server' ? facts.clientRequests : facts.serverRequests).all()) {
    if (!isOwed(request)) continue;
    const heardAfter = last === undefined ? 0 : secondsBetween(request, last);
    const connectedFor = secondsBetween(request, { timeMicros: until });
    if (heardAfter < OWED_WITH_SIGN_OF_LIFE_SECS && connectedFor < OWED_SECS) continue;
    const sentence = `${nameOf(request.type)} with message id ${request.id} was never answered by the ${side}, though it was there for ${secondsText(Math.max(heardAfter, connectedFor))} more`;
    findings.push({ place: request, sentence, evidence: request.evidence });
  }
  return findings;
}

export const exchangeRules: readonly Rule[] = ruleList([
  ...answerRules,
  ...owedRules,
  {
    on: 'message',
    name: 'ping-answered-unchanged',
    clause: 'BAS-012',
    level: 'MUST',
    types: [MessageType.PingAck],
    check: (message) => {
      const asked = message.request?.value as Ping | null | undefined;
      const answered = message.value as Ping | null | undefined;
      if (!asked || !answered || asked.SendTicks === answered.SendTicks) return undefined;
      return `SendTicks of the PingAck is ${answered.SendTicks}, the ping had ${asked.SendTicks}`;
    },
  },
  {
    on: 'message',
    name: 'response-has-information-type',
    clause: 'QRY-015',
    level: 'MUST',
    types: [MessageType.Response],
    check: (message) => {
      const { request } = message;
      const asked = request?.value as Information | null | undefined;
      const answered = message.value as Information | null | undefined;
      if (request?.type !== MessageType.Request || !asked || !answered) return undefined;
      return asked.InformationType === answered.InformationType
        ? undefined
        : `InformationType of the Response is ${answered.InformationType}, the Request in packet ${request.packet} had ${asked.InformationType}`;
    },
  },
  {
    on: 'message',
    name: 'online-answer-complete',
    clause: 'BAS-017',
    level: 'MUST',
    from: 'server',
    types: [MessageType.QueryOnlines],
    check: (message) => onlinesFault(message),
  },
  {
    on: 'message',
    name: 'asker-is-online',
    clause: 'BAS-018',
    level: 'MUST',
    from: 'server',
    types: [MessageType.GetAllOnlineUsers],
    check: (message, facts) => {
      const users = (message.value as ContractOf<'ResUsersContract'> | null | undefined)?.UserList;
      if (!users || facts.user === undefined || users.includes(facts.user)) return undefined;
      return `the list of users online lacks ${quoted(facts.user)}, who asked for it`;
    },
  },
]);

function onlinesFault(message: JudgedMessage): string | undefined {
  const asked = (message.request?.value as ContractOf<'QueryOnlinesContract'> | null | undefined)?.UserList;
  const answered = (message.value as ContractOf<'ResOnlinesContract'> | null | undefined)?.Result;
  if (!asked || !answered) return undefined;
  const missing = asked.filter((user) => user !== null && !answered.has(user));
  const extra = [...answered.keys()].filter((user) => !asked.includes(user));
  if (missing.length > 0)
    return `the answer lacks ${missing
      .slice(0, 5)
      .map((user) => quoted(user!))
      .join(', ')}`;
  if (extra.length > 0) return `the answer names ${extra.slice(0, 5).map(quoted).join(', ')}, nobody asked for`;
  return undefined;
}

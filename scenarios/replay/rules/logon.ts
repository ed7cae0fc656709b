/** Rules about the first messages of a connection: Logon, its answer, and what follows a refusal (LOG, SEC). */
import { LogonResult } from '../../../spec/errors.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { SYSTEM_ID_PREFIX } from '../../../spec/limits.ts';
import type { LogonReply } from '../decode-body.ts';
import type { Facts } from '../facts.ts';
import type { JudgedMessage, Rule } from '../judged.ts';
import { nameOf, quoted } from '../wording.ts';
import { closesWithin } from './closing.ts';
import { ruleList } from './rule-list.ts';

const { Logon } = MessageType;

const resultOf = (message: JudgedMessage): number | undefined =>
  (message.value as LogonReply | null | undefined)?.LogonResult;

const resultName = (result: number): string =>
  Object.entries(LogonResult).find(([, value]) => value === result)?.[0] ?? `LogonResult ${result}`;

/** LIM-003, SEC-010: what a user may not be called. */
const isBadUser = (id: string): boolean => id === '' || id.startsWith(SYSTEM_ID_PREFIX);

const waitsForAnswer = (facts: Facts): boolean => facts.phase === 'logonSent';

export const logonRules: readonly Rule[] = ruleList([
  {
    on: 'message',
    name: 'logon-first',
    clause: 'LOG-001',
    level: 'MUST',
    from: 'client',
    needsStart: true,
    check: ({ type }, facts) =>
      facts.phase === 'fresh' && type !== Logon
        ? `the first message of the connection is ${nameOf(type)}, not Logon`
        : undefined,
  },
  {
    on: 'message',
    name: 'nothing-before-the-answer',
    clause: 'LOG-016',
    level: 'MUST',
    from: 'client',
    check: ({ type }, facts) =>
      waitsForAnswer(facts)
        ? `${nameOf(type)} was sent while the answer to the Logon in packet ${facts.logon?.packet ?? 0} was still to come`
        : undefined,
  },
  {
    on: 'message',
    name: 'logon-user-allowed',
    clause: 'LIM-003',
    level: 'MUST',
    from: 'client',
    types: [Logon],
    check: ({ source }) =>
      isBadUser(source)
        ? `the Logon names the user ${quoted(source)}, which is ${source === '' ? 'empty' : 'reserved by its _'}`
        : undefined,
  },
  {
    on: 'message',
    name: 'logon-user-plain',
    clause: 'LIM-009',
    level: 'SHOULD',
    from: 'client',
    types: [Logon],
    check: ({ source }) =>
      isBadUser(source) || /^[A-Za-z0-9]{1,10}$/.test(source)
        ? undefined
        : `UserID ${quoted(source)} is not made of at most 10 digits and letters`,
  },
  {
    on: 'message',
    name: 'nothing-before-succeed',
    clause: 'LOG-013',
    level: 'MUST',
    from: 'server',
    needsStart: true,
    check: ({ type }, facts) =>
      type !== Logon && (facts.phase === 'fresh' || waitsForAnswer(facts))
        ? `${nameOf(type)} was sent to a client that is not logged on`
        : undefined,
  },
  {
    on: 'message',
    name: 'logon-result-legal',
    clause: 'LOG-003',
    level: 'MUST',
    from: 'server',
    types: [Logon],
    check: (message) => {
      const result = resultOf(message);
      if (result === undefined || Object.values<number>(LogonResult).includes(result)) return undefined;
      return `LogonResult is ${result}; it is one of 0 Succeed, 1 Failed, 2 HadLoggedOn, 3 VersionMismatched`;
    },
  },
  {
    on: 'message',
    name: 'reserved-user-refused',
    clause: 'SEC-010',
    level: 'MUST',
    from: 'server',
    types: [Logon],
    check: (message, facts) => {
      const result = resultOf(message);
      if (!waitsForAnswer(facts) || !isBadUser(facts.user ?? '') || result === undefined) return undefined;
      return result === LogonResult.Failed
        ? undefined
        : `the logon of user ${quoted(facts.user ?? '')} was answered ${resultName(result)}, not Failed`;
    },
  },
  {
    on: 'message',
    name: 'second-logon-refused',
    clause: 'LOG-008',
    level: 'MUST',
    from: 'server',
    types: [Logon],
    check: (message, facts) => {
      const result = resultOf(message);
      if (facts.phase !== 'bound' || facts.logon === undefined || result === undefined) return undefined;
      if (result === LogonResult.HadLoggedOn) return undefined;
      return `a second Logon on a connection that is logged on was answered ${resultName(result)}, not HadLoggedOn`;
    },
  },
  {
    on: 'message',
    name: 'no-features-announced',
    clause: 'LOG-014',
    level: 'SHOULD',
    from: 'server',
    types: [Logon],
    check: (message) => {
      const reply = message.value as LogonReply | null | undefined;
      const announced = (['GroupRelationEnabled'] as const).filter((name) => reply?.[name] === true);
      return announced.length === 0 ? undefined : `${announced.join(', ')}: true, which this edition does not have`;
    },
  },
  {
    on: 'message',
    name: 'nothing-after-refusal',
    clause: 'LOG-004',
    level: 'MUST',
    from: 'server',
    check: ({ type }, facts) =>
      facts.phase === 'refused'
        ? `${nameOf(type)} was sent after the logon had been refused in packet ${facts.logonReply!.packet}`
        : undefined,
  },
  {
    on: 'message',
    name: 'client-stops-after-refusal',
    clause: 'LOG-019',
    level: 'MUST',
    from: 'client',
    check: ({ type }, facts) =>
      facts.phase === 'refused'
        ? `${nameOf(type)} was sent after the logon had been refused in packet ${facts.logonReply!.packet}`
        : undefined,
  },
  {
    on: 'end',
    name: 'server-closes-after-refusal',
    clause: 'LOG-004',
    level: 'MUST',
    check: (facts, end) => {
      if (facts.phase !== 'refused' || facts.logonReply === undefined) return [];
      const { server } = facts;
      const reply = facts.logonReply;
      const text = resultName(reply.result);
      if (server.closed?.isReset === true && facts.client.closed === undefined) {
        return [
          { place: reply, sentence: `after ${text} the server reset the connection (RST); the answer may be lost` },
        ];
      }
      return closesWithin(facts, end, 'server', reply)
        ? []
        : [{ place: reply, sentence: `the server answered ${text} and did not close the connection` }];
    },
  },
  {
    on: 'end',
    name: 'client-closes-after-refusal',
    clause: 'LOG-019',
    level: 'MUST',
    check: (facts, end) =>
      facts.phase !== 'refused' ||
      facts.logonReply === undefined ||
      closesWithin(facts, end, 'client', facts.logonReply)
        ? []
        : [
            {
              place: facts.logonReply,
              sentence: `the logon was answered ${resultName(facts.logonReply.result)} and the client did not close the connection`,
            },
          ],
  },
  {
    on: 'message',
    name: 'nothing-for-strangers',
    clause: 'SEC-004',
    level: 'MUST',
    from: 'server',
    check: ({ type }, facts) =>
      facts.phase === 'noLogon'
        ? `${nameOf(type)} was sent on a connection whose first message, in packet ${facts.early!.packet}, was not a Logon`
        : undefined,
  },
  {
    on: 'end',
    name: 'server-closes-on-strangers',
    clause: 'SEC-004',
    level: 'MUST',
    check: (facts, end) =>
      facts.phase !== 'noLogon' || facts.early === undefined || closesWithin(facts, end, 'server', facts.early)
        ? []
        : [
            {
              place: facts.early,
              sentence: 'the first message was not a Logon and the server did not close the connection',
            },
          ],
  },
]);

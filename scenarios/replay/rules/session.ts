/** Rules about a connection as a whole: replacement, kick-out, invalid data, heartbeats (REL, BAS, SEC, HBT). */
import { MessageType } from '../../../spec/grammar/index.ts';
import { isServerName, type Facts } from '../facts.ts';
import type { ConnectionEnd, LateFinding, Place, Rule } from '../judged.ts';
import { nameOf, quoted, secondsBetween, secondsText } from '../wording.ts';
import { CLOSE_GRACE_SECS, closesWithin } from './closing.ts';
import { ruleList } from './rule-list.ts';

const { BeingPushedOutNotify, BeingKickedOutNotify, HeartBeat } = MessageType;

/** The two notices, and the clauses that say what server and client have to do then. */
const NOTICES = [
  { type: BeingPushedOutNotify, word: 'pushed out', server: 'REL-003', client: 'REL-004' },
  { type: BeingKickedOutNotify, word: 'kicked out', server: 'BAS-002', client: 'BAS-003' },
] as const;

const noticeRules: readonly Rule[] = NOTICES.flatMap(({ type, word, server, client }): readonly Rule[] => {
  const slug = word.replace(' ', '-');
  return [
    {
      on: 'message',
      name: `nothing-after-${slug}`,
      clause: server,
      level: 'MUST',
      from: 'server',
      check: (message, facts) =>
        facts.notice?.type === type
          ? `${nameOf(message.type)} was sent after the user was told in packet ${facts.notice.packet} that it is ${word}`
          : undefined,
    },
    {
      on: 'message',
      name: `client-silent-after-${slug}`,
      clause: client,
      level: 'MUST',
      from: 'client',
      // What was on its way when the notice came is no fault.
      check: (message, facts) =>
        facts.notice?.type === type && secondsBetween(facts.notice, message) > CLOSE_GRACE_SECS
          ? `${nameOf(message.type)} was sent ${secondsText(secondsBetween(facts.notice, message))} after the client was told that it is ${word}`
          : undefined,
    },
    {
      on: 'end',
      name: `server-closes-after-${slug}`,
      clause: server,
      level: 'MUST',
      check: (facts, end) => notClosed(facts, end, 'server', type, word),
    },
    {
      on: 'end',
      name: `client-closes-after-${slug}`,
      clause: client,
      level: 'MUST',
      check: (facts, end) => notClosed(facts, end, 'client', type, word),
    },
  ];
});

function notClosed(
  facts: Facts,
  end: ConnectionEnd,
  side: 'client' | 'server',
  type: number,
  word: string,
): readonly LateFinding[] {
  if (facts.notice?.type !== type || closesWithin(facts, end, side, facts.notice)) return [];
  return [{ place: facts.notice, sentence: `the user was ${word} and the ${side} did not close the connection` }];
}

const invalidRules: readonly Rule[] = (['client', 'server'] as const).map((culprit): Rule => ({
  on: 'end',
  name: `closes-on-invalid-${culprit}`,
  clause: 'SEC-001',
  level: 'MUST',
  check: (facts, end) => {
    const invalid = facts[culprit].invalid;
    const judge = culprit === 'client' ? 'server' : 'client';
    if (invalid === undefined || closesWithin(facts, end, judge, invalid.place)) return [];
    return [
      {
        place: invalid.place,
        sentence: `the ${culprit} sent an invalid message and the ${judge} did not close the connection`,
      },
    ];
  },
}));

export const sessionRules: readonly Rule[] = ruleList([
  ...noticeRules,
  ...invalidRules,
  {
    on: 'message',
    name: 'notices-from-server-only',
    clause: 'SEC-015',
    level: 'MUST',
    from: 'server',
    types: [BeingPushedOutNotify, BeingKickedOutNotify],
    check: ({ source, type }) =>
      isServerName(source) ? undefined : `${nameOf(type)} was passed on in the name of ${quoted(source)}`,
  },
  {
    on: 'end',
    name: 'server-closes-on-wrong-source',
    clause: 'SEC-005',
    level: 'MUST',
    check: (facts, end) =>
      facts.wrongSource === undefined ||
      facts.phase !== 'bound' ||
      closesWithin(facts, end, 'server', facts.wrongSource)
        ? []
        : [
            {
              place: facts.wrongSource,
              sentence: 'a message under another name than the user’s came and the server did not close the connection',
            },
          ],
  },
  {
    on: 'end',
    name: 'one-connection-per-user',
    clause: 'REL-001',
    level: 'MUST',
    check: (facts, end) => {
      const since = facts.replacedBy;
      if (since === undefined || !isStillOpen(facts, end, since)) return [];
      const user = quoted(facts.user ?? '');
      return [
        { place: since, sentence: `user ${user} was logged on over another connection and this one was not closed` },
      ];
    },
  },
  {
    on: 'message',
    name: 'new-connection-only',
    clause: 'REL-010',
    level: 'MUST',
    from: 'server',
    check: ({ type }, facts) =>
      facts.replacedBy !== undefined && type !== BeingPushedOutNotify && type !== BeingKickedOutNotify
        ? `${nameOf(type)} was sent on the old connection of ${quoted(facts.user ?? '')}, whose new one was answered in packet ${facts.replacedBy.packet}`
        : undefined,
  },
  {
    on: 'message',
    name: 'heartbeat-to-server',
    clause: 'HBT-001',
    level: 'MUST',
    from: 'client',
    types: [HeartBeat],
    check: ({ dest }) =>
      isServerName(dest) ? undefined : `the destination of the HeartBeat is ${quoted(dest)}, not the server`,
  },
  {
    on: 'message',
    name: 'heartbeat-in-time',
    clause: 'HBT-001',
    level: 'MUST',
    from: 'client',
    types: [HeartBeat],
    check: (message, facts) => {
      const since = facts.heartbeats.count > 0 ? facts.heartbeats.last : facts.logonReply?.timeMicros;
      if (facts.phase !== 'bound' || since === undefined) return undefined;
      return heartbeatLate(facts, secondsBetween({ timeMicros: since }, message));
    },
  },
  {
    on: 'end',
    name: 'heartbeat-goes-on',
    clause: 'HBT-001',
    level: 'MUST',
    check: (facts, end) => {
      const place = facts.client.last;
      if (facts.phase !== 'bound' || place === undefined || facts.client.closed !== undefined) return [];
      const since =
        facts.heartbeats.count > 0 ? facts.heartbeats.last : (facts.logonReply?.timeMicros ?? end.timeMicros);
      const sentence = heartbeatLate(facts, secondsBetween({ timeMicros: since }, end));
      return sentence === undefined ? [] : [{ place, sentence: `${sentence}; none came until the end` }];
    },
  },
]);

/** HBT-001 with a tolerance of half a span and a second for machines that were busy. */
function heartbeatLate(facts: Facts, seconds: number): string | undefined {
  const span = facts.expectations.heartbeatSpanSecs;
  if (span === undefined || span <= 0 || seconds <= span * 1.5 + 1) return undefined;
  return `${secondsText(seconds)} passed without a HeartBeat; the span is ${secondsText(span)}`;
}

/** The connection outlived its replacement by more than the time closing may take. */
function isStillOpen(facts: Facts, end: ConnectionEnd, since: Place): boolean {
  const closings = [facts.server.closed, facts.client.closed].filter((closed) => closed !== undefined);
  if (closings.length > 0) return closings.every((closed) => secondsBetween(since, closed) > CLOSE_GRACE_SECS);
  return end.how === 'captureEnd' && secondsBetween(since, end) > CLOSE_GRACE_SECS;
}

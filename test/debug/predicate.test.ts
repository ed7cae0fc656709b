/** The language of breakpoints: what each field asks, how conditions join, and that mistakes are named. */
import { expect, test } from 'vitest';
import { PredicateError, parsePredicate } from '../../scenarios/debug/predicate.ts';
import type { SeenEvent } from '../../scenarios/debug/seen-event.ts';
import { TCP_FLAG, createUdpPacket, parseAddress } from '../../sim/index.ts';

const packet = createUdpPacket(parseAddress('198.18.0.2'), 4530, parseAddress('198.18.0.3'), 50_000, new Uint8Array(7));
const segment = { ...packet, protocol: 6 as const, flags: TCP_FLAG.syn | TCP_FLAG.ack };
const DROP: SeenEvent = {
  index: 12,
  timeMicros: 1_500_000,
  kind: 'drop',
  node: 'home',
  nat: 'home',
  packet,
  reason: 'natFiltered',
};
const LOG: SeenEvent = { index: 13, timeMicros: 2_000_000, kind: 'log', node: 'alice', text: 'warn: pushed out' };
const SENT: SeenEvent = {
  index: 14,
  timeMicros: 2_000_001,
  kind: 'send',
  node: 'bob',
  link: 'bob-internet',
  packet: segment,
};

test.each<[string, boolean, boolean, boolean]>([
  ['time >= 1.5s', true, true, true],
  ['time < 1501ms and event = 12', true, false, false],
  ['kind = drop and reason = natFiltered', true, false, false],
  ['nat = home', true, false, false],
  ['not kind = drop', false, true, true],
  ['kind = log or (kind = send and protocol = tcp)', false, true, true],
  ['kind = log or kind = send and protocol = udp', false, true, false],
  ['text ~ "pushed out"', false, true, false],
  ['port = 4530', true, false, true],
  ['port != 4530', false, true, false],
  ['source = 50000', false, false, false],
  ['destination = 50000 and bytes = 7', true, false, true],
  ['address = 198.18.0.3 and protocol = udp', true, false, false],
  ['flags = AS', false, false, true],
  ['flags ~ S', false, false, true],
  ['flags = S', false, false, false],
  ['link ~ internet', false, false, true],
])('%s', (text, drop, log, sent) => {
  const { holds } = parsePredicate(text);
  expect([holds(DROP), holds(LOG), holds(SENT)]).toEqual([drop, log, sent]);
});

test('nth is read at the end, and only asking about mappings costs watching them', () => {
  expect(parsePredicate('kind = drop nth 3')).toMatchObject({ nth: 3, withMappings: false });
  expect(parsePredicate('mapping = expired')).toMatchObject({ nth: 1, withMappings: true });
  expect(parsePredicate('kind = mapping').withMappings).toBe(true);
});

test.each([
  ['', 'the condition is empty'],
  ['colour = red', 'there is no field "colour"; fields are time, event'],
  ['time >= 5', 'time is a number with a unit (us, ms, s or m), like 1.5s, not "5"'],
  ['event = x', 'event is a whole number, not "x"'],
  ['kind > drop', 'kind is compared by = != ~, not ">"'],
  ['reason = bad', 'there is no reason "bad"; there are loss'],
  ['flags = SX', 'flags are letters of'],
  ['kind = drop kind = log', '"kind" is too much here'],
  ['(kind = drop', 'a parenthesis is open'],
  ['kind =', 'the condition ends where a value after kind = should follow'],
  ['kind = drop nth 0', 'nth must be a whole number from 1'],
  ['text ~ "open', 'cannot be read'],
])('%j is refused', (text, message) => {
  expect(() => parsePredicate(text)).toThrow(PredicateError);
  expect(() => parsePredicate(text)).toThrow(message);
});

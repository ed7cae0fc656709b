/**
 * The kinds of trace records and how their four words read. Data and formatting only; `trace.ts` keeps the records.
 */

import { TCP_STATE_NAMES } from './tcp/states.ts';

/** What a record is about. Numbers, because they go into the hash. */
export const TRACE_KIND = {
  event: 0,
  timer: 1,
  send: 2,
  deliver: 3,
  drop: 4,
  tcpState: 5,
  nat: 6,
  fault: 7,
  log: 8,
  mark: 9,
} as const;

export type TraceKind = (typeof TRACE_KIND)[keyof typeof TRACE_KIND];

/** The readable name of each kind, by its number. */
export const TRACE_KIND_NAMES = [
  'event',
  'timer',
  'send',
  'deliver',
  'drop',
  'tcp-state',
  'nat',
  'fault',
  'log',
  'mark',
] as const;

/** Why a packet ended before its destination. Numbers, because they go into the hash. */
export const DROP_REASON = {
  loss: 0,
  rule: 1,
  queueFull: 2,
  tooBig: 3,
  partition: 4,
  hostDown: 5,
  noRoute: 6,
  timeToLive: 7,
  checksum: 8,
  noSocket: 9,
  natNoMapping: 10,
  natFiltered: 11,
  natExhausted: 12,
  natHairpin: 13,
  linkDown: 14,
  udpBlocked: 15,
  natExpired: 16,
  natBlocked: 17,
  natRateLimited: 18,
  natTcpState: 19,
  natIcmp: 20,
  tcpPortBlocked: 21,
  codel: 22,
  suspended: 23,
  interfaceDown: 24,
  addressGone: 25,
  otherInterface: 26,
  hostFirewall: 27,
  hostFirewallReject: 28,
  firewallNoState: 29,
  firewallFiltered: 30,
  firewallIcmp: 31,
  badSource: 32,
  outOfScope: 33,
  notTranslatable: 34,
  natCaptive: 35,
  queueEvicted: 36,
  natTcpWindow: 37,
} as const;

export type DropReason = keyof typeof DROP_REASON;

const DROP_NAMES = Object.keys(DROP_REASON);

/** The name of a reason by its number. */
export function dropReasonName(code: number): string {
  return DROP_NAMES[code] ?? 'unknown';
}

/** By number; sparse. */
const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmp6' };

/** The two words a packet is noted by, made readable: protocol and size, and the ports. */
function describePacketWords(head: number, ports: number): string {
  const protocol = head >>> 24;
  const name = PROTOCOL_NAMES[protocol] ?? `ip-${protocol}`;
  return `${name} ${ports >>> 16}>${ports & 0xffff} ${head & 0xffffff} bytes`;
}

/** The words of one record as text. */
export function describeWords(kind: TraceKind, a: number, b: number, c: number, d: number): string {
  if (kind === TRACE_KIND.send || kind === TRACE_KIND.deliver) {
    return `${describePacketWords(a, b)} seq ${c >>> 0} check ${(d >>> 0).toString(16)}`;
  }
  if (kind === TRACE_KIND.drop) return `${describePacketWords(a, b)} ${dropReasonName(d)}`;
  if (kind === TRACE_KIND.tcpState) {
    const [from, to] = [b, c].map((state) => (TCP_STATE_NAMES as readonly string[])[state] ?? String(state));
    return `ports ${a >>> 16}>${a & 0xffff} ${from} to ${to}`;
  }
  return `${a} ${b} ${c} ${d}`;
}

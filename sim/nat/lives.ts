/**
 * How long mappings and their sessions live: what a packet that passed does to them, by protocol and state.
 *
 * UDP has two states, unreplied and replied (or, with `udpStreamAfterMicros`, a stream); TCP three: transitory until SYNs passed both ways, established, closing after a
 * FIN each way or a RST. Sequence numbers are not looked at.
 */
import { TCP_FLAG } from '../packet.ts';
import type { NatBehaviour } from './behaviour.ts';
import type { Mapping } from './mapping.ts';
import type { Session } from './sessions.ts';

/** Which packets keep a UDP mapping alive. */
const REFRESHING = {
  outbound: { outbound: true, admitted: false, refused: false },
  inbound: { outbound: false, admitted: true, refused: true },
  both: { outbound: true, admitted: true, refused: true },
  outboundAndAdmitted: { outbound: true, admitted: true, refused: false },
} as const satisfies Record<NatBehaviour['udpRefresh'], Record<string, boolean>>;

/** A datagram left in this session. */
export function noteUdpOut(behaviour: NatBehaviour, mapping: Mapping, session: Session, nowMicros: number): void {
  const isNew = !session.sentOut;
  session.sentOut = true;
  if (!isNew && !REFRESHING[behaviour.udpRefresh].outbound) return;
  prolong(mapping, session, nowMicros + udpLifeMicros(behaviour, session, nowMicros));
  if (behaviour.udpFilterMicros !== undefined) session.admitsUntilMicros = nowMicros + behaviour.udpFilterMicros;
}

/** A datagram was let in; there is no session when nothing was ever sent to its sender. */
export function noteUdpIn(
  behaviour: NatBehaviour,
  mapping: Mapping,
  session: Session | undefined,
  nowMicros: number,
): void {
  const isFirst = session?.replied === false;
  if (session !== undefined) session.replied = true;
  const refreshes = REFRESHING[behaviour.udpRefresh].admitted;
  // The first answer moves the session from one state to the next, whatever refreshes.
  if (!refreshes && !(isFirst && behaviour.udpUnrepliedMicros !== undefined)) return;
  const expiresAtMicros =
    nowMicros + (session === undefined ? behaviour.udpMappingMicros : udpLifeMicros(behaviour, session, nowMicros));
  if (session !== undefined) session.expiresAtMicros = expiresAtMicros;
  if (session !== undefined && behaviour.udpFilterMicros === undefined) session.admitsUntilMicros = expiresAtMicros;
  mapping.expiresAtMicros = Math.max(mapping.expiresAtMicros, expiresAtMicros);
}

/** A datagram was kept out by the filter. */
export function noteUdpRefused(behaviour: NatBehaviour, mapping: Mapping, nowMicros: number): void {
  if (!REFRESHING[behaviour.udpRefresh].refused) return;
  mapping.expiresAtMicros = Math.max(mapping.expiresAtMicros, nowMicros + behaviour.udpMappingMicros);
}

/** A ping left, or its answer came in, which prolongs nothing. */
export function noteQuery(
  { icmpQueryMicros }: NatBehaviour,
  mapping: Mapping,
  session: Session,
  { isOutbound, nowMicros }: { readonly isOutbound: boolean; readonly nowMicros: number },
): void {
  if (!isOutbound) return;
  session.sentOut = true;
  prolong(mapping, session, nowMicros + icmpQueryMicros);
}

/** A segment passed. */
export function noteTcp(
  behaviour: NatBehaviour,
  mapping: Mapping,
  session: Session,
  isOutbound: boolean,
  flags: number,
  nowMicros: number,
): void {
  if (isOutbound) session.sentOut = true;
  noteTcpFlags(session, isOutbound, flags);
  const isOver = session.reset || (session.finIn && session.finOut);
  const isOpen = session.synIn && session.synOut && !isOver;
  const { tcpEstablishedMicros, tcpTransitoryMicros, tcpClosingMicros = tcpTransitoryMicros } = behaviour;
  if (session.reset && behaviour.tcpReset === 'removes') prolong(mapping, session, nowMicros);
  else if (isOver) prolong(mapping, session, nowMicros + tcpClosingMicros);
  else prolong(mapping, session, nowMicros + (isOpen ? tcpEstablishedMicros : tcpTransitoryMicros));
}

/** Ends a session at once, and its mapping when there is no other. */
export function endSession(mapping: Mapping, session: Session, nowMicros: number): void {
  prolong(mapping, session, nowMicros);
}

function udpLifeMicros(behaviour: NatBehaviour, session: Session, nowMicros: number): number {
  const { udpMappingMicros, udpUnrepliedMicros = udpMappingMicros, udpStreamAfterMicros = -1 } = behaviour;
  const isStream = session.replied && nowMicros - session.madeAtMicros > udpStreamAfterMicros;
  return isStream ? udpMappingMicros : udpUnrepliedMicros;
}

/** A new SYN begins the session anew (RFC 5382 REQ-2: simultaneous open is a SYN each way). */
function noteTcpFlags(session: Session, isOutbound: boolean, flags: number): void {
  if ((flags & TCP_FLAG.syn) !== 0) {
    if (session.reset || (session.finIn && session.finOut)) {
      session.synIn = session.synOut = session.finIn = session.finOut = session.reset = false;
    }
    if (isOutbound) session.synOut = true;
    else session.synIn = true;
  }
  if ((flags & TCP_FLAG.fin) !== 0) {
    if (isOutbound) session.finOut = true;
    else session.finIn = true;
  }
  if ((flags & TCP_FLAG.rst) !== 0) session.reset = true;
}

/** Sets the end of a session; the mapping lives as long as its longest session. */
function prolong(mapping: Mapping, session: Session, expiresAtMicros: number): void {
  const heldMapping = session.expiresAtMicros === mapping.expiresAtMicros;
  session.expiresAtMicros = session.admitsUntilMicros = expiresAtMicros;
  if (expiresAtMicros >= mapping.expiresAtMicros || mapping.expiresAtMicros === Infinity) {
    mapping.expiresAtMicros = expiresAtMicros;
  } else if (heldMapping) {
    let latest = 0;
    for (const other of mapping.sessions.values()) latest = Math.max(latest, other.expiresAtMicros);
    mapping.expiresAtMicros = latest;
  }
}

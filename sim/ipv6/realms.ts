/**
 * The two sides of a stateful translator: how the outside looks from the IPv6 inside, and what becomes of a packet that changes
 * sides. For NAT64 the outside is IPv4 under a prefix (RFC 6052, RFC 7915); for a masquerade (NAT66) both sides are IPv6.
 */
import { parsePrefix, prefixHolds } from '../address.ts';
import type { Address, Address6, Prefix } from '../address.ts';
import { ECHO6_TYPE, ECHO_TYPE, isEchoReply, isEchoRequest } from '../echo.ts';
import { usageError } from '../errors.ts';
import { ICMP6_TYPE, ICMP_CODE, ICMP_TYPE, icmp4For, icmp6For } from '../icmp.ts';
import {
  ICMP_HEADER_BYTES,
  IP6_HEADER_BYTES,
  IP6_MTU_BYTES_MIN,
  IP_HEADER_BYTES,
  PROTOCOL,
  isIcmp,
} from '../packet.ts';
import type { Packet, Protocol } from '../packet.ts';
import { textOf, wordsOf } from './text.ts';

/** How the outside of a translator relates to its inside. */
export type Realm = {
  /** The outer address that an inner host means by this one; undefined for one that means nothing outside. */
  outerOf(address: Address6): Address | undefined;
  /** The address under which inner hosts know an outer one. */
  innerOf(address: Address): Address6;
  /** Bytes a packet loses on its way out, and gains on its way in. */
  readonly savedBytes: number;
  /** Makes a packet with addresses of the outside a whole one of it; false when it has no counterpart there. */
  makeOuter(packet: Packet): boolean;
  /** The same for the inside. */
  makeInner(packet: Packet): boolean;
};

/** The outside of a masquerade is like the inside. */
export const SAME_REALM: Realm = {
  outerOf: (address) => address,
  innerOf: (address) => String(address),
  savedBytes: 0,
  makeOuter: () => true,
  makeInner: () => true,
};

/** RFC 6052 section 2.2 has other lengths, in which the address is split; here all of it is at the end. */
const PREFIX_LENGTH = 96;
const HEADER_DIFFERENCE = IP6_HEADER_BYTES - IP_HEADER_BYTES;

/**
 * IPv4 under a /96 prefix.
 *
 * @throws SimError `usage` - not a /96 of IPv6.
 */
export function nat64Realm(prefixText: string): Realm {
  const prefix = parsePrefix(prefixText);
  if (typeof prefix.address !== 'string' || prefix.length !== PREFIX_LENGTH) {
    throw usageError(`'${prefixText}' is no prefix for NAT64; give a /${PREFIX_LENGTH} like 64:ff9b::/96`);
  }
  return {
    outerOf: (address) => (prefixHolds(prefix, address) ? wordsOf(address)[3] : undefined),
    innerOf: (address) => embedded(prefix, address),
    savedBytes: HEADER_DIFFERENCE,
    makeOuter: makeFour,
    makeInner: makeSix,
  };
}

/** An IPv4 address behind a /96 (RFC 6052 section 2.2). */
export function embedded(prefix: Prefix, address: Address): Address6 {
  const [a, b, c] = wordsOf(String(prefix.address));
  return textOf([a, b, c, Number(address)]);
}

/** RFC 7915 section 5: from IPv6 to IPv4. */
function makeFour(packet: Packet): boolean {
  const echo = translatedEcho(packet, ECHO_TYPE);
  if (echo !== undefined || !isIcmp(packet)) {
    packet.sizeBytes -= HEADER_DIFFERENCE;
    // It travels in one piece again, until a link of IPv4 needs it cut.
    packet.nextHopMtu = 0;
    if (echo !== undefined) turnInto(packet, PROTOCOL.icmp, echo);
    return true;
  }
  const kind = icmp4For(packet.icmpType, packet.icmpCode);
  const { quoted } = packet;
  if (kind === undefined || quoted === undefined || !makeFour(quoted)) return false;
  // Section 5.2: what fits into IPv6 fits into 20 bytes less of IPv4.
  if (packet.icmpType === ICMP6_TYPE.packetTooBig) packet.nextHopMtu -= HEADER_DIFFERENCE;
  turnInto(packet, PROTOCOL.icmp, kind.type, kind.code);
  packet.sizeBytes = IP_HEADER_BYTES + ICMP_HEADER_BYTES + IP_HEADER_BYTES + 8;
  return true;
}

/** RFC 7915 section 4: from IPv4 to IPv6. */
function makeSix(packet: Packet): boolean {
  const echo = translatedEcho(packet, ECHO6_TYPE);
  if (echo !== undefined || !isIcmp(packet)) {
    packet.sizeBytes += HEADER_DIFFERENCE;
    if (echo !== undefined) turnInto(packet, PROTOCOL.icmp6, echo);
    return true;
  }
  const { quoted } = packet;
  if (quoted === undefined || !makeSix(quoted)) return false;
  const { type, code } = icmp6For(packet.icmpType, packet.icmpCode);
  const isTooBig = packet.icmpType === ICMP_TYPE.unreachable && packet.icmpCode === ICMP_CODE.fragmentationNeeded;
  // Section 4.2, and not below what every IPv6 link carries.
  if (isTooBig) packet.nextHopMtu = Math.max(IP6_MTU_BYTES_MIN, packet.nextHopMtu + HEADER_DIFFERENCE);
  turnInto(packet, PROTOCOL.icmp6, type, code);
  packet.sizeBytes = Math.min(IP6_MTU_BYTES_MIN, IP6_HEADER_BYTES + ICMP_HEADER_BYTES + quoted.sizeBytes);
  return true;
}

/** The type of a ping or its answer in the other family; undefined for all other packets. */
function translatedEcho(packet: Packet, types: typeof ECHO_TYPE | typeof ECHO6_TYPE): number | undefined {
  if (isEchoRequest(packet)) return types.request;
  return isEchoReply(packet) ? types.reply : undefined;
}

function turnInto(packet: Packet, protocol: Protocol, type: number, code = 0): void {
  packet.protocol = protocol;
  packet.icmpType = type;
  packet.icmpCode = code;
}

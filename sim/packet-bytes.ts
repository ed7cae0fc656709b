/**
 * Packets as bytes: IPv4, IPv6, TCP, UDP and ICMP headers with correct checksums, and fragments of both families. Encoding
 * only; the simulator itself never reads bytes back. What is special to IPv6 is in `ipv6/header-bytes.ts`.
 */
import type { Address4 } from './address.ts';
import { put16, put32 } from './big-endian.ts';
import { pseudoHeaderSum6, writeFragmentHeader6, writeIp6 } from './ipv6/header-bytes.ts';
import {
  ICMP_HEADER_BYTES,
  IP6_HEADER_BYTES,
  IP6_MTU_BYTES_MIN,
  IP_HEADER_BYTES,
  NO_BYTES,
  PROTOCOL,
  TCP_HEADER_BYTES,
  UDP_HEADER_BYTES,
} from './packet.ts';
import { isEchoRequest } from './echo.ts';
import { isIcmp } from './packet.ts';
import type { Packet } from './packet.ts';
import { FRAGMENT_HEADER6_BYTES, fragmentPayloadBytes } from './link-options.ts';

const ICMP_QUOTE_BYTES = IP_HEADER_BYTES + 8;
const ICMP6_QUOTE_BYTES = IP6_MTU_BYTES_MIN - IP6_HEADER_BYTES - ICMP_HEADER_BYTES;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;

/** The ones' complement sum of RFC 1071 over some bytes, folded to 16 bits but not inverted. */
export function onesSum(bytes: Uint8Array, start = 0): number {
  return onesSumOf(bytes, 0, bytes.length, start);
}

function onesSumOf(bytes: Uint8Array, from: number, to: number, start: number): number {
  let sum = start;
  let index = from;
  for (; index + 1 < to; index += 2) sum += (bytes[index]! << 8) | bytes[index + 1]!;
  if (index < to) sum += bytes[index]! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return sum;
}

/** The packet as it crosses a link of that MTU: one IPv4 packet, or several fragments. */
export function encodePacket(packet: Packet, mtuBytes = 1_500): Uint8Array[] {
  const whole = new Uint8Array(encodedBytes(packet));
  writePacket(packet, whole, 0);
  if (!isInFragments(packet, whole.length, mtuBytes)) return [whole];
  if (typeof packet.source === 'string') return fragments6(packet, whole, packet.nextHopMtu);
  const step = fragmentPayloadBytes(mtuBytes);
  const fragments: Uint8Array[] = [];
  for (let offset = IP_HEADER_BYTES; offset < whole.length; offset += step) {
    const body = whole.subarray(offset, offset + step);
    const more = offset + step < whole.length ? MORE_FRAGMENTS : 0;
    const fragment = new Uint8Array(IP_HEADER_BYTES + body.length);
    fragment.set(body, IP_HEADER_BYTES);
    writeIp(packet, fragment, 0, { sizeBytes: fragment.length, fragment: more | ((offset - IP_HEADER_BYTES) >> 3) });
    fragments.push(fragment);
  }
  return fragments;
}

/** Whether a packet of that many bytes crosses a link of that MTU in several pieces. */
export function isInFragments(packet: Readonly<Packet>, sizeBytes: number, mtuBytes: number): boolean {
  if (packet.protocol !== PROTOCOL.udp) return false;
  return typeof packet.source === 'number' ? sizeBytes > mtuBytes : packet.nextHopMtu > 0;
}

/** The pieces of an IPv6 datagram that its sender cut for an MTU (RFC 8200 section 4.5). */
function fragments6(packet: Packet, whole: Uint8Array, mtuBytes: number): Uint8Array[] {
  const step = fragmentPayloadBytes(mtuBytes, IP6_HEADER_BYTES + FRAGMENT_HEADER6_BYTES);
  const headBytes = IP6_HEADER_BYTES + FRAGMENT_HEADER6_BYTES;
  const fragments: Uint8Array[] = [];
  for (let offset = IP6_HEADER_BYTES; offset < whole.length; offset += step) {
    const body = whole.subarray(offset, offset + step);
    const fragment = new Uint8Array(headBytes + body.length);
    const isLast = offset + step >= whole.length;
    writeFragmentHeader6(packet, fragment, { offset: offset - IP6_HEADER_BYTES, isLast });
    fragment.set(body, headBytes);
    fragments.push(fragment);
  }
  return fragments;
}

/** Length of the packet in one piece. */
export function encodedBytes(packet: Packet): number {
  const { protocol, payload } = packet;
  const isSix = typeof packet.source === 'string';
  const head = isSix ? IP6_HEADER_BYTES : IP_HEADER_BYTES;
  if (protocol === PROTOCOL.udp) return head + UDP_HEADER_BYTES + payload.length;
  if (protocol === PROTOCOL.tcp) return head + TCP_HEADER_BYTES + tcpOptions(packet).length + payload.length;
  const quoteMax = isSix ? ICMP6_QUOTE_BYTES : ICMP_QUOTE_BYTES;
  const quoted = packet.quoted === undefined ? 0 : Math.min(quoteMax, encodedBytes(packet.quoted));
  return head + ICMP_HEADER_BYTES + quoted + payload.length;
}

/** Writes the packet in one piece, `encodedBytes` long, at an offset into bytes that are zero. Makes no array on the way. */
export function writePacket(packet: Packet, bytes: Uint8Array, at: number): void {
  const body = at + (typeof packet.source === 'string' ? IP6_HEADER_BYTES : IP_HEADER_BYTES);
  const sizeBytes = encodedBytes(packet);
  const end = at + sizeBytes;
  if (isIcmp(packet)) writeIcmp(packet, bytes, body, end);
  else {
    const isTcp = packet.protocol === PROTOCOL.tcp;
    if (isTcp) writeTcp(packet, bytes, body);
    else writeUdp(packet, bytes, body);
    const sum = ~onesSumOf(bytes, body, end, pseudoHeaderSum(packet, end - body)) & 0xffff;
    // UDP sends all ones for a sum of zero (RFC 768). A damaged packet shows in its checksum.
    const checksum = sum === 0 && !isTcp ? 0xffff : sum;
    put16(bytes, body + (isTcp ? 16 : 6), packet.damaged ? checksum ^ 1 : checksum);
  }
  writeIp(packet, bytes, at, { sizeBytes, fragment: packet.protocol === PROTOCOL.tcp ? DONT_FRAGMENT : 0 });
}

function writeIp(
  packet: Packet,
  bytes: Uint8Array,
  at: number,
  { sizeBytes, fragment }: { readonly sizeBytes: number; readonly fragment: number },
): void {
  const { source, destination } = packet;
  if (typeof source === 'string' || typeof destination === 'string') {
    writeIp6(packet, bytes, at, sizeBytes);
    return;
  }
  bytes[at] = 0x45;
  bytes[at + 1] = packet.ecn;
  put16(bytes, at + 2, sizeBytes);
  put16(bytes, at + 4, packet.identification);
  put16(bytes, at + 6, fragment);
  bytes[at + 8] = packet.timeToLive;
  bytes[at + 9] = packet.protocol;
  put32(bytes, at + 12, source);
  put32(bytes, at + 16, destination);
  put16(bytes, at + 10, ~onesSumOf(bytes, at, at + IP_HEADER_BYTES, 0));
}

function writeUdp(packet: Packet, bytes: Uint8Array, at: number): void {
  put16(bytes, at, packet.sourcePort);
  put16(bytes, at + 2, packet.destinationPort);
  put16(bytes, at + 4, UDP_HEADER_BYTES + packet.payload.length);
  bytes.set(packet.payload, at + UDP_HEADER_BYTES);
}

function writeTcp(packet: Packet, bytes: Uint8Array, at: number): void {
  const options = tcpOptions(packet);
  const headerBytes = TCP_HEADER_BYTES + options.length;
  put16(bytes, at, packet.sourcePort);
  put16(bytes, at + 2, packet.destinationPort);
  put32(bytes, at + 4, packet.sequence);
  put32(bytes, at + 8, packet.acknowledgment);
  bytes[at + 12] = (headerBytes >> 2) << 4;
  bytes[at + 13] = packet.flags;
  put16(bytes, at + 14, packet.window);
  bytes.set(options, at + TCP_HEADER_BYTES);
  bytes.set(packet.payload, at + headerBytes);
}

/** Maximum segment size, window scale, SACK-permitted, SACK blocks; each aligned by no-operations before it. */
function tcpOptions(packet: Packet): Uint8Array {
  const hasNone = packet.segmentSizeMax === 0 && packet.windowShift < 0 && !packet.sackPermitted;
  if (hasNone && packet.sackEdges === undefined) return NO_BYTES;
  const options: number[] = [];
  if (packet.segmentSizeMax > 0) options.push(2, 4, packet.segmentSizeMax >> 8, packet.segmentSizeMax & 0xff);
  if (packet.windowShift >= 0) options.push(1, 3, 3, packet.windowShift);
  if (packet.sackPermitted) options.push(1, 1, 4, 2);
  if (packet.sackEdges !== undefined) {
    options.push(1, 1, 5, 2 + 4 * packet.sackEdges.length);
    for (const edge of packet.sackEdges) options.push(edge >>> 24, (edge >> 16) & 255, (edge >> 8) & 255, edge & 255);
  }
  return Uint8Array.from(options);
}

function writeIcmp(packet: Packet, bytes: Uint8Array, at: number, end: number): void {
  const quoted = packet.quoted === undefined ? NO_BYTES : encodePacket(packet.quoted, 65_535)[0]!;
  bytes[at] = packet.icmpType;
  bytes[at + 1] = packet.icmpCode;
  if (packet.quoted === undefined) {
    // An echo: the identifier is the port of the end that asked.
    put16(bytes, at + 4, isEchoRequest(packet) ? packet.sourcePort : packet.destinationPort);
    put16(bytes, at + 6, packet.sequence);
    bytes.set(packet.payload, at + ICMP_HEADER_BYTES);
  } else put16(bytes, at + 6, packet.nextHopMtu);
  bytes.set(quoted.subarray(0, end - at - ICMP_HEADER_BYTES), at + ICMP_HEADER_BYTES);
  // Unlike ICMP, ICMPv6 sums up a pseudo-header, too (RFC 4443 section 2.3).
  const start = packet.protocol === PROTOCOL.icmp6 ? pseudoHeaderSum(packet, end - at) : 0;
  const checksum = ~onesSumOf(bytes, at, end, start) & 0xffff;
  put16(bytes, at + 2, packet.damaged ? checksum ^ 1 : checksum);
}

/** Addresses, protocol and length: what TCP and UDP checksums cover besides their own bytes. */
function pseudoHeaderSum(packet: Packet, length: number): number {
  const { source, destination } = packet;
  if (typeof source === 'string' || typeof destination === 'string') return pseudoHeaderSum6(packet, length);
  return addressSum(source) + addressSum(destination) + packet.protocol + length;
}

function addressSum(address: Address4): number {
  return (address >>> 16) + (address & 0xffff);
}

/**
 * Packets as bytes: IPv4, TCP, UDP and ICMP headers with correct checksums, and IPv4 fragments. Encoding only; the simulator
 * itself never reads bytes back.
 */
import { ICMP_HEADER_BYTES, IP_HEADER_BYTES, PROTOCOL, TCP_HEADER_BYTES, UDP_HEADER_BYTES } from './packet.ts';
import type { Packet } from './packet.ts';
import { fragmentPayloadBytes } from './link-options.ts';

const ICMP_QUOTE_BYTES = IP_HEADER_BYTES + 8;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;

/** The ones' complement sum of RFC 1071 over some bytes, folded to 16 bits but not inverted. */
export function onesSum(bytes: Uint8Array, start = 0): number {
  let sum = start;
  for (let index = 0; index + 1 < bytes.length; index += 2) sum += (bytes[index]! << 8) | bytes[index + 1]!;
  if (bytes.length % 2 === 1) sum += bytes.at(-1)! << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return sum;
}

/** The packet as it crosses a link of that MTU: one IPv4 packet, or several fragments. */
export function encodePacket(packet: Packet, mtuBytes = 1_500): Uint8Array[] {
  const body = encodeBody(packet);
  if (IP_HEADER_BYTES + body.length <= mtuBytes || packet.protocol !== PROTOCOL.udp) {
    const flags = packet.protocol === PROTOCOL.tcp ? DONT_FRAGMENT : 0;
    return [encodeIp(packet, body, flags)];
  }
  const step = fragmentPayloadBytes(mtuBytes);
  const fragments: Uint8Array[] = [];
  for (let offset = 0; offset < body.length; offset += step) {
    const more = offset + step < body.length ? MORE_FRAGMENTS : 0;
    fragments.push(encodeIp(packet, body.subarray(offset, offset + step), more | (offset >> 3)));
  }
  return fragments;
}

function encodeIp(packet: Packet, body: Uint8Array, fragment: number): Uint8Array {
  const bytes = new Uint8Array(IP_HEADER_BYTES + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x45);
  view.setUint8(1, packet.ecn);
  view.setUint16(2, bytes.length);
  view.setUint16(4, packet.identification);
  view.setUint16(6, fragment);
  view.setUint8(8, packet.timeToLive);
  view.setUint8(9, packet.protocol);
  view.setInt32(12, packet.source);
  view.setInt32(16, packet.destination);
  view.setUint16(10, ~onesSum(bytes.subarray(0, IP_HEADER_BYTES)) & 0xffff);
  bytes.set(body, IP_HEADER_BYTES);
  return bytes;
}

function encodeBody(packet: Packet): Uint8Array {
  if (packet.protocol === PROTOCOL.icmp) return encodeIcmp(packet);
  const bytes = packet.protocol === PROTOCOL.tcp ? encodeTcp(packet) : encodeUdp(packet);
  const checksumAt = packet.protocol === PROTOCOL.tcp ? 16 : 6;
  const sum = ~onesSum(bytes, pseudoHeaderSum(packet, bytes.length)) & 0xffff;
  // UDP sends all ones for a sum of zero (RFC 768). A damaged packet shows in its checksum.
  const checksum = sum === 0 && packet.protocol === PROTOCOL.udp ? 0xffff : sum;
  new DataView(bytes.buffer).setUint16(checksumAt, packet.damaged ? checksum ^ 1 : checksum);
  return bytes;
}

function encodeUdp(packet: Packet): Uint8Array {
  const bytes = new Uint8Array(UDP_HEADER_BYTES + packet.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, packet.sourcePort);
  view.setUint16(2, packet.destinationPort);
  view.setUint16(4, bytes.length);
  bytes.set(packet.payload, UDP_HEADER_BYTES);
  return bytes;
}

function encodeTcp(packet: Packet): Uint8Array {
  const options = tcpOptions(packet);
  const headerBytes = TCP_HEADER_BYTES + options.length;
  const bytes = new Uint8Array(headerBytes + packet.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, packet.sourcePort);
  view.setUint16(2, packet.destinationPort);
  view.setInt32(4, packet.sequence);
  view.setInt32(8, packet.acknowledgment);
  view.setUint8(12, (headerBytes >> 2) << 4);
  view.setUint8(13, packet.flags);
  view.setUint16(14, packet.window);
  bytes.set(options, TCP_HEADER_BYTES);
  bytes.set(packet.payload, headerBytes);
  return bytes;
}

/** Maximum segment size, window scale, SACK-permitted, SACK blocks; each aligned by no-operations before it. */
function tcpOptions(packet: Packet): Uint8Array {
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

function encodeIcmp(packet: Packet): Uint8Array {
  const quoted = packet.quoted === undefined ? new Uint8Array(0) : encodePacket(packet.quoted, 65_535)[0]!;
  const bytes = new Uint8Array(ICMP_HEADER_BYTES + Math.min(ICMP_QUOTE_BYTES, quoted.length));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, packet.icmpType);
  view.setUint8(1, packet.icmpCode);
  view.setUint16(6, packet.nextHopMtu);
  bytes.set(quoted.subarray(0, ICMP_QUOTE_BYTES), ICMP_HEADER_BYTES);
  const checksum = ~onesSum(bytes) & 0xffff;
  view.setUint16(2, packet.damaged ? checksum ^ 1 : checksum);
  return bytes;
}

/** Addresses, protocol and length: what TCP and UDP checksums cover besides their own bytes. */
function pseudoHeaderSum(packet: Packet, length: number): number {
  const { source, destination } = packet;
  return (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + packet.protocol + length;
}

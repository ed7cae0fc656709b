/**
 * The IPv6 header and its fragment header as bytes, and the sum of the pseudo-header. Encoding only; `packet-bytes.ts` has the
 * rest.
 */
import { IP6_HEADER_BYTES, PROTOCOL } from '../packet.ts';
import type { Packet } from '../packet.ts';
import { wordsOf } from './text.ts';

/** The number of the fragment header (RFC 8200 section 4.5). */
const NEXT_HEADER_FRAGMENT = 44;
const MORE_FRAGMENTS = 1;

/** Writes the header of RFC 8200 section 3; `sizeBytes` is that of the whole packet. */
export function writeIp6(packet: Packet, bytes: Uint8Array, at: number, sizeBytes: number): void {
  writeHeader(packet, bytes, at, { sizeBytes, nextHeader: packet.protocol });
}

/** Writes both headers of a piece of a packet to the beginning of its bytes, whose length is that of the piece. */
export function writeFragmentHeader6(
  packet: Packet,
  bytes: Uint8Array,
  { offset, isLast }: { readonly offset: number; readonly isLast: boolean },
): void {
  writeHeader(packet, bytes, 0, { sizeBytes: bytes.length, nextHeader: NEXT_HEADER_FRAGMENT });
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint8(IP6_HEADER_BYTES, PROTOCOL.udp);
  // The offset is in units of eight bytes, in the upper 13 bits.
  view.setUint16(IP6_HEADER_BYTES + 2, offset | (isLast ? 0 : MORE_FRAGMENTS));
  view.setUint32(IP6_HEADER_BYTES + 4, packet.identification);
}

/** Both addresses, the length and the next header: what upper checksums cover besides their own bytes (RFC 8200 section 8.1). */
export function pseudoHeaderSum6(packet: Packet, length: number): number {
  let sum = packet.protocol + length;
  for (const word of [...wordsOf(String(packet.source)), ...wordsOf(String(packet.destination))]) {
    sum += (word >>> 16) + (word & 0xffff);
  }
  return sum;
}

function writeHeader(
  packet: Packet,
  bytes: Uint8Array,
  at: number,
  { sizeBytes, nextHeader }: { readonly sizeBytes: number; readonly nextHeader: number },
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  // Version, traffic class (its last two bits are ECN), no flow label.
  view.setUint32(0, 0x6000_0000 | (packet.ecn << 20));
  view.setUint16(4, sizeBytes - IP6_HEADER_BYTES);
  view.setUint8(6, nextHeader);
  view.setUint8(7, packet.timeToLive);
  const words = [...wordsOf(String(packet.source)), ...wordsOf(String(packet.destination))];
  for (const [index, word] of words.entries()) view.setInt32(8 + 4 * index, word);
}

/**
 * Packets of both families as plain records: UDP datagrams, TCP segments and ICMP errors.
 *
 * A packet object has exactly one owner at a time (a link, a router, a host), so routers may rewrite it in place; whoever
 * needs a second one calls `copyPacket`. Payload bytes are never changed once a packet carries them. Header bytes and
 * checksums exist only in captures (`packet-bytes.ts`).
 */
import type { Address } from './address.ts';
import { icmp6For } from './icmp.ts';

/** The IP protocol numbers that exist here. */
export const PROTOCOL = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 } as const;
export type Protocol = (typeof PROTOCOL)[keyof typeof PROTOCOL];

/** TCP flag bits, as on the wire. */
export const TCP_FLAG = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, ece: 64, cwr: 128 } as const;

export { ICMP_CODE, ICMP_TYPE } from './icmp.ts';

/** The ECN field of the IP header (RFC 3168 section 5). */
export const ECN = { notCapable: 0, capable1: 1, capable0: 2, congestion: 3 } as const;

export const IP_HEADER_BYTES = 20;
/** RFC 8200 section 3. */
export const IP6_HEADER_BYTES = 40;
/** The least MTU of a link that carries IPv6 (RFC 8200 section 5), in bytes; ICMPv6 errors stay below it. */
export const IP6_MTU_BYTES_MIN = 1_280;
export const TCP_HEADER_BYTES = 20;
export const UDP_HEADER_BYTES = 8;
export const ICMP_HEADER_BYTES = 8;
/** Of our own: what most systems send. */
const TIME_TO_LIVE_DEFAULT = 64;

export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** One packet. Sequence numbers are signed 32-bit integers; both addresses are of one family. */
export type Packet = {
  protocol: Protocol;
  source: Address;
  destination: Address;
  /** UDP and TCP; 0 for ICMP. */
  sourcePort: number;
  destinationPort: number;
  payload: Uint8Array;
  /** Length of the whole IP packet. */
  sizeBytes: number;
  /** The hop limit of an IPv6 packet. */
  timeToLive: number;
  identification: number;
  /** The two ECN bits, see `ECN`: a queue may turn 1 or 2 into 3 instead of dropping. */
  ecn: number;
  /** TCP only, below. */
  flags: number;
  sequence: number;
  acknowledgment: number;
  /** The 16-bit window field. */
  window: number;
  /** Maximum segment size option, 0 when absent. */
  segmentSizeMax: number;
  /** Window scale option, -1 when absent. */
  windowShift: number;
  /** The SACK-permitted option of a SYN (RFC 2018). */
  sackPermitted: boolean;
  /** The SACK option: first and one-after-last sequence number of each block, the latest first; at most four blocks. */
  sackEdges: readonly number[] | undefined;
  /** ICMP only, below. */
  icmpType: number;
  icmpCode: number;
  /**
   * MTU of the next hop in "fragmentation needed" and "packet too big". In an IPv6 datagram that travels in fragments: the
   * MTU its sender cut it for, because only senders cut (RFC 8200 section 4.5).
   */
  nextHopMtu: number;
  /** The packet an ICMP error is about. */
  quoted: Packet | undefined;
  /** Not on the wire: the number of the node that made it, for partitions. */
  origin: number;
  /** Not on the wire: bits were flipped, and the checksum shows it. */
  damaged: boolean;
  /** Not on the wire: a hash of the payload, for the trace. */
  payloadHash: number;
};

/** A packet with everything but addresses and payload at rest. */
export function createPacket(
  protocol: Protocol,
  source: Address,
  sourcePort: number,
  destination: Address,
  destinationPort: number,
  payload: Uint8Array,
): Packet {
  return {
    protocol,
    source,
    destination,
    sourcePort,
    destinationPort,
    payload,
    sizeBytes: ipHeaderBytes(source) + payload.length,
    timeToLive: TIME_TO_LIVE_DEFAULT,
    identification: 0,
    ecn: 0,
    flags: 0,
    sequence: 0,
    acknowledgment: 0,
    window: 0,
    segmentSizeMax: 0,
    windowShift: -1,
    sackPermitted: false,
    sackEdges: undefined,
    icmpType: 0,
    icmpCode: 0,
    nextHopMtu: 0,
    quoted: undefined,
    origin: -1,
    damaged: false,
    payloadHash: 0,
  };
}

/** A UDP datagram. `payload` becomes the packet's own. */
export function createUdpPacket(
  source: Address,
  sourcePort: number,
  destination: Address,
  destinationPort: number,
  payload: Uint8Array,
): Packet {
  const packet = createPacket(PROTOCOL.udp, source, sourcePort, destination, destinationPort, payload);
  packet.sizeBytes += UDP_HEADER_BYTES;
  return packet;
}

/**
 * An ICMP error about `cause`, from `source` back to the one who sent it. Type and code are those of IPv4; about an IPv6
 * packet it becomes the ICMPv6 error that says the same.
 */
export function createIcmpError(source: Address, icmpType: number, icmpCode: number, cause: Packet): Packet {
  const isSix = typeof cause.source === 'string';
  const packet = createPacket(isSix ? PROTOCOL.icmp6 : PROTOCOL.icmp, source, 0, cause.source, 0, NO_BYTES);
  packet.quoted = copyPacket(cause);
  if (isSix) {
    const kind = icmp6For(icmpType, icmpCode);
    packet.icmpType = kind.type;
    packet.icmpCode = kind.code;
    // As much of what it is about as fits (RFC 4443 section 2.4 c).
    packet.sizeBytes = Math.min(IP6_MTU_BYTES_MIN, packet.sizeBytes + ICMP_HEADER_BYTES + cause.sizeBytes);
    return packet;
  }
  packet.icmpType = icmpType;
  packet.icmpCode = icmpCode;
  // An error quotes the header and the first eight bytes of what it is about (RFC 792).
  packet.sizeBytes += ICMP_HEADER_BYTES + IP_HEADER_BYTES + 8;
  return packet;
}

/** Bytes of the IP header of an address's family. */
export function ipHeaderBytes(address: Address): number {
  return typeof address === 'number' ? IP_HEADER_BYTES : IP6_HEADER_BYTES;
}

/** The first segment of a connection: SYN without ACK. */
export function isSyn({ protocol, flags }: Readonly<Packet>): boolean {
  return protocol === PROTOCOL.tcp && (flags & (TCP_FLAG.syn | TCP_FLAG.ack)) === TCP_FLAG.syn;
}

/** Whether it is an ICMP error, of either family. */
export function isIcmp({ protocol }: Readonly<Packet>): boolean {
  return protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmp6;
}

/** A second packet with the same content; the payload bytes are shared. */
export function copyPacket(packet: Packet): Packet {
  return { ...packet };
}

/**
 * Shorter payloads are read byte by byte. A view costs more than it saves there, and up to 64 bytes far more: engines keep
 * such arrays in the heap and have to move them out before anybody can look at their buffer.
 */
const VIEW_BYTES_MIN = 128;

/** A hash over all bytes, four at a time in little-endian order. */
export function hashBytes(bytes: Uint8Array): number {
  const size = bytes.length;
  let hash = 0x811c9dc5 ^ size;
  let index = 0;
  if (size >= VIEW_BYTES_MIN) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, size);
    for (; index + 4 <= size; index += 4) {
      hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ view.getInt32(index, true), 0x01000193);
    }
  }
  for (; index + 4 <= size; index += 4) {
    const word = bytes[index]! | (bytes[index + 1]! << 8) | (bytes[index + 2]! << 16) | (bytes[index + 3]! << 24);
    hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ word, 0x01000193);
  }
  for (; index < size; index += 1) hash = Math.imul(hash ^ bytes[index]!, 0x01000193);
  return hash | 0;
}

/** First trace word of a packet: protocol and size. */
export function packetHead(packet: Packet): number {
  return (packet.protocol << 24) | packet.sizeBytes;
}

/** Second trace word of a packet: both ports. */
export function packetPorts(packet: Packet): number {
  return (packet.sourcePort << 16) | packet.destinationPort;
}

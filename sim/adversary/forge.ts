/**
 * Packets that nobody sent: any source address, any port, any number in the header. Pure; `Adversary.send` puts them on the wire.
 *
 * Checksums are right, as an attacker's are. Bytes given become the packet's own.
 */
import type { FlowEnd } from './tap.ts';
import {
  NO_BYTES,
  PROTOCOL,
  TCP_HEADER_BYTES,
  createIcmpError,
  createPacket,
  createUdpPacket,
  hashBytes,
} from '../packet.ts';
import type { Packet } from '../packet.ts';

/** From whom it claims to be, and to whom it goes. */
export type Ends = { readonly from: FlowEnd; readonly to: FlowEnd };

/** What the header of a forged segment says; numbers are 32 bits, signed or not. */
export type SegmentFields = {
  /** Bits of `TCP_FLAG`. */
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgment?: number;
  /** The 16-bit field. Default 65,535. */
  readonly window?: number;
  readonly payload?: Uint8Array;
};

/** A datagram that claims to come from `from`. */
export function forgeDatagram({ from, to }: Ends, payload: Uint8Array): Packet {
  const packet = createUdpPacket(from.address, from.port, to.address, to.port, payload);
  packet.payloadHash = hashBytes(payload);
  return packet;
}

/** A segment that claims to come from `from`. */
export function forgeSegment({ from, to }: Ends, fields: SegmentFields): Packet {
  const { flags, sequence, acknowledgment = 0, window = 0xffff, payload = NO_BYTES } = fields;
  const packet = createPacket(PROTOCOL.tcp, from.address, from.port, to.address, to.port, payload);
  packet.sizeBytes += TCP_HEADER_BYTES;
  packet.flags = flags;
  packet.sequence = sequence | 0;
  packet.acknowledgment = acknowledgment | 0;
  packet.window = window;
  if (payload.length > 0) packet.payloadHash = hashBytes(payload);
  return packet;
}

/** What a forged ICMP error says: type and code of IPv4 (RFC 792), and the next hop's MTU where it names one. */
export type IcmpFields = { readonly type: number; readonly code: number; readonly nextHopMtu?: number };

/** An ICMP error that claims to come from the receiver of `quoted`, about that packet of somebody else. */
export function forgeIcmpError(quoted: Packet, { type, code, nextHopMtu = 0 }: IcmpFields): Packet {
  const error = createIcmpError(quoted.destination, type, code, quoted);
  error.nextHopMtu = nextHopMtu;
  return error;
}

/**
 * Captures as classic pcap files with virtual timestamps: raw IP or Ethernet. A pure function from packets to bytes; it
 * writes no file.
 */
import { addressWord } from './address.ts';
import { encodePacket } from './packet-bytes.ts';
import type { Packet } from './packet.ts';

/** A packet and when it was seen. */
export type CapturedPacket = { readonly atMicros: number; readonly packet: Readonly<Packet> };

export type PcapOptions = {
  /** `raw`: LINKTYPE_RAW (101), packets begin with the IP header. `ethernet`: LINKTYPE_ETHERNET (1). Default `raw`. */
  readonly linkType?: 'raw' | 'ethernet';
  /** Added to the virtual times; milliseconds since 1970. Default 0. */
  readonly epochMillis?: number;
  /** Datagrams above it are written as fragments. Default 1,500. */
  readonly mtuBytes?: number;
};

const MAGIC = 0xa1b2c3d4;
const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const ETHERNET_HEADER_BYTES = 14;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const SNAP_LENGTH = 262_144;
const LINK_TYPE = { raw: 101, ethernet: 1 } as const;
const MICROS_PER_SECOND = 1_000_000;

/** The whole file. Little-endian, microsecond timestamps; packets in the order given. */
export function encodePcap(captured: readonly CapturedPacket[], options: PcapOptions = {}): Uint8Array {
  const { linkType = 'raw', epochMillis = 0, mtuBytes = 1_500 } = options;
  const frames = captured.flatMap(({ atMicros, packet }) =>
    encodePacket(packet, mtuBytes).map((ip) => ({
      atMicros: epochMillis * 1_000 + atMicros,
      bytes: linkType === 'ethernet' ? withEthernet(packet, ip) : ip,
    })),
  );
  const size = frames.reduce((sum, { bytes }) => sum + RECORD_HEADER_BYTES + bytes.length, FILE_HEADER_BYTES);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, SNAP_LENGTH, true);
  view.setUint32(20, LINK_TYPE[linkType], true);
  let at = FILE_HEADER_BYTES;
  for (const { atMicros, bytes } of frames) {
    view.setUint32(at, Math.floor(atMicros / MICROS_PER_SECOND), true);
    view.setUint32(at + 4, atMicros % MICROS_PER_SECOND, true);
    view.setUint32(at + 8, bytes.length, true);
    view.setUint32(at + 12, bytes.length, true);
    file.set(bytes, at + RECORD_HEADER_BYTES);
    at += RECORD_HEADER_BYTES + bytes.length;
  }
  return file;
}

/** Hardware addresses are made from the IP addresses, locally administered: 02:00 and four bytes. */
function withEthernet(packet: Readonly<Packet>, ip: Uint8Array): Uint8Array {
  const frame = new Uint8Array(ETHERNET_HEADER_BYTES + ip.length);
  const view = new DataView(frame.buffer);
  view.setUint16(0, 0x0200);
  view.setInt32(2, addressWord(packet.destination));
  view.setUint16(6, 0x0200);
  view.setInt32(8, addressWord(packet.source));
  view.setUint16(12, typeof packet.source === 'string' ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
  frame.set(ip, ETHERNET_HEADER_BYTES);
  return frame;
}

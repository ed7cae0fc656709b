/**
 * The classic pcap file header: byte order, time unit, link type, and why a file is not one.
 *
 * Checks and names only; walking the packets is `pcap-gate.ts`, reading them `pcap-reader.ts`.
 */

export const GLOBAL_HEADER_BYTES = 24;
export const PACKET_HEADER_BYTES = 16;

/** Bytes a packet may claim to have captured; the largest snapshot length the common tools write. */
export const CAPTURED_BYTES_MAX = 262_144;

export type PcapHeader = {
  readonly littleEndian: boolean;
  /** Sub-second units in a second: 1,000,000 or 1,000,000,000. */
  readonly unitsPerSecond: number;
  /** Bytes of a packet that were kept at most; 0 stands for no limit. */
  readonly snapBytes: number;
  readonly linkType: number;
};

/** A statement about a file that cannot be read, or not to its end: where, and in one sentence what. */
export type FileFault = { readonly offset: number; readonly message: string };

const MAGIC = new Map<number, Pick<PcapHeader, 'littleEndian' | 'unitsPerSecond'>>([
  [0xa1b2c3d4, { littleEndian: false, unitsPerSecond: 1_000_000 }],
  [0xd4c3b2a1, { littleEndian: true, unitsPerSecond: 1_000_000 }],
  [0xa1b23c4d, { littleEndian: false, unitsPerSecond: 1_000_000_000 }],
  [0x4d3cb2a1, { littleEndian: true, unitsPerSecond: 1_000_000_000 }],
]);

/** Magic numbers of files that people hand over instead, and what to do about each. */
const OTHER_MAGIC: readonly { readonly bytes: readonly number[]; readonly hint: string }[] = [
  {
    bytes: [0x0a, 0x0d, 0x0d, 0x0a],
    hint: 'this is a pcapng capture; convert it with: editcap -F pcap IN.pcapng OUT.pcap',
  },
  { bytes: [0x1f, 0x8b], hint: 'this is a gzip file; unpack it with gunzip first' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], hint: 'this is a zstd file; unpack it with unzstd first' },
  {
    bytes: [0x34, 0xcd, 0xb2, 0xa1],
    hint: 'this is a pcap with the modified packet header; convert it with: editcap -F pcap IN.pcap OUT.pcap',
  },
];

/**
 * Reads the 24 bytes at the start of a capture.
 * @param bytes at least the first 24 bytes of the file
 * @returns the header, or why this is no classic pcap of version 2.4
 */
export function readGlobalHeader(bytes: Buffer): PcapHeader | FileFault {
  const order = MAGIC.get(bytes.readUInt32BE(0));
  if (order === undefined) {
    const known = OTHER_MAGIC.find((other) => other.bytes.every((byte, index) => bytes[index] === byte));
    const found = `the file starts with ${bytes.subarray(0, 4).toString('hex')}, which is no classic pcap magic number`;
    return { offset: 0, message: known === undefined ? found : `${found}: ${known.hint}` };
  }
  const uint32 = (offset: number): number =>
    order.littleEndian ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset);
  const uint16 = (offset: number): number =>
    order.littleEndian ? bytes.readUInt16LE(offset) : bytes.readUInt16BE(offset);
  const major = uint16(4);
  const minor = uint16(6);
  if (major !== 2 || minor !== 4) {
    return { offset: 4, message: `the pcap format version is ${major}.${minor}; only 2.4 can be read` };
  }
  // The upper half of the link type word holds the length of a frame check sequence, if any.
  return { ...order, snapBytes: uint32(16), linkType: uint32(20) & 0xffff };
}

/** The magic number in the file's own byte order that says microseconds: the only unit `pcap-parser` knows. */
export function withMicrosecondMagic(globalHeader: Buffer, header: PcapHeader): Buffer {
  const copy = Buffer.from(globalHeader);
  if (header.littleEndian) copy.writeUInt32LE(0xa1b2c3d4, 0);
  else copy.writeUInt32BE(0xa1b2c3d4, 0);
  return copy;
}

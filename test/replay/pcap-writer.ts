/** Writes classic pcap files and TCP packets for tests: every byte order, time unit and link type the reader knows. */

export type PcapShape = {
  readonly littleEndian?: boolean;
  readonly nanoseconds?: boolean;
  readonly snapBytes?: number;
  readonly linkType?: number;
};

export type RawPacket = { readonly timeMicros: number; readonly bytes: Buffer; readonly originalBytes?: number };

export const START_MICROS = 1_700_000_000_000_000;

/** A whole file. */
export function pcapFile(packets: readonly RawPacket[], shape: PcapShape = {}): Buffer {
  const { littleEndian = true, nanoseconds = false, snapBytes = 262_144, linkType = 1 } = shape;
  const parts: Buffer[] = [];
  const put = (bytes: number, values: readonly (readonly [size: 2 | 4, value: number])[]): void => {
    const buffer = Buffer.alloc(bytes);
    let at = 0;
    for (const [size, value] of values) {
      if (size === 2) buffer[littleEndian ? 'writeUInt16LE' : 'writeUInt16BE'](value, at);
      else buffer[littleEndian ? 'writeUInt32LE' : 'writeUInt32BE'](value, at);
      at += size;
    }
    parts.push(buffer);
  };
  const magic = nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  put(24, [[4, magic], [2, 2], [2, 4], [4, 0], [4, 0], [4, snapBytes], [4, linkType]]); // prettier-ignore
  for (const { timeMicros, bytes, originalBytes } of packets) {
    const seconds = Math.floor(timeMicros / 1_000_000);
    const rest = (timeMicros % 1_000_000) * (nanoseconds ? 1_000 : 1);
    put(16, [[4, seconds], [4, rest], [4, bytes.length], [4, originalBytes ?? bytes.length]]); // prettier-ignore
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

export type TcpPacket = {
  readonly from: { readonly address: string; readonly port: number };
  readonly to: { readonly address: string; readonly port: number };
  readonly sequence: number;
  readonly acknowledgement?: number;
  readonly flags: number;
  readonly payload?: Uint8Array;
  /** TCP options to fill up with, bytes; a multiple of four. */
  readonly optionBytes?: number;
};

export const FLAG = { fin: 1, syn: 2, rst: 4, push: 8, ack: 16 } as const;

/** The IP packet with its TCP segment; IPv6 when the address has a colon. Checksums are zero, as with offload. */
export function ipPacket(packet: TcpPacket): Buffer {
  const payload = Buffer.from(packet.payload ?? []);
  const optionBytes = packet.optionBytes ?? 0;
  const tcp = Buffer.alloc(20 + optionBytes, 1);
  tcp.writeUInt16BE(packet.from.port, 0);
  tcp.writeUInt16BE(packet.to.port, 2);
  tcp.writeUInt32BE(packet.sequence >>> 0, 4);
  tcp.writeUInt32BE((packet.acknowledgement ?? 0) >>> 0, 8);
  tcp[12] = ((20 + optionBytes) / 4) << 4;
  tcp[13] = packet.flags;
  tcp.writeUInt16BE(65_535, 14);
  tcp.writeUInt32BE(0, 16);
  return packet.from.address.includes(':')
    ? ipv6(packet, Buffer.concat([tcp, payload]))
    : ipv4(packet, Buffer.concat([tcp, payload]));
}

function ipv4({ from, to }: TcpPacket, content: Buffer): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + content.length, 2);
  header[6] = 0x40;
  header[8] = 64;
  header[9] = 6;
  Buffer.from(from.address.split('.').map(Number)).copy(header, 12);
  Buffer.from(to.address.split('.').map(Number)).copy(header, 16);
  return Buffer.concat([header, content]);
}

function ipv6({ from, to }: TcpPacket, content: Buffer): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(content.length, 4);
  header[6] = 6;
  header[7] = 64;
  ipv6Bytes(from.address).copy(header, 8);
  ipv6Bytes(to.address).copy(header, 24);
  return Buffer.concat([header, content]);
}

function ipv6Bytes(address: string): Buffer {
  const [left = '', right] = address.split('::');
  const groups = (text: string): number[] => (text === '' ? [] : text.split(':').map((group) => parseInt(group, 16)));
  const tail = right === undefined ? [] : groups(right);
  const head = groups(left);
  const all = [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  const bytes = Buffer.alloc(16);
  all.forEach((group, index) => bytes.writeUInt16BE(group, 2 * index));
  return bytes;
}

/** Puts a link-layer header in front of an IP packet. `vlans` tags for Ethernet. */
export function withLink(ip: Buffer, linkType: number, vlans = 0): Buffer {
  const isV6 = ip[0]! >> 4 === 6;
  const etherType = Buffer.from(isV6 ? [0x86, 0xdd] : [0x08, 0x00]);
  const tags = Buffer.concat(Array.from({ length: vlans }, () => Buffer.from([0x81, 0x00, 0x00, 0x05])));
  switch (linkType) {
    case 1:
      return Buffer.concat([Buffer.alloc(12, 2), tags, etherType, ip]);
    case 0:
      return Buffer.concat([Buffer.from([2, 0, 0, 0]), ip]);
    case 108:
      return Buffer.concat([Buffer.from([0, 0, 0, 2]), ip]);
    case 113:
      return Buffer.concat([Buffer.alloc(14), etherType, ip]);
    case 276:
      return Buffer.concat([etherType, Buffer.alloc(18), ip]);
    default:
      return ip;
  }
}

/**
 * The pcapng file format: blocks and options as bytes. It knows no world and no packet; `world-capture.ts` feeds it.
 *
 * Written after draft-ietf-opsawg-pcapng: a Section Header Block, Interface Description Blocks, a Name Resolution Block and
 * Enhanced Packet Blocks, little-endian. Times are microseconds since 1970.
 */

/** One interface of the section. */
export type PcapngInterface = {
  /** As shown by readers; the part before the last slash is the host's name. */
  readonly name: string;
  /** Four bytes, or 16; other lengths are left out. */
  readonly address: Uint8Array;
};

/** One packet of the section, without its bytes and comments. */
export type PcapngPacket = {
  /** Index into the interfaces. */
  readonly interfaceId: number;
  readonly timeMicros: number;
  readonly sizeBytes: number;
  readonly isInbound: boolean;
};

/** LINKTYPE_RAW: packets begin with the IP header, version 4 or 6. */
const LINK_TYPE_RAW = 101;
const SNAP_LENGTH = 262_144;
const BLOCK = { section: 0x0a0d0d0a, interface: 1, names: 4, packet: 6 } as const;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Option codes: of every block, of sections, of interfaces, of packets. */
const OPTION = {
  comment: 1,
  sectionApplication: 4,
  interfaceName: 2,
  interfaceAddress4: 4,
  interfaceAddress6: 5,
  interfaceResolution: 9,
  packetFlags: 2,
} as const;
const NAME_RECORD = { ipv4: 1, ipv6: 2 } as const;
const DIRECTION = { inbound: 1, outbound: 2 } as const;
/** 10^-6 seconds. */
const RESOLUTION_MICROS = 6;
/** What stands in a packet block before the packet. */
export const PACKET_HEAD_BYTES = 28;
const TWO_32 = 0x1_0000_0000;
const FLAGS_OPTION_BYTES = 8;
const OPTIONS_END_BYTES = 4;
const BLOCK_END_BYTES = 4;
/** What an option's 16-bit length can say, less what may still be added to a text of that length. */
const TEXT_BYTES_MAX = 65_000;

/** Bytes of a packet block without comments. */
export function packetBlockBytes(payloadBytes: number): number {
  return PACKET_HEAD_BYTES + padded(payloadBytes) + FLAGS_OPTION_BYTES + OPTIONS_END_BYTES + BLOCK_END_BYTES;
}

/**
 * Writes one Enhanced Packet Block (section 4.3) of `packetBlockBytes` at an offset, but for the packet itself, which belongs
 * `PACKET_HEAD_BYTES` behind it.
 */
export function writePacketBlock(view: DataView, at: number, packet: PcapngPacket): void {
  const { interfaceId, timeMicros, sizeBytes, isInbound } = packet;
  const size = packetBlockBytes(sizeBytes);
  view.setUint32(at, BLOCK.packet, true);
  view.setUint32(at + 4, size, true);
  view.setUint32(at + 8, interfaceId, true);
  const upper = Math.floor(timeMicros / TWO_32);
  view.setUint32(at + 12, upper, true);
  // Not the remainder, which engines compute by a function of the C library.
  view.setUint32(at + 16, timeMicros - upper * TWO_32, true);
  view.setUint32(at + 20, sizeBytes, true);
  view.setUint32(at + 24, sizeBytes, true);
  const options = at + PACKET_HEAD_BYTES + padded(sizeBytes);
  view.setUint16(options, OPTION.packetFlags, true);
  view.setUint16(options + 2, 4, true);
  view.setUint32(options + 4, isInbound ? DIRECTION.inbound : DIRECTION.outbound, true);
  view.setUint32(options + FLAGS_OPTION_BYTES, 0, true);
  view.setUint32(options + FLAGS_OPTION_BYTES + OPTIONS_END_BYTES, size, true);
}

/** How long a block says it is. */
export function packetBlockLength(head: Uint8Array): number {
  return new DataView(head.buffer, head.byteOffset).getUint32(4, true);
}

/** A packet block with comments put behind the options it has. */
export function withComments(block: Uint8Array, comments: readonly string[]): Uint8Array {
  const end = block.length - OPTIONS_END_BYTES - BLOCK_END_BYTES;
  const parts = [
    block.subarray(0, end),
    ...comments.map((text) => option(OPTION.comment, utf8(text))),
    block.subarray(end),
  ];
  const longer = joined(parts);
  const view = new DataView(longer.buffer);
  view.setUint32(4, longer.length, true);
  view.setUint32(longer.length - BLOCK_END_BYTES, longer.length, true);
  return longer;
}

/** Everything that goes before the packets: the section with a comment, its interfaces, the names of addresses. */
export function sectionHeader(comment: string, interfaces: readonly PcapngInterface[]): Uint8Array {
  return joined([
    block(BLOCK.section, sectionBody(), [
      option(OPTION.comment, utf8(comment)),
      option(OPTION.sectionApplication, utf8('esf-conformance simulator')),
    ]),
    ...interfaces.map(({ name, address }) =>
      block(BLOCK.interface, interfaceBody(), [
        option(OPTION.interfaceName, utf8(name)),
        ...addressOption(address),
        option(OPTION.interfaceResolution, Uint8Array.of(RESOLUTION_MICROS)),
      ]),
    ),
    block(BLOCK.names, nameRecords(interfaces), []),
  ]);
}

/** Byte strings one behind the other. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function sectionBody(): Uint8Array {
  const body = new DataView(new ArrayBuffer(16));
  body.setUint32(0, BYTE_ORDER_MAGIC, true);
  // Version 1.0.
  body.setUint16(4, 1, true);
  // The length of the section is not told.
  body.setBigInt64(8, -1n, true);
  return new Uint8Array(body.buffer);
}

function interfaceBody(): Uint8Array {
  const body = new DataView(new ArrayBuffer(8));
  body.setUint16(0, LINK_TYPE_RAW, true);
  body.setUint32(4, SNAP_LENGTH, true);
  return new Uint8Array(body.buffer);
}

/** Address and mask; interfaces here know no network of their own, so it is that of one address. */
function addressOption(address: Uint8Array): Uint8Array[] {
  if (address.length === 4) return [option(OPTION.interfaceAddress4, Uint8Array.of(...address, 255, 255, 255, 255))];
  if (address.length === 16) return [option(OPTION.interfaceAddress6, Uint8Array.of(...address, 128))];
  return [];
}

/** Which address is whose (section 4.5). What several hosts have is left out: homes behind NATs look alike. */
function nameRecords(interfaces: readonly PcapngInterface[]): Uint8Array {
  const owners = new Map<string, { readonly address: Uint8Array; readonly names: Set<string> }>();
  for (const { name, address } of interfaces) {
    if (address.length !== 4 && address.length !== 16) continue;
    const owner = owners.get(address.join('.')) ?? { address, names: new Set() };
    owners.set(address.join('.'), owner);
    owner.names.add(name.slice(0, name.lastIndexOf('/')));
  }
  const records = [...owners.values()].flatMap(({ address, names: [name, ...others] }) =>
    name === undefined || others.length > 0
      ? []
      : [option(address.length === 4 ? NAME_RECORD.ipv4 : NAME_RECORD.ipv6, joined([address, utf8(name), ZERO]))],
  );
  return joined([...records, new Uint8Array(OPTIONS_END_BYTES)]);
}

const ZERO = Uint8Array.of(0);

function block(type: number, body: Uint8Array, options: readonly Uint8Array[]): Uint8Array {
  const end = new Uint8Array(options.length === 0 ? 0 : OPTIONS_END_BYTES);
  const content = joined([new Uint8Array(8), body, ...options, end, new Uint8Array(BLOCK_END_BYTES)]);
  const view = new DataView(content.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, content.length, true);
  view.setUint32(content.length - BLOCK_END_BYTES, content.length, true);
  return content;
}

function option(code: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4 + padded(value.length));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, code, true);
  view.setUint16(2, value.length, true);
  bytes.set(value, 4);
  return bytes;
}

/** A text as UTF-8, cut to what an option can hold. */
function utf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), continued(code));
    else if (code < 0x1_0000) bytes.push(0xe0 | (code >> 12), continued(code >> 6), continued(code));
    else bytes.push(0xf0 | (code >> 18), continued(code >> 12), continued(code >> 6), continued(code));
    if (bytes.length > TEXT_BYTES_MAX) break;
  }
  return Uint8Array.from(bytes);
}

function continued(code: number): number {
  return 0x80 | (code & 0x3f);
}

function padded(length: number): number {
  return (length + 3) & ~3;
}

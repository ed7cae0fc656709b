/**
 * From a captured packet to its TCP segment or UDP datagram: link layer, IPv4 or IPv6, TCP or UDP.
 *
 * Checksums are not verified: captures taken on the sending host hold checksums the network card fills in later. IP
 * fragments are not put together; TCP hardly ever makes any. One object is filled again and again, nothing is copied.
 */

/** A TCP segment inside a packet. `bytes` is the packet; the payload is `bytes[payloadStart .. payloadEnd)`. */
export type Segment = {
  /** The packet this segment is in; the offsets below point into it. */
  bytes: Buffer;
  ipVersion: 4 | 6;
  /** Where source and destination address start in `bytes`; 4 or 16 bytes each. */
  sourceAt: number;
  destinationAt: number;
  /** Where the TCP or UDP header, and so the two ports, start in `bytes`. */
  tcpAt: number;
  sourcePort: number;
  destinationPort: number;
  sequence: number;
  acknowledgement: number;
  flags: number;
  payloadStart: number;
  payloadEnd: number;
  /** Payload bytes that were sent; more than were captured when the capture cut the packet short. */
  payloadBytesOnWire: number;
};

export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_ACK = 0x10;

/** Why a packet holds no segment for us. */
export type SkipReason =
  | 'not IP'
  | 'not TCP'
  | 'neither TCP nor UDP'
  | 'IP fragment'
  | 'cut off inside its headers'
  | 'headers that contradict each other';

/** An empty segment to hand to `readSegment` over and over. */
export function emptySegment(): Segment {
  return {
    bytes: Buffer.alloc(0),
    ipVersion: 4,
    sourceAt: 0,
    destinationAt: 0,
    tcpAt: 0,
    sourcePort: 0,
    destinationPort: 0,
    sequence: 0,
    acknowledgement: 0,
    flags: 0,
    payloadStart: 0,
    payloadEnd: 0,
    payloadBytesOnWire: 0,
  };
}

/** Where the IP packet starts, or -1. */
type LinkReader = (bytes: Buffer) => number;

const isIpEtherType = (type: number): boolean => type === 0x0800 || type === 0x86dd;
const VLAN_TYPES: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100]);

function ethernet(bytes: Buffer): number {
  let at = 12;
  while (at + 2 <= bytes.length && VLAN_TYPES.has(bytes.readUInt16BE(at))) at += 4;
  return at + 2 <= bytes.length && isIpEtherType(bytes.readUInt16BE(at)) ? at + 2 : -1;
}

/** Cooked headers carry an EtherType at `typeAt`; VLAN tags may follow the header. */
function cooked(typeAt: number, headerBytes: number): LinkReader {
  return (bytes) => {
    if (bytes.length < headerBytes) return -1;
    let type = bytes.readUInt16BE(typeAt);
    let at = headerBytes;
    while (VLAN_TYPES.has(type) && at + 4 <= bytes.length) {
      type = bytes.readUInt16BE(at + 2);
      at += 4;
    }
    return isIpEtherType(type) ? at : -1;
  };
}

/** Loopback: four bytes of address family, in the byte order of whoever captured; the IP version nibble decides. */
const loopback: LinkReader = (bytes) => (bytes.length > 4 ? 4 : -1);
const rawIp: LinkReader = () => 0;

/** Link types by number, as tcpdump.org lists them. */
const LINK_TYPES = new Map<number, { readonly name: string; readonly read: LinkReader }>([
  [0, { name: 'BSD loopback', read: loopback }],
  [1, { name: 'Ethernet', read: ethernet }],
  [12, { name: 'raw IP', read: rawIp }],
  [14, { name: 'raw IP', read: rawIp }],
  [101, { name: 'raw IP', read: rawIp }],
  [108, { name: 'OpenBSD loopback', read: loopback }],
  [113, { name: 'Linux cooked', read: cooked(14, 16) }],
  [228, { name: 'raw IPv4', read: rawIp }],
  [229, { name: 'raw IPv6', read: rawIp }],
  [276, { name: 'Linux cooked 2', read: cooked(0, 20) }],
]);

/** The name of a link type, or undefined when it cannot be read. */
export function linkTypeName(linkType: number): string | undefined {
  return LINK_TYPES.get(linkType)?.name;
}

/** All link types that can be read, for error messages. */
export function linkTypesText(): string {
  return [...LINK_TYPES].map(([number, { name }]) => `${name} (${number})`).join(', ');
}

/** What reads the header behind IP, and what to say of packets of other protocols. */
type Transport = {
  readonly protocol: number;
  readonly otherwise: SkipReason;
  read(bytes: Buffer, at: number, end: number, segment: Segment): SkipReason | undefined;
};
const TCP: Transport = { protocol: 6, otherwise: 'not TCP', read: readTcp };
const UDP: Transport = { protocol: 17, otherwise: 'neither TCP nor UDP', read: readUdp };

/**
 * Finds the TCP segment of a packet and fills `segment`.
 * @returns undefined when `segment` was filled, otherwise why not
 */
export function readSegment(linkType: number, bytes: Buffer, segment: Segment): SkipReason | undefined {
  return readPacket(linkType, bytes, segment, TCP);
}

/**
 * Finds the UDP datagram of a packet and fills `segment`; sequence, acknowledgement and flags are 0.
 * @returns undefined when `segment` was filled, otherwise why not
 */
export function readDatagram(linkType: number, bytes: Buffer, segment: Segment): SkipReason | undefined {
  return readPacket(linkType, bytes, segment, UDP);
}

function readPacket(linkType: number, bytes: Buffer, segment: Segment, transport: Transport): SkipReason | undefined {
  const start = LINK_TYPES.get(linkType)?.read(bytes) ?? -1;
  if (start < 0) return 'not IP';
  if (start >= bytes.length) return 'cut off inside its headers';
  const version = bytes[start]! >> 4;
  segment.bytes = bytes;
  if (version === 4) return readIpv4(bytes, start, segment, transport);
  if (version === 6) return readIpv6(bytes, start, segment, transport);
  return 'not IP';
}

function readIpv4(bytes: Buffer, at: number, segment: Segment, transport: Transport): SkipReason | undefined {
  if (at + 20 > bytes.length) return 'cut off inside its headers';
  const headerBytes = (bytes[at]! & 0x0f) * 4;
  const announced = bytes.readUInt16BE(at + 2);
  // Zero: the card cuts the segment later (offload); then the packet is as long as what was captured.
  const total = announced === 0 ? bytes.length - at : announced;
  if (headerBytes < 20 || total < headerBytes) return 'headers that contradict each other';
  if (bytes[at + 9] !== transport.protocol) return transport.otherwise;
  if ((bytes.readUInt16BE(at + 6) & 0x3fff) !== 0) return 'IP fragment';
  segment.ipVersion = 4;
  segment.sourceAt = at + 12;
  segment.destinationAt = at + 16;
  return transport.read(bytes, at + headerBytes, at + total, segment);
}

/** Extension headers that may stand before TCP: hop-by-hop, routing, destination options. */
const IPV6_EXTENSIONS: ReadonlySet<number> = new Set([0, 43, 60]);

function readIpv6(bytes: Buffer, at: number, segment: Segment, transport: Transport): SkipReason | undefined {
  if (at + 40 > bytes.length) return 'cut off inside its headers';
  const announced = bytes.readUInt16BE(at + 4);
  const end = announced === 0 ? bytes.length : at + 40 + announced;
  let next = bytes[at + 6]!;
  let position = at + 40;
  while (IPV6_EXTENSIONS.has(next)) {
    if (position + 8 > bytes.length) return 'cut off inside its headers';
    next = bytes[position]!;
    position += 8 + bytes[position + 1]! * 8;
  }
  if (next === 44) return 'IP fragment';
  if (next !== transport.protocol) return transport.otherwise;
  segment.ipVersion = 6;
  segment.sourceAt = at + 8;
  segment.destinationAt = at + 24;
  return transport.read(bytes, position, end, segment);
}

/** @param end where the IP packet ends by its own header; padding of short frames lies behind it */
function readTcp(bytes: Buffer, at: number, end: number, segment: Segment): SkipReason | undefined {
  if (at + 20 > end) return 'headers that contradict each other';
  if (at + 20 > bytes.length) return 'cut off inside its headers';
  const payloadStart = at + (bytes[at + 12]! >> 4) * 4;
  if (payloadStart < at + 20 || payloadStart > end) return 'headers that contradict each other';
  segment.tcpAt = at;
  segment.sourcePort = bytes.readUInt16BE(at);
  segment.destinationPort = bytes.readUInt16BE(at + 2);
  segment.sequence = bytes.readUInt32BE(at + 4);
  segment.acknowledgement = bytes.readUInt32BE(at + 8);
  segment.flags = bytes[at + 13]!;
  segment.payloadBytesOnWire = end - payloadStart;
  segment.payloadStart = Math.min(payloadStart, bytes.length);
  segment.payloadEnd = Math.min(end, bytes.length);
  return undefined;
}

function readUdp(bytes: Buffer, at: number, end: number, segment: Segment): SkipReason | undefined {
  if (at + 8 > end) return 'headers that contradict each other';
  if (at + 8 > bytes.length) return 'cut off inside its headers';
  const announced = bytes.readUInt16BE(at + 4);
  if (announced < 8 || at + announced > end) return 'headers that contradict each other';
  segment.tcpAt = at;
  segment.sourcePort = bytes.readUInt16BE(at);
  segment.destinationPort = bytes.readUInt16BE(at + 2);
  segment.sequence = segment.acknowledgement = segment.flags = 0;
  segment.payloadBytesOnWire = announced - 8;
  segment.payloadStart = at + 8;
  segment.payloadEnd = Math.min(at + announced, bytes.length);
  return undefined;
}

/** An address as text: dotted for IPv4, colons with the longest zero run shortened for IPv6. */
export function addressText(bytes: Buffer, at: number, ipVersion: 4 | 6): string {
  if (ipVersion === 4) return `${bytes[at]!}.${bytes[at + 1]!}.${bytes[at + 2]!}.${bytes[at + 3]!}`;
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(at + 2 * index).toString(16));
  const text = groups.join(':');
  const runs = text.match(/(?:^|:)0(?::0)+(?=:|$)/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return text;
  const index = text.indexOf(longest);
  const before = text.slice(0, index);
  const after = text.slice(index + longest.length);
  return `${before}::${after.startsWith(':') ? after.slice(1) : after}`;
}

/** Address and port as one usually writes them. */
export function endpointText(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/**
 * What each packet of a recording is for, as those who watch see it: from its flags, its first bytes and, for what is sent
 * again, what went before it. Pure; a name for each hop.
 */
import { PROTOCOL, TCP_FLAG } from '../../sim/index.ts';
import type { HopColumns, Recording } from '../../sim/index.ts';
import { MessageType } from '../../spec/grammar/index.ts';

/** In the order of the legend, with the words there. */
export const PACKET_KINDS = [
  ['probe', 'probe: hole punching'],
  ['open', 'opens a connection: SYN'],
  ['data', 'data: a message'],
  ['again', 'sent again'],
  ['ack', 'acknowledgement'],
  ['beat', 'heartbeat'],
  ['control', 'of the engine itself: logon, invitation, address'],
  ['close', 'ends a connection: FIN, RST'],
  ['error', 'ICMP error'],
] as const;
export type PacketKind = (typeof PACKET_KINDS)[number][0];

const NUMBER_OF = new Map<PacketKind, number>(PACKET_KINDS.map(([kind], index) => [kind, index]));

const FRAME_TOKEN = 0xe5;
const CUSTOMIZE_FIRST = 100;
const CUSTOMIZE_LAST = 199;

/** First bytes of datagrams of the engine: address discovery, probes, reliable UDP. */
const DATAGRAMS: Readonly<Record<number, PacketKind>> = {
  0x01: 'control',
  0x02: 'control',
  0x10: 'probe',
  0x11: 'probe',
  0x40: 'open',
  0x41: 'open',
  0x42: 'open',
  0x43: 'data',
  0x44: 'ack',
  0x45: 'beat',
  0x46: 'close',
  0x47: 'close',
};
const RUDP_DATA = 0x43;
/** In a Data datagram: kind, tag and number stand before the sequence, and the chunk behind it. */
const RUDP_SEQUENCE_AT = 9;
const RUDP_CHUNK_AT = 13;

/** An index into `PACKET_KINDS` for each hop. @param isPlain - Datagrams are words: plain punching without the engine. */
export function kindsOf(recording: Recording, isPlain: boolean): Uint8Array {
  const { hops, payloads } = recording;
  const kinds = new Uint8Array(hops.from.length);
  const sent = new Map<string, number>();
  for (let hop = 0; hop < kinds.length; hop += 1) {
    const before = hops.previous[hop]!;
    if (before >= 0) {
      kinds[hop] = kinds[before]!;
      continue;
    }
    const bytes = payloads.subarray(hops.payloadAt[hop], hops.payloadAt[hop]! + hops.payloadBytes[hop]!);
    kinds[hop] = NUMBER_OF.get(kindOf(hops, hop, bytes, sent, isPlain))!;
  }
  return kinds;
}

function kindOf(
  hops: HopColumns,
  hop: number,
  bytes: Uint8Array,
  sent: Map<string, number>,
  isPlain: boolean,
): PacketKind {
  const protocol = hops.protocol[hop]!;
  if (protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmp6) return 'error';
  if (protocol === PROTOCOL.tcp) return segmentKind(hops, hop, bytes, sent);
  if (isPlain) return plainKind(bytes);
  const kind = DATAGRAMS[bytes[0] ?? -1] ?? 'data';
  if (bytes[0] !== RUDP_DATA || bytes.length < RUDP_CHUNK_AT) return kind;
  const sequence = littleEndian32(bytes, RUDP_SEQUENCE_AT);
  const flow = `${hops.source[hop]!} ${hops.destination[hop]!} ${sequence}`;
  if (sent.has(flow)) return 'again';
  sent.set(flow, hop);
  return frameKind(bytes.subarray(RUDP_CHUNK_AT));
}

function segmentKind(hops: HopColumns, hop: number, bytes: Uint8Array, sent: Map<string, number>): PacketKind {
  const flags = hops.flags[hop]!;
  const load = hops.loadBytes[hop]!;
  if ((flags & (TCP_FLAG.fin | TCP_FLAG.rst)) !== 0) return 'close';
  const flow = `${hops.source[hop]!} ${hops.destination[hop]!}`;
  const isSyn = (flags & TCP_FLAG.syn) !== 0;
  if (!isSyn && load === 0) return 'ack';
  const end = (hops.sequence[hop]! + load + (isSyn ? 1 : 0)) | 0;
  const last = sent.get(flow);
  // Sequence numbers go round: what is ahead is told by the sign of the difference.
  if (!isSyn && last !== undefined && ((end - last) | 0) <= 0) return 'again';
  if (isSyn && last === end) return 'again';
  sent.set(flow, end);
  return isSyn ? 'open' : frameKind(bytes);
}

/** By the type of the first message in it; a piece of a message has no head and is data. */
function frameKind(bytes: Uint8Array): PacketKind {
  if (bytes.length < 4 || bytes[0] !== FRAME_TOKEN) return 'data';
  const type = bytes[2]! | (bytes[3]! << 8);
  if (type === MessageType.HeartBeat) return 'beat';
  if (type === MessageType.Ack) return 'ack';
  return type >= CUSTOMIZE_FIRST && type <= CUSTOMIZE_LAST ? 'data' : 'control';
}

/** The words of `scenarios/nat/punch-udp.ts`. */
function plainKind(bytes: Uint8Array): PacketKind {
  const text = String.fromCharCode(...bytes);
  if (text === 'probe') return 'probe';
  return text === 'answer' ? 'ack' : 'control';
}

function littleEndian32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

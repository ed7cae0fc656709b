/**
 * Packets for payloads that never were on a network: gives recorded messages the handshake, sequence numbers,
 * acknowledgments and close that a clean TCP connection would have had, or plain datagrams for UDP.
 *
 * Nothing is simulated: no loss, no delay beyond the given times. The result goes into `encodePcap`.
 */
import { parseAddress } from './address.ts';
import type { Address } from './address.ts';
import { NO_BYTES, PROTOCOL, TCP_FLAG, TCP_HEADER_BYTES, createPacket, createUdpPacket } from './packet.ts';
import type { Packet } from './packet.ts';
import type { CapturedPacket } from './pcap.ts';

/** One message; times must not fall. */
export type ConversationMessage = {
  readonly atMicros: number;
  readonly from: 'client' | 'server';
  readonly bytes: Uint8Array;
};

export type Conversation = {
  readonly transport: 'tcp' | 'udp';
  readonly client: { readonly address: string; readonly port: number };
  readonly server: { readonly address: string; readonly port: number };
  readonly messages: readonly ConversationMessage[];
};

const SEGMENT_BYTES = 1_460;
const SYN_OPTION_BYTES = 4;
const WINDOW = 65_535;
/** Of our own: any number does; these are easy to spot in a dump. */
const FIRST_SEQUENCE = { client: 1_000_000, server: 2_000_000 } as const;

/** The packets of the conversation, in order. */
export function conversationPackets(conversation: Conversation): CapturedPacket[] {
  const ends = {
    client: new End(conversation.client, FIRST_SEQUENCE.client),
    server: new End(conversation.server, FIRST_SEQUENCE.server),
  };
  if (conversation.transport === 'udp') return conversation.messages.map((message) => datagram(ends, message));
  const packets: CapturedPacket[] = [];
  const startMicros = conversation.messages[0]?.atMicros ?? 0;
  const push = (from: 'client' | 'server', flags: number, atMicros: number, bytes: Uint8Array = NO_BYTES): void => {
    packets.push({ atMicros, packet: segment(ends, from, flags, bytes) });
  };
  push('client', TCP_FLAG.syn, startMicros);
  push('server', TCP_FLAG.syn | TCP_FLAG.ack, startMicros);
  push('client', TCP_FLAG.ack, startMicros);
  let atMicros = startMicros;
  for (const message of conversation.messages) {
    atMicros = message.atMicros;
    for (let at = 0; at < message.bytes.length; at += SEGMENT_BYTES) {
      const bytes = message.bytes.subarray(at, at + SEGMENT_BYTES);
      push(message.from, TCP_FLAG.ack | TCP_FLAG.psh, atMicros, bytes);
      push(message.from === 'client' ? 'server' : 'client', TCP_FLAG.ack, atMicros);
    }
  }
  push('client', TCP_FLAG.fin | TCP_FLAG.ack, atMicros);
  push('server', TCP_FLAG.fin | TCP_FLAG.ack, atMicros);
  push('client', TCP_FLAG.ack, atMicros);
  return packets;
}

/** One end: where it is, what it sends next, and its count of IP packets. */
class End {
  readonly address: Address;
  readonly port: number;
  sequence: number;
  identification = 0;

  constructor(endpoint: { readonly address: string; readonly port: number }, sequence: number) {
    this.address = parseAddress(endpoint.address);
    this.port = endpoint.port;
    this.sequence = sequence;
  }

  /** Counts one more IP packet. */
  nextIdentification(): number {
    this.identification = (this.identification + 1) & 0xffff;
    return this.identification;
  }
}

type Ends = { readonly client: End; readonly server: End };

function datagram(ends: Ends, message: ConversationMessage): CapturedPacket {
  const from = ends[message.from];
  const to = ends[message.from === 'client' ? 'server' : 'client'];
  const packet = createUdpPacket(from.address, from.port, to.address, to.port, message.bytes);
  packet.identification = from.nextIdentification();
  return { atMicros: message.atMicros, packet };
}

function segment(ends: Ends, fromName: 'client' | 'server', flags: number, payload: Uint8Array): Packet {
  const from = ends[fromName];
  const to = ends[fromName === 'client' ? 'server' : 'client'];
  const packet = createPacket(PROTOCOL.tcp, from.address, from.port, to.address, to.port, payload);
  packet.sizeBytes += TCP_HEADER_BYTES;
  packet.identification = from.nextIdentification();
  packet.flags = flags;
  packet.sequence = from.sequence | 0;
  packet.window = WINDOW;
  if ((flags & TCP_FLAG.ack) !== 0) packet.acknowledgment = to.sequence | 0;
  if ((flags & TCP_FLAG.syn) !== 0) {
    packet.segmentSizeMax = SEGMENT_BYTES;
    packet.sizeBytes += SYN_OPTION_BYTES;
  }
  from.sequence += payload.length + (flags & TCP_FLAG.fin) + ((flags & TCP_FLAG.syn) >> 1);
  return packet;
}

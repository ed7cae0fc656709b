/**
 * Changes bytes of `direct-udp.pcap` and writes the captures with planted faults:
 *
 *   npx tsx scenarios/replay/plant-faults.ts
 *
 * Each fault is found by what its datagram is, so that a capture recorded anew gives the same ones.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MessageType } from '../../spec/grammar/index.ts';
import { readAny, type ReadDatagram } from './udp-flow.ts';
import { emptySegment, readDatagram } from './ip-tcp.ts';
import { GLOBAL_HEADER_BYTES, PACKET_HEADER_BYTES } from './pcap-format.ts';

const FOLDER = fileURLToPath(new URL('../../test/captures/', import.meta.url));
const ETHERNET = 1;

export type PlantedFault = {
  /** The first datagram that this holds for is changed. */
  applies(read: ReadDatagram, bytes: Uint8Array): boolean;
  /** Changes the datagram where it lies. */
  change(bytes: Uint8Array): void;
};

/** Type of the message in a Data datagram that holds one message from its beginning; 0 for others. */
function typeIn(read: ReadDatagram): number {
  const chunk = read.kind === 'rudp' && read.name === 'Data' ? read.reading.chunk : new Uint8Array(0);
  return chunk.length < 8 ? 0 : chunk[6]! | (chunk[7]! << 8);
}

/** File name to fault. */
export const faults: Readonly<Record<string, PlantedFault>> = {
  'direct-udp-ack-of-unsent.pcap': {
    applies: ({ name }) => name === 'Ack',
    // The highest byte of `largest`.
    change: (bytes) => (bytes[8] = 0x10),
  },
  'direct-udp-other-sender.pcap': {
    applies: (read) => typeIn(read) === MessageType.Request,
    // Kind, tag, number, sequence, length of the message, then 13 bytes of its header to the first letter of the source.
    change: (bytes) => (bytes[13 + 4 + 13] = 'x'.charCodeAt(0)),
  },
  'direct-udp-wrong-port.pcap': {
    applies: ({ name }) => name === 'DiscoverResponse',
    // PublicPort stands in front of SecondPort, the last field.
    change: (bytes) => (bytes[bytes.length - 8]! ^= 1),
  },
};

/** A copy of the capture with the fault in it, and the number of the packet, from 1. */
export function withFault(capture: Buffer, fault: PlantedFault): { readonly capture: Buffer; readonly packet: number } {
  const copy = Buffer.from(capture);
  const segment = emptySegment();
  let packet = 0;
  for (let at = GLOBAL_HEADER_BYTES; at < copy.length;) {
    packet += 1;
    const start = at + PACKET_HEADER_BYTES;
    at = start + copy.readUInt32LE(at + 8);
    if (readDatagram(ETHERNET, copy.subarray(start, at), segment) !== undefined) continue;
    const bytes = segment.bytes.subarray(segment.payloadStart, segment.payloadEnd);
    const read = readAny(bytes);
    if (read === undefined || !fault.applies(read, bytes)) continue;
    fault.change(bytes);
    return { capture: copy, packet };
  }
  throw new Error('no datagram of the capture is one that this fault changes');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const clean = readFileSync(`${FOLDER}direct-udp.pcap`);
  for (const [name, fault] of Object.entries(faults)) {
    const { capture, packet } = withFault(clean, fault);
    writeFileSync(`${FOLDER}${name}`, capture);
    process.stdout.write(`${name}: packet ${packet} changed\n`);
  }
}

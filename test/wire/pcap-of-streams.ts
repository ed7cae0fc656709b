/**
 * A capture file of TCP connections that carry given streams in given segments: Ethernet, IPv4, TCP, with good checksums.
 *
 * For the dissector's test only. Each connection has a client port of its own, so that results can be told apart.
 */

/** One direction of one connection: from 10.0.0.1:`clientPort` to 10.0.0.2:`serverPort`. */
export type CapturedStream = {
  readonly clientPort: number;
  readonly serverPort: number;
  readonly segments: readonly Uint8Array[];
};

const FIN = 1;
const SYN = 2;
const PSH = 8;
const ACK = 16;

/** The file: handshake, segments, FIN of every stream, one connection after another. */
export function pcapOfStreams(streams: readonly CapturedStream[]): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(0x40000, 16);
  head.writeUInt32LE(1, 20);
  const packets: Buffer[] = [];
  for (const stream of streams) packets.push(...packetsOf(stream));
  const records = packets.map((packet, index) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1 + Math.floor(index / 1000), 0);
    record.writeUInt32LE((index % 1000) * 1000, 4);
    record.writeUInt32LE(packet.length, 8);
    record.writeUInt32LE(packet.length, 12);
    return Buffer.concat([record, packet]);
  });
  return Buffer.concat([head, ...records]);
}

function packetsOf({ clientPort, serverPort, segments }: CapturedStream): Buffer[] {
  const up = (seq: number, ack: number, flags: number, data: Uint8Array = new Uint8Array(0)): Buffer =>
    packet([1, 2], [clientPort, serverPort], seq, ack, flags, data);
  const down = (seq: number, ack: number, flags: number): Buffer =>
    packet([2, 1], [serverPort, clientPort], seq, ack, flags, new Uint8Array(0));
  const packets = [up(1000, 0, SYN), down(5000, 1001, SYN | ACK), up(1001, 5001, ACK)];
  let seq = 1001;
  for (const segment of segments) {
    packets.push(up(seq, 5001, PSH | ACK, segment));
    seq += segment.length;
    packets.push(down(5001, seq, ACK));
  }
  packets.push(up(seq, 5001, FIN | ACK), down(5001, seq + 1, FIN | ACK), up(seq + 1, 5002, ACK));
  return packets;
}

function packet(
  hosts: [number, number],
  ports: [number, number],
  seq: number,
  ack: number,
  flags: number,
  data: Uint8Array,
): Buffer {
  const ethernet = Buffer.from('020000000002020000000001' + '0800', 'hex');
  const ip = Buffer.alloc(20);
  ip.writeUInt8(0x45, 0);
  ip.writeUInt16BE(40 + data.length, 2);
  ip.writeUInt8(64, 8);
  ip.writeUInt8(6, 9);
  ip.set([10, 0, 0, hosts[0], 10, 0, 0, hosts[1]], 12);
  ip.writeUInt16BE(checksum(ip), 10);
  const tcp = Buffer.alloc(20 + data.length);
  tcp.writeUInt16BE(ports[0], 0);
  tcp.writeUInt16BE(ports[1], 2);
  tcp.writeUInt32BE(seq, 4);
  tcp.writeUInt32BE(ack, 8);
  tcp.writeUInt8(0x50, 12);
  tcp.writeUInt8(flags, 13);
  tcp.writeUInt16BE(65535, 14);
  tcp.set(data, 20);
  const pseudo = Buffer.alloc(12);
  ip.copy(pseudo, 0, 12, 20);
  pseudo.writeUInt8(6, 9);
  pseudo.writeUInt16BE(tcp.length, 10);
  tcp.writeUInt16BE(checksum(Buffer.concat([pseudo, tcp])), 16);
  return Buffer.concat([ethernet, ip, tcp]);
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += (bytes[i]! << 8) | (bytes[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/**
 * What the header of a segment says: flags, numbers, the window, the options, and the two ECN bits of its packet.
 * Which segment is sent, and when, is in `output.ts`.
 */
import { createPacket, hashBytes, PROTOCOL, TCP_FLAG, TCP_HEADER_BYTES } from '../packet.ts';
import type { Packet } from '../packet.ts';
import { markSegment } from './ecn.ts';
import type { TcpSocket } from './socket.ts';

/** Two no-operations, kind and length of the SACK option; each edge takes four more. */
const SACK_HEAD_BYTES = 4;

/** Sends one segment of a connection whose sequence numbers both ends know. `isNew`: its data was never sent before. */
export function transmit(socket: TcpSocket, flags: number, sequence: number, payload: Uint8Array, isNew = false): void {
  const packet = createSegment(socket, flags, sequence, payload);
  if (socket.sackBlocks !== undefined && (flags & TCP_FLAG.rst) === 0) addSackOption(socket, packet);
  if (socket.isEcnUsed) markSegment(socket, packet, isNew);
  socket.isAckDue = false;
  socket.unacknowledgedSegments = 0;
  socket.ackAtMicros = Infinity;
  socket.stack.host.sendPacket(packet);
}

/** The blocks that fit beside the payload; bare acknowledgments, which are sent at once, have room for all four. */
function addSackOption(socket: TcpSocket, packet: Packet): void {
  const edges = socket.sackBlocks!.edges();
  const optionBytes = SACK_HEAD_BYTES + 4 * edges.length;
  if (packet.payload.length + optionBytes > socket.segmentSizeMax) return;
  packet.sackEdges = edges;
  packet.sizeBytes += optionBytes;
}

/** A segment with everything but options in its header. */
export function createSegment(socket: TcpSocket, flags: number, sequence: number, payload: Uint8Array): Packet {
  const packet = createPacket(
    PROTOCOL.tcp,
    socket.localAddress,
    socket.localPort,
    socket.remoteAddress,
    socket.remotePort,
    payload,
  );
  packet.sizeBytes += TCP_HEADER_BYTES;
  packet.flags = flags;
  packet.sequence = sequence;
  if ((flags & TCP_FLAG.ack) !== 0) packet.acknowledgment = socket.receiveNext;
  if ((flags & TCP_FLAG.rst) === 0) packet.window = advertisedWindow(socket);
  if (payload.length > 0) packet.payloadHash = hashBytes(payload);
  return packet;
}

/**
 * The window field. The right edge never moves back, and moves on only by a worthwhile step (RFC 9293 3.8.6.2.2). What the
 * scaled field cannot express is rounded up, so that the peer never sees an edge move back either.
 */
function advertisedWindow(socket: TcpSocket): number {
  const { receiveBufferBytes } = socket.stack.options;
  const { receiveShift } = socket;
  const room = Math.min(receiveBufferBytes - socket.receiveQueuedBytes, 0xffff << receiveShift);
  const edge = (socket.receiveNext + ((room >> receiveShift) << receiveShift)) | 0;
  const gain = (edge - socket.receiveEdge) | 0;
  const worthwhile = Math.min(socket.segmentSizeMax, receiveBufferBytes >> 1);
  if (gain >= worthwhile || (gain > 0 && socket.receiveQueuedBytes === 0)) socket.receiveEdge = edge;
  const window = Math.max(0, (socket.receiveEdge - socket.receiveNext) | 0);
  const field = Math.min(0xffff, (window + (1 << receiveShift) - 1) >> receiveShift);
  const expressed = field << receiveShift;
  if (expressed > window) socket.receiveEdge = (socket.receiveNext + expressed) | 0;
  return field;
}

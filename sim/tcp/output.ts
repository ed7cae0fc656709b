/**
 * Sending: which segment goes next, and what its header says (RFC 9293 section 3.8.6, RFC 5681). Nagle's algorithm is off,
 * as engines for short messages set it. Urgent data and selective acknowledgments do not exist here.
 */
import { createPacket, hashBytes, NO_BYTES, PROTOCOL, TCP_FLAG, TCP_HEADER_BYTES } from '../packet.ts';
import type { Packet } from '../packet.ts';
import { windowShiftFor } from './options.ts';
import type { TcpSocket } from './socket.ts';
import { IS_SYNCHRONIZED, SENDS_DATA, TCP_STATE } from './states.ts';
import { armRetransmission, rearm } from './deadlines.ts';

/** Option bytes of a SYN: maximum segment size (4), and window scale with its padding (4). */
const SYN_OPTION_BYTES = 8;

/** Sends the SYN, or the SYN-ACK, of a connection that is being made. */
export function sendSyn(socket: TcpSocket): void {
  const { options } = socket.stack;
  const isAnswer = socket.state === TCP_STATE.synReceived;
  const packet = segment(socket, isAnswer ? TCP_FLAG.syn | TCP_FLAG.ack : TCP_FLAG.syn, socket.initialSend, NO_BYTES);
  packet.segmentSizeMax = socket.stack.segmentSizeTowards(socket.remoteAddress);
  packet.windowShift = windowShiftFor(options.receiveBufferBytes);
  packet.sizeBytes += SYN_OPTION_BYTES;
  // The window of a SYN is never scaled (RFC 7323 2.2).
  packet.window = Math.min(0xffff, options.receiveBufferBytes);
  if (isAnswer) socket.receiveEdge = (socket.receiveNext + packet.window) | 0;
  socket.sendNext = (socket.initialSend + 1) | 0;
  socket.isTimingRtt = socket.backoff === 0;
  socket.timedSequence = socket.sendNext;
  socket.timedAtMicros = socket.stack.world.nowMicros;
  if (((socket.sendNext - socket.sendMax) | 0) > 0) socket.sendMax = socket.sendNext;
  socket.isAckDue = false;
  socket.stack.host.sendPacket(packet);
  armRetransmission(socket);
}

/** Sends whatever the windows allow: new data, data again after a timeout, and the FIN behind the last byte. */
export function sendOutput(socket: TcpSocket): void {
  if (!IS_SYNCHRONIZED[socket.state]! || socket.state === TCP_STATE.timeWait) return;
  const buffered = socket.sendBuffer?.length ?? 0;
  const window = Math.min(socket.congestionWindow, socket.sendWindow);
  for (;;) {
    const offset = (socket.sendNext - socket.sendUnacknowledged) | 0;
    const unsent = buffered - offset;
    if (unsent <= 0) break;
    const size = Math.min(unsent, socket.segmentSizeMax, window - offset);
    if (size <= 0 || isSilly(socket, size, unsent, offset)) break;
    sendData(socket, offset, size);
  }
  const offset = (socket.sendNext - socket.sendUnacknowledged) | 0;
  if (socket.isFinQueued && offset === buffered) sendFin(socket);
  else if (socket.sendWindow === 0 && buffered > 0 && socket.retransmitAtMicros === Infinity) armRetransmission(socket);
  rearm(socket);
}

/** Repeats the segment at the head of the send buffer, and nothing else (fast retransmit, partial acknowledgments). */
export function retransmitHead(socket: TcpSocket): void {
  const buffered = socket.sendBuffer?.length ?? 0;
  socket.isTimingRtt = false;
  if (buffered > 0) {
    const size = Math.min(buffered, socket.segmentSizeMax);
    transmit(socket, TCP_FLAG.ack | TCP_FLAG.psh, socket.sendUnacknowledged, socket.sendBuffer!.read(0, size));
  } else if (finSent(socket)) {
    transmit(socket, TCP_FLAG.ack | TCP_FLAG.fin, socket.sendUnacknowledged, NO_BYTES);
  }
}

/** One byte beyond a closed window, so that the peer answers with its present one (RFC 9293 section 3.8.6.1). */
export function sendWindowProbe(socket: TcpSocket): void {
  socket.isTimingRtt = false;
  // The byte does not count as sent: bare acknowledgments must not carry a sequence number beyond the window.
  socket.isProbing = true;
  transmit(socket, TCP_FLAG.ack | TCP_FLAG.psh, socket.sendUnacknowledged, socket.sendBuffer!.read(0, 1));
}

/** A segment the peer must answer: an old sequence number and no data (RFC 9293 section 3.8.4). */
export function sendKeepAliveProbe(socket: TcpSocket): void {
  transmit(socket, TCP_FLAG.ack, (socket.sendNext - 1) | 0, NO_BYTES);
}

/** A bare acknowledgment. */
export function sendAck(socket: TcpSocket): void {
  transmit(socket, TCP_FLAG.ack, socket.sendMax, NO_BYTES);
}

/** Tells the peer when the application has read enough for the window to open noticeably. */
export function sendWindowUpdate(socket: TcpSocket): void {
  if (!IS_SYNCHRONIZED[socket.state]! || socket.isAckDue) return;
  const { receiveBufferBytes } = socket.stack.options;
  const edge = (socket.receiveNext + receiveBufferBytes - socket.receiveQueuedBytes) | 0;
  const gain = (edge - socket.receiveEdge) | 0;
  const isOpening = ((socket.receiveEdge - socket.receiveNext) | 0) <= socket.segmentSizeMax;
  if (isOpening && gain >= Math.min(2 * socket.segmentSizeMax, receiveBufferBytes >> 1)) sendAck(socket);
}

/** RST for a connection that exists. */
export function sendReset(socket: TcpSocket): void {
  transmit(socket, TCP_FLAG.rst | TCP_FLAG.ack, socket.sendMax, NO_BYTES);
}

/** Whether the FIN has been sent at least once. */
export function finSent(socket: TcpSocket): boolean {
  return socket.state >= TCP_STATE.finWait1 && socket.state !== TCP_STATE.closeWait;
}

/** Sender's silly window avoidance (RFC 9293 section 3.8.6.2.1): no small pieces only because the window is small. */
function isSilly(socket: TcpSocket, size: number, unsent: number, inFlight: number): boolean {
  return size < unsent && size < socket.segmentSizeMax && inFlight > 0 && size < socket.sendWindowMax >> 1;
}

function sendData(socket: TcpSocket, offset: number, size: number): void {
  const buffer = socket.sendBuffer!;
  const sequence = socket.sendNext;
  const isLast = offset + size === buffer.length;
  const end = (sequence + size) | 0;
  const isNew = ((end - socket.sendMax) | 0) > 0;
  socket.sendNext = end;
  if (isNew) socket.sendMax = end;
  if (isNew && !socket.isTimingRtt && socket.backoff === 0) {
    socket.isTimingRtt = true;
    socket.timedSequence = end;
    socket.timedAtMicros = socket.stack.world.nowMicros;
  }
  transmit(socket, isLast ? TCP_FLAG.ack | TCP_FLAG.psh : TCP_FLAG.ack, sequence, buffer.read(offset, size));
  armRetransmission(socket);
}

function sendFin(socket: TcpSocket): void {
  const isFirst = SENDS_DATA[socket.state]!;
  const isRepeat = finSent(socket) && socket.state !== TCP_STATE.finWait2;
  // The FIN takes one sequence number; it is out already when sendNext has passed it.
  const finSequence = (socket.sendUnacknowledged + (socket.sendBuffer?.length ?? 0)) | 0;
  if (!isFirst && !(isRepeat && socket.sendNext === finSequence)) return;
  if (isFirst) socket.move('finSent');
  socket.sendNext = (finSequence + 1) | 0;
  if (((socket.sendNext - socket.sendMax) | 0) > 0) socket.sendMax = socket.sendNext;
  transmit(socket, TCP_FLAG.ack | TCP_FLAG.fin, finSequence, NO_BYTES);
  armRetransmission(socket);
}

function transmit(socket: TcpSocket, flags: number, sequence: number, payload: Uint8Array): void {
  const packet = segment(socket, flags, sequence, payload);
  socket.isAckDue = false;
  socket.unacknowledgedSegments = 0;
  socket.ackAtMicros = Infinity;
  socket.stack.host.sendPacket(packet);
}

function segment(socket: TcpSocket, flags: number, sequence: number, payload: Uint8Array): Packet {
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

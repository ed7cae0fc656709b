/**
 * Sending: which segment goes next (RFC 9293 section 3.8.6, RFC 5681). What its header says is in `segment.ts`, what is sent
 * in a recovery with SACK in `sack-recovery.ts`. Urgent data does not exist here.
 */
import { NO_BYTES, TCP_FLAG } from '../packet.ts';
import { synFlags } from './ecn.ts';
import { windowShiftFor } from './options.ts';
import { finSent, isHeldByNagle, isSilly, sendData } from './data-segments.ts';
import { planProbe, sendInRackRecovery } from './rack-recovery.ts';
import { sendInRecovery } from './sack-recovery.ts';
import { createSegment, transmit } from './segment.ts';
import type { TcpSocket } from './socket.ts';
import { IS_SYNCHRONIZED, SENDS_DATA, TCP_STATE } from './states.ts';
import { armRetransmission, rearm } from './deadlines.ts';

/** Option bytes of a SYN: maximum segment size (4), and window scale with its padding (4). */
const SYN_OPTION_BYTES = 8;
/** SACK-permitted with its padding. */
const SACK_PERMITTED_BYTES = 4;

/** Sends the SYN, or the SYN-ACK, of a connection that is being made. */
export function sendSyn(socket: TcpSocket): void {
  const { options } = socket.stack;
  const isAnswer = socket.state === TCP_STATE.synReceived;
  const packet = createSegment(socket, synFlags(socket, isAnswer), socket.initialSend, NO_BYTES);
  packet.segmentSizeMax = socket.stack.segmentSizeTowards(socket.remoteAddress);
  packet.windowShift = windowShiftFor(options.receiveBufferBytes);
  packet.sizeBytes += SYN_OPTION_BYTES;
  if (isAnswer ? socket.scoreboard !== undefined : options.selectiveAcknowledgments) {
    packet.sackPermitted = true;
    packet.sizeBytes += SACK_PERMITTED_BYTES;
  }
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
  const sentBefore = socket.sendMax;
  if (socket.isRecovering && socket.rack !== undefined) sendInRackRecovery(socket, socket.rack);
  else if (socket.isRecovering && socket.scoreboard !== undefined) sendInRecovery(socket);
  else sendWindow(socket, buffered);
  const offset = (socket.sendNext - socket.sendUnacknowledged) | 0;
  if (socket.isFinQueued && offset === buffered) sendFin(socket);
  else if (socket.sendWindow === 0 && buffered > 0 && socket.retransmitAtMicros === Infinity) armRetransmission(socket);
  if (socket.rack !== undefined && socket.sendMax !== sentBefore) planProbe(socket, socket.rack);
  rearm(socket);
}

/** Segments from `sendNext` on, as many as fit into the smaller of the two windows. */
function sendWindow(socket: TcpSocket, buffered: number): void {
  const { scoreboard } = socket;
  const window = Math.min(socket.congestionWindow + limitedTransmitBytes(socket), socket.sendWindow);
  for (;;) {
    let gap = Infinity;
    if (scoreboard !== undefined && !scoreboard.isEmpty) {
      // Data again after a timeout: what has arrived meanwhile is left out.
      const missing = scoreboard.missingFrom(socket.sendNext);
      socket.sendNext = missing.start;
      gap = missing.sizeBytes;
    }
    const offset = (socket.sendNext - socket.sendUnacknowledged) | 0;
    const unsent = buffered - offset;
    if (unsent <= 0) break;
    const size = Math.min(unsent, socket.segmentSizeMax, window - offset, gap);
    if (size <= 0 || isSilly(socket, size, unsent, offset) || isHeldByNagle(socket, size, offset)) break;
    sendData(socket, offset, size);
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

/**
 * Limited transmit, RFC 3042: each of the first two duplicate acknowledgments lets one new segment go. Only with SACK; with
 * RACK everything that has arrived makes room.
 */
function limitedTransmitBytes(socket: TcpSocket): number {
  if (socket.rack !== undefined) return socket.scoreboard!.arrivedBytes();
  if (socket.scoreboard === undefined || socket.duplicateAcks === 0 || socket.duplicateAcks > 2) return 0;
  return socket.duplicateAcks * socket.segmentSizeMax;
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
  socket.rack?.noteSent(finSequence, socket.sendNext, socket.stack.world.nowMicros);
  transmit(socket, TCP_FLAG.ack | TCP_FLAG.fin, finSequence, NO_BYTES);
  armRetransmission(socket);
}

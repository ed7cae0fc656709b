/**
 * Single segments of data: new ones, repeated ones, and the two rules that let a small one wait. Which of them is due is in
 * `output.ts` and, in a recovery with SACK, in `sack-recovery.ts`.
 */
import { NO_BYTES, TCP_FLAG } from '../packet.ts';
import { armRetransmission } from './deadlines.ts';
import { transmit } from './segment.ts';
import type { TcpSocket } from './socket.ts';
import { TCP_STATE } from './states.ts';

/** One segment of data never sent before, if the peer's window has room for it, whatever the congestion window says. Gives its size. */
export function sendNewSegment(socket: TcpSocket): number {
  const offset = (socket.sendMax - socket.sendUnacknowledged) | 0;
  const unsent = (socket.sendBuffer?.length ?? 0) - offset;
  const size = Math.min(unsent, socket.segmentSizeMax, socket.sendWindow - offset);
  if (size <= 0 || isSilly(socket, size, unsent, offset) || isHeldByNagle(socket, size, offset)) return 0;
  sendData(socket, offset, size);
  return size;
}

/** Repeats the segment at the head of the send buffer, and nothing else (fast retransmit, partial acknowledgments). */
export function retransmitHead(socket: TcpSocket): void {
  retransmitRange(socket, socket.sendUnacknowledged, socket.segmentSizeMax);
}

/** Repeats up to `sizeBytes` from a sequence number on; behind the last byte that is the FIN. */
export function retransmitRange(socket: TcpSocket, sequence: number, sizeBytes: number): void {
  const offset = (sequence - socket.sendUnacknowledged) | 0;
  const buffered = (socket.sendBuffer?.length ?? 0) - offset;
  socket.isTimingRtt = false;
  if (buffered > 0) {
    const size = Math.min(buffered, sizeBytes);
    socket.rack?.noteSent(sequence, (sequence + size) | 0, socket.stack.world.nowMicros);
    transmit(socket, TCP_FLAG.ack | TCP_FLAG.psh, sequence, socket.sendBuffer!.read(offset, size));
  } else if (finSent(socket)) {
    socket.rack?.noteSent(sequence, (sequence + 1) | 0, socket.stack.world.nowMicros);
    transmit(socket, TCP_FLAG.ack | TCP_FLAG.fin, sequence, NO_BYTES);
  }
}

/** Whether the FIN has been sent at least once. */
export function finSent(socket: TcpSocket): boolean {
  return socket.state >= TCP_STATE.finWait1 && socket.state !== TCP_STATE.closeWait;
}

/** Sender's silly window avoidance (RFC 9293 section 3.8.6.2.1): no small pieces only because the window is small. */
export function isSilly(socket: TcpSocket, size: number, unsent: number, inFlight: number): boolean {
  return size < unsent && size < socket.segmentSizeMax && inFlight > 0 && size < socket.sendWindowMax >> 1;
}

/**
 * Nagle's algorithm with the change of Minshall that deployed stacks have (RFC 9293 section 3.7.4): a small segment waits
 * while another small one is not acknowledged.
 */
export function isHeldByNagle(socket: TcpSocket, size: number, inFlight: number): boolean {
  if (socket.isNoDelay || size >= socket.segmentSizeMax || inFlight === 0 || socket.isFinQueued) return false;
  return socket.sendNext === socket.sendMax && ((socket.smallSegmentEnd - socket.sendUnacknowledged) | 0) > 0;
}

/** Sends `size` bytes of the buffer from `offset` on, which is where `sendNext` points, and times them if nothing is timed. */
export function sendData(socket: TcpSocket, offset: number, size: number): void {
  const buffer = socket.sendBuffer!;
  const sequence = socket.sendNext;
  const isLast = offset + size === buffer.length;
  const end = (sequence + size) | 0;
  const isNew = ((end - socket.sendMax) | 0) > 0;
  socket.sendNext = end;
  const isWhollyNew = ((sequence - socket.sendMax) | 0) >= 0;
  if (isNew) socket.sendMax = end;
  if (size < socket.segmentSizeMax) socket.smallSegmentEnd = end;
  socket.rack?.noteSent(sequence, end, socket.stack.world.nowMicros);
  const mayTime = socket.stack.options.keepsBackoff ? isWhollyNew : isNew && socket.backoff === 0;
  if (mayTime && !socket.isTimingRtt) {
    socket.isTimingRtt = true;
    socket.timedSequence = end;
    socket.timedAtMicros = socket.stack.world.nowMicros;
  }
  transmit(
    socket,
    isLast ? TCP_FLAG.ack | TCP_FLAG.psh : TCP_FLAG.ack,
    sequence,
    buffer.read(offset, size),
    isWhollyNew,
  );
  armRetransmission(socket);
}

/**
 * What acknowledgments do to a connection that sends: fast retransmit and the NewReno fast recovery of RFC 6582, for
 * connections without SACK; those with it mend holes in `sack-recovery.ts`.
 */
import { growWindow, reducedThreshold } from './congestion.ts';
import { retransmitHead } from './data-segments.ts';
import { giveRepeatItsTime } from './deadlines.ts';
import { sampleRtt } from './rtt.ts';
import type { TcpSocket } from './socket.ts';

/** RFC 5681 3.2: the third duplicate acknowledgment means a loss. */
const DUPLICATE_ACKS_MAX = 3;

/** Bytes newly acknowledged, bytes that were outstanding before, and the acknowledgment number. */
export type NewAck = { readonly gain: number; readonly flight: number; readonly acknowledgment: number };

/** New data was acknowledged. */
export function onNewAck(socket: TcpSocket, ack: NewAck): void {
  const size = socket.segmentSizeMax;
  const { gain, flight, acknowledgment } = ack;
  const isSampled = sampleRtt(socket, acknowledgment);
  if (isSampled || !socket.stack.options.keepsBackoff) socket.backoff = 0;
  socket.duplicateAcks = 0;
  const isBeyond = ((acknowledgment - socket.recoverSequence) | 0) >= 0;
  if (socket.isRecovering) {
    if (isBeyond) {
      socket.isRecovering = false;
      socket.congestionWindow = socket.slowStartThreshold;
    } else if (socket.scoreboard === undefined) {
      // RFC 6582 3.2, step 3: a partial acknowledgment shows the next hole.
      retransmitHead(socket);
      const deflated = socket.congestionWindow - gain + (gain >= size ? size : 0);
      socket.congestionWindow = Math.max(size, deflated);
    }
  } else {
    growWindow(socket, gain, flight);
  }
  // Kept close behind, so that it is never half the sequence space away.
  if (isBeyond) socket.recoverSequence = acknowledgment;
}

/** An acknowledgment that acknowledges nothing new while data is outstanding, on a connection without SACK. */
export function onDuplicateAck(socket: TcpSocket): void {
  const size = socket.segmentSizeMax;
  socket.duplicateAcks += 1;
  if (socket.isRecovering) {
    socket.congestionWindow += size;
    return;
  }
  if (socket.duplicateAcks !== DUPLICATE_ACKS_MAX) return;
  // RFC 6582 3.2, step 1: only when this loss is not part of the one recovered last.
  if (((socket.sendUnacknowledged - socket.recoverSequence) | 0) < 0) return;
  socket.isRecovering = true;
  socket.recoverSequence = socket.sendMax;
  socket.slowStartThreshold = reducedThreshold(socket);
  retransmitHead(socket);
  giveRepeatItsTime(socket);
  socket.congestionWindow = socket.slowStartThreshold + DUPLICATE_ACKS_MAX * size;
}

/**
 * Congestion control after RFC 5681 with the NewReno fast recovery of RFC 6582, and the retransmission timeout of RFC 6298.
 * Windows are counted in bytes. All arithmetic is on integers.
 */
import { retransmitHead } from './output.ts';
import type { TcpSocket } from './socket.ts';

/** RFC 5681 3.2: the third duplicate acknowledgment means a loss. */
const DUPLICATE_ACKS_MAX = 3;
/** RFC 6298 2.3: K. */
const VARIANCE_FACTOR = 4;

/** The initial window of RFC 6928, section 2. */
export function startCongestionControl(socket: TcpSocket): void {
  const size = socket.segmentSizeMax;
  socket.congestionWindow = Math.min(10 * size, Math.max(2 * size, 14_600));
}

/** Bytes newly acknowledged, bytes that were outstanding before, and the acknowledgment number. */
export type NewAck = { readonly gain: number; readonly flight: number; readonly acknowledgment: number };

/** New data was acknowledged. */
export function onNewAck(socket: TcpSocket, ack: NewAck): void {
  const size = socket.segmentSizeMax;
  const { gain, flight, acknowledgment } = ack;
  sampleRtt(socket, acknowledgment);
  socket.backoff = 0;
  socket.duplicateAcks = 0;
  if (socket.isRecovering) {
    if (((acknowledgment - socket.recoverSequence) | 0) >= 0) {
      socket.isRecovering = false;
      socket.congestionWindow = socket.slowStartThreshold;
    } else {
      // RFC 6582 3.2, step 3: a partial acknowledgment shows the next hole.
      retransmitHead(socket);
      const deflated = socket.congestionWindow - gain + (gain >= size ? size : 0);
      socket.congestionWindow = Math.max(size, deflated);
    }
  } else if (flight + size <= socket.congestionWindow) {
    // The window was not used up, so its size was not tested: it does not grow (RFC 7661).
  } else if (socket.congestionWindow < socket.slowStartThreshold) {
    socket.congestionWindow += Math.min(gain, size);
  } else {
    socket.congestionWindow += Math.max(1, Math.floor((size * size) / socket.congestionWindow));
  }
}

/** An acknowledgment that acknowledges nothing new while data is outstanding. */
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
  socket.slowStartThreshold = halfOfFlight(socket);
  retransmitHead(socket);
  socket.congestionWindow = socket.slowStartThreshold + DUPLICATE_ACKS_MAX * size;
}

/** The retransmission timer ran out: start over from the oldest unacknowledged byte. */
export function onRetransmissionTimeout(socket: TcpSocket): void {
  // RFC 5681 3.1: the threshold is not halved again for the same segment.
  if (socket.backoff === 1) socket.slowStartThreshold = halfOfFlight(socket);
  socket.congestionWindow = socket.segmentSizeMax;
  socket.sendNext = socket.sendUnacknowledged;
  socket.recoverSequence = socket.sendMax;
  socket.isRecovering = false;
  socket.duplicateAcks = 0;
  socket.isTimingRtt = false;
}

function halfOfFlight(socket: TcpSocket): number {
  const flight = (socket.sendMax - socket.sendUnacknowledged) | 0;
  return Math.max(flight >> 1, 2 * socket.segmentSizeMax);
}

/** RFC 6298 section 2, with Karn's rule: a repeated segment is never timed. */
export function sampleRtt(socket: TcpSocket, acknowledgment: number): void {
  if (!socket.isTimingRtt || ((acknowledgment - socket.timedSequence) | 0) < 0) return;
  socket.isTimingRtt = false;
  const { options, world } = socket.stack;
  const sample = world.nowMicros - socket.timedAtMicros;
  if (socket.smoothedRttMicros === 0) {
    socket.smoothedRttMicros = sample;
    socket.rttVarianceMicros = sample >> 1;
  } else {
    const error = Math.abs(socket.smoothedRttMicros - sample);
    socket.rttVarianceMicros = Math.floor((3 * socket.rttVarianceMicros + error) / 4);
    socket.smoothedRttMicros = Math.floor((7 * socket.smoothedRttMicros + sample) / 8);
  }
  const rto = socket.smoothedRttMicros + Math.max(1, VARIANCE_FACTOR * socket.rttVarianceMicros);
  socket.rtoMicros = Math.min(options.rtoMaxMicros, Math.max(options.rtoMinMicros, rto));
}

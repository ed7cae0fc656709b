/**
 * The congestion window after RFC 5681: slow start, congestion avoidance, what a loss or a timeout reduces it to.
 *
 * Reno or CUBIC (`cubic.ts`) is the host's choice. How holes are mended is in `recovery.ts` and `sack-recovery.ts`. Windows
 * are counted in bytes. All arithmetic is on integers.
 */
import { CubicState, cubicThreshold, forgetCubicMaximum, growCubic, holdCubic } from './cubic.ts';
import type { TcpSocket } from './socket.ts';

/** The initial window of RFC 6928, section 2. */
export function startCongestionControl(socket: TcpSocket): void {
  const size = socket.segmentSizeMax;
  socket.congestionWindow = Math.min(10 * size, Math.max(2 * size, 14_600));
  if (socket.stack.options.congestionControl === 'cubic') socket.cubic = new CubicState();
}

/** `gain` bytes were acknowledged outside of a recovery; `flight` were outstanding before. RFC 5681 section 3.1. */
export function growWindow(socket: TcpSocket, gain: number, flight: number): void {
  const size = socket.segmentSizeMax;
  if (flight + size <= socket.congestionWindow) {
    // The window was not used up, so its size was not tested: it does not grow (RFC 7661).
    if (socket.cubic !== undefined) holdCubic(socket);
  } else if (socket.congestionWindow < socket.slowStartThreshold) {
    socket.congestionWindow += Math.min(gain, size);
  } else if (socket.cubic !== undefined) {
    growCubic(socket, gain);
  } else {
    socket.congestionWindow += Math.max(1, Math.floor((size * size) / socket.congestionWindow));
  }
}

/** The retransmission timer ran out: start over from the oldest unacknowledged byte. */
export function onRetransmissionTimeout(socket: TcpSocket): void {
  // RFC 5681 3.1: the threshold is not halved again for the same segment.
  if (socket.backoff === 1) socket.slowStartThreshold = reducedThreshold(socket);
  if (socket.cubic !== undefined) forgetCubicMaximum(socket);
  socket.congestionWindow = socket.segmentSizeMax;
  socket.sendNext = socket.sendUnacknowledged;
  socket.recoverSequence = socket.sendMax;
  socket.isRecovering = false;
  socket.duplicateAcks = 0;
  socket.isTimingRtt = false;
  socket.scoreboard?.clear(socket.sendUnacknowledged);
  socket.rack?.forgetArrivals();
}

/** What the window is reduced to after a loss or a congestion mark. */
export function reducedThreshold(socket: TcpSocket): number {
  if (socket.cubic !== undefined) return cubicThreshold(socket);
  const flight = (socket.sendMax - socket.sendUnacknowledged) | 0;
  return Math.max(flight >> 1, 2 * socket.segmentSizeMax);
}

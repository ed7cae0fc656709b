/**
 * Round trip times and the retransmission timeout made of them: RFC 6298 section 2, in whole microseconds.
 *
 * One segment at a time is timed, never a repeated one (Karn's rule); there are no timestamps (RFC 7323).
 */
import type { TcpSocket } from './socket.ts';

/** RFC 6298 2.3: K. */
const VARIANCE_FACTOR = 4;

/** Takes the sample that an acknowledgment completes; false when it completes none. */
export function sampleRtt(socket: TcpSocket, acknowledgment: number): boolean {
  if (!socket.isTimingRtt || ((acknowledgment - socket.timedSequence) | 0) < 0) return false;
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
  return true;
}

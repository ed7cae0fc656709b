/**
 * The timers of TCP over a sleep of the machine. The kernel counts its ticks only while it runs (Linux: jiffies stop, and so
 * does the clock round trips are measured by), so every deadline is as far away after the sleep as it was before.
 */
import { rearm } from './deadlines.ts';
import type { TcpSocket } from './socket.ts';

/** The connection has slept for that long: moves all its times, and plans its event anew. */
export function shiftTimes(socket: TcpSocket, micros: number): void {
  socket.retransmitAtMicros += micros;
  socket.ackAtMicros += micros;
  socket.keepAliveAtMicros += micros;
  socket.lifeAtMicros += micros;
  socket.unansweredSinceMicros += micros;
  socket.heardAtMicros += micros;
  socket.challengeableAtMicros += micros;
  socket.timedAtMicros += micros;
  if (socket.cubic !== undefined) {
    socket.cubic.epochAtMicros += micros;
    socket.cubic.ackedAtMicros += micros;
  }
  rearm(socket);
}

/**
 * The deadlines of a connection, and the one event in the queue that stands for the earliest of them.
 *
 * A deadline that moves later leaves the event where it is; it then fires early, finds nothing due and is planned again.
 * That costs less than cancelling every time. What is done at a deadline is in `timers.ts`.
 */
import type { TcpSocket } from './socket.ts';
import { TCP_STATE } from './states.ts';

/** Starts the retransmission timer unless it runs. */
export function armRetransmission(socket: TcpSocket): void {
  const { nowMicros } = socket.stack.world;
  if (socket.retransmitAtMicros === Infinity) {
    if (socket.backoff === 0) socket.unansweredSinceMicros = nowMicros;
    socket.retransmitAtMicros = nowMicros + backedOffRtoMicros(socket);
  }
  rearm(socket);
}

/** Starts it anew after progress, or stops it when nothing is outstanding. */
export function restartRetransmission(socket: TcpSocket, isOutstanding: boolean): void {
  const { nowMicros } = socket.stack.world;
  socket.unansweredSinceMicros = nowMicros;
  socket.retransmitAtMicros = isOutstanding ? nowMicros + backedOffRtoMicros(socket) : Infinity;
  rearm(socket);
}

/**
 * A fast retransmit gets a timeout of its own, as deployed stacks give it: otherwise, on a path of half the least timeout
 * or more, the timer ran out before the repeat could be acknowledged. It is no progress.
 */
export function giveRepeatItsTime(socket: TcpSocket): void {
  socket.retransmitAtMicros = socket.stack.world.nowMicros + backedOffRtoMicros(socket);
  rearm(socket);
}

/** Makes sure the one event comes no later than the earliest deadline. */
export function rearm(socket: TcpSocket): void {
  let next = socket.retransmitAtMicros;
  if (socket.ackAtMicros < next) next = socket.ackAtMicros;
  if (socket.keepAliveAtMicros < next) next = socket.keepAliveAtMicros;
  if (socket.lifeAtMicros < next) next = socket.lifeAtMicros;
  const { rack } = socket;
  if (rack !== undefined) next = Math.min(next, rack.reorderAtMicros, rack.probeAtMicros);
  if (next >= socket.timerAtMicros || socket.state === TCP_STATE.closed) return;
  const { world, host } = socket.stack;
  // A machine that sleeps plans nothing, not even for what is written to it then; it plans anew when it wakes up.
  if (host.isAsleep) return;
  if (socket.timerSlot >= 0) world.cancel(socket.timerSlot);
  socket.timerAtMicros = next;
  socket.timerSlot = world.schedule(next, socket, undefined);
}

function backedOffRtoMicros(socket: TcpSocket): number {
  const { rtoMaxMicros } = socket.stack.options;
  return Math.min(rtoMaxMicros, socket.rtoMicros * 2 ** Math.min(socket.backoff, 20));
}

/**
 * The timers of a connection: retransmission with exponential backoff (RFC 6298), window probes, delayed acknowledgment,
 * keep-alive, and the ends of connecting and of TIME-WAIT.
 *
 * A connection has one event in the queue at most, for its earliest deadline. A deadline that moves later leaves the event
 * where it is; it then fires early, finds nothing due and is planned again. That costs less than cancelling every time.
 */
import { TRACE_KIND } from '../trace-kinds.ts';
import { onRetransmissionTimeout } from './congestion.ts';
import { sendAck, sendKeepAliveProbe, sendOutput, sendReset, sendSyn, sendWindowProbe } from './output.ts';
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

/** Makes sure the one event comes no later than the earliest deadline. */
export function rearm(socket: TcpSocket): void {
  let next = socket.retransmitAtMicros;
  if (socket.ackAtMicros < next) next = socket.ackAtMicros;
  if (socket.keepAliveAtMicros < next) next = socket.keepAliveAtMicros;
  if (socket.lifeAtMicros < next) next = socket.lifeAtMicros;
  if (next >= socket.timerAtMicros || socket.state === TCP_STATE.closed) return;
  const { world } = socket.stack;
  if (socket.timerSlot >= 0) world.cancel(socket.timerSlot);
  socket.timerAtMicros = next;
  socket.timerSlot = world.schedule(next, socket, undefined);
}

/** The event of the connection has come: does what is due, plans the next. */
export function onTimer(socket: TcpSocket): void {
  const { host, world } = socket.stack;
  const now = world.nowMicros;
  world.trace.record(TRACE_KIND.timer, host.subject, (socket.localPort << 16) | socket.remotePort, socket.state, 0, 0);
  if (socket.lifeAtMicros <= now) onLifeOver(socket);
  if (socket.ackAtMicros <= now) sendAck(socket);
  if (socket.retransmitAtMicros <= now) onRetransmit(socket);
  if (socket.keepAliveAtMicros <= now) onKeepAlive(socket);
  rearm(socket);
}

function backedOffRtoMicros(socket: TcpSocket): number {
  const { rtoMaxMicros } = socket.stack.options;
  return Math.min(rtoMaxMicros, socket.rtoMicros * 2 ** Math.min(socket.backoff, 20));
}

function onLifeOver(socket: TcpSocket): void {
  socket.lifeAtMicros = Infinity;
  if (socket.state === TCP_STATE.timeWait) {
    socket.move('expired');
    socket.finish('closed');
  } else if (socket.state <= TCP_STATE.synReceived) {
    socket.finish('timedOut', 'no answer within the connect timeout');
  } else if (socket.state === TCP_STATE.finWait2) {
    socket.finish('timedOut', 'the peer did not close its side');
  }
}

function onRetransmit(socket: TcpSocket): void {
  const { options, world } = socket.stack;
  socket.retransmitAtMicros = Infinity;
  socket.backoff += 1;
  if (socket.state <= TCP_STATE.synReceived) {
    if (socket.backoff > options.synRetriesMax) {
      socket.finish('timedOut', `no answer to ${socket.backoff} SYNs`);
      return;
    }
    sendSyn(socket);
    return;
  }
  if (world.nowMicros - socket.unansweredSinceMicros >= options.userTimeoutMicros) {
    socket.finish('timedOut', `data was not acknowledged for ${world.nowMicros - socket.unansweredSinceMicros} us`);
    return;
  }
  if (socket.sendWindow === 0 && (socket.sendBuffer?.length ?? 0) > 0) {
    // Counted from the first probe that stays without an answer.
    if (socket.unansweredSinceMicros === Infinity) socket.unansweredSinceMicros = world.nowMicros;
    socket.sendNext = socket.sendUnacknowledged;
    sendWindowProbe(socket);
    armRetransmission(socket);
    return;
  }
  onRetransmissionTimeout(socket);
  sendOutput(socket);
}

function onKeepAlive(socket: TcpSocket): void {
  const { options, world } = socket.stack;
  const { idleMicros, intervalMicros } = socket.keepAlive!;
  const silentMicros = world.nowMicros - socket.heardAtMicros;
  if (socket.state < TCP_STATE.established || socket.retransmitAtMicros !== Infinity) {
    // Something is outstanding already; the retransmission timer watches the peer.
    socket.keepAliveAtMicros = world.nowMicros + idleMicros;
  } else if (silentMicros < idleMicros) {
    socket.keepAliveProbes = 0;
    socket.keepAliveAtMicros = socket.heardAtMicros + idleMicros;
  } else if (socket.keepAliveProbes >= options.keepAliveProbesMax) {
    sendReset(socket);
    socket.finish('timedOut', `${socket.keepAliveProbes} keep-alive probes were not answered`);
  } else {
    socket.keepAliveProbes += 1;
    socket.keepAliveAtMicros = world.nowMicros + intervalMicros;
    sendKeepAliveProbe(socket);
  }
}

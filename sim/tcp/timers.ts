/**
 * What happens when a deadline of a connection has come: retransmission with exponential backoff (RFC 6298), window probes,
 * delayed acknowledgment, keep-alive, and the ends of connecting and of TIME-WAIT. Deadlines are set in `deadlines.ts`.
 */
import { TRACE_KIND } from '../trace-kinds.ts';
import { onRetransmissionTimeout } from './congestion.ts';
import { armRetransmission, rearm } from './deadlines.ts';
import { sendAck, sendKeepAliveProbe, sendOutput, sendReset, sendSyn, sendWindowProbe } from './output.ts';
import { noticeLosses, onProbeDue } from './rack-recovery.ts';
import type { Rack } from './rack.ts';
import type { TcpSocket } from './socket.ts';
import { TCP_STATE } from './states.ts';

/** The event of the connection has come: does what is due, plans the next. */
export function onTimer(socket: TcpSocket): void {
  const { host, world } = socket.stack;
  const now = world.nowMicros;
  world.trace.record(TRACE_KIND.timer, host.subject, (socket.localPort << 16) | socket.remotePort, socket.state, 0, 0);
  if (socket.lifeAtMicros <= now) onLifeOver(socket);
  if (socket.ackAtMicros <= now) sendAck(socket);
  if (socket.rack !== undefined) onRackTimers(socket, socket.rack, now);
  if (socket.retransmitAtMicros <= now) onRetransmit(socket);
  if (socket.keepAliveAtMicros <= now) onKeepAlive(socket);
  rearm(socket);
}

function onRackTimers(socket: TcpSocket, rack: Rack, nowMicros: number): void {
  if (rack.reorderAtMicros <= nowMicros) {
    noticeLosses(socket, rack);
    sendOutput(socket);
  }
  if (rack.probeAtMicros <= nowMicros) onProbeDue(socket, rack);
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
    if (socket.softError !== undefined) socket.finish('unreachable', socket.softError);
    else
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

/**
 * Recovery driven by RACK, and the tail loss probe (RFC 8985 sections 6 and 7), for connections with SACK whose host asks for
 * `lossDetection: 'rackTlp'`.
 *
 * A lost tail is noticed after about two round trips instead of a retransmission timeout; a reordered segment is not taken for
 * a lost one as long as it is late by less than a quarter of a round trip.
 */
import { reducedThreshold } from './congestion.ts';
import { retransmitRange, sendNewSegment } from './data-segments.ts';
import { giveRepeatItsTime, rearm } from './deadlines.ts';
import type { Rack } from './rack.ts';
import type { TcpSocket } from './socket.ts';

/** What a receiver may wait before it acknowledges a single segment: 200 ms, as RFC 8985 section 7.2 has it. */
const ACK_DELAY_MAX_MICROS = 200_000;
/** Two ticks of a kernel's clock are the least a probe waits beyond two round trips. Ours, after Linux. */
const PROBE_MARGIN_MICROS = 2_000;

/** An acknowledgment was taken by the scoreboard: learns from it, and begins a recovery when something is lost. */
export function onRackAcknowledgment(socket: TcpSocket, rack: Rack): void {
  const { nowMicros } = socket.stack.world;
  const { sendUnacknowledged } = socket;
  rack.noteAcknowledged({ sendUnacknowledged, scoreboard: socket.scoreboard!, nowMicros });
  endProbe(socket, rack);
  noticeLosses(socket, rack);
}

/** While the pipe has room for a segment: first what is lost, then new data. */
export function sendInRackRecovery(socket: TcpSocket, rack: Rack): void {
  const { segmentSizeMax } = socket;
  let pipe = rack.pipeBytes();
  while (socket.congestionWindow - pipe >= segmentSizeMax) {
    const lost = rack.firstLost();
    const sent = lost === undefined ? sendNewSegment(socket) : repeat(socket, lost);
    if (sent === 0) return;
    pipe += sent;
  }
}

/** Plans a probe when all that is known to be outstanding is a tail (RFC 8985 section 7.2). */
export function planProbe(socket: TcpSocket, rack: Rack): void {
  rack.probeAtMicros = Infinity;
  const { backoff, isRecovering, smoothedRttMicros, sendWindow } = socket;
  // After a timeout everything is on its way again from the oldest byte on, which needs no probe.
  const isInOrder = !isRecovering && backoff === 0 && socket.sendNext === socket.sendMax;
  const isTail = rack.segmentCount > 0 && isInOrder && socket.scoreboard!.isEmpty;
  if (!isTail || rack.probeEnd !== undefined || smoothedRttMicros === 0 || sendWindow === 0) return;
  const marginMicros = rack.segmentCount === 1 ? ACK_DELAY_MAX_MICROS : PROBE_MARGIN_MICROS;
  const atMicros = socket.stack.world.nowMicros + 2 * smoothedRttMicros + marginMicros;
  // Never later than the timeout, whose place it then takes.
  rack.probeAtMicros = Math.min(atMicros, socket.retransmitAtMicros);
  rearm(socket);
}

/** Sends the probe: new data if there is any, else the last segment again (RFC 8985 section 7.3). */
export function onProbeDue(socket: TcpSocket, rack: Rack): void {
  rack.probeAtMicros = Infinity;
  const { last } = rack;
  if (last === undefined) return;
  if (sendNewSegment(socket) === 0) {
    retransmitRange(socket, last.start, (last.end - last.start) | 0);
    rack.probeSentAtMicros = socket.stack.world.nowMicros;
  }
  rack.probeEnd = socket.sendMax;
  giveRepeatItsTime(socket);
}

/**
 * A repeated tail that was acknowledged had mended a loss, unless the answer came sooner than any round trip; the loss counts
 * like any other (RFC 8985 section 7.4, without D-SACK).
 */
function endProbe(socket: TcpSocket, rack: Rack): void {
  const { probeEnd, probeSentAtMicros } = rack;
  if (probeEnd === undefined || ((socket.sendUnacknowledged - probeEnd) | 0) < 0) return;
  rack.probeEnd = rack.probeSentAtMicros = undefined;
  if (probeSentAtMicros === undefined || socket.isRecovering) return;
  if (socket.stack.world.nowMicros - probeSentAtMicros < rack.minRttMicros) return;
  socket.slowStartThreshold = reducedThreshold(socket);
  socket.congestionWindow = Math.min(socket.congestionWindow, socket.slowStartThreshold);
}

/** Begins a recovery when something is lost by now: after an acknowledgment, and when the timer for reordering fires. */
export function noticeLosses(socket: TcpSocket, rack: Rack): void {
  const { isRecovering, smoothedRttMicros } = socket;
  const isNew = rack.findLosses(socket.stack.world.nowMicros, { isRecovering, smoothedRttMicros });
  rearm(socket);
  if (!isNew || isRecovering) return;
  // Only when this loss is not part of the one recovered last, or of a timeout, after which everything is sent anew.
  if (((socket.sendUnacknowledged - socket.recoverSequence) | 0) < 0) return;
  socket.isRecovering = true;
  socket.recoverSequence = socket.sendMax;
  socket.sendNext = socket.sendMax;
  socket.slowStartThreshold = reducedThreshold(socket);
  socket.congestionWindow = socket.slowStartThreshold;
  repeat(socket, rack.firstLost()!);
  giveRepeatItsTime(socket);
}

/** Gives the bytes sent. */
function repeat(socket: TcpSocket, { start, end }: { readonly start: number; readonly end: number }): number {
  const size = (end - start) | 0;
  retransmitRange(socket, start, size);
  return size;
}

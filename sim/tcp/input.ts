/**
 * What an arriving segment does to a connection: RFC 9293 section 3.10.7, with the reset and SYN checks of RFC 5961.
 *
 * The steps keep the RFC's order: sequence number, RST, SYN, ACK, text, FIN. Segments without a connection are the stack's.
 */
import { TCP_FLAG } from '../packet.ts';
import type { Packet } from '../packet.ts';
import { challenge, isAcceptable, isFromPeer, isUnsent, noteHeard } from './acceptance.ts';
import { startCongestionControl } from './congestion.ts';
import { learnEcn, noteMarks, reactToEcho } from './ecn.ts';
import { finSent } from './data-segments.ts';
import { sendReset, sendAck, sendOutput, sendSyn } from './output.ts';
import { windowShiftFor } from './options.ts';
import { onRackAcknowledgment, planProbe } from './rack-recovery.ts';
import { Rack } from './rack.ts';
import { Reassembly } from './reassembly.ts';
import { onDuplicateAck, onNewAck } from './recovery.ts';
import { sampleRtt } from './rtt.ts';
import { SackBlocks } from './sack-blocks.ts';
import { onSelectiveAck, updateScoreboard } from './sack-recovery.ts';
import { Scoreboard } from './scoreboard.ts';
import type { TcpSocket } from './socket.ts';
import { TAKES_DATA, TCP_STATE } from './states.ts';
import { rearm, restartRetransmission } from './deadlines.ts';

/** Nobody can read from an orphan in FIN-WAIT-2, so it does not wait for ever: the minute of Linux. */
const ORPHAN_MICROS = 60_000_000;

/** Takes the parameters of the peer's SYN. */
export function learnFromSyn(socket: TcpSocket, packet: Packet): void {
  socket.initialReceive = packet.sequence;
  socket.receiveNext = (packet.sequence + 1) | 0;
  const offered = packet.segmentSizeMax === 0 ? 536 : packet.segmentSizeMax;
  socket.segmentSizeMax = Math.min(socket.segmentSizeMax, offered);
  if (packet.windowShift >= 0) {
    socket.sendShift = Math.min(14, packet.windowShift);
    socket.receiveShift = windowShiftFor(socket.stack.options.receiveBufferBytes);
  }
  // What the SYN of ours told, unscaled, is the first edge.
  socket.receiveEdge = (socket.receiveNext + Math.min(0xffff, socket.stack.options.receiveBufferBytes)) | 0;
  socket.sendWindow = packet.window;
  socket.sendWindowMax = packet.window;
  socket.sendWindowSequence = packet.sequence;
  if (packet.sackPermitted && socket.stack.options.selectiveAcknowledgments) {
    socket.scoreboard = new Scoreboard();
    if (socket.stack.options.lossDetection === 'rackTlp') socket.rack = new Rack();
  }
  learnEcn(socket, packet);
  startCongestionControl(socket);
}

/** Works on one segment for this connection. */
export function receiveSegment(socket: TcpSocket, packet: Packet): void {
  if (socket.state === TCP_STATE.synSent) receiveInSynSent(socket, packet);
  else receiveInOrder(socket, packet);
  if (socket.isAckDue && socket.state !== TCP_STATE.closed) acknowledge(socket);
}

/** RFC 9293 section 3.10.7.3. */
function receiveInSynSent(socket: TcpSocket, packet: Packet): void {
  const hasAck = (packet.flags & TCP_FLAG.ack) !== 0;
  if (hasAck && packet.acknowledgment !== socket.sendMax) {
    socket.stack.answerReset(packet);
    return;
  }
  if ((packet.flags & TCP_FLAG.rst) !== 0) {
    if (hasAck) socket.finish('refused', 'the peer answered the SYN with RST');
    return;
  }
  if ((packet.flags & TCP_FLAG.syn) === 0) return;
  learnFromSyn(socket, packet);
  if (!hasAck) {
    // Both sides dialled: answer the crossing SYN with our own, acknowledged.
    socket.move('synReceived');
    socket.retransmitAtMicros = Infinity;
    sendSyn(socket);
    return;
  }
  socket.sendUnacknowledged = packet.acknowledgment;
  socket.isAckDue = true;
  establish(socket, packet);
}

/** Both SYNs are acknowledged. */
function establish(socket: TcpSocket, packet: Packet): void {
  const isSyn = (packet.flags & TCP_FLAG.syn) !== 0;
  socket.sendWindow = isSyn ? packet.window : packet.window << socket.sendShift;
  socket.sendWindowMax = Math.max(socket.sendWindowMax, socket.sendWindow);
  socket.sendWindowSequence = packet.sequence;
  socket.sendWindowAcknowledgment = packet.acknowledgment;
  socket.lifeAtMicros = Infinity;
  noteHeard(socket);
  // The handshake's round trip is often the only one that no delayed acknowledgment made longer.
  const isSampled = sampleRtt(socket, packet.acknowledgment);
  if (isSampled && socket.rack !== undefined) socket.rack.minRttMicros = socket.smoothedRttMicros;
  socket.backoff = 0;
  socket.recoverSequence = socket.sendUnacknowledged;
  socket.reducedSequence = socket.sendUnacknowledged;
  socket.smallSegmentEnd = socket.sendUnacknowledged;
  socket.scoreboard?.clear(socket.sendUnacknowledged);
  socket.move('handshakeDone');
  restartRetransmission(socket, false);
  if (socket.listener === undefined) socket.isConnectedDue = true;
  socket.tellApplication();
  if (socket.state === TCP_STATE.closed) return;
  sendOutput(socket);
  tellWhenDrained(socket);
}

function receiveInOrder(socket: TcpSocket, packet: Packet): void {
  if (socket.state === TCP_STATE.synReceived && isCrossingSyn(socket, packet)) {
    receiveSynAgain(socket, packet);
    return;
  }
  // First, check the sequence number.
  if (!isAcceptable(socket, packet)) {
    if (isFromPeer(socket, packet)) noteHeard(socket);
    if ((packet.flags & TCP_FLAG.rst) === 0) challenge(socket, packet);
    if (socket.state === TCP_STATE.timeWait) restartTimeWait(socket);
    return;
  }
  // Second, check the RST bit.
  if ((packet.flags & TCP_FLAG.rst) !== 0) {
    receiveReset(socket, packet);
    return;
  }
  // Fourth, check the SYN bit (RFC 5961 4.2: challenge it).
  if ((packet.flags & TCP_FLAG.syn) !== 0) {
    challenge(socket, packet);
    return;
  }
  if (socket.isEcnUsed) noteMarks(socket, packet);
  // Fifth, check the ACK field.
  if ((packet.flags & TCP_FLAG.ack) === 0 || !receiveAck(socket, packet)) return;
  // Seventh, process the segment text; eighth, the FIN bit.
  if (TAKES_DATA[socket.state]!) receiveText(socket, packet);
  else if (socket.state === TCP_STATE.timeWait && packet.payload.length > 0) socket.isAckDue = true;
}

/** The peer's SYN once more, while ours is not acknowledged. */
function isCrossingSyn(socket: TcpSocket, packet: Packet): boolean {
  return (packet.flags & (TCP_FLAG.syn | TCP_FLAG.rst)) === TCP_FLAG.syn && packet.sequence === socket.initialReceive;
}

function receiveSynAgain(socket: TcpSocket, packet: Packet): void {
  const acknowledgesOurs = (packet.flags & TCP_FLAG.ack) !== 0 && packet.acknowledgment === socket.sendMax;
  if (!acknowledgesOurs) {
    sendSyn(socket);
    return;
  }
  socket.sendUnacknowledged = packet.acknowledgment;
  socket.isAckDue = true;
  establish(socket, packet);
}

/** RFC 5961 section 3.2: only the exact sequence number resets; anything else in the window is challenged. */
function receiveReset(socket: TcpSocket, packet: Packet): void {
  if (packet.sequence !== socket.receiveNext) {
    challenge(socket, packet);
    return;
  }
  // With both FINs sent and only the last acknowledgment missing, RFC 9293 has nothing to report.
  const isOver = socket.state >= TCP_STATE.closing && (socket.sendBuffer?.length ?? 0) === 0;
  if (isOver) socket.finish('closed');
  else if (socket.state === TCP_STATE.synReceived) socket.finish('refused', 'the peer answered with RST');
  else socket.finish('reset', 'the peer sent RST');
}

/** False when the segment is to be dropped. */
function receiveAck(socket: TcpSocket, packet: Packet): boolean {
  const acknowledgment = packet.acknowledgment;
  const gain = (acknowledgment - socket.sendUnacknowledged) | 0;
  const isBeyond = isUnsent(socket, acknowledgment);
  if (socket.state === TCP_STATE.synReceived) {
    if (gain <= 0 || isBeyond) {
      socket.stack.answerReset(packet);
      return false;
    }
    socket.sendUnacknowledged = (socket.initialSend + 1) | 0;
    establish(socket, packet);
    return socket.state !== (TCP_STATE.closed as number);
  }
  // RFC 5961 section 5.2: as old as the largest window at most.
  if (isBeyond || -gain > socket.sendWindowMax) {
    challenge(socket, packet);
    return false;
  }
  noteHeard(socket);
  const windowBefore = socket.sendWindow;
  if (gain >= 0) updateSendWindow(socket, packet);
  if (gain > 0) acceptAck(socket, packet, gain);
  else if (gain === 0) noteSameAck(socket, packet, windowBefore);
  return socket.state !== (TCP_STATE.closed as number);
}

function updateSendWindow(socket: TcpSocket, packet: Packet): void {
  const newer = (packet.sequence - socket.sendWindowSequence) | 0;
  const isNewer = newer > 0 || (newer === 0 && ((packet.acknowledgment - socket.sendWindowAcknowledgment) | 0) >= 0);
  if (!isNewer) return;
  socket.sendWindow = packet.window << socket.sendShift;
  if (socket.sendWindow > socket.sendWindowMax) socket.sendWindowMax = socket.sendWindow;
  socket.sendWindowSequence = packet.sequence;
  socket.sendWindowAcknowledgment = packet.acknowledgment;
}

function acceptAck(socket: TcpSocket, packet: Packet, gain: number): void {
  const { acknowledgment } = packet;
  const buffered = socket.sendBuffer?.length ?? 0;
  const isFinAcked = finSent(socket) && gain > buffered;
  const flight = (socket.sendMax - socket.sendUnacknowledged) | 0;
  if (buffered > 0) socket.sendBuffer!.discard(Math.min(gain, buffered));
  socket.sendUnacknowledged = acknowledgment;
  socket.isProbing = false;
  if (((socket.sendNext - acknowledgment) | 0) < 0) socket.sendNext = acknowledgment;
  if (((socket.sendMax - acknowledgment) | 0) < 0) socket.sendMax = acknowledgment;
  if (socket.scoreboard !== undefined) updateScoreboard(socket, packet);
  if (socket.isEcnUsed) reactToEcho(socket, packet);
  onNewAck(socket, { gain, flight, acknowledgment });
  restartRetransmission(socket, ((socket.sendMax - acknowledgment) | 0) > 0);
  if (socket.rack !== undefined) {
    onRackAcknowledgment(socket, socket.rack);
    planProbe(socket, socket.rack);
  }
  if (isFinAcked) onFinAcked(socket);
  if (socket.state === TCP_STATE.closed) return;
  sendOutput(socket);
  tellWhenDrained(socket);
}

/** The transport has taken everything that waited in `queuedBytes`. */
function tellWhenDrained(socket: TcpSocket): void {
  if (!socket.hasQueued || socket.queuedBytes > 0) return;
  socket.hasQueued = false;
  socket.isDrainDue = true;
  socket.tellApplication();
}

/** An acknowledgment of nothing new: a duplicate, a window update, or the answer to a probe. */
function noteSameAck(socket: TcpSocket, packet: Packet, windowBefore: number): void {
  const isOutstanding = ((socket.sendMax - socket.sendUnacknowledged) | 0) > 0;
  if (socket.sendWindow === 0 || windowBefore === 0) {
    // The peer is there, it only cannot take more: probe as long as it answers.
    socket.unansweredSinceMicros = Infinity;
    if (socket.sendWindow > 0 && windowBefore === 0) {
      socket.backoff = 0;
      socket.sendNext = socket.sendUnacknowledged;
      socket.retransmitAtMicros = Infinity;
      sendOutput(socket);
    }
    return;
  }
  if (socket.scoreboard !== undefined) {
    const isNews = updateScoreboard(socket, packet);
    if (socket.rack !== undefined) {
      onRackAcknowledgment(socket, socket.rack);
      planProbe(socket, socket.rack);
    } else if (isNews) onSelectiveAck(socket);
    sendOutput(socket);
    return;
  }
  const isPure = packet.payload.length === 0 && (packet.flags & TCP_FLAG.fin) === 0;
  if (isOutstanding && isPure && socket.sendWindow === windowBefore) onDuplicateAck(socket);
  sendOutput(socket);
}

function onFinAcked(socket: TcpSocket): void {
  socket.move('finAcked');
  const { options, world } = socket.stack;
  if (socket.state === TCP_STATE.timeWait) startTimeWait(socket);
  else if (socket.state === TCP_STATE.closed) socket.finish('closed');
  else if (socket.isOrphan || options.finWait2Micros > 0) {
    socket.lifeAtMicros = world.nowMicros + (options.finWait2Micros || ORPHAN_MICROS);
    rearm(socket);
  }
}

function receiveText(socket: TcpSocket, packet: Packet): void {
  let { payload } = packet;
  const hasFin = (packet.flags & TCP_FLAG.fin) !== 0;
  if (payload.length === 0 && !hasFin) return;
  if (socket.isOrphan && payload.length > 0) {
    sendReset(socket);
    socket.finish('aborted');
    return;
  }
  socket.isAckDue = true;
  let { sequence } = packet;
  const known = (socket.receiveNext - sequence) | 0;
  if (known > 0) {
    if (known > payload.length) return;
    payload = payload.subarray(known);
    sequence = socket.receiveNext;
  }
  const room = (socket.receiveEdge - sequence) | 0;
  const isCut = payload.length > room;
  if (isCut) payload = payload.subarray(0, Math.max(0, room));
  const end = (sequence + payload.length) | 0;
  if (sequence !== socket.receiveNext) {
    const reassembly = (socket.reassembly ??= new Reassembly());
    if (payload.length > 0) {
      reassembly.insert(sequence, payload);
      if (socket.scoreboard !== undefined) (socket.sackBlocks ??= new SackBlocks()).insert(sequence, end);
    }
    if (hasFin && !isCut) reassembly.finSequence = end;
    sendAck(socket);
    return;
  }
  takeText(socket, payload);
  if (hasFin && !isCut && socket.receiveNext === end) receiveFin(socket);
}

/** Bytes in order, and whatever they make contiguous: all of it is acknowledged before the application sees any. */
function takeText(socket: TcpSocket, payload: Uint8Array): void {
  const { reassembly } = socket;
  socket.receiveNext = (socket.receiveNext + payload.length) | 0;
  socket.unacknowledgedSegments += 1;
  if (reassembly === undefined) {
    if (payload.length > 0) socket.deliver(payload);
    return;
  }
  const pieces = payload.length > 0 ? [payload] : [];
  for (let more = reassembly.take(socket.receiveNext); more !== undefined;) {
    pieces.push(more);
    socket.receiveNext = (socket.receiveNext + more.length) | 0;
    more = reassembly.take(socket.receiveNext);
  }
  if (socket.sackBlocks !== undefined) {
    socket.sackBlocks.advance(socket.receiveNext);
    if (socket.sackBlocks.isEmpty) socket.sackBlocks = undefined;
  }
  // Filling a hole is acknowledged at once (RFC 5681 4.2).
  socket.unacknowledgedSegments += 2;
  const isFinNext = reassembly.finSequence === socket.receiveNext;
  if (reassembly.isEmpty) socket.reassembly = undefined;
  socket.deliverAll(pieces);
  if (isFinNext) receiveFin(socket);
}

function receiveFin(socket: TcpSocket): void {
  if (!TAKES_DATA[socket.state]!) return;
  socket.receiveNext = (socket.receiveNext + 1) | 0;
  socket.isFinReceived = true;
  socket.isAckDue = true;
  socket.unacknowledgedSegments += 2;
  socket.move('finReceived');
  if (socket.state === TCP_STATE.timeWait) startTimeWait(socket);
  else socket.tellApplication();
}

function startTimeWait(socket: TcpSocket): void {
  socket.retransmitAtMicros = Infinity;
  socket.keepAliveAtMicros = Infinity;
  restartTimeWait(socket);
  if (socket.isAckDue) sendAck(socket);
  socket.closing('closed');
}

function restartTimeWait(socket: TcpSocket): void {
  socket.lifeAtMicros = socket.stack.world.nowMicros + socket.stack.options.timeWaitMicros;
  rearm(socket);
}

/** Sends the acknowledgment that is due, unless data carried it or it may wait. */
function acknowledge(socket: TcpSocket): void {
  const { options, world } = socket.stack;
  const mayWait = options.delayedAckMicros > 0 && socket.unacknowledgedSegments === 1;
  if (!mayWait) {
    sendAck(socket);
    return;
  }
  socket.isAckDue = false;
  if (socket.ackAtMicros === Infinity) socket.ackAtMicros = world.nowMicros + options.delayedAckMicros;
  rearm(socket);
}

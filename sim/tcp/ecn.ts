/**
 * Explicit congestion notification over TCP: RFC 3168 section 6.1. Negotiated by the SYNs; then new data carries ECT(0), a
 * queue may mark it instead of dropping it, the receiver echoes the mark, and the sender halves its window once a round trip.
 *
 * Accurate ECN (RFC 9768) and L4S do not exist here. The queue that marks is a link's business.
 */
import { ECN, TCP_FLAG } from '../packet.ts';
import type { Packet } from '../packet.ts';
import { reducedThreshold } from './congestion.ts';
import type { TcpSocket } from './socket.ts';

const SETUP = TCP_FLAG.ece | TCP_FLAG.cwr;

/** Flags of our SYN or SYN-ACK. A repeated SYN does without ECN, in case a box on the way drops it (section 6.1.1.1). */
export function synFlags(socket: TcpSocket, isAnswer: boolean): number {
  if (isAnswer) return TCP_FLAG.syn | TCP_FLAG.ack | (socket.isEcnUsed ? TCP_FLAG.ece : 0);
  const isAsking = socket.stack.options.ecn === 'request' && socket.backoff === 0;
  return isAsking ? TCP_FLAG.syn | SETUP : TCP_FLAG.syn;
}

/** What the peer's SYN or SYN-ACK says. */
export function learnEcn(socket: TcpSocket, packet: Packet): void {
  const { ecn } = socket.stack.options;
  const isAnswer = (packet.flags & TCP_FLAG.ack) !== 0;
  if (isAnswer) socket.isEcnUsed = ecn === 'request' && (packet.flags & SETUP) === TCP_FLAG.ece;
  else socket.isEcnUsed = ecn !== 'off' && (packet.flags & SETUP) === SETUP;
}

/** Sets the bits of an outgoing segment: ECT(0) on new data only, the echo, and the answer to an echo. */
export function markSegment(socket: TcpSocket, packet: Packet, isNew: boolean): void {
  if (isNew) packet.ecn = ECN.capable0;
  if (isNew && socket.isWindowReducedDue) {
    packet.flags |= TCP_FLAG.cwr;
    socket.isWindowReducedDue = false;
  }
  if (socket.isCongestionSeen && (packet.flags & TCP_FLAG.rst) === 0) packet.flags |= TCP_FLAG.ece;
}

/** The receiver's half: notes marks, and stops echoing them when the sender says it has reacted. */
export function noteMarks(socket: TcpSocket, packet: Packet): void {
  if ((packet.flags & TCP_FLAG.cwr) !== 0) socket.isCongestionSeen = false;
  if (packet.ecn === ECN.congestion) socket.isCongestionSeen = true;
}

/** The sender's half: an echo reduces the window, at most once for each window of data (section 6.1.2). */
export function reactToEcho(socket: TcpSocket, packet: Packet): void {
  const isEcho = (packet.flags & TCP_FLAG.ece) !== 0;
  if (!isEcho || socket.isRecovering || ((socket.sendUnacknowledged - socket.reducedSequence) | 0) <= 0) return;
  socket.slowStartThreshold = reducedThreshold(socket);
  socket.congestionWindow = socket.slowStartThreshold;
  socket.reducedSequence = socket.sendMax;
  socket.isWindowReducedDue = true;
}

/**
 * Whether an arriving segment can be the peer's, and the answer to one that does not fit: RFC 9293 section 3.10.7.4 and RFC 5961.
 *
 * It decides by numbers alone and works on nothing else of a segment; that is `input.ts`.
 */
import { TCP_FLAG } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { TcpSocket } from './socket.ts';

/** RFC 9293 section 3.10.7.4, the four cases of segment length and window. */
export function isAcceptable(socket: TcpSocket, packet: Packet): boolean {
  const fin = packet.flags & TCP_FLAG.fin;
  const length = packet.payload.length + fin + ((packet.flags & TCP_FLAG.syn) >> 1);
  const window = (socket.receiveEdge - socket.receiveNext) | 0;
  const start = (packet.sequence - socket.receiveNext) | 0;
  if (length === 0) return window > 0 ? start >= 0 && start < window : start === 0;
  // A closed window takes no text, but its acknowledgment and a bare FIN in place still count.
  if (window <= 0) return start === 0;
  const last = start + length - 1;
  return (start >= 0 && start < window) || (last >= 0 && last < window) || (start < 0 && last >= window);
}

/** Whether a number was never sent; that after a window probe was. */
export function isUnsent(socket: TcpSocket, acknowledgment: number): boolean {
  const isProbe = socket.isProbing && ((acknowledgment - socket.sendUnacknowledged) | 0) === 1;
  return ((acknowledgment - socket.sendMax) | 0) > 0 && !isProbe;
}

/**
 * Whether a segment left of the window is the peer's all the same: a repeat, or a keep-alive probe (RFC 9293 section 3.8.4). Both
 * of its numbers are near, which hardly anybody guesses.
 */
export function isFromPeer(socket: TcpSocket, { sequence, acknowledgment }: Packet): boolean {
  const behind = (socket.receiveNext - sequence) | 0;
  const old = (socket.sendUnacknowledged - acknowledgment) | 0;
  if (behind <= 0 || behind > socket.stack.options.receiveBufferBytes) return false;
  return old <= socket.sendWindowMax && !isUnsent(socket, acknowledgment);
}

/** The peer lives: nobody who does not see the connection could have made up what came. */
export function noteHeard(socket: TcpSocket): void {
  socket.heardAtMicros = socket.stack.world.nowMicros;
  socket.keepAliveProbes = 0;
}

/**
 * Answers a segment that does not fit by what would fit, at once (RFC 5961 sections 3.2, 4.2, 5.2). Where the
 * host wants it, bare ones are answered once in a while only (section 7), or two ends that somebody made disagree answer each
 * other's answers for ever.
 */
export function challenge(socket: TcpSocket, packet: Packet): void {
  const { options, world } = socket.stack;
  const isBare = packet.payload.length === 0 && (packet.flags & TCP_FLAG.fin) === 0;
  if (isBare) {
    if (world.nowMicros < socket.challengeableAtMicros) return;
    socket.challengeableAtMicros = world.nowMicros + options.challengeSpanMicros;
  }
  socket.isAckDue = true;
  // It does not wait for more.
  socket.unacknowledgedSegments += 2;
}

/**
 * Loss recovery with selective acknowledgments: the algorithm of RFC 6675 section 5, on top of the scoreboard.
 *
 * Several holes are mended in one round trip, where NewReno needs one round trip for each. It runs only on connections whose
 * both ends permitted SACK. Hosts that find losses by time use `rack-recovery.ts`.
 */
import type { Packet } from '../packet.ts';
import { reducedThreshold } from './congestion.ts';
import { retransmitRange, sendNewSegment } from './data-segments.ts';
import { giveRepeatItsTime } from './deadlines.ts';
import { DUPLICATES_MAX } from './scoreboard.ts';
import type { Scoreboard } from './scoreboard.ts';
import type { TcpSocket } from './socket.ts';

/** Takes the blocks of a segment, after its cumulative acknowledgment. Gives whether they told something new. */
export function updateScoreboard(socket: TcpSocket, packet: Packet): boolean {
  const scoreboard = socket.scoreboard!;
  const edges = packet.sackEdges;
  if (edges === undefined) {
    if (socket.isRecovering || !scoreboard.isEmpty) {
      scoreboard.advance(socket.sendUnacknowledged, socket.segmentSizeMax);
    }
    return false;
  }
  const { sendUnacknowledged: from, sendMax: to, segmentSizeMax: size } = socket;
  return scoreboard.update(edges, { from, to, size });
}

/** A segment told of newly arrived bytes, but the oldest unacknowledged one is still missing. */
export function onSelectiveAck(socket: TcpSocket): void {
  const scoreboard = socket.scoreboard!;
  socket.duplicateAcks += 1;
  if (socket.isRecovering) return;
  // Only when this loss is not part of the one recovered last.
  if (((socket.sendUnacknowledged - socket.recoverSequence) | 0) < 0) return;
  if (socket.duplicateAcks < DUPLICATES_MAX && scoreboard.lostEdge === socket.sendUnacknowledged) return;
  // Steps 4.1 to 4.3.
  socket.isRecovering = true;
  socket.recoverSequence = socket.sendMax;
  socket.sendNext = socket.sendMax;
  socket.slowStartThreshold = reducedThreshold(socket);
  socket.congestionWindow = socket.slowStartThreshold;
  scoreboard.repeatedTo = socket.sendUnacknowledged;
  scoreboard.isRescued = false;
  const hole = scoreboard.nextHole(scoreboard.highest(socket.sendUnacknowledged), socket.segmentSizeMax);
  if (hole === undefined) return;
  retransmitRange(socket, hole.start, hole.sizeBytes);
  scoreboard.repeatedTo = (hole.start + hole.sizeBytes) | 0;
  giveRepeatItsTime(socket);
}

/** Steps C.1 to C.5: while the pipe has room for a segment, the next one by the rules of NextSeg. */
export function sendInRecovery(socket: TcpSocket): void {
  const scoreboard = socket.scoreboard!;
  const { segmentSizeMax } = socket;
  let pipe = scoreboard.pipeBytes(socket.sendUnacknowledged, socket.sendMax);
  while (socket.congestionWindow - pipe >= segmentSizeMax) {
    const sent =
      repeatHole(socket, scoreboard, scoreboard.lostEdge) ||
      sendNewSegment(socket) ||
      repeatHole(socket, scoreboard, scoreboard.highest(socket.sendUnacknowledged));
    if (sent === 0) {
      rescue(socket, scoreboard);
      return;
    }
    pipe += sent;
  }
}

/** NextSeg rules 1 and 3. Gives the bytes sent. */
function repeatHole(socket: TcpSocket, scoreboard: Scoreboard, limit: number): number {
  const hole = scoreboard.nextHole(limit, socket.segmentSizeMax);
  if (hole === undefined) return 0;
  retransmitRange(socket, hole.start, hole.sizeBytes);
  scoreboard.repeatedTo = (hole.start + hole.sizeBytes) | 0;
  return hole.sizeBytes;
}

/** NextSeg rule 4: once in a recovery the last segment outstanding, so that its loss needs no timeout. */
function rescue(socket: TcpSocket, scoreboard: Scoreboard): void {
  const end = socket.sendMax;
  const unreported = (end - scoreboard.highest(socket.sendUnacknowledged)) | 0;
  const size = Math.min(unreported, (end - scoreboard.repeatedTo) | 0, socket.segmentSizeMax);
  if (scoreboard.isRescued || size <= 0) return;
  scoreboard.isRescued = true;
  retransmitRange(socket, (end - size) | 0, size);
}

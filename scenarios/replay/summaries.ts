/** Turns a finished connection into its entry of the report. */
import type { Conversation } from './conversation.ts';
import type { ConnectionSummary, SideSummary } from './report-model.ts';
import { endpointText } from './ip-tcp.ts';
import type { FlowEnd, FlowSide } from './tcp-flows.ts';
import type { StreamStats } from './tcp-stream.ts';
import type { WatchedFlow } from './watched-flow.ts';
import { nameOf } from './wording.ts';

/** Microseconds since 1970 as ISO 8601 with microseconds. */
export function isoTime(micros: number): string {
  const millis = Math.floor(micros / 1_000);
  const rest = String(micros - millis * 1_000).padStart(3, '0');
  return new Date(millis).toISOString().replace('Z', `${rest}Z`);
}

/** The entry for a connection of the protocol. */
export function summarize(
  flow: WatchedFlow,
  conversation: Conversation,
  number: number,
  ended: FlowEnd,
  timeMicros: number,
): ConnectionSummary {
  const { info, admission } = flow;
  const serverSide: FlowSide = admission?.kind === 'protocol' ? admission.serverSide : 1;
  const clientSide: FlowSide = serverSide === 0 ? 1 : 0;
  const beats = conversation.facts.heartbeats;
  const notes = admission?.kind === 'protocol' ? [...admission.notes] : [];
  for (const [side, who] of [
    [clientSide, 'client'],
    [serverSide, 'server'],
  ] as const) {
    notes.push(...streamNotes(info.stats[side], conversation[who], who));
  }
  return {
    number,
    client: sideSummary(flow, conversation, clientSide, 'client'),
    server: sideSummary(flow, conversation, serverSide, 'server'),
    user: conversation.facts.user ?? null,
    userIdBytesMax: conversation.facts.userIdBytesMax,
    firstPacket: info.firstPacket,
    start: isoTime(info.startMicros),
    durationSecs: Math.max(0, timeMicros - info.startMicros) / 1_000_000,
    began: info.start,
    ended,
    heartbeats: {
      count: beats.count,
      meanSpanSecs: beats.count < 2 ? null : (beats.last - beats.first) / (beats.count - 1) / 1_000_000,
    },
    notes,
  };
}

type Who = 'client' | 'server';

function sideSummary(flow: WatchedFlow, conversation: Conversation, side: FlowSide, who: Who): SideSummary {
  const direction = conversation[who];
  const stats = flow.info.stats[side];
  const { address, port } = flow.info.endpoints[side];
  const byType = [...direction.byType].sort(([typeA, a], [typeB, b]) => b - a || typeA - typeB);
  const seen = direction.bytes + stats.lostBytes;
  return {
    endpoint: endpointText(address, port),
    messages: direction.messages,
    bytes: seen,
    undecodedBytes: seen - direction.decodedBytes,
    retransmittedBytes: stats.retransmittedBytes,
    byType: Object.fromEntries(byType.map(([type, count]) => [nameOf(type), count])),
  };
}

function streamNotes(stats: StreamStats, direction: Conversation['client'], who: Who): string[] {
  const notes: string[] = [];
  if (stats.gap !== undefined) {
    const { missingBytes, offset, packet } = stats.gap;
    notes.push(
      `${missingBytes} bytes of the ${who} are missing in the capture at stream offset ${offset}, seen in packet ${packet}; the ${stats.lostBytes} bytes after them cannot be read.`,
    );
  }
  const unread = direction.firstUnread;
  if (stats.gap === undefined && unread !== undefined) {
    const bytes = direction.bytes - direction.decodedBytes;
    notes.push(
      `${bytes} bytes of the ${who} could not be read, from packet ${unread.packet}, stream offset ${unread.offset}.`,
    );
  } else if (stats.gap === undefined && direction.decoder.bufferedBytes > 0) {
    notes.push(
      `The last message of the ${who} is not complete: ${direction.decoder.bufferedBytes} bytes of it were seen.`,
    );
  }
  if (stats.conflictingPackets.length > 0) {
    notes.push(
      `The ${who} sent some bytes twice with different values (packet ${stats.conflictingPackets.join(', ')}); the first copy was taken.`,
    );
  }
  return notes;
}

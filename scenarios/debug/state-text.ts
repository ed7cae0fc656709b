/**
 * What is shown of a stopped run, as text: where it stands, the last events, sockets, NATs, packets under way, what is planned,
 * and what the subjects of the case wait for. Pure; colours only in the picture, and only where asked for.
 */
import type { HostState, NatState, TcpSocketState, TraceRecord, WorldState } from '../../sim/index.ts';
import type { Stop } from './debugger.ts';
import type { SubjectState } from './subject-state.ts';

/** Lines of what is planned. */
const PLANNED_SHOWN = 20;

/** Where it stands, in one line. */
export function stopText(stop: Stop): string {
  const last = stop.eventCount - 1;
  const step = stop.stepFrom < last ? `events ${stop.stepFrom} to ${last} (one step)` : `event ${last}`;
  const place = stop.eventCount === 0 ? 'at the start' : `after ${step}`;
  const verified = stop.verifiedTo === 0 ? '' : `, as before up to event ${stop.verifiedTo - 1}`;
  const end = stop.ended === undefined ? '' : `; the run is over: ${stop.ended}`;
  return `${place}, ${seconds(stop.timeMicros)} s, digest so far ${stop.digest}${verified}${end}`;
}

/** The last events, a line each: number, time, kind, where, what. */
export function eventLines(events: readonly TraceRecord[]): string[] {
  return events.map(
    ({ index, timeMicros, kind, subject, text }) =>
      `${String(index).padStart(8)} ${seconds(timeMicros).padStart(12)}  ${kind.padEnd(9)} ${subject}  ${text}`,
  );
}

/** Everything there is. */
export function stateLines(state: WorldState, subjects: readonly SubjectState[]): string[] {
  const { hosts, nats, links, planned, timeMicros } = state;
  const left = planned.length - PLANNED_SHOWN;
  return [
    'hosts',
    ...hosts.flatMap((host) => hostLines(host, timeMicros)),
    ...(nats.length === 0 ? [] : ['NATs', ...nats.flatMap(natLines)]),
    ...(links.length === 0 ? [] : ['links']),
    ...links.flatMap(({ name, isHeld, heldCount, queuedCount, underWay }) => [
      ...(isHeld ? [`  ${name} is held, ${heldCount} packets wait`] : []),
      ...(queuedCount > 0 ? [`  ${name} has ${queuedCount} packets in its queue`] : []),
      ...underWay.map(({ arrivesAtMicros, packet }) => `  ${name}: ${packet}, ${later(arrivesAtMicros - timeMicros)}`),
    ]),
    ...(planned.length === 0 ? [] : ['planned']),
    ...planned.slice(0, PLANNED_SHOWN).map(({ atMicros, what }) => `  ${later(atMicros - timeMicros)}  ${what}`),
    ...(left > 0 ? [`  and ${left} more`] : []),
    ...(subjects.length === 0 ? [] : ['subjects', ...subjects.map(subjectLine)]),
  ];
}

function hostLines(host: HostState, nowMicros: number): string[] {
  const { timers, connections, listeners, udpSockets } = host.open;
  const counts = `${timers} timers, ${connections} connections, ${listeners} listeners, ${udpSockets} UDP sockets`;
  return [
    `  ${host.name}  ${host.addresses.join(' ')}  ${host.condition}, ${counts}`,
    ...host.listeners.map((local) => `    tcp ${local} LISTEN`),
    ...host.tcp.map((socket) => `    ${socketText(socket, nowMicros)}`),
    ...host.udp.map(
      ({ local, waitingBytes }) => `    udp ${local}${waitingBytes > 0 ? `, ${waitingBytes} B wait` : ''}`,
    ),
  ];
}

function socketText(socket: TcpSocketState, nowMicros: number): string {
  const { congestionWindow, slowStartThreshold, peerWindow, timerAtMicros } = socket;
  const threshold = slowStartThreshold === 0x7fff_ffff ? '-' : String(slowStartThreshold);
  const windows = `cwnd ${congestionWindow}, ssthresh ${threshold}, peer's window ${peerWindow}`;
  const numbers = `next ${socket.sentNext}, ${socket.unacknowledged} unacknowledged, received ${socket.received}`;
  const buffers = `${socket.sendBufferBytes} B to send, ${socket.unreadBytes} B unread`;
  const times = `rto ${millis(socket.rtoMicros)}, rtt ${millis(socket.smoothedRttMicros)}`;
  const timer = timerAtMicros === null ? '' : `, timer ${later(timerAtMicros - nowMicros)}`;
  const recovery = socket.isRecovering ? ', recovering' : '';
  const ends = `${socket.local} > ${socket.remote}`;
  return `tcp ${ends} ${socket.state}: ${numbers}; ${windows}${recovery}; ${buffers}; ${times}${timer}`;
}

function natLines({ name, mappings }: NatState): string[] {
  if (mappings.length === 0) return [`  ${name} has no mappings`];
  return mappings.map(({ protocol, inner, external, leftMicros, sessions }) => {
    const life = leftMicros === Infinity ? 'for ever' : `${seconds(leftMicros)} s left`;
    const open = sessions.map(({ remote, admitsMicros }) => `${remote} for ${seconds(admitsMicros)} s`).join(', ');
    return `  ${name}: ${protocol} ${inner} = ${external}, ${life}${open === '' ? '' : `; lets in ${open}`}`;
  });
}

function subjectLine({ name, kind, host, waitsFor }: SubjectState): string {
  const open = waitsFor.length === 0 ? 'waits for nothing' : `waits for ${waitsFor.join(', ')}`;
  return `  ${name} (${kind} on ${host}) ${open}`;
}

/** Seconds with microseconds. */
function seconds(micros: number): string {
  return (micros / 1_000_000).toFixed(6);
}

function millis(micros: number): string {
  return `${micros / 1_000} ms`;
}

function later(micros: number): string {
  return `in ${micros / 1_000} ms`;
}

/** The report of a replay for people: connections, what broke which clause, and a last line that says how it went. */
import type { ConnectionSummary, ReplayReport, SideSummary, Violation } from './report-model.ts';
import { udpLines, udpVerdict } from './render-udp.ts';
import { count } from './wording.ts';

export type RenderOptions = {
  /** Only the last line. */
  readonly isQuiet: boolean;
  /** Entries of one kind that are written out. */
  readonly shownMax?: number;
};

const BEGAN = { syn: '', synAck: ', first seen at its SYN-ACK', midStream: ', begun before the capture' } as const;
const ENDED = {
  closed: 'closed',
  reset: 'reset',
  replaced: 'ports used again',
  captureEnd: 'open at the end of the capture',
  tooMany: 'no longer followed, too many connections',
} as const;

/** The whole report as lines, without a line feed at the end. */
export function renderText(report: ReplayReport, options: RenderOptions): string {
  const shownMax = options.shownMax ?? 20;
  const lines: string[] = [];
  if (!options.isQuiet) {
    for (const connection of report.connections.slice(0, shownMax)) lines.push(...connectionLines(connection), '');
    const hidden = report.totals.connections - Math.min(shownMax, report.connections.length);
    if (hidden > 0) lines.push(`... and ${count(hidden, 'more connection')}; --json lists up to 1,000.`, '');
    lines.push(...udpLines(report.udp, shownMax));
    lines.push(...violationLines(report.totals.violations, report.totals.violationCount, shownMax));
    lines.push(...warningLines(report));
    lines.push(...leftOutLines(report));
  }
  if (report.readFault !== null) lines.push(faultLine(report));
  lines.push(verdictLine(report));
  return lines.join('\n');
}

function connectionLines(connection: ConnectionSummary): string[] {
  const { client, server, user } = connection;
  const who = user === null ? 'nobody logged on' : `user ${JSON.stringify(user)}`;
  const { count: beats, meanSpanSecs } = connection.heartbeats;
  const span = meanSpanSecs === null ? '' : `, ${beats} heartbeats ${meanSpanSecs.toFixed(2)} s apart`;
  return [
    `Connection ${connection.number}: ${client.endpoint} -> ${server.endpoint}, ${who}, N = ${connection.userIdBytesMax}`,
    `  from packet ${connection.firstPacket}, ${connection.durationSecs.toFixed(3)} s${BEGAN[connection.began]}, ${ENDED[connection.ended]}${span}`,
    sideLine('client', client),
    sideLine('server', server),
    ...connection.notes.map((note) => `  note: ${note}`),
  ];
}

function sideLine(who: string, side: SideSummary): string {
  const types = Object.entries(side.byType)
    .map(([name, times]) => (times === 1 ? name : `${name} x ${times}`))
    .join(', ');
  const undecoded = side.undecodedBytes > 0 ? `, ${side.undecodedBytes.toLocaleString('en')} of them not decoded` : '';
  return `  ${who}: ${count(side.messages, 'message')}, ${count(side.bytes, 'byte')}${undecoded}${types === '' ? '' : `: ${types}`}`;
}

function violationLines(violations: readonly Violation[], total: number, shownMax: number): string[] {
  const lines = violations.slice(0, shownMax).flatMap((violation) => [...entryLines(violation), '']);
  const hidden = total - Math.min(shownMax, violations.length);
  if (hidden > 0) lines.push(`... and ${count(hidden, 'more violation')}.`, '');
  return lines;
}

function entryLines(violation: Violation): string[] {
  const { clause, message, packet, time, direction, offset, connection, udpFlow, rule, hexdump } = violation;
  const where = udpFlow === undefined ? `stream offset ${offset}, connection ${connection}` : `UDP flow ${udpFlow}`;
  return [
    `${clause} broken: ${message}`,
    `  packet ${packet}, ${time}, ${direction}, ${where} (${rule})`,
    ...(hexdump === undefined ? [] : hexdump.split('\n').map((line) => `  ${line}`)),
  ];
}

/** Clauses of level SHOULD: one line each, counted, without dumps. */
function warningLines(report: ReplayReport): string[] {
  const { warnings, warningCount } = report.totals;
  if (warningCount === 0) return [];
  const shown = warnings.slice(0, 5).map((each) => `  ${each.clause} packet ${each.packet}: ${each.message}`);
  const more = warningCount > shown.length ? [`  ... and ${warningCount - shown.length} more`] : [];
  return ['Recommended, and not followed (not counted as violations):', ...shown, ...more, ''];
}

function leftOutLines(report: ReplayReport): string[] {
  const lines: string[] = [];
  const { otherConnections, skippedPackets } = report.totals;
  if (otherConnections > 0) {
    lines.push(`${count(otherConnections, 'TCP connection')} of other protocols or to other ports left out.`);
  }
  const skipped = Object.entries(skippedPackets).map(([reason, times]) => `${times} ${reason}`);
  if (skipped.length > 0) lines.push(`Packets left out: ${skipped.join(', ')}.`);
  return lines.length > 0 ? [...lines, ''] : [];
}

function faultLine({ readFault, totals }: ReplayReport): string {
  const what = readFault!.kind === 'cutOff' ? 'The capture is cut off' : 'The capture cannot be read any further';
  return `${what}: ${readFault!.message} (offset ${readFault!.offset}); the ${count(totals.packets, 'packet')} before that ${totals.packets === 1 ? 'was' : 'were'} judged.`;
}

function verdictLine({ totals, file, udp }: ReplayReport): string {
  const { connections, messages, bytes, undecodedBytes, violationCount, warningCount, packets } = totals;
  const undecoded = undecodedBytes > 0 ? `, ${count(undecodedBytes, 'byte')} not decoded` : '';
  const seen = `${count(connections, 'connection')}, ${count(messages, 'message')}, ${count(bytes, 'byte')} in ${count(packets, 'packet')}${undecoded}${udpVerdict(udp)}`;
  const verdict = violationCount === 0 ? 'no clause broken' : count(violationCount, 'violation');
  const warned = warningCount > 0 ? `, ${count(warningCount, 'recommendation')} not followed` : '';
  return `${file}: ${seen}: ${verdict}${warned}`;
}

/** The UDP flows of a report for people. */
import type { UdpReport, UdpSideSummary } from './report-model.ts';
import { count } from './wording.ts';

/** Three lines a flow, and its notes. */
export function udpLines({ flows, totals }: UdpReport, shownMax: number): string[] {
  const lines = flows
    .slice(0, shownMax)
    .flatMap(({ number, first, second, firstPacket, durationSecs, notes }) => [
      `UDP flow ${number}: ${first.endpoint} <-> ${second.endpoint}, from packet ${firstPacket}, ${durationSecs.toFixed(3)} s`,
      sideLine(first),
      sideLine(second),
      ...notes.map((note) => `  note: ${note}`),
      '',
    ]);
  const hidden = totals.flows - Math.min(shownMax, flows.length);
  if (hidden > 0) lines.push(`... and ${count(hidden, 'more UDP flow')}; --json lists up to 1,000.`, '');
  if (totals.otherDatagrams > 0)
    lines.push(`${count(totals.otherDatagrams, 'UDP datagram')} of other protocols left out.`, '');
  return lines;
}

function sideLine(side: UdpSideSummary): string {
  const parts = [count(side.datagrams, 'datagram'), count(side.bytes, 'byte'), count(side.messages, 'message')];
  if (side.retransmissions > 0) parts.push(count(side.retransmissions, 'retransmission'));
  if (side.undecodedBytes > 0) parts.push(`${count(side.undecodedBytes, 'byte')} not decoded`);
  const types = Object.keys(side.byType).length === 0 ? '' : `; ${listed(side.byType)}`;
  return `  ${side.endpoint}: ${parts.join(', ')}: ${listed(side.byKind)}${types}`;
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, times]) => (times === 1 ? name : `${name} x ${times}`))
    .join(', ');
}

/** The part of the last line that tells of UDP; empty when there is none. */
export function udpVerdict({ totals }: UdpReport): string {
  if (totals.flows === 0) return '';
  const undecoded = totals.undecodedBytes > 0 ? `, ${count(totals.undecodedBytes, 'byte')} not decoded` : '';
  const { flows, datagrams, messages, retransmissions } = totals;
  return `; ${count(flows, 'UDP flow')}, ${count(datagrams, 'datagram')}, ${count(messages, 'message')}, ${count(retransmissions, 'retransmission')}${undecoded}`;
}

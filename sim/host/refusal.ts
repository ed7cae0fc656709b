/**
 * What a firewall answers to packets it rejects: to the sender outside, or to the process that tried to send. A firewall that
 * drops says nothing to the outside; a datagram of the own process fails with EPERM either way, as in Linux.
 */
import type { Host } from '../host.ts';
import { ICMP_CODE, ICMP_TYPE, PROTOCOL, createIcmpError } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { DropReason } from '../trace-kinds.ts';
import type { RejectAnswer } from './firewall.ts';

/** Answers a packet from outside. No error is sent about an error (RFC 1122 section 3.2.2). */
export function answerRejected(host: Host, packet: Packet): void {
  const answer = host.firewall!.rejectWith;
  if (packet.quoted !== undefined) return;
  if (answer === 'reset' && packet.protocol === PROTOCOL.tcp) host.tcp.answerReset(packet);
  else host.sendPacket(createIcmpError(packet.destination, ICMP_TYPE.unreachable, icmpCode(answer), packet));
}

/** Tells the process that its own packet was refused. Gives the packet that does so, to be taken in by the host itself. */
export function tellRefused(host: Host, packet: Packet, reason: DropReason): Packet | undefined {
  if (reason !== 'hostFirewall' && reason !== 'hostFirewallReject') return undefined;
  if (packet.protocol === PROTOCOL.udp) host.udp.refuse(packet);
  if (packet.protocol !== PROTOCOL.tcp || reason === 'hostFirewall') return undefined;
  // Of RST and ICMP a connection that is being made learns the same; one that is made already takes it for a hint.
  const code = icmpCode(host.firewall!.rejectWith);
  return createIcmpError(packet.source, ICMP_TYPE.unreachable, code, packet);
}

function icmpCode(answer: RejectAnswer): number {
  return answer === 'prohibited' ? ICMP_CODE.administrativelyProhibited : ICMP_CODE.portUnreachable;
}

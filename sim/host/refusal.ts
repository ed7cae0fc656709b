/**
 * What a firewall answers to packets it rejects: to the sender outside, or to the process that tried to send. A firewall that
 * drops says nothing to the outside; a datagram of the own process fails with EPERM either way, as in Linux.
 */
import type { Host } from '../host.ts';
import { ICMP_CODE, ICMP_TYPE, PROTOCOL, createIcmpError, isIcmp } from '../packet.ts';
import type { Packet } from '../packet.ts';
import type { RejectAnswer } from './firewall.ts';

/** Answers a packet from outside. No error is sent about an error (RFC 1122 section 3.2.2). */
export function answerRejected(host: Host, packet: Packet, answer: RejectAnswer): void {
  if (isIcmp(packet)) return;
  if (answer === 'reset' && packet.protocol === PROTOCOL.tcp) host.tcp.answerReset(packet);
  else host.sendPacket(createIcmpError(packet.destination, ICMP_TYPE.unreachable, icmpCode(answer), packet));
}

/** Tells the process that its own packet was refused. Gives the packet that does so, to be taken in by the host itself. */
export function tellRefused(host: Host, packet: Packet, answer: RejectAnswer | undefined): Packet | undefined {
  if (packet.protocol === PROTOCOL.udp) host.udp.refuse(packet);
  if (packet.protocol !== PROTOCOL.tcp || answer === undefined) return undefined;
  // Of RST and ICMP a connection that is being made learns the same; one that is made already takes it for a hint.
  return createIcmpError(packet.source, ICMP_TYPE.unreachable, icmpCode(answer), packet);
}

function icmpCode(answer: RejectAnswer): number {
  return answer === 'prohibited' ? ICMP_CODE.administrativelyProhibited : ICMP_CODE.portUnreachable;
}

/** What ICMP errors of both families say to a connection. It changes none. */
import { ICMP6_CODE, ICMP6_TYPE, ICMP_CODE, ICMP_TYPE, icmp4For } from '../icmp.ts';
import type { IcmpKind } from '../icmp.ts';
import { PROTOCOL } from '../packet.ts';
import type { Packet } from '../packet.ts';

/** What an error says, in the terms of IPv4; undefined for what says nothing to a connection. */
export function asIcmp4({ protocol, icmpType, icmpCode }: Packet): IcmpKind | undefined {
  return protocol === PROTOCOL.icmp6 ? icmp4For(icmpType, icmpCode) : { type: icmpType, code: icmpCode };
}

/** Node's name for it, then who said so. */
export function unreachableDetail(from: string, { protocol, icmpType, icmpCode }: Packet): string {
  const isNetwork =
    protocol === PROTOCOL.icmp6
      ? icmpType === ICMP6_TYPE.unreachable && icmpCode === ICMP6_CODE.noRoute
      : icmpType === ICMP_TYPE.unreachable && icmpCode === ICMP_CODE.netUnreachable;
  const name = protocol === PROTOCOL.icmp6 ? 'ICMPv6' : 'ICMP';
  return `${isNetwork ? 'ENETUNREACH' : 'EHOSTUNREACH'}: ${from} answered: ${name} ${icmpType}/${icmpCode}`;
}

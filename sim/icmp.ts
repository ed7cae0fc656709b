/**
 * ICMP errors of both families (RFC 792, RFC 4443), and which one says the same in the other. Data and two look-ups; it makes
 * no packet. The pairs are those of RFC 7915 sections 4.2 and 5.2, so a translator between families uses them too.
 */
/** ICMP types and codes that exist here (RFC 792, RFC 1812). */
export const ICMP_TYPE = { unreachable: 3, timeExceeded: 11 } as const;
export const ICMP_CODE = {
  netUnreachable: 0,
  hostUnreachable: 1,
  portUnreachable: 3,
  fragmentationNeeded: 4,
  administrativelyProhibited: 13,
} as const;

/** ICMPv6 error types (RFC 4443 sections 3.1 to 3.4). */
export const ICMP6_TYPE = { unreachable: 1, packetTooBig: 2, timeExceeded: 3, parameterProblem: 4 } as const;

/** Codes of "destination unreachable" (RFC 4443 section 3.1). */
export const ICMP6_CODE = {
  noRoute: 0,
  administrativelyProhibited: 1,
  addressUnreachable: 3,
  portUnreachable: 4,
  sourcePolicy: 5,
} as const;

/** An error in one family. */
export type IcmpKind = { readonly type: number; readonly code: number };

type Pair = { readonly four: IcmpKind; readonly six: IcmpKind };

const { unreachable, timeExceeded } = ICMP_TYPE;
const { netUnreachable, hostUnreachable, portUnreachable, fragmentationNeeded } = ICMP_CODE;
/** Either way the first pair that fits: what maps to the same in one direction has its way back first. */
const PAIRS: readonly Pair[] = [
  pair([unreachable, hostUnreachable], [ICMP6_TYPE.unreachable, ICMP6_CODE.noRoute]),
  pair([unreachable, netUnreachable], [ICMP6_TYPE.unreachable, ICMP6_CODE.noRoute]),
  pair([unreachable, hostUnreachable], [ICMP6_TYPE.unreachable, ICMP6_CODE.addressUnreachable]),
  pair([unreachable, portUnreachable], [ICMP6_TYPE.unreachable, ICMP6_CODE.portUnreachable]),
  pair(
    [unreachable, ICMP_CODE.administrativelyProhibited],
    [ICMP6_TYPE.unreachable, ICMP6_CODE.administrativelyProhibited],
  ),
  pair([unreachable, fragmentationNeeded], [ICMP6_TYPE.packetTooBig, 0]),
  pair([timeExceeded, 0], [ICMP6_TYPE.timeExceeded, 0]),
];

/** The ICMPv6 error for one of IPv4; what has no counterpart counts as "no route". */
export function icmp6For(type: number, code: number): IcmpKind {
  const found = PAIRS.find(({ four }) => four.type === type && four.code === code);
  return found?.six ?? { type: ICMP6_TYPE.unreachable, code: ICMP6_CODE.noRoute };
}

/** The error of IPv4 for an ICMPv6 one; undefined when it has none and a translator drops it. */
export function icmp4For(type: number, code: number): IcmpKind | undefined {
  return PAIRS.find(({ six }) => six.type === type && six.code === code)?.four;
}

function pair(four: readonly [number, number], six: readonly [number, number]): Pair {
  return { four: { type: four[0], code: four[1] }, six: { type: six[0], code: six[1] } };
}

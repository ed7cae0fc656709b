/** Which requirements of the RFCs a behaviour breaks, by reading it; nothing is run. Fragments are not looked at. */
import type { NatBehaviour } from './behaviour.ts';

const SECOND = 1_000_000;

type Rule = readonly [requirement: string, isBroken: (behaviour: NatBehaviour) => boolean];

const RULES: readonly Rule[] = [
  ['RFC 4787 REQ-1 (mapping)', ({ mapping }) => mapping !== 'endpointIndependent'],
  ['RFC 4787 REQ-2 (pooling)', ({ pooling }) => pooling !== 'paired'],
  ['RFC 4787 REQ-3 (overloading)', ({ portClash, portScope }) => portClash === 'overload' || portScope !== 'all'],
  [
    'RFC 4787 REQ-5 (UDP life)',
    ({ udpMappingMicros, udpUnrepliedMicros = udpMappingMicros }) =>
      Math.min(udpMappingMicros, udpUnrepliedMicros) < 120 * SECOND,
  ],
  ['RFC 4787 REQ-6 (refresh)', ({ udpRefresh }) => udpRefresh === 'inbound'],
  ['RFC 4787 REQ-8 (filtering)', ({ filtering }) => filtering === 'addressAndPortDependent'],
  ['RFC 4787 REQ-9 (hairpin)', ({ hairpin }) => hairpin !== 'externalSource'],
  [
    'RFC 4787 REQ-11 (determinism)',
    ({ mappingAfterClash, remapMicros }) => mappingAfterClash !== undefined || remapMicros !== undefined,
  ],
  ['RFC 5382 REQ-2 (simultaneous open)', ({ tcpSimultaneousOpen }) => !tcpSimultaneousOpen],
  ['RFC 5382 REQ-4 (unsolicited SYN)', ({ tcpUnsolicited }) => tcpUnsolicited === 'reset' || tcpUnsolicited === 'icmp'],
  [
    'RFC 5382 REQ-5 (TCP life)',
    ({ tcpEstablishedMicros, tcpTransitoryMicros }) =>
      tcpEstablishedMicros < 7_440 * SECOND || tcpTransitoryMicros < 240 * SECOND,
  ],
  ['RFC 5508 REQ-1 (pings)', ({ icmpQueries }) => icmpQueries !== 'translate'],
  ['RFC 5508 REQ-2 (life of pings)', ({ icmpQueryMicros }) => icmpQueryMicros < 60 * SECOND],
  ['RFC 5508 REQ-3 (ICMP errors)', ({ icmpErrors }) => icmpErrors !== 'translate'],
];

/** The requirements that this behaviour breaks, in the order of the RFCs. */
export function brokenRequirements(behaviour: NatBehaviour): string[] {
  return RULES.filter(([, isBroken]) => isBroken(behaviour)).map(([requirement]) => requirement);
}

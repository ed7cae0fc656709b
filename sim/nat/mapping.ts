/**
 * The mappings of a NAT's table, and the number an external port is found by. It decides nothing.
 */
import type { Address } from '../address.ts';
import { PROTOCOL } from '../packet.ts';
import type { Packet, Protocol } from '../packet.ts';
import type { Flow, NatDependence } from './behaviour.ts';
import type { Lease } from './explicit.ts';
import { Sessions } from './sessions.ts';

/** One external port that stands for one inner endpoint. */
export type Mapping = {
  readonly protocol: Protocol;
  readonly innerAddress: Address;
  readonly innerPort: number;
  /** Which of the NAT's external addresses. */
  readonly externalIndex: number;
  readonly externalPort: number;
  /** The flow it was made for, and how much of that flow tells it from others. */
  readonly madeBy: Flow;
  readonly dependence: NatDependence;
  readonly madeAtMicros: number;
  /** By remote endpoint. */
  readonly sessions: Sessions;
  /** Infinity until the packet that made it is noted. */
  expiresAtMicros: number;
  /** Of mappings that were asked for; undefined for all others. */
  lease: Lease | undefined;
};

/** A mapping that no packet has passed yet. */
export function newMapping(
  madeBy: Flow,
  dependence: NatDependence,
  external: { readonly index: number; readonly port: number },
  madeAtMicros: number,
): Mapping {
  const { protocol, innerAddress, innerPort } = madeBy;
  return {
    protocol,
    innerAddress,
    innerPort,
    externalIndex: external.index,
    externalPort: external.port,
    madeBy,
    dependence,
    madeAtMicros,
    sessions: new Sessions(),
    expiresAtMicros: Infinity,
    lease: undefined,
  };
}

/** What mappings are found by from outside. */
export function portKey(protocol: Protocol, externalIndex: number, port: number): number {
  return (externalIndex * 256 + protocol) * 65_536 + port;
}

/** The protocol that the flows of a packet are kept under: pings of both families are of one kind, because NAT64 changes it. */
export function flowProtocol({ protocol }: Readonly<Packet>): Protocol {
  return protocol === PROTOCOL.icmp6 ? PROTOCOL.icmp : protocol;
}

/** What a NAT translates. */
export type NatProtocol = 'udp' | 'tcp' | 'icmp';

/** The name of what a mapping translates. */
export function protocolName(protocol: Protocol): NatProtocol {
  if (protocol === PROTOCOL.tcp) return 'tcp';
  return protocol === PROTOCOL.udp ? 'udp' : 'icmp';
}

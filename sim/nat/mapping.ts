/**
 * What a NAT's table is made of: mappings, their sessions with remote endpoints, and the keys they are found by. It decides
 * nothing.
 */
import type { Address } from '../address.ts';
import type { Protocol } from '../packet.ts';
import type { Flow, NatDependence } from './behaviour.ts';

/** One external port that stands for one inner endpoint. */
export type Mapping = {
  readonly protocol: Protocol;
  readonly innerAddress: Address;
  readonly innerPort: number;
  /** Which of the NAT's external addresses. */
  readonly externalIndex: number;
  readonly externalPort: number;
  readonly key: string;
  readonly madeAtMicros: number;
  /** By remote endpoint. */
  readonly sessions: Map<string, Session>;
  /** Infinity until the packet that made it is noted. */
  expiresAtMicros: number;
};

/** What passed between a mapping and one remote endpoint. */
export type Session = {
  readonly remoteAddress: Address;
  readonly madeAtMicros: number;
  /** Something was sent out to it: filters open by that. */
  sentOut: boolean;
  /** Something was let in from it. */
  replied: boolean;
  /** TCP: SYN seen in each direction, FIN seen in each direction, or a RST. */
  synOut: boolean;
  synIn: boolean;
  finOut: boolean;
  finIn: boolean;
  reset: boolean;
  expiresAtMicros: number;
  /** Until when the filter is open for it. */
  admitsUntilMicros: number;
};

/** Nothing has passed yet. */
export function newSession(remoteAddress: Address, madeAtMicros: number): Session {
  return {
    remoteAddress,
    madeAtMicros,
    sentOut: false,
    replied: false,
    synOut: false,
    synIn: false,
    finOut: false,
    finIn: false,
    reset: false,
    expiresAtMicros: 0,
    admitsUntilMicros: 0,
  };
}

/** What a mapping is found by from inside. */
export function flowKey(flow: Flow, dependence: NatDependence): string {
  const inner = `${flow.protocol} ${flow.innerAddress}:${flow.innerPort}`;
  if (dependence === 'endpointIndependent') return inner;
  if (dependence === 'addressDependent') return `${inner} ${flow.remoteAddress}`;
  return `${inner} ${flow.remoteAddress}:${flow.remotePort}`;
}

/** What sessions are found by. */
export function remoteKey(address: Address, port: number): string {
  return `${address}:${port}`;
}

/** What mappings are found by from outside. */
export function portKey(protocol: Protocol, externalIndex: number, port: number): number {
  return (externalIndex * 256 + protocol) * 65_536 + port;
}

/**
 * Mappings of a NAT that were asked for, not made by a packet: NAT-PMP, PCP MAP, UPnP, or a rule somebody typed in. They let
 * anybody in (or those their filters name), what leaves their inner endpoint leaves by them, and they live exactly as long
 * as they were granted, whatever passes. When one ends, what runs through it ends: it leaves no sessions behind.
 *
 * It keeps and finds them; who may have which port, and for how long, is the business of `sim/boxes/leases.ts`.
 */
import { prefixHolds } from '../address.ts';
import type { Address } from '../address.ts';
import type { Protocol } from '../packet.ts';
import { newMapping, portKey } from './mapping.ts';
import type { Mapping } from './mapping.ts';

/** Remote endpoints that may send in: a network, and a port; 0 for any (RFC 6887 section 13.3). */
export type LeaseFilter = { readonly address: Address; readonly prefixLength: number; readonly port: number };

/**
 * Why a mapping lives on: the port itself was asked for (`map`; no filters let anybody in), or sessions of a mapping that
 * packets make are kept for longer (`peer`, PCP's opcode of that name), by remote endpoint.
 */
export type Lease =
  | { readonly kind: 'map'; readonly filters: readonly LeaseFilter[] }
  | { readonly kind: 'peer'; readonly peers: readonly LeasedPeer[] };

/** A remote endpoint that a mapping is kept for. */
export type LeasedPeer = { readonly address: Address; readonly port: number; readonly untilMicros: number };

/** Where an explicit mapping leads, and where it is seen. */
export type ExplicitMapping = {
  readonly protocol: Protocol;
  readonly innerAddress: Address;
  readonly innerPort: number;
  readonly externalPort: number;
  readonly untilMicros: number;
  readonly filters: readonly LeaseFilter[];
};

/** The explicit mappings of one NAT; expired ones stay until their port or endpoint is needed again. */
export class ExplicitMappings {
  readonly #byPort = new Map<number, Mapping>();
  readonly #byInner = new Map<string, Mapping>();

  get isEmpty(): boolean {
    return this.#byPort.size === 0;
  }

  /** Live ones, in the order they were made. */
  live(nowMicros: number): Mapping[] {
    return [...this.#byPort.values()].filter(({ expiresAtMicros }) => expiresAtMicros > nowMicros);
  }

  /** Makes one; what had the port before is gone. */
  add(wanted: ExplicitMapping, nowMicros: number): Mapping {
    const { protocol, innerAddress, innerPort, externalPort, untilMicros, filters } = wanted;
    // It depends on nothing remote, so what stands there matters to nobody.
    const flow = { protocol, innerAddress, innerPort, remoteAddress: innerAddress, remotePort: 0 };
    const external = { index: 0, port: externalPort };
    const mapping = newMapping(flow, 'endpointIndependent', external, nowMicros);
    mapping.expiresAtMicros = untilMicros;
    mapping.lease = { kind: 'map', filters };
    const replaced = this.#byPort.get(portKey(protocol, 0, externalPort));
    if (replaced !== undefined) this.remove(replaced);
    this.#byPort.set(portKey(protocol, 0, externalPort), mapping);
    this.#byInner.set(innerKey(protocol, innerAddress, innerPort), mapping);
    return mapping;
  }

  remove(mapping: Mapping): void {
    this.#byPort.delete(portKey(mapping.protocol, mapping.externalIndex, mapping.externalPort));
    const key = innerKey(mapping.protocol, mapping.innerAddress, mapping.innerPort);
    if (this.#byInner.get(key) === mapping) this.#byInner.delete(key);
  }

  clear(): void {
    this.#byPort.clear();
    this.#byInner.clear();
  }

  /** The live one behind an external port. */
  ofPort(protocol: Protocol, externalIndex: number, port: number, nowMicros: number): Mapping | undefined {
    if (this.isEmpty) return undefined;
    const mapping = this.#byPort.get(portKey(protocol, externalIndex, port));
    return mapping !== undefined && mapping.expiresAtMicros > nowMicros ? mapping : undefined;
  }

  /** The live one of an inner endpoint; the last one made where there are several. */
  ofInner(protocol: Protocol, address: Address, port: number, nowMicros: number): Mapping | undefined {
    if (this.isEmpty) return undefined;
    const mapping = this.#byInner.get(innerKey(protocol, address, port));
    return mapping !== undefined && mapping.expiresAtMicros > nowMicros ? mapping : undefined;
  }
}

/** Whether a lease lets this remote endpoint in. */
export function leaseAdmits(filters: readonly LeaseFilter[], address: Address, port: number): boolean {
  if (filters.length === 0) return true;
  return filters.some(
    (filter) =>
      (filter.port === 0 || filter.port === port) &&
      prefixHolds({ address: filter.address, length: filter.prefixLength }, address),
  );
}

function innerKey(protocol: Protocol, address: Address, port: number): string {
  return `${protocol} ${address}:${port}`;
}

/** Keeps the leased sessions of a mapping, and with them the mapping, for as long as they were granted. */
export function keepLeased(mapping: Mapping): void {
  if (mapping.lease?.kind !== 'peer') return;
  for (const { address, port, untilMicros } of mapping.lease.peers) {
    const session = mapping.sessions.get(address, port);
    if (session === undefined) continue;
    session.expiresAtMicros = Math.max(session.expiresAtMicros, untilMicros);
    session.admitsUntilMicros = Math.max(session.admitsUntilMicros, untilMicros);
    mapping.expiresAtMicros = Math.max(mapping.expiresAtMicros, untilMicros);
  }
}

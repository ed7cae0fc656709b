/**
 * A map of a NAT by flow. Values are found by a 32-bit hash and told apart by the ends themselves, so that no text is made for
 * a packet; addresses may be numbers or texts. It judges nothing and forgets nothing by itself.
 */
import type { Address } from '../address.ts';
import { hashText } from '../random.ts';
import type { Flow, NatDependence } from './behaviour.ts';
import { link, unlink } from './chains.ts';

const MULTIPLIER = 0x9e3779b1 | 0;

type FlowEntry<V> = {
  readonly flow: Flow;
  readonly dependence: NatDependence;
  value: V;
  /** Another one of the same hash. */
  next: FlowEntry<V> | undefined;
};

/** Values by flow, as far as a dependence tells flows apart; in the order of their first `set`. */
export class FlowMap<V> {
  readonly #chains = new Map<number, FlowEntry<V>>();
  readonly #inOrder = new Set<FlowEntry<V>>();

  get size(): number {
    return this.#inOrder.size;
  }

  get(flow: Flow, dependence: NatDependence): V | undefined {
    return this.#find(flow, dependence)?.value;
  }

  set(flow: Flow, dependence: NatDependence, value: V): void {
    const known = this.#find(flow, dependence);
    if (known !== undefined) {
      known.value = value;
      return;
    }
    const entry = { flow, dependence, value, next: undefined };
    link(this.#chains, flowHash(flow, dependence), entry);
    this.#inOrder.add(entry);
  }

  delete(flow: Flow, dependence: NatDependence): void {
    const entry = this.#find(flow, dependence);
    if (entry === undefined) return;
    this.#inOrder.delete(entry);
    unlink(this.#chains, flowHash(flow, dependence), entry);
  }

  /** Puts one behind all others in the order. */
  moveToEnd(flow: Flow, dependence: NatDependence): void {
    const entry = this.#find(flow, dependence);
    if (entry === undefined) return;
    this.#inOrder.delete(entry);
    this.#inOrder.add(entry);
  }

  clear(): void {
    this.#chains.clear();
    this.#inOrder.clear();
  }

  *values(): Generator<V> {
    for (const { value } of this.#inOrder) yield value;
  }

  /** Takes out what is said to be over. */
  dropWhere(isOver: (value: V) => boolean): void {
    for (const { flow, dependence, value } of this.#inOrder) if (isOver(value)) this.delete(flow, dependence);
  }

  #find(flow: Flow, dependence: NatDependence): FlowEntry<V> | undefined {
    let entry = this.#chains.get(flowHash(flow, dependence));
    while (entry !== undefined && !(entry.dependence === dependence && isSameFlow(entry.flow, flow, dependence))) {
      entry = entry.next;
    }
    return entry;
  }
}

/** Whether two flows are one as far as the dependence tells them apart. */
export function isSameFlow(left: Flow, right: Flow, dependence: NatDependence): boolean {
  if (left.innerPort !== right.innerPort || left.innerAddress !== right.innerAddress) return false;
  if (left.protocol !== right.protocol) return false;
  if (dependence === 'endpointIndependent') return true;
  if (left.remoteAddress !== right.remoteAddress) return false;
  return dependence === 'addressDependent' || left.remotePort === right.remotePort;
}

function flowHash(flow: Flow, dependence: NatDependence): number {
  const inner = mixed(endpointHash(flow.innerAddress, flow.innerPort), flow.protocol);
  if (dependence === 'endpointIndependent') return inner;
  const withAddress = mixed(inner, addressWord(flow.remoteAddress));
  return dependence === 'addressDependent' ? withAddress : mixed(withAddress, flow.remotePort);
}

/** A hash of one endpoint. */
export function endpointHash(address: Address, port: number): number {
  return mixed(addressWord(address), port);
}

function addressWord(address: Address): number {
  return typeof address === 'number' ? address : hashText(address);
}

function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, MULTIPLIER);
  return product ^ (product >>> 15);
}

/**
 * NATs that punish: a remote address that sends what nobody asked for is cut off for a while, and new mappings are rationed.
 * It counts what it is told, and drops nothing itself.
 */
import type { Address } from '../address.ts';
import type { NatBehaviour } from './behaviour.ts';

type Offence = { count: number; sinceMicros: number; blockedUntilMicros: number };

/** What one NAT holds against others. */
export class Punishment {
  readonly #behaviour: NatBehaviour;
  readonly #offences = new Map<Address, Offence>();
  /** Times of the new mappings that still count, oldest first. */
  #made: number[] = [];

  constructor(behaviour: NatBehaviour) {
    this.#behaviour = behaviour;
  }

  clear(): void {
    this.#offences.clear();
    this.#made = [];
  }

  isBlocked(remote: Address, nowMicros: number): boolean {
    if (this.#behaviour.blockRemote === undefined) return false;
    return (this.#offences.get(remote)?.blockedUntilMicros ?? 0) > nowMicros;
  }

  /** A packet came in that has no mapping, or that a filter kept out. */
  noteUnsolicited(remote: Address, nowMicros: number): void {
    const { blockRemote } = this.#behaviour;
    if (blockRemote === undefined) return;
    let offence = this.#offences.get(remote);
    if (offence === undefined || nowMicros - offence.sinceMicros >= blockRemote.micros) {
      offence = { count: 0, sinceMicros: nowMicros, blockedUntilMicros: 0 };
      this.#offences.set(remote, offence);
    }
    offence.count += 1;
    if (offence.count >= blockRemote.packets) offence.blockedUntilMicros = nowMicros + blockRemote.micros;
  }

  /** Whether one more mapping may be made now; counts it when so. */
  allowsMapping(nowMicros: number): boolean {
    const { newMappingsMax } = this.#behaviour;
    if (newMappingsMax === undefined) return true;
    this.#made = this.#made.filter((atMicros) => nowMicros - atMicros < newMappingsMax.micros);
    if (this.#made.length >= newMappingsMax.count) return false;
    this.#made.push(nowMicros);
    return true;
  }
}

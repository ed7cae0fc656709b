/**
 * The sessions of one mapping: what passed between it and each remote endpoint. It decides nothing; `lives.ts` does.
 *
 * Most mappings have one session, and packets come in rows, so the one found last is looked at first.
 */
import type { Address } from '../address.ts';
import { link, unlink } from './chains.ts';
import { endpointHash } from './flow-map.ts';

/** What passed between a mapping and one remote endpoint. */
export type Session = {
  readonly remoteAddress: Address;
  readonly remotePort: number;
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
  /** Another session of the same hash; belongs to `Sessions`. */
  next: Session | undefined;
};

/** Nothing has passed yet. */
export function newSession(remoteAddress: Address, remotePort: number, madeAtMicros: number): Session {
  return {
    remoteAddress,
    remotePort,
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
    next: undefined,
  };
}

/** Sessions by remote endpoint. */
export class Sessions {
  /** From the second session on. */
  #chains: Map<number, Session> | undefined = undefined;
  #size = 0;
  /** The session found last; while there are no chains, the only one. */
  #last: Session | undefined = undefined;

  get size(): number {
    return this.#size;
  }

  get(address: Address, port: number): Session | undefined {
    const last = this.#last;
    if (last?.remotePort === port && last.remoteAddress === address) return last;
    if (this.#chains === undefined) return undefined;
    let found = this.#chains.get(endpointHash(address, port));
    while (found !== undefined && !(found.remotePort === port && found.remoteAddress === address)) found = found.next;
    if (found !== undefined) this.#last = found;
    return found;
  }

  /** Adds one, in the place of the one with the same endpoint. */
  set(added: Session): void {
    const old = this.get(added.remoteAddress, added.remotePort);
    if (old !== undefined) this.delete(old);
    if (this.#chains === undefined && this.#last !== undefined) {
      this.#chains = new Map();
      this.#link(this.#last);
    }
    if (this.#chains !== undefined) this.#link(added);
    this.#size += 1;
    this.#last = added;
  }

  delete(gone: Session): void {
    this.#size -= 1;
    this.#last = undefined;
    if (this.#chains === undefined) return;
    unlink(this.#chains, endpointHash(gone.remoteAddress, gone.remotePort), gone);
  }

  /** In no order that means anything. */
  *values(): Generator<Session> {
    if (this.#chains === undefined) {
      if (this.#last !== undefined) yield this.#last;
      return;
    }
    for (const first of this.#chains.values()) {
      for (let each: Session | undefined = first; each !== undefined; each = each.next) yield each;
    }
  }

  #link(session: Session): void {
    link(this.#chains!, endpointHash(session.remoteAddress, session.remotePort), session);
  }
}

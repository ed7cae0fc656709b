/**
 * What a host has learned from "packet too big" of the largest packet that gets through to an address (RFC 8201). Only for
 * IPv6: there every packet above it is the sender's own affair.
 */
import type { Address, Address6 } from '../address.ts';
import { IP6_MTU_BYTES_MIN } from '../packet.ts';

/** RFC 8201 section 5.3: what was learned is tried anew after ten minutes. */
const LIFE_MICROS = 600_000_000;
const DESTINATIONS_MAX = 4_096;

/** The path MTUs one host knows. */
export class PathMtus {
  readonly #known = new Map<Address, { readonly mtuBytes: number; readonly untilMicros: number }>();

  /** A "packet too big" came. What claims less than any link must carry changes nothing (RFC 8201 section 4). */
  note(destination: Address6, mtuBytes: number, nowMicros: number): void {
    if (mtuBytes < IP6_MTU_BYTES_MIN || mtuBytes >= this.towards(destination, Infinity, nowMicros)) return;
    if (this.#known.size >= DESTINATIONS_MAX) this.#known.clear();
    this.#known.set(destination, { mtuBytes, untilMicros: nowMicros + LIFE_MICROS });
  }

  /** The smaller of the link's MTU and what is known of the path. */
  towards(destination: Address, linkMtuBytes: number, nowMicros: number): number {
    const known = this.#known.get(destination);
    return known === undefined || known.untilMicros <= nowMicros
      ? linkMtuBytes
      : Math.min(linkMtuBytes, known.mtuBytes);
  }
}

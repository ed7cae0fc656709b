/**
 * One host's connection to the rest, on real sockets: its conditions, whether it is cut, and what each relay must do.
 *
 * Pure state and arithmetic; the sockets are in tcp-relay.ts. All times are scenario microseconds.
 */
import type { LinkConditions } from './net-control.ts';

/** What a lost packet costs a TCP stream: one retransmission timeout. */
const LOSS_PAUSE_MICROS = 200_000;

/** State of one host's link. */
export class LoopbackLink {
  readonly host: string;
  conditions: LinkConditions = {};
  /** Nothing passes until healed. */
  partitioned = false;
  /** The host has no power. */
  down = false;
  readonly #random: () => number;
  readonly #listeners = new Set<() => void>();

  /** @param random - Uniform from 0 to 2^32 - 1. */
  constructor(host: string, random: () => number) {
    this.host = host;
    this.#random = random;
  }

  get isCut(): boolean {
    return this.partitioned || this.down;
  }

  /** How long one piece of a stream is under way: delay, jitter, pauses for losses, time on the line. */
  travelMicros(bytes: number): number {
    const { delayMillis = 0, jitterMillis = 0, lossPerMille = 0, bandwidthBitsPerSec = 0 } = this.conditions;
    let micros = delayMillis * 1000;
    if (jitterMillis > 0) micros += this.#random() % (jitterMillis * 1000);
    if (lossPerMille > 0 && this.#random() % 1000 < lossPerMille) micros += LOSS_PAUSE_MICROS;
    if (bandwidthBitsPerSec > 0) micros += Math.ceil((bytes * 8 * 1_000_000) / bandwidthBitsPerSec);
    return micros;
  }

  /** The largest piece that may arrive at once. */
  get chunkBytesMax(): number {
    const { chunkBytesMax = 0 } = this.conditions;
    return chunkBytesMax > 0 ? chunkBytesMax : Infinity;
  }

  /** Calls `listener` whenever the link was cut or healed; gives the remover. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(change: { readonly partitioned?: boolean; readonly down?: boolean }): void {
    this.partitioned = change.partitioned ?? this.partitioned;
    this.down = change.down ?? this.down;
    for (const listener of [...this.#listeners]) listener();
  }
}

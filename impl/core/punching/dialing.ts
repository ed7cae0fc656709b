/**
 * Direct TCP, one attempt (P2P-024, P2P-027, P2P-028): which endpoints to connect to, when, and when to give up.
 *
 * Sans-I/O: it dials nothing itself. Drive it: `handle*(nowMicros, ...)` or `handleTimer`, then drain `poll` until it says
 * wait. Certain targets are dialled at once; hopeful ones, which need NATs to be opened from both sides, after
 * `handleHopeful`. A SYN that a NAT drops is repeated by TCP itself.
 */
import type { Endpoint } from '../../../spec/platform.ts';
import { certainTargets, mustWait, targetsOf } from './targets.ts';
import { endpointKey, sameEndpoint } from './types.ts';
import type { Role, Side } from './types.ts';

export type DialOutput =
  /** Connect; an earlier dial to the same place that has not come through is given up. */
  | { readonly kind: 'dial'; readonly to: Endpoint }
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'wait'; readonly untilMicros: number };

export type DialOptions = {
  readonly role: Role;
  /** How long to wait for the peer to say where it is, how long to try certain targets, and how long hopeful ones. */
  readonly patienceMicros: number;
  /** Round trip to the P2P server: a few of them later the answerer's hopeful dials are made once more. */
  readonly rttMicros: number;
};

/** Ours: see `#plan`. */
const AGAIN_ROUND_TRIPS = 3;
/** Ours: pause before a target that refused is tried again; twice as long every time. */
const REDIAL_MICROS_FIRST = 200_000;

type Target = {
  readonly to: Endpoint;
  pauseMicros: number;
  dueMicros: number;
  /** When a dial that has not come through is made anew; Infinity: not. */
  againMicros: number;
};

/** One attempt. */
export class Dialing {
  readonly #options: DialOptions;
  readonly #targets = new Map<string, Target>();
  readonly #outputs: DialOutput[] = [];
  #own: Side | undefined;
  #peer: Side | undefined;
  #isHopeful = false;
  #deadlineMicros: number;
  /** The attempt over UDP is awaited: the deadline counts from here at the earliest. */
  #notBeforeMicros = 0;
  #isOver = false;

  constructor(nowMicros: number, options: DialOptions) {
    this.#options = options;
    this.#deadlineMicros = nowMicros + options.patienceMicros;
  }

  get #endMicros(): number {
    return Math.max(this.#deadlineMicros, this.#notBeforeMicros);
  }

  /** What the own side looks like; may come again. */
  handleOwn(nowMicros: number, own: Side): void {
    this.#own = own;
    this.#plan(nowMicros);
  }

  /** What the peer told; news replace it. */
  handlePeer(nowMicros: number, peer: Side): void {
    if (this.#peer === undefined) this.#deadlineMicros = nowMicros + this.#options.patienceMicros;
    this.#peer = peer;
    this.#plan(nowMicros);
  }

  /** From now on NATs may be opened from both sides; gives that its own time. */
  handleHopeful(nowMicros: number): void {
    if (this.#isHopeful || this.#isOver) return;
    this.#isHopeful = true;
    this.#notBeforeMicros = 0;
    this.#deadlineMicros = nowMicros + this.#options.patienceMicros;
    this.#plan(nowMicros);
  }

  /** UDP is still being tried: this attempt does not end before that one. */
  prolong(untilMicros: number): void {
    this.#notBeforeMicros = untilMicros;
  }

  /** There is a link by another way already: certain targets get no more than this. */
  limit(untilMicros: number): void {
    this.#notBeforeMicros = 0;
    this.#deadlineMicros = Math.min(this.#deadlineMicros, untilMicros);
  }

  /** A dial ended without a connection. @param isFinal - It cannot succeed from here, so it is not repeated. */
  handleDialFailed(nowMicros: number, to: Endpoint, isFinal: boolean): void {
    const target = this.#targets.get(endpointKey(to));
    if (target === undefined) return;
    target.againMicros = Infinity;
    target.dueMicros = isFinal ? Infinity : nowMicros + target.pauseMicros;
    target.pauseMicros *= 2;
  }

  /** The owner has what it wants, or gives up: nothing more comes. */
  end(): void {
    this.#isOver = true;
  }

  /** Early or late is harmless. */
  handleTimer(nowMicros: number): void {
    if (this.#isOver) return;
    if (nowMicros >= this.#endMicros) {
      this.#isOver = true;
      const isAlone = this.#peer === undefined;
      const detail = isAlone ? 'the other client did not answer' : 'no way through was found over TCP';
      this.#outputs.push({ kind: 'failed', detail });
      return;
    }
    for (const target of this.#targets.values()) {
      if (nowMicros < target.dueMicros) continue;
      target.dueMicros = target.againMicros;
      target.againMicros = Infinity;
      this.#outputs.push({ kind: 'dial', to: target.to });
    }
  }

  poll(): DialOutput {
    const output = this.#outputs.shift();
    if (output !== undefined) return output;
    let untilMicros = this.#isOver ? Infinity : this.#endMicros;
    if (!this.#isOver)
      for (const { dueMicros } of this.#targets.values()) untilMicros = Math.min(untilMicros, dueMicros);
    return { kind: 'wait', untilMicros };
  }

  #plan(nowMicros: number): void {
    const own = this.#own;
    const peer = this.#peer;
    if (own === undefined || peer === undefined || this.#isOver) return;
    const certain = certainTargets(own, peer);
    for (const to of certain) this.#add(to, nowMicros, Infinity);
    if (this.#isHopeful && !mustWait(own, peer)) {
      // The inviter's NAT may be open already; if not, it opens when the answer has reached it, about a round trip from
      // now. A dial that was accepted, or crossed the inviter's, is through after two more and must not be disturbed.
      const againMicros =
        this.#options.role === 'answerer' ? nowMicros + AGAIN_ROUND_TRIPS * this.#options.rttMicros : Infinity;
      for (const to of targetsOf(own, peer, this.#options.role)) {
        const isCertain = certain.some((other) => sameEndpoint(other, to));
        if (!isCertain) this.#add(to, nowMicros, againMicros);
      }
    }
    this.handleTimer(nowMicros);
  }

  #add(to: Endpoint, dueMicros: number, againMicros: number): void {
    const key = endpointKey(to);
    if (!this.#targets.has(key))
      this.#targets.set(key, { to, dueMicros, againMicros, pauseMicros: REDIAL_MICROS_FIRST });
  }
}

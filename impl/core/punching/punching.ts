/**
 * Hole punching over UDP, one attempt (P2P-017 to P2P-023): probes out, probes in, until a way is open or time is up.
 *
 * No socket, clock or random source inside. Drive it: `handle*(nowMicros, ...)` or `handleTimer`, then drain `poll` until it
 * says wait. It tells ways as it learns of them, best last; the owner runs its handshake over the last one and says
 * `handleConnected` when that is done. Only datagrams with the attempt's token may be handed in.
 */
import type { Endpoint } from '../../../spec/platform.ts';
import { encodeProbe, encodeProbeAck } from '../../wire/index.ts';
import { PUNCH_MOVES } from './punch-states.ts';
import type { PunchInput, PunchState } from './punch-states.ts';
import { mustWait, targetsOf } from './targets.ts';
import { endpointKey, sameEndpoint } from './types.ts';
import type { Role, Side } from './types.ts';

export type PunchOutput =
  | { readonly kind: 'datagram'; readonly bytes: Uint8Array; readonly to: Endpoint }
  /** A way to the peer, better than the ones before. */
  | { readonly kind: 'way'; readonly remote: Endpoint; readonly isAcknowledged: boolean }
  /** Nothing more will come. */
  | { readonly kind: 'failed'; readonly detail: string }
  | { readonly kind: 'wait'; readonly untilMicros: number };

export type PunchOptions = {
  readonly token: bigint;
  readonly role: Role;
  /** How long to wait for the peer to say where it is, and how long to try after that. */
  readonly patienceMicros: number;
};

/** Ours: first pause between rounds; each is a quarter longer than the last, up to the maximum. */
const ROUND_MICROS_FIRST = 40_000;
const ROUND_MICROS_MAX = 500_000;
/** Ours: endpoints that are probed at most; sources of probes with the right token come on top of the told ones. */
const TARGETS_MAX = 64;
/** Ours: probes whose acknowledgement is still recognised. */
const PROBES_KEPT = 512;

/** One attempt. */
export class Punching {
  readonly #options: PunchOptions;
  #state: PunchState = 'waiting';
  #own: Side | undefined;
  #peer: Side | undefined;
  #targets: Endpoint[] = [];
  #way: Endpoint | undefined;
  #roundMicros = ROUND_MICROS_FIRST;
  #nextRoundMicros = Infinity;
  #deadlineMicros: number;
  #nextNumber = 1;
  /** Probe number to where it was sent. */
  readonly #sent = new Map<number, Endpoint>();
  readonly #outputs: PunchOutput[] = [];

  constructor(nowMicros: number, options: PunchOptions) {
    this.#options = options;
    this.#deadlineMicros = nowMicros + options.patienceMicros;
  }

  get state(): PunchState {
    return this.#state;
  }

  /** What the own side looks like; probing starts when both are known. May come again. */
  handleOwn(nowMicros: number, own: Side): void {
    this.#own = own;
    this.#begin(nowMicros);
  }

  /** What the peer told about itself; news replace it (P2P-015). */
  handlePeer(nowMicros: number, peer: Side): void {
    if (this.#peer === undefined) this.#deadlineMicros = nowMicros + this.#options.patienceMicros;
    this.#peer = peer;
    this.#begin(nowMicros);
  }

  /** A probe of the peer: acknowledged the way it came, and its source is a place to probe (P2P-018, P2P-019). */
  handleProbe(nowMicros: number, from: Endpoint, number: number): void {
    if (this.#state === 'failed') return;
    const bytes = encodeProbeAck(this.#options.token, number, from);
    this.#outputs.push({ kind: 'datagram', bytes, to: from });
    if (this.#state === 'connected') return;
    const isNew = !this.#targets.some((target) => sameEndpoint(target, from));
    if (isNew && this.#targets.length < TARGETS_MAX) this.#targets.push(from);
    if (isNew) this.#probe(from);
    if (this.#state === 'waiting' || this.#state === 'probing') {
      this.#tell(from, false);
      this.#nextRoundMicros = Math.min(this.#nextRoundMicros, nowMicros + ROUND_MICROS_FIRST);
    }
    this.#input('heard');
  }

  /** An acknowledgement: the way is open in both directions when it came from where the probe went. */
  handleAck(from: Endpoint, number: number): void {
    const to = this.#sent.get(number);
    if (to === undefined || !sameEndpoint(to, from)) return;
    if (this.#state === 'probing' || this.#state === 'heard') this.#tell(from, true);
    this.#input('acknowledged');
  }

  /** What runs over the way is up: only probes of the peer are still answered. */
  handleConnected(): void {
    this.#input('connected');
    this.#nextRoundMicros = Infinity;
    this.#deadlineMicros = Infinity;
  }

  /** The owner gives up, or the peer refused. */
  giveUp(detail: string): void {
    this.#fail('giveUp', detail);
  }

  /** Early or late is harmless. */
  handleTimer(nowMicros: number): void {
    if (nowMicros >= this.#deadlineMicros) {
      const isAlone = this.#peer === undefined;
      this.#fail('overdue', isAlone ? 'the other client did not answer' : 'no way through was found over UDP');
    } else if (nowMicros >= this.#nextRoundMicros) this.#round(nowMicros);
  }

  poll(): PunchOutput {
    const output = this.#outputs.shift();
    if (output !== undefined) return output;
    return { kind: 'wait', untilMicros: Math.min(this.#nextRoundMicros, this.#deadlineMicros) };
  }

  #begin(nowMicros: number): void {
    const own = this.#own;
    const peer = this.#peer;
    if (own === undefined || peer === undefined || this.#state === 'failed' || this.#state === 'connected') return;
    if (mustWait(own, peer)) return;
    const told = targetsOf(own, peer, this.#options.role);
    const heard = this.#targets.filter((target) => !told.some((other) => sameEndpoint(other, target)));
    this.#targets = [...told, ...heard].slice(0, TARGETS_MAX);
    this.#input('bothKnown');
    this.#round(nowMicros);
  }

  /** Probes every target once, in order. */
  #round(nowMicros: number): void {
    for (const target of this.#targets) this.#probe(target);
    this.#nextRoundMicros = nowMicros + this.#roundMicros;
    this.#roundMicros = Math.min(ROUND_MICROS_MAX, Math.floor((this.#roundMicros * 5) / 4));
  }

  #probe(to: Endpoint): void {
    const number = this.#nextNumber;
    this.#nextNumber += 1;
    this.#sent.set(number, to);
    this.#sent.delete(number - PROBES_KEPT);
    this.#outputs.push({ kind: 'datagram', bytes: encodeProbe(this.#options.token, number), to });
  }

  #tell(remote: Endpoint, isAcknowledged: boolean): void {
    const isKnown = this.#way !== undefined && endpointKey(this.#way) === endpointKey(remote);
    this.#way = remote;
    if (!isKnown) this.#outputs.push({ kind: 'way', remote, isAcknowledged });
  }

  #fail(input: PunchInput, detail: string): void {
    const before = this.#state;
    this.#input(input);
    if (before === this.#state) return;
    this.#nextRoundMicros = Infinity;
    this.#deadlineMicros = Infinity;
    this.#outputs.push({ kind: 'failed', detail });
  }

  #input(input: PunchInput): void {
    this.#state = PUNCH_MOVES[this.#state][input] ?? this.#state;
  }
}

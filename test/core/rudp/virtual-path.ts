/**
 * Two machines and a path between them in virtual time: delay, loss, duplication, reordering, by a small generator. For tests.
 *
 * Drive it: `run(untilMicros)`, or `until(condition)`; look at what each side `received`.
 */
import { RudpConnection } from '../../../impl/core/rudp/index.ts';
import type { RudpCloseReason, RudpOptions } from '../../../impl/core/rudp/index.ts';

export type PathOptions = {
  readonly delayMicros?: number;
  readonly lossPerMille?: number;
  readonly duplicatePerMille?: number;
  /** Such a datagram comes up to 30 ms later. */
  readonly reorderPerMille?: number;
  readonly seed?: number;
  readonly left?: Partial<RudpOptions>;
  readonly right?: Partial<RudpOptions>;
};

export const TOKEN = 0x1122_3344_5566_7788n;

export type Side = {
  readonly machine: RudpConnection;
  readonly received: Uint8Array[];
  readonly sent: Uint8Array[];
  isConnected: boolean;
  drainedCount: number;
  closed: RudpCloseReason | undefined;
  dueMicros: number;
};

type Flight = { readonly atMicros: number; readonly to: Side; readonly bytes: Uint8Array };

/** A left and a right machine. */
export class VirtualPath {
  nowMicros = 1_000;
  readonly left: Side;
  readonly right: Side;
  /** While true nothing arrives. */
  isBlackedOut = false;
  readonly #options: Required<Omit<PathOptions, 'left' | 'right'>>;
  /** By time of arrival. */
  readonly #flights: Flight[] = [];
  #random: number;

  constructor(options: PathOptions = {}) {
    this.#options = {
      delayMicros: 20_000,
      lossPerMille: 0,
      duplicatePerMille: 0,
      reorderPerMille: 0,
      seed: 1,
      ...options,
    };
    this.#random = this.#options.seed;
    this.left = this.#side({ token: TOKEN, identity: 11, ...options.left });
    this.right = this.#side({ token: TOKEN, identity: 22, ...options.right });
  }

  #side(options: RudpOptions): Side {
    const machine = new RudpConnection(this.nowMicros, options);
    return {
      machine,
      received: [],
      sent: [],
      isConnected: false,
      drainedCount: 0,
      closed: undefined,
      dueMicros: Infinity,
    };
  }

  /** Puts another machine in a side's place, as a restart does. */
  restart(side: Side, options: Partial<RudpOptions>): Side {
    const fresh = this.#side({ token: TOKEN, identity: 33, ...options });
    Object.assign(side, fresh);
    return side;
  }

  draw(perMille: number): boolean {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#random >>> 8) % 1000 < perMille;
  }

  /** Lets a side do what it has to; every input is followed by this. */
  drain(side: Side): void {
    const other = side === this.left ? this.right : this.left;
    for (let count = 0; ; count++) {
      if (count > 100_000) throw new Error('a machine never came to rest');
      const output = side.machine.poll(this.nowMicros);
      if (output.kind === 'datagram') {
        side.sent.push(output.bytes.slice());
        this.#transmit(other, output.bytes.slice());
      } else if (output.kind === 'message') side.received.push(output.bytes);
      else if (output.kind === 'connected') side.isConnected = true;
      else if (output.kind === 'drained') side.drainedCount++;
      else if (output.kind === 'closed') side.closed = output.reason;
      else {
        side.dueMicros = output.untilMicros;
        return;
      }
    }
  }

  /** Hands a side bytes as if they had come from the path. */
  inject(side: Side, bytes: Uint8Array): void {
    side.machine.handleDatagram(this.nowMicros, bytes);
    this.drain(side);
  }

  #transmit(to: Side, bytes: Uint8Array): void {
    const { lossPerMille, duplicatePerMille, reorderPerMille, delayMicros } = this.#options;
    if (this.isBlackedOut || this.draw(lossPerMille)) return;
    const copies = this.draw(duplicatePerMille) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const extra = this.draw(reorderPerMille) ? 1 + (this.#random % 30_000) : 0;
      this.#launch({ atMicros: this.nowMicros + delayMicros + extra, to, bytes });
    }
  }

  #launch(flight: Flight): void {
    let at = this.#flights.length;
    while (at > 0 && this.#flights[at - 1]!.atMicros > flight.atMicros) at--;
    this.#flights.splice(at, 0, flight);
  }

  /** Goes on until that time, or until the condition holds after an event. */
  run(untilMicros: number, condition: () => boolean = () => false): boolean {
    for (const side of [this.left, this.right]) this.drain(side);
    for (let steps = 0; steps < 3_000_000; steps++) {
      if (condition()) return true;
      const first = this.#flights[0];
      const next = Math.min(first?.atMicros ?? Infinity, this.left.dueMicros, this.right.dueMicros);
      if (next > untilMicros) {
        this.nowMicros = untilMicros;
        return condition();
      }
      this.nowMicros = Math.max(this.nowMicros, next);
      if (first?.atMicros === next) {
        this.#flights.shift();
        this.inject(first.to, first.bytes);
        continue;
      }
      for (const side of [this.left, this.right]) {
        if (side.dueMicros > this.nowMicros) continue;
        side.machine.handleTimer(this.nowMicros);
        this.drain(side);
      }
    }
    throw new Error('too many steps');
  }

  /** Both sides connected; the left one started. */
  connect(): this {
    this.left.machine.start(this.nowMicros);
    this.run(this.nowMicros + 9_000_000, () => this.left.isConnected && this.right.isConnected);
    return this;
  }
}

export function pattern(size: number, salt: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at++) bytes[at] = (at * 31 + salt * 7 + (at >> 8)) & 0xff;
  return bytes;
}

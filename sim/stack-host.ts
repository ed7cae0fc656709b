/**
 * What the UDP and TCP stacks ask of the host they live in, and the buffer in which bytes are lent to the application.
 * Types and one small class; the host implements the rest.
 */
import type { Address } from './address.ts';
import type { EventTarget } from './event-queue.ts';
import { NO_BYTES } from './packet.ts';
import type { Packet } from './packet.ts';
import type { RandomStream } from './random.ts';
import type { TcpOptions } from './tcp/options.ts';
import type { World } from './world.ts';

/** The host, seen from its stacks. */
export type StackHost = {
  readonly world: World;
  readonly name: string;
  readonly subject: number;
  /** The process stands still: nothing may be told to the application. */
  readonly isPaused: boolean;
  /** The machine sleeps: no timer of the kernel fires. */
  readonly isAsleep: boolean;
  /** Whether ICMP errors reach UDP sockets, as on Windows. */
  readonly udpReportsIcmp: boolean;
  readonly tcpOptions: TcpOptions;
  readonly lender: Lender;
  /** Initial sequence numbers. */
  tcpRandom(): RandomStream;
  ownsAddress(address: Address): boolean;
  /** The address this host would send from; undefined without a way there. */
  sourceAddressFor(destination: Address): Address | undefined;
  /** Largest IP packet on the first link towards an address. */
  mtuTowards(destination: Address): number;
  sendPacket(packet: Packet): void;
  /** A free port from the dynamic range; undefined when none is left. */
  ephemeralPort(isFree: (port: number) => boolean): number | undefined;
  /** Something waits for the process that stands still. */
  noteWaiting(): void;
  /** Calls `target.onEvent()` in an event of its own, now, or when the paused process goes on. */
  soon(target: EventTarget): void;
};

const LENT_BYTES_INITIAL = 16_384;
/** What a lent buffer is filled with afterwards, so that code that keeps it notices. */
const AFTERWARDS = 0xa5;

/** Arrays up to here live in the heap of the engine, where they cost little; longer ones are allocated outside of it. */
const HEAP_BYTES_MAX = 64;
const SHARED_BYTES_MAX = 4_096;
/** One that is kept holds all the others: small, so that a packet held for long does not hold much. */
const SLAB_BYTES = 65_536;

/**
 * Lends received bytes to handlers. The port says they are only valid during the call; here they really are: the buffer
 * is overwritten as soon as the handler returns.
 */
export class Lender {
  #buffer = new Uint8Array(LENT_BYTES_INITIAL);
  /** The part of the buffer that was lent last: it is lent again when as much is wanted again. */
  #lent = this.#buffer;
  #isLent = false;
  #slab = NO_BYTES.buffer;
  #slabUsedBytes = 0;

  /** A copy of `bytes`, valid until `takeBack`. */
  lend(bytes: Uint8Array): Uint8Array {
    if (this.#isLent) return bytes.slice();
    const { length } = bytes;
    if (length > this.#buffer.length) this.#buffer = this.#lent = new Uint8Array(length * 2);
    if (length !== this.#lent.length) this.#lent = new Uint8Array(this.#buffer.buffer, 0, length);
    this.#isLent = true;
    this.#lent.set(bytes);
    return this.#lent;
  }

  takeBack(lent: Uint8Array): void {
    lent.fill(AFTERWARDS);
    if (lent === this.#lent) this.#isLent = false;
  }

  /** A copy of `bytes` to keep, as a packet does while it is under way: many share one allocation. */
  copyOf(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    // Not `slice`: a Node `Buffer` would give a view.
    if (length <= HEAP_BYTES_MAX || length > SHARED_BYTES_MAX) return new Uint8Array(bytes);
    if (this.#slabUsedBytes + length > this.#slab.byteLength) {
      this.#slab = new ArrayBuffer(SLAB_BYTES);
      this.#slabUsedBytes = 0;
    }
    const copy = new Uint8Array(this.#slab, this.#slabUsedBytes, length);
    this.#slabUsedBytes += length;
    copy.set(bytes);
    return copy;
  }
}

const lenders = new WeakMap<World, Lender>();

/** The one lender of a world: handlers never run inside each other. */
export function lenderOf(world: World): Lender {
  let lender = lenders.get(world);
  if (lender === undefined) {
    lender = new Lender();
    lenders.set(world, lender);
  }
  return lender;
}

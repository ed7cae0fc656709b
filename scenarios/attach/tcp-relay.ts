/**
 * Relays one TCP connection between a client's socket and a server, with the hardship of the links on the way.
 *
 * A network, not an endpoint: bytes, FIN and RST travel through it with delay, in order; while a link is cut they stay
 * where they are, and an RST sent then is lost. A side whose other end died in a cut is reset when it next says something.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { resetSocket } from '../../impl/platform/reset-socket.ts';
import type { Endpoint, Timer } from '../../spec/platform.ts';
import type { LoopbackLink } from './loopback-link.ts';

export type RelayOptions = {
  readonly client: Socket;
  readonly server: Endpoint;
  /** The client's link and the server's. */
  readonly links: readonly LoopbackLink[];
  readonly nowMicros: () => number;
  readonly setTimer: (delayMicros: number, callback: () => void) => Timer;
  /** The way to the server is open, or was refused. */
  readonly onDialled: (result: 'up' | 'refused') => void;
  readonly onGone: () => void;
};

/** Bytes under way in one direction before its source is asked to pause. */
const UNDER_WAY_BYTES_MAX = 262_144;

/** Nobody answered what the survivor said for this long: its stack gives up (RFC 9293 3.8.3: at least 100 s). */
const GIVE_UP_MICROS = 100_000_000;

type Item = { readonly dueMicros: number; readonly bytes: Buffer | 'fin' };

/** One direction: a queue of what is under way. */
class Direction {
  readonly from: Socket;
  readonly to: Socket;
  readonly queue: Item[] = [];
  lastDueMicros = 0;
  underWayBytes = 0;
  timer: Timer | undefined;

  constructor(from: Socket, to: Socket) {
    this.from = from;
    this.to = to;
  }
}

/** One relayed connection, from the dial to the last byte. */
export class TcpRelay {
  readonly #options: RelayOptions;
  readonly #directions: Direction[] = [];
  readonly #unsubscribe: (() => void)[];
  #server: Socket | undefined;
  #dialTimer: Timer | undefined;
  #gone = false;
  /** The end of a host that died: whatever reaches it now is answered with RST. */
  #orphaned = false;
  #survivorSpoke = false;
  #giveUp: Timer | undefined;

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#unsubscribe = options.links.map((link) => link.onChange(() => this.#linksChanged()));
    options.client.setNoDelay(true);
    options.client.pause();
    options.client.on('error', () => undefined);
    options.client.on('close', () => this.#sideClosed(options.client));
    this.#dial();
  }

  /** RST to both ends, at once. */
  reset(): void {
    resetSocket(this.#options.client);
    if (this.#server !== undefined) resetSocket(this.#server);
    this.#finish();
  }

  /** One end lost power: nothing is told to the other, until that says something after the restart. */
  orphan(): void {
    this.#orphaned = true;
    for (const direction of this.#directions) direction.queue.length = 0;
  }

  /** Whether the relay passes this link. */
  uses(link: LoopbackLink): boolean {
    return this.#options.links.includes(link);
  }

  get #isCut(): boolean {
    return this.#options.links.some((link) => link.isCut);
  }

  #travelMicros(bytes: number): number {
    return this.#options.links.reduce((sum, link) => sum + link.travelMicros(bytes), 0);
  }

  /** Connects to the server once the SYN could have got there. */
  #dial(): void {
    if (this.#isCut || this.#gone || this.#dialTimer !== undefined || this.#server !== undefined) return;
    this.#dialTimer = this.#options.setTimer(this.#travelMicros(0), () => {
      this.#dialTimer = undefined;
      if (this.#gone || this.#isCut) return;
      const { address, port } = this.#options.server;
      const server = connect({ host: address, port, family: 4, allowHalfOpen: true, noDelay: true });
      this.#server = server;
      let connected = false;
      server.on('error', () => undefined);
      server.on('connect', () => {
        connected = true;
        this.#connected(server);
      });
      server.on('close', () => {
        if (connected) this.#sideClosed(server);
        else this.#refused();
      });
    });
  }

  #refused(): void {
    if (this.#gone) return;
    this.#options.onDialled('refused');
    resetSocket(this.#options.client);
    this.#finish();
  }

  #connected(server: Socket): void {
    if (this.#gone) {
      resetSocket(server);
      return;
    }
    const { client } = this.#options;
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      const direction = new Direction(from, to);
      this.#directions.push(direction);
      from.on('data', (bytes: Buffer) => this.#take(direction, bytes));
      from.on('end', () => this.#take(direction, 'fin'));
      to.on('drain', () => this.#pump(direction));
    }
    this.#options.onDialled('up');
    client.resume();
  }

  #take(direction: Direction, bytes: Buffer | 'fin'): void {
    if (this.#orphaned) {
      // What the survivor says is sent again and again until the way is free; then the other stack answers with RST.
      this.#survivorSpoke = true;
      if (!this.#isCut) this.reset();
      else this.#giveUp ??= this.#options.setTimer(GIVE_UP_MICROS, () => this.reset());
      return;
    }
    const size = bytes === 'fin' ? 0 : bytes.length;
    const chunk = Math.min(...this.#options.links.map((link) => link.chunkBytesMax));
    for (let at = 0; at < size || at === 0; at += chunk) {
      const piece = bytes === 'fin' ? bytes : bytes.subarray(at, Math.min(at + chunk, size));
      const earliest = this.#options.nowMicros() + this.#travelMicros(Math.min(chunk, size));
      direction.lastDueMicros = Math.max(direction.lastDueMicros, earliest);
      direction.queue.push({ dueMicros: direction.lastDueMicros, bytes: piece });
    }
    direction.underWayBytes += size;
    if (direction.underWayBytes > UNDER_WAY_BYTES_MAX) direction.from.pause();
    this.#pump(direction);
  }

  /** Hands over everything that is due; waits for the next due time, for a heal, or for the receiver to take more. */
  #pump(direction: Direction): void {
    const { queue, to, from } = direction;
    if (direction.timer !== undefined) return;
    while (queue.length > 0 && !this.#isCut && !to.writableNeedDrain) {
      const waitMicros = queue[0]!.dueMicros - this.#options.nowMicros();
      if (waitMicros > 0) {
        direction.timer = this.#options.setTimer(waitMicros, () => {
          direction.timer = undefined;
          this.#pump(direction);
        });
        break;
      }
      const { bytes } = queue.shift()!;
      if (bytes === 'fin') to.end();
      else {
        to.write(bytes);
        direction.underWayBytes -= bytes.length;
        // Chunks must arrive apart, so each gets a turn of its own.
        if (this.#options.links.some((link) => link.chunkBytesMax !== Infinity)) {
          direction.timer = this.#options.setTimer(0, () => {
            direction.timer = undefined;
            this.#pump(direction);
          });
          break;
        }
      }
    }
    if (direction.underWayBytes <= UNDER_WAY_BYTES_MAX && !from.destroyed) from.resume();
  }

  #linksChanged(): void {
    if (this.#isCut) return;
    if (this.#orphaned) {
      if (this.#survivorSpoke) this.reset();
      return;
    }
    this.#dial();
    for (const direction of this.#directions) this.#pump(direction);
  }

  /** A side is closed for good: both FINs were exchanged, or it was reset. */
  #sideClosed(side: Socket): void {
    if (this.#gone) return;
    const other = side === this.#options.client ? this.#server : this.#options.client;
    if (this.#orphaned) {
      if (other === undefined || other.destroyed) this.#finish();
      return;
    }
    const finished = this.#directions.length === 2 && this.#directions.every((each) => each.from.readableEnded);
    if (finished) {
      if (other === undefined || other.destroyed) this.#finish();
      return;
    }
    if (this.#isCut) {
      // The RST is lost in the cut. The survivor finds out when it sends after the heal.
      this.orphan();
      return;
    }
    if (other !== undefined) resetSocket(other);
    else this.#options.client.destroy();
    this.#finish();
  }

  #finish(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#dialTimer?.cancel();
    this.#giveUp?.cancel();
    for (const direction of this.#directions) direction.timer?.cancel();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    this.#options.onGone();
  }
}

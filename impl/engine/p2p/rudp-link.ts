/**
 * A DirectLink over reliable UDP: one machine, one timer, and the send function of a socket that somebody else owns.
 *
 * It binds nothing and finds nobody: the connector gives it an endpoint that answers, the token of the invitation, and every
 * datagram for which `isRudpDatagram` holds. Frames may be cut and joined on the way, as on any byte stream.
 */
import type { Endpoint, Platform, Timer } from '../../../spec/platform.ts';
import { MESSAGE_BYTES_MAX_DEFAULT } from '../../../spec/limits.ts';
import { RudpConnection } from '../../core/rudp/index.ts';
import type { RudpOptions, RudpOutput, RudpStatistics } from '../../core/rudp/index.ts';
import { takesRareWay } from '../rare-ways.ts';
import type { DirectLink, DirectLinkHandlers } from './link.ts';

export type RudpLinkOptions = Omit<RudpOptions, 'identity'> & {
  readonly platform: Platform;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Hands a datagram to the socket; the bytes are valid during the call only. */
  readonly send: (bytes: Uint8Array, to: Endpoint) => void;
  /** True: sends a Syn at once. False: waits for the peer's. Both sides may start. Default true. */
  readonly starts?: boolean;
};

export type RudpLinkOwner = {
  /** The handshake is done; the returned handlers belong to the link. */
  handleConnected(link: RudpLink): DirectLinkHandlers;
  /** The handshake failed; no handlers were asked for. */
  handleFailed(reason: string): void;
  /** The link needs no datagrams any more; comes after the end, when late repetitions are no longer expected. */
  handleReleased?(): void;
};

/** Datagrams sent in one turn of the world's loop; then others may act, and what came in is read. */
const TURN_DATAGRAMS_MAX = 32;
/** A timer this late was held up by a busy process: what arrived meanwhile is read first. */
const LATE_MICROS = 5_000;

/** A link; see the head of this file. Starts by itself. */
export class RudpLink implements DirectLink {
  readonly protocol = 'udp';
  readonly local: Endpoint;
  readonly #options: RudpLinkOptions;
  readonly #owner: RudpLinkOwner;
  readonly #machine: RudpConnection;
  readonly #messageBytesMax: number;
  #remote: Endpoint;
  #handlers: DirectLinkHandlers | undefined = undefined;
  #timer: Timer | undefined = undefined;
  #aimedMicros = Infinity;
  /** Sent since the timer last fired. */
  #turnDatagrams = 0;
  #isPumping = false;
  #isReleased = false;
  #isOverflown = false;

  constructor(options: RudpLinkOptions, owner: RudpLinkOwner) {
    const { platform, local, remote, starts = true } = options;
    this.#options = options;
    this.#owner = owner;
    this.local = local;
    this.#remote = remote;
    this.#messageBytesMax = options.messageBytesMax ?? MESSAGE_BYTES_MAX_DEFAULT;
    const identity = Math.max(1, platform.randomUint32());
    this.#machine = new RudpConnection(platform.monotonicMicros(), { ...options, identity });
    if (starts) this.#machine.start(platform.monotonicMicros());
    // Not at once: the caller may want to keep the link before anything happens.
    this.#aim(platform.monotonicMicros());
  }

  get remote(): Endpoint {
    return this.#remote;
  }

  /** The peer turned out to be at another endpoint (peer-reflexive); only before the handshake is done. */
  correctRemote(remote: Endpoint): void {
    if (this.#handlers === undefined) this.#remote = remote;
  }

  get queuedBytes(): number {
    return this.#machine.queuedBytes;
  }

  /** What was written and the peer has not confirmed. */
  get unacknowledgedBytes(): number {
    return this.#machine.unacknowledgedBytes;
  }

  get statistics(): Readonly<RudpStatistics> {
    return this.#machine.statistics;
  }

  /** Smoothed round trip. */
  get rttMicros(): number {
    return Math.round(this.#machine.path.rttMicros);
  }

  /** A datagram that came from the peer's endpoint; others of reliable UDP may be given too and have no effect. */
  handleDatagram(bytes: Uint8Array): void {
    if (this.#isReleased || takesRareWay(this.#options.platform, 'datagram overlooked')) return;
    this.#machine.handleDatagram(this.#options.platform.monotonicMicros(), bytes);
    this.#pump();
  }

  /** The bytes are copied; small ones written in one turn travel together. */
  write(frame: Uint8Array): void {
    for (let at = 0; at < frame.length; at += this.#messageBytesMax) {
      const outcome = this.#machine.send(frame.subarray(at, at + this.#messageBytesMax));
      if (outcome !== 'full') continue;
      // Nobody heeded `queuedBytes`; bytes must not vanish from the middle of a stream, so the stream ends.
      this.#isOverflown = true;
      this.abort();
      return;
    }
    this.#pumpSoon();
  }

  pause(): void {
    this.#machine.pause();
  }

  resume(): void {
    this.#machine.resume();
    this.#pumpSoon();
  }

  close(): void {
    this.#machine.resume();
    this.#machine.close(this.#options.platform.monotonicMicros());
    this.#pumpSoon();
  }

  abort(): void {
    this.#machine.resume();
    this.#machine.abort(this.#options.platform.monotonicMicros());
    this.#pump();
  }

  /** Ends without a word and without lingering, for an owner whose socket goes away now. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#owner.handleReleased?.();
  }

  #pumpSoon(): void {
    if (!this.#isPumping) this.#aim(this.#options.platform.monotonicMicros());
  }

  /** Does what the machine wants done, until it waits. Handlers called from here may call the link. */
  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    const { platform } = this.#options;
    const isShort = takesRareWay(platform, 'one datagram a turn');
    while (!this.#isReleased) {
      if (this.#turnDatagrams >= TURN_DATAGRAMS_MAX || (this.#turnDatagrams > 0 && isShort)) {
        this.#aim(platform.monotonicMicros());
        break;
      }
      const output = this.#machine.poll(platform.monotonicMicros());
      if (output.kind === 'datagram') this.#turnDatagrams++;
      if (output.kind === 'wait') {
        this.#aim(output.untilMicros);
        break;
      }
      this.#handle(output);
    }
    this.#isPumping = false;
    if (this.#machine.isFinished) this.release();
  }

  #handle(output: Exclude<RudpOutput, { kind: 'wait' }>): void {
    switch (output.kind) {
      case 'datagram':
        this.#options.send(output.bytes, this.#remote);
        break;
      case 'connected':
        this.#handlers = this.#owner.handleConnected(this);
        break;
      case 'message':
        this.#handlers?.onData(output.bytes);
        break;
      case 'drained':
        this.#handlers?.onDrain();
        break;
      case 'closed':
        this.#handleClosed(this.#isOverflown ? 'sendBufferFull' : output.reason);
        break;
    }
  }

  #handleClosed(reason: string): void {
    const handlers = this.#handlers;
    this.#handlers = undefined;
    if (handlers === undefined) this.#owner.handleFailed(reason);
    else handlers.onClosed(reason);
  }

  /** Sees to it that the machine is looked at no later than that; earlier is harmless. */
  #aim(dueMicros: number): void {
    if (dueMicros === Infinity || this.#isReleased) return;
    if (this.#timer !== undefined && this.#aimedMicros <= dueMicros) return;
    this.#timer?.cancel();
    this.#aimedMicros = dueMicros;
    let delayMicros = Math.max(0, dueMicros - this.#options.platform.monotonicMicros());
    if (takesRareWay(this.#options.platform, 'link wakes early')) delayMicros = Math.floor(delayMicros / 2);
    this.#timer = this.#options.platform.setTimer(delayMicros, () => this.#handleFired());
  }

  #handleFired(): void {
    const { platform } = this.#options;
    if (platform.monotonicMicros() - this.#aimedMicros > LATE_MICROS) {
      this.#timer = platform.setTimer(0, () => this.#wake());
    } else this.#wake();
  }

  #wake(): void {
    this.#timer = undefined;
    this.#turnDatagrams = 0;
    this.#machine.handleTimer(this.#options.platform.monotonicMicros());
    this.#pump();
  }
}

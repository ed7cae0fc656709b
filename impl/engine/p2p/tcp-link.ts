/** A DirectLink over a TCP connection that has been tested and chosen (P2P-026). It knows no messages. */
import type { Endpoint, Platform, TcpConnection, Timer } from '../../../spec/platform.ts';
import { secsToMicros } from '../settings.ts';
import type { DirectLink, DirectLinkHandlers } from './link.ts';

/** Ours: seconds the other end has to finish closing before the connection is reset. */
const CLOSE_LINGER_SECS = 5;

/** Whoever owns the connection's handlers passes them on to the link. */
export class TcpLink implements DirectLink {
  readonly protocol = 'tcp';
  readonly #platform: Platform;
  readonly #connection: TcpConnection;
  #handlers: DirectLinkHandlers | undefined;
  #linger: Timer | undefined;
  /** Set once the connection is over. */
  #closeReason: string | undefined;

  constructor(platform: Platform, connection: TcpConnection) {
    this.#platform = platform;
    this.#connection = connection;
  }

  /** The link is up; `rest` is what came behind the test. Who was given the link may have ended it already. */
  open(handlers: DirectLinkHandlers, rest: Uint8Array): void {
    if (this.#closeReason !== undefined) {
      handlers.onClosed(this.#closeReason);
      return;
    }
    this.#handlers = handlers;
    if (rest.length > 0) handlers.onData(rest);
  }

  get local(): Endpoint {
    return this.#connection.local;
  }

  get remote(): Endpoint {
    return this.#connection.remote;
  }

  get queuedBytes(): number {
    return this.#connection.queuedBytes;
  }

  write(frame: Uint8Array): void {
    this.#connection.write(frame);
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  close(): void {
    this.#connection.resume();
    this.#connection.end();
    this.#linger ??= this.#platform.setTimer(secsToMicros(CLOSE_LINGER_SECS), () => this.#connection.abort());
  }

  abort(): void {
    this.#connection.abort();
  }

  handleData(bytes: Uint8Array): void {
    this.#handlers?.onData(bytes);
  }

  handleDrain(): void {
    this.#handlers?.onDrain();
  }

  /** The peer ends; a channel has no half-open state. */
  handleEnd(): void {
    this.close();
  }

  handleClosed(reason: string): void {
    this.#linger?.cancel();
    this.#closeReason = reason;
    const handlers = this.#handlers;
    this.#handlers = undefined;
    handlers?.onClosed(reason);
  }
}

/**
 * One TCP connection over a `node:net` socket: gathered writes, half-open ends, one `onClosed`.
 *
 * Gathered bytes (at most GATHER_BYTES_MAX, for at most one turn) do not count as queued: the transport has them.
 */
import type { Socket } from 'node:net';
import type { Endpoint, KeepAliveOptions, TcpCloseReason, TcpConnection, TcpHandlers } from '../../spec/platform.ts';
import { resetSocket } from './reset-socket.ts';
import { GATHER_BYTES_MAX } from './write-gatherer.ts';
import type { WriteGatherer } from './write-gatherer.ts';

export type NodeConnectionOptions = {
  readonly socket: Socket;
  readonly gatherer: WriteGatherer;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly timeScale: number;
  /** The socket is destroyed; called once. */
  readonly onGone: (connection: NodeConnection) => void;
};

/** The first buffer of a connection that cannot have the shared one. */
const OWN_GATHER_BYTES_MIN = 1024;

/** A TCP connection as the port wants it. */
export class NodeConnection implements TcpConnection {
  local: Endpoint;
  remote: Endpoint;
  readonly #socket: Socket;
  readonly #gatherer: WriteGatherer;
  readonly #timeScale: number;
  #handlers: TcpHandlers | undefined;
  #gather: Buffer | undefined;
  #gatheredBytes = 0;
  #awaitsDrain = false;
  #ended = false;
  #closed = false;
  #failure: { reason: TcpCloseReason; detail: string } | undefined;

  constructor(options: NodeConnectionOptions) {
    this.#socket = options.socket;
    this.#gatherer = options.gatherer;
    this.#timeScale = options.timeScale;
    this.local = options.local;
    this.remote = options.remote;
    // Node destroys a socket whose 'error' nobody hears by throwing; the reason is told in 'close'.
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#noteFailure(error));
    this.#socket.on('close', () => {
      options.onGone(this);
      this.#finish(this.#failure?.reason ?? 'closed', this.#failure?.detail);
    });
  }

  /** Attaches the owner; called once, before any event can come. */
  start(handlers: TcpHandlers): void {
    this.#handlers = handlers;
    const socket = this.#socket;
    socket.on('data', (bytes: Buffer) => {
      if (this.#closed) return;
      this.#gatherer.enter();
      try {
        handlers.onData(plainBytes(bytes));
      } finally {
        this.#gatherer.leave();
      }
    });
    socket.on('end', () => {
      if (!this.#closed) this.#gatherer.run(() => handlers.onEnd?.());
    });
    socket.on('connect', () => {
      this.local = { address: socket.localAddress ?? '0.0.0.0', port: socket.localPort ?? 0 };
      if (!this.#closed) this.#gatherer.run(() => handlers.onConnected?.());
    });
  }

  get queuedBytes(): number {
    return this.#closed ? 0 : this.#socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    this.#write(bytes, false);
  }

  writeUnchanging(bytes: Uint8Array): void {
    this.#write(bytes, true);
  }

  #write(bytes: Uint8Array, isUnchanging: boolean): void {
    if (this.#closed || this.#ended || bytes.length === 0) return;
    if (this.#gatheredBytes + bytes.length > GATHER_BYTES_MAX) this.flushGathered();
    if (bytes.length > GATHER_BYTES_MAX) {
      this.#handOver(isUnchanging ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) : Buffer.from(bytes));
      return;
    }
    const buffer = this.#roomFor(bytes.length);
    buffer.set(bytes, this.#gatheredBytes);
    this.#gatheredBytes += bytes.length;
  }

  /** Hands what was gathered to the socket in one write. */
  flushGathered(): void {
    const buffer = this.#gather;
    if (buffer === undefined) return;
    const bytes = buffer.subarray(0, this.#gatheredBytes);
    this.#gather = undefined;
    this.#gatheredBytes = 0;
    this.#gatherer.giveBack(this, buffer, this.#closed || this.#handOver(bytes));
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#closed) this.#socket.resume();
  }

  end(): void {
    if (this.#closed || this.#ended) return;
    this.flushGathered();
    this.#ended = true;
    this.#socket.end();
    // A paused socket would never see the peer's FIN.
    this.#socket.resume();
  }

  abort(): void {
    if (this.#closed) return;
    resetSocket(this.#socket);
    this.#finish('aborted');
  }

  /** The handshake took too long. */
  giveUpConnecting(): void {
    if (this.#closed || !this.#socket.connecting) return;
    this.#socket.destroy();
    this.#finish('timedOut', 'no answer to the connection request');
  }

  setKeepAlive(options: KeepAliveOptions): void {
    // The kernel counts whole seconds; below one Node would leave the system's default of two hours.
    this.#socket.setKeepAlive(true, Math.max(1000, options.idleMicros / 1000 / this.#timeScale));
  }

  #roomFor(bytes: number): Buffer {
    const held = this.#gather;
    if (held !== undefined && this.#gatheredBytes + bytes <= held.length) return held;
    if (held === undefined) {
      this.#gatherer.noteDirty(this);
      this.#gather = this.#gatherer.borrow(this);
      if (this.#gather !== undefined) return this.#gather;
    }
    const grown = Buffer.allocUnsafe(Math.max(OWN_GATHER_BYTES_MIN, 2 * (this.#gatheredBytes + bytes)));
    if (held !== undefined) grown.set(held.subarray(0, this.#gatheredBytes));
    this.#gather = grown;
    return grown;
  }

  /** @returns true when the kernel took everything, so the buffer is free again. */
  #handOver(bytes: Buffer): boolean {
    if (this.#socket.destroyed) return true;
    this.#socket.write(bytes, this.#onWritten);
    if (this.#socket.writableLength === 0) return true;
    this.#awaitsDrain = true;
    return false;
  }

  readonly #onWritten = (): void => {
    if (!this.#awaitsDrain || this.#closed || this.#socket.writableLength > 0) return;
    this.#awaitsDrain = false;
    this.#gatherer.run(() => this.#handlers?.onDrain?.());
  };

  #noteFailure(error: NodeJS.ErrnoException): void {
    this.#failure ??= { reason: reasonOf(error.code), detail: error.message };
  }

  #finish(reason: TcpCloseReason, detail?: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.flushGathered();
    this.#gatherer.run(() => this.#handlers?.onClosed(reason, detail));
  }
}

/** The same bytes without Buffer's own methods: its `slice` is a view, where everybody else's is a copy. */
export function plainBytes(bytes: Buffer): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}

const REASONS: ReadonlyMap<string, TcpCloseReason> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ECONNRESET', 'reset'],
  ['EPIPE', 'reset'],
  ['ETIMEDOUT', 'timedOut'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
]);

function reasonOf(code: string | undefined): TcpCloseReason {
  return REASONS.get(code ?? '') ?? 'localError';
}

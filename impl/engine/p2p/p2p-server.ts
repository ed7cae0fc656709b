/**
 * The P2P server: tells clients how they look from outside, over UDP and TCP, on two ports (P2P-001, P2P-003 to P2P-007).
 *
 * It knows no users and keeps no state of anybody. Drive it: `start(port, handlers)`, wait for `onUp` or `onFailed`, `close()`.
 */
import type { Endpoint, Platform, TcpConnection, TcpHandlers, TcpListener, UdpSocket } from '../../../spec/platform.ts';
import { p2pServerConnectionSecs } from '../../../spec/timing.ts';
import { answerDatagram, answerMessage } from '../../core/punching/discovery-answer.ts';
import { FrameDecoder } from '../../wire/index.ts';
import type { FrameLimits } from '../../wire/index.ts';
import { secsToMicros } from '../settings.ts';

/** What became of a start; exactly one of the two comes, unless it was closed before. */
export type P2PServerHandlers = {
  readonly onUp: () => void;
  readonly onFailed: (code: string, detail: string) => void;
};

/** TCP connections that may be open at once; more are closed at once. */
const CONNECTIONS_MAX = 1_000;

/** Ours: numbers tried where any will do. */
const ANY_PORT_TRIES = 8;

/** A running P2P server. */
export class P2PServerCore {
  readonly #platform: Platform;
  readonly #limits: FrameLimits;
  readonly #address: string | undefined;
  readonly #sockets: UdpSocket[] = [];
  readonly #listeners: TcpListener[] = [];
  readonly #connections = new Map<TcpConnection, () => void>();
  #ports: [first: number, second: number] = [0, 0];
  #isClosed = false;
  /** Requests answered, and datagrams or connections that were none. */
  readonly statistics = { answered: 0, ignored: 0 };

  constructor(platform: Platform, limits: FrameLimits, address: string | null) {
    this.#platform = platform;
    this.#limits = limits;
    this.#address = address ?? undefined;
  }

  /** The first port; 0 while it is not up. */
  get port(): number {
    return this.#ports[0];
  }

  get secondPort(): number {
    return this.#ports[1];
  }

  /** Binds the port; the second one is the next, any other when that is taken, and none when no port is to be had. */
  start(port: number, handlers: P2PServerHandlers): void {
    this.#bind(0, port, {
      onUp: () => {
        const next = this.#ports[0] === 65_535 ? 0 : this.#ports[0] + 1;
        const { onUp } = handlers;
        const orAny = (): void => this.#bind(1, 0, { onUp, onFailed: onUp });
        this.#bind(1, next, { onUp, onFailed: orAny });
      },
      onFailed: handlers.onFailed,
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const socket of this.#sockets) socket.close();
    for (const listener of this.#listeners) listener.close();
    for (const [connection, forget] of [...this.#connections]) {
      forget();
      connection.abort();
    }
  }

  /**
   * Binds UDP, then TCP on the same number; without the one the other is not kept. A number that was free for UDP may be
   * taken for TCP: where any number will do, another one is tried.
   */
  #bind(index: 0 | 1, port: number, handlers: P2PServerHandlers, triesLeft = ANY_PORT_TRIES): void {
    const address = this.#address === undefined ? {} : { address: this.#address };
    const onTaken = (code: string, detail: string): void => {
      if (port === 0 && code === 'EADDRINUSE' && triesLeft > 1) this.#bind(index, 0, handlers, triesLeft - 1);
      else handlers.onFailed(code, detail);
    };
    const socket = this.#platform.bindUdp(
      { port, ...address },
      {
        onListening: (local) => {
          if (!this.#isClosed) this.#listen(index, local.port, socket, { onUp: handlers.onUp, onFailed: onTaken });
        },
        onMessage: (bytes, from) => this.#handleDatagram(socket, index, bytes, from),
        onError: (code, detail) => {
          if (this.#isClosed || this.#ports[index] !== 0) return;
          socket.close();
          handlers.onFailed(code, detail);
        },
      },
    );
    this.#sockets.push(socket);
  }

  #listen(index: 0 | 1, port: number, socket: UdpSocket, handlers: P2PServerHandlers): void {
    const address = this.#address === undefined ? {} : { address: this.#address };
    const listener = this.#platform.listenTcp(
      { port, ...address },
      {
        onListening: () => {
          this.#ports[index] = port;
          if (!this.#isClosed) handlers.onUp();
        },
        onConnection: (connection) => this.#accept(connection, index),
        onError: (code, detail) => {
          socket.close();
          if (!this.#isClosed) handlers.onFailed(code, detail);
        },
      },
    );
    this.#listeners.push(listener);
  }

  #handleDatagram(socket: UdpSocket, index: 0 | 1, bytes: Uint8Array, from: Endpoint): void {
    const answer = answerDatagram(bytes, from, { limits: this.#limits, secondPort: this.#otherPort(index) });
    this.#count(answer !== undefined);
    if (answer !== undefined) socket.send(answer, from);
  }

  /** P2P-006: one message, one answer, the end. */
  #accept(connection: TcpConnection, index: 0 | 1): TcpHandlers {
    const decoder = new FrameDecoder(this.#limits);
    const timer = this.#platform.setTimer(secsToMicros(p2pServerConnectionSecs), () => connection.abort());
    const forget = (): void => {
      timer.cancel();
      this.#connections.delete(connection);
    };
    this.#connections.set(connection, forget);
    if (this.#isClosed || this.#connections.size > CONNECTIONS_MAX) connection.abort();
    let isDone = false;
    return {
      onData: (bytes) => {
        if (isDone) return;
        const seen: { answer: Uint8Array | undefined }[] = [];
        const error = decoder.push(bytes, (frame) => {
          const options = { limits: this.#limits, secondPort: this.#otherPort(index) };
          seen.push({ answer: answerMessage(frame, connection.remote, options) });
          return false;
        });
        if (error === undefined && seen.length === 0) return;
        isDone = true;
        const answer = seen[0]?.answer;
        this.#count(answer !== undefined);
        if (answer !== undefined) connection.write(answer);
        connection.end();
      },
      onEnd: () => connection.end(),
      onClosed: forget,
    };
  }

  #otherPort(index: 0 | 1): number {
    return this.#ports[index === 0 ? 1 : 0];
  }

  #count(isAnswered: boolean): void {
    if (isAnswered) this.statistics.answered += 1;
    else this.statistics.ignored += 1;
  }
}

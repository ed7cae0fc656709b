/**
 * One listening TCP port: its accept queue, and the handlers that connections are handed to.
 *
 * Which segments make a connection is the stack's business. The accept queue only fills while the process stands still;
 * otherwise a connection is accepted as soon as it is complete.
 */
import type { Endpoint, TcpHandlers, TcpListener, TcpListenerHandlers } from '../../spec/platform.ts';
import type { EventTarget } from '../event-queue.ts';
import { shown } from '../ipv6/binding.ts';
import type { Binding } from '../ipv6/binding.ts';
import { sendReset } from './output.ts';
import type { TcpSocket } from './socket.ts';
import type { TcpStack } from './stack.ts';

export type ListenProblem = readonly [code: string, detail: string];

/** One listening port. */
export class TcpListenerSocket implements TcpListener, EventTarget {
  readonly binding: Binding;
  readonly port: number;
  readonly backlog: number;
  /** Connections complete, but waiting for a paused process to accept them. */
  unacceptedCount = 0;
  readonly #stack: TcpStack;
  #handlers: TcpListenerHandlers | undefined;
  #problem: ListenProblem | undefined = undefined;

  constructor(stack: TcpStack, binding: Binding, port: number, backlog: number, handlers: TcpListenerHandlers) {
    this.#stack = stack;
    this.binding = binding;
    this.port = port;
    this.backlog = backlog;
    this.#handlers = handlers;
  }

  get local(): Endpoint {
    return { address: shown(this.binding.address, this.binding.isMapped), port: this.port };
  }

  close(): void {
    if (this.#handlers === undefined) return;
    this.#handlers = undefined;
    this.#stack.forgetListener(this);
  }

  vanish(): void {
    this.#handlers = undefined;
  }

  announce(problem: ListenProblem | undefined): void {
    this.#problem = problem;
    this.#stack.host.soon(this);
  }

  onEvent(): void {
    const handlers = this.#handlers;
    if (this.#problem === undefined) {
      handlers?.onListening?.(this.local);
      return;
    }
    this.#handlers = undefined;
    handlers?.onError(this.#problem[0], this.#problem[1]);
  }

  /** Hands a complete connection over; undefined when the listener closed meanwhile, and the peer is reset. */
  accept(socket: TcpSocket): TcpHandlers | undefined {
    if (this.#handlers === undefined) {
      sendReset(socket);
      socket.finish('aborted');
      return undefined;
    }
    this.#stack.openCount += 1;
    return this.#handlers.onConnection(socket);
  }
}

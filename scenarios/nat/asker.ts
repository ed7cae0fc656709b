/**
 * A socket that asks a STUN server, over any platform: sends requests, waits for their responses, and counts what else comes.
 *
 * It repeats nothing: it is for networks without loss.
 */
import type { Endpoint, Platform, UdpSocket } from '../../spec/platform.ts';
import { decodeStun, encodeStun } from './stun.ts';
import type { BindingRequest, BindingResponse } from './stun.ts';

/** How long an answer is waited for. */
const PATIENCE_MICROS = 300_000;

/** Resolves after so long on the platform's clock. */
export function sleep(platform: Platform, micros: number): Promise<void> {
  return new Promise((resolve) => {
    platform.setTimer(micros, () => {
      resolve();
      platform.noteAsyncEdge();
    });
  });
}

/** A bound asker. @throws Error - there is no port for it. */
export async function openAsker(platform: Platform): Promise<Asker> {
  const asker = new Asker(platform);
  await asker.bound;
  return asker;
}

/** What a request asks for beyond an answer. */
type Wish = Partial<Omit<BindingRequest, 'kind' | 'id'>>;

/** One socket that asks, and sees what comes. */
export class Asker {
  /** Where requests came from: those of a neighbour, through the NAT. */
  readonly requestsFrom: Endpoint[] = [];
  /** Responses that this socket did not ask for. */
  strays = 0;
  readonly bound: Promise<void>;
  readonly #platform: Platform;
  readonly #socket: UdpSocket;
  readonly #waiting = new Map<number, (response: BindingResponse) => void>();

  constructor(platform: Platform) {
    this.#platform = platform;
    let settle: { readonly resolve: () => void; readonly reject: (error: Error) => void };
    this.bound = new Promise((resolve, reject) => (settle = { resolve, reject }));
    this.#socket = platform.bindUdp(
      { port: 0 },
      {
        onMessage: (bytes, from) => this.#take(bytes, from),
        onListening: () => {
          settle.resolve();
          platform.noteAsyncEdge();
        },
        onError: (code, detail) => {
          settle.reject(new Error(`${code}: ${detail}`));
          platform.noteAsyncEdge();
        },
      },
    );
  }

  get localPort(): number {
    return this.#socket.local.port;
  }

  /** Sends a request, and waits for nothing. Gives its id. */
  send(to: Endpoint, wish: Wish = {}): number {
    const id = this.#platform.randomUint32();
    const plain = { kind: 'request', id, changeAddress: false, changePort: false, responsePort: 0 } as const;
    this.#socket.send(encodeStun({ ...plain, ...wish }), to);
    return id;
  }

  /** Undefined when no response comes. */
  ask(to: Endpoint, wish: Wish = {}): Promise<BindingResponse | undefined> {
    return new Promise((resolve) => {
      const id = this.send(to, wish);
      const settle = (response: BindingResponse | undefined): void => {
        this.#waiting.delete(id);
        timer.cancel();
        resolve(response);
        this.#platform.noteAsyncEdge();
      };
      const timer = this.#platform.setTimer(PATIENCE_MICROS, () => settle(undefined));
      this.#waiting.set(id, settle);
    });
  }

  async mustAsk(to: Endpoint): Promise<BindingResponse> {
    const response = await this.ask(to);
    if (response === undefined) throw new Error(`no STUN response from ${to.address}:${to.port}`);
    return response;
  }

  /** Long enough for anything under way to arrive. */
  wait(): Promise<void> {
    return sleep(this.#platform, PATIENCE_MICROS);
  }

  close(): void {
    this.#socket.close();
  }

  #take(bytes: Uint8Array, from: Endpoint): void {
    const message = decodeStun(bytes);
    if (message?.kind === 'request') this.requestsFrom.push(from);
    if (message?.kind !== 'response') return;
    const settle = this.#waiting.get(message.id);
    if (settle === undefined) this.strays += 1;
    else settle(message);
  }
}

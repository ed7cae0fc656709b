/** Helpers for tests of the Node platform: connections over loopback whose events can be awaited. */
import type { Endpoint, TcpCloseReason, TcpConnection, TcpHandlers } from '../../spec/platform.ts';
import type { NodePlatform } from '../../impl/platform/node.ts';

export const LOOPBACK = '127.0.0.1';

/** Something that happens once. */
class Once<T> {
  readonly promise: Promise<T>;
  settle!: (value: T) => void;
  constructor() {
    this.promise = new Promise((resolve) => (this.settle = resolve));
  }
}

/** One end of a connection: what it was told, in order, and promises for it. */
export class End implements TcpHandlers {
  connection!: TcpConnection;
  readonly told: string[] = [];
  readonly data: number[] = [];
  chunks = 0;
  /** Called for each chunk, if set. */
  onChunk: ((bytes: Uint8Array) => void) | undefined;
  readonly #connected = new Once<void>();
  readonly #ended = new Once<void>();
  readonly #closed = new Once<TcpCloseReason>();
  #wanted: { bytes: number; arrived: Once<void> } | undefined;

  get connected(): Promise<void> {
    return this.#connected.promise;
  }
  get ended(): Promise<void> {
    return this.#ended.promise;
  }
  get closed(): Promise<TcpCloseReason> {
    return this.#closed.promise;
  }

  /** Resolves when that many bytes have come altogether. */
  received(bytes: number): Promise<void> {
    const arrived = new Once<void>();
    this.#wanted = { bytes, arrived };
    this.#checkWanted();
    return arrived.promise;
  }

  onConnected(): void {
    this.told.push('connected');
    this.#connected.settle();
  }
  onData(bytes: Uint8Array): void {
    this.chunks++;
    for (const byte of bytes) this.data.push(byte);
    this.onChunk?.(bytes);
    this.#checkWanted();
  }
  onEnd(): void {
    this.told.push('end');
    this.#ended.settle();
  }
  onDrain(): void {
    this.told.push('drain');
  }
  onClosed(reason: TcpCloseReason): void {
    this.told.push(reason);
    this.#closed.settle(reason);
  }

  #checkWanted(): void {
    if (this.#wanted !== undefined && this.data.length >= this.#wanted.bytes) this.#wanted.arrived.settle();
  }
}

/** A listener on a free loopback port. `accept` gives the end that a new connection belongs to. */
export function listen(platform: NodePlatform, accept: () => End): Promise<Endpoint & { close(): void }> {
  return new Promise((resolve, reject) => {
    const listener = platform.listenTcp(
      { port: 0, address: LOOPBACK },
      {
        onListening: (local) => resolve({ ...local, close: () => listener.close() }),
        onConnection: (connection) => {
          const end = accept();
          end.connection = connection;
          end.onConnected();
          return end;
        },
        onError: (code, detail) => reject(new Error(`${code} ${detail}`)),
      },
    );
  });
}

export type Pair = { readonly client: End; readonly server: End; readonly close: () => void };

/** Both ends of one connection. */
export async function connectPair(platform: NodePlatform, to: NodePlatform = platform): Promise<Pair> {
  const server = new End();
  const listener = await listen(to, () => server);
  const client = new End();
  client.connection = platform.connectTcp({ remote: listener }, client);
  await Promise.all([client.connected, server.connected]);
  const close = (): void => {
    client.connection.abort();
    server.connection.abort();
    listener.close();
  };
  return { client, server, close };
}

/** A whole turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

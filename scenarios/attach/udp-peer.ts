/** A bare UDP socket on a host of its own: sends what it is told to, records what comes. */
import type { Endpoint, UdpSocket } from '../../spec/platform.ts';
import type { SubjectContext } from './client-recorder.ts';
import { CheckFailed } from './failures.ts';
import { WITHIN_SECS_DEFAULT } from './waiting.ts';

export type SeenDatagram = { readonly atMicros: number; readonly from: Endpoint; readonly bytes: Uint8Array };

/** A socket of a scenario. */
export class UdpPeer {
  readonly host: string;
  readonly address: string;
  readonly received: SeenDatagram[] = [];
  readonly #context: SubjectContext;
  #socket: UdpSocket | undefined;
  #isReady = false;

  constructor(context: SubjectContext) {
    this.#context = context;
    this.host = context.host.name;
    this.address = context.host.address;
  }

  /** Binds the port, 0 for any; resolves when it is bound. */
  async open(port = 0): Promise<void> {
    const { host, journal, waiting, world } = this.#context;
    const changed = (): void => {
      world.noteAsyncEdge();
      journal.changed();
    };
    this.#socket = host.platform.bindUdp(
      { port },
      {
        onListening: () => {
          this.#isReady = true;
          changed();
        },
        onMessage: (bytes, from) => {
          this.received.push({ atMicros: journal.nowMicros, from, bytes: bytes.slice() });
          journal.step({
            from: `${from.address}:${from.port}`,
            to: this.host,
            label: `datagram, ${bytes.length} bytes`,
          });
          changed();
        },
      },
    );
    await waiting.until(
      () => this.#isReady,
      WITHIN_SECS_DEFAULT,
      () => new CheckFailed('a UDP socket could not be bound'),
    );
  }

  get port(): number {
    return this.#socket?.local.port ?? 0;
  }

  send(bytes: Uint8Array, to: Endpoint): void {
    this.#context.journal.step({
      from: this.host,
      label: `datagram, ${bytes.length} bytes, to ${to.address}:${to.port}`,
    });
    this.#socket?.send(bytes, to);
  }

  /** The next datagram that `match` takes, of those after index `from`. */
  async expect(clause: string, match: (datagram: SeenDatagram) => boolean, from = 0): Promise<SeenDatagram> {
    const find = (): SeenDatagram | undefined => this.received.slice(from).find(match);
    await this.#context.waiting.until(
      () => find() !== undefined,
      WITHIN_SECS_DEFAULT,
      () => new CheckFailed(`${this.host} got no such datagram`, { clause, actual: `${this.received.length} others` }),
    );
    return find()!;
  }

  close(): void {
    this.#socket?.close();
  }
}

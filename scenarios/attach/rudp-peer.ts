/**
 * One end of a reliable-UDP connection on a host of the stage: a link over a socket, everything it sent and saw, and a filter.
 *
 * It judges nothing; what was written and handed over goes to the journal, whose laws hold for every run. Drive it: `open`,
 * `write`, `close`. `filter` scripts single datagrams on any target; `inject` gives the link bytes as if the peer had sent them.
 */
import type { Endpoint, Platform, UdpSocket } from '../../spec/platform.ts';
import { RudpLink } from '../../impl/engine/p2p/rudp-link.ts';
import type { RudpLinkOptions } from '../../impl/engine/p2p/rudp-link.ts';
import type { SubjectContext } from './client-recorder.ts';
import { CheckFailed, HarnessFault } from './failures.ts';
import { bytesLabel } from './journal.ts';
import type { StreamRecord } from './journal.ts';

export type RudpPeerOptions = Partial<Omit<RudpLinkOptions, 'platform' | 'local' | 'remote' | 'send'>>;

/** What becomes of a datagram that a peer sends. */
export type DatagramVerdict = 'pass' | 'drop' | 'twice';

/** The token both ends have unless a case says otherwise. */
export const RUDP_TOKEN = 0x0807_0605_0403_0201n;

/** A message in a word: its beginning, its size, and a hash of all of it. */
export function messageLabel(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return `${bytesLabel(bytes)} #${(hash >>> 0).toString(16)}`;
}

/** One end. */
export class RudpPeer {
  readonly name: string;
  /** For `stage.net`. */
  readonly host: string;
  /** Datagrams that the link wanted sent, also those that the filter dropped. */
  readonly sent: Uint8Array[] = [];
  readonly received: Uint8Array[] = [];
  filter: (datagram: Uint8Array, countOfKind: number) => DatagramVerdict = () => 'pass';
  state: 'idle' | 'opening' | 'connected' | 'closed' = 'idle';
  /** Why it closed or never opened. */
  reason = '';
  drainCount = 0;
  isReleased = false;
  readonly #context: SubjectContext;
  readonly #kinds = new Map<number, number>();
  #socket: UdpSocket | undefined = undefined;
  #remote: Endpoint | undefined = undefined;
  #link: RudpLink | undefined = undefined;
  #record: StreamRecord | undefined = undefined;
  #bound = false;

  constructor(context: SubjectContext) {
    this.#context = context;
    this.name = context.host.name;
    this.host = context.host.name;
  }

  /** Binds a port of the host. */
  async bind(): Promise<void> {
    const { host, waiting, world, journal } = this.#context;
    this.#socket = host.platform.bindUdp(
      { port: 0 },
      {
        onListening: () => {
          this.#bound = true;
          world.noteAsyncEdge();
          journal.changed();
        },
        onMessage: (bytes) => this.#handle(bytes),
      },
    );
    await waiting.until(
      () => this.#bound,
      10,
      () => new CheckFailed(`host ${this.host} could not bind a UDP port`),
    );
  }

  /** Of its host, for a case that needs more than the link. */
  get platform(): Platform {
    return this.#context.host.platform;
  }

  get local(): Endpoint {
    return { address: this.#context.host.address, port: this.#socket?.local.port ?? 0 };
  }

  meet(remote: Endpoint): void {
    this.#remote = remote;
  }

  get link(): RudpLink {
    if (this.#link === undefined) throw new HarnessFault(`${this.name} has no link yet; call open() first`);
    return this.#link;
  }

  /** Makes a link; a second time, as a process does that was started anew. */
  open(options: RudpPeerOptions = {}): void {
    const { host, journal } = this.#context;
    if (this.#remote === undefined) throw new HarnessFault(`${this.name} has no other end`);
    this.#link?.release();
    this.state = 'opening';
    this.isReleased = false;
    this.#record = {
      name: this.name,
      generation: journal.streams.length,
      written: [],
      delivered: [],
      reason: undefined,
    };
    journal.streams.push(this.#record);
    const remote = this.#remote;
    const own = { platform: host.platform, local: this.local, remote, send: (bytes: Uint8Array) => this.#send(bytes) };
    this.#link = new RudpLink({ token: RUDP_TOKEN, ...options, ...own }, this.#owner());
  }

  write(message: Uint8Array): void {
    this.#record?.written.push(messageLabel(message));
    this.link.write(message);
  }

  close(): void {
    this.link.close();
  }

  abort(): void {
    this.link.abort();
  }

  /** Hands the link bytes as if they had come from the other end. */
  inject(bytes: Uint8Array): void {
    this.link.handleDatagram(bytes);
  }

  /** Frees the port without a word to anybody. */
  dispose(): void {
    this.#link?.release();
    this.#socket?.close();
  }

  #handle(bytes: Uint8Array): void {
    this.received.push(bytes.slice());
    // Waits look again often enough by themselves; announcing every datagram would cost more than the run.
    this.#link?.handleDatagram(bytes);
  }

  #send(bytes: Uint8Array): void {
    const datagram = bytes.slice();
    this.sent.push(datagram);
    const kind = datagram[0]!;
    const count = (this.#kinds.get(kind) ?? 0) + 1;
    this.#kinds.set(kind, count);
    const verdict = this.filter(datagram, count);
    const to = this.#remote!;
    if (verdict === 'drop') return;
    this.#socket?.send(datagram, to);
    if (verdict === 'twice') this.#socket?.send(datagram, to);
  }

  #owner(): ConstructorParameters<typeof RudpLink>[1] {
    const record = this.#record!;
    return {
      handleConnected: () => {
        this.state = 'connected';
        this.#step('connected');
        return {
          onData: (bytes) => {
            record.delivered.push(messageLabel(bytes));
            this.#changed();
          },
          onDrain: () => {
            this.drainCount++;
            this.#changed();
          },
          onClosed: (reason) => this.#handleEnd(reason),
        };
      },
      handleFailed: (reason) => this.#handleEnd(reason),
      handleReleased: () => {
        this.isReleased = true;
        this.#changed();
      },
    };
  }

  #handleEnd(reason: string): void {
    this.state = 'closed';
    this.reason = reason;
    this.#record!.reason = reason;
    this.#context.journal.observed.saw(this.#record!.name, `connection ${reason}`);
    this.#step(`closed: ${reason}`);
  }

  /** Messages handed over since `open`, as labels; `messageLabel` makes the same of bytes. */
  get delivered(): readonly string[] {
    return this.#record?.delivered ?? [];
  }

  #step(label: string): void {
    this.#context.journal.step({ from: this.name, label });
    this.#changed();
  }

  #changed(): void {
    this.#context.world.noteAsyncEdge();
    this.#context.journal.changed();
  }
}

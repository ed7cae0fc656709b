/**
 * Asks a P2P server over TCP how one local port looks from outside (P2P-006): its first port, then its second.
 *
 * It needs a platform that connects from a port that is also listened on; elsewhere it gives up, and hopeful TCP with it.
 */
import type { Endpoint, TcpConnection, Timer } from '../../../spec/platform.ts';
import { p2pServerConnectionSecs } from '../../../spec/timing.ts';
import { readAnswer, readNat, requestFrame } from '../../core/punching/index.ts';
import type { DiscoveryResult } from '../../core/punching/index.ts';
import { secsToMicros } from '../settings.ts';
import type { ConnectorWorld } from './connector-world.ts';

/** The longest answer that is waited for. */
const ANSWER_BYTES_MAX = 1_024;

/** What came of it; without a result, whether the platform itself would not connect from that port. */
type Done = (result: DiscoveryResult | undefined, isRefusedLocally: boolean) => void;

/** One measurement over TCP; `done` comes once, unless it is cancelled. */
export class TcpDiscovery {
  readonly #world: ConnectorWorld;
  readonly #localPort: number;
  readonly #done: Done;
  readonly #open = new Set<TcpConnection>();
  #timer: Timer | undefined;
  #first: Endpoint | undefined;
  #second: Endpoint | undefined;
  #isOver = false;

  /** @param ports - `second` of the server, from an earlier measurement: both are asked at once. 0: learned on the way. */
  constructor(world: ConnectorWorld, ports: { readonly local: number; readonly second: number }, done: Done) {
    this.#world = world;
    this.#localPort = ports.local;
    this.#done = done;
    this.#timer = world.platform.setTimer(secsToMicros(p2pServerConnectionSecs), () => {
      this.#finish(undefined);
      this.cancel();
    });
    this.#ask(world.p2pServer.port, (observed, secondPort) => {
      this.#first = observed;
      if (secondPort === 0) this.#finish({ observed, secondPort, ...readNat(observed, undefined) });
      else if (ports.second === 0) this.#askSecond(secondPort);
      else this.#compare(ports.second);
    });
    if (ports.second !== 0) this.#askSecond(ports.second);
  }

  cancel(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    for (const tcp of [...this.#open]) tcp.abort();
  }

  #askSecond(port: number): void {
    this.#ask(port, (observed) => {
      this.#second = observed;
      this.#compare(port);
    });
  }

  #compare(secondPort: number): void {
    const [first, second] = [this.#first, this.#second];
    if (first !== undefined && second !== undefined) {
      this.#finish({ observed: first, secondPort, ...readNat(first, second) });
    }
  }

  #ask(port: number, answered: (observed: Endpoint, secondPort: number) => void): void {
    const { limits, p2pServer, platform } = this.#world;
    const id = platform.randomUint32() | 0;
    let received = new Uint8Array(0);
    let isAnswered = false;
    const tcp: TcpConnection = platform.connectTcp(
      { remote: { address: p2pServer.address, port }, localPort: this.#localPort },
      {
        onConnected: () => tcp.write(requestFrame(this.#world, id)),
        onData: (bytes) => {
          const joined = new Uint8Array(received.length + bytes.length);
          joined.set(received);
          joined.set(bytes, received.length);
          received = joined;
          const answer = readAnswer(received, limits);
          if (this.#isOver || isAnswered || received.length > ANSWER_BYTES_MAX || answer?.id !== id) return;
          isAnswered = true;
          answered(answer.observed, answer.secondPort);
        },
        // The server ends first, so that this port is free for the next measurement at once.
        onEnd: () => tcp.end(),
        onClosed: (reason) => {
          this.#open.delete(tcp);
          if (this.#isOver && this.#open.size === 0) this.#timer?.cancel();
          if (!isAnswered) this.#finish(undefined, reason === 'localError');
        },
      },
    );
    this.#open.add(tcp);
  }

  #finish(result: DiscoveryResult | undefined, isRefusedLocally = false): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#open.size === 0) this.#timer?.cancel();
    this.#done(result, isRefusedLocally);
  }
}

/**
 * The TCP side of a connector: one listening port for all peers, how it looks from outside, and fresh connections until they
 * are tested (P2P-024, P2P-025).
 */
import { discoveryFreshSecs } from '../../../spec/timing.ts';
import type { Endpoint, TcpCloseReason, TcpListener } from '../../../spec/platform.ts';
import type { DiscoveryResult, Side } from '../../core/punching/index.ts';
import { secsToMicros } from '../settings.ts';
import type { ConnectorWorld } from './connector-world.ts';
import { TcpDiscovery } from './tcp-discovery.ts';
import { TestedConnection } from './tested-connection.ts';
import type { ChannelTest, ConnectionOwner } from './tested-connection.ts';
import { sideOf } from './udp-desk.ts';

/** Connections from strangers that may wait for their test at once. */
const UNTESTED_MAX = 64;

/** What an attempt is told of a connection. */
export type TestReceiver = {
  handleTest(connection: TestedConnection, test: ChannelTest): boolean;
};

/** The listening port and connections of one session. */
export class TcpDesk implements ConnectionOwner {
  readonly #world: ConnectorWorld;
  readonly #listener: TcpListener;
  readonly #attempts = new Map<bigint, TestReceiver>();
  readonly #accepted = new Set<TestedConnection>();
  readonly #discoveries = new Set<TcpDiscovery>();
  #waiting: (() => void)[] | undefined = [];
  #result: DiscoveryResult | undefined;
  #measuredMicros = -Infinity;
  /** Called when the measurement that is under way is over. */
  #measuring: (() => void)[] | undefined;
  /** The platform does not connect from its listening port. */
  #isUnable = false;
  #isListening = false;
  #isClosed = false;

  constructor(world: ConnectorWorld) {
    this.#world = world;
    this.#listener = world.platform.listenTcp(
      { port: 0 },
      {
        onListening: () => {
          this.#isListening = true;
          this.#measure(() => undefined);
        },
        onConnection: (tcp) => {
          const connection = new TestedConnection(world, this);
          connection.attach(tcp);
          if (this.#isClosed || this.#accepted.size >= UNTESTED_MAX) connection.drop();
          else this.#accepted.add(connection);
          return connection;
        },
        onError: (code, detail) => {
          world.platform.log('info', `no TCP port for direct channels: ${code} ${detail}`);
          this.#settle();
        },
      },
    );
  }

  /** What was last seen of the listening port. */
  get result(): DiscoveryResult | undefined {
    return this.#result;
  }

  get port(): number {
    return this.#isListening ? this.#listener.local.port : 0;
  }

  /** Calls back once the first measurement is over, however it ended. */
  whenKnown(callback: () => void): void {
    if (this.#waiting === undefined) callback();
    else this.#waiting.push(callback);
  }

  /**
   * Measures again when the last measurement is old; `onNews` comes when it showed something else. Whoever knows nothing so
   * far waits for it in `whenKnown`: a network that failed once need not fail for ever.
   */
  refresh(onNews: () => void): void {
    const ageMicros = this.#world.platform.monotonicMicros() - this.#measuredMicros;
    if (this.#isUnable || !this.#isListening || ageMicros <= secsToMicros(discoveryFreshSecs)) return;
    const before = this.#result?.observed.port;
    if (this.#result === undefined) this.#waiting ??= [];
    this.#measure(() => {
      if (this.#result?.observed.port !== before) onNews();
    });
  }

  /** Measures another local port, for one attempt. */
  measurePort(localPort: number, done: (result: DiscoveryResult | undefined, isRefusedLocally: boolean) => void): void {
    const discovery: TcpDiscovery = new TcpDiscovery(
      this.#world,
      { local: localPort, second: this.#result?.secondPort ?? 0 },
      (result, isRefusedLocally) => {
        done(result, isRefusedLocally);
      },
    );
    this.#discoveries.add(discovery);
  }

  /** How this side looks from outside. @param fallbackAddress - The public address, where TCP could not learn it. */
  side(fallbackAddress: string | null): Side {
    const side = sideOf(this.#world.platform.localAddresses(), this.port, this.#result, fallbackAddress);
    return this.#isListening ? side : { ...side, candidates: [] };
  }

  addAttempt(token: bigint, receiver: TestReceiver): void {
    this.#attempts.set(token, receiver);
  }

  removeAttempt(token: bigint): void {
    this.#attempts.delete(token);
  }

  handleTest(connection: TestedConnection, test: ChannelTest): boolean {
    const isWanted = this.#attempts.get(test.token)?.handleTest(connection, test) ?? false;
    if (!isWanted || connection.isLink) this.#accepted.delete(connection);
    return isWanted;
  }

  handleUp(): void {
    // Accepted connections are up from the start.
  }

  handleLost(connection: TestedConnection, _reason: TcpCloseReason): void {
    this.#accepted.delete(connection);
  }

  /** Connects for an attempt; the connection asks `owner` about tests. @param localPort - 0: any */
  dial(owner: ConnectionOwner, to: Endpoint, localPort: number): TestedConnection {
    const connection = new TestedConnection(this.#world, owner, to);
    const from = localPort === 0 ? {} : { localPort };
    connection.attach(this.#world.platform.connectTcp({ remote: to, ...from }, connection));
    return connection;
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
    this.#listener.close();
    for (const discovery of this.#discoveries) discovery.cancel();
    for (const connection of [...this.#accepted]) connection.drop();
  }

  /** Of two at once the second would find its connections taken by the first. */
  #measure(done: () => void): void {
    if (this.#measuring !== undefined) {
      this.#measuring.push(done);
      return;
    }
    this.#measuring = [done];
    this.measurePort(this.port, (result, isRefusedLocally) => {
      // Later the port may be taken by what is left of an earlier measurement.
      this.#isUnable ||= isRefusedLocally && this.#measuredMicros === -Infinity;
      this.#measuredMicros = this.#world.platform.monotonicMicros();
      this.#result = result;
      const measuring = this.#measuring ?? [];
      this.#measuring = undefined;
      this.#settle();
      for (const each of measuring) each();
    });
  }

  #settle(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const callback of waiting) callback();
  }
}

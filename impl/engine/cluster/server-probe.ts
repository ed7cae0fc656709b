/**
 * Knocks at the client port of every server from time to time; one that cannot be reached gets no new users (CLU-016).
 *
 * Drive it: `start`, `stop`.
 */
import type { Platform, TcpConnection, Timer } from '../../../spec/platform.ts';
import type { AcmsCluster, AppServer } from './acms-cluster.ts';

/** The knocking of one platform server. */
export class ServerProbe {
  readonly #platform: Platform;
  readonly #cluster: AcmsCluster;
  readonly #spanMicros: number;
  readonly #open = new Set<TcpConnection>();
  #timer: Timer | undefined;

  constructor(platform: Platform, cluster: AcmsCluster, spanMicros: number) {
    this.#platform = platform;
    this.#cluster = cluster;
    this.#spanMicros = spanMicros;
  }

  start(): void {
    this.#timer = this.#platform.setTimer(this.#spanMicros, () => {
      this.start();
      for (const server of this.#cluster.servers.values()) this.#knock(server);
    });
  }

  stop(): void {
    this.#timer?.cancel();
    for (const tcp of [...this.#open]) tcp.abort();
  }

  #knock(server: AppServer): void {
    const remote = { address: server.address, port: server.port };
    let reached = false;
    const tcp = this.#platform.connectTcp(
      { remote, timeoutMicros: this.#spanMicros },
      {
        onConnected: () => {
          reached = true;
          server.telnetFailure = false;
          tcp.abort();
        },
        onData: () => undefined,
        onClosed: (reason) => {
          this.#open.delete(tcp);
          if (!reached && reason !== 'aborted') server.telnetFailure = true;
        },
      },
    );
    this.#open.add(tcp);
  }
}

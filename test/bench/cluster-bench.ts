/**
 * The cluster: a message to a user of another server against one on the same, and an hour of a thousand users on four servers.
 *
 * Latencies are round trips of acknowledged information over real loopback, all engines in this process; the hour is simulated,
 * with users who come and go, servers that crash and return, and a platform server that is cut off and restarted.
 */
import { createAcms, createServerLookup, platformEngineFactory, rapidEngineFactory } from '../../impl/index.ts';
import type { Acms, RapidPassiveEngine, RapidServerEngine } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';
import type { Platform } from '../../spec/platform.ts';
import { Faults, Internet, World } from '../../sim/index.ts';
import type { Host } from '../../sim/index.ts';
import { interleave, median } from './model.ts';
import type { BenchRow } from './model.ts';

const SECS = 1_000_000;
const PINGS = 300;

/** Median microseconds of acknowledged information from `from` to `to`. */
async function roundTrip(from: RapidPassiveEngine, to: string): Promise<number> {
  const info = new Uint8Array(100);
  const micros: number[] = [];
  for (let index = 0; index < PINGS; index++) {
    const begin = process.hrtime.bigint();
    await from.customizeOutter.sendCertainly(to, 1, info);
    micros.push(Number(process.hrtime.bigint() - begin) / 1000);
  }
  return median(micros);
}

async function latencyRow(): Promise<BenchRow> {
  const platform = createNodePlatform({ bindAddress: '127.0.0.1' });
  const acms = createAcms(platform);
  acms.servicePort = 0;
  acms.transferPort = 0;
  await acms.initialize();
  const { service, transfer } = acms.ports;
  const servers = [1, 2].map((serverID) =>
    platformEngineFactory.createServerEngine(platform, String(serverID), '127.0.0.1', service, transfer),
  );
  for (const server of servers) await server.initialize(0, null);
  const clients: RapidPassiveEngine[] = [];
  for (const [userID, server] of [
    ['alice', servers[0]!],
    ['near', servers[0]!],
    ['far', servers[1]!],
  ] as const) {
    const client = rapidEngineFactory.createPassiveEngine(platform);
    await client.initialize(userID, null, '127.0.0.1', server.port, null);
    clients.push(client);
  }
  const alice = clients[0]!;
  while (!servers[0]!.platformUserManager.isUserOnLine('far')) await new Promise((resolve) => setTimeout(resolve, 5));
  const [far, near] = await interleave([() => roundTrip(alice, 'far'), () => roundTrip(alice, 'near')]);
  for (const engine of [...clients, ...servers, acms]) engine.close();
  return {
    name: 'message to a user of another server, there and ACK back',
    ours: far!,
    peer: near!,
    peerName: 'same server',
    unit: 'us',
    ratio: far! / near!,
    target: 3,
    lowerIsBetter: true,
    detail: 'real loopback TCP, one process, 100 bytes',
  };
}

const USERS = 1_000;
const SERVERS = 4;
const HOUR_MICROS = 3_600 * SECS;
const SERVER_PORT = 4530;

/** One simulated hour; every user sends once a minute on average and is replaced by a newcomer once. */
class Hour {
  readonly world = new World({ seed: 1 });
  readonly #internet = new Internet(this.world, { link: { delayMicros: 1_000 } });
  readonly #draws = this.world.stream('bench');
  readonly #acmsHost: Host = this.#internet.host('acms');
  readonly #hosts = Array.from({ length: SERVERS }, (_, index) => this.#internet.host(`server${index}`));
  readonly #servers: (RapidServerEngine | undefined)[] = [];
  readonly #clients: (RapidPassiveEngine | undefined)[] = [];
  readonly #clientHosts: Host[] = [];
  readonly #addresses = new Map<Host, string>();
  #acms!: Acms;
  received = 0;
  acknowledged = 0;
  sent = 0;
  logons = 0;

  async run(): Promise<string> {
    for (const host of [this.#acmsHost, ...this.#hosts]) this.#address(host);
    await this.#startAcms();
    for (let index = 0; index < SERVERS; index++) await this.#startServer(index);
    for (let index = 0; index < USERS; index++) this.#clientHosts.push(this.#internet.host(`user${index}`));
    const lives = this.#clientHosts.map((_, index) => this.#live(index));
    await this.#faults();
    await Promise.all(lives);
    await this.world.sleep(120 * SECS);
    const bound = this.#servers.flatMap((server) => server?.userManager.getOnlineUserList() ?? []);
    const connected = this.#clients.filter((client) => client?.connected).length;
    const agree = this.#acms.platformUserManager.userCount === bound.length && new Set(bound).size === bound.length;
    if (!agree || connected !== bound.length) {
      throw new Error(
        `the hour ended with ${connected} clients, ${bound.length} bound, tables ${agree ? 'equal' : 'unequal'}`,
      );
    }
    return `${connected} online at the end, ${this.logons} logons, ${this.sent} sent, ${this.acknowledged} acknowledged, ${this.received} received`;
  }

  /** Asked once: a host that is down tells nothing. */
  #address(host: Host): string {
    const known = this.#addresses.get(host) ?? host.platform().localAddresses()[0]!;
    this.#addresses.set(host, known);
    return known;
  }

  async #startAcms(): Promise<void> {
    this.#acms = createAcms(this.#acmsHost.platform());
    await this.#acms.initialize();
  }

  async #startServer(index: number): Promise<void> {
    const platform = this.#hosts[index]!.platform();
    const engine = platformEngineFactory.createServerEngine(
      platform,
      String(index),
      this.#address(this.#acmsHost),
      11_000,
      12_000,
    );
    engine.autoRespondHeartBeat = true;
    engine.useAsP2PServer = false;
    await engine.initialize(SERVER_PORT, null);
    this.#servers[index] = engine;
  }

  async #logOn(index: number, platform: Platform): Promise<void> {
    const client = rapidEngineFactory.createPassiveEngine(platform);
    const acms = { address: this.#address(this.#acmsHost), port: 11_000 };
    client.advanced.serverLookup = createServerLookup(platform, acms);
    const at = this.#address(this.#hosts[this.#draws.below(SERVERS)]!);
    const handler = { handleInformation: () => void (this.received += 1), handleQuery: () => null };
    this.#clients[index] = client;
    client.relogonCompleted.add(() => void (this.logons += 1));
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        await client.initialize(`u${index}`, null, at, SERVER_PORT, handler);
        this.logons += 1;
        return;
      } catch {
        // That server is down just now.
        await this.world.sleep(10 * SECS);
      }
    }
  }

  /** Comes within the first minute, talks, goes once in the middle and comes back, on another server as like as not. */
  async #live(index: number): Promise<void> {
    const { world } = this;
    const platform = this.#clientHosts[index]!.platform();
    await world.sleep(this.#draws.below(60 * SECS));
    await this.#logOn(index, platform);
    const leavesAt = 300 * SECS + this.#draws.below(HOUR_MICROS - 900 * SECS);
    let gone = false;
    while (world.nowMicros < HOUR_MICROS - 200 * SECS) {
      await world.sleep(30 * SECS + this.#draws.below(60 * SECS));
      if (!gone && world.nowMicros > leavesAt) {
        gone = true;
        this.#clients[index]!.close();
        await world.sleep(this.#draws.below(60 * SECS));
        await this.#logOn(index, platform);
      }
      this.#talk(index);
    }
  }

  #talk(index: number): void {
    const client = this.#clients[index]!;
    if (!client.connected) return;
    this.sent += 1;
    const told = client.customizeOutter.sendCertainly(`u${this.#draws.below(USERS)}`, 1, new Uint8Array(100));
    told.then(
      () => (this.acknowledged += 1),
      () => undefined,
    );
  }

  /** Every ten minutes something: a server crashes and returns, the platform server is cut off, or restarts. */
  async #faults(): Promise<void> {
    const { world } = this;
    const faults = new Faults(world);
    for (let round = 0; round < 5; round++) {
      await world.sleep(600 * SECS);
      const kind = round % 3;
      if (kind === 0) {
        const index = round % SERVERS;
        const host = this.#hosts[index]!;
        host.crash();
        await world.sleep(20 * SECS);
        host.restart();
        await this.#startServer(index);
      } else if (kind === 1) {
        const others = this.#hosts.map((host) => host.name);
        faults.apply({ fault: 'partition', between: [['acms'], others] });
        await world.sleep(30 * SECS);
        faults.apply({ fault: 'heal' });
      } else {
        this.#acmsHost.crash();
        await world.sleep(15 * SECS);
        this.#acmsHost.restart();
        await this.#startAcms();
      }
    }
    await world.sleep(HOUR_MICROS - world.nowMicros);
  }
}

async function hourRow(): Promise<BenchRow> {
  const hour = new Hour();
  const begin = process.cpuUsage();
  const wall = process.hrtime.bigint();
  const story = await hour.world.run(() => hour.run());
  const { user, system } = process.cpuUsage(begin);
  const seconds = (user + system) / 1e6;
  const wallSeconds = Number(process.hrtime.bigint() - wall) / 1e9;
  return {
    name: `${USERS} users on ${SERVERS} servers, one simulated hour with churn and faults`,
    ours: seconds,
    peer: null,
    peerName: '',
    unit: 'CPU s',
    ratio: null,
    target: 60,
    lowerIsBetter: true,
    detail: `${wallSeconds.toFixed(1)} s of wall time; ${story}`,
  };
}

/** Rows for latency and for the hour. */
export async function clusterBench(): Promise<BenchRow[]> {
  return [await latencyRow(), await hourRow()];
}

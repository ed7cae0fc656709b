/**
 * Worlds for measuring the simulator itself. They run; the caller holds the stopwatch, because nothing here may know the
 * real time. Drive: `pumpPackets({ packets: 1_000_000 })` or `runChatter({ clients: 10_000 })`, and time the call.
 */
import type { Platform, TcpConnection, TcpHandlers } from '../spec/platform.ts';
import { formatAddress, parseAddress } from './address.ts';
import { Host } from './host.ts';
import { LinkDirection } from './link.ts';
import type { LinkPairOptions } from './link.ts';
import type { LinkOptions } from './link-options.ts';
import { connectNodes } from './node.ts';
import type { Connection } from './node.ts';
import { createUdpPacket } from './packet.ts';
import { ratio } from './ratio.ts';
import { Internet } from './topology.ts';
import { World } from './world.ts';

export type PumpResult = {
  readonly sentPackets: number;
  readonly deliveredPackets: number;
  readonly digest: string;
};

export type PumpOptions = {
  readonly packets: number;
  /** Default: 5 to 10 ms of delay, a loss of 1 %. */
  readonly link?: LinkOptions;
  /** Trace records kept for reading; default none. */
  readonly traceRecords?: number;
};

const LINK_DEFAULT: LinkOptions = { delayMicros: 5_000, jitterMicros: 5_000, loss: ratio(1, 100) };

/** Packets sent in one go, so that the sender's own events do not count for much. */
const BURST_PACKETS = 10;
const BURST_MICROS = 100;
const MESSAGE_BYTES = 64;

/**
 * Sends opaque datagrams through one link with loss and delay, the digest on: ten every hundred microseconds, so that about
 * a thousand are on their way at any time.
 */
export function pumpPackets(options: PumpOptions): PumpResult {
  const { traceRecords = 0 } = options;
  const world = new World({ seed: 1, timeLimitMicros: Number.MAX_SAFE_INTEGER, traceRecords });
  const sink = { receivePacket: (): void => undefined };
  const link = new LinkDirection(world, 'pump', sink, options.link ?? LINK_DEFAULT);
  const [source, destination] = [parseAddress('198.18.0.1'), parseAddress('198.18.0.2')];
  const payload = new Uint8Array(100);
  let left = options.packets;
  const pump = {
    onEvent(): void {
      const count = Math.min(left, BURST_PACKETS);
      for (let index = 0; index < count; index += 1) link.send(createUdpPacket(source, 1, destination, 2, payload));
      left -= count;
      if (left > 0) world.schedule(world.nowMicros + BURST_MICROS, pump, undefined);
    },
  };
  world.schedule(0, pump, undefined);
  world.runUntil(Math.ceil(options.packets / BURST_PACKETS) * BURST_MICROS + 1_000_000);
  const { sentPackets, deliveredPackets } = link.statistics;
  return { sentPackets, deliveredPackets, digest: world.digest() };
}

export type RingResult = { readonly sentPackets: number; readonly receivedPackets: number; readonly digest: string };

export type RingOptions = {
  readonly nodes: number;
  readonly micros: number;
  readonly seed?: number;
  /** Between two datagrams of a node. Default 10 ms, a hundred a second. */
  readonly intervalMicros?: number;
  /** Of every link; `forward` is around the ring. */
  readonly link?: LinkPairOptions;
  /** Called after every so much simulated time, from outside of the run. */
  readonly every?: { readonly micros: number; readonly call: () => void };
};

const RING_PORT = 9;
const RING_LINK_DEFAULT: LinkPairOptions = { delayMicros: 20_000, jitterMicros: 5_000, loss: ratio(1, 100) };

/**
 * Hosts in a ring, each with a UDP socket and a timer, as an engine would use them: whenever its timer fires, a host sends a
 * small datagram to the next one. Two hosts send to each other over one link.
 */
export function runRing(options: RingOptions): RingResult {
  const { nodes, micros, seed = 1, intervalMicros = 10_000, link = RING_LINK_DEFAULT, every } = options;
  const world = new World({ seed, timeLimitMicros: Number.MAX_SAFE_INTEGER });
  const hosts = Array.from({ length: nodes }, (_, index) => new Host(world, `node${index}`));
  const counts = { sent: 0, received: 0 };
  const starts = world.stream('starts');
  const join = (from: number, to: number): Connection => {
    const [left, right] = [(10 << 24) + 4 * from + 1, (10 << 24) + 4 * from + 2];
    const ends = [
      { node: hosts[from]!, address: left },
      { node: hosts[to]!, address: right },
    ] as const;
    const connection = connectNodes(...ends, link);
    hosts[from]!.addRoute({ address: right, length: 32 }, connection.left);
    return connection;
  };
  const joined = hosts.length === 2 ? [join(0, 1)] : hosts.map((_, index) => join(index, (index + 1) % nodes));
  hosts.forEach((host, index) => {
    const { left, right } = joined[index] ?? joined[0]!;
    const to = { address: formatAddress(left.node === host ? right.address : left.address), port: RING_PORT };
    const payload = new Uint8Array(MESSAGE_BYTES);
    const platform = host.platform();
    const socket = platform.bindUdp({ port: RING_PORT }, { onMessage: () => (counts.received += 1) });
    const speak = (): void => {
      counts.sent += 1;
      socket.send(payload, to);
      platform.setTimer(intervalMicros, speak);
    };
    platform.setTimer(starts.below(intervalMicros), speak);
  });
  for (let until = every?.micros ?? micros; until < micros; until += every!.micros) {
    world.runUntil(until);
    every!.call();
  }
  world.runUntil(micros);
  return { sentPackets: counts.sent, receivedPackets: counts.received, digest: world.digest() };
}

/** A world of hosts on one internet, each with a bound socket, in which nothing happens. */
export function buildIdleWorld(hosts: number): World {
  const world = new World({ seed: 1 });
  const internet = new Internet(world);
  const onMessage = (): void => undefined;
  for (let index = 0; index < hosts; index += 1) {
    internet.host(`host${index}`).platform().bindUdp({ port: RING_PORT }, { onMessage });
  }
  world.runUntil(1_000_000);
  return world;
}

export type ChatterResult = {
  readonly events: number;
  readonly messagesToServer: number;
  readonly messagesToClients: number;
  readonly digest: string;
};

export type ChatterOptions = {
  readonly clients: number;
  /** Simulated time; default one minute. */
  readonly micros?: number;
  /** Between two messages of a client; the server answers each. Default 6 s. */
  readonly intervalMicros?: number;
};

/** One server and many clients, each with one TCP connection on which small messages go both ways. */
export function runChatter(options: ChatterOptions): ChatterResult {
  const { clients, micros = 60_000_000, intervalMicros = 6_000_000 } = options;
  const world = new World({ seed: 1 });
  const internet = new Internet(world);
  const counts = { toServer: 0, toClients: 0 };
  const server = internet.host('server');
  const message = new Uint8Array(MESSAGE_BYTES);
  server.platform().listenTcp(
    { port: 1, backlog: clients },
    {
      onConnection: (connection) => ({
        onData: (): void => {
          counts.toServer += 1;
          connection.write(message);
        },
        onClosed: (): void => undefined,
      }),
      onError: (code) => {
        throw new Error(code);
      },
    },
  );
  const remote = { address: server.platform().localAddresses()[0]!, port: 1 };
  const starts = world.stream('starts');
  for (let index = 0; index < clients; index += 1) {
    const platform = internet.host(`client${index}`).platform();
    const client = new Chatter(platform, intervalMicros, counts);
    platform.setTimer(starts.below(intervalMicros), () => {
      client.connection = platform.connectTcp({ remote }, client);
    });
  }
  world.runUntil(micros);
  const { toServer, toClients } = counts;
  return {
    events: world.eventCount,
    messagesToServer: toServer,
    messagesToClients: toClients,
    digest: world.digest(),
  };
}

class Chatter implements TcpHandlers {
  connection: TcpConnection | undefined = undefined;
  readonly #platform: Platform;
  readonly #intervalMicros: number;
  readonly #counts: { toServer: number; toClients: number };
  readonly #message = new Uint8Array(MESSAGE_BYTES);
  readonly #speak = (): void => {
    this.connection?.write(this.#message);
    this.#platform.setTimer(this.#intervalMicros, this.#speak);
  };

  constructor(platform: Platform, intervalMicros: number, counts: { toServer: number; toClients: number }) {
    this.#platform = platform;
    this.#intervalMicros = intervalMicros;
    this.#counts = counts;
  }

  onConnected(): void {
    this.#speak();
  }

  onData(): void {
    this.#counts.toClients += 1;
  }

  onClosed(): void {
    this.connection = undefined;
  }
}

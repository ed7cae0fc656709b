/** Worlds to be captured: everything a packet can be and everything that can happen to one, drawn from a seed. */
import {
  Host,
  Internet,
  Lan,
  NAT_PRESETS,
  RandomStream,
  Router,
  World,
  captureWorld,
  connectNodes,
  parseAddress,
  parsePrefix,
  ratio,
} from '../../sim/index.ts';
import type { LanIpv6Options, LinkOptions, NatPreset } from '../../sim/index.ts';
import { TcpSocket } from '../../sim/tcp/socket.ts';
import type { Platform, TcpConnection } from '../../spec/platform.ts';
import { runSim } from '../../scenarios/attach/sim-stage.ts';
import { executeCase, loadScenarios } from '../../scenarios/index.ts';

/** A capture and what the applications of that run wrote, as `address:port>address:port`. */
export type Captured = {
  readonly name: string;
  readonly pcapng: Uint8Array;
  readonly written: ReadonlyMap<string, Buffer>;
};

type Maker = (world: World, draw: RandomStream) => void;

const SERVER_PORT = 4_530;
const WORLD_MICROS = 60_000_000;

/** Bytes that applications hand to TCP, noted where they do so: below every engine, above every segment. */
class WriteLog {
  readonly #written = new Map<string, Uint8Array[]>();
  // Called with its socket, below.
  // eslint-disable-next-line @typescript-eslint/unbound-method
  readonly #write = TcpSocket.prototype.write;

  constructor() {
    const note = (socket: TcpSocket, bytes: Uint8Array): void => {
      if (socket.isFinQueued || socket.closeReason !== undefined) return;
      const { local, remote } = socket as TcpConnection;
      const key = `${endOf(local.address, local.port)}>${endOf(remote.address, remote.port)}`;
      const chunks = this.#written.get(key) ?? [];
      this.#written.set(key, chunks);
      chunks.push(bytes.slice());
    };
    const write = this.#write;
    TcpSocket.prototype.write = function (bytes): void {
      note(this, bytes);
      write.call(this, bytes);
    };
  }

  end(): ReadonlyMap<string, Buffer> {
    TcpSocket.prototype.write = this.#write;
    return new Map([...this.#written].map(([key, chunks]) => [key, Buffer.concat(chunks)]));
  }
}

/** An end of a connection as the keys of streams have it. */
export function endOf(address: string, port: number | string): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Runs one world of a kind and captures it. */
export function captureKind(kind: keyof typeof KINDS, seed: number): Captured {
  const log = new WriteLog();
  try {
    const world = new World({ seed });
    const capture = captureWorld(world);
    KINDS[kind](world, world.stream('test'));
    world.runUntil(WORLD_MICROS);
    return { name: `${kind}, seed ${seed}`, pcapng: capture.toPcapng(), written: log.end() };
  } finally {
    log.end();
  }
}

/** Runs a case of the suites; of a property, the last plan is captured. */
export async function captureCase(id: string, area: string, seed: number): Promise<Captured> {
  const loaded = await loadScenarios([area]);
  const { scenario } = loaded.find((each) => each.scenario.id === id)!;
  let log = new WriteLog();
  try {
    let capture: ReturnType<typeof captureWorld> | undefined;
    const result = await executeCase(
      scenario,
      {
        target: 'sim',
        run: (options, _scenario, body) => {
          log.end();
          log = new WriteLog();
          return runSim({ ...options, onWorld: (world) => (capture = captureWorld(world)) }, body);
        },
        close: () => Promise.resolve(),
      },
      { seed, runs: 2 },
    );
    if (result.outcome !== 'pass') {
      throw new Error(`${id} with seed ${seed}: ${result.outcome}, ${result.failure?.message ?? ''}`);
    }
    return { name: `${id}, seed ${seed}`, pcapng: capture!.toPcapng(), written: log.end() };
  } finally {
    log.end();
  }
}

/** A link that does a little of everything. */
function drawLink(draw: RandomStream): LinkOptions {
  const perMille = (max: number) => ratio(draw.below(max + 1), 1_000);
  return {
    delayMicros: 1_000 + draw.below(40_000),
    jitterMicros: draw.below(5_000),
    loss: perMille(40),
    duplicate: perMille(20),
    reorder: { ratio: perMille(20), extraMicros: 20_000 },
    ...(draw.below(2) === 0 ? {} : { bandwidthBitsPerSecond: 2_000_000, queueBytesMax: 30_000 }),
  };
}

/** Accepts, sends something back, and closes when the other side has. */
function serve(platform: Platform, draw: RandomStream): void {
  platform.listenTcp(
    { port: SERVER_PORT },
    {
      onConnection: (connection) => {
        connection.write(draw.bytes(draw.below(20_000)));
        return { onData: () => undefined, onEnd: () => connection.end(), onClosed: () => undefined };
      },
      onError: (code) => {
        throw new Error(code);
      },
    },
  );
}

/** Dials, writes some pieces, and closes; one in eight breaks off. */
function talk(world: World, platform: Platform, address: string, draw: RandomStream): void {
  const [pieces, breaksOff] = [draw.below(6), draw.below(8) === 0];
  platform.setTimer(draw.below(2_000_000), () => {
    const connection = platform.connectTcp(
      { remote: { address, port: SERVER_PORT } },
      { onData: () => undefined, onClosed: () => undefined },
    );
    for (let piece = 0; piece < pieces; piece += 1) {
      world.at(world.nowMicros + draw.below(3_000_000), () => connection.write(draw.bytes(draw.below(30_000))));
    }
    world.at(world.nowMicros + 3_000_000, () => (breaksOff ? connection.abort() : connection.end()));
  });
}

/** Datagrams of all sizes, some to a port where nobody listens. */
function chat(world: World, from: Platform, to: Platform, draw: RandomStream, sizeMax: number): void {
  to.bindUdp({ port: 9_000 }, { onMessage: () => undefined });
  say(world, from, to.localAddresses()[0]!, draw, sizeMax);
}

/** The same to an address where somebody listens already. */
function say(world: World, from: Platform, address: string, draw: RandomStream, sizeMax: number): void {
  const socket = from.bindUdp({ port: 0 }, { onMessage: () => undefined });
  for (let index = 0; index < 60; index += 1) {
    const port = draw.below(10) === 0 ? 9_999 : 9_000;
    world.at(draw.below(5_000_000), () => socket.send(draw.bytes(draw.below(sizeMax)), { address, port }));
  }
}

const addressOf = (platform: Platform): string => platform.localAddresses()[0]!;

/** By name, so that a red line says which. */
export const KINDS = {
  /** Connections over links that lose, double and reorder. */
  tcp: (world, draw) => {
    const internet = new Internet(world);
    const server = internet.host('server', { link: drawLink(draw) }).platform();
    serve(server, draw);
    for (let index = 0; index < 3; index += 1) {
      const client = internet.host(`client${index}`, { link: drawLink(draw) }).platform();
      talk(world, client, addressOf(server), draw);
      talk(world, client, addressOf(server), draw);
    }
  },
  /** Both protocols through NATs of all presets, one of them behind another, with strangers knocking. */
  nat: (world, draw) => {
    const internet = new Internet(world);
    const server = internet.host('server').platform();
    serve(server, draw);
    const presets = Object.keys(NAT_PRESETS) as NatPreset[];
    for (let index = 0; index < 3; index += 1) {
      const nat = presets[draw.below(presets.length)]!;
      const outer = new Lan(internet, `lan${index}`, { nat, prefix: `10.${index}.0.0/16`, uplink: drawLink(draw) });
      const inner = new Lan(outer, `room${index}`, { nat: 'linux', prefix: `192.168.${index}.0/24` });
      for (const lan of [outer, inner]) {
        const client = lan.host(`client-${lan.nat.name}`).platform();
        talk(world, client, addressOf(server), draw);
        chat(world, client, server, draw, 1_400);
      }
      const knock = server.bindUdp({ port: 0 }, { onMessage: () => undefined });
      const address = outer.nat.interfaces[0]!.address;
      const text = [24, 16, 8, 0].map((shift) => (Number(address) >>> shift) & 255).join('.');
      world.at(1_000_000, () => knock.send(draw.bytes(10), { address: text, port: 7_777 }));
    }
  },
  /** Datagrams in fragments. */
  fragments: (world, draw) => {
    const mtuBytes = 576 + draw.below(1_000);
    const internet = new Internet(world, { link: { mtuBytes, loss: ratio(1, 50) } });
    const [one, other] = [internet.host('one').platform(), internet.host('other').platform()];
    chat(world, one, other, draw, 9_000);
    serve(other, draw);
    talk(world, one, addressOf(other), draw);
  },
  /** Nobody there, no port, no way, too big, too long on the way. */
  icmp: (world, draw) => {
    const internet = new Internet(world);
    const one = internet.host('one').platform();
    const other = internet.host('other', { link: { mtuBytes: 900 } }).platform();
    chat(world, one, other, draw, 3_000);
    serve(other, draw);
    talk(world, one, addressOf(other), draw);
    one.connectTcp(
      { remote: { address: '203.0.113.9', port: 1 } },
      { onData: () => undefined, onClosed: () => undefined },
    );
    const lost = new Host(world, 'lost');
    const [left, right] = [new Router(world, 'left'), new Router(world, 'right')];
    const at = (node: Host | Router, address: string) => ({ node, address: parseAddress(address) });
    const door = connectNodes(at(lost, '172.16.0.2'), at(left, '172.16.0.1'));
    const circle = connectNodes(at(left, '172.16.1.1'), at(right, '172.16.1.2'));
    left.routes.addHost(parseAddress('172.16.0.2'), door.right);
    left.routes.addNetwork(parsePrefix('0.0.0.0/0'), circle.left);
    right.routes.addNetwork(parsePrefix('0.0.0.0/0'), circle.right);
    const socket = lost.platform().bindUdp({ port: 0 }, { onMessage: () => undefined });
    socket.send(draw.bytes(40), { address: '198.51.100.1', port: 1 });
  },
  /** Both families through every kind of IPv6 border, datagrams cut by their senders, and the errors of IPv6. */
  ipv6: (world, draw) => {
    const internet = new Internet(world, { prefix6: '2001:db8::/32' });
    const narrow = 1_280 + draw.below(200);
    const server = internet.host('server', { link: { ...drawLink(draw), mtuBytes: narrow } }).platform();
    serve(server, draw);
    server.bindUdp({ port: 9_000 }, { onMessage: () => undefined });
    const borders: LanIpv6Options[] = [{}, { translation: 'prefix' }, { translation: 'linux' }, { nat64: 'fullCone' }];
    for (const [index, ipv6] of borders.entries()) {
      const lan = new Lan(internet, `lan${index}`, { nat: 'linux', ipv6, uplink: drawLink(draw) });
      const client = lan.host(`client${index}`, { families: 'ipv6' }).platform();
      const [four, six] = server.localAddresses();
      const address = ipv6.nat64 === undefined ? six! : `64:ff9b::${four!}`;
      talk(world, client, address, draw);
      say(world, client, address, draw, 4_000);
      const nowhere = { remote: { address: '2001:db8:dead::1', port: 1 } };
      client.connectTcp(nowhere, { onData: () => undefined, onClosed: () => undefined });
    }
  },
  /** Bits that flip. */
  corruption: (world, draw) => {
    const corrupt = { ratio: ratio(1, 10), undetected: draw.below(4) === 0 };
    const internet = new Internet(world, { link: { corrupt } });
    const [one, other] = [internet.host('one').platform(), internet.host('other').platform()];
    chat(world, one, other, draw, 1_400);
    // Where flips go unnoticed the streams differ by design.
    if (corrupt.undetected) return;
    serve(other, draw);
    talk(world, one, addressOf(other), draw);
  },
} as const satisfies Record<string, Maker>;

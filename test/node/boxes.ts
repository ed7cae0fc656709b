/**
 * Unmodified clients of middleboxes on virtual hosts: the package `nat-pmp` opens a port of a home's NAT, and `socks` goes
 * through a SOCKS5 proxy with CONNECT, BIND and UDP ASSOCIATE.
 *
 * One function plays each story and tells what came of it; the test calls them.
 */
import { Internet, Lan, World, serveSocks5 } from '../../sim/index.ts';
import type { GatewayOptions } from '../../sim/index.ts';
import { startNode } from '../../sim/node/index.ts';

/** What `nat-pmp` tells of a mapping; the package has no types of its own. */
type Told = {
  readonly public?: number;
  readonly ip?: readonly number[];
  readonly ttl?: number;
  readonly epoch?: number;
};
type NatPmp = {
  connect(gateway: string): {
    externalIp(done: (error: Error | null, told?: Told) => void): void;
    portMapping(wish: object, done: (error: Error | null, told?: Told) => void): void;
    portUnmapping(wish: object, done: (error: Error | null, told?: Told) => void): void;
    close(): void;
  };
};

export type NatPmpStory = {
  readonly digest: string;
  readonly address: string;
  readonly mapped: Told | string;
  /** What strangers got from the mapped port: before, while it was open, and after it was closed. */
  readonly answers: readonly string[];
};

const from = import.meta.url;
const GATEWAY = '192.168.1.1';
const HOME = '198.18.0.3';
const PORT = 7_000;

/** A server at home opens a port, a stranger uses it, and it is closed again. */
export async function playNatPmp(seed: number, gateway: GatewayOptions): Promise<NatPmpStory> {
  const world = new World({ seed });
  const internet = new Internet(world);
  const stranger = startNode(internet.host('stranger'), { from });
  const lan = new Lan(internet, 'home', { nat: 'symmetric', gateway });
  const server = startNode(lan.host('server'), { from });
  return world.run(async () => {
    const net = server.require('net') as typeof import('node:net');
    net.createServer((socket) => socket.end('hello')).listen(4_000);
    const client = (server.require('nat-pmp') as NatPmp).connect(GATEWAY);
    const answers = [await visit(stranger.require('net') as typeof net)];
    const { ip = [] } = await asked((done) => client.externalIp(done));
    const wish = { type: 'tcp', private: 4_000, public: PORT, ttl: 600 };
    const mapped = await asked((done) => client.portMapping(wish, done)).catch((error: unknown) => String(error));
    answers.push(await visit(stranger.require('net') as typeof net));
    // What runs through a mapping ends with it: the visitor's connection is let finish first.
    await world.sleep(1_000_000);
    await asked((done) => client.portUnmapping({ type: 'tcp', private: 4_000, public: 0 }, done));
    answers.push(await visit(stranger.require('net') as typeof net));
    client.close();
    return { digest: world.digest(), address: ip.join('.'), mapped, answers };
  });
}

function asked(ask: (done: (error: Error | null, told?: Told) => void) => void): Promise<Told> {
  return new Promise((resolve, reject) => {
    ask((error, told) => {
      if (error !== null || told === undefined) reject(error ?? new Error('nothing was told'));
      else resolve(told);
    });
  });
}

/** What a visitor of the home's port reads, or the error it gets. */
function visit(net: typeof import('node:net')): Promise<string> {
  return new Promise((resolve) => {
    let told = '';
    const socket = net.connect(PORT, HOME);
    socket.setTimeout(2_000, () => {
      told = 'silence';
      socket.destroy();
    });
    socket.on('data', (data) => (told += String(data)));
    socket.on('error', (error) => (told = error.message));
    socket.on('close', () => resolve(told));
  });
}

export type SocksStory = {
  readonly digest: string;
  readonly connected: string;
  readonly refused: string;
  readonly bound: readonly string[];
  readonly datagrams: readonly string[];
};

/** A client that cannot be reached and may send no UDP uses all three commands of a proxy that wants a password. */
export async function playSocks(seed: number): Promise<SocksStory> {
  const world = new World({ seed });
  const internet = new Internet(world);
  const proxyHost = internet.host('proxy');
  serveSocks5(proxyHost, { users: { ann: 'secret' } });
  const server = startNode(internet.host('server'), { from });
  const client = startNode(new Lan(internet, 'home', { nat: 'symmetric' }).host('client'), { from });
  return world.run(async () => {
    const { SocksClient } = client.require('socks') as typeof import('socks');
    const net = server.require('net') as typeof import('node:net');
    const dgram = server.require('dgram') as typeof import('node:dgram');
    net.createServer((socket) => socket.end(`hello ${socket.remoteAddress}`)).listen(80);
    const echo = dgram.createSocket('udp4', (message, { address, port }) =>
      echo.send(`echo ${String(message)}`, port, address),
    );
    echo.bind(7);
    const proxy = { host: '198.18.0.2', port: 1_080, type: 5, userId: 'ann', password: 'secret' } as const;
    const to = (port: number): { host: string; port: number } => ({ host: 'server', port });
    const { socket } = await SocksClient.createConnection({ proxy, command: 'connect', destination: to(80) });
    const connected = await read(socket);
    const refused = await SocksClient.createConnection({ proxy, command: 'connect', destination: to(81) }).then(
      () => 'connected',
      (error: unknown) => (error as Error).message,
    );
    const bound = await bind(
      new SocksClient({ proxy, command: 'bind', destination: { host: '0.0.0.0', port: 0 } }),
      net,
    );
    const datagrams = await associate(
      new SocksClient({ proxy, command: 'associate', destination: { host: '0.0.0.0', port: 0 } }),
      client.require('dgram') as typeof dgram,
      (frame) => SocksClient.createUDPFrame(frame),
      (data) => SocksClient.parseUDPFrame(data),
    );
    return { digest: world.digest(), connected, refused, bound, datagrams };
  });
}

/** All that comes until the end. */
function read(socket: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (data) => (text += String(data)));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
    socket.resume();
  });
}

type SocksClientType = InstanceType<typeof import('socks').SocksClient>;

/** The server visits the port that the proxy opened: gives who came, as the client is told, and what it said. */
function bind(client: SocksClientType, net: typeof import('node:net')): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    client.on('error', reject);
    client.on('bound', ({ remoteHost }) => {
      net.connect(remoteHost!.port, remoteHost!.host, function (this: import('node:net').Socket) {
        this.end('a visit');
      });
    });
    client.on('established', ({ socket, remoteHost }) => {
      read(socket).then((text) => resolve([remoteHost!.host, text]), reject);
    });
    client.connect();
  });
}

type Frame = Parameters<typeof import('socks').SocksClient.createUDPFrame>[0];

/** Sends one datagram by way of the proxy; gives where the answer came from, and what it said. */
function associate(
  client: SocksClientType,
  dgram: typeof import('node:dgram'),
  wrap: (frame: Frame) => Buffer,
  unwrap: (data: Buffer) => Frame,
): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    client.on('error', reject);
    client.on('established', ({ socket, remoteHost }) => {
      const udp = dgram.createSocket('udp4', (message) => {
        const { remoteHost: from, data } = unwrap(message);
        resolve([`${from.host}:${from.port}`, String(data)]);
        udp.close();
        socket.destroy();
      });
      const remote = { host: 'server', port: 7 };
      udp.send(wrap({ remoteHost: remote, data: Buffer.from('one') }), remoteHost!.port, remoteHost!.host);
    });
    client.connect();
  });
}

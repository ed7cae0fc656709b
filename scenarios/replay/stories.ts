/**
 * The stories behind the committed captures: short sessions between reference engines, some with a client that misbehaves.
 *
 * Each runs against a real server on a real port and ends with every connection closed. Who records them is `record.ts`.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { MessageType } from '../../spec/grammar/index.ts';
import { codecs, encodeFrame, encodeMessage, FrameDecoder } from '../../impl/wire/index.ts';
import { RelogonMode, rapidEngineFactory } from '../../impl/index.ts';
import type { CustomizeHandler, RapidPassiveEngine, RapidServerEngine } from '../../impl/index.ts';
import { createNodePlatform } from '../../impl/platform/node.ts';
import { directUdp } from './direct-stories.ts';

export type Story = {
  readonly title: string;
  /** Extra arguments for tcpdump: interface, link type, precision. Loopback in microseconds when absent. */
  readonly tcpdump?: readonly string[];
  /** What is captured, instead of TCP to and from the server. */
  readonly filter?: string;
  play(host: string, port: number): Promise<void>;
};

const FRAGMENT_BYTES = 4_096;
const LIMITS = { userIdBytesMax: 11, messageBytesMax: 1_048_576 };
const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Answers queries with the same bytes, and lets `heard` wait for information. */
function listener(): { handler: CustomizeHandler; heard: (count: number) => Promise<void> } {
  let seen = 0;
  let wake: () => void = () => undefined;
  const handler: CustomizeHandler = {
    handleInformation: () => {
      seen += 1;
      wake();
    },
    handleQuery: (_source, type, info) => {
      if (type < 0) throw new Error('this type is not answered');
      return info;
    },
  };
  const heard = async (count: number): Promise<void> => {
    while (seen < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { handler, heard };
}

async function serverOn(
  host: string,
  port: number,
  set: (server: RapidServerEngine) => void = () => undefined,
): Promise<RapidServerEngine> {
  const server = rapidEngineFactory.createServerEngine(createNodePlatform());
  server.ipAddressBinding = host;
  set(server);
  const verifyUser = (
    _token: string | null,
    _user: string,
    password: string | null,
  ): { ok: boolean; failureCause?: string } =>
    password === 'wrong' ? { ok: false, failureCause: 'wrong password' } : { ok: true };
  await server.initialize(port, listener().handler, { verifyUser });
  return server;
}

type Client = { readonly engine: RapidPassiveEngine; readonly heard: (count: number) => Promise<void> };

async function clientOf(
  user: string,
  host: string,
  port: number,
  set: (engine: RapidPassiveEngine) => void = () => undefined,
  password = 'secret',
): Promise<Client> {
  const engine = rapidEngineFactory.createPassiveEngine(createNodePlatform());
  set(engine);
  const { handler, heard } = listener();
  await engine.initialize(user, password, host, port, handler);
  return { engine, heard };
}

/** Closes the clients, waits until the server has noticed, and closes it. */
async function closeAll(
  server: RapidServerEngine,
  ...clients: readonly { readonly engine: RapidPassiveEngine }[]
): Promise<void> {
  for (const { engine } of clients) engine.close();
  while (server.connectionCount > 0) await new Promise((resolve) => setImmediate(resolve));
  server.close();
}

/** A client that writes what it likes. */
async function rawClient(host: string, port: number): Promise<Socket> {
  const socket = connect(port, host);
  await once(socket, 'connect');
  return socket;
}

/** Waits until the raw client has received a whole message of this type, and gives its id. */
function received(socket: Socket, type: number): Promise<number> {
  const decoder = new FrameDecoder(LIMITS);
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      decoder.push(chunk, (frame) => {
        if (frame.messageType === type) resolve(frame.messageId);
      });
    });
  });
}

function header(messageType: number, messageId: number): Parameters<typeof encodeFrame>[0] {
  return { clientType: 8, messageType, messageId, sourceId: 'raw', destId: '' };
}

async function rawLogon(socket: Socket): Promise<void> {
  const request = { AuthorizedUser: 'FreeUser', Password: null, SystemToken: null, Version: 6 };
  const answered = received(socket, MessageType.Logon);
  socket.write(encodeMessage(header(MessageType.Logon, 1), codecs.ReqLogonContract, request, LIMITS));
  await answered;
}

async function everyday(host: string, port: number): Promise<void> {
  const server = await serverOn(host, port);
  const alice = await clientOf('alice', host, port);
  const bob = await clientOf('bob', host, port);
  const out = alice.engine.customizeOutter;
  out.send('bob', 7, bytes('hi'));
  out.send(8, bytes('for the server'));
  out.send('bob', 9, null, true);
  await out.query('bob', 1001, bytes('2+3'));
  await out.query(-1, bytes('throws')).catch(() => undefined);
  await out.sendCertainly('bob', 10, bytes('must arrive'));
  await out.sendCertainly(null, 11, bytes('must arrive too'));
  await out.sendBlob('bob', 12, Buffer.alloc(10_000, 0x62), FRAGMENT_BYTES);
  await alice.engine.sendMessage('bob', 13, bytes('message'), 'tag');
  await bob.heard(4);
  const { basicOutter } = bob.engine;
  await basicOutter.getMyIPE();
  await basicOutter.getUserIPE('alice');
  await basicOutter.getUserIPE('nobody');
  await basicOutter.isUserOnline('alice');
  await basicOutter.isUserOnline(['alice', 'nobody']);
  await basicOutter.getAllOnlineUsers();
  await basicOutter.ping();
  await basicOutter.pingByServer('alice');
  server.customizeController.send('alice', 14, bytes('from the server'));
  await server.customizeController.queryLocalClient('alice', 15, bytes('who are you'));
  await alice.heard(1);
  await closeAll(server, alice, bob);
}

async function pushedOut(host: string, port: number): Promise<void> {
  const server = await serverOn(host, port);
  const old = await clientOf('alice', host, port);
  const gone = new Promise<void>((resolve) => old.engine.basicOutter.beingPushedOut.add(resolve));
  const fresh = await clientOf('alice', host, port);
  await gone;
  await fresh.engine.customizeOutter.query(1, bytes('am I the one'));
  await closeAll(server, old, fresh);
}

async function refused(host: string, port: number): Promise<void> {
  const server = await serverOn(host, port, (engine) => (engine.userManager.relogonMode = RelogonMode.IgnoreNew));
  const wrong = await clientOf('alice', host, port, undefined, 'wrong');
  const otherVersion = await clientOf('alice', host, port, (engine) => (engine.version = 5));
  const first = await clientOf('alice', host, port);
  const second = await clientOf('alice', host, port);
  await first.engine.customizeOutter.query(1, bytes('still here'));
  await closeAll(server, wrong, otherVersion, first, second);
}

async function heartbeats(host: string, port: number): Promise<void> {
  let beats = 0;
  const server = await serverOn(host, port, (engine) => (engine.autoRespondHeartBeat = true));
  const alice = await clientOf('alice', host, port, (engine) => (engine.heartBeatSpanInSecs = 0.2));
  while (beats < 6) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    beats += 1;
  }
  await closeAll(server, alice);
}

async function blobAmidTraffic(host: string, port: number): Promise<void> {
  const server = await serverOn(host, port);
  const alice = await clientOf('alice', host, port);
  const bob = await clientOf('bob', host, port);
  const content = Buffer.from(Array.from({ length: 60_000 }, (_, index) => index & 0xff));
  const out = alice.engine.customizeOutter;
  const first = out.sendBlob('bob', 1, content, FRAGMENT_BYTES);
  out.send('bob', 2, bytes('between'));
  const second = out.sendBlob('bob', 3, content.subarray(0, 20_000), 1_000);
  await out.query('bob', 4, bytes('between as well'));
  await Promise.all([first, second]);
  await out.sendBlob('bob', 5, null, FRAGMENT_BYTES);
  await alice.engine.sendMessage('bob', 6, content.subarray(0, 5_000), 'in pieces', 1_024);
  await bob.heard(4);
  await closeAll(server, alice, bob);
}

async function kickedOut(host: string, port: number): Promise<void> {
  const server = await serverOn(host, port);
  const alice = await clientOf('alice', host, port);
  const bob = await clientOf('bob', host, port);
  const gone = new Promise<void>((resolve) => bob.engine.basicOutter.beingKickedOut.add(resolve));
  alice.engine.basicOutter.kickOut('bob');
  await gone;
  await closeAll(server, alice, bob);
}

async function reconnect(host: string, port: number): Promise<void> {
  const server = await serverOn(host, port);
  const alice = await clientOf('alice', host, port);
  const back = new Promise<unknown>((resolve) => alice.engine.relogonCompleted.add(resolve));
  alice.engine.closeConnection(true);
  await back;
  await alice.engine.customizeOutter.sendCertainly(null, 1, bytes('again'));
  await closeAll(server, alice);
}

async function longIds(host: string, port: number): Promise<void> {
  const set = (engine: { maxLengthOfUserID: number }): void => {
    engine.maxLengthOfUserID = 30;
  };
  const server = await serverOn(host, port, set);
  const first = await clientOf('a-rather-long-user-id-of-mine', host, port, set);
  const second = await clientOf('Zoë', host, port, set);
  await first.engine.customizeOutter.query('Zoë', 1, bytes('hello'));
  await closeAll(server, first, second);
}

async function wrongAckId(host: string, port: number): Promise<void> {
  const server = await serverOn(host, port, (engine) => (engine.waitResponseTimeoutInSecs = 0.3));
  const socket = await rawClient(host, port);
  await rawLogon(socket);
  const asked = received(socket, MessageType.InformationNeedAck);
  const failed = server.customizeController
    .sendCertainlyToLocalClient('raw', 1, bytes('confirm this'))
    .catch(() => undefined);
  socket.write(encodeFrame(header(MessageType.Ack, (await asked) + 1), null, LIMITS.userIdBytesMax));
  await failed;
  socket.end();
  await once(socket, 'close');
  await closeAll(server);
}

async function noLogon(host: string, port: number): Promise<void> {
  const server = await serverOn(host, port);
  const early = await rawClient(host, port);
  early.resume().write(encodeFrame(header(MessageType.HeartBeat, 1), null, LIMITS.userIdBytesMax));
  await once(early, 'close');
  const garbled = await rawClient(host, port);
  await rawLogon(garbled);
  const bad = Buffer.from(encodeFrame(header(MessageType.HeartBeat, 2), null, LIMITS.userIdBytesMax));
  bad[0] = 0x45;
  garbled.resume().write(bad);
  await once(garbled, 'close');
  await closeAll(server);
}

/** File name to story. */
export const stories: Readonly<Record<string, Story>> = {
  'everyday.pcap': { title: 'two users, every kind of message', play: everyday },
  'pushed-out.pcap': { title: 'a second logon pushes the first out', play: pushedOut },
  'refused.pcap': { title: 'wrong password, wrong version, and a second logon that is ignored', play: refused },
  'heartbeats.pcap': {
    title: 'answered heartbeats, 0.2 s apart, with nanosecond timestamps',
    tcpdump: ['-i', 'lo', '--time-stamp-precision=nano'],
    play: heartbeats,
  },
  'blob-amid-traffic.pcap': {
    title: 'two blobs at once with other messages between, on all interfaces (Linux cooked 2)',
    tcpdump: ['-i', 'any', '-y', 'LINUX_SLL2'],
    play: blobAmidTraffic,
  },
  'kicked-out.pcap': {
    title: 'one user kicks another (Linux cooked)',
    tcpdump: ['-i', 'any', '-y', 'LINUX_SLL'],
    play: kickedOut,
  },
  'reconnect.pcap': { title: 'a broken connection and the automatic logon', play: reconnect },
  'long-ids.pcap': { title: 'N = 30 on both ends', play: longIds },
  'direct-udp.pcap': { title: 'a direct UDP channel through a server', filter: 'tcp or udp', play: directUdp },
  'wrong-ack-id.pcap': { title: 'a client acknowledges with another id than it was asked with', play: wrongAckId },
  'no-logon.pcap': { title: 'a client begins without a logon, another sends a wrong start token', play: noLogon },
};

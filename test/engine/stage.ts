/**
 * A small simulated world for engine tests: one server, clients on hosts of their own, bare peers, a journal of events.
 *
 * When the test's body is done every engine is closed and nothing may be left open on any host.
 */
import { expect } from 'vitest';
import type { Endpoint, Platform, TcpCloseReason, TcpConnection } from '../../spec/platform.ts';
import { MessageType } from '../../spec/grammar/index.ts';
import { rapidEngineFactory } from '../../impl/index.ts';
import { PassiveEngine } from '../../impl/engine/client/passive-engine.ts';
import type { DirectSwitchboard } from '../../scenarios/attach/direct-switchboard.ts';
import type {
  BasicHandler,
  CustomizeHandler,
  LogonResponse,
  RapidPassiveEngine,
  RapidServerEngine,
} from '../../impl/index.ts';
import { codecs, encodeFrame, FrameDecoder } from '../../impl/wire/index.ts';
import { Host, Internet, World } from '../../sim/index.ts';
import type { Link } from '../../sim/link.ts';

const SECS = 1_000_000;
export const PORT = 4530;
export const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);

export type HostAndLink = { readonly host: Host; readonly link: Link; readonly platform: Platform };
export type ServerSetup = {
  readonly configure?: (server: RapidServerEngine) => void;
  readonly customize?: Partial<CustomizeHandler> | null;
  readonly basic?: BasicHandler;
};
export type Client = {
  readonly engine: RapidPassiveEngine;
  readonly userID: string;
  readonly host: Host;
  readonly link: Link;
  /** Information the client's handler got: source, type, bytes as an array, or null. */
  readonly received: unknown[];
  /** Event names in order. */
  readonly events: string[];
  logon(password?: string): Promise<LogonResponse>;
};
export type SeenFrame = {
  readonly messageType: number;
  readonly messageId: number;
  readonly clientType: number;
  readonly sourceId: string;
  readonly destId: string;
  readonly body: Uint8Array;
};

/** What an information looks like in a journal. */
const seen = (source: string | null, type: number, info: Uint8Array | null): unknown => [
  source,
  type,
  info === null ? null : [...info],
];

export class Stage {
  readonly world: World;
  readonly internet: Internet;
  readonly logLines: string[] = [];
  /** The server's events and handler calls, in order. */
  readonly journal: unknown[] = [];
  readonly clients: Client[] = [];
  server!: RapidServerEngine;
  serverHost!: HostAndLink;
  /** Set before clients are made: who can link them directly. */
  switchboard: DirectSwitchboard | undefined;
  readonly #hosts: Host[] = [];
  readonly #engines: { close(): void }[] = [];
  readonly #raw: RawPeer[] = [];

  constructor(seed: number) {
    this.world = new World({ seed });
    this.internet = new Internet(this.world);
    this.world.onLog((line) => this.logLines.push(`${line.host} ${line.level} ${line.message}`));
  }

  addHost(name: string): HostAndLink {
    const host = new Host(this.world, name);
    const { link } = this.internet.join(host);
    this.#hosts.push(host);
    return { host, link, platform: host.platform() };
  }

  get address(): string {
    return this.serverHost.platform.localAddresses()[0]!;
  }

  /** Starts the server on a host of its own; its handler records, and echoes queries. */
  startServer(setup: ServerSetup = {}): Promise<RapidServerEngine> {
    this.serverHost = this.addHost('server');
    return this.#start(setup);
  }

  /** Starts a new server where the old one was. */
  restartServer(setup: ServerSetup = {}): Promise<RapidServerEngine> {
    this.serverHost = { ...this.serverHost, platform: this.serverHost.host.platform() };
    return this.#start(setup);
  }

  async #start(setup: ServerSetup): Promise<RapidServerEngine> {
    const server = rapidEngineFactory.createServerEngine(this.serverHost.platform);
    this.#engines.push(server);
    this.server = server;
    setup.configure?.(server);
    this.#journalServer(server);
    const handler: CustomizeHandler = {
      handleInformation: (source, type, info) => {
        this.journal.push(['information', ...(seen(source, type, info) as unknown[])]);
      },
      handleQuery: (_source, _type, info) => info,
      ...setup.customize,
    };
    await server.initialize(PORT, setup.customize === null ? null : handler, setup.basic);
    return server;
  }

  /** A client on a host of its own, not logged on. */
  client(
    userID: string,
    configure?: (engine: RapidPassiveEngine) => void,
    handler: Partial<CustomizeHandler> = {},
  ): Client {
    const name = `${userID}-${this.#hosts.length}`;
    const { host, link, platform } = this.addHost(name);
    const { switchboard } = this;
    const engine =
      switchboard === undefined
        ? rapidEngineFactory.createPassiveEngine(platform)
        : new PassiveEngine(platform, switchboard.factory);
    this.#engines.push(engine);
    configure?.(engine);
    const received: unknown[] = [];
    const events: string[] = [];
    engine.connectionInterrupted.add(() => events.push('interrupted'));
    engine.connectionRebuildStart.add(() => events.push('rebuildStart'));
    engine.relogonCompleted.add(({ logonResult }) => events.push(`relogon ${logonResult}`));
    engine.invalidMsgReceived.add((_address, kind) => events.push(`invalid ${kind}`));
    engine.messageReceived.add((source, type, message, tag) =>
      received.push([...(seen(source, type, message) as unknown[]), tag]),
    );
    engine.basicOutter.beingPushedOut.add(() => events.push(`pushedOut ${engine.connected}`));
    engine.basicOutter.beingKickedOut.add(() => events.push(`kickedOut ${engine.connected}`));
    const customize: CustomizeHandler = {
      handleInformation: (source, type, info) => void received.push(seen(source, type, info)),
      handleQuery: (_source, _type, info) => info,
      ...handler,
    };
    const logon = (password?: string): Promise<LogonResponse> =>
      engine.initialize(userID, password ?? null, this.address, PORT, customize);
    const client = { engine, userID, host, link, received, events, logon };
    this.clients.push(client);
    return client;
  }

  async loggedOn(
    userID: string,
    configure?: (engine: RapidPassiveEngine) => void,
    handler?: Partial<CustomizeHandler>,
  ): Promise<Client> {
    const client = this.client(userID, configure, handler);
    expect(await client.logon()).toMatchObject({ logonResult: 0 });
    return client;
  }

  /** A bare connection to the server. */
  async rawPeer(userID = ''): Promise<RawPeer> {
    const { platform } = this.addHost(`raw-${this.#hosts.length}`);
    const peer = new RawPeer(platform, { address: this.address, port: PORT }, userID);
    this.#raw.push(peer);
    await this.until(() => peer.isConnected || peer.closed !== undefined);
    return peer;
  }

  /** A bare connection that has logged on. */
  async rawLoggedOn(userID: string): Promise<RawPeer> {
    const peer = await this.rawPeer(userID);
    peer.sendLogon();
    await this.until(() => peer.frames.length > 0);
    expect(logonResultOf(peer.frames[0]!)).toBe(0);
    return peer;
  }

  sleep(secs: number): Promise<void> {
    return this.world.sleep(Math.round(secs * SECS));
  }

  get nowSecs(): number {
    return this.world.nowMicros / SECS;
  }

  /** Waits for a condition, at most `withinSecs`. */
  async until(condition: () => boolean, withinSecs = 60): Promise<void> {
    const limitMicros = this.world.nowMicros + withinSecs * SECS;
    while (!condition()) {
      if (this.world.nowMicros >= limitMicros) throw new Error(`not within ${withinSecs} s: ${condition.toString()}`);
      await this.world.sleep(1000);
    }
  }

  /** A round trip to the server and back: what was sent before has been handled then. */
  async settle(...clients: Client[]): Promise<void> {
    for (const client of clients) await client.engine.basicOutter.ping();
  }

  /** Closes everything and holds the stage to leaving nothing behind (ENG-005). */
  async end(): Promise<void> {
    for (const peer of this.#raw) peer.connection.abort();
    for (const engine of this.#engines) engine.close();
    for (const engine of this.#engines) engine.close();
    await this.sleep(2);
    for (const host of this.#hosts) {
      if (host.isUp) expect({ host: host.name, ...host.openResources() }).toMatchObject(NOTHING_OPEN);
    }
  }

  #journalServer(server: RapidServerEngine): void {
    const note = (...entry: unknown[]): void => void this.journal.push(entry);
    const { userManager, customizeController } = server;
    userManager.someOneConnected.add(({ userID }) => note('connected', userID));
    userManager.someOneDisconnected.add(({ userID }, type) => note('disconnected', userID, type));
    userManager.userCountChanged.add((count) => note('count', count));
    userManager.someOneBeingPushedOut.add(({ userID }) => note('pushingOut', userID));
    userManager.newConnectionIgnored.add((userID) => note('ignored', userID));
    userManager.someOneTimeOuted.add(({ userID }) => note('timedOut', userID));
    userManager.userTagChanged.add((userID, tag) => note('tag', userID, tag));
    server.invalidMsgReceived.add((_address, kind) => note('invalid', kind));
    server.messageReceived.add((source, type, message, tag) =>
      note('message', ...(seen(source, type, message) as unknown[]), tag),
    );
    customizeController.transmitFailed.add(({ sourceID, destID, informationType }) =>
      note('failed', sourceID, destID, informationType),
    );
    customizeController.informationReceived.add(({ sourceID, destID, informationType }) =>
      note('received', sourceID, destID, informationType),
    );
  }
}

const NOTHING_OPEN = { timers: 0, connections: 0, listeners: 0, udpSockets: 0 };

/** Runs one story in a world of its own. */
export async function onStage(story: (stage: Stage) => Promise<void>, seed = 1): Promise<void> {
  const stage = new Stage(seed);
  await stage.world.run(async () => {
    await story(stage);
    await stage.end();
  });
}

export const logonResultOf = (frame: SeenFrame): number => {
  const decoded = codecs.ResLogonContract.decode(frame.body);
  if (!decoded.ok) throw new Error(decoded.error.detail);
  return decoded.value.LogonResult;
};

/** A peer without an engine: it sends what it is told to and records what comes. */
export class RawPeer {
  readonly frames: SeenFrame[] = [];
  readonly connection: TcpConnection;
  readonly userID: string;
  isConnected = false;
  peerEnded = false;
  closed: TcpCloseReason | undefined;
  readonly #decoder = new FrameDecoder({ userIdBytesMax: 11, messageBytesMax: 1_048_576 });

  constructor(platform: Platform, remote: Endpoint, userID: string) {
    this.userID = userID;
    this.connection = platform.connectTcp(
      { remote },
      {
        onConnected: () => void (this.isConnected = true),
        onData: (chunk) => void this.#decoder.push(chunk, (frame) => void this.frames.push(frameOf(frame))),
        onEnd: () => void (this.peerEnded = true),
        onClosed: (reason) => void (this.closed = reason),
      },
    );
  }

  /** True once the server has ended the connection, one way or the other. */
  get isOver(): boolean {
    return this.peerEnded || this.closed !== undefined;
  }

  frame(messageType: number, body: Uint8Array | null = null, more: Partial<SeenFrame> = {}): Uint8Array {
    const { messageId = 1, clientType = 0, sourceId = this.userID, destId = '' } = more;
    return encodeFrame({ messageType, messageId, clientType, sourceId, destId }, body, 11);
  }

  send(messageType: number, body: Uint8Array | null = null, more: Partial<SeenFrame> = {}): void {
    this.connection.write(this.frame(messageType, body, more));
  }

  logonFrame(password: string | null = null, more: { version?: number; authorizedUser?: string } = {}): Uint8Array {
    const body = codecs.ReqLogonContract.encode({
      AuthorizedUser: more.authorizedUser ?? 'FreeUser',
      Password: password,
      SystemToken: null,
      Version: more.version ?? 6,
    });
    return this.frame(MessageType.Logon, body);
  }

  sendLogon(password: string | null = null): void {
    this.connection.write(this.logonFrame(password));
  }

  of(messageType: number): SeenFrame[] {
    return this.frames.filter((frame) => frame.messageType === messageType);
  }
}

const frameOf = (frame: Parameters<Parameters<FrameDecoder['push']>[1]>[0]): SeenFrame => ({
  messageType: frame.messageType,
  messageId: frame.messageId,
  clientType: frame.clientType,
  sourceId: frame.sourceId(),
  destId: frame.destId(),
  body: frame.body().slice(),
});

/** The body of an information. */
export const informationBody = (informationType: number, content: Uint8Array | null): Uint8Array =>
  codecs.BinaryInformationContract.encode({ Content: content, InformationType: informationType });

/**
 * The programs on the hosts of the demo: a client that logs on and sends numbered messages, and servers. Each drives the
 * engine as an application does, and tells what it sees.
 */
import {
  DisconnectedType,
  LogonResult,
  P2PChannelMode,
  ProtocolType,
  createServerLookup,
  platformEngineFactory,
  rapidEngineFactory,
} from '../../impl/index.ts';
import type { RapidPassiveEngine, RapidServerEngine } from '../../impl/index.ts';
import type { Endpoint, Platform } from '../../spec/platform.ts';
import type { Transport } from './plan.ts';
import { messageOf } from './stage.ts';
import type { DemoStage } from './stage.ts';

const SECOND = 1_000_000;
export const PORT = 4_530;
export const ACMS_PORTS = { service: 11_000, transfer: 12_000 } as const;
/** So short that a silent end is noticed while one watches. */
const HEARTBEAT_SECS = 2;
const SECRET = 'a secret of this cluster';

/** What a client does. */
export type ClientRole = {
  readonly host: string;
  /** How long after its host it starts. */
  readonly startMicros: number;
  /** Where the server is, or the platform server that knows one. */
  readonly server: Endpoint | { readonly acms: string };
  /** Who its messages are for. */
  readonly partner: string;
  /** Whether it tries to reach the partner directly. */
  readonly invites: boolean;
  readonly transport: Transport;
  /** Messages a second. */
  readonly rate: number;
};

const MODES = {
  udp: P2PChannelMode.Udp,
  tcp: P2PChannelMode.Tcp,
  both: P2PChannelMode.TcpAndUdp,
} as const;

/** Resolves after so long on the host's own clock; never when the host crashes. */
function sleep(platform: Platform, micros: number): Promise<void> {
  return new Promise((resolve) => {
    platform.setTimer(micros, () => {
      resolve();
      platform.noteAsyncEdge();
    });
  });
}

/** A client: logs on until it works, then sends for ever. */
export async function runClient(stage: DemoStage, platform: Platform, role: ClientRole): Promise<void> {
  const engine = rapidEngineFactory.createPassiveEngine(platform);
  engine.heartBeatSpanInSecs = HEARTBEAT_SECS;
  engine.waitResponseTimeoutInSecs = 5;
  engine.advanced.reconnectDelaySecs = [0.5, 1, 2];
  if ('acms' in role.server) {
    engine.advanced.serverLookup = createServerLookup(platform, {
      address: role.server.acms,
      port: ACMS_PORTS.service,
    });
  }
  follow(stage, engine, role);
  await sleep(platform, role.startMicros);
  await logOn(stage, platform, engine, role);
  if (role.invites) void keepInviting(platform, engine, role);
  const spanMicros = Math.round(SECOND / role.rate);
  for (let number = 1; ; number += 1) {
    if (engine.connected) send(stage, engine, role, number);
    await sleep(platform, spanMicros);
  }
}

function follow(stage: DemoStage, engine: RapidPassiveEngine, { host, transport }: ClientRole): void {
  engine.connectionInterrupted.add(() => stage.tell(host, 'the connection to the server is lost', 'offline'));
  engine.connectionRebuildStart.add(() => stage.tell(host, 'tries to reach the server again', 'reconnecting'));
  engine.relogonCompleted.add(({ logonResult }) => {
    const where = `${engine.serverAddress.address}:${engine.serverAddress.port}`;
    if (logonResult === LogonResult.Succeed) stage.tell(host, `logged on again, at ${where}`, 'online');
    else stage.tell(host, `the logon was refused (${logonResult})`, 'refused');
  });
  const p2p = engine.p2pController;
  if (p2p === null) return;
  p2p.p2pChannelMode = MODES[transport];
  p2p.p2pChannelOpened.add(({ destUserID, destIPE, protocolType }) => {
    const over = protocolType === ProtocolType.Tcp ? 'TCP' : 'UDP';
    stage.tell(
      host,
      `direct channel to ${destUserID} over ${over}, at ${destIPE.address}:${destIPE.port}`,
      `direct over ${over}`,
    );
  });
  p2p.p2pChannelClosed.add(({ destUserID }) => {
    stage.tell(host, `the direct channel to ${destUserID} is closed`, engine.connected ? 'online' : 'offline');
  });
  p2p.p2pConnectFailed.add((userID) => stage.tell(host, `no direct way to ${userID}: messages go by the server`));
}

async function logOn(
  stage: DemoStage,
  platform: Platform,
  engine: RapidPassiveEngine,
  role: ClientRole,
): Promise<void> {
  const { host } = role;
  const handler = {
    handleInformation: (source: string | null, number: number): void => {
      const letter = stage.letters.findLast(
        (each) => each.from === source && each.to === host && each.number === number,
      );
      if (letter !== undefined && letter.arrivedMicros < 0) letter.arrivedMicros = stage.world.nowMicros;
    },
    handleQuery: (): null => null,
  };
  for (;;) {
    stage.tell(host, 'logs on', 'logging on');
    try {
      const server = 'acms' in role.server ? await engine.advanced.serverLookup!() : role.server;
      if (server === null) throw new Error('the platform server has no server for it');
      const { logonResult } = await engine.initialize(host, null, server.address, server.port, handler);
      if (logonResult !== LogonResult.Succeed) throw new Error(`refused (${logonResult})`);
      stage.tell(host, `logged on at ${server.address}:${server.port}`, 'online');
      return;
    } catch (error) {
      stage.tell(host, `the logon failed: ${messageOf(error)}`, 'offline');
    }
    await sleep(platform, SECOND);
  }
}

/** Tries until there is a channel, and again when there is none any more. */
async function keepInviting(platform: Platform, engine: RapidPassiveEngine, { partner }: ClientRole): Promise<void> {
  for (;;) {
    await sleep(platform, SECOND / 2);
    const p2p = engine.p2pController;
    if (p2p === null) return;
    if (!engine.connected || p2p.isP2PChannelExist(partner)) continue;
    const isThere = await engine.basicOutter.isUserOnline(partner).catch(() => false);
    if (!isThere) continue;
    try {
      p2p.p2pConnectAsyn(partner);
    } catch {
      // The connection was lost in between; it goes on when there is one again.
    }
    await sleep(platform, 9 * SECOND);
  }
}

function send(stage: DemoStage, engine: RapidPassiveEngine, { host, partner }: ClientRole, number: number): void {
  const way = engine.p2pController?.isP2PChannelExist(partner) === true ? 'direct' : 'by server';
  const letter = stage.letter(host, partner, number, way);
  const text = `message ${number} of ${host}`;
  const settle = (isAcknowledged: boolean): void => {
    if (letter !== undefined) Object.assign(letter, { endMicros: stage.world.nowMicros, isAcknowledged });
  };
  const info = Uint8Array.from(text, (character) => character.charCodeAt(0));
  engine.customizeOutter.sendCertainly(partner, number, info).then(
    () => settle(true),
    () => settle(false),
  );
}

/** A server on its own. */
export async function runServer(stage: DemoStage, platform: Platform, host: string): Promise<void> {
  const engine = rapidEngineFactory.createServerEngine(platform);
  followServer(stage, engine, host);
  await engine.initialize(PORT, null);
  stage.tell(host, `listens at port ${PORT}`, 'no clients');
}

/** A server of a cluster. */
export async function runMember(
  stage: DemoStage,
  platform: Platform,
  host: string,
  acms: { readonly address: string; readonly id: string },
): Promise<void> {
  const engine = platformEngineFactory.createServerEngine(
    platform,
    acms.id,
    acms.address,
    ACMS_PORTS.service,
    ACMS_PORTS.transfer,
  );
  engine.acmsSecret = SECRET;
  engine.useAsP2PServer = false;
  followServer(stage, engine, host);
  engine.platformConnectionInterrupted.add(() => stage.tell(host, 'the connection to the platform server is lost'));
  engine.platformConnectionRebuild.add(() => stage.tell(host, 'connected to the platform server again'));
  for (;;) {
    try {
      await engine.initialize(PORT, null);
      stage.tell(host, `member ${acms.id} of the cluster, listens at port ${PORT}`, 'no clients');
      return;
    } catch (error) {
      stage.tell(host, `cannot join the cluster: ${messageOf(error)}`, 'not a member');
      await sleep(platform, SECOND);
    }
  }
}

/** Why a server says that a client is gone. */
const ENDS: Readonly<Record<number, string>> = {
  [DisconnectedType.NetworkInterrupted]: 'the connection broke',
  [DisconnectedType.InvalidMessage]: 'it sent what is no message',
  [DisconnectedType.HeartBeatTimeout]: 'no sign of life',
  [DisconnectedType.BeingPushedOut]: 'it logged on anew',
};

function followServer(stage: DemoStage, engine: RapidServerEngine, host: string): void {
  const { userManager } = engine;
  engine.autoRespondHeartBeat = true;
  engine.heartbeatTimeoutInSecs = 4 * HEARTBEAT_SECS;
  const state = (): string => {
    const { userCount } = userManager;
    if (userCount === 0) return 'no clients';
    return userCount === 1 ? '1 client' : `${userCount} clients`;
  };
  userManager.someOneConnected.add(({ userID }) => stage.tell(host, `${userID} is online`, state()));
  userManager.someOneDisconnected.add(({ userID }, type) =>
    stage.tell(host, `${userID} is gone: ${ENDS[type] ?? type}`, state()),
  );
}

export { SECRET };

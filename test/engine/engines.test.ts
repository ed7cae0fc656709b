import { expect, test } from 'vitest';
import { globalUtil, rapidEngineFactory } from '../../impl/index.ts';
import type { RapidPassiveEngine, RapidServerEngine } from '../../impl/index.ts';
import { onStage, PORT } from './stage.ts';
import type { Stage } from './stage.ts';

const late = { code: 'E_SETTING_LATE', clause: 'ENG-003' };
const throwing = (error: object): unknown => expect.objectContaining(error);

test('ENG-003, LIM-011: every setting can be changed before initialize and none after', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const { engine } = await stage.loggedOn('alice');
    const serverSettings: ((of: RapidServerEngine) => unknown)[] = [
      (of) => (of.heartbeatTimeoutInSecs = 1),
      (of) => (of.waitResponseTimeoutInSecs = 1),
      (of) => (of.autoRespondHeartBeat = true),
      (of) => (of.writeTimeoutInSecs = 1),
      (of) => (of.ipAddressBinding = null),
      (of) => (of.maxConnectionCount = 1),
      (of) => (of.authorizedUser = 'x'),
      (of) => (of.version = 1),
      (of) => (of.maxLengthOfUserID = 5),
      (of) => (of.maxLengthOfMessage = 500),
      (of) => (of.advanced.emptyConnectionTimeoutInSecs = 1),
      (of) => (of.advanced.blobBytesMax = 1),
      (of) => (of.advanced.maxChannelCacheSize = 1),
      (of) => (of.userManager.relogonMode = 0),
    ];
    const clientSettings: ((of: RapidPassiveEngine) => unknown)[] = [
      (of) => (of.heartBeatSpanInSecs = 1),
      (of) => (of.waitResponseTimeoutInSecs = 1),
      (of) => (of.autoReconnect = false),
      (of) => (of.systemToken = 'x'),
      (of) => (of.clientType = 5),
      (of) => (of.authorizedUser = 'x'),
      (of) => (of.version = 1),
      (of) => (of.maxLengthOfUserID = 5),
      (of) => (of.maxLengthOfMessage = 500),
      (of) => (of.advanced.heartbeatTimeoutInSecs = 1),
      (of) => (of.advanced.blobBytesMax = 1),
      (of) => (of.advanced.reconnectDelaySecs = [1]),
      (of) => (of.advanced.writeTimeoutInSecs = 1),
    ];
    const { platform } = stage.addHost('other');
    for (const set of serverSettings) {
      set(rapidEngineFactory.createServerEngine(platform));
      expect(() => set(server), set.toString()).toThrow(throwing(late));
    }
    for (const set of clientSettings) {
      set(rapidEngineFactory.createPassiveEngine(platform));
      expect(() => set(engine), set.toString()).toThrow(throwing(late));
    }
    expect([server.maxLengthOfUserID, engine.heartBeatSpanInSecs]).toEqual([11, 10]);
  }));

test('LIM-002, ERR-001: settings out of range are refused by name, value and limit', () =>
  onStage((stage) => {
    const { platform } = stage.addHost('host');
    const server = rapidEngineFactory.createServerEngine(platform);
    const client = rapidEngineFactory.createPassiveEngine(platform);
    const bad: [() => unknown, RegExp][] = [
      [() => (server.maxLengthOfUserID = 0), /1 to 255, got 0/],
      [() => (client.maxLengthOfUserID = 256), /1 to 255, got 256/],
      [() => (server.maxLengthOfMessage = 15), /16 to 2147483647, got 15/],
      [() => (server.heartbeatTimeoutInSecs = Number.NaN), /heartbeatTimeoutInSecs.*NaN/],
      [() => (server.maxConnectionCount = -1), /maxConnectionCount.*-1/],
      [() => (server.userManager.relogonMode = 2 as 0), /relogonMode.*2/],
      [() => (client.clientType = 9 as 0), /clientType.*0 to 8, got 9/],
      [() => (client.advanced.reconnectDelaySecs = []), /at least one/],
      [() => globalUtil.setMaxLengthOfUserID(0), /1 to 255, got 0/],
      [() => globalUtil.setMaxLengthOfMessage(-1), /got -1/],
    ];
    for (const [set, text] of bad) {
      expect(set, set.toString()).toThrow(
        throwing({ code: 'E_ARGUMENT', message: expect.stringMatching(text) as string }),
      );
    }
    return Promise.resolve();
  }));

test('LIM-002, LIM-005: globalUtil sets the defaults of engines made afterwards', () =>
  onStage((stage) => {
    const { platform } = stage.addHost('host');
    const before = rapidEngineFactory.createPassiveEngine(platform);
    try {
      globalUtil.setMaxLengthOfUserID(20);
      globalUtil.setMaxLengthOfMessage(2_000_000);
      globalUtil.setAuthorizedUser('Licensee', 'password');
      const after = rapidEngineFactory.createServerEngine(platform);
      expect([after.maxLengthOfUserID, after.maxLengthOfMessage, after.authorizedUser]).toEqual([
        20,
        2_000_000,
        'Licensee',
      ]);
      expect([before.maxLengthOfUserID, before.maxLengthOfMessage, before.authorizedUser]).toEqual([
        11,
        1_048_576,
        'FreeUser',
      ]);
    } finally {
      globalUtil.setMaxLengthOfUserID(11);
      globalUtil.setMaxLengthOfMessage(1_048_576);
      globalUtil.setAuthorizedUser('FreeUser');
    }
    return Promise.resolve();
  }));

/** Calls that need a running client; the same for "not yet" and "no more". */
const clientCalls = ({ basicOutter, customizeOutter }: RapidPassiveEngine): (() => unknown)[] => [
  () => customizeOutter.send(1, null),
  () => customizeOutter.transferByServer('bob', 1, null),
  () => basicOutter.kickOut('bob'),
  () => basicOutter.sendHeartBeatMessage(),
];
const clientPromises = (
  { basicOutter, customizeOutter, ...engine }: RapidPassiveEngine,
  of: RapidPassiveEngine,
): Promise<unknown>[] => [
  customizeOutter.query(1, null),
  customizeOutter.sendCertainly(null, 1, null),
  customizeOutter.sendBlob(null, 1, null, 1),
  of.sendMessage(null, 1, null, null),
  basicOutter.ping(),
  basicOutter.pingByServer('bob'),
  basicOutter.getMyIPE(),
  basicOutter.getUserIPE('bob'),
  basicOutter.isUserOnline('bob'),
  basicOutter.isUserOnline(['bob']),
  basicOutter.getAllOnlineUsers(),
  ...(Object.keys(engine).length > 100 ? [Promise.resolve()] : []),
];
const serverCalls = (server: RapidServerEngine): (() => unknown)[] => [
  () => server.port,
  () => server.basicController.kickOut('x'),
  () => server.customizeController.send('x', 1, null),
  () => server.userManager.isUserOnLine('x'),
  () => server.userManager.getOnlineUserList(),
  () => server.userManager.getUserData('x'),
  () => server.userManager.setTag('x', 1),
];
const refuse = async (code: string, calls: (() => unknown)[], promises: Promise<unknown>[]): Promise<void> => {
  for (const call of calls) expect(call, call.toString()).toThrow(throwing({ code }));
  for (const promise of promises) await expect(promise).rejects.toMatchObject({ code });
};

test('ENG-004, CUS-011: everything is refused before initialize has succeeded, and after close', () =>
  onStage(async (stage) => {
    const { platform } = stage.addHost('host');
    const idle = rapidEngineFactory.createServerEngine(platform);
    await refuse('E_NOT_INITIALIZED', serverCalls(idle), [idle.sendMessage('x', 1, null, null)]);
    const alice = stage.client('alice');
    const properties = (): (() => unknown)[] => [
      () => alice.engine.currentUserID,
      () => alice.engine.serverAddress,
      () => alice.engine.channelIsBusy,
    ];
    const calls = clientCalls(alice.engine);
    await refuse('E_NOT_INITIALIZED', [...calls, ...properties()], clientPromises(alice.engine, alice.engine));
    await stage.startServer();
    await alice.logon();
    await expect(alice.logon()).rejects.toMatchObject({ code: 'E_ARGUMENT' });
    alice.engine.close();
    await refuse('E_CLOSED', [...calls, ...properties()], clientPromises(alice.engine, alice.engine));
    await expect(alice.logon()).rejects.toMatchObject({ code: 'E_CLOSED' });
    stage.server.close();
    await refuse('E_CLOSED', serverCalls(stage.server), [stage.server.initialize(PORT, null)]);
  }));

test('RCN-011, ENG-005, ENG-014: close ends all, twice over, and raises nothing', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const alice = await stage.loggedOn('alice');
    const raw = await stage.rawLoggedOn('raw');
    const stranger = await stage.rawPeer('stranger');
    stage.journal.length = 0;
    const asked = expect(server.customizeController.queryLocalClient('raw', 1, null)).rejects.toMatchObject({
      code: 'E_DISCONNECTED',
    });
    server.close();
    server.close();
    await asked;
    await stage.until(() => raw.isOver && stranger.isOver && !alice.engine.connected);
    expect(stage.journal).toEqual([]);
    expect([server.connectionCount, server.userManager.userCount]).toEqual([0, 0]);
    alice.engine.close();
    await stage.sleep(30);
    expect(alice.events).toEqual(['interrupted', 'rebuildStart']);
  }));

test('close during initialize ends both kinds of engine with E_CLOSED', () =>
  onStage(async (stage) => {
    stage.serverHost = stage.addHost('server');
    const server = rapidEngineFactory.createServerEngine(stage.serverHost.platform);
    const starting = expect(server.initialize(PORT, null)).rejects.toMatchObject({ code: 'E_CLOSED' });
    server.close();
    await starting;
    const alice = stage.client('alice');
    const connecting = expect(alice.logon()).rejects.toMatchObject({ code: 'E_CLOSED' });
    alice.engine.close();
    await connecting;
  }));

test('ENG-006, ENG-007: a port in use is refused by number; another one works, 0 takes any', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const second = rapidEngineFactory.createServerEngine(stage.serverHost.platform);
    await expect(second.initialize(PORT, null)).rejects.toMatchObject({
      code: 'E_ADDRINUSE',
      clause: 'ENG-006',
      message: expect.stringContaining(String(PORT)) as string,
    });
    await second.initialize(0, null);
    expect(second.port).toBeGreaterThan(0);
    expect(second.port).not.toBe(PORT);
    second.close();
  }));

test('ENG-009: a client that does not read is closed when nothing moves for the write timeout', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const reader = await stage.rawLoggedOn('reader');
    const stuck = await stage.rawLoggedOn('stuck');
    stuck.connection.pause();
    for (let i = 0; i < 20; i++) {
      server.customizeController.send('reader', 1, new Uint8Array(100_000));
      server.customizeController.send('stuck', 1, new Uint8Array(100_000));
    }
    await stage.sleep(4);
    expect(server.userManager.getOnlineUserList()).toEqual(['reader', 'stuck']);
    await stage.sleep(3);
    expect(server.userManager.getOnlineUserList()).toEqual(['reader']);
    expect(stage.journal.slice(-2)).toEqual([
      ['disconnected', 'stuck', 0],
      ['count', 1],
    ]);
    expect(reader.frames).toHaveLength(21);
  }));

test('ENG-009: a server that does not read is a broken connection after the client’s write timeout', () =>
  onStage(async (stage) => {
    stage.serverHost = stage.addHost('server');
    const server = rapidEngineFactory.createServerEngine(stage.serverHost.platform);
    await server.initialize(PORT, null);
    const alice = await stage.loggedOn('alice', (engine) => {
      engine.advanced.writeTimeoutInSecs = 20;
      engine.autoReconnect = false;
    });
    stage.serverHost.host.pause();
    for (let i = 0; i < 20; i++) alice.engine.customizeOutter.send(1, new Uint8Array(100_000));
    await stage.sleep(19);
    expect(alice.events).toEqual([]);
    await stage.sleep(5);
    expect(alice.events).toEqual(['interrupted']);
    stage.serverHost.host.resume();
    server.close();
  }));

test('a channel above maxChannelCacheSize is closed as ChannelCacheOverflow', () =>
  onStage(async (stage) => {
    const server = await stage.startServer({ configure: (engine) => (engine.advanced.maxChannelCacheSize = 500_000) });
    const stuck = await stage.rawLoggedOn('stuck');
    stuck.connection.pause();
    for (let i = 0; i < 20; i++) server.customizeController.send('stuck', 1, new Uint8Array(100_000));
    expect(stage.journal.slice(-2)).toEqual([
      ['disconnected', 'stuck', 6],
      ['count', 0],
    ]);
  }));

/** Two runs of one seed must not differ in a single packet. */
const story = async (stage: Stage): Promise<void> => {
  await stage.startServer();
  const alice = await stage.loggedOn('alice');
  const bob = await stage.loggedOn('bob');
  await alice.engine.customizeOutter.query('bob', 1, null);
  alice.engine.closeConnection(false);
  await stage.until(() => alice.engine.connected);
  await bob.engine.customizeOutter.sendBlob('alice', 1, new Uint8Array(100_000), 5000);
};

test('equal seeds give equal runs, another seed another one', async () => {
  const digests: string[] = [];
  for (const seed of [3, 3, 4]) {
    await onStage(async (stage) => {
      await story(stage);
      digests.push(stage.world.digest());
    }, seed);
  }
  expect(digests[0]).toBe(digests[1]);
  expect(digests[0]).not.toBe(digests[2]);
});

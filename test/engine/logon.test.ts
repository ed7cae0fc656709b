import { expect, test } from 'vitest';
import { MessageType } from '../../spec/grammar/index.ts';
import { codecs } from '../../impl/wire/index.ts';
import { informationBody, logonResultOf, onStage, PORT } from './stage.ts';

test('LOG-003, LOG-009 to LOG-011, LOG-020: a logon binds, and both ends know it', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const alice = stage.client('alice');
    expect(alice.engine.connected).toBe(false);
    expect(await alice.logon()).toEqual({ logonResult: 0, failureCause: null });
    expect(alice.engine.connected).toBe(true);
    expect(alice.engine.currentUserID).toBe('alice');
    expect(alice.engine.serverAddress).toEqual({ address: stage.address, port: PORT });
    expect(stage.journal).toEqual([
      ['connected', 'alice'],
      ['count', 1],
    ]);
    expect([server.userManager.userCount, server.connectionCount, server.port]).toEqual([1, 1, PORT]);
  }));

test('LOG-002, LOG-015: verifyUser gets token, id and password once, null for what is not set', () =>
  onStage(async (stage) => {
    const asked: unknown[] = [];
    const verifyUser = (...given: unknown[]): { ok: boolean } => {
      asked.push(given);
      return { ok: true };
    };
    await stage.startServer({ basic: { verifyUser } });
    await stage.client('alice', (engine) => (engine.systemToken = 'token')).logon('secret');
    await stage.client('bob').logon();
    expect(asked).toEqual([
      ['token', 'alice', 'secret'],
      [null, 'bob', null],
    ]);
  }));

test.each([
  [
    'says no with a cause',
    (): { ok: boolean; failureCause?: string } => ({ ok: false, failureCause: 'wrong ü' }),
    'wrong ü',
  ],
  ['says no without one', () => ({ ok: false }), null],
  [
    'throws (LOG-012)',
    () => {
      throw new Error('no database');
    },
    'no database',
  ],
  ['rejects (LOG-012)', () => Promise.reject(new Error('no database')), 'no database'],
])('LOG-004, LOG-005: a logon is refused when verifyUser %s', (_, verifyUser, failureCause) =>
  onStage(async (stage) => {
    await stage.startServer({ basic: { verifyUser } });
    const alice = stage.client('alice');
    expect(await alice.logon()).toEqual({ logonResult: 1, failureCause });
    expect(alice.engine.connected).toBe(false);
    await stage.sleep(1);
    expect(stage.server.connectionCount).toBe(0);
    expect(stage.journal).toEqual([]);
    expect(() => alice.engine.customizeOutter.send(1, null)).toThrow(
      expect.objectContaining({ code: 'E_NOT_INITIALIZED' }),
    );
  }),
);

test('LOG-004: the refusal arrives before FIN, not RST', () =>
  onStage(async (stage) => {
    await stage.startServer({ basic: { verifyUser: () => ({ ok: false }) } });
    const peer = await stage.rawPeer('alice');
    peer.sendLogon();
    await stage.until(() => peer.peerEnded);
    expect(peer.frames.map(logonResultOf)).toEqual([1]);
    expect(peer.frames[0]).toMatchObject({
      messageType: 9,
      messageId: 1,
      clientType: 8,
      sourceId: '_0',
      destId: 'alice',
    });
    expect(peer.closed).toBeUndefined();
  }));

test.each([
  ['version', { version: 5 }],
  ['account', { authorizedUser: 'Somebody' }],
])('LOG-006: another %s is VersionMismatched, and verifyUser is not asked', (_, other) =>
  onStage(async (stage) => {
    let asked = 0;
    await stage.startServer({ basic: { verifyUser: () => ({ ok: ++asked > 0 }) } });
    const peer = await stage.rawPeer('alice');
    peer.connection.write(peer.logonFrame(null, other));
    await stage.until(() => peer.peerEnded);
    expect([peer.frames.map(logonResultOf), asked]).toEqual([[3], 0]);
  }),
);

test('LOG-007: no listener gives E_CONNECT', () =>
  onStage(async (stage) => {
    stage.serverHost = stage.addHost('server');
    await expect(stage.client('alice').logon()).rejects.toMatchObject({ code: 'E_CONNECT', clause: 'LOG-007' });
  }));

test('LOG-007: a silent server gives E_TIMEOUT after the waiting time, and initialize may be tried again', () =>
  onStage(async (stage) => {
    stage.serverHost = stage.addHost('server');
    const { platform } = stage.serverHost;
    const listener = platform.listenTcp(
      { port: PORT },
      {
        onConnection: (tcp) => ({ onData: () => undefined, onEnd: () => tcp.end(), onClosed: () => undefined }),
        onError: () => undefined,
      },
    );
    const alice = stage.client('alice', (engine) => (engine.waitResponseTimeoutInSecs = 5));
    await expect(alice.logon()).rejects.toMatchObject({ code: 'E_TIMEOUT', message: 'Timeout waiting for reply !' });
    expect(stage.nowSecs).toBeGreaterThanOrEqual(5);
    expect(stage.nowSecs).toBeLessThan(5.5);
    listener.close();
    await stage.sleep(1);
    await expect(alice.logon()).rejects.toMatchObject({ code: 'E_CONNECT' });
  }));

test('LOG-007: a server that hangs up before its answer gives E_CONNECT', () =>
  onStage(async (stage) => {
    stage.serverHost = stage.addHost('server');
    const listener = stage.serverHost.platform.listenTcp(
      { port: PORT },
      { onConnection: (tcp) => ({ onData: () => tcp.end(), onClosed: () => undefined }), onError: () => undefined },
    );
    await expect(stage.client('alice').logon()).rejects.toMatchObject({ code: 'E_CONNECT' });
    listener.close();
  }));

test('LOG-008: a second Logon on a bound connection is answered HadLoggedOn and changes nothing', () =>
  onStage(async (stage) => {
    let asked = 0;
    await stage.startServer({ basic: { verifyUser: () => ({ ok: ++asked > 0 }) } });
    const peer = await stage.rawLoggedOn('alice');
    peer.send(
      MessageType.Logon,
      codecs.ReqLogonContract.encode({ AuthorizedUser: 'x', Password: null, SystemToken: null, Version: 1 }),
      {
        messageId: 77,
      },
    );
    await stage.until(() => peer.frames.length === 2);
    expect([logonResultOf(peer.frames[1]!), peer.frames[1]!.messageId, asked]).toEqual([2, 77, 1]);
    expect(stage.server.userManager.isUserOnLine('alice')).toBe(true);
    expect(stage.journal).toHaveLength(2);
  }));

test('LOG-013: what an event handler sends comes after the Succeed answer', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    server.userManager.someOneConnected.add(({ userID }) => server.customizeController.send(userID, 5, null));
    const alice = await stage.loggedOn('alice');
    await stage.settle(alice);
    expect(alice.received).toEqual([[null, 5, null]]);
  }));

test('messages that follow the Logon at once are handled when an asynchronous verifyUser has agreed', () =>
  onStage(async (stage) => {
    await stage.startServer({ basic: { verifyUser: () => stage.sleep(2).then(() => ({ ok: true })) } });
    const peer = await stage.rawPeer('alice');
    peer.sendLogon();
    peer.send(MessageType.InformationBySend, informationBody(1, null));
    await stage.sleep(1);
    peer.send(MessageType.InformationBySend, informationBody(2, null));
    expect(stage.journal).toEqual([]);
    await stage.sleep(2);
    expect(stage.journal.slice(2)).toEqual([
      ['received', 'alice', null, 1],
      ['information', 'alice', 1, null],
      ['received', 'alice', null, 2],
      ['information', 'alice', 2, null],
    ]);
  }));

const joined = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

test('the same in one chunk with the Logon, up to and without what is invalid', () =>
  onStage(async (stage) => {
    await stage.startServer({ basic: { verifyUser: () => stage.sleep(2).then(() => ({ ok: true })) } });
    const peer = await stage.rawPeer('alice');
    const information = peer.frame(MessageType.InformationBySend, informationBody(1, null));
    peer.connection.write(joined(peer.logonFrame(), information, Uint8Array.of(0x47), information));
    await stage.until(() => peer.isOver);
    expect(stage.journal).toEqual([
      ['connected', 'alice'],
      ['count', 1],
      ['received', 'alice', null, 1],
      ['information', 'alice', 1, null],
      ['invalid', 'InvalidToken'],
      ['disconnected', 'alice', 1],
      ['count', 0],
    ]);
  }));

test('SEC-011: while a logon is decided no more is read than one chunk', () =>
  onStage(async (stage) => {
    await stage.startServer({ basic: { verifyUser: () => stage.sleep(5).then(() => ({ ok: true })) } });
    const peer = await stage.rawPeer('alice');
    peer.sendLogon();
    const information = peer.frame(MessageType.InformationBySend, informationBody(1, new Uint8Array(10_000)));
    for (let i = 0; i < 100; i++) peer.connection.write(information);
    await stage.sleep(4);
    // A megabyte does not fit into the buffers on the way when the server does not read.
    expect(peer.connection.queuedBytes).toBeGreaterThan(500_000);
    await stage.until(() => stage.journal.length === 202);
  }));

test('LIM-003, ERR-001: initialize refuses bad UserIDs and arguments without a connection', () =>
  onStage(async (stage) => {
    await stage.startServer();
    for (const bad of ['', '_0', '_x', 'twelve-bytes', 'ääääää', '\ud800']) {
      await expect(stage.client('x').engine.initialize(bad, null, stage.address, PORT, null)).rejects.toMatchObject({
        code: 'E_USER_ID',
        clause: 'LIM-003',
      });
    }
    const { engine } = stage.client('y');
    await expect(engine.initialize('y', null, stage.address, 0, null)).rejects.toMatchObject({ code: 'E_ARGUMENT' });
    await expect(engine.initialize('y', 'p'.repeat(1_048_576), stage.address, PORT, null)).rejects.toMatchObject({
      code: 'E_MESSAGE_SIZE',
    });
    expect(stage.server.connectionCount).toBe(0);
    expect((await engine.initialize('1#abc001', null, stage.address, PORT, null)).logonResult).toBe(0);
  }));

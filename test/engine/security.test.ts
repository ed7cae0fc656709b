import { expect, test } from 'vitest';
import { MessageType } from '../../spec/grammar/index.ts';
import { codecs, encodeFrame } from '../../impl/wire/index.ts';
import { bytes, informationBody, logonResultOf, onStage, PORT } from './stage.ts';
import type { Client, RawPeer, Stage } from './stage.ts';

const damaged = (peer: RawPeer, change: (frame: Uint8Array) => void): Uint8Array => {
  const frame = peer.frame(MessageType.HeartBeat).slice();
  change(frame);
  return frame;
};
const int32 = (frame: Uint8Array, at: number, value: number): void =>
  new DataView(frame.buffer).setInt32(at, value, true);

const INVALID: [string, (peer: RawPeer) => Uint8Array][] = [
  ['InvalidToken', (peer) => damaged(peer, (frame) => (frame[0] = 0xe4))],
  ['InvalidClientType', (peer) => damaged(peer, (frame) => (frame[1] = 9))],
  ['InvalidHeader', (peer) => damaged(peer, (frame) => int32(frame, 4, -1))],
  ['InvalidHeader', (peer) => damaged(peer, (frame) => (frame[12] = 12))],
  ['MessageSizeOverflow', (peer) => damaged(peer, (frame) => int32(frame, 4, 1_048_541))],
  ['DataLacked', (peer) => peer.frame(MessageType.InformationBySend, bytes(1, 2, 3))],
  ['DataLacked', (peer) => peer.frame(MessageType.InformationBySend)],
  ['DataLacked', (peer) => peer.frame(MessageType.InformationBySend, bytes(1, 2, 3), { destId: 'bob' })],
  ['DataLacked', (peer) => peer.frame(MessageType.Response, bytes(1, 2, 3), { destId: 'bob' })],
  ['DataLacked', (peer) => peer.frame(MessageType.BlobInformation, bytes(1, 2, 3), { destId: 'bob' })],
  ['DataLacked', (peer) => peer.frame(MessageType.PingByServer, null, { destId: 'bob' })],
];

test.each(INVALID)(
  'SEC-001 to SEC-003, SEC-008, SEC-012: %s closes, then tells; what came before is handled',
  (kind, bad) =>
    onStage(async (stage) => {
      const server = await stage.startServer();
      const bob = await stage.loggedOn('bob');
      const peer = await stage.rawLoggedOn('raw');
      stage.journal.length = 0;
      server.invalidMsgReceived.add((address) => {
        stage.journal.push(['still connected', server.connectionCount, address.port === peer.connection.local.port]);
      });
      const before = peer.frame(MessageType.InformationBySend, informationBody(1, null));
      const after = peer.frame(MessageType.InformationBySend, informationBody(2, null));
      const all = [before, bad(peer), after];
      const joined = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of all) {
        joined.set(part, at);
        at += part.length;
      }
      peer.connection.write(joined);
      await stage.until(() => peer.isOver);
      expect(stage.journal).toEqual([
        ['received', 'raw', null, 1],
        ['information', 'raw', 1, null],
        ['invalid', kind],
        ['still connected', 1, true],
        ['disconnected', 'raw', 1],
        ['count', 1],
      ]);
      await stage.settle(bob);
      expect([bob.received, bob.events]).toEqual([[], []]);
    }),
);

test('FRM-018: a stream that ends inside a message is DataLacked', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const peer = await stage.rawLoggedOn('raw');
    peer.connection.write(peer.frame(MessageType.HeartBeat).subarray(0, 20));
    peer.connection.end();
    await stage.until(() => peer.closed !== undefined);
    expect(stage.journal.slice(2)).toEqual([
      ['invalid', 'DataLacked'],
      ['disconnected', 'raw', 1],
      ['count', 0],
    ]);
  }));

test('invalid data before a logon is told as well, and there is no user to take leave of', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const peer = await stage.rawPeer('raw');
    peer.connection.write(bytes(0x47, 0x45, 0x54));
    await stage.until(() => peer.isOver);
    expect(stage.journal).toEqual([['invalid', 'InvalidToken']]);
  }));

test('SEC-004: anything but Logon from a stranger closes without a word', () =>
  onStage(async (stage) => {
    await stage.startServer();
    for (const type of [MessageType.HeartBeat, MessageType.InformationBySend, 9999]) {
      const peer = await stage.rawPeer('raw');
      peer.send(type, informationBody(1, null));
      await stage.until(() => peer.isOver);
      expect(peer.frames).toEqual([]);
    }
    expect(stage.journal).toEqual([]);
    expect(stage.logLines.filter((line) => line.includes('SEC-004'))).toHaveLength(3);
  }));

test.each([
  ['another user', 'bob'],
  ['the server', '_0'],
  ['nobody', ''],
])('SEC-005: a message in the name of %s closes the liar', (_, sourceId) =>
  onStage(async (stage) => {
    await stage.startServer();
    const bob = await stage.loggedOn('bob');
    const peer = await stage.rawLoggedOn('raw');
    stage.journal.length = 0;
    peer.send(MessageType.InformationBySend, informationBody(1, null), { sourceId, destId: 'bob' });
    peer.send(MessageType.InformationBySend, informationBody(2, null));
    await stage.until(() => peer.isOver);
    await stage.settle(bob);
    expect(bob.received).toEqual([]);
    expect(stage.journal).toEqual([
      ['disconnected', 'raw', 2],
      ['count', 1],
    ]);
  }),
);

test('SEC-006, SEC-007: who does not log on in time is closed, silent or not', () =>
  onStage(async (stage) => {
    await stage.startServer({ basic: { verifyUser: () => new Promise<never>(() => undefined) } });
    const silent = await stage.rawPeer('silent');
    const dawdling = await stage.rawPeer('raw');
    dawdling.connection.write(dawdling.logonFrame().subarray(0, 10));
    const undecided = await stage.rawPeer('raw');
    undecided.sendLogon();
    await stage.sleep(14.8);
    expect([silent, dawdling, undecided].map((peer) => peer.isOver)).toEqual([false, false, false]);
    await stage.sleep(0.5);
    expect([silent, dawdling, undecided].map((peer) => peer.isOver)).toEqual([true, true, true]);
    expect(stage.server.connectionCount).toBe(0);
  }));

test('SEC-006: 0 switches the check off', () =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.advanced.emptyConnectionTimeoutInSecs = 0) });
    const silent = await stage.rawPeer('silent');
    await stage.sleep(300);
    expect(silent.isOver).toBe(false);
  }));

test('SEC-010: system names cannot log on', () =>
  onStage(async (stage) => {
    let asked = 0;
    await stage.startServer({ basic: { verifyUser: () => ({ ok: ++asked > 0 }) } });
    for (const userID of ['', '_0', '_x']) {
      const peer = await stage.rawPeer(userID);
      peer.sendLogon();
      await stage.until(() => peer.peerEnded);
      expect(peer.frames.map(logonResultOf)).toEqual([1]);
    }
    expect(asked).toBe(0);
  }));

test('FRM-008, SEC-013, SEC-015, FRM-023, FRM-029: unknown and server-only types change nothing and go nowhere', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const bob = await stage.loggedOn('bob');
    const peer = await stage.rawLoggedOn('raw');
    const types = [4, 6, 12, 13, 14, 99, 108, 109, 110, 599, 65_535];
    for (const type of types) for (const destId of ['', '_0', 'bob']) peer.send(type, bytes(1, 2), { destId });
    peer.send(MessageType.GetMyIPE, bytes(1, 2, 3), { destId: 'bob', messageId: 50 });
    await stage.until(() => peer.of(MessageType.GetMyIPE).length === 1);
    await stage.settle(bob);
    expect([peer.isOver, peer.frames.length, bob.received, bob.events]).toEqual([false, 2, [], []]);
  }));

test('SEC-014: a connection above the limit is closed at once, and a place that becomes free can be taken', () =>
  onStage(async (stage) => {
    const server = await stage.startServer({ configure: (engine) => (engine.maxConnectionCount = 2) });
    const alice = await stage.loggedOn('alice');
    await stage.loggedOn('bob');
    await expect(stage.client('carol').logon()).rejects.toMatchObject({ code: 'E_CONNECT' });
    expect(server.connectionCount).toBe(2);
    alice.engine.close();
    await stage.sleep(1);
    await stage.loggedOn('carol');
  }));

const clientWithBadServer = async (
  stage: Stage,
  reply: () => Uint8Array[],
  prepare: (client: Client) => void = () => undefined,
): Promise<Client> => {
  stage.serverHost = stage.addHost('server');
  const succeed = codecs.ResLogonContract.encode({
    FailureCause: null,
    GroupRelationEnabled: false,
    LogonResult: 0,
    P2PEnabled: false,
    UseAsP2PServer: false,
  });
  let answers = 0;
  const listener = stage.serverHost.platform.listenTcp(
    { port: PORT },
    {
      onConnection: (tcp) => ({
        onData: () => {
          if (answers++ > 0) return;
          listener.close();
          tcp.write(
            encodeFrame({ messageType: 9, messageId: 1, clientType: 8, sourceId: '_0', destId: 'alice' }, succeed, 11),
          );
          for (const bad of reply()) tcp.write(bad);
        },
        onEnd: () => tcp.end(),
        onClosed: () => undefined,
      }),
      onError: () => undefined,
    },
  );
  const alice = stage.client('alice');
  prepare(alice);
  expect(await alice.logon()).toMatchObject({ logonResult: 0 });
  return alice;
};

test('SEC-009: invalid data from the server closes, tells, and reconnects', () =>
  onStage(async (stage) => {
    const alice = await clientWithBadServer(stage, () => [bytes(1, 2, 3)]);
    await stage.until(() => alice.events.length === 3);
    expect(alice.events).toEqual(['invalid InvalidToken', 'interrupted', 'rebuildStart']);
    expect(alice.engine.connected).toBe(false);
    alice.engine.close();
  }));

test('RCN-011: an engine that is closed by the first event of an end raises no further one', () =>
  onStage(async (stage) => {
    const alice = await clientWithBadServer(
      stage,
      () => [bytes(1, 2, 3)],
      (client) => {
        client.engine.invalidMsgReceived.add(() => client.engine.close());
      },
    );
    await stage.sleep(30);
    expect(alice.events).toEqual(['invalid InvalidToken']);
  }));

test('SEC-016: a notice that is not the server’s is ignored', () =>
  onStage(async (stage) => {
    const alice = await clientWithBadServer(stage, () => [
      encodeFrame({ messageType: 4, messageId: 1, clientType: 0, sourceId: 'mallory', destId: 'alice' }, null, 11),
      encodeFrame({ messageType: 6, messageId: 1, clientType: 0, sourceId: 'mallory', destId: 'alice' }, null, 11),
      encodeFrame(
        { messageType: 101, messageId: 1, clientType: 8, sourceId: '_0', destId: 'alice' },
        informationBody(1, null),
        11,
      ),
    ]);
    await stage.until(() => alice.received.length === 1);
    expect([alice.events, alice.engine.connected]).toEqual([[], true]);
  }));

test.each([
  [3, 11],
  [11, 3],
  [11, 12],
  [20, 11],
])('LIM-004: N of %i at the client and %i at the server never lets a logon through', (clientN, serverN) =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.maxLengthOfUserID = serverN) });
    const client = stage.client('abc', (engine) => (engine.maxLengthOfUserID = clientN));
    await expect(client.logon()).rejects.toMatchObject({
      code: expect.stringMatching(/^E_(TIMEOUT|CONNECT)$/) as string,
    });
    expect(stage.journal.filter((entry) => (entry as string[])[0] !== 'invalid')).toEqual([]);
  }),
);

test('FRM-031: with N of 1 the server’s name is the empty id', () =>
  onStage(async (stage) => {
    const one = (engine: { maxLengthOfUserID: number }): void => void (engine.maxLengthOfUserID = 1);
    await stage.startServer({ configure: one });
    const alice = await stage.loggedOn('a', one);
    stage.server.customizeController.send('a', 1, null);
    await stage.settle(alice);
    expect(alice.received).toEqual([[null, 1, null]]);
  }));

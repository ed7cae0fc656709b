import { expect, test } from 'vitest';
import { MessageType } from '../../spec/grammar/index.ts';
import { codecs } from '../../impl/wire/index.ts';
import { onStage } from './stage.ts';

test('BAS-005 to BAS-009, BAS-014 to BAS-018: questions about who is there and where', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const alice = await stage.loggedOn('alice');
    const bob = await stage.loggedOn('bob');
    const basic = alice.engine.basicOutter;
    const mine = await basic.getMyIPE();
    expect(mine).toEqual(server.userManager.getUserAddress('alice'));
    expect(mine).toEqual({ address: alice.host.platform().localAddresses()[0], port: expect.any(Number) as number });
    expect(await basic.getUserIPE('bob')).toEqual(await bob.engine.basicOutter.getMyIPE());
    expect(await basic.getUserIPE('nobody')).toBeNull();
    expect([await basic.isUserOnline('bob'), await basic.isUserOnline('nobody')]).toEqual([true, false]);
    const asked = await basic.isUserOnline(['bob', 'nobody', 'alice', 'bob']);
    expect([...asked]).toEqual([
      ['bob', true],
      ['nobody', false],
      ['alice', true],
    ]);
    expect((await basic.getAllOnlineUsers()).sort()).toEqual(['alice', 'bob']);
    await expect(basic.isUserOnline('')).rejects.toMatchObject({ code: 'E_USER_ID' });
  }));

test('a list with holes in it is answered for those it names', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const raw = await stage.rawLoggedOn('raw');
    raw.send(MessageType.QueryOnlines, codecs.QueryOnlinesContract.encode({ UserList: ['raw', null] }), {
      messageId: 5,
    });
    await stage.until(() => raw.frames.length === 2);
    const answer = codecs.ResOnlinesContract.decode(raw.frames[1]!.body);
    expect(answer).toEqual({ ok: true, value: { Result: new Map([['raw', true]]) } });
  }));

test('BAS-010 to BAS-012, BAS-020: pings measure the way to the server, and to another user through it', () =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.heartbeatTimeoutInSecs = 0) });
    const alice = await stage.loggedOn('alice');
    await stage.loggedOn('bob');
    const basic = alice.engine.basicOutter;
    // Links of 10 ms: two to the server, four to the other user.
    expect(await basic.ping()).toBe(40);
    expect(await basic.pingByServer('bob')).toBe(80);
    await expect(basic.pingByServer('nobody')).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    const raw = await stage.rawLoggedOn('raw');
    const body = codecs.PingContract.encode({ SendTicks: 5n });
    raw.send(MessageType.PingByServer, body, { messageId: 9, destId: 'bob' });
    await stage.until(() => raw.frames.length === 2);
    expect(raw.frames[1]).toMatchObject({
      messageType: MessageType.PingAck,
      messageId: 9,
      sourceId: 'bob',
      destId: 'raw',
      body,
    });
  }));

test('BAS-001 to BAS-004, BAS-022: kick-out by a client and by the server', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const alice = await stage.loggedOn('alice');
    const bob = await stage.loggedOn('bob');
    const raw = await stage.rawLoggedOn('raw');
    alice.engine.basicOutter.kickOut('nobody');
    alice.engine.basicOutter.kickOut('bob');
    server.basicController.kickOut('nobody');
    server.basicController.kickOut('raw');
    await stage.settle(alice);
    await stage.sleep(60);
    expect(bob.events).toEqual(['kickedOut false']);
    expect(raw.of(MessageType.BeingKickedOutNotify)).toMatchObject([{ sourceId: '_0', destId: 'raw' }]);
    expect(raw.peerEnded).toBe(true);
    expect(stage.journal.slice(6)).toEqual([
      ['disconnected', 'raw', 4],
      ['count', 2],
      ['disconnected', 'bob', 4],
      ['count', 1],
    ]);
    alice.engine.basicOutter.kickOut('alice');
    await stage.until(() => alice.events.length > 0);
    expect(alice.events).toEqual(['kickedOut false']);
  }));

test('BAS-013: an answer above the message limit is not sent', () =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.maxLengthOfMessage = 80) });
    const limits = (engine: { maxLengthOfMessage: number; waitResponseTimeoutInSecs: number }): void => {
      engine.maxLengthOfMessage = 80;
      engine.waitResponseTimeoutInSecs = 3;
    };
    const clients = [];
    for (const name of ['alice', 'bob', 'carol', 'dave', 'emil']) clients.push(await stage.loggedOn(name, limits));
    const [alice] = clients;
    await expect(alice!.engine.basicOutter.getAllOnlineUsers()).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    expect(await alice!.engine.basicOutter.isUserOnline('bob')).toBe(true);
    expect(stage.logLines.join()).toContain('BAS-013');
  }));

test('USR-001, USR-003, USR-005 to USR-011: the user manager knows exactly who is bound', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const { userManager } = server;
    const alice = await stage.loggedOn('alice', (engine) => (engine.clientType = 4));
    await stage.loggedOn('bob');
    const address = await alice.engine.basicOutter.getMyIPE();
    const data = userManager.getUserData('alice')!;
    expect(data).toMatchObject({
      userID: 'alice',
      address,
      clientType: 4,
      appServerID: '_0',
      tag: null,
      localTag: null,
    });
    expect(data.timeLogon).toBeGreaterThan(stage.world.epochMillis);
    expect([userManager.isUserOnLine('alice'), userManager.isUserOnLine('Alice')]).toEqual([true, false]);
    expect(userManager.getOnlineUserList()).toEqual(['alice', 'bob']);
    expect(userManager.selectOnlineUserFrom(['nobody', 'bob', 'bob'])).toEqual(['bob']);
    expect(userManager.getAllUserData().map((user) => user.userID)).toEqual(['alice', 'bob']);
    expect([userManager.getUserData('nobody'), userManager.getUserAddress('nobody')]).toEqual([null, null]);
    expect([userManager.setTag('alice', 'blue'), userManager.setTag('nobody', 'blue')]).toEqual([true, false]);
    expect(data.tag).toBe('blue');
    expect(stage.journal.at(-1)).toEqual(['tag', 'alice', 'blue']);
    const during: unknown[] = [];
    userManager.someOneDisconnected.add((user) => {
      during.push([
        user.tag,
        userManager.isUserOnLine('alice'),
        userManager.userCount,
        userManager.getOnlineUserList(),
      ]);
    });
    alice.engine.close();
    await stage.until(() => during.length > 0);
    expect(during).toEqual([['blue', false, 1, ['bob']]]);
    expect(stage.journal.slice(-2)).toEqual([
      ['disconnected', 'alice', 0],
      ['count', 1],
    ]);
  }));

test('events reach every subscriber in order, and nobody who has left', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const calls: string[] = [];
    const leave = server.userManager.someOneConnected.add(() => calls.push('first'));
    const twice = (): void => void calls.push('twice');
    const leaveOnce = server.userManager.someOneConnected.add(twice);
    server.userManager.someOneConnected.add(twice);
    await stage.loggedOn('alice');
    leave();
    leave();
    leaveOnce();
    await stage.loggedOn('bob');
    expect(calls).toEqual(['first', 'twice', 'twice', 'twice']);
  }));

test('USR-010: a reset is NetworkInterrupted too', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const raw = await stage.rawLoggedOn('raw');
    raw.connection.abort();
    await stage.until(() => stage.journal.length === 4);
    expect(stage.journal.slice(2)).toEqual([
      ['disconnected', 'raw', 0],
      ['count', 0],
    ]);
  }));

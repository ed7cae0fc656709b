import { expect, test } from 'vitest';
import { MessageType } from '../../spec/grammar/index.ts';
import { RelogonMode } from '../../impl/index.ts';
import { informationBody, logonResultOf, onStage } from './stage.ts';

const ignoreNew = {
  configure: (server: { userManager: { relogonMode: RelogonMode } }) =>
    (server.userManager.relogonMode = RelogonMode.IgnoreNew),
};

test('REL-003, REL-014: a replacement goes step by step, waiting for handlers, and the count never changes', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const old = await stage.rawLoggedOn('alice');
    stage.journal.length = 0;
    server.userManager.someOneBeingPushedOut.add(async ({ address }) => {
      await stage.sleep(2);
      const toldNothing = old.frames.length === 1 && !old.isOver;
      stage.journal.push(['handler finished', address === server.userManager.getUserAddress('alice'), toldNothing]);
    });
    const fresh = await stage.rawPeer('alice');
    fresh.sendLogon();
    await stage.until(() => fresh.frames.length > 0);
    expect(stage.journal).toEqual([
      ['pushingOut', 'alice'],
      ['handler finished', true, true],
      ['disconnected', 'alice', 4],
      ['connected', 'alice'],
    ]);
    expect(old.frames.slice(1)).toMatchObject([
      { messageType: MessageType.BeingPushedOutNotify, sourceId: '_0', destId: 'alice' },
    ]);
    expect(old.peerEnded).toBe(true);
    expect(logonResultOf(fresh.frames[0]!)).toBe(0);
    expect(server.userManager.userCount).toBe(1);
  }));

test('REL-004, REL-005, REL-010, REL-012: the pushed-out client is closed, stays away, and may come back', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const first = await stage.loggedOn('alice');
    const second = await stage.loggedOn('alice');
    await stage.sleep(60);
    expect(first.events).toEqual(['pushedOut false']);
    expect(() => first.engine.customizeOutter.send(1, null)).toThrow(
      expect.objectContaining({ code: 'E_DISCONNECTED' }),
    );
    server.customizeController.send('alice', 9, null);
    await stage.settle(second);
    expect([first.received, second.received]).toEqual([[], [[null, 9, null]]]);
    expect((await first.logon()).logonResult).toBe(0);
    await stage.sleep(1);
    expect(second.events).toEqual(['pushedOut false']);
  }));

test('REL-006, REL-007, REL-013, REL-015: IgnoreNew leaves the old one alone until it is gone', () =>
  onStage(async (stage) => {
    const server = await stage.startServer(ignoreNew);
    const old = await stage.loggedOn('alice');
    server.userManager.newConnectionIgnored.add(async () => {
      await stage.sleep(1);
      stage.journal.push(['handler finished']);
    });
    const fresh = stage.client('alice');
    expect(await fresh.logon()).toEqual({ logonResult: 2, failureCause: null });
    expect(fresh.engine.connected).toBe(false);
    expect(stage.journal.slice(2)).toEqual([['ignored', 'alice'], ['handler finished']]);
    await stage.settle(old);
    await stage.sleep(1);
    expect(server.connectionCount).toBe(1);
    old.engine.close();
    await stage.until(() => server.userManager.userCount === 0);
    expect(await fresh.logon()).toMatchObject({ logonResult: 0 });
  }));

test('REL-008: a refused logon pushes nobody out', () =>
  onStage(async (stage) => {
    await stage.startServer({ basic: { verifyUser: (_token, _id, password) => ({ ok: password === 'right' }) } });
    const alice = stage.client('alice');
    await alice.logon('right');
    expect(await stage.client('alice').logon('wrong')).toMatchObject({ logonResult: 1 });
    await stage.settle(alice);
    expect(alice.events).toEqual([]);
  }));

test('REL-001, REL-009: overlapping logons end as if they came in the order in which they were verified', () =>
  onStage(async (stage) => {
    const waits: Record<string, number> = { slow: 3, quick: 1 };
    const server = await stage.startServer({
      basic: { verifyUser: (_token, _id, password) => stage.sleep(waits[password!]!).then(() => ({ ok: true })) },
    });
    server.userManager.someOneBeingPushedOut.add(() => stage.sleep(1));
    const slow = stage.client('alice');
    const quick = stage.client('alice');
    const results = await Promise.all([slow.logon('slow'), quick.logon('quick')]);
    expect(results.map((result) => result.logonResult)).toEqual([0, 0]);
    await stage.sleep(1);
    expect([slow.engine.connected, quick.engine.connected]).toEqual([true, false]);
    expect(stage.journal).toEqual([
      ['connected', 'alice'],
      ['count', 1],
      ['pushingOut', 'alice'],
      ['disconnected', 'alice', 4],
      ['connected', 'alice'],
    ]);
  }));

test('REL-009: three logons at once with slow handlers leave exactly one, each replaced in turn', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    server.userManager.someOneBeingPushedOut.add(() => stage.sleep(1));
    const clients = [1, 2, 3].map(() => stage.client('alice'));
    await Promise.all(clients.map((client) => client.logon()));
    await stage.sleep(5);
    expect(clients.filter((client) => client.engine.connected)).toHaveLength(1);
    const names = stage.journal.map((entry) => (entry as string[])[0]);
    expect(names).toEqual([
      'connected',
      'count',
      'pushingOut',
      'disconnected',
      'connected',
      'pushingOut',
      'disconnected',
      'connected',
    ]);
  }));

test('a newcomer that leaves while handlers run replaces nobody', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const old = await stage.loggedOn('alice');
    server.userManager.someOneBeingPushedOut.add(() => stage.sleep(2));
    const fresh = await stage.rawPeer('alice');
    fresh.sendLogon();
    await stage.sleep(1);
    fresh.connection.abort();
    await stage.sleep(3);
    await stage.settle(old);
    expect([old.events, server.userManager.userCount, server.connectionCount]).toEqual([[], 1, 1]);
  }));

test('REL-011: what the old connection still sends after its replacement is not handled', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const old = await stage.rawLoggedOn('alice');
    const fresh = await stage.rawPeer('alice');
    fresh.sendLogon();
    await stage.sleep(0.02);
    // On its way while the server closes: the notice has not reached the old client yet.
    old.send(MessageType.InformationBySend, informationBody(1, null));
    await stage.sleep(1);
    expect(old.of(MessageType.BeingPushedOutNotify)).toHaveLength(1);
    expect(stage.journal.filter((entry) => (entry as string[])[0] === 'information')).toEqual([]);
  }));

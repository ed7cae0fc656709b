import { expect, test } from 'vitest';
import { RelogonMode } from '../../impl/index.ts';
import { onStage } from './stage.ts';
import type { Client, Stage } from './stage.ts';

/** The server loses power and comes back with an empty process. */
const crashAndRestart = async (stage: Stage, secs: number): Promise<void> => {
  stage.serverHost.host.crash();
  await stage.sleep(secs);
  stage.serverHost.host.restart();
};

const resetAtServer = (stage: Stage, client: Client): void => stage.server.basicController.kickOut(client.userID);

test('RCN-001, RCN-012: interrupted, rebuild start, relogon; then everything works again', () =>
  onStage(async (stage) => {
    const passwords: unknown[] = [];
    const server = await stage.startServer({
      basic: { verifyUser: (_token, id, password) => ({ ok: passwords.push([id, password]) > 0 }) },
    });
    const alice = stage.client('alice');
    await alice.logon('secret');
    server.close();
    await stage.until(() => alice.events.length === 2);
    expect(alice.events).toEqual(['interrupted', 'rebuildStart']);
    const again = await stage.restartServer();
    await stage.until(() => alice.engine.connected);
    expect(alice.events).toEqual(['interrupted', 'rebuildStart', 'relogon 0']);
    expect(passwords).toEqual([['alice', 'secret']]);
    again.customizeController.send('alice', 3, null);
    await stage.settle(alice);
    expect(alice.received).toEqual([[null, 3, null]]);
    await stage.sleep(40);
    expect(again.userManager.isUserOnLine('alice')).toBe(true);
  }));

test('RCN-002, RCN-013: attempts follow 1, 2, 4, 8, 10, 10 s, each up to a fifth longer', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const alice = await stage.loggedOn('alice');
    const attempts: number[] = [];
    alice.host.interfaces[0]!.addTap((packet) => {
      // Only SYNs leave now: the port refuses at once, so each attempt is one packet.
      if (packet.source === alice.host.address && server.connectionCount === 0) attempts.push(stage.nowSecs);
    });
    server.close();
    await stage.until(() => alice.events.length === 2);
    const startSecs = stage.nowSecs;
    attempts.length = 0;
    await stage.sleep(50);
    const gaps = attempts.filter((at) => at > startSecs + 0.5).map((at, i, all) => at - (all[i - 1] ?? startSecs));
    const expected = [1, 2, 4, 8, 10, 10];
    expect(gaps.length).toBeGreaterThanOrEqual(expected.length - 1);
    gaps.slice(0, expected.length).forEach((gap, i) => {
      expect(gap).toBeGreaterThanOrEqual(expected[i]! - 0.05);
      expect(gap).toBeLessThanOrEqual(expected[i]! * 1.2 + 0.1);
    });
    expect(alice.events).toEqual(['interrupted', 'rebuildStart']);
  }));

test('RCN-003: a refused relogon is told once and ends the attempts', () =>
  onStage(async (stage) => {
    let ok = true;
    await stage.startServer({ basic: { verifyUser: () => ({ ok }) } });
    const alice = await stage.loggedOn('alice');
    ok = false;
    alice.engine.closeConnection(true);
    await stage.sleep(60);
    expect(alice.events).toEqual(['interrupted', 'rebuildStart', 'relogon 1']);
    expect(stage.server.connectionCount).toBe(0);
    ok = true;
    expect(await alice.logon()).toMatchObject({ logonResult: 0 });
  }));

test('RCN-010: IgnoreNew with a dead old connection gives HadLoggedOn, which is final', () =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.userManager.relogonMode = RelogonMode.IgnoreNew) });
    const alice = await stage.loggedOn('alice', (engine) => (engine.advanced.reconnectDelaySecs = [0]));
    await stage.sleep(0.2);
    // The FIN does not arrive in time: the server keeps the old connection.
    stage.serverHost.link.backward.dropWhen((packet) => packet.source === alice.host.address && stage.nowSecs < 1, 1);
    alice.engine.closeConnection(true);
    await stage.until(() => alice.events.length === 3);
    expect(alice.events).toEqual(['interrupted', 'rebuildStart', 'relogon 2']);
  }));

test('RCN-004: no reconnect after kick-out, close, or with autoReconnect off', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const kicked = await stage.loggedOn('kicked');
    const closed = await stage.loggedOn('closed');
    const manual = await stage.loggedOn('manual', (engine) => (engine.autoReconnect = false));
    resetAtServer(stage, kicked);
    closed.engine.close();
    manual.engine.closeConnection(true);
    await stage.sleep(60);
    expect(server.connectionCount).toBe(0);
    expect([kicked.events, closed.events, manual.events]).toEqual([['kickedOut false'], [], ['interrupted']]);
  }));

test('RCN-005: a connection that breaks during the automatic logon is followed by the next attempt', () =>
  onStage(async (stage) => {
    let verifications = 0;
    await stage.startServer({
      basic: { verifyUser: () => (++verifications === 2 ? new Promise<never>(() => undefined) : { ok: true }) },
    });
    const alice = await stage.loggedOn('alice', (engine) => (engine.waitResponseTimeoutInSecs = 5));
    alice.engine.closeConnection(true);
    await stage.until(() => alice.events.includes('relogon 0'));
    expect(verifications).toBe(3);
    expect(alice.events).toEqual(['interrupted', 'rebuildStart', 'relogon 0']);
  }));

test('RCN-006, RCN-007: what waits fails at once, and calls are refused while there is no connection', () =>
  onStage(async (stage) => {
    await stage.startServer({ customize: { handleQuery: () => new Promise<never>(() => undefined) } });
    const alice = await stage.loggedOn('alice');
    const gone = { code: 'E_DISCONNECTED', message: 'Network connection is disconnected !' };
    const waiting = [
      expect(alice.engine.customizeOutter.query(1, null)).rejects.toMatchObject(gone),
      expect(alice.engine.customizeOutter.sendCertainly('nobody', 1, null)).rejects.toMatchObject(gone),
      expect(alice.engine.basicOutter.pingByServer('nobody')).rejects.toMatchObject(gone),
    ];
    await stage.sleep(1);
    stage.server.close();
    await Promise.all(waiting);
    expect(stage.nowSecs).toBeLessThan(2);
    expect(() => alice.engine.customizeOutter.send(1, null)).toThrow(expect.objectContaining(gone));
    await expect(alice.engine.customizeOutter.query(1, null)).rejects.toMatchObject(gone);
  }));

test('RCN-008: closeConnection reconnects at once or after the delay', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const alice = await stage.loggedOn('alice');
    const reconnectSecs = async (now: boolean): Promise<number> => {
      const startSecs = stage.nowSecs;
      alice.engine.closeConnection(now);
      expect(alice.engine.connected).toBe(false);
      await stage.until(() => alice.engine.connected);
      return stage.nowSecs - startSecs;
    };
    expect(await reconnectSecs(true)).toBeLessThan(0.2);
    const delayed = await reconnectSecs(false);
    expect(delayed).toBeGreaterThanOrEqual(1);
    expect(delayed).toBeLessThan(1.4);
    // A logon that succeeded has set the delays back to the first.
    const delayedAgain = await reconnectSecs(false);
    expect(delayedAgain).toBeGreaterThanOrEqual(1);
    expect(delayedAgain).toBeLessThan(1.4);
    const round = ['interrupted', 'rebuildStart', 'relogon 0'];
    expect(alice.events).toEqual([...round, ...round, ...round]);
  }));

test('RCN-009, RCN-015: the server knows nothing of reconnects; connected and disconnected pair up', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const alice = await stage.loggedOn('alice');
    for (let i = 0; i < 3; i++) {
      alice.engine.closeConnection(true);
      await stage.until(() => alice.engine.connected);
    }
    await stage.sleep(1);
    const names = stage.journal.map((entry) => (entry as string[])[0]);
    expect(names.filter((name) => name === 'connected')).toHaveLength(4);
    expect(names.filter((name) => name === 'disconnected')).toHaveLength(3);
  }));

test('a server that crashes and comes back is found again', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const alice = await stage.loggedOn('alice');
    await crashAndRestart(stage, 5);
    await stage.restartServer();
    await stage.until(() => alice.events.includes('relogon 0'), 120);
    expect(alice.events).toEqual(['interrupted', 'rebuildStart', 'relogon 0']);
  }));

test('handlers of connectionInterrupted may close the engine, or ask for a reconnect at once', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const closing = await stage.loggedOn('closing');
    closing.engine.connectionInterrupted.add(() => closing.engine.close());
    const hasty = await stage.loggedOn('hasty');
    hasty.engine.connectionInterrupted.add(() => hasty.engine.closeConnection(true));
    closing.engine.closeConnection(false);
    hasty.engine.closeConnection(false);
    await stage.sleep(0.5);
    expect(closing.events).toEqual(['interrupted']);
    expect(hasty.events).toEqual(['interrupted', 'rebuildStart', 'relogon 0']);
  }));

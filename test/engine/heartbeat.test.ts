import { expect, test } from 'vitest';
import { MessageType } from '../../spec/grammar/index.ts';
import { onStage } from './stage.ts';

const silent = (engine: { heartBeatSpanInSecs: number }): void => void (engine.heartBeatSpanInSecs = 0);

test('HBT-005, HBT-008, HBT-009: a silent user is timed out in time, in the right order', () =>
  onStage(async (stage) => {
    const times: number[] = [];
    const server = await stage.startServer();
    server.userManager.someOneTimeOuted.add(async () => {
      times.push(stage.nowSecs);
      await stage.sleep(3);
      stage.journal.push(['handlers finished', server.userManager.isUserOnLine('alice')]);
    });
    server.userManager.someOneDisconnected.add(() => times.push(stage.nowSecs));
    const peer = await stage.rawLoggedOn('alice');
    const logonSecs = stage.nowSecs;
    await stage.sleep(40);
    expect(stage.journal.slice(2)).toEqual([
      ['timedOut', 'alice'],
      ['handlers finished', true],
      ['disconnected', 'alice', 3],
      ['count', 0],
    ]);
    expect(times[0]! - logonSecs).toBeGreaterThanOrEqual(29.9);
    expect(times[0]! - logonSecs).toBeLessThanOrEqual(34);
    expect(times[1]! - times[0]!).toBeCloseTo(3, 3);
    expect(peer.isOver).toBe(true);
  }));

test('HBT-006, HBT-012: any message is life; only complete ones count', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const alive = await stage.rawLoggedOn('alive');
    const partial = await stage.rawLoggedOn('partial');
    const heartbeat = partial.frame(MessageType.HeartBeat);
    for (let i = 0; i < 3; i++) {
      await stage.sleep(25);
      alive.send(9999);
      partial.connection.write(heartbeat.subarray(i * 5, i * 5 + 5));
    }
    await stage.sleep(1);
    expect(server.userManager.getOnlineUserList()).toEqual(['alive']);
  }));

test('HBT-007: a timeout of 0 switches the check off', () =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.heartbeatTimeoutInSecs = 0) });
    await stage.rawLoggedOn('alice');
    await stage.sleep(300);
    expect(stage.server.userManager.isUserOnLine('alice')).toBe(true);
  }));

test('HBT-001, HBT-002, HBT-013: heartbeats come one a span from the logon on, none without a span, one on demand', () =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.heartbeatTimeoutInSecs = 45) });
    const alice = await stage.loggedOn('alice');
    const bob = await stage.loggedOn('bob', silent);
    await stage.sleep(44);
    expect(stage.server.userManager.getOnlineUserList()).toEqual(['alice', 'bob']);
    bob.engine.basicOutter.sendHeartBeatMessage();
    await stage.sleep(44);
    expect(stage.server.userManager.getOnlineUserList()).toEqual(['alice', 'bob']);
    await stage.sleep(2);
    expect(stage.server.userManager.getOnlineUserList()).toEqual(['alice']);
    expect(alice.events).toEqual([]);
  }));

test('HBT-003, HBT-004: heartbeats are answered when switched on, with id and direction right, and not by default', () =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.autoRespondHeartBeat = true) });
    const peer = await stage.rawLoggedOn('alice');
    peer.send(MessageType.HeartBeat, null, { messageId: 41 });
    await stage.until(() => peer.frames.length === 2);
    expect(peer.frames[1]).toMatchObject({ messageType: 3, messageId: 41, sourceId: '_0', destId: 'alice' });
    expect(peer.frames[1]!.body).toHaveLength(0);
  }));

test('HBT-004: the default is not to answer', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const peer = await stage.rawLoggedOn('alice');
    peer.send(MessageType.HeartBeat);
    peer.send(MessageType.GetMyIPE, null, { messageId: 2 });
    await stage.until(() => peer.of(MessageType.GetMyIPE).length === 1);
    expect(peer.of(MessageType.HeartBeat)).toEqual([]);
  }));

test('HBT-010: a server that answered heartbeats and falls silent for three spans is lost', () =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.autoRespondHeartBeat = true) });
    const alice = await stage.loggedOn('alice');
    await stage.sleep(15);
    const cutSecs = stage.nowSecs;
    alice.link.down();
    await stage.until(() => alice.events.length > 0);
    // The last answer came about 10 s after the logon, so silence is up 40 s after it.
    expect(stage.nowSecs - cutSecs).toBeCloseTo(25, 0);
    expect(alice.events).toEqual(['interrupted', 'rebuildStart']);
    expect(alice.engine.connected).toBe(false);
    alice.link.up();
    await stage.until(() => alice.engine.connected);
    expect(alice.events).toEqual(['interrupted', 'rebuildStart', 'relogon 0']);
  }));

test('HBT-010: an own timeout holds from the last message on, also between two heartbeats', () =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.autoRespondHeartBeat = true) });
    const alice = await stage.loggedOn('alice', (engine) => (engine.advanced.heartbeatTimeoutInSecs = 3));
    const logonSecs = stage.nowSecs;
    await stage.until(() => alice.events.length > 0);
    // The first heartbeat is answered after 10 s; then nothing comes for 3 s.
    expect(stage.nowSecs - logonSecs).toBeCloseTo(13, 1);
  }));

test('HBT-014: without an answer seen, silence is no loss', () =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.heartbeatTimeoutInSecs = 0) });
    const alice = await stage.loggedOn('alice');
    await stage.sleep(100);
    expect([alice.engine.connected, alice.events]).toEqual([true, []]);
  }));

test('a user whose handler makes us stop reading is not timed out for our own deafness', () =>
  onStage(async (stage) => {
    // Each call is short (HDL-007); together they keep us from reading for longer than the timeout.
    await stage.startServer({ customize: { handleInformation: () => stage.sleep(5) } });
    const alice = await stage.loggedOn('alice');
    for (let i = 0; i < 40; i++) alice.engine.customizeOutter.send(1, new Uint8Array(4000));
    await stage.sleep(55);
    expect(stage.journal.map((entry) => (entry as string[])[0])).not.toContain('timedOut');
    expect(alice.events).toEqual([]);
  }));

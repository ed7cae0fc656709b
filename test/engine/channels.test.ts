/** Channels between two clients: events, path choice, and that opening and dying at any moment loses nothing. */
import { describe, expect, test } from 'vitest';
import { ActionTypeOnNoP2PChannel, ChannelMode, P2PChannelMode, ProtocolType } from '../../impl/index.ts';
import { DirectSwitchboard } from '../../scenarios/attach/direct-switchboard.ts';
import { bytes, onStage } from './stage.ts';
import type { Client, Stage } from './stage.ts';

type Pair = {
  readonly alice: Client;
  readonly bob: Client;
  readonly board: DirectSwitchboard;
  readonly told: string[];
};

async function pair(stage: Stage): Promise<Pair> {
  const board = new DirectSwitchboard();
  stage.switchboard = board;
  await stage.startServer();
  const alice = await stage.loggedOn('alice');
  const bob = await stage.loggedOn('bob');
  const told: string[] = [];
  for (const { engine, userID } of [alice, bob]) {
    const controller = engine.p2pController!;
    controller.p2pChannelOpened.add((state) => told.push(`${userID} opened ${state.destUserID} ${state.protocolType}`));
    controller.p2pChannelClosed.add((state) => told.push(`${userID} closed ${state.destUserID} ${state.protocolType}`));
    controller.p2pConnectFailed.add((destUserID) => told.push(`${userID} failed ${destUserID}`));
    controller.allP2PChannelClosed.add(() => told.push(`${userID} all closed`));
  }
  return { alice, bob, board, told };
}

async function opened(stage: Stage): Promise<Pair> {
  const all = await pair(stage);
  all.alice.engine.p2pController!.p2pConnectAsyn('bob');
  await stage.until(() => all.told.length === 2);
  // The way changes when the server has said that nothing is left on it.
  await stage.sleep(0.1);
  all.told.length = 0;
  return all;
}

const numbers = (client: Client): number[] => client.received.map((each) => (each as [string, number])[1]);
const upTo = (count: number): number[] => [...Array(count).keys()];
const carried = (stage: Stage): number =>
  stage.journal.filter((entry) => (entry as unknown[])[0] === 'received').length;

describe('a channel', () => {
  test('opens on both sides and carries messages past the server', () =>
    onStage(async (stage) => {
      const { alice, bob, told } = await pair(stage);
      alice.engine.p2pController!.p2pConnectAsyn('bob');
      await stage.until(() => told.length === 2);
      expect(told.sort()).toEqual([`alice opened bob ${ProtocolType.Tcp}`, `bob opened alice ${ProtocolType.Tcp}`]);
      expect(alice.engine.p2pController!.isP2PChannelExist('bob')).toBe(true);
      await stage.sleep(0.1);
      for (let n = 0; n < 10; n++) alice.engine.customizeOutter.send('bob', n, bytes(n));
      await alice.engine.customizeOutter.sendCertainly('bob', 10, null);
      expect(await bob.engine.customizeOutter.query('alice', 1, bytes(7))).toEqual(bytes(7));
      expect(numbers(bob)).toEqual(upTo(11));
      expect(carried(stage)).toBe(0);
      const state = alice.engine.p2pController!.getP2PChannelState('bob');
      expect(state).toMatchObject({ destUserID: 'bob', reliable: true, enabled: true });
      expect(state!.messageSentCount).toBeGreaterThanOrEqual(11);
    }));

  test('fails with an event, and with the mode None always', () =>
    onStage(async (stage) => {
      const { alice, board, told } = await pair(stage);
      board.protocols = [];
      alice.engine.p2pController!.p2pConnectAsyn('bob');
      await stage.until(() => told.length === 1);
      board.protocols = ['tcp'];
      alice.engine.p2pController!.p2pChannelMode = P2PChannelMode.None;
      alice.engine.p2pController!.p2pConnectAsyn('bob');
      await stage.until(() => told.length === 2);
      expect(told).toEqual(['alice failed bob', 'alice failed bob']);
      expect(alice.engine.p2pController!.getP2PChannelState('bob')).toBeNull();
      expect(alice.engine.p2pController!.p2pChannelIsBusy('bob')).toBeNull();
    }));

  test('is closed when the other user departs, and when one goes oneself', () =>
    onStage(async (stage) => {
      const { alice, bob, told } = await opened(stage);
      bob.engine.close();
      await stage.until(() => told.length >= 4);
      expect(told.sort()).toEqual(['alice all closed', 'alice closed bob 6', 'bob all closed', 'bob closed alice 6']);
      expect(alice.engine.p2pController!.isP2PChannelExist('bob')).toBe(false);
    }));

  test('that falls silent is closed by its heartbeat', () =>
    onStage(async (stage) => {
      const { alice, board, told } = await opened(stage);
      board.silence('alice', 'bob');
      const startSecs = stage.nowSecs;
      await stage.until(() => told.length >= 4);
      expect(stage.nowSecs - startSecs).toBeGreaterThan(20);
      expect(stage.nowSecs - startSecs).toBeLessThan(40);
      expect(alice.engine.connected).toBe(true);
    }));

  test('over TCP goes before one over UDP', () =>
    onStage(async (stage) => {
      const { alice, bob, board, told } = await pair(stage);
      board.protocols = ['udp', 'tcp'];
      alice.engine.p2pController!.p2pConnectAsyn('bob');
      await stage.until(() => told.length === 4);
      await stage.sleep(0.1);
      const controller = alice.engine.p2pController!;
      expect(controller.getP2PChannelState('bob')!.protocolType).toBe(ProtocolType.Tcp);
      for (let n = 0; n < 5; n++) alice.engine.customizeOutter.send('bob', n, null);
      board.kill('alice', 'bob', 'tcp');
      for (let n = 5; n < 10; n++) alice.engine.customizeOutter.send('bob', n, null);
      await alice.engine.customizeOutter.sendCertainly('bob', 10, null);
      expect(controller.getP2PChannelState('bob')!.protocolType).toBe(ProtocolType.Udp);
      expect(controller.getUdpSessionStateViewer().getOutUdpSessionStates()).toHaveLength(1);
      expect(numbers(bob)).toEqual(upTo(11));
    }));
});

describe('the way of a message', () => {
  test('is the server for transferByServer and for the mode TransferByServer', () =>
    onStage(async (stage) => {
      const { alice, bob } = await opened(stage);
      alice.engine.customizeOutter.transferByServer('bob', 1, null);
      alice.engine.customizeOutter.send('bob', 2, null, false, 0, ChannelMode.TransferByServer);
      await stage.until(() => bob.received.length === 2);
      expect(carried(stage)).toBe(2);
    }));

  test('without a channel is what the call says', () =>
    onStage(async (stage) => {
      const { alice, bob } = await pair(stage);
      const { customizeOutter } = alice.engine;
      expect(customizeOutter.sendByP2PChannel('bob', 1, null, ActionTypeOnNoP2PChannel.Discard)).toBe(false);
      expect(customizeOutter.send('bob', 2, null, false, 0, ChannelMode.ByP2PChannel)).toBe(false);
      expect(customizeOutter.sendByP2PChannel('bob', 3, null, ActionTypeOnNoP2PChannel.TransferByServer)).toBe(true);
      await expect(customizeOutter.sendBlob('bob', 4, null, 10, ChannelMode.ByP2PChannel)).rejects.toMatchObject({
        code: 'E_NO_CHANNEL',
      });
      await expect(alice.engine.basicOutter.pingByP2PChannel('bob')).rejects.toMatchObject({ code: 'E_NO_CHANNEL' });
      await stage.until(() => bob.received.length === 1);
      expect(numbers(bob)).toEqual([3]);
    }));

  test('of a ping over the channel is the channel, of its answer the server', () =>
    onStage(async (stage) => {
      const { alice } = await opened(stage);
      expect(await alice.engine.basicOutter.pingByP2PChannel('bob')).toBeGreaterThan(0);
      expect(await alice.engine.basicOutter.pingByServer('bob')).toBeGreaterThan(0);
    }));

  test('may change in the middle of a blob', () =>
    onStage(async (stage) => {
      const { alice, bob, board } = await opened(stage);
      const blob = new Uint8Array(2_000_000).map((_, at) => at * 7);
      const sent = alice.engine.customizeOutter.sendBlob('bob', 9, blob, 4000);
      await stage.sleep(0.05);
      board.kill('alice', 'bob');
      await sent;
      await stage.until(() => bob.received.length === 1);
      expect((bob.received[0] as [string, number, number[]])[2]).toEqual([...blob]);
    }));
});

test('messages keep their order while a channel opens, dies and opens again', () =>
  onStage(async (stage) => {
    const { alice, bob, board } = await pair(stage);
    alice.link.configure({ delayMicros: 5_000 });
    let sent = 0;
    for (let round = 0; round < 60; round++) {
      if (round % 20 === 2) alice.engine.p2pController!.p2pConnectAsyn('bob');
      if (round % 20 === 17) board.kill('alice', 'bob');
      for (let n = 0; n < 5; n++) alice.engine.customizeOutter.send('bob', sent++, bytes(1));
      await stage.sleep(0.02);
    }
    await stage.until(() => bob.received.length === sent);
    await stage.settle(alice, bob);
    expect(numbers(bob)).toEqual(upTo(sent));
    // Some took the channel, some the server; nothing was lost, and the server has carried some of them.
    expect(carried(stage)).toBeGreaterThan(10);
    expect(carried(stage)).toBeLessThan(sent);
  }));

import { expect, test } from 'vitest';
import { MessageType } from '../../spec/grammar/index.ts';
import { ActionTypeOnChannelIsBusy } from '../../impl/index.ts';
import { bytes, informationBody, onStage } from './stage.ts';
import type { Client, Stage } from './stage.ts';

const pair = async (stage: Stage): Promise<[Client, Client]> => {
  await stage.startServer();
  return [await stage.loggedOn('alice'), await stage.loggedOn('bob')];
};
const DISCARD = ActionTypeOnChannelIsBusy.Discard;

test('CUS-001 to CUS-003, CUS-012, CUS-013, CUS-019: information reaches whom it is for, with exactly its bytes', () =>
  onStage(async (stage) => {
    const [alice, bob] = await pair(stage);
    const out = alice.engine.customizeOutter;
    expect(out.send('bob', -2_147_483_648, bytes(1, 2, 3))).toBe(true);
    out.send('bob', 2_147_483_647, null, true);
    out.send('bob', 0, bytes());
    out.send('alice', 4, bytes(4));
    out.transferByServer('bob', 5, bytes(5));
    out.send(6, bytes(6));
    out.send(null, 7, null);
    stage.server.customizeController.send('bob', 8, bytes(8));
    await stage.settle(alice, bob);
    expect(bob.received).toEqual([
      [null, 8, [8]],
      ['alice', -2_147_483_648, [1, 2, 3]],
      ['alice', 2_147_483_647, null],
      ['alice', 0, []],
      ['alice', 5, [5]],
    ]);
    expect(alice.received).toEqual([['alice', 4, [4]]]);
    const handled = stage.journal.filter((entry) => (entry as string[])[0] === 'information');
    expect(handled).toEqual([
      ['information', 'alice', 6, [6]],
      ['information', 'alice', 7, null],
    ]);
  }));

test('CUS-001: post and send have message types of their own', () =>
  onStage(async (stage) => {
    const [alice] = await pair(stage);
    const peer = await stage.rawLoggedOn('raw');
    alice.engine.customizeOutter.send('raw', 1, null);
    alice.engine.customizeOutter.send('raw', 1, null, true);
    await stage.until(() => peer.frames.length === 3);
    expect(peer.frames.slice(1)).toMatchObject([
      { messageType: MessageType.InformationBySend, sourceId: 'alice', destId: 'raw', clientType: 0 },
      { messageType: MessageType.InformationByPost, sourceId: 'alice', destId: 'raw', clientType: 0 },
    ]);
  }));

test('FRM-022: a forwarded message is the same to the last byte of its header', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const from = await stage.rawLoggedOn('from');
    const to = await stage.rawLoggedOn('to');
    const sent = { messageId: -5, clientType: 5, destId: 'to' };
    from.send(MessageType.InformationBySend, informationBody(1, bytes(9)), sent);
    await stage.until(() => to.frames.length === 2);
    expect(to.frames[1]).toEqual({ ...sent, messageType: 101, sourceId: 'from', body: informationBody(1, bytes(9)) });
  }));

test('CUS-004: a thousand messages arrive in the order in which they were sent', () =>
  onStage(async (stage) => {
    const [alice, bob] = await pair(stage);
    for (let i = 0; i < 1000; i++) alice.engine.customizeOutter.send('bob', i, null);
    await stage.settle(alice, bob);
    expect(bob.received.map((entry) => (entry as number[])[1])).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  }));

test('CUS-006, CUS-007, CUS-018: what cannot be delivered is told to the server application only', () =>
  onStage(async (stage) => {
    const [alice] = await pair(stage);
    stage.journal.length = 0;
    const peer = await stage.rawLoggedOn('raw');
    stage.journal.length = 0;
    const information = informationBody(3, null);
    const types = [
      MessageType.InformationByPost,
      MessageType.InformationBySend,
      MessageType.Request,
      MessageType.InformationNeedAck,
    ];
    for (const type of types) peer.send(type, information, { destId: 'nobody' });
    peer.send(MessageType.Response, information, { destId: 'nobody' });
    peer.send(MessageType.Ack, null, { destId: 'nobody' });
    await alice.engine.customizeOutter.sendBlob('nobody', 1, bytes(1, 2), 1);
    await alice.engine.sendMessage('nobody', 1, null, null);
    await stage.settle(alice);
    await stage.sleep(1);
    expect(stage.journal).toEqual(
      types.flatMap(() => [
        ['received', 'raw', 'nobody', 3],
        ['failed', 'raw', 'nobody', 3],
      ]),
    );
    expect(peer.frames).toHaveLength(1);
  }));

test('CUS-008: the server to somebody who is offline sends nothing and says so', () =>
  onStage(async (stage) => {
    const server = await stage.startServer();
    const controller = server.customizeController;
    expect(controller.send('nobody', 1, null)).toBe(false);
    await controller.sendBlob('nobody', 1, bytes(1), 1);
    await server.sendMessage('nobody', 1, null, null);
    expect(stage.journal).toEqual([]);
  }));

test('CUS-009, USR-004: exceptions and rejections of application code are logged and stop nothing', () =>
  onStage(async (stage) => {
    const server = await stage.startServer({
      customize: {
        handleInformation: (_source, type) => {
          if (type === 1) throw new Error('handler broke');
          if (type === 2) return Promise.reject(new Error('handler rejected'));
          stage.journal.push(['handled', type]);
          return undefined;
        },
      },
    });
    server.customizeController.informationReceived.add(() => {
      throw new Error('event broke');
    });
    const alice = await stage.loggedOn('alice');
    for (const type of [1, 2, 3]) alice.engine.customizeOutter.send(type, null);
    await stage.settle(alice);
    expect(stage.journal.at(-1)).toEqual(['handled', 3]);
    for (const text of ['handler broke', 'handler rejected', 'event broke'])
      expect(stage.logLines.join()).toContain(text);
  }));

test('CUS-010, ENG-013: a busy channel discards when told to, and Continue sends', () =>
  onStage(async (stage) => {
    const [alice, bob] = await pair(stage);
    const { engine } = alice;
    expect(engine.channelIsBusy).toBe(false);
    expect(engine.customizeOutter.send('bob', 1, bytes(1), false, DISCARD)).toBe(true);
    let filling = 0;
    while (!engine.channelIsBusy) {
      engine.customizeOutter.send('bob', 2, new Uint8Array(50_000));
      filling++;
    }
    expect(engine.customizeOutter.send('bob', 3, null, false, DISCARD)).toBe(false);
    expect(engine.customizeOutter.send('bob', 4, null)).toBe(true);
    await stage.until(() => !engine.channelIsBusy);
    await stage.settle(alice, bob);
    const types = bob.received.map((entry) => (entry as number[])[1]);
    expect(types).toEqual([1, ...Array.from({ length: filling }, () => 2), 4]);
  }));

test('CUS-014, LIM-003, LIM-007, ERR-001: bad calls are refused and nothing is sent', () =>
  onStage(async (stage) => {
    const [alice, bob] = await pair(stage);
    const out = alice.engine.customizeOutter;
    const refused = (call: () => unknown, code: string, clause: string): void =>
      expect(call).toThrow(expect.objectContaining({ code, clause }));
    refused(() => out.transferByServer(null as unknown as string, 1, null), 'E_ARGUMENT', 'CUS-014');
    for (const bad of ['', '_0', 'twelve-bytes']) refused(() => out.send(bad, 1, null), 'E_USER_ID', 'LIM-003');
    for (const bad of [1.5, 2 ** 31, Number.NaN]) refused(() => out.send('bob', bad, null), 'E_ARGUMENT', 'CUS-012');
    refused(() => out.send('bob', 1, 'text' as unknown as Uint8Array), 'E_ARGUMENT', 'CUS-012');
    refused(() => out.send('bob', 1, new Uint8Array(1_048_529)), 'E_MESSAGE_SIZE', 'LIM-007');
    await expect(out.query('', 1, null)).rejects.toMatchObject({ code: 'E_USER_ID' });
    await expect(out.query('bob', 1, new Uint8Array(1_048_529))).rejects.toMatchObject({ code: 'E_MESSAGE_SIZE' });
    out.send('bob', 1, new Uint8Array(1_048_528));
    await stage.until(() => bob.received.length > 0);
    await stage.settle(bob);
    expect(bob.received).toHaveLength(1);
  }));

test('CUS-015: an asynchronous handler holds up its own connection, in order, and no other', () =>
  onStage(async (stage) => {
    await stage.startServer({
      customize: {
        handleInformation: async (source, type) => {
          stage.journal.push(['begins', source, type]);
          if (source === 'alice') await stage.sleep(2);
          stage.journal.push(['ends', source, type]);
        },
        handleQuery: () => {
          stage.journal.push(['query']);
          return null;
        },
      },
    });
    const alice = await stage.loggedOn('alice');
    const bob = await stage.loggedOn('bob');
    stage.journal.length = 0;
    const out = alice.engine.customizeOutter;
    out.send(1, null);
    out.send(2, null);
    const answered = out.query(3, null);
    await stage.sleep(1);
    bob.engine.customizeOutter.send(4, null);
    // Requests to the engine itself are not held up.
    expect(await alice.engine.basicOutter.ping()).toBeLessThan(1000);
    await answered;
    const calls = stage.journal.filter((entry) => (entry as string[])[0] !== 'received');
    expect(calls).toEqual([
      ['begins', 'alice', 1],
      ['begins', 'bob', 4],
      ['ends', 'bob', 4],
      ['ends', 'alice', 1],
      ['begins', 'alice', 2],
      ['ends', 'alice', 2],
      ['query'],
    ]);
  }));

test('CUS-015: what waits for a slow handler is bounded, and nothing is lost', () =>
  onStage(async (stage) => {
    let handled = 0;
    await stage.startServer({
      customize: {
        handleInformation: async () => {
          handled++;
          if (handled === 1) await stage.sleep(5);
        },
      },
    });
    const alice = await stage.loggedOn('alice');
    for (let i = 0; i < 300; i++) alice.engine.customizeOutter.send(1, new Uint8Array(10_000));
    await stage.sleep(4);
    // 3 MB do not fit into the buffers on the way when the server stops reading.
    expect(alice.engine.channelIsBusy).toBe(true);
    await stage.until(() => handled === 300);
  }));

test('a handler may ask its own sender while it holds up the connection', () =>
  onStage(async (stage) => {
    const server = await stage.startServer({
      customize: {
        handleInformation: async (source) => {
          stage.journal.push([
            'answer',
            [...(await server.customizeController.queryLocalClient(source!, 1, bytes(7)))!],
          ]);
        },
      },
    });
    const alice = await stage.loggedOn('alice');
    alice.engine.customizeOutter.send(1, null);
    await stage.sleep(1);
    expect(stage.journal.at(-1)).toEqual(['answer', [7]]);
  }));

test.each([
  ['its sender has gone (SEC-003)', (stage: Stage) => stage.clients[0]!.engine.close(), [1, 2]],
  ['its sender was cut off (REL-011)', (stage: Stage) => stage.server.basicController.kickOut('alice'), [1]],
])('what waits for a slow handler when %s', (_, end, expected) =>
  onStage(async (stage) => {
    const handled: number[] = [];
    await stage.startServer({
      customize: {
        handleInformation: async (_source, type) => {
          handled.push(type);
          await stage.sleep(2);
        },
      },
    });
    const alice = await stage.loggedOn('alice');
    alice.engine.customizeOutter.send(1, null);
    alice.engine.customizeOutter.send(2, null);
    await stage.sleep(1);
    end(stage);
    await stage.sleep(5);
    expect(handled).toEqual(expected);
  }),
);

import { expect, test } from 'vitest';
import { MessageType } from '../../spec/grammar/index.ts';
import { HandingException, TimeoutException } from '../../impl/index.ts';
import { bytes, informationBody, onStage } from './stage.ts';
import type { Client, Stage } from './stage.ts';

const never = (): Promise<never> => new Promise<never>(() => undefined);
/** Answers by type: 1 echo, 2 throws, 3 null, 4 never, 5 after two seconds, 6 too large, 7 nonsense. */
const byType = (stage: Stage) => (_source: string | null, type: number, info: Uint8Array | null) => {
  if (type === 2) throw new Error('no');
  if (type === 3) return null;
  if (type === 4) return never();
  if (type === 5) return stage.sleep(2).then(() => info);
  if (type === 6) return new Uint8Array(1_048_529);
  if (type === 7) return 'nonsense' as unknown as Uint8Array;
  return info;
};
const withBob = async (stage: Stage): Promise<[Client, Client]> => {
  await stage.startServer({ customize: { handleQuery: byType(stage) } });
  return [await stage.loggedOn('alice'), await stage.loggedOn('bob', undefined, { handleQuery: byType(stage) })];
};
const codeOf = (error: unknown): string => (error as { code: string }).code;
const GONE = { code: 'E_DISCONNECTED', message: 'Network connection is disconnected !' };
const TIMEOUT = { code: 'E_TIMEOUT', message: 'Timeout waiting for reply !' };

test.each([['bob'], [null]])('QRY-001 to QRY-003, QRY-013, QRY-016: every kind of answer, from %s', (target) =>
  onStage(async (stage) => {
    const [alice] = await withBob(stage);
    const query = (type: number, info: Uint8Array | null = null): Promise<Uint8Array | null> =>
      alice.engine.customizeOutter.query(target, type, info);
    expect(await query(1, bytes(1, 2))).toEqual(bytes(1, 2));
    expect(await query(1, bytes())).toEqual(bytes());
    expect(await query(1, null)).toBeNull();
    expect(await query(3, bytes(1))).toBeNull();
    for (const type of [2, 6, 7]) {
      const error: unknown = await query(type).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(HandingException);
      const who = target ?? '_0';
      expect(error).toMatchObject({
        code: 'E_HANDLING',
        message: `There is an exception occured when ${who} handing the query of ${type}.`,
      });
    }
  }),
);

test('QRY-004: no answer and no target end after the waiting time, alike', () =>
  onStage(async (stage) => {
    const [alice] = await withBob(stage);
    const { customizeOutter } = alice.engine;
    const startSecs = stage.nowSecs;
    const ends: number[] = [];
    const ended = (error: unknown): void => {
      expect(error).toBeInstanceOf(TimeoutException);
      expect(error).toMatchObject(TIMEOUT);
      ends.push(stage.nowSecs - startSecs);
    };
    await Promise.all([
      customizeOutter.query('bob', 4, null).catch(ended),
      customizeOutter.query('nobody', 1, null).catch(ended),
      customizeOutter.sendCertainly('nobody', 1, null).catch(ended),
      stage.server.customizeController.queryLocalClient('nobody', 1, null).catch(ended),
      stage.server.customizeController.sendCertainlyToLocalClient('nobody', 1, null).catch(ended),
    ]);
    expect(ends).toHaveLength(5);
    for (const end of ends) expect(end).toBeCloseTo(30, 3);
  }));

test('QRY-005: a waiting time of 0 waits until the connection ends', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const alice = await stage.loggedOn('alice', (engine) => (engine.waitResponseTimeoutInSecs = 0));
    let settled = false;
    const query = alice.engine.customizeOutter.query('nobody', 1, null).finally(() => (settled = true));
    const failed = expect(query).rejects.toMatchObject(GONE);
    await stage.sleep(1000);
    expect(settled).toBe(false);
    alice.engine.close();
    await failed;
  }));

test('QRY-007: answers in another order find their questions', () =>
  onStage(async (stage) => {
    const [alice] = await withBob(stage);
    const order: number[] = [];
    const ask = async (type: number, value: number): Promise<void> => {
      expect(await alice.engine.customizeOutter.query('bob', type, bytes(value))).toEqual(bytes(value));
      order.push(value);
    };
    await Promise.all([ask(5, 1), ask(1, 2), ask(1, 3)]);
    expect(order).toEqual([2, 3, 1]);
  }));

test('CUS-015: on the server a query that is being answered holds up the next call of its connection', () =>
  onStage(async (stage) => {
    const [alice] = await withBob(stage);
    const order: number[] = [];
    await Promise.all(
      [5, 1].map((type) => alice.engine.customizeOutter.query(type, bytes(type)).then(() => order.push(type))),
    );
    expect(order).toEqual([5, 1]);
  }));

test('QRY-006, QRY-011, ACK-010: answers that are late, unknown, or from somebody else are ignored', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const alice = await stage.loggedOn('alice', (engine) => (engine.waitResponseTimeoutInSecs = 5));
    const asked = await stage.rawLoggedOn('asked');
    const spoofer = await stage.rawLoggedOn('spoofer');
    const outcome = alice.engine.customizeOutter.query('asked', 1, null).then((answer) => [...answer!], codeOf);
    const acked = alice.engine.customizeOutter.sendCertainly('asked', 1, null).then(() => 'acked', codeOf);
    await stage.until(() => asked.frames.length === 3);
    const [request, needAck] = asked.frames.slice(1);
    const answer = (value: number): Uint8Array => informationBody(1, bytes(value));
    spoofer.send(MessageType.Response, answer(66), { messageId: request!.messageId, destId: 'alice' });
    spoofer.send(MessageType.Ack, null, { messageId: needAck!.messageId, destId: 'alice' });
    asked.send(MessageType.Response, answer(67), { messageId: request!.messageId + 50, destId: 'alice' });
    asked.send(MessageType.Ack, null, { messageId: request!.messageId, destId: 'alice' });
    await stage.sleep(1);
    asked.send(MessageType.Response, answer(1), { messageId: request!.messageId, destId: 'alice' });
    expect(await outcome).toEqual([1]);
    expect(await acked).toBe('E_TIMEOUT');
    asked.send(MessageType.Response, answer(2), { messageId: request!.messageId, destId: 'alice' });
    asked.send(MessageType.Ack, null, { messageId: needAck!.messageId, destId: 'alice' });
    await stage.settle(alice);
    expect(alice.engine.connected).toBe(true);
  }));

test('QRY-008, ACK-005: callbacks come exactly once, with error, response and tag', () =>
  onStage(async (stage) => {
    const [alice] = await withBob(stage);
    const { customizeOutter } = alice.engine;
    const calls: unknown[] = [];
    const query = (tag: string, target: string | null, type: number): void => {
      const promise = customizeOutter.query(
        target,
        type,
        bytes(1),
        (error, response, given) => {
          calls.push([
            given,
            (error as { code?: string } | null)?.code ?? null,
            response === null ? null : [...response],
          ]);
          throw new Error('the callback broke');
        },
        tag,
      );
      void promise;
    };
    query('answered', 'bob', 1);
    query('thrown', 'bob', 2);
    query('refused', '', 1);
    query('timed out', 'nobody', 1);
    void customizeOutter.sendCertainly('bob', 1, null, (succeed, tag) => calls.push([tag, succeed]), 'acked');
    void customizeOutter.sendCertainly('nobody', 1, null, (succeed, tag) => calls.push([tag, succeed]), 'not acked');
    await stage.sleep(20);
    query('disconnected', 'bob', 4);
    await stage.sleep(15);
    alice.engine.close();
    await stage.sleep(1);
    expect(calls).toEqual([
      ['refused', 'E_USER_ID', null],
      ['answered', null, [1]],
      ['thrown', 'E_HANDLING', null],
      ['acked', true],
      ['timed out', 'E_TIMEOUT', null],
      ['not acked', false],
      ['disconnected', 'E_DISCONNECTED', null],
    ]);
  }));

test('QRY-010, QRY-014, ACK-006, ACK-013: the server asks its users likewise, and their end ends the wait', () =>
  onStage(async (stage) => {
    const [, bob] = await withBob(stage);
    const controller = stage.server.customizeController;
    expect(await controller.queryLocalClient('bob', 1, bytes(4))).toEqual(bytes(4));
    await controller.sendCertainlyToLocalClient('bob', 9, bytes(5));
    expect(bob.received).toEqual([[null, 9, [5]]]);
    await expect(controller.queryLocalClient('bob', 2, null)).rejects.toThrow('when bob handing the query of 2.');
    const deaf = await stage.rawLoggedOn('deaf');
    const waiting = [
      controller.queryLocalClient('deaf', 4, null),
      controller.sendCertainlyToLocalClient('deaf', 4, null),
    ];
    const ended = Promise.all(waiting.map((each) => expect(each).rejects.toMatchObject(GONE)));
    await stage.sleep(1);
    deaf.connection.end();
    await ended;
    expect(stage.nowSecs).toBeLessThan(3);
  }));

test('ACK-002, ACK-003, ACK-009, ACK-011: the ACK comes first, also from a handler that throws, and delivery is once', () =>
  onStage(async (stage) => {
    await stage.startServer({ configure: (server) => (server.heartbeatTimeoutInSecs = 0) });
    const bob = await stage.loggedOn('bob', undefined, {
      handleInformation: (_source, type) => {
        bob.engine.customizeOutter.send('raw', type, null);
        bob.received.push(type);
        throw new Error('after the fact');
      },
    });
    const raw = await stage.rawLoggedOn('raw');
    raw.send(MessageType.InformationNeedAck, informationBody(8, null), { messageId: 31, destId: 'bob' });
    await stage.until(() => raw.frames.length === 3);
    expect(raw.frames.slice(1)).toMatchObject([
      { messageType: MessageType.Ack, messageId: 31, sourceId: 'bob', destId: 'raw', body: bytes() },
      { messageType: MessageType.InformationBySend },
    ]);
    await stage.sleep(60);
    expect(bob.received).toEqual([8]);
    raw.send(MessageType.InformationNeedAck, informationBody(9, null), { messageId: 32 });
    await stage.until(() => raw.frames.length === 4);
    expect(raw.frames[3]).toMatchObject({ messageType: MessageType.Ack, messageId: 32, sourceId: '_0', destId: 'raw' });
  }));

test('ACK-007: information with ACK keeps its place among plain sends', () =>
  onStage(async (stage) => {
    const [alice, bob] = await withBob(stage);
    const { customizeOutter } = alice.engine;
    customizeOutter.send('bob', 1, null);
    const acked = customizeOutter.sendCertainly('bob', 2, null);
    customizeOutter.send('bob', 3, null);
    await acked;
    await stage.settle(alice, bob);
    expect(bob.received.map((entry) => (entry as number[])[1])).toEqual([1, 2, 3]);
  }));

test('an answer with the null of the type counts as the empty one', () =>
  onStage(async (stage) => {
    await stage.startServer();
    const alice = await stage.loggedOn('alice');
    const asked = await stage.rawLoggedOn('asked');
    const query = expect(alice.engine.customizeOutter.query('asked', 1, null)).rejects.toBeInstanceOf(HandingException);
    await stage.until(() => asked.frames.length === 2);
    const { messageId } = asked.frames[1]!;
    asked.send(MessageType.Response, bytes(255, 255, 255, 255), { messageId, destId: 'alice' });
    await query;
  }));

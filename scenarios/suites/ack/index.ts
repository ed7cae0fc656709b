/** Information with ACK: chapter 11. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { THROWING_INFORMATION_TYPE } from '../../attach/client-subject.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import type { RawConnection } from '../../attach/raw-peer.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';
import { swarm } from './swarm.ts';

function acknowledge(connection: RawConnection, messageId: number, sourceId = '_0'): void {
  connection.send({ messageType: MessageType.Ack, messageId, sourceId, destId: 'alice', clientType: 8 });
}

/** Ends with a call that was acknowledged, so that whatever was sent before has been dealt with. */
async function sentinel(alice: ClientSubject, connection: RawConnection): Promise<void> {
  const done = alice.sendCertainly(null, 1, null);
  acknowledge(connection, (await connection.expect(MessageType.InformationNeedAck)).messageId);
  await done;
}

export const scenarios: readonly AnyScenario[] = [
  ...swarm,
  scenario({
    id: 'ACK-1M6A',
    title: 'sendCertainly is one InformationNeedAck and resolves on its Ack, not before',
    clauses: ['ACK-001', 'ACK-005', 'ACK-009'],
    kind: 'property',
    needs: ['logon', 'ack'],
    plan: () =>
      fc.record({
        target: fc.constantFrom(null, 'bob'),
        informationType: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        info: fc.option(fc.uint8Array({ maxLength: 30 })),
        ackAfterSecs: fc.integer({ min: 0, max: 20 }),
      }),
    runs: 12,
    async run(stage, plan) {
      const { alice, connection } = await aliceAtRawServer(stage);
      let isResolved = false;
      const sent = alice.sendCertainly(plan.target, plan.informationType, plan.info);
      sent.then(() => (isResolved = true)).catch(() => undefined);
      const message = await connection.expect(MessageType.InformationNeedAck, { clause: 'ACK-001' });
      const body = codecs.BinaryInformationContract.decode(message.body);
      const expected = { Content: plan.info, InformationType: plan.informationType };
      stage.equal(body.ok ? body.value : body.error, expected, 'ACK-001', 'the message carries something else');
      await stage.sleep(plan.ackAfterSecs);
      stage.equal(isResolved, false, 'ACK-005', 'the promise resolved before its Ack came');
      acknowledge(connection, message.messageId, plan.target ?? '_0');
      await sent;
      await sentinel(alice, connection);
      const copies = connection.received.filter((each) => each.messageType === MessageType.InformationNeedAck);
      stage.equal(copies.length, 2, 'ACK-009', 'information with ACK was sent more than once');
    },
  }),
  scenario({
    id: 'ACK-2N7B',
    title:
      'information with ACK is acknowledged with its id to its source, before the handler, and also when that throws',
    clauses: ['ACK-011', 'ACK-002', 'ACK-003'],
    kind: 'property',
    needs: ['logon', 'ack'],
    plan: () =>
      fc.record({
        source: fc.constantFrom('_0', 'bob'),
        throws: fc.boolean(),
        id: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      }),
    async run(stage, { source, throws, id }) {
      const { alice, connection } = await aliceAtRawServer(stage);
      connection.send({
        messageType: MessageType.InformationNeedAck,
        messageId: id,
        sourceId: source,
        destId: 'alice',
        body: codecs.BinaryInformationContract.encode({
          Content: stage.payload(),
          InformationType: throws ? THROWING_INFORMATION_TYPE : 7,
        }),
      });
      const ack = await connection.expect(MessageType.Ack, { clause: throws ? 'ACK-003' : 'ACK-011' });
      stage.equal(ack.messageId, id, 'ACK-011', 'the Ack has another id than its information');
      const isToServer = ack.destId === '' || ack.destId === '_0';
      stage.check(source === '_0' ? isToServer : ack.destId === source, 'ACK-011', `the Ack goes to "${ack.destId}"`);
      stage.equal(ack.body.length, 0, 'ACK-011', 'the Ack has a body');
      await alice.waitFor('information', { clause: 'ACK-002' });
      stage.check(await alice.connected(), 'ACK-003', 'the client did not survive its handler');
    },
  }),
  scenario({
    id: 'ACK-3P8C',
    title: 'the server acknowledges before its handler runs',
    clauses: ['ACK-002'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const raw = await stage.rawClient(server, { userID: 'raw' });
      await raw.logon('raw');
      const Content = stage.payload();
      // The handler of the first query takes a second; the server handles one connection's information in order.
      raw.send({
        messageType: MessageType.InformationNeedAck,
        messageId: 77,
        body: codecs.BinaryInformationContract.encode({ Content, InformationType: 7 }),
      });
      const ack = await raw.expect(MessageType.Ack, { clause: 'ACK-011' });
      const handled = await server.waitFor('information', { clause: 'ACK-002' });
      stage.check(ack.messageId === 77, 'ACK-011', 'the Ack has another id than its information');
      // What left the server before the handler ran arrives at most one trip after it.
      stage.took(
        (ack.atMicros - handled.atMicros) / 1e6,
        { atLeast: -1, atMost: 0.02 },
        'ACK-002',
        'the Ack left long after the handler',
      );
    },
  }),
  scenario({
    id: 'ACK-4Q9D',
    title: 'without an Ack the call fails after the waiting time, not before',
    clauses: ['ACK-004'],
    kind: 'property',
    needs: ['logon', 'ack'],
    runs: 4,
    plan: () => fc.record({ waitSecs: fc.integer({ min: 2, max: 40 }) }),
    async run(stage, { waitSecs }) {
      const { alice } = await aliceAtRawServer(stage, { waitResponseTimeoutInSecs: waitSecs });
      const begin = stage.nowSecs();
      await stage.rejects(alice.sendCertainly(null, 9, null), 'E_TIMEOUT', 'ACK-004', 'no timeout without an Ack');
      stage.took(stage.nowSecs() - begin, { atLeast: waitSecs, atMost: waitSecs + 1.5 }, 'ACK-004', 'the waiting time');
    },
  }),
  scenario({
    id: 'ACK-5RAE',
    title: 'information with ACK for somebody offline times out at the sender and is reported at the server',
    clauses: ['ACK-004', 'CUS-006'],
    kind: 'example',
    needs: ['logon', 'ack'],
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice', { waitResponseTimeoutInSecs: 6 });
      const begin = stage.nowSecs();
      const info = stage.payload();
      await stage.rejects(alice.sendCertainly('nobody', 12, info), 'E_TIMEOUT', 'ACK-004', 'no timeout for nobody');
      stage.took(stage.nowSecs() - begin, { atLeast: 6, atMost: 8 }, 'ACK-004', 'the waiting time');
      const failed = await server.waitFor('transmitFailed', { clause: 'CUS-006' });
      const { sourceID, destID, informationType, content } = failed;
      const expected = { sourceID: 'alice', destID: 'nobody', informationType: 12, content: info };
      stage.equal(
        { sourceID, destID, informationType, content },
        expected,
        'CUS-006',
        'TransmitFailed tells something else',
      );
    },
  }),
  scenario({
    id: 'ACK-6SBF',
    title: 'without a waiting time a call outlasts any timeout and still takes its Ack',
    clauses: ['ACK-012'],
    kind: 'example',
    needs: ['logon', 'ack'],
    async run(stage) {
      const { alice, connection } = await aliceAtRawServer(stage, {
        waitResponseTimeoutInSecs: 0,
        heartBeatSpanInSecs: 0,
      });
      const sent = alice.sendCertainly(null, 9, null);
      const { messageId } = await connection.expect(MessageType.InformationNeedAck, { clause: 'ACK-012' });
      await stage.sleep(45);
      acknowledge(connection, messageId);
      await sent;
    },
  }),
  scenario({
    id: 'ACK-7TCG',
    title: 'Acks with unknown ids, from strangers, or of another type settle nothing',
    clauses: ['ACK-010'],
    kind: 'property',
    needs: ['logon', 'ack'],
    plan: () =>
      fc.record({
        target: fc.constantFrom(null, 'bob'),
        wrong: fc.array(fc.constantFrom('id', 'source', 'type'), { minLength: 1, maxLength: 3 }),
      }),
    async run(stage, { target, wrong }) {
      const { alice, connection } = await aliceAtRawServer(stage);
      let isSettled = false;
      const sent = alice.sendCertainly(target, 9, null);
      sent.finally(() => (isSettled = true)).catch(() => undefined);
      const { messageId } = await connection.expect(MessageType.InformationNeedAck);
      const source = target ?? '_0';
      for (const fault of wrong) {
        if (fault === 'id') acknowledge(connection, messageId + 5, source);
        else if (fault === 'source') acknowledge(connection, messageId, 'mallory');
        else
          connection.send({
            messageType: MessageType.PingAck,
            messageId,
            sourceId: source,
            destId: 'alice',
            body: codecs.PingContract.encode({ SendTicks: 1 }),
          });
      }
      await sentinel(alice, connection);
      stage.equal(isSettled, false, 'ACK-010', 'an Ack that was none settled the call');
      acknowledge(connection, messageId, source);
      await sent;
    },
  }),
  scenario({
    id: 'ACK-8VDH',
    title: 'a connection that ends fails waiting calls at once, at the client and at the server',
    clauses: ['ACK-008', 'ACK-013'],
    kind: 'property',
    needs: ['logon', 'ack'],
    runs: 6,
    plan: () => fc.record({ count: fc.integer({ min: 1, max: 4 }) }),
    async run(stage, { count }) {
      const { alice, connection } = await aliceAtRawServer(stage, { autoReconnect: false });
      const begin = stage.nowSecs();
      const waiting = Array.from({ length: count }, () =>
        stage.rejects(
          alice.sendCertainly('bob', 9, null),
          'E_DISCONNECTED',
          'ACK-008',
          'a call outlived its connection',
        ),
      );
      for (let index = 0; index < count; index++) await connection.expect(MessageType.InformationNeedAck);
      connection.abort();
      await Promise.all(waiting);
      const server = await stage.server();
      const raw = await stage.rawClient(server, { userID: 'raw' });
      await raw.logon('raw');
      const fromServer = server.engine.customizeController.sendCertainlyToLocalClient('raw', 9, null);
      const failed = stage.rejects(fromServer, 'E_DISCONNECTED', 'ACK-013', 'a call outlived the user it waits for');
      await raw.expect(MessageType.InformationNeedAck, { clause: 'ACK-006' });
      raw.abort();
      await failed;
      stage.took(stage.nowSecs() - begin, { atMost: 12 }, 'ACK-008', 'failing took as long as a timeout');
    },
  }),
  scenario({
    id: 'ACK-9WEJ',
    title: 'the server sends with ACK to its users by the same rules, with promise and with callback',
    clauses: ['ACK-006', 'ACK-005'],
    kind: 'example',
    needs: ['logon', 'ack'],
    async run(stage) {
      const server = await stage.server({ waitResponseTimeoutInSecs: 5 });
      const alice = await stage.loggedOn(server, 'alice');
      const controller = server.engine.customizeController;
      const info = stage.payload();
      await controller.sendCertainlyToLocalClient('alice', 31, info);
      const got = await alice.waitFor('information', { clause: 'ACK-006' });
      stage.equal(
        [got.source, got.informationType, got.info],
        [null, 31, info],
        'ACK-006',
        'the client got something else',
      );
      const told: string[] = [];
      const note = (succeed: boolean, tag: unknown): void => void told.push(`${String(tag)}:${succeed}`);
      void controller.sendCertainlyToLocalClient('alice', 32, null, note, 'there');
      void controller.sendCertainlyToLocalClient('nobody', 33, null, note, 'gone');
      await stage.until(() => told.length >= 2, 20, 'not every handler was told', 'ACK-005');
      await controller.sendCertainlyToLocalClient('alice', 34, null);
      stage.equal(told, ['there:true', 'gone:false'], 'ACK-005', 'the handlers were told otherwise');
    },
  }),
  scenario({
    id: 'ACK-AXFK',
    title: 'information with and without ACK keeps its order, whatever the network does',
    clauses: ['ACK-007', 'CUS-004'],
    kind: 'property',
    needs: ['logon', 'send', 'ack'],
    plan: () =>
      fc.record({
        certain: fc.array(fc.boolean(), { minLength: 2, maxLength: 12 }),
        lossPerMille: fc.constantFrom(0, 20, 100),
        delayMillis: fc.constantFrom(1, 20, 80),
        chunkBytesMax: fc.constantFrom(0, 5, 50),
      }),
    async run(stage, { certain, ...conditions }) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      stage.net.conditions(alice.host, conditions);
      const calls = certain.map((isCertain, index) => {
        const info = stage.payload();
        return isCertain ? alice.sendCertainly('bob', 100 + index, info) : alice.send('bob', 100 + index, info);
      });
      await Promise.all(calls);
      await stage.until(() => bob.events.length >= certain.length, 60, 'not everything arrived', 'ACK-007');
      const types = bob.events.map((event) => (event.kind === 'information' ? event.informationType : -1));
      stage.equal(
        types,
        certain.map((_, index) => 100 + index),
        'ACK-007',
        'information overtook other information',
      );
    },
  }),
];

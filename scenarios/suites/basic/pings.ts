/** Pings: to the server, to other users, and how long they took. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

export const pings: readonly AnyScenario[] = [
  scenario({
    id: 'BAS-6GAF',
    title: 'a ping measures the way to its destination and back',
    clauses: ['BAS-010', 'BAS-011'],
    kind: 'property',
    needs: ['logon', 'basic'],
    plan: () =>
      fc.record({ aliceMillis: fc.integer({ min: 1, max: 400 }), bobMillis: fc.integer({ min: 1, max: 400 }) }),
    async run(stage, { aliceMillis, bobMillis }) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      stage.net.conditions(alice.host, { delayMillis: aliceMillis });
      stage.net.conditions(bob.host, { delayMillis: bobMillis });
      const own = (await alice.basic({ verb: 'ping' })) as number;
      stage.took(
        own / 1000,
        { atLeast: (2 * aliceMillis - 1) / 1000, atMost: (2 * aliceMillis) / 1000 + 0.1 },
        'BAS-010',
        'ping()',
      );
      const both = (await alice.basic({ verb: 'pingByServer', userID: 'bob' })) as number;
      const millis = 2 * (aliceMillis + bobMillis);
      stage.took(
        both / 1000,
        { atLeast: (millis - 1) / 1000, atMost: millis / 1000 + 0.2 },
        'BAS-011',
        'pingByServer()',
      );
    },
  }),
  scenario({
    id: 'BAS-7HBG',
    title: 'a client answers a ping meant for it with the same id and body, to whoever sent it',
    clauses: ['BAS-012', 'BAS-010'],
    kind: 'property',
    needs: ['logon', 'basic'],
    plan: () =>
      fc.record({
        source: fc.constantFrom('_0', 'bob'),
        id: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        ticks: fc.integer({ min: 0, max: 2 ** 40 }),
      }),
    async run(stage, { source, id, ticks }) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const body = codecs.PingContract.encode({ SendTicks: ticks });
      connection.send({
        messageType: MessageType.PingByServer,
        messageId: id,
        sourceId: source,
        destId: 'alice',
        body,
      });
      const ack = await connection.expect(MessageType.PingAck, { clause: 'BAS-012' });
      stage.equal([ack.messageId, ack.body], [id, body], 'BAS-012', 'the PingAck has another id or body');
      stage.check(
        source === '_0' ? ['', '_0'].includes(ack.destId) : ack.destId === source,
        'BAS-012',
        `it goes to "${ack.destId}"`,
      );
      const asked = alice.basic({ verb: 'ping' });
      const ping = await connection.expect(MessageType.PingByServer, { clause: 'BAS-010' });
      stage.check(['', '_0'].includes(ping.destId), 'BAS-010', `ping() is addressed to "${ping.destId}"`);
      connection.send({
        messageType: MessageType.PingAck,
        messageId: ping.messageId,
        sourceId: '_0',
        destId: 'alice',
        clientType: 8,
        body: ping.body,
      });
      stage.check(((await asked) as number) >= 0, 'BAS-010', 'ping() gave no time');
    },
  }),
  scenario({
    id: 'BAS-8JCH',
    title: 'the server answers pings to it and discards pings and their answers for nobody',
    clauses: ['BAS-012', 'BAS-021'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const raw = await stage.rawClient(server, { userID: 'raw' });
      await raw.logon('raw');
      const body = codecs.PingContract.encode({ SendTicks: 99 });
      raw.send({ messageType: MessageType.PingByServer, messageId: 5, destId: 'nobody', body });
      raw.send({ messageType: MessageType.PingAck, messageId: 6, destId: 'nobody', body });
      raw.send({ messageType: MessageType.PingByServer, messageId: 7, body });
      const ack = await raw.expect(MessageType.PingAck, { clause: 'BAS-012' });
      stage.equal(
        [ack.messageId, ack.body],
        [7, body],
        'BAS-021',
        'a ping to nobody was answered, or the answer is wrong',
      );
      const raised = server.events.filter(
        (event) => event.kind === 'transmitFailed' || event.kind === 'informationReceived',
      );
      stage.equal(raised.length, 0, 'BAS-021', 'a discarded ping raised an event');
    },
  }),
];

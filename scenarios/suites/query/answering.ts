/** The answering side of a query, and both sides through a real server. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

export const answering: readonly AnyScenario[] = [
  scenario({
    id: 'QRY-7D4T',
    title: 'a Request is handled once and answered after its handler, with its id, its type and the result',
    clauses: ['QRY-012', 'QRY-015', 'FRM-012'],
    kind: 'property',
    needs: ['logon', 'query'],
    plan: () => fc.array(fc.record({ millis: fc.integer({ min: 0, max: 900 }) }), { minLength: 1, maxLength: 4 }),
    async run(stage, asked) {
      const { alice, connection } = await aliceAtRawServer(stage);
      for (const [index, { millis }] of asked.entries()) {
        const content = Uint8Array.of(millis & 0xff, millis >> 8, index, 7);
        const begin = stage.nowSecs();
        connection.send({
          messageType: MessageType.Request,
          messageId: 500 + index,
          sourceId: 'bob',
          destId: 'alice',
          body: codecs.BinaryInformationContract.encode({
            Content: content,
            InformationType: QUERY_RULES.delayedReverse,
          }),
        });
        const response = await connection.expect(MessageType.Response, { clause: 'QRY-015' });
        stage.took(
          stage.nowSecs() - begin,
          { atLeast: millis / 1000 },
          'QRY-012',
          'the answer came before the handler ended',
        );
        stage.equal(response.messageId, 500 + index, 'FRM-012', 'the Response has another id than its Request');
        stage.equal(response.destId, 'bob', 'QRY-015', 'the Response goes to somebody else');
        const body = codecs.BinaryInformationContract.decode(response.body);
        const expected = { Content: content.slice().reverse(), InformationType: QUERY_RULES.delayedReverse };
        stage.equal(body.ok ? body.value : body.error, expected, 'QRY-015', 'the Response carries something else');
      }
      const handled = alice.events.filter((event) => event.kind === 'query').length;
      stage.equal(handled, asked.length, 'QRY-012', 'handleQuery ran another number of times than asked');
    },
  }),
  scenario({
    id: 'QRY-8E6V',
    title: 'a handler that throws answers with an empty body, at a client and at the server',
    clauses: ['QRY-016', 'QRY-003'],
    kind: 'matrix',
    needs: ['logon', 'query'],
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      await stage.loggedOn(server, 'bob');
      for (const target of [null, 'bob']) {
        const asked = alice.query(target, QUERY_RULES.throws, stage.payload());
        const error = await stage.rejects(
          asked,
          'E_HANDLING',
          'QRY-016',
          'a throwing handler gave no handling exception',
        );
        stage.check(
          error.message.includes(`when ${target ?? '_0'} handing`),
          'QRY-003',
          `wrong party: ${error.message}`,
        );
      }
      stage.equal(await alice.query('bob', QUERY_RULES.null, null), null, 'QRY-002', 'a null answer is not null');
    },
  }),
  scenario({
    id: 'QRY-9F1W',
    title: 'an answer above the message limit becomes a handling exception, one of exactly the limit is sent',
    clauses: ['QRY-013'],
    kind: 'property',
    needs: ['logon', 'query'],
    plan: () =>
      fc.record({
        target: fc.constantFrom(null, 'bob'),
        bytesAboveLimit: fc.integer({ min: -4, max: 4 }).map((n) => n * 2),
      }),
    async run(stage, { target, bytesAboveLimit }) {
      const maxLengthOfMessage = 400;
      const server = await stage.server({ maxLengthOfMessage });
      const alice = await stage.loggedOn(server, 'alice', { maxLengthOfMessage });
      await stage.loggedOn(server, 'bob', { maxLengthOfMessage });
      // Header 36, body 12 and the content, which the answer carries twice.
      const content = stage.payload((maxLengthOfMessage - 48 + bytesAboveLimit) / 2);
      const asked = alice.query(target, QUERY_RULES.doubled, content);
      if (bytesAboveLimit > 0) await stage.rejects(asked, 'E_HANDLING', 'QRY-013', 'no handling exception');
      else stage.equal((await asked)?.length, content.length * 2, 'QRY-013', 'an answer within the limit did not come');
      stage.equal(
        await alice.query(target, QUERY_RULES.echo, content),
        content,
        'QRY-013',
        'the connection was harmed',
      );
    },
  }),
  scenario({
    id: 'QRY-EM61',
    title: 'a server without a handler answers every query with an empty body',
    clauses: ['QRY-018'],
    kind: 'example',
    needs: ['logon', 'query'],
    async run(stage) {
      const server = await stage.server({ customizeHandler: 'none' });
      const alice = await stage.loggedOn(server, 'alice');
      const asked = alice.query(null, QUERY_RULES.echo, stage.payload());
      await stage.rejects(asked, 'E_HANDLING', 'QRY-018', 'no handling exception without a handler');
    },
  }),
  scenario({
    id: 'QRY-AG2X',
    title: 'a query to somebody who is not online times out after the waiting time',
    clauses: ['QRY-004', 'QRY-010'],
    kind: 'example',
    needs: ['logon', 'query'],
    async run(stage) {
      const server = await stage.server({ waitResponseTimeoutInSecs: 30 });
      const alice = await stage.loggedOn(server, 'alice', { waitResponseTimeoutInSecs: 30 });
      const begin = stage.nowSecs();
      await stage.rejects(alice.query('nobody', 9, null), 'E_TIMEOUT', 'QRY-004', 'no timeout for an offline target');
      stage.took(stage.nowSecs() - begin, { atLeast: 30, atMost: 32 }, 'QRY-004', 'the waiting time of the client');
      const again = stage.nowSecs();
      const fromServer = server.engine.customizeController.queryLocalClient('nobody', 9, null);
      await stage.rejects(fromServer, 'E_TIMEOUT', 'QRY-010', 'no timeout for an offline user');
      stage.took(stage.nowSecs() - again, { atLeast: 30, atMost: 32 }, 'QRY-010', 'the waiting time of the server');
    },
  }),
  scenario({
    id: 'QRY-BH3Y',
    title: 'the server asks its users by the same rules as clients ask',
    clauses: ['QRY-010', 'QRY-014'],
    kind: 'example',
    needs: ['logon', 'query'],
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice', { autoReconnect: false });
      const controller = server.engine.customizeController;
      const asked = stage.payload();
      stage.equal(
        await controller.queryLocalClient('alice', QUERY_RULES.echo, asked),
        asked,
        'QRY-010',
        'another answer',
      );
      const seen = alice.events.find((event) => event.kind === 'query');
      stage.equal(
        seen?.kind === 'query' ? seen.source : undefined,
        null,
        'CUS-003',
        'the server is not null to a client',
      );
      const throwing = controller.queryLocalClient('alice', QUERY_RULES.throws, null);
      const error = await stage.rejects(throwing, 'E_HANDLING', 'QRY-010', 'no handling exception');
      stage.check(error.message.includes('when alice handing'), 'QRY-010', `wrong party: ${error.message}`);
      const begin = stage.nowSecs();
      const unanswered = controller.queryLocalClient('alice', QUERY_RULES.silent, null);
      const failed = stage.rejects(unanswered, 'E_DISCONNECTED', 'QRY-014', 'the query outlived the user');
      await alice.waitFor('query', { match: (event) => event.informationType === QUERY_RULES.silent });
      await alice.close();
      await failed;
      stage.took(stage.nowSecs() - begin, { atMost: 10 }, 'QRY-014', 'failing took as long as a timeout');
    },
  }),
  scenario({
    id: 'QRY-CJ4Z',
    title: 'the callback form calls its handler once, with the answer or the error, and the tag',
    clauses: ['QRY-008'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server({ waitResponseTimeoutInSecs: 5 });
      await stage.loggedOn(server, 'alice');
      const calls: string[] = [];
      const ask = (target: string, type: number, name: string): void => {
        void server.engine.customizeController.queryLocalClient(
          target,
          type,
          Uint8Array.of(1, 2),
          (error, response, tag) => {
            calls.push(
              `${String(tag)}:${(error as { code?: string } | null)?.code ?? 'ok'}:${response === null ? 'null' : response.join()}`,
            );
          },
          name,
        );
      };
      ask('alice', QUERY_RULES.echo, 'echo');
      ask('alice', QUERY_RULES.throws, 'throws');
      ask('alice', QUERY_RULES.silent, 'silent');
      ask('nobody', QUERY_RULES.echo, 'offline');
      await stage.until(() => calls.length >= 4, 20, 'not every handler was called', 'QRY-008');
      // Sentinel: one more answered query, so that a second call of any handler would have come.
      await server.engine.customizeController.queryLocalClient('alice', QUERY_RULES.echo, null);
      const expected = ['echo:ok:1,2', 'offline:E_TIMEOUT:null', 'silent:E_TIMEOUT:null', 'throws:E_HANDLING:null'];
      stage.equal([...calls].sort(), expected, 'QRY-008', 'the handlers were called otherwise');
    },
  }),
  scenario({
    id: 'QRY-DK50',
    title: 'the server discards a Response for somebody who has left, without an event and without harm',
    clauses: ['QRY-017', 'ACK-014'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const raw = await stage.rawClient(server, { userID: 'raw' });
      await raw.logon('raw');
      const body = codecs.BinaryInformationContract.encode({ Content: stage.payload(), InformationType: 3 });
      raw.send({ messageType: MessageType.Response, destId: 'gone', body });
      raw.send({ messageType: MessageType.Ack, destId: 'gone' });
      raw.send({ messageType: MessageType.PingByServer, body: codecs.PingContract.encode({ SendTicks: 5 }) });
      await raw.expect(MessageType.PingAck, { clause: 'QRY-017' });
      const raised = server.events.filter(
        (event) => event.kind === 'transmitFailed' || event.kind === 'informationReceived',
      );
      stage.equal(raised.length, 0, 'QRY-017', 'a discarded Response or Ack raised an event');
    },
  }),
];

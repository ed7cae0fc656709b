/** The asking side of a query, seen by a bare server: what it sends, which answers it takes, when it gives up. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import type { RawConnection } from '../../attach/raw-peer.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

/** The body of a Response, or of a Request. */
function information(content: Uint8Array | null, informationType: number): Uint8Array {
  return codecs.BinaryInformationContract.encode({ Content: content, InformationType: informationType });
}

function answer(connection: RawConnection, messageId: number, body: Uint8Array | null, sourceId = '_0'): void {
  connection.send({ messageType: MessageType.Response, messageId, sourceId, destId: 'alice', clientType: 8, body });
}

export const asking: readonly AnyScenario[] = [
  scenario({
    id: 'QRY-1A7K',
    title: 'a query is one Request with type, bytes and destination, and the Response with its id is the answer',
    clauses: ['QRY-001', 'QRY-002'],
    kind: 'property',
    needs: ['logon', 'query'],
    plan: () =>
      fc.record({
        target: fc.constantFrom(null, 'bob', 'Bob'),
        informationType: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        asked: fc.option(fc.uint8Array({ maxLength: 40 })),
        answered: fc.option(fc.uint8Array({ maxLength: 40 })),
        answeredType: fc.integer({ min: -5, max: 5 }),
      }),
    async run(stage, plan) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const answered = alice.query(plan.target, plan.informationType, plan.asked);
      const request = await connection.expect(MessageType.Request, { clause: 'QRY-001' });
      const body = codecs.BinaryInformationContract.decode(request.body);
      const expected = { Content: plan.asked, InformationType: plan.informationType };
      stage.equal(body.ok ? body.value : body.error, expected, 'QRY-001', 'the Request carries something else');
      const isForServer = request.destId === '' || request.destId === '_0';
      const destination = plan.target === null ? isForServer : request.destId === plan.target;
      stage.check(destination, 'QRY-001', `the Request is addressed to "${request.destId}"`);
      answer(connection, request.messageId, information(plan.answered, plan.answeredType), plan.target ?? '_0');
      stage.equal(await answered, plan.answered, 'QRY-002', 'the answer is not the content of the Response');
    },
  }),
  scenario({
    id: 'QRY-2H3M',
    title: 'an empty Response means that the handler threw, and the error names who and what',
    clauses: ['QRY-003'],
    kind: 'property',
    needs: ['logon', 'query'],
    plan: () =>
      fc.record({ target: fc.constantFrom(null, 'bob'), informationType: fc.integer({ min: -9, max: 99_999 }) }),
    async run(stage, plan) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const answered = alice.query(plan.target, plan.informationType, stage.payload());
      const refused = stage.rejects(answered, 'E_HANDLING', 'QRY-003', 'an empty Response is no handling exception');
      const request = await connection.expect(MessageType.Request);
      answer(connection, request.messageId, null, plan.target ?? '_0');
      const text = `There is an exception occured when ${plan.target ?? '_0'} handing the query of ${plan.informationType}.`;
      stage.check((await refused).message.includes(text), 'QRY-003', `the error does not say "${text}"`);
    },
  }),
  scenario({
    id: 'QRY-3T9N',
    title: 'a query without a Response fails after the waiting time, not before, and a late Response harms nothing',
    clauses: ['QRY-004', 'QRY-006'],
    kind: 'property',
    needs: ['logon', 'query'],
    runs: 6,
    plan: () => fc.record({ waitSecs: fc.integer({ min: 3, max: 40 }) }),
    async run(stage, { waitSecs }) {
      const { alice, connection } = await aliceAtRawServer(stage, { waitResponseTimeoutInSecs: waitSecs });
      const begin = stage.nowSecs();
      const error = await stage.rejects(alice.query(null, 9, null), 'E_TIMEOUT', 'QRY-004', 'no timeout');
      stage.took(stage.nowSecs() - begin, { atLeast: waitSecs, atMost: waitSecs + 1.5 }, 'QRY-004', 'the waiting time');
      stage.check(error.message.includes('Timeout waiting for reply !'), 'QRY-004', `another text: ${error.message}`);
      const request = await connection.expect(MessageType.Request);
      answer(connection, request.messageId, information(stage.payload(), 9));
      answer(connection, request.messageId + 1000, information(stage.payload(), 9));
      // Sentinel: the next query is answered by its own Response.
      const sentinel = stage.payload();
      const next = alice.query(null, 9, null);
      const again = await connection.expect(MessageType.Request);
      answer(connection, again.messageId, information(sentinel, 9));
      stage.equal(await next, sentinel, 'QRY-006', 'a late Response answered another query');
    },
  }),
  scenario({
    id: 'QRY-4C5P',
    title: 'without a waiting time a query outlasts any timeout and still takes its answer',
    clauses: ['QRY-005'],
    kind: 'property',
    needs: ['logon', 'query'],
    runs: 4,
    plan: () => fc.record({ waitSecs: fc.constantFrom(0, -1, -30) }),
    async run(stage, { waitSecs }) {
      const { alice, connection } = await aliceAtRawServer(stage, {
        waitResponseTimeoutInSecs: waitSecs,
        heartBeatSpanInSecs: 0,
      });
      const sentinel = stage.payload();
      const answered = alice.query(null, 9, null);
      const request = await connection.expect(MessageType.Request, { clause: 'QRY-005' });
      await stage.sleep(45);
      answer(connection, request.messageId, information(sentinel, 9));
      stage.equal(await answered, sentinel, 'QRY-005', 'the answer was not taken');
    },
  }),
  scenario({
    id: 'QRY-5V2R',
    title: 'answers in any order reach the query they belong to, and answers of strangers reach none',
    clauses: ['QRY-007', 'QRY-011', 'FRM-011'],
    kind: 'property',
    needs: ['logon', 'query'],
    plan: () =>
      fc.array(fc.constantFrom(null, 'bob', 'carol'), { minLength: 2, maxLength: 7 }).chain((targets) =>
        fc.record({
          targets: fc.constant(targets),
          order: fc.shuffledSubarray([...targets.keys()], { minLength: targets.length }),
          forged: fc.subarray([...targets.keys()]),
        }),
      ),
    async run(stage, { targets, order, forged }) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const answers = targets.map((target, index) => alice.query(target, 100 + index, null));
      const ids: number[] = [];
      for (const [index] of targets.entries()) {
        const { messageId } = await connection.expect(MessageType.Request, { clause: 'QRY-001' });
        stage.check(!ids.includes(messageId), 'FRM-011', `id ${messageId} is used by two waiting queries`);
        ids[index] = messageId;
      }
      for (const index of forged) answer(connection, ids[index]!, information(stage.payload(), 0), 'mallory');
      const given = targets.map(() => stage.payload());
      for (const index of order) {
        answer(connection, ids[index]!, information(given[index]!, 0), targets[index] ?? '_0');
      }
      stage.equal(await Promise.all(answers), given, 'QRY-007', 'answers went to other queries than theirs');
    },
  }),
  scenario({
    id: 'QRY-6W8S',
    title: 'a connection that ends fails every waiting query at once',
    clauses: ['QRY-009'],
    kind: 'property',
    needs: ['logon', 'query'],
    plan: () => fc.record({ count: fc.integer({ min: 1, max: 5 }), isReset: fc.boolean() }),
    async run(stage, { count, isReset }) {
      const { alice, connection } = await aliceAtRawServer(stage, { autoReconnect: false });
      const begin = stage.nowSecs();
      const failures = Array.from({ length: count }, () =>
        stage.rejects(alice.query(null, 9, null), 'E_DISCONNECTED', 'QRY-009', 'the query outlived its connection'),
      );
      for (let index = 0; index < count; index++) await connection.expect(MessageType.Request);
      if (isReset) connection.abort();
      else connection.end();
      for (const { message } of await Promise.all(failures)) {
        const isText = message.includes('Network connection is disconnected !');
        stage.check(isText, 'QRY-009', `another text: ${message}`);
      }
      stage.took(stage.nowSecs() - begin, { atMost: 10 }, 'QRY-009', 'failing took as long as a timeout');
    },
  }),
  scenario({
    id: 'QRY-FN72',
    title: 'a Response to a query of an earlier connection answers no query of the next one',
    clauses: ['QRY-006', 'FRM-024'],
    kind: 'property',
    needs: ['logon', 'query', 'reconnect'],
    runs: 6,
    plan: () => fc.record({ before: fc.integer({ min: 1, max: 3 }), isReset: fc.boolean() }),
    async run(stage, { before, isReset }) {
      const { alice, raw, connection } = await aliceAtRawServer(stage);
      const ids: number[] = [];
      for (let index = 0; index < before; index++) {
        alice.query('bob', 9, null).catch(() => undefined);
        ids.push((await connection.expect(MessageType.Request)).messageId);
      }
      if (isReset) connection.abort();
      else connection.end();
      const { connection: next } = await raw.acceptLogon();
      await alice.waitFor('relogonCompleted');
      const sentinel = stage.payload();
      const asked = alice.query('bob', 9, null);
      const { messageId } = await next.expect(MessageType.Request);
      stage.check(!ids.includes(messageId), 'FRM-024', `id ${messageId} was used before the reconnect`);
      for (const id of ids) answer(next, id, information(stage.payload(), 9), 'bob');
      answer(next, messageId, information(sentinel, 9), 'bob');
      stage.equal(await asked, sentinel, 'QRY-006', 'an answer from before the reconnect was taken');
    },
  }),
];

/** The receiving side: what the handler gets, from whom, in what order, and what an unfinished handler holds up. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import type { CustomizeHandler, RapidPassiveEngine } from '../../../impl/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES, THROWING_INFORMATION_TYPE } from '../../attach/client-subject.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

type EngineSubject = ClientSubject & { readonly engine: RapidPassiveEngine };

function information(content: Uint8Array | null, informationType: number): Uint8Array {
  return codecs.BinaryInformationContract.encode({ Content: content, InformationType: informationType });
}

/** The content of a query that QUERY_RULES.delayedReverse answers after so many milliseconds. */
function delayed(millis: number, mark: number): Uint8Array {
  return Uint8Array.of(millis & 0xff, millis >> 8, mark, 1);
}

const anyInfo = fc.option(fc.uint8Array({ maxLength: 40 }));
/** Not the type that makes the recorded handler throw. */
const calmType = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).filter((type) => type !== THROWING_INFORMATION_TYPE);

const content: readonly AnyScenario[] = [
  scenario({
    id: 'CUS-BM8Z',
    title:
      'a client hands each information on once, with type and bytes, the server being nobody and others themselves',
    clauses: ['CUS-002', 'CUS-003'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () =>
      fc.array(
        fc.record({
          sourceId: fc.constantFrom('_0', 'bob', 'Bob', '0', 'alice'),
          messageType: fc.constantFrom(MessageType.InformationBySend, MessageType.InformationByPost),
          informationType: calmType,
          info: anyInfo,
        }),
        { minLength: 1, maxLength: 6 },
      ),
    async run(stage, messages) {
      const { alice, connection } = await aliceAtRawServer(stage);
      for (const { sourceId, messageType, informationType, info } of messages) {
        connection.send({ messageType, sourceId, destId: 'alice', body: information(info, informationType) });
      }
      connection.send({ messageType: MessageType.PingByServer, body: codecs.PingContract.encode({ SendTicks: 5 }) });
      await connection.expect(MessageType.PingAck, { clause: 'CUS-002' });
      const got = alice.events.flatMap((event) => {
        if (event.kind !== 'information') return [];
        const { source, informationType, info } = event;
        return [{ source, informationType, info }];
      });
      const sources = messages.map(({ sourceId }) => (sourceId === '_0' ? null : sourceId));
      const wrong = got.length === messages.length && got.some(({ source }, index) => source !== sources[index]);
      const expected = messages.map(({ informationType, info }, at) => ({
        source: sources[at]!,
        informationType,
        info,
      }));
      stage.equal(got, expected, wrong ? 'CUS-003' : 'CUS-002', 'the handler got something else');
    },
  }),
  scenario({
    id: 'CUS-CN91',
    title: 'the server hands each information on once, exactly as sent, under the UserID of the user who sent it',
    clauses: ['CUS-002', 'CUS-020', 'CUS-004'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () =>
      fc.record({
        chunkBytesMax: fc.constantFrom(0, 1, 13, 100),
        messages: fc.array(
          fc.record({
            from: fc.constantFrom('alice', 'Alice', 'bob'),
            informationType: calmType,
            info: anyInfo,
            post: fc.boolean(),
          }),
          { minLength: 1, maxLength: 8 },
        ),
      }),
    async run(stage, { chunkBytesMax, messages }) {
      const server = await stage.server();
      const users = ['alice', 'Alice', 'bob'] as const;
      const clients = new Map<string, ClientSubject>();
      for (const userID of users) clients.set(userID, await stage.loggedOn(server, userID));
      stage.net.conditions(server.host, { chunkBytesMax });
      for (const { from, informationType, info, post } of messages) {
        await clients.get(from)!.send(null, informationType, info, { post });
      }
      const got = (): typeof server.events => server.events.filter(({ kind }) => kind === 'information');
      await stage.until(() => got().length >= messages.length, 30, 'not everything was handled', 'CUS-002');
      for (const userID of users) await clients.get(userID)!.query(null, QUERY_RULES.echo, null);
      stage.equal(got().length, messages.length, 'CUS-002', 'something was handled more than once');
      for (const userID of users) {
        const handled = got().flatMap((event) =>
          event.kind === 'information' && event.source === userID
            ? [{ informationType: event.informationType, info: event.info }]
            : [],
        );
        const sent = messages
          .filter(({ from }) => from === userID)
          .map(({ informationType, info }) => ({ informationType, info }));
        stage.equal(handled.length, sent.length, 'CUS-020', `the number of information under the name of ${userID}`);
        stage.equal(handled, sent, 'CUS-004', `the information of ${userID} changed, or its order`);
      }
    },
  }),
  scenario({
    id: 'CUS-DP12',
    title: 'a handler that throws costs nothing but its own information, at a client and at the server',
    clauses: ['CUS-009'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () => fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
    async run(stage, throwing) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      for (const throws of [...throwing, true, false]) {
        const informationType = throws ? THROWING_INFORMATION_TYPE : 9;
        await alice.send(null, informationType, stage.payload());
        await alice.send('bob', informationType, stage.payload());
      }
      const count = throwing.length + 2;
      const handled = (events: readonly { kind: string }[]): number =>
        events.filter(({ kind }) => kind === 'information').length;
      await stage.until(() => handled(bob.events) === count, 20, 'the client did not go on', 'CUS-009');
      await stage.until(() => handled(server.events) === count, 20, 'the server did not go on', 'CUS-009');
      stage.equal([await alice.connected(), await bob.connected()], [true, true], 'CUS-009', 'a connection was lost');
    },
  }),
];

const holding: readonly AnyScenario[] = [
  scenario({
    id: 'CUS-EQ23',
    title:
      'the server finishes one handler of a connection before the next, in order, and holds up no other connection',
    clauses: ['CUS-015', 'CUS-004'],
    kind: 'property',
    needs: ['logon', 'send', 'query'],
    plan: () =>
      fc.array(fc.record({ kind: fc.constantFrom('query', 'information'), tens: fc.integer({ min: 0, max: 40 }) }), {
        minLength: 2,
        maxLength: 6,
      }),
    async run(stage, calls) {
      const log: string[] = [];
      const server = await stage.server({
        onInformation: async (source, informationType) => {
          if (source !== 'alice') return;
          await stage.sleep(informationType / 1000);
          log.push(`done ${informationType}`);
        },
      });
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      const begin = stage.nowSecs();
      // Milliseconds of each handler, no two alike; they are the information's type and the query's content.
      const times = calls.map(({ tens }, index) => 100 + tens * 10 + index);
      const asked = calls.map(({ kind }, index) => {
        const millis = times[index]!;
        if (kind === 'information') return alice.send(null, millis, null);
        return alice.query(null, QUERY_RULES.delayedReverse, delayed(millis, index));
      });
      const sentinel = alice.query(null, QUERY_RULES.echo, null);
      const aside = bob.query(null, QUERY_RULES.echo, null);
      await aside;
      stage.took(stage.nowSecs() - begin, { atMost: 0.09 }, 'CUS-015', 'another connection was held up');
      await Promise.all([...asked, sentinel]);
      const totalSecs = times.reduce((sum, millis) => sum + millis, 0) / 1000;
      stage.took(stage.nowSecs() - begin, { atLeast: totalSecs }, 'CUS-015', 'handlers ran at the same time');
      const started = server.events.flatMap((event) => {
        if (event.kind === 'information') return [event.informationType];
        return event.kind === 'query' && event.informationType === QUERY_RULES.delayedReverse
          ? [event.info![0]! + 256 * event.info![1]!]
          : [];
      });
      stage.equal(started, times, 'CUS-004', 'the handlers were called in another order');
      const informations = times.filter((_, index) => calls[index]!.kind === 'information');
      stage.equal(
        log,
        informations.map((each) => `done ${each}`),
        'CUS-015',
        'handlers ended otherwise',
      );
    },
  }),
  scenario({
    id: 'CUS-FR34',
    title: 'a handler may ask the very user whose information it handles',
    clauses: ['CUS-021'],
    kind: 'example',
    needs: ['logon', 'send', 'query', 'ack'],
    async run(stage) {
      const asked = stage.payload();
      const answers: unknown[] = [];
      const server = await stage.server({
        onInformation: async (source) => {
          const { customizeController } = server.engine;
          answers.push(await customizeController.queryLocalClient(source, QUERY_RULES.echo, asked));
          await customizeController.sendCertainlyToLocalClient(source, 9, asked);
          answers.push('acknowledged');
        },
      });
      const alice = await stage.loggedOn(server, 'alice');
      await alice.send(null, 9, stage.payload());
      await stage.until(() => answers.length === 2, 20, 'the handler got no reply or no ACK', 'CUS-021');
      stage.equal(answers, [asked, 'acknowledged'], 'CUS-021', 'the handler got other answers');
    },
  }),
  scenario({
    id: 'CUS-GS45',
    title: 'a client handles information at once while one of its answers is still being made',
    clauses: ['CUS-022'],
    kind: 'property',
    needs: ['logon', 'send', 'query'],
    plan: () => fc.record({ millis: fc.integer({ min: 500, max: 5000 }), count: fc.integer({ min: 1, max: 3 }) }),
    async run(stage, { millis, count }) {
      const { alice, connection } = await aliceAtRawServer(stage);
      const request = information(delayed(millis, 0), QUERY_RULES.delayedReverse);
      connection.send({ messageType: MessageType.Request, sourceId: 'bob', destId: 'alice', body: request });
      for (let index = 0; index < count; index++) {
        const body = information(stage.payload(), 9);
        connection.send({ messageType: MessageType.InformationBySend, sourceId: 'bob', destId: 'alice', body });
      }
      const body = information(null, QUERY_RULES.echo);
      connection.send({ messageType: MessageType.Request, sourceId: '_0', destId: 'alice', body });
      const first = await connection.expect(MessageType.Response, { clause: 'CUS-022' });
      stage.check(first.destId !== 'bob', 'CUS-022', 'an unfinished answer held up the next query');
      const kinds = alice.events.map(({ kind }) => kind);
      const expected = ['query', ...Array.from({ length: count }, () => 'information'), 'query'];
      stage.equal(kinds, expected, 'CUS-022', 'an unfinished answer held up information');
      await connection.expect(MessageType.Response, { match: ({ destId }) => destId === 'bob' });
    },
  }),
  scenario({
    id: 'CUS-HT56',
    title: 'a client waits for an asynchronous handler before it handles the next information, however they end',
    clauses: ['CUS-022', 'CUS-009', 'CUS-004'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.array(fc.record({ millis: fc.integer({ min: 0, max: 300 }), fails: fc.boolean() }), {
        minLength: 2,
        maxLength: 5,
      }),
    async run(stage, handlers) {
      const raw = await stage.rawServer();
      const alice = (await stage.client('alice')) as EngineSubject;
      const log: string[] = [];
      const handler: CustomizeHandler = {
        handleInformation: async (_source, informationType) => {
          log.push(`begin ${informationType}`);
          await stage.sleep(handlers[informationType]!.millis / 1000);
          log.push(`end ${informationType}`);
          if (handlers[informationType]!.fails) throw new Error('this handler fails at its end');
        },
        handleQuery: () => null,
      };
      const [{ connection }] = await Promise.all([
        raw.acceptLogon(),
        alice.engine.initialize('alice', null, raw.address, raw.port, handler),
      ]);
      for (const index of handlers.keys()) {
        const body = information(stage.payload(), index);
        connection.send({ messageType: MessageType.InformationBySend, sourceId: 'bob', destId: 'alice', body });
      }
      await stage.until(() => log.length >= 2 * handlers.length, 20, 'not every handler ended', 'CUS-022');
      const expected = [...handlers.keys()].flatMap((index) => [`begin ${index}`, `end ${index}`]);
      stage.equal(log, expected, 'CUS-022', 'handlers of a client overlapped');
    },
  }),
];

export const receiving: readonly AnyScenario[] = [...content, ...holding];

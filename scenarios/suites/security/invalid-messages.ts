/** What follows an invalid message: the order of closing and telling, what is still handled, who is not disturbed. */
import * as fc from 'fast-check';
import { MessageInvalidType } from '../../../spec/errors.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { FrameDecoder } from '../../../impl/wire/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import { ascii, header, hexOf, i32, informationBody, message, unhex } from '../framing/bytes.ts';
import type { HeaderParts } from '../framing/bytes.ts';
import { receiverOf, serverReceiver, SIDES } from '../framing/receivers.ts';

/** One invalid message of each kind, as the bare peer would send it. */
const FAULTS: Readonly<Record<string, (ids: Pick<HeaderParts, 'source' | 'dest'>) => string>> = {
  MessageSizeOverflow: (ids) => header({ ...ids, type: 101, bodyLength: 1_048_541 }),
  InvalidHeader: (ids) => header({ ...ids, type: 101, bodyLength: -5 }),
  InvalidToken: (ids) => header({ ...ids, type: 101, token: '1f' }),
  DataLacked: (ids) => message({ ...ids, type: 101 }, i32(3)),
  InvalidClientType: (ids) => header({ ...ids, type: 101, client: 77 }),
};
const KINDS = Object.keys(FAULTS);

export const invalidMessages: readonly AnyScenario[] = [
  scenario({
    id: 'SEC-2A5G',
    title:
      "the server closes first, then tells of the invalid message with the peer's address, then that the user is gone",
    clauses: ['SEC-001', 'SEC-008', 'SEC-002'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.record({ kind: fc.constantFrom(...KINDS), isBound: fc.boolean() }),
    async run(stage, { kind, isBound }) {
      const server = await stage.server();
      const { engine } = server;
      const openAtReport: number[] = [];
      engine.invalidMsgReceived.add(() => void openAtReport.push(engine.connectionCount));
      const peer = await stage.rawClient(server);
      if (isBound) await peer.logon('aa01');
      const address = engine.userManager.getUserAddress('aa01');
      const from = server.events.length;
      // Before its logon only a Logon is looked at, so the fault is put into one.
      const fault = FAULTS[kind]!({ source: ascii('aa01') });
      peer.sendBytes(unhex(isBound ? fault : `${fault.slice(0, 4)}0900${fault.slice(8)}`));
      const invalid = await server.waitFor('invalidMsgReceived', { clause: 'SEC-001' });
      stage.equal(invalid.invalidType, kind, 'SEC-002', 'another kind was told');
      stage.equal(openAtReport, [0], 'SEC-001', 'the connection was still open when its invalid message was told');
      await peer.expectClosed({ clause: 'SEC-001' });
      const told = server.events.slice(from).map((event) => event.kind);
      const expected = isBound
        ? ['invalidMsgReceived', 'someOneDisconnected', 'userCountChanged']
        : ['invalidMsgReceived'];
      stage.equal(told, expected, 'SEC-008', 'what was told, in order');
      if (!isBound) return;
      stage.equal(invalid.address, `${address!.address}:${address!.port}`, 'SEC-001', 'another address was told');
      const gone = await server.waitFor('someOneDisconnected', { clause: 'SEC-008' });
      stage.equal([gone.userID, gone.disconnectedType], ['aa01', 'InvalidMessage'], 'SEC-008', 'who is gone, and why');
    },
  }),
  scenario({
    id: 'SEC-3B7H',
    title: 'everything before the invalid message is handled, nothing after it is',
    clauses: ['SEC-003'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () =>
      fc.record({
        side: fc.constantFrom(...SIDES),
        kind: fc.constantFrom(...KINDS),
        before: fc.nat({ max: 4 }),
        after: fc.integer({ min: 1, max: 3 }),
        heldMillis: fc.constantFrom(0, 400),
      }),
    async run(stage, { side, kind, before, after, heldMillis }) {
      const receiver = await receiverOf(stage, side);
      const information = (content: Uint8Array): string =>
        message({ ...receiver.ids, type: MessageType.InformationBySend }, informationBody(content, 9));
      const good = Array.from({ length: before }, () => stage.payload());
      const late = Array.from({ length: after }, () => stage.payload());
      // A query whose handler takes its time holds up what comes after it on the same connection.
      const slow = Uint8Array.of(heldMillis & 0xff, heldMillis >> 8, 1, 2);
      const query = message({ ...receiver.ids, type: 102, id: 3 }, informationBody(slow, QUERY_RULES.delayedReverse));
      const head = heldMillis > 0 ? query : '';
      receiver.peer.sendBytes(
        unhex(head + good.map(information).join('') + FAULTS[kind]!(receiver.ids) + late.map(information).join('')),
      );
      await receiver.expectInvalid(kind, 'SEC-003');
      await receiver.peer.expectClosed({ clause: 'SEC-003' });
      await stage.until(
        () => receiver.handled().length >= good.length,
        30,
        'a message before the invalid one was not handled',
        'SEC-003',
      );
      stage.equal(receiver.handled(), good, 'SEC-003', 'what was handled');
    },
  }),
  scenario({
    id: 'SEC-4C9J',
    title: 'a client that gets an invalid message closes, tells of it, and reconnects',
    clauses: ['SEC-009', 'SEC-001', 'SEC-002'],
    kind: 'matrix',
    needs: ['logon', 'reconnect'],
    async run(stage) {
      const raw = await stage.rawServer();
      const alice = await stage.client('aa01', { heartBeatSpanInSecs: 0 });
      const [first] = await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
      let { connection } = first;
      for (const kind of KINDS) {
        const from = alice.events.length;
        connection.sendBytes(unhex(FAULTS[kind]!({ source: ascii('_0'), dest: ascii('aa01') })));
        await connection.expectClosed({ clause: 'SEC-009' });
        const invalid = await alice.waitFor('invalidMsgReceived', { from, clause: 'SEC-009' });
        stage.equal(invalid.invalidType, kind, 'SEC-002', 'another kind was told');
        ({ connection } = await raw.acceptLogon({ clause: 'SEC-009' }));
        const back = await alice.waitFor('relogonCompleted', { from, clause: 'SEC-009' });
        stage.equal(back.response.logonResult, 'Succeed', 'SEC-009', 'the client did not come back');
        const told = alice.events.slice(from).map((event) => event.kind);
        const expected = ['invalidMsgReceived', 'connectionInterrupted', 'connectionRebuildStart', 'relogonCompleted'];
        stage.equal(told, expected, 'SEC-009', 'what the client told, in order');
      }
    },
  }),
  scenario({
    id: 'SEC-5D2K',
    title: 'garbage on one connection harms no other',
    clauses: ['SEC-012'],
    kind: 'property',
    needs: ['logon', 'send', 'query'],
    plan: () =>
      fc.record({
        garbage: fc.array(
          fc.oneof(
            fc.uint8Array({ minLength: 2, maxLength: 90 }).map((bytes) => hexOf(bytes)),
            fc.constantFrom(...KINDS).map((kind) => FAULTS[kind]!({ source: ascii('mm05'), dest: ascii('bob') })),
            fc
              .uint8Array({ maxLength: 40 })
              .map((body) => message({ source: ascii('mm05'), dest: ascii('bob'), type: 101 }, hexOf(body))),
          ),
          { minLength: 1, maxLength: 4 },
        ),
        isBound: fc.boolean(),
      }),
    async run(stage, { garbage, isBound }) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      const asked = stage.payload();
      for (const hex of garbage) {
        const mallory = await stage.rawClient(server);
        if (isBound) await mallory.logon('mm05');
        mallory.sendBytes(unhex(hex));
        mallory.end();
        await mallory.expectClosed({ clause: 'SEC-012' });
        stage.equal(await alice.query('bob', QUERY_RULES.echo, asked), asked, 'SEC-012', 'a query went wrong');
      }
      const connected = [await alice.connected(), await bob.connected()];
      stage.equal(connected, [true, true], 'SEC-012', 'another connection was broken');
      stage.equal(alice.events, [], 'SEC-012', 'another client was told something');
      stage.check(
        bob.events.every((event) => event.kind === 'query' || event.kind === 'information'),
        'SEC-012',
        'bob was told more',
      );
    },
  }),
  scenario({
    id: 'SEC-6E4M',
    title: 'a decoder holds at most the longest message, however the bytes come and whatever they announce',
    clauses: ['SEC-011'],
    kind: 'property',
    clients: 'reference',
    // Memory of a connection is seen at the decoder only; there is nothing about a network in it.
    targets: ['sim'],
    runs: 60,
    plan: () =>
      fc.record({
        limit: fc.integer({ min: 36, max: 9000 }),
        announced: fc.oneof(fc.constant('all'), fc.constant('most'), fc.integer({ min: 0, max: 2 ** 31 - 1 })),
        chunk: fc.integer({ min: 1, max: 700 }),
        rounds: fc.integer({ min: 1, max: 3 }),
      }),
    run(stage, { limit, announced, chunk, rounds }) {
      const decoder = new FrameDecoder({ userIdBytesMax: 11, messageBytesMax: limit });
      const most = limit - 36;
      const bodyLength =
        typeof announced === 'number' ? announced : announced === 'all' ? most : Math.floor(most * 0.9);
      const sent = Math.min(bodyLength, most);
      const stream = unhex((header({ bodyLength, type: 101 }) + '5a'.repeat(sent)).repeat(rounds));
      let seen = 0;
      let error;
      for (let at = 0; at < stream.length && error === undefined; at += chunk) {
        const size = Math.min(chunk, stream.length - at);
        error = decoder.push(stream.subarray(at, at + size), () => {
          seen += 1;
        });
        const held = Math.max(decoder.heldBytes, decoder.bufferedBytes);
        stage.check(held <= limit, 'SEC-011', `${held} bytes are held, the longest message has ${limit}`);
      }
      stage.equal(error?.kind, bodyLength > most ? 'MessageSizeOverflow' : undefined, 'SEC-011', 'the verdict');
      stage.equal(
        error?.value,
        bodyLength > most ? MessageInvalidType.MessageSizeOverflow : undefined,
        'SEC-002',
        'its number',
      );
      stage.equal(seen, bodyLength > most ? 0 : rounds, 'SEC-011', 'messages seen');
      return Promise.resolve();
    },
  }),
  scenario({
    id: 'SEC-7F6N',
    title: 'an invalid logon closes the connection and is told, without asking the application',
    clauses: ['SEC-001', 'FRM-019'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const { peer } = await serverReceiver(stage, server);
      const stranger = await stage.rawClient(server);
      const from = server.events.length;
      stranger.sendBytes(unhex(message({ type: 9, source: ascii('bb02') }, 'ffff')));
      await stranger.expectClosed({ clause: 'SEC-001' });
      const invalid = await server.waitFor('invalidMsgReceived', { from, clause: 'SEC-001' });
      stage.equal(invalid.invalidType, 'DataLacked', 'FRM-019', 'the kind of a logon with a bad body');
      stage.equal(server.events.slice(from).length, 1, 'SEC-001', 'the application was told more');
      stage.check(!peer.isClosed(), 'SEC-012', 'another connection was closed');
    },
  }),
];

/** The longest message: what is sent, what is refused before sending, what is taken; settings before and after initialize. */
import * as fc from 'fast-check';
import { globalUtil } from '../../../impl/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { hexOf, informationBody, message, unhex } from '../framing/bytes.ts';
import { clientReceiver, expectAlive, serverReceiver } from '../framing/receivers.ts';
import { aliceAtRawServer } from '../at-raw-server.ts';

/** Bytes of a BinaryInformationContract around its content, and of the header around that with N = 11. */
const AROUND_CONTENT_BYTES = 12 + 36;

export const messages: readonly AnyScenario[] = [
  scenario({
    id: 'LIM-AJ5A',
    title: 'without a setting a message may have 1,048,576 bytes in all, at both ends, and not one more',
    clauses: ['LIM-005', 'LIM-007', 'LIM-008'],
    kind: 'example',
    needs: ['logon', 'send'],
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const largest = new Uint8Array(1_048_528).fill(7);
      const one = new Uint8Array(1_048_529).fill(8);
      await stage.rejects(alice.send(null, 1, one), 'E_MESSAGE_SIZE', 'LIM-007', 'a byte too many was sent');
      await alice.send(null, 2, largest);
      const got = await server.waitFor('information', { clause: 'LIM-008' });
      stage.equal([got.informationType, got.info], [2, largest], 'LIM-008', 'the largest message did not arrive');
      const tooLarge = Promise.resolve().then(() => server.engine.customizeController.send('alice', 1, one));
      await stage.rejects(tooLarge, 'E_MESSAGE_SIZE', 'LIM-007', 'the server sent a byte too many');
      server.engine.customizeController.send('alice', 3, largest);
      const back = await alice.waitFor('information', { clause: 'LIM-008' });
      stage.equal([back.informationType, back.info], [3, largest], 'LIM-008', 'the largest message did not come back');
    },
  }),
  scenario({
    id: 'LIM-BK7B',
    title:
      'around a limit that was set: one byte less and the limit itself pass, one more is refused and harms nothing',
    clauses: ['LIM-007', 'LIM-008', 'LIM-005'],
    kind: 'property',
    needs: ['logon', 'send', 'query', 'ack', 'sendMessage'],
    plan: () =>
      fc.record({
        limit: fc.integer({ min: 130, max: 3000 }),
        over: fc.integer({ min: -3, max: 3 }),
        verb: fc.constantFrom('send', 'query', 'sendCertainly', 'sendMessage'),
      }),
    async run(stage, { limit, over, verb }) {
      const { alice, connection } = await aliceAtRawServer(stage, { maxLengthOfMessage: limit, autoReconnect: false });
      // A tagged message lies in a fragment of a block: 4 + 4 + (4 + 4 + bytes + 4) + 4 + 4 + 1 around its bytes.
      const content = stage.payload(limit + over - (verb === 'sendMessage' ? 36 + 33 : AROUND_CONTENT_BYTES));
      const call = { send: 101, query: 102, sendCertainly: 104, sendMessage: 107 }[verb];
      const calls: Readonly<Record<typeof verb, () => Promise<unknown>>> = {
        send: () => alice.send(null, 1, content),
        query: () => alice.query(null, 1, content),
        sendCertainly: () => alice.sendCertainly(null, 1, content),
        sendMessage: () => alice.sendMessage(null, 1, content, null),
      };
      const outcome = calls[verb]();
      outcome.catch(() => undefined);
      if (over > 0) {
        await stage.rejects(outcome, 'E_MESSAGE_SIZE', 'LIM-007', `${verb} sent ${over} bytes too many`);
        await alice.send(null, 4711, null, { post: true });
        await connection.expect(MessageType.InformationByPost, { clause: 'LIM-007' });
        const seen = connection.received.filter(({ messageType }) => messageType === call);
        stage.equal(seen.length, 0, 'LIM-007', 'something of a refused message was sent');
        stage.equal(await alice.connected(), true, 'LIM-007', 'the connection was not kept');
      } else {
        const seen = await connection.expect(call, { clause: 'LIM-008' });
        stage.equal(seen.bytes.length, limit + over, 'LIM-005', 'the message has another length');
      }
      connection.abort();
      await outcome.catch(() => undefined);
    },
  }),
  scenario({
    id: 'LIM-CM9C',
    title: 'a receiver takes a message of exactly its limit and refuses one byte more at the end of the header',
    clauses: ['LIM-006', 'LIM-008', 'SEC-002'],
    kind: 'property',
    needs: ['logon', 'send'],
    plan: () =>
      fc.record({
        atServer: fc.boolean(),
        limit: fc.integer({ min: 130, max: 3000 }),
        over: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.integer({ min: 3, max: 2 ** 31 - 4000 })),
      }),
    async run(stage, { atServer, limit, over }) {
      const receiver = atServer
        ? await serverReceiver(stage, await stage.server({ maxLengthOfMessage: limit }))
        : await clientReceiver(stage, { maxLengthOfMessage: limit });
      const content = stage.payload(Math.min(limit + over, limit + 2) - AROUND_CONTENT_BYTES);
      const whole = unhex(message({ ...receiver.ids, type: 101 }, informationBody(content, 2)));
      if (over > 0) {
        new DataView(whole.buffer).setInt32(4, limit + over - 36, true);
        receiver.peer.sendBytes(whole.subarray(0, 36));
        await receiver.expectInvalid('MessageSizeOverflow', 'LIM-006');
        await receiver.peer.expectClosed({ clause: 'LIM-006' });
        return;
      }
      receiver.peer.sendBytes(whole);
      await stage.until(() => receiver.handled().length > 0, 30, 'the message was not taken', 'LIM-008');
      stage.equal(hexOf(receiver.handled()[0]!), hexOf(content), 'LIM-008', 'another content was handled');
      await expectAlive(stage, receiver, 'LIM-008');
    },
  }),
  scenario({
    id: 'LIM-DN2D',
    title: 'a limit that is set after initialize changes nothing: the call fails and the engine goes on as before',
    clauses: ['LIM-011', 'ENG-003'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server({ maxLengthOfMessage: 1000 });
      const { engine } = server;
      const late = (set: () => void): Promise<void> => Promise.resolve().then(set);
      for (const set of [() => (engine.maxLengthOfMessage = 200), () => (engine.maxLengthOfUserID = 20)]) {
        await stage.rejects(
          late(() => void set()),
          'E_SETTING_LATE',
          'LIM-011',
          'a running server took a limit',
        );
      }
      const limits = [engine.maxLengthOfMessage, engine.maxLengthOfUserID];
      stage.equal(limits, [1000, 11], 'LIM-011', 'the running server shows other limits');
      const before = [globalUtil.maxLengthOfMessage, globalUtil.maxLengthOfUserID] as const;
      const alice = await stage.loggedOn(server, 'alice', { maxLengthOfMessage: 1000 });
      // In one breath, so that no other run of this process sees these defaults; what they do to a running engine shows at once.
      globalUtil.setMaxLengthOfMessage(100);
      globalUtil.setMaxLengthOfUserID(3);
      const sending = alice.send(null, 1, stage.payload(900));
      engine.customizeController.send('alice', 1, stage.payload(900));
      globalUtil.setMaxLengthOfMessage(before[0]);
      globalUtil.setMaxLengthOfUserID(before[1]);
      await sending;
      await server.waitFor('information', { clause: 'LIM-011' });
      await alice.waitFor('information', { clause: 'LIM-011' });
      await stage.rejects(alice.send(null, 1, stage.payload(1000)), 'E_MESSAGE_SIZE', 'LIM-011', 'the limit is gone');
    },
  }),
  scenario({
    id: 'LIM-EP4E',
    title: 'a default that globalUtil sets holds for engines made afterwards',
    clauses: ['LIM-005'],
    kind: 'property',
    clients: 'reference',
    runs: 10,
    plan: () => fc.integer({ min: 150, max: 5000 }),
    async run(stage, limit) {
      // The defaults belong to the whole process: they are put back before anything else can run.
      const before = globalUtil.maxLengthOfMessage;
      globalUtil.setMaxLengthOfMessage(limit);
      const starting = stage.server();
      const making = stage.client('alice');
      globalUtil.setMaxLengthOfMessage(before);
      const [server, alice] = await Promise.all([starting, making]);
      await alice.logon(server);
      const tooLarge = alice.send(null, 1, stage.payload(limit - AROUND_CONTENT_BYTES + 1));
      await stage.rejects(tooLarge, 'E_MESSAGE_SIZE', 'LIM-005', 'the client has another limit');
      await alice.send(null, 2, stage.payload(limit - AROUND_CONTENT_BYTES));
      await server.waitFor('information', { clause: 'LIM-005' });
      const fromServer = Promise.resolve().then(() =>
        server.engine.customizeController.send('alice', 1, stage.payload(limit - AROUND_CONTENT_BYTES + 1)),
      );
      await stage.rejects(fromServer, 'E_MESSAGE_SIZE', 'LIM-005', 'the server has another limit');
    },
  }),
];

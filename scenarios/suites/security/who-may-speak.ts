/** Who may say what: nothing before the logon, nothing in another's name, nothing that only a server says. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import { LogonResult } from '../../../spec/errors.ts';
import { ascii, hexOf, i32, informationBody, message, obj, str, unhex, utf8Hex } from '../framing/bytes.ts';
import { expectAlive, serverReceiver } from '../framing/receivers.ts';

const RAW_TYPES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 99, 100, 101, 102, 103, 104, 105, 106, 107, 108, 300];

export const whoMaySpeak: readonly AnyScenario[] = [
  scenario({
    id: 'SEC-8G8P',
    title: 'anything but a logon before the logon closes the connection, and nobody is told',
    clauses: ['SEC-004', 'SEC-018'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        type: fc.constantFrom(...RAW_TYPES),
        source: fc.constantFrom('', 'aa01', 'bob', '_0'),
        dest: fc.constantFrom('', 'bob'),
        isGarbage: fc.boolean(),
      }),
    async run(stage, { type, source, dest, isGarbage }) {
      const server = await stage.server();
      const bob = await stage.loggedOn(server, 'bob');
      const from = server.events.length;
      const peer = await stage.rawClient(server);
      const body = isGarbage ? 'deadbeef' : informationBody(stage.payload(), 1);
      peer.sendBytes(unhex(message({ type, source: ascii(source), dest: ascii(dest) }, body)));
      await peer.expectClosed({ clause: 'SEC-004', withinSecs: 5 });
      const asked = stage.payload();
      await bob.query(null, QUERY_RULES.echo, asked);
      const told = server.events.slice(from).map((event) => event.kind);
      stage.equal(
        told,
        ['informationReceived', 'query'],
        'SEC-004',
        'the server told of more than the query afterwards',
      );
      stage.equal(peer.received, [], 'SEC-004', 'the stranger was answered');
      stage.equal(bob.events, [], 'SEC-004', 'the stranger reached a user');
    },
  }),
  scenario({
    id: 'SEC-9H1Q',
    title: "a message in another's name ends the connection as MessageWithWrongUserID, unhandled and unforwarded",
    clauses: ['SEC-005', 'SEC-018'],
    kind: 'property',
    clients: 'reference',
    runs: 40,
    plan: () =>
      fc.record({
        type: fc.constantFrom(9, ...RAW_TYPES),
        claimed: fc.constantFrom('', '_0', 'bob', 'aa0', 'aa011', 'Aa01', 'aa02'),
        dest: fc.constantFrom('', 'bob'),
        isGarbage: fc.boolean(),
      }),
    async run(stage, { type, claimed, dest, isGarbage }) {
      const server = await stage.server();
      const bob = await stage.loggedOn(server, 'bob');
      const { peer } = await serverReceiver(stage, server);
      const from = server.events.length;
      const good = type === 9 ? obj(str('FreeUser'), i32(-1), i32(-1), i32(6)) : informationBody(stage.payload(), 1);
      const body = isGarbage ? 'deadbeef' : good;
      peer.sendBytes(unhex(message({ type, source: utf8Hex(claimed), dest: ascii(dest) }, body)));
      await peer.expectClosed({ clause: 'SEC-005', withinSecs: 5 });
      const gone = await server.waitFor('someOneDisconnected', { from, clause: 'SEC-005' });
      const clause = isGarbage ? 'SEC-018' : 'SEC-005';
      const reason = [gone.userID, gone.disconnectedType];
      stage.equal(reason, ['aa01', 'MessageWithWrongUserID'], clause, 'who is gone, and why');
      await bob.query(null, QUERY_RULES.echo, null);
      const told = server.events.slice(from).map((event) => event.kind);
      const expected = ['someOneDisconnected', 'userCountChanged', 'informationReceived', 'query'];
      stage.equal(told, expected, 'SEC-005', 'what the server told');
      stage.equal(bob.events, [], 'SEC-005', 'the message reached a user');
    },
  }),
  scenario({
    id: 'SEC-AJ3R',
    title: 'a logon whose UserID is empty or reserved is refused with Failed, and the application is not asked',
    clauses: ['SEC-010'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      for (const userID of ['', '_', '_0', '_alice', '__________z']) {
        const peer = await stage.rawClient(server);
        await peer.logon(userID, { expect: LogonResult.Failed, clause: 'SEC-010' });
        await peer.expectClosed({ clause: 'SEC-010' });
      }
      stage.equal(server.events, [], 'SEC-010', 'the application was asked or told');
      const good = await stage.rawClient(server);
      await good.logon('a_0', { clause: 'LIM-012' });
    },
  }),
  scenario({
    id: 'SEC-BK5S',
    title: 'a client believes only the server that it was pushed out or kicked out',
    clauses: ['SEC-016'],
    kind: 'property',
    needs: ['logon', 'query'],
    plan: () =>
      fc.array(fc.record({ type: fc.constantFrom(4, 6), source: fc.constantFrom('bob', 'aa01', '_', '_1', '0') }), {
        minLength: 1,
        maxLength: 4,
      }),
    async run(stage, notices) {
      const raw = await stage.rawServer();
      const alice = await stage.client('aa01');
      const [{ connection }] = await Promise.all([raw.acceptLogon(), alice.logon(raw)]);
      for (const { type, source } of notices) {
        connection.sendBytes(unhex(message({ client: 8, type, source: ascii(source), dest: ascii('aa01') }, '')));
      }
      const asked = alice.query(null, 1, null);
      const { messageId } = await connection.expect(MessageType.Request, { clause: 'SEC-016' });
      const answer = stage.payload();
      const reply = { client: 8, type: 103, id: messageId, source: ascii('_0'), dest: ascii('aa01') };
      connection.sendBytes(unhex(message(reply, informationBody(answer, 1))));
      stage.equal(await asked, answer, 'SEC-016', 'the client no longer answers');
      stage.equal(alice.events, [], 'SEC-016', 'the client believed somebody else');
    },
  }),
  scenario({
    id: 'SEC-CM7T',
    title: 'a client that sends the notices of a server is ignored and keeps its connection',
    clauses: ['SEC-013', 'SEC-015'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.array(
        fc.record({
          type: fc.constantFrom(4, 6),
          dest: fc.constantFrom('', '_0', 'aa01', 'bob', 'nobody'),
          body: fc.uint8Array({ maxLength: 12 }),
        }),
        { minLength: 3, maxLength: 6 },
      ),
    async run(stage, notices) {
      const server = await stage.server();
      const bob = await stage.loggedOn(server, 'bob');
      const alice = await serverReceiver(stage, server);
      for (const { type, dest, body } of notices) {
        alice.peer.sendBytes(unhex(message({ ...alice.ids, type, dest: ascii(dest) }, hexOf(body))));
      }
      await expectAlive(stage, alice, 'SEC-013');
      const asked = stage.payload();
      stage.equal(await bob.query(null, QUERY_RULES.echo, asked), asked, 'SEC-015', 'bob was harmed');
      stage.equal(bob.events, [], 'SEC-015', 'bob was made to believe something');
      stage.equal(server.engine.userManager.userCount, 2, 'SEC-013', 'somebody is gone');
    },
  }),
];

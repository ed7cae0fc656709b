/** Mode ReplaceOld, seen from the server's events and from both connections. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';

export const replaceOld: readonly AnyScenario[] = [
  scenario({
    id: 'REL-1A3P',
    title: 'each further logon pushes the one before out, step by step, and the number of users stays one',
    clauses: ['REL-003', 'REL-002', 'REL-014', 'REL-001'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        mode: fc.constantFrom(undefined, 'ReplaceOld' as const),
        logons: fc.integer({ min: 2, max: 4 }),
        handlerMillis: fc.constantFrom(0, 500, 3000),
      }),
    async run(stage, { mode, logons, handlerMillis }) {
      const server = await stage.server({
        eventHandlerMillis: handlerMillis,
        ...(mode === undefined ? {} : { relogonMode: mode }),
      });
      let old = await stage.rawClient(server, { userID: 'alice' });
      await old.logon('alice');
      for (let index = 1; index < logons; index++) {
        const seen = server.events.length;
        const next = await stage.rawClient(server, { userID: 'alice' });
        await next.logon('alice', { clause: 'REL-002' });
        const answered = next.received.find((each) => each.messageType === MessageType.Logon);
        const notice = await old.expect(MessageType.BeingPushedOutNotify, { clause: 'REL-003' });
        stage.equal([notice.body.length, notice.destId], [0, 'alice'], 'REL-003', 'the notice is not as it should be');
        stage.equal(await old.expectClosed({ clause: 'REL-003' }), 'closed', 'REL-003', 'the old one was reset');
        const told = server.events.slice(seen).filter((event) => event.kind !== 'verifyUser');
        const done = told.find((event) => event.kind === 'someOneBeingPushedOut.done');
        stage.equal(
          told.map((event) => (event.kind === 'someOneDisconnected' ? event.disconnectedType : event.kind)),
          ['someOneBeingPushedOut', 'someOneBeingPushedOut.done', 'BeingPushedOut', 'someOneConnected'],
          told.some((event) => event.kind === 'userCountChanged') ? 'REL-014' : 'REL-003',
          'the events of a replacement are others, or in another order',
        );
        const doneMicros = done?.atMicros ?? Infinity;
        stage.check(notice.atMicros >= doneMicros, 'REL-003', 'the notice left before the handlers had finished');
        stage.check((answered?.atMicros ?? 0) >= doneMicros, 'REL-003', 'the answer came before the old one was out');
        stage.equal(server.engine.connectionCount, 1, 'REL-001', 'there are more connections than users');
        old = next;
      }
    },
  }),
  scenario({
    id: 'REL-2B4Q',
    title: 'the user is bound to one connection at every step of a replacement, and out while the old one is told',
    clauses: ['REL-003', 'REL-001'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      const users = server.engine.userManager;
      const steps: unknown[] = [];
      const note = (step: string): void => void steps.push([step, users.userCount, users.getUserData('alice')?.tag]);
      users.someOneBeingPushedOut.add((user) => note(`pushing ${String(user.tag)}`));
      users.someOneDisconnected.add((user) => note(`gone ${String(user.tag)}`));
      users.someOneConnected.add((user) => note(`come ${String(user.tag)}`));
      const first = await stage.rawClient(server, { userID: 'alice' });
      await first.logon('alice');
      users.setTag('alice', 'old');
      const second = await stage.rawClient(server, { userID: 'alice' });
      await second.logon('alice');
      await first.expect(MessageType.BeingPushedOutNotify, { clause: 'REL-003' });
      const expected = [
        ['come null', 1, null],
        ['pushing old', 1, 'old'],
        ['gone old', 0, undefined],
        ['come null', 1, null],
      ];
      stage.equal(steps, expected, 'REL-003', 'at some step another one was bound, or the data were not the old ones');
    },
  }),
  scenario({
    id: 'REL-3C5R',
    title: 'after a replacement the user is reached on the new connection only',
    clauses: ['REL-010'],
    kind: 'property',
    clients: 'reference',
    plan: () => fc.array(fc.constantFrom('server', 'bob', 'query', 'blob'), { minLength: 1, maxLength: 5 }),
    async run(stage, ways) {
      const server = await stage.server();
      const old = await stage.rawClient(server, { userID: 'alice' });
      await old.logon('alice');
      const bob = await stage.loggedOn(server, 'bob');
      const controller = server.engine.customizeController;
      controller.send('alice', 9, null);
      await bob.send('alice', 9, null);
      await bob.query(null, QUERY_RULES.echo, null);
      const fresh = await stage.rawClient(server, { userID: 'alice' });
      await fresh.logon('alice');
      const before = old.received.length;
      for (const way of ways) {
        if (way === 'server') controller.send('alice', 1, stage.payload());
        else if (way === 'bob') await bob.send('alice', 1, stage.payload());
        else if (way === 'query') bob.query('alice', QUERY_RULES.silent, null).catch(() => undefined);
        else await controller.sendBlob('alice', 1, stage.payload(), 3);
      }
      const types = {
        server: 'InformationBySend',
        bob: 'InformationBySend',
        query: 'Request',
        blob: 'BlobInformation',
      };
      for (const way of ways) {
        const type = MessageType[types[way as 'bob'] as 'Request'];
        await fresh.expect(type, { from: 0, clause: 'REL-010' });
      }
      await old.expectClosed({ clause: 'REL-003' });
      const late = old.received.slice(before).filter((each) => each.messageType >= 100);
      stage.equal(late.length, 0, 'REL-010', 'information went over the old connection');
      const missing = ways.filter((way) => way !== 'blob').length;
      await stage.until(
        () => fresh.received.filter((each) => each.messageType === 101 || each.messageType === 102).length === missing,
        20,
        'not everything came over the new connection',
        'REL-010',
      );
    },
  }),
  scenario({
    id: 'REL-4D6S',
    title: 'what the old connection sent is not handled once it is out, whether on its way or waiting for a handler',
    clauses: ['REL-011'],
    kind: 'property',
    clients: 'reference',
    // Only there can a message be held on its way for exactly as long as the replacement takes.
    targets: ['sim'],
    plan: () =>
      fc.record({
        delayMillis: fc.integer({ min: 50, max: 900 }),
        waitsForHandler: fc.boolean(),
        target: fc.constantFrom(null, 'bob'),
      }),
    async run(stage, { delayMillis, waitsForHandler, target }) {
      const server = await stage.server();
      const bob = await stage.loggedOn(server, 'bob');
      const old = await stage.loggedOn(server, 'alice', { autoReconnect: false });
      const late = stage.payload();
      const destination = waitsForHandler ? null : target;
      if (waitsForHandler) {
        // The handler of this query takes 5 s, and the server handles one connection's messages in order.
        const slow = old.query(null, QUERY_RULES.delayedReverse, Uint8Array.of(5000 & 0xff, 5000 >> 8));
        slow.catch(() => undefined);
        await server.waitFor('query');
        await old.send(null, 33, late);
        await stage.sleep(1);
      } else {
        stage.net.conditions(old.host, { delayMillis });
        await old.send(destination, 33, late);
      }
      const fresh = await stage.loggedOn(server, 'alice');
      await old.waitFor('beingPushedOut', { clause: 'REL-004' });
      await stage.sleep(waitsForHandler ? 6 : 2);
      await bob.query(null, QUERY_RULES.echo, null);
      await fresh.query('bob', QUERY_RULES.echo, null);
      const handled = [...server.events, ...bob.events].filter((event) => event.kind === 'information');
      stage.equal(handled.length, 0, 'REL-011', 'a message of the pushed-out connection was handled');
    },
  }),
  scenario({
    id: 'REL-5E7T',
    title: 'a refused logon changes nothing for the user who is online',
    clauses: ['REL-008'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        mode: fc.constantFrom('ReplaceOld' as const, 'IgnoreNew' as const),
        how: fc.constantFrom('refused', 'refusedLater', 'throws', 'version'),
      }),
    async run(stage, { mode, how }) {
      const server = await stage.server({
        relogonMode: mode,
        verifyUser: (_token, _userID, password) => {
          if (password !== 'wrong') return { ok: true };
          if (how === 'throws') throw new Error('on purpose');
          return how === 'refusedLater' ? stage.sleep(2).then(() => ({ ok: false })) : { ok: false };
        },
      });
      const alice = await stage.rawClient(server, { userID: 'alice' });
      await alice.logon('alice');
      const seen = server.events.length;
      const other = await stage.rawClient(server, { userID: 'alice' });
      const claim = { AuthorizedUser: 'FreeUser', Password: 'wrong', SystemToken: null };
      const body = codecs.ReqLogonContract.encode({ ...claim, Version: how === 'version' ? 7 : 6 });
      other.send({ messageType: MessageType.Logon, body });
      const answer = await other.expect(MessageType.Logon, { clause: 'REL-008' });
      const response = codecs.ResLogonContract.decode(answer.body);
      const result = response.ok ? response.value.LogonResult : undefined;
      stage.equal(result, how === 'version' ? 3 : 1, 'REL-008', 'the mode came before the verdict');
      await other.expectClosed({ clause: 'LOG-004' });
      alice.send({ messageType: MessageType.PingByServer, body: codecs.PingContract.encode({ SendTicks: 1 }) });
      await alice.expect(MessageType.PingAck, { clause: 'REL-008' });
      const told = server.events.slice(seen).filter((event) => event.kind !== 'verifyUser');
      stage.equal(told, [], 'REL-008', 'events told of a logon that was refused');
    },
  }),
];

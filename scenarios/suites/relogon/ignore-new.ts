/** Mode IgnoreNew. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';

export const ignoreNew: readonly AnyScenario[] = [
  scenario({
    id: 'REL-6F8V',
    title: 'a newcomer is reported, then answered HadLoggedOn and closed, and the user online notices nothing',
    clauses: ['REL-006', 'REL-015', 'REL-013', 'REL-001'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        newcomers: fc.integer({ min: 1, max: 3 }),
        handlerMillis: fc.constantFrom(0, 500, 3000),
        end: fc.constantFrom('end' as const, 'abort' as const),
      }),
    async run(stage, { newcomers, handlerMillis, end }) {
      const server = await stage.server({ relogonMode: 'IgnoreNew', eventHandlerMillis: handlerMillis });
      const old = await stage.rawClient(server, { userID: 'alice' });
      await old.logon('alice');
      const own = server.engine.userManager.getUserAddress('alice');
      for (let index = 0; index < newcomers; index++) {
        const seen = server.events.length;
        const other = await stage.rawClient(server, { userID: 'alice' });
        await other.logon('alice', { expect: 2, clause: 'REL-006' });
        const answered = other.received[0]?.atMicros ?? 0;
        stage.equal(await other.expectClosed({ clause: 'REL-006' }), 'closed', 'REL-006', 'the newcomer was reset');
        const told = server.events.slice(seen).filter((event) => event.kind !== 'verifyUser');
        const kinds = told.map((event) => event.kind);
        const expected = ['newConnectionIgnored', 'newConnectionIgnored.done'];
        stage.equal(kinds, expected, 'REL-006', 'the events are others, or in another order');
        const [ignored, done] = told;
        stage.check(answered >= (done?.atMicros ?? 0), 'REL-006', 'the answer came before the handlers had finished');
        const named = ignored?.kind === 'newConnectionIgnored' ? [ignored.userID, ignored.address] : [];
        stage.equal(named[0], 'alice', 'REL-006', 'another user was named');
        const isNew = named[1] !== `${own?.address ?? ''}:${own?.port ?? 0}`;
        stage.check(isNew, 'REL-006', 'the address is not the one of the newcomer');
      }
      old.send({ messageType: MessageType.PingByServer, body: codecs.PingContract.encode({ SendTicks: 1 }) });
      await old.expect(MessageType.PingAck, { clause: 'REL-015' });
      stage.equal(old.received.length, 2, 'REL-015', 'the user online was told something');
      old[end]();
      await server.waitFor('someOneDisconnected', { clause: 'REL-013' });
      const heir = await stage.rawClient(server, { userID: 'alice' });
      await heir.logon('alice', { clause: 'REL-013' });
    },
  }),
  scenario({
    id: 'REL-7G9W',
    title: 'a client that is answered HadLoggedOn resolves with it, stays unconnected, and may come again later',
    clauses: ['REL-007', 'REL-015', 'REL-013'],
    kind: 'example',
    needs: ['logon', 'relogon'],
    async run(stage) {
      const server = await stage.server({ relogonMode: 'IgnoreNew' });
      const first = await stage.loggedOn(server, 'alice', { autoReconnect: false });
      const second = await stage.client('alice');
      const outcome = await second.logon(server);
      stage.equal(outcome.logonResult, 'HadLoggedOn', 'REL-007', 'another result');
      stage.equal(await second.connected(), false, 'REL-007', 'the refused client calls itself connected');
      stage.equal(await first.connected(), true, 'REL-015', 'the user online lost the connection');
      await first.close();
      await server.waitFor('someOneDisconnected', { clause: 'REL-013' });
      const again = await second.logon(server);
      stage.equal(again.logonResult, 'Succeed', 'REL-013', 'the user could not log on after the old one had left');
      stage.equal(server.engine.userManager.userCount, 1, 'REL-001', 'one user counts otherwise');
    },
  }),
];

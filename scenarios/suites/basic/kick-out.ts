/** Kicking users out, from a client and from the server, and what the kicked one sees. */
import * as fc from 'fast-check';
import { codecs } from '../../../impl/wire/index.ts';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';

export const kickOut: readonly AnyScenario[] = [
  scenario({
    id: 'BAS-9KDJ',
    title: 'kickOut makes the server kick exactly the named user, and nobody when that one is not online',
    clauses: ['BAS-001', 'BAS-022', 'BAS-003'],
    kind: 'property',
    needs: ['logon', 'basic'],
    plan: () =>
      fc.record({ named: fc.constantFrom('bob', 'BOB', 'nobody', 'alice'), waitSecs: fc.integer({ min: 0, max: 20 }) }),
    async run(stage, { named, waitSecs }) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      const bob = await stage.loggedOn(server, 'bob');
      const kicked = named === 'bob' ? bob : named === 'alice' ? alice : undefined;
      const other = kicked === bob ? alice : bob;
      await alice.basic({ verb: 'kickOut', userID: named });
      if (kicked !== undefined) {
        await kicked.waitFor('beingKickedOut', { clause: 'BAS-003' });
        stage.equal(await kicked.connected(), false, 'BAS-003', 'the kicked client still calls itself connected');
        const gone = await server.waitFor('someOneDisconnected', { clause: 'BAS-022' });
        stage.equal(
          [gone.userID, gone.disconnectedType],
          [named, 'BeingPushedOut'],
          'BAS-002',
          'another end than a kick',
        );
        await stage.sleep(waitSecs);
      }
      await other.query(null, QUERY_RULES.echo, null);
      const online = server.engine.userManager.getOnlineUserList().sort();
      const expected = ['alice', 'bob'].filter((userID) => userID !== kicked?.userID);
      stage.equal(online, expected, 'BAS-022', 'other users are online than should be');
      const kinds = (kicked ?? alice).events.map((event) => event.kind);
      stage.check(!kinds.includes('connectionRebuildStart'), 'BAS-003', 'the kicked client reconnects');
    },
  }),
  scenario({
    id: 'BAS-AMEK',
    title: 'on the wire kickOut is one KickOut, and a kick is one empty notify and then the end',
    clauses: ['BAS-001', 'BAS-002', 'BAS-004'],
    kind: 'wire',
    needs: ['logon', 'basic'],
    async run(stage) {
      const bare = await stage.rawServer();
      const alice = await stage.client('alice');
      const [{ connection }] = await Promise.all([bare.acceptLogon(), alice.logon(bare)]);
      await alice.basic({ verb: 'kickOut', userID: 'bob' });
      const order = await connection.expect(MessageType.KickOut, { clause: 'BAS-001' });
      const body = codecs.KickOutContract.decode(order.body);
      stage.equal(
        body.ok ? body.value : body.error,
        { UserBeKickedOut: 'bob' },
        'BAS-001',
        'KickOut names another user',
      );
      const server = await stage.server();
      const raw = await stage.rawClient(server, { userID: 'raw' });
      await raw.logon('raw');
      server.engine.basicController.kickOut('nobody');
      server.engine.basicController.kickOut('raw');
      const notify = await raw.expect(MessageType.BeingKickedOutNotify, { clause: 'BAS-002' });
      stage.equal(
        [notify.body.length, notify.destId],
        [0, 'raw'],
        'BAS-002',
        'the notify has a body or another destination',
      );
      await raw.expectClosed({ clause: 'BAS-002' });
      const gone = await server.waitFor('someOneDisconnected', { clause: 'BAS-004' });
      stage.equal(
        [gone.userID, gone.disconnectedType],
        ['raw', 'BeingPushedOut'],
        'BAS-002',
        'another end than a kick',
      );
    },
  }),
];

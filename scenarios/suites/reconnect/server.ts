/** What a server sees of users who come, break off and come back. */
import * as fc from 'fast-check';
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';

export const server: readonly AnyScenario[] = [
  scenario({
    id: 'RCN-8HAN',
    title: 'each connection of a user is told once at its beginning and once at its end, and leaves nothing behind',
    clauses: ['RCN-009', 'RCN-015', 'RCN-011'],
    kind: 'property',
    clients: 'reference',
    plan: () =>
      fc.record({
        ends: fc.array(fc.constantFrom('end', 'abort', 'invalid', 'wrongUser', 'kick', 'replaced'), {
          minLength: 1,
          maxLength: 5,
        }),
        closesServer: fc.boolean(),
      }),
    async run(stage, { ends, closesServer }) {
      const server = await stage.server();
      const { userManager: users, customizeController, basicController } = server.engine;
      let raw = await stage.rawClient(server, { userID: 'alice' });
      await raw.logon('alice');
      for (const how of ends) {
        const seen = server.events.length;
        users.setTag('alice', 'used');
        const asked = customizeController.queryLocalClient('alice', QUERY_RULES.silent, null);
        const failed = stage.rejects(asked, 'E_DISCONNECTED', 'RCN-009', 'a query outlived the user');
        await raw.expect(MessageType.Request);
        const next = await stage.rawClient(server, { userID: 'alice' });
        if (how === 'end') raw.end();
        else if (how === 'abort') raw.abort();
        else if (how === 'invalid') raw.sendBytes(Uint8Array.of(0, 0));
        else if (how === 'wrongUser') raw.send({ messageType: MessageType.HeartBeat, sourceId: 'bob' });
        else if (how === 'kick') basicController.kickOut('alice');
        if (how !== 'replaced') {
          await server.waitFor('someOneDisconnected', { from: seen, clause: 'RCN-015' });
          stage.equal(users.isUserOnLine('alice'), false, 'RCN-009', 'a user without a connection is online');
        }
        await next.logon('alice', { clause: 'RCN-009' });
        await failed;
        stage.equal(users.getUserData('alice')?.tag, null, 'RCN-009', 'the tag outlived its connection');
        raw = next;
      }
      if (closesServer) await server.close();
      else {
        raw.end();
        const isOver = (): boolean => !users.isUserOnLine('alice');
        await stage.until(isOver, 20, 'the user did not leave', 'RCN-009');
      }
      await raw.expectClosed({ clause: 'RCN-011' });
      const told = server.events.filter((e) => e.kind === 'someOneConnected' || e.kind === 'someOneDisconnected');
      const both = ['someOneConnected', 'someOneDisconnected'];
      const expected = [...ends.flatMap(() => both), ...(closesServer ? both.slice(0, 1) : both)];
      const clause = closesServer ? 'RCN-011' : 'RCN-015';
      stage.equal(
        told.map((event) => event.kind),
        expected,
        clause,
        'comings and goings do not alternate',
      );
    },
  }),
  scenario({
    id: 'RCN-9JBP',
    title: 'a client survives a restart of its server, and both can ask each other again',
    clauses: ['RCN-001', 'RCN-012'],
    kind: 'example',
    needs: ['logon', 'reconnect', 'query'],
    async run(stage) {
      const server = await stage.server();
      const alice = await stage.loggedOn(server, 'alice');
      await server.close();
      await alice.waitFor('connectionRebuildStart', { clause: 'RCN-001' });
      const again = await stage.server({ host: server.host, port: server.port });
      const { response } = await alice.waitFor('relogonCompleted', { clause: 'RCN-001', withinSecs: 60 });
      stage.equal(response.logonResult, 'Succeed', 'RCN-001', 'the relogon did not succeed');
      const asked = stage.payload();
      stage.equal(await alice.query(null, QUERY_RULES.echo, asked), asked, 'RCN-012', 'the client cannot ask');
      const fromServer = again.engine.customizeController.queryLocalClient('alice', QUERY_RULES.echo, asked);
      stage.equal(await fromServer, asked, 'RCN-012', 'the client does not answer');
    },
  }),
  scenario({
    id: 'RCN-AKCQ',
    title: 'a relogon that meets somebody else of the same name in mode IgnoreNew is over',
    clauses: ['RCN-010', 'RCN-003'],
    // Somebody else has to be quicker than the first wait of 1 s, which is too short a time on a scaled clock.
    targets: ['sim'],
    kind: 'example',
    needs: ['logon', 'reconnect', 'relogon'],
    async run(stage) {
      const server = await stage.server({ relogonMode: 'IgnoreNew' });
      const alice = await stage.loggedOn(server, 'alice');
      const heir = await stage.rawClient(server, { userID: 'alice' });
      stage.net.resetConnections(alice.host);
      await server.waitFor('someOneDisconnected', { clause: 'RCN-009' });
      await heir.logon('alice');
      const { response } = await alice.waitFor('relogonCompleted', { clause: 'RCN-010' });
      stage.equal(response.logonResult, 'HadLoggedOn', 'RCN-010', 'another result');
      await stage.sleep(12);
      const asked = server.events.filter((event) => event.kind === 'verifyUser').length;
      stage.equal(asked, 3, 'RCN-010', 'the refused client tried again');
      stage.equal(await alice.connected(), false, 'RCN-010', 'the refused client calls itself connected');
    },
  }),
];

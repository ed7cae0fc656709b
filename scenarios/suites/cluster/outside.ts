/** What systems outside the cluster send to servers and users: 23.6. */
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import { cluster, settled } from './clusters.ts';

/** A callback handler that remembers, echoes queries, and throws for type 99. */
function recorder() {
  const seen: unknown[] = [];
  const note = (what: string, type: number, info: Uint8Array | null): void => {
    seen.push([what, type, info]);
    if (type === 99) throw new Error('the rule of this type is to throw');
  };
  return {
    seen,
    handler: {
      handleBroadcast: (type: number, info: Uint8Array | null) => note('broadcast', type, info),
      handleInformation: (type: number, info: Uint8Array | null) => note('information', type, info),
      handleQuery: (type: number, info: Uint8Array | null) => {
        note('query', type, info);
        return type === 98 ? Promise.resolve(info) : info;
      },
    },
  };
}

export const scenarios: readonly AnyScenario[] = [
  scenario({
    id: 'CLU-E5LU',
    title: 'broadcasts, information and queries from outside reach the callback handlers of the servers',
    clauses: ['CLU-039', 'CLU-040', 'CLU-043', 'CLU-038'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const acms = await stage.acms();
      const handlers = [recorder(), recorder()];
      const servers = [];
      for (const [index, { handler }] of handlers.entries()) {
        servers.push(await stage.server({ acms, serverID: index + 1, callbackHandler: handler }));
      }
      await stage.server({ acms, serverID: 3 });
      const outside = await stage.control(acms);
      await outside.client.connect();
      const { platformCustomizeService: service, clusterControlService: control } = outside.client;
      const info = stage.payload();
      await service.broadcastInCluster(1, info);
      stage.equal(await service.sendToServer(2, 2, null), true, 'CLU-040', 'a server that is online got nothing');
      stage.equal(
        await service.sendToServer(9, 2, null),
        false,
        'CLU-040',
        'a server that is not online got something',
      );
      stage.equal(await service.queryServer(1, 3, info), info, 'CLU-040', 'the answer is wrong');
      stage.equal(await service.queryServer(1, 98, info), info, 'CLU-040', 'the answer that came later is wrong');
      stage.equal(await service.queryServer(1, 3, null), null, 'CLU-040', 'null did not stay null');
      await stage.rejects(
        service.queryServer(9, 3, null),
        'E_OFFLINE',
        'CLU-040',
        'a query of a server that is not online',
      );
      await stage.rejects(service.queryServer(1, 99, null), 'E_HANDLING', 'CLU-040', 'a query whose handler throws');
      await stage.rejects(service.queryServer(3, 3, null), 'E_HANDLING', 'CLU-040', 'a query that nobody handles');
      stage.equal(
        await service.sendToServer(1, 99, null),
        true,
        'CLU-043',
        'a handler that throws is the server’s business',
      );
      stage.equal(
        handlers[1]!.seen,
        [
          ['broadcast', 1, info],
          ['information', 2, null],
        ],
        'CLU-039',
        'server 2 got other things',
      );
      stage.equal(handlers[0]!.seen[0], ['broadcast', 1, info], 'CLU-039', 'server 1 did not get the broadcast');
      for (const serverID of [1, 2, 3]) await control.testCallbackServer(serverID);
      await stage.rejects(
        control.testCallbackServer(9),
        'E_OFFLINE',
        'CLU-038',
        'a test of a server that is not online',
      );
      await stage.net.crash(servers[1]!.host);
      const error = control.testCallbackServer(2);
      await stage.rejects(error, 'E_OFFLINE', 'CLU-038', 'a test of a dead server');
      await stage.rejects(service.sendToServer(1, 2 ** 31, null), 'E_ARGUMENT', 'CLU-040', 'a type that is no int32');
    },
  }),
  scenario({
    id: 'CLU-U9IF',
    title: 'information and queries from outside reach a user wherever the user is, as if the server had sent them',
    clauses: ['CLU-044', 'CLU-042', 'CLU-041'],
    kind: 'example',
    clients: 'reference',
    // The journal does not know what comes from outside the cluster.
    invariants: false,
    async run(stage) {
      const of = await cluster(stage, 2, { server: { waitResponseTimeoutInSecs: 4 } });
      const outside = await stage.control(of.acms);
      await outside.client.connect();
      const service = outside.client.platformCustomizeService;
      const alice = await stage.loggedOn(of.servers[0]!, 'alice');
      const bob = await stage.loggedOn(of.servers[1]!, 'bob');
      await settled(stage, of, 'CLU-025');
      const info = stage.payload();
      stage.equal(await service.sendToClient('alice', 40, info), true, 'CLU-044', 'a user who is online got nothing');
      const got = await alice.waitFor('information', { clause: 'CLU-044' });
      stage.equal([got.source, got.informationType, got.info], [null, 40, info], 'CLU-044', 'alice got something else');
      stage.equal(await service.sendToClient('nobody', 40, info), false, 'CLU-044', 'nobody got something');
      stage.equal(await service.queryClient('bob', QUERY_RULES.echo, info), info, 'CLU-044', 'the answer is wrong');
      stage.equal(await service.queryClient('bob', QUERY_RULES.null, info), null, 'CLU-044', 'null did not stay null');
      await stage.rejects(
        service.queryClient('bob', QUERY_RULES.throws, info),
        'E_HANDLING',
        'CLU-044',
        'a handler that throws',
      );
      await stage.rejects(
        service.queryClient('bob', QUERY_RULES.silent, info),
        'E_TIMEOUT',
        'CLU-044',
        'a silent handler',
      );
      await stage.rejects(service.queryClient('nobody', 1, info), 'E_OFFLINE', 'CLU-044', 'a query to nobody');
      await service.kickOut('bob');
      await bob.waitFor('beingKickedOut', { clause: 'CLU-042' });
      await stage.until(() => !of.acms.engine.platformUserManager.isUserOnLine('bob'), 5, 'bob is gone', 'CLU-042');
      await service.kickOut('bob');
      // The same calls in the platform server's own process.
      const inside = of.acms.engine.platformCustomizeService;
      stage.equal(await inside.sendToClient('alice', 41, info), true, 'CLU-044', 'the call in its own process failed');
      await alice.waitFor('information', { match: (event) => event.informationType === 41, clause: 'CLU-044' });
      stage.equal(await inside.getOnlineUserCount(), 1, 'CLU-041', 'the count is wrong');
      await of.acms.close();
      await stage.rejects(service.getOnlineUserCount(), 'E_DISCONNECTED', 'CLU-041', 'a question without a connection');
      await stage.rejects(inside.getOnlineUserCount(), 'E_CLOSED', 'CLU-041', 'a question after close');
    },
  }),
];

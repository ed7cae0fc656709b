/** What dies and comes back: servers, the platform server, the way between them. 23.2, 23.3, 23.4. */
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { QUERY_RULES } from '../../attach/client-subject.ts';
import { boundOn, cluster, settled } from './clusters.ts';

export const scenarios: readonly AnyScenario[] = [
  scenario({
    id: 'CLU-D2OV',
    title: 'the clients of a server that dies find another one by themselves, and lose nothing that was acknowledged',
    clauses: ['CLU-045', 'CLU-019', 'CLU-028'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const of = await cluster(stage, 2, { server: { autoRespondHeartBeat: true } });
      const [one, two] = of.servers;
      const alice = await stage.loggedOn(one!, 'alice', {
        lookup: of.acms,
        waitResponseTimeoutInSecs: 5,
        heartBeatSpanInSecs: 2,
      });
      const bob = await stage.loggedOn(two!, 'bob', { lookup: of.acms });
      await settled(stage, of, 'CLU-025');
      await bob.sendCertainly('alice', 50, stage.payload());
      // Silence counts once a heartbeat has been answered.
      await stage.sleep(5);
      await stage.net.crash(one!.host);
      // Her heartbeat finds out (HBT-010); then the platform server names the server that lives.
      await alice.waitFor('relogonCompleted', { withinSecs: 90, clause: 'CLU-045' });
      const left = { acms: of.acms, servers: [two!] };
      await settled(stage, left, 'CLU-019');
      stage.equal(boundOn([two!], 'alice'), [0], 'CLU-045', 'alice is not on the server that lives');
      stage.equal(alice.engine?.serverAddress, { address: two!.address, port: two!.port }, 'CLU-045', 'her server');
      await bob.sendCertainly('alice', 51, stage.payload());
      stage.equal(await alice.query('bob', QUERY_RULES.echo, null), null, 'CLU-028', 'a query from the new place');
      await stage.net.restart(one!.host);
      const back = await stage.server({ acms: of.acms, serverID: 1, host: one!.host, port: one!.port });
      const found = await of.acms.engine.clusterControlService.getServerToLogon();
      stage.equal(found?.serverID, 1, 'CLU-014', 'the server that came back gets no clients');
      await bob.closeConnection(true);
      await bob.waitFor('relogonCompleted', { clause: 'CLU-045' });
      await settled(stage, { acms: of.acms, servers: [back, two!] }, 'CLU-028');
      stage.equal(boundOn([back, two!], 'bob'), [0], 'CLU-045', 'bob did not go where he was sent');
      await bob.sendCertainly('alice', 52, stage.payload());
    },
  }),
  scenario({
    id: 'CLU-S7YN',
    title: 'a client goes back to its old server when the lookup gives none, fails, or is not asked at first',
    clauses: ['CLU-045'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const server = await stage.server();
      for (const [userID, lookup] of [
        ['none', () => Promise.resolve(null)],
        ['fails', () => Promise.reject(new Error('the rule of this lookup is to fail'))],
        ['nonsense', () => Promise.resolve({ address: 'x', port: 0 })],
        [
          'throws',
          () => {
            throw new Error('the rule of this lookup is to throw');
          },
        ],
        ['never', () => new Promise<null>(() => undefined)],
      ] as const) {
        let asked = 0;
        const client = await stage.client(userID, { waitResponseTimeoutInSecs: 3 });
        client.engine!.advanced.serverLookup = () => {
          asked += 1;
          return lookup();
        };
        await client.logon(server);
        stage.equal(asked, 0, 'CLU-045', 'the lookup was asked before there was anything to reconnect');
        await client.closeConnection(true);
        await client.waitFor('relogonCompleted', { clause: 'CLU-045' });
        stage.equal(asked, 1, 'CLU-045', `the lookup that ${userID} was asked`);
        await client.query(null, QUERY_RULES.echo, stage.payload());
      }
    },
  }),
  scenario({
    id: 'CLU-A4HW',
    title: 'without the platform server each server goes on alone, and when it is back the tables agree again',
    clauses: ['CLU-011', 'CLU-026', 'CLU-007', 'CLU-028'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const of = await cluster(stage, 2);
      const [one, two] = of.servers;
      const alice = await stage.loggedOn(one!, 'alice', { waitResponseTimeoutInSecs: 3 });
      await stage.loggedOn(one!, 'ann');
      const bob = await stage.loggedOn(two!, 'bob');
      await settled(stage, of, 'CLU-025');
      await alice.sendCertainly('bob', 60, stage.payload());
      await stage.net.crash(of.acms.host);
      for (const server of of.servers) await server.waitFor('platformConnectionInterrupted', { clause: 'CLU-011' });
      stage.equal(one!.member?.platformConnected, false, 'CLU-011', 'the server still calls itself joined');
      stage.equal(
        one!.engine.platformUserManager.getOnlineUserList().sort(),
        ['alice', 'ann'],
        'CLU-026',
        'users known',
      );
      await alice.sendCertainly('ann', 61, stage.payload());
      await stage.rejects(
        alice.sendCertainly('bob', 62, stage.payload()),
        'E_TIMEOUT',
        'CLU-026',
        'an ACK from nowhere',
      );
      const carol = await stage.loggedOn(two!, 'carol');
      await carol.sendCertainly('bob', 63, stage.payload());
      await stage.sleep(20);
      await stage.net.restart(of.acms.host);
      const acms = await stage.acms({ after: of.acms });
      for (const server of of.servers) {
        await server.waitFor('platformConnectionRebuild', { clause: 'CLU-011', withinSecs: 40 });
        stage.equal(server.member?.platformConnected, true, 'CLU-011', 'the server does not call itself joined');
      }
      await settled(stage, { acms, servers: of.servers }, 'CLU-007', 5);
      stage.equal(acms.engine.platformUserManager.userCount, 4, 'CLU-007', 'not all users are known again');
      await alice.sendCertainly('carol', 64, stage.payload());
      await bob.sendCertainly('ann', 65, stage.payload());
    },
  }),
  scenario({
    id: 'CLU-P6ZJ',
    title: 'after a separation in which users moved, each has one connection, the younger one, in either mode',
    clauses: ['CLU-027', 'CLU-028', 'CLU-010', 'CLU-026'],
    kind: 'matrix',
    clients: 'reference',
    async run(stage) {
      for (const relogonMode of ['ReplaceOld', 'IgnoreNew'] as const) {
        const of = await cluster(stage, 2, { server: { relogonMode } });
        const [one, two] = of.servers;
        const alice = await stage.loggedOn(one!, 'alice');
        const bob = await stage.loggedOn(two!, 'bob');
        const carol = await stage.loggedOn(one!, 'carol');
        await settled(stage, of, 'CLU-025');
        stage.net.partition(of.acms.host);
        for (const server of of.servers) await server.waitFor('platformConnectionInterrupted', { clause: 'CLU-010' });
        const alice2 = await stage.loggedOn(two!, 'alice');
        const bob2 = await stage.loggedOn(one!, 'bob');
        stage.equal(boundOn(of.servers, 'alice'), [0, 1], 'CLU-026', 'the servers do not decide alone');
        await stage.sleep(10);
        stage.net.heal(of.acms.host);
        for (const server of of.servers) {
          await server.waitFor('platformConnectionRebuild', { clause: 'CLU-011', withinSecs: 60 });
        }
        await alice.waitFor('beingPushedOut', { clause: 'CLU-027' });
        await bob.waitFor('beingPushedOut', { clause: 'CLU-027' });
        await settled(stage, of, 'CLU-028', 5);
        stage.equal(boundOn(of.servers, 'alice'), [1], 'CLU-027', 'alice is not where she came last');
        stage.equal(boundOn(of.servers, 'bob'), [0], 'CLU-027', 'bob is not where he came last');
        await alice2.sendCertainly('bob', 70, stage.payload());
        await bob2.sendCertainly('carol', 71, stage.payload());
        await carol.sendCertainly('alice', 72, stage.payload());
        for (const client of [alice2, bob2, carol]) await client.close();
      }
    },
  }),
];

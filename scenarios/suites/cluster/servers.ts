/** Servers that join and leave, and what the platform server tells of them: 23.2 and 23.6. */
import { MessageType } from '../../../spec/grammar/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { AcmsSubject } from '../../attach/cluster-subjects.ts';
import type { RawClient } from '../../attach/raw-peer.ts';
import { codecs } from '../../../impl/wire/index.ts';
import { platformSilenceSecs } from '../../../spec/timing.ts';
import { cluster, settled } from './clusters.ts';
import { PURPOSE, proofFor } from './hand-made-hello.ts';

const at = (acms: AcmsSubject, port: 'service' | 'transfer' = 'service') => ({
  address: acms.address,
  port: acms.ports[port],
});

/** A bare peer whose challenge has come. */
async function challenged(
  stage: Stage,
  acms: AcmsSubject,
  port?: 'service' | 'transfer',
): Promise<{ peer: RawClient; nonce: Uint8Array }> {
  const peer = await stage.rawClient(at(acms, port));
  const challenge = await peer.expect(MessageType.PlatformChallenge, { clause: 'CLU-003' });
  const body = codecs.PlatformChallengeContract.decode(challenge.body);
  stage.check(body.ok && body.value.Nonce?.length === 16, 'CLU-003', 'the challenge carries no nonce of 16 bytes');
  return { peer, nonce: body.ok ? (body.value.Nonce ?? new Uint8Array(0)) : new Uint8Array(0) };
}

function hello(peer: RawClient, purpose: number, proof: Uint8Array | null, serverID = -1): void {
  const body = codecs.PlatformHelloContract.encode({
    InstanceID: 0,
    Proof: proof,
    Purpose: purpose,
    ServerID: serverID,
  });
  peer.send({ messageType: MessageType.PlatformHello, sourceId: '', body });
}

async function verdict(peer: RawClient, clause: string): Promise<string | null> {
  const reply = await peer.expect(MessageType.PlatformHello, { clause });
  const result = codecs.PlatformResultContract.decode(reply.body);
  return result.ok ? result.value.ErrorCode : 'a body that does not decode';
}

export const scenarios: readonly AnyScenario[] = [
  scenario({
    id: 'CLU-7Q3A',
    title: 'servers join, are told of with all their data, and leave',
    clauses: ['CLU-034', 'CLU-002', 'CLU-008', 'CLU-009', 'CLU-033', 'CLU-036'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const acms = await stage.acms();
      stage.equal(acms.portsByDefault, { service: 11_000, transfer: 12_000 }, 'CLU-002', 'other ports by default');
      const outside = await stage.control(acms);
      await outside.client.connect();
      const service = outside.client.clusterControlService;
      stage.equal(await service.getAllServers(), [], 'CLU-034', 'a cluster without servers lists some');
      const load = { cpuUsage: 12.5, memoryUsage: 40 };
      const first = await stage.server({
        acms,
        serverID: 0,
        beforeStart: (engine) => Object.assign(engine, { machineState: () => load }),
      });
      const second = await stage.server({ acms, serverID: 7 });
      await stage.until(() => outside.notices.length === 2, 10, 'the outside heard of both servers', 'CLU-036');
      await stage.loggedOn(first, 'alice');
      await stage.loggedOn(first, 'bob');
      const info = await service.getServer(0);
      const { startTime = 0, lastUpdateTime = 0, ...rest } = info ?? {};
      stage.equal(
        rest,
        {
          serverID: 0,
          address: first.address,
          port: first.port,
          userCount: 2,
          ...load,
          frozen: false,
          telnetFailure: false,
        },
        'CLU-033',
        'the data of server 0 are wrong',
      );
      stage.check(startTime > 0 && lastUpdateTime >= startTime, 'CLU-033', 'the times of server 0 make no sense');
      load.cpuUsage = 99;
      await stage.sleep(3);
      const later = await service.getServer(0);
      stage.equal(later?.cpuUsage, 99, 'CLU-009', 'a later report did not arrive');
      stage.took(
        ((later?.lastUpdateTime ?? 0) - lastUpdateTime) / 1000,
        { atLeast: 1.9, atMost: 4.1 },
        'CLU-009',
        'between the reports',
      );
      stage.equal(
        (await service.getAllServers()).map((each) => each.serverID),
        [0, 7],
        'CLU-034',
        'the list is wrong',
      );
      await second.close();
      await stage.until(() => outside.notices.includes('-7'), 5, 'the outside heard that server 7 left', 'CLU-008');
      stage.equal(await service.isServerOnline(7), false, 'CLU-034', 'a server that left is called online');
      stage.equal(await service.getServer(7), null, 'CLU-034', 'a server that left has data');
      stage.equal(outside.notices, ['+0', '+7', '-7'], 'CLU-036', 'the notices are wrong');
    },
  }),
  scenario({
    id: 'CLU-2H8K',
    title: 'a server needs a running platform server, the secret, and an ID of its own',
    clauses: ['CLU-012', 'CLU-006', 'CLU-004'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const gone = await stage.acms();
      await gone.close();
      const refused = (options: Parameters<Stage['server']>[0], clause: string, what: string): Promise<unknown> =>
        stage.rejects(stage.server(options), 'E_CONNECT', clause, what);
      await refused({ acms: gone, serverID: 1 }, 'CLU-012', 'a server started without its platform server');
      const acms = await stage.acms();
      const wrong = { ...acms, secret: 'something else' };
      await refused({ acms: wrong, serverID: 1 }, 'CLU-004', 'a server without the secret joined');
      const first = await stage.server({ acms, serverID: 1 });
      await refused({ acms, serverID: 1 }, 'CLU-006', 'a second server took the ID of the first');
      const alice = await stage.loggedOn(first, 'alice');
      stage.equal(first.engine.serverID, '1', 'CLU-006', 'the server does not know its ID');
      const data = first.engine.userManager.getUserData('alice');
      stage.equal(data?.appServerID, '1', 'CLU-006', 'the user data name another server');
      stage.equal(await alice.connected(), true, 'CLU-006', 'the first server was disturbed');
      stage.equal(
        (await acms.engine.clusterControlService.getAllServers()).length,
        1,
        'CLU-006',
        'servers in the list',
      );
    },
  }),
  scenario({
    id: 'CLU-9W4C',
    title: 'nobody is heard before a hello that proves the secret',
    clauses: ['CLU-003', 'CLU-004'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const acms = await stage.acms();
      const good = await challenged(stage, acms);
      hello(good.peer, PURPOSE.Outside, proofFor(acms.secret, good.nonce, PURPOSE.Outside));
      stage.equal(await verdict(good.peer, 'CLU-003'), null, 'CLU-003', 'a proof made by hand was refused');
      const other = await challenged(stage, acms);
      hello(other.peer, PURPOSE.Outside, proofFor(acms.secret, good.nonce, PURPOSE.Outside));
      stage.equal(
        await verdict(other.peer, 'CLU-003'),
        'E_CONNECT',
        'CLU-003',
        'the proof of another connection passed',
      );
      await other.peer.expectClosed({ clause: 'CLU-004' });
      const role = await challenged(stage, acms);
      hello(role.peer, PURPOSE.Application, proofFor(acms.secret, role.nonce, PURPOSE.Outside));
      stage.equal(await verdict(role.peer, 'CLU-003'), 'E_CONNECT', 'CLU-003', 'the proof of another purpose passed');
      const port = await challenged(stage, acms, 'transfer');
      hello(port.peer, PURPOSE.Outside, proofFor(acms.secret, port.nonce, PURPOSE.Outside));
      stage.equal(
        await verdict(port.peer, 'CLU-004'),
        'E_CONNECT',
        'CLU-004',
        'services were had on the transfer port',
      );
      const early = await challenged(stage, acms);
      early.peer.send({ messageType: MessageType.GetServerToLogon, sourceId: '' });
      await early.peer.expectClosed({ clause: 'CLU-004', withinSecs: 3 });
      stage.check(
        early.peer.received.every((message) => message.messageType !== MessageType.GetServerToLogon),
        'CLU-004',
        'a question before the hello was answered',
      );
      const silent = await challenged(stage, acms);
      const since = stage.nowSecs();
      await silent.peer.expectClosed({ clause: 'CLU-004', withinSecs: 10 });
      stage.took(stage.nowSecs() - since, { atLeast: 4.5, atMost: 6 }, 'CLU-004', 'until a silent peer was put out');
    },
  }),
  scenario({
    id: 'CLU-5T1M',
    title: 'without the secret a server to log on to can be asked for, and nothing else, unless that is switched off',
    clauses: ['CLU-005', 'CLU-018'],
    kind: 'wire',
    clients: 'reference',
    async run(stage) {
      const acms = await stage.acms();
      const { peer } = await challenged(stage, acms);
      hello(peer, PURPOSE.Lookup, null);
      stage.equal(await verdict(peer, 'CLU-005'), null, 'CLU-005', 'a lookup needs a proof');
      peer.send({ messageType: MessageType.GetServerToLogon, sourceId: '' });
      const none = await peer.expect(MessageType.GetServerToLogon, { clause: 'CLU-018' });
      stage.equal(none.body.length, 0, 'CLU-018', 'a cluster without servers gave one');
      await stage.server({ acms, serverID: 3 });
      peer.send({ messageType: MessageType.GetServerToLogon, sourceId: '' });
      const found = await peer.expect(MessageType.GetServerToLogon, { clause: 'CLU-005' });
      const where = codecs.ServerConfigurationContract.decode(found.body);
      stage.equal(where.ok && where.value.ServerID, 3, 'CLU-005', 'the server to log on to is wrong');
      const body = codecs.GetClusterServersContract.encode({ ServerID: -1 });
      peer.send({ messageType: MessageType.GetClusterServers, sourceId: '', body });
      await peer.expectClosed({ clause: 'CLU-005' });
      stage.check(
        peer.received.every((message) => message.messageType !== MessageType.GetClusterServers),
        'CLU-005',
        'a lookup was told of the servers',
      );
      const closed = await stage.acms({ openLookup: false });
      const refused = await challenged(stage, closed);
      hello(refused.peer, PURPOSE.Lookup, null);
      stage.equal(
        await verdict(refused.peer, 'CLU-005'),
        'E_CONNECT',
        'CLU-005',
        'a lookup passed although switched off',
      );
    },
  }),
  scenario({
    id: 'CLU-3B6N',
    title: 'Poll sends clients to the servers in turn, and a frozen one gets nobody while its users go on',
    clauses: ['CLU-013', 'CLU-017', 'CLU-018', 'CLU-035'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { acms, servers } = await cluster(stage, 3, { acms: { policy: 0 } });
      const outside = await stage.control(acms);
      await outside.client.connect();
      const service = outside.client.clusterControlService;
      const next = async (): Promise<number | undefined> => (await service.getServerToLogon())?.serverID;
      const turn = [await next(), await next(), await next(), await next()];
      stage.equal(turn, [1, 2, 3, 1], 'CLU-013', 'Poll does not go round');
      const alice = await stage.loggedOn(servers[1]!, 'alice');
      const bob = await stage.loggedOn(servers[0]!, 'bob');
      await service.freezeServer(2);
      const around = [await next(), await next(), await next()];
      stage.equal(around, [3, 1, 3], 'CLU-017', 'a frozen server was chosen');
      stage.equal((await service.getServer(2))?.frozen, true, 'CLU-035', 'the server is not called frozen');
      await alice.sendCertainly('bob', 1, stage.payload());
      await bob.sendCertainly('alice', 1, stage.payload());
      for (const serverID of [1, 3]) await service.freezeServer(serverID);
      stage.equal(await next(), undefined, 'CLU-018', 'a server was chosen although all are frozen');
      await service.defreezeServer(2);
      stage.equal(await next(), 2, 'CLU-035', 'an unfrozen server is not chosen');
      await stage.rejects(service.freezeServer(9), 'E_OFFLINE', 'CLU-035', 'an unknown server was frozen');
    },
  }),
  scenario({
    id: 'CLU-8R2P',
    title:
      'MinUserCount, the default, chooses the server with the fewest users; MinCpuUsage the one with the least load',
    clauses: ['CLU-014', 'CLU-015'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const few = await cluster(stage, 2);
      const chosen: (number | undefined)[] = [];
      for (const userID of ['u1', 'u2', 'u3', 'u4']) {
        const found = await few.acms.engine.clusterControlService.getServerToLogon();
        chosen.push(found?.serverID);
        await stage.loggedOn(few.servers[(found?.serverID ?? 1) - 1]!, userID);
      }
      stage.equal(chosen, [1, 2, 1, 2], 'CLU-014', 'users were not spread');
      const acms = await stage.acms({ policy: 2 });
      for (const [serverID, cpuUsage] of [
        [4, 70],
        [5, 20],
        [6, 50],
      ] as const) {
        const beforeStart = (engine: object): void =>
          void Object.assign(engine, { machineState: () => ({ cpuUsage, memoryUsage: 1 }) });
        await stage.server({ acms, serverID, beforeStart });
      }
      await stage.sleep(3);
      const found = await acms.engine.clusterControlService.getServerToLogon();
      stage.equal(found?.serverID, 5, 'CLU-015', 'the least loaded server was not chosen');
    },
  }),
  scenario({
    id: 'CLU-6V9D',
    title: 'a server whose port cannot be reached is marked and gets no clients',
    clauses: ['CLU-016'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const acms = await stage.acms({ policy: 0 });
      // Nobody listens at that address, neither here nor there.
      const beforeStart = (engine: object): void => void Object.assign(engine, { clientAddress: '127.0.0.99' });
      await stage.server({ acms, serverID: 1, beforeStart });
      await stage.server({ acms, serverID: 2 });
      const service = acms.engine.clusterControlService;
      await stage.sleep(22);
      stage.equal((await service.getServer(1))?.telnetFailure, true, 'CLU-016', 'an unreachable server is not marked');
      stage.equal((await service.getServer(2))?.telnetFailure, false, 'CLU-016', 'a reachable server is marked');
      const chosen = [await service.getServerToLogon(), await service.getServerToLogon()];
      stage.equal(
        chosen.map((each) => each?.serverID),
        [2, 2],
        'CLU-016',
        'an unreachable server was chosen',
      );
    },
  }),
  scenario({
    id: 'CLU-4J7F',
    title: 'a dead server is noticed by its silence, its users are gone with it, and removing it is at once',
    clauses: ['CLU-019', 'CLU-010', 'CLU-037', 'CLU-036'],
    kind: 'example',
    clients: 'reference',
    async run(stage) {
      const { acms, servers } = await cluster(stage, 3);
      const outside = await stage.control(acms);
      await outside.client.connect();
      await stage.loggedOn(servers[0]!, 'alice');
      await stage.loggedOn(servers[1]!, 'bob');
      await stage.loggedOn(servers[2]!, 'carol');
      await stage.until(() => acms.engine.platformUserManager.userCount === 3, 5, 'three users are known', 'CLU-025');
      const died = stage.nowSecs();
      await stage.net.crash(servers[0]!.host);
      await stage.until(() => outside.notices.includes('-1'), 15, 'the dead server was noticed', 'CLU-019');
      const limits = { atLeast: platformSilenceSecs - 2.5, atMost: platformSilenceSecs + 0.5 };
      stage.took(stage.nowSecs() - died, limits, 'CLU-010', 'until the silence was noticed');
      const left = { acms, servers: servers.slice(1) };
      await settled(stage, left, 'CLU-019', 1);
      await stage.net.crash(servers[1]!.host);
      await outside.client.clusterControlService.removeServer(2);
      stage.equal(acms.engine.platformUserManager.isUserOnLine('bob'), false, 'CLU-037', 'a user of it is still known');
      await stage.until(() => outside.notices.includes('-2'), 1, 'the removal was told', 'CLU-036');
      await settled(stage, { acms, servers: servers.slice(2) }, 'CLU-037', 1);
      await outside.client.clusterControlService.removeServer(3);
      await stage.until(() => outside.notices.includes('-3'), 1, 'the removal was told', 'CLU-036');
      // One that lives is back by itself, with its users.
      await stage.until(() => outside.notices.at(-1) === '+3', 10, 'a living server joined again', 'CLU-037');
      await settled(stage, { acms, servers: servers.slice(2) }, 'CLU-037', 5);
      await stage.rejects(
        outside.client.clusterControlService.removeServer(2),
        'E_OFFLINE',
        'CLU-037',
        'removed twice',
      );
    },
  }),
];

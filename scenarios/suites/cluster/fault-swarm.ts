/** A cluster under every class of fault: what is acknowledged was delivered, and a healed core of it comes to rights. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { healCore, stallIsNotAllowed } from '../../attach/liveness.ts';
import { coreTalks, swarmPlans, talkSteps, talkThrough } from '../../attach/swarm-talk.ts';
import { cluster, settled } from './clusters.ts';

const USERS = ['u0', 'u1', 'u2'];
/** The last user is none of the core: it may crash, and is cut off for good before the core must converge. */
const CORE = 2;
const SERVERS = 2;
const REACHED = 'the healed core of CLU-F4QX talks again';

export const scenarios: readonly AnyScenario[] = [
  scenario({
    id: 'CLU-F4QX',
    title: 'under faults of every class a cluster delivers what it acknowledges, and a healed core of it talks again',
    clauses: ['CLU-007', 'CLU-011', 'CLU-031', 'ACK-001', 'RCN-001'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 40,
    timeLimitSecs: 1200,
    reachable: [REACHED],
    plan: () =>
      swarmPlans(
        { hosts: USERS.length + SERVERS + 1, expendable: [2], mobile: [0, 1, 2], natted: [0, 1] },
        fc.record(talkSteps(USERS.length)),
      ),
    async run(stage, plan) {
      const of = await cluster(stage, SERVERS, { server: { autoRespondHeartBeat: true, heartbeatTimeoutInSecs: 12 } });
      const options = { heartBeatSpanInSecs: 3, waitResponseTimeoutInSecs: 5, heartbeatTimeoutInSecs: 12 };
      const clients = await Promise.all(
        USERS.map((name, index) =>
          stage.loggedOn(
            of.servers[index % SERVERS]!,
            name,
            index < CORE ? { ...options, network: { nat: 'linux' } } : options,
          ),
        ),
      );
      await settled(stage, of, 'CLU-007');
      const machines = [...of.servers, of.acms].map(({ host }) => host);
      // Nothing is concluded from a call that fails; what one says that succeeds is a law of every run.
      const hosts = [...clients.map(({ host }) => host), ...machines];
      await talkThrough(stage, plan, hosts, clients, (from, to) => from.sendCertainly(to.userID, 7, stage.payload()));
      const core = clients.slice(0, CORE);
      stage.sometimes(
        'the core of the cluster was apart when it was healed',
        core.some((client) => client.engine?.connected !== true) ||
          of.servers.some((server) => server.member?.platformConnected !== true),
      );
      const coreHosts = core.map(({ host }) => host);
      await healCore(stage, { core: [...coreHosts, ...machines], rest: clients.slice(CORE).map(({ host }) => host) });
      for (const server of of.servers) await stallIsNotAllowed(stage, coreHosts, server);
      await stallIsNotAllowed(
        stage,
        of.servers.map(({ host }) => host),
        { address: of.acms.address, port: of.acms.ports.service },
      );
      await coreTalks(stage, core);
      stage.reachable(REACHED);
    },
  }),
];

/** A cluster under every class of fault: what is acknowledged was delivered, and a healed core of it comes to rights. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario } from '../../api.ts';
import { applyFaults, faultPlans } from '../../attach/fault-plan.ts';
import { CONVERGED_SECS, healCore, stallIsNotAllowed, talksBy } from '../../attach/liveness.ts';
import { cluster, settled } from './clusters.ts';

const USERS = ['u0', 'u1', 'u2'];
/** The last user is none of the core: it may crash, and is cut off for good before the core must converge. */
const CORE = 2;
const SERVERS = 2;
const WITHIN_MILLIS = 20_000;
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
      fc.record({
        faults: faultPlans({
          hosts: USERS.length + SERVERS + 1,
          expendable: [2],
          mobile: [0, 1, 2],
          natted: [0, 1],
          withinMillis: WITHIN_MILLIS,
          lastMillisMax: 3 * WITHIN_MILLIS,
        }),
        hardshipMillis: fc.integer({ min: WITHIN_MILLIS, max: 2 * WITHIN_MILLIS }),
        talk: fc.array(
          fc.record({ from: fc.nat({ max: 2 }), to: fc.nat({ max: 2 }), pauseMillis: fc.nat({ max: 2_000 }) }),
          { minLength: 1, maxLength: 20 },
        ),
      }),
    async run(stage, { faults, hardshipMillis, talk }) {
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
      const hardship = applyFaults(stage, faults, [...clients.map(({ host }) => host), ...machines], hardshipMillis);
      for (const { from, to, pauseMillis } of talk) {
        const client = clients[from]!;
        // Nothing is concluded from a call that fails; what one says that succeeds is a law of every run.
        if (hardship.canCall(client.host)) {
          client.sendCertainly(USERS[to]!, 7, stage.payload()).catch(() => undefined);
        }
        await stage.sleep(pauseMillis / 1000);
      }
      await hardship.done;
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
      const untilSecs = stage.nowSecs() + CONVERGED_SECS;
      for (const client of core) {
        for (const other of core) if (client !== other) await talksBy(stage, client, other.userID, untilSecs);
      }
      stage.reachable(REACHED);
    },
  }),
];

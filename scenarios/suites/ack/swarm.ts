/** Information with ACK under every class of fault: first nothing wrong may happen, then a healed core must come to rights. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import { healCore, stallIsNotAllowed } from '../../attach/liveness.ts';
import type { ServerSubject } from '../../attach/server-subject.ts';
import { coreTalks, swarmPlans, talkSteps, talkThrough } from '../../attach/swarm-talk.ts';

const USERS = ['u0', 'u1', 'u2', 'u3'];
/** The first users are the core; the others may crash, and are cut off for good before the core must converge. */
const CORE = 2;
/** These stand behind a NAT. */
const NATTED = [0, 1, 3];

/** The server serves a newcomer at once: whatever keeps the core apart now is not its standstill. */
async function serverServes(stage: Stage, server: ServerSubject): Promise<void> {
  const newcomer = await stage.loggedOn(server, 'newcomer');
  await newcomer.sendCertainly(null, 8, stage.payload());
  await newcomer.close();
}

export const swarm: readonly AnyScenario[] = [
  scenario({
    id: 'ACK-W3FT',
    title:
      'under faults of every class what is acknowledged was delivered, and a healed core talks again within bounded time',
    clauses: ['ACK-001', 'ACK-005', 'ACK-007', 'RCN-001'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 40,
    timeLimitSecs: 1200,
    reachable: ['the healed core of ACK-W3FT talks again'],
    plan: () =>
      swarmPlans(
        { hosts: USERS.length + 1, expendable: [2, 3], mobile: [0, 1, 2, 3], natted: NATTED },
        fc.record(talkSteps(USERS.length)),
      ),
    async run(stage, plan) {
      const server = await stage.server({ heartbeatTimeoutInSecs: 12 });
      const options = { heartBeatSpanInSecs: 3, waitResponseTimeoutInSecs: 5 };
      const clients = await Promise.all(
        USERS.map((name, index) =>
          stage.loggedOn(server, name, NATTED.includes(index) ? { ...options, network: { nat: 'linux' } } : options),
        ),
      );
      const [core, rest] = [clients.slice(0, CORE), clients.slice(CORE)];
      const hosts = [...clients, server].map(({ host }) => host);
      // Safety: whatever comes of the calls, the laws of every run hold for what was acknowledged and delivered.
      const outcomes = await talkThrough(stage, plan, hosts, clients, (from, to) =>
        from.sendCertainly(to.userID, 7, stage.payload()),
      );
      stage.sometimes(
        'the core was apart when it was healed',
        core.some((client) => client.engine?.connected !== true),
      );
      // Liveness.
      const coreHosts = core.map(({ host }) => host);
      await healCore(stage, { core: [...coreHosts, server.host], rest: rest.map(({ host }) => host) });
      await stallIsNotAllowed(stage, coreHosts, server);
      await serverServes(stage, server);
      await coreTalks(stage, core);
      stage.reachable('the healed core of ACK-W3FT talks again');
      stage.sometimes('a call failed under faults', outcomes.includes(false));
      stage.sometimes('a call was acknowledged under faults', outcomes.includes(true));
    },
  }),
];

/** Direct channels under every class of fault: nothing wrong may happen, and a healed core must be linked and talk again. */
import * as fc from 'fast-check';
import { P2PChannelMode } from '../../../impl/index.ts';
import { scenario } from '../../api.ts';
import type { AnyScenario, P2PServerSubject, Stage } from '../../api.ts';
import type { ClientOptions, ClientSubject } from '../../attach/client-subject.ts';
import { healCore, stallIsNotAllowed } from '../../attach/liveness.ts';
import type { NetworkOptions } from '../../attach/network-options.ts';
import type { ServerSubject } from '../../attach/server-subject.ts';
import { coreTalks, swarmPlans, talkThrough } from '../../attach/swarm-talk.ts';
import { MATRIX_KINDS } from '../../nat/expected.ts';
import type { MatrixKind } from '../../nat/expected.ts';
import { DirectTalk, directSteps, isPromised, linksBy, talksDirectly } from './fault-talk.ts';
import type { Pair } from './fault-talk.ts';
import { controllerOf, engineOf } from './pairs.ts';

/** The first three are the core; the last one may crash, and is cut off for good before the core must converge. */
const USERS = ['u0', 'u1', 'u2', 'u3'];
const CORE = 3;
/** Stands on the public network; the others behind the NATs that are drawn. */
const OPEN = 2;
const SERVER = 4;
const P2P_SERVER = 5;
/** Tries at either side, after a time in which both learn that an old channel is dead. */
const LINKED_SECS = 150;
const REACHED = 'a pair of the healed core of P2P-9FXS is linked again';

const { TcpAndUdp, Tcp, Udp } = P2PChannelMode;
const behindNat = fc.constantFrom(...MATRIX_KINDS.filter((kind) => kind !== 'open'));

const places = fc.record({
  nats: fc.tuple(behindNat, behindNat, behindNat),
  /** The first two share a LAN, behind the first one's NAT. */
  inOneLan: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  mode: fc.constantFrom<P2PChannelMode>(TcpAndUdp, TcpAndUdp, Tcp, Udp),
  /** Whether they ask the P2P server that stands alone, and may crash. */
  asksAlone: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  /** Whether they are linked before the first fault. */
  linked: fc.boolean(),
});
type Places = { readonly nats: readonly MatrixKind[]; readonly inOneLan: boolean; readonly asksAlone: boolean };

const kindOf = ({ nats, inOneLan }: Places, index: number): MatrixKind => {
  if (index === OPEN) return 'open';
  return index === 1 && inOneLan ? nats[0]! : nats[index === 3 ? 2 : index]!;
};

function networkOf(plan: Places, index: number): NetworkOptions {
  const nat = kindOf(plan, index);
  return plan.inOneLan && index < 2 ? { nat, lan: 'shared' } : { nat };
}

/** A user at his place, logged on. */
async function userAt(
  stage: Stage,
  server: ServerSubject,
  userID: string,
  options: ClientOptions & { readonly asks: P2PServerSubject | null; readonly channels: P2PChannelMode },
): Promise<ClientSubject> {
  const { asks, channels, ...rest } = options;
  const client = await stage.client(userID, rest);
  if (asks !== null) engineOf(client).p2pServerAddress = { address: asks.address, port: asks.port };
  controllerOf(client).p2pChannelMode = channels;
  const { logonResult } = await client.logon(server);
  stage.equal(logonResult, 'Succeed', 'LOG-003', `${userID} could not log on`);
  return client;
}

function pairsOf(core: readonly ClientSubject[], plan: Places): readonly Pair[] {
  return [
    [0, 1],
    [0, 2],
    [1, 2],
  ].map(([a = 0, b = 0]) => ({
    a: core[a]!,
    b: core[b]!,
    kinds: [kindOf(plan, a), kindOf(plan, b)],
    inOneLan: plan.inOneLan && b === 1,
  }));
}

/** Every pair tries, and has a channel or word that there is none. */
async function linkAll(stage: Stage, pairs: readonly Pair[]): Promise<void> {
  let failures = 0;
  for (const { a, b } of pairs) {
    controllerOf(a).p2pConnectFailed.add(() => (failures += 1));
    controllerOf(a).p2pConnectAsyn(b.userID);
  }
  const linked = (): number => pairs.filter(({ a, b }) => controllerOf(a).isP2PChannelExist(b.userID)).length;
  await stage.until(() => linked() + failures >= pairs.length, 60, 'neither a channel nor a failure', 'P2P-023');
}

export const faultSwarm: readonly AnyScenario[] = [
  scenario({
    id: 'P2P-9FXS',
    title:
      'under faults of every class nothing is lost, doubled or mixed up between direct channels, and a healed core is linked again',
    clauses: ['P2P-050', 'P2P-030', 'P2P-057', 'P2P-046', 'P2P-058', 'ACK-001', 'RCN-001'],
    kind: 'property',
    clients: 'reference',
    targets: ['sim'],
    runs: 40,
    timeLimitSecs: 2400,
    reachable: [REACHED],
    plan: () =>
      fc.record({
        places,
        swarm: swarmPlans(
          { hosts: USERS.length + 2, expendable: [3, P2P_SERVER], mobile: [0, 1, 2, 3], natted: [0, 1, 3] },
          directSteps(USERS.length),
        ),
      }),
    async run(stage, { places: plan, swarm }) {
      const server = await stage.server({ heartbeatTimeoutInSecs: 12 });
      const alone = await stage.p2pServer();
      const options = { heartBeatSpanInSecs: 3, waitResponseTimeoutInSecs: 5, heartbeatTimeoutInSecs: 10 };
      const at = { ...options, asks: plan.asksAlone ? alone : null, channels: plan.mode };
      const clients: ClientSubject[] = [];
      for (const [index, userID] of USERS.entries()) {
        clients.push(await userAt(stage, server, userID, { ...at, network: networkOf(plan, index) }));
      }
      const core = clients.slice(0, CORE);
      const pairs = pairsOf(core, plan);
      if (plan.linked) await linkAll(stage, pairs);
      const talk = new DirectTalk(stage, clients);
      const hosts = clients.map(({ host }) => host);
      hosts[SERVER] = server.host;
      hosts[P2P_SERVER] = alone.host;
      await talkThrough(stage, swarm, hosts, clients, (from, to, step) => talk.call(from, to, step));
      const hasLink = ({ a, b }: Pair): boolean => controllerOf(a).isP2PChannelExist(b.userID);
      stage.sometimes('a channel of the core was up when it was healed', pairs.some(hasLink));
      // Liveness: everybody talks, and is linked where the tables promise it and there is a P2P server to ask.
      const coreHosts = core.map(({ host }) => host);
      await healCore(stage, { core: [...coreHosts, server.host], rest: [clients[3]!.host, alone.host] });
      await stallIsNotAllowed(stage, coreHosts, server);
      await coreTalks(stage, core);
      const promised = plan.asksAlone ? [] : pairs.filter((pair) => isPromised(pair, plan.mode));
      for (const pair of promised) {
        await linksBy(stage, pair, stage.nowSecs() + LINKED_SECS);
        await talksDirectly(stage, pair);
        stage.reachable(REACHED);
      }
      stage.sometimes('a promised link was there again', promised.length > 0);
      stage.check(
        await talk.fileArrives(core[0]!, core[1]!, 50_000),
        'FIL-013',
        'a file does not arrive in the healed core',
      );
      await talk.judge(core);
    },
  }),
];

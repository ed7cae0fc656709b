/** A cluster under fire: servers crash and come back, the platform server is cut off, users come, go and move, all talk. */
import * as fc from 'fast-check';
import { scenario } from '../../api.ts';
import type { AnyScenario, Stage } from '../../api.ts';
import type { ClientSubject } from '../../attach/client-subject.ts';
import type { ServerSubject } from '../../attach/server-subject.ts';
import { boundOn, cluster, settled } from './clusters.ts';

const USERS = ['alice', 'bob', 'carol', 'dave'];
const SERVERS = 3;
const SERVER_OPTIONS = { autoRespondHeartBeat: true, heartbeatTimeoutInSecs: 12 };

type Deed =
  | { readonly kind: 'send' | 'ack'; readonly from: number; readonly to: number }
  | { readonly kind: 'move'; readonly user: number; readonly server: number }
  | { readonly kind: 'crash' | 'reset'; readonly server: number }
  | { readonly kind: 'cutOff'; readonly secs: number }
  | { readonly kind: 'acmsDies'; readonly secs: number }
  | { readonly kind: 'drop'; readonly user: number };

type Step = Deed & { readonly pauseMillis: number };

const user = fc.nat({ max: USERS.length - 1 });
const server = fc.nat({ max: SERVERS - 1 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('send' as const, 'ack' as const), from: user, to: user }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('move' as const), user, server }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('crash' as const, 'reset' as const), server }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cutOff' as const), secs: fc.integer({ min: 1, max: 20 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('acmsDies' as const), secs: fc.integer({ min: 1, max: 15 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drop' as const), user }) },
);
const step: fc.Arbitrary<Step> = fc
  .tuple(deed, fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 4000 })))
  .map(([what, pauseMillis]) => ({ ...what, pauseMillis }));

/** The story of one run: who is where is the engines' business, what is owed the journal's. */
class Story {
  readonly #stage: Stage;
  readonly #relogonMode: 'ReplaceOld' | 'IgnoreNew';
  acms: Awaited<ReturnType<Stage['acms']>>;
  readonly servers: ServerSubject[];
  readonly clients = new Map<string, ClientSubject>();
  readonly #pending: Promise<unknown>[] = [];

  constructor(stage: Stage, of: Awaited<ReturnType<typeof cluster>>, relogonMode: 'ReplaceOld' | 'IgnoreNew') {
    this.#stage = stage;
    this.#relogonMode = relogonMode;
    this.acms = of.acms;
    this.servers = of.servers;
  }

  /** A new client of that user on that server; whoever else has the name has to make room, or keeps it. */
  async enter(userID: string, at: ServerSubject): Promise<void> {
    const client = await this.#stage.client(userID, {
      lookup: this.acms,
      waitResponseTimeoutInSecs: 4,
      heartBeatSpanInSecs: 3,
    });
    const outcome = await client.logon(at).catch(() => undefined);
    if (outcome?.logonResult === 'Succeed') this.clients.set(userID, client);
  }

  async do(step: Step): Promise<void> {
    const { net } = this.#stage;
    switch (step.kind) {
      case 'send':
      case 'ack':
        this.#talk(USERS[step.from]!, USERS[step.to]!, step.kind);
        break;
      case 'move':
        this.#pending.push(this.enter(USERS[step.user]!, this.servers[step.server]!));
        break;
      case 'drop':
        await this.clients
          .get(USERS[step.user]!)
          ?.closeConnection(true)
          .catch(() => undefined);
        break;
      case 'reset':
        net.resetConnections(this.servers[step.server]!.host);
        break;
      case 'crash':
        await this.#crash(step.server);
        break;
      case 'cutOff':
        net.partition(this.acms.host);
        await this.#stage.sleep(step.secs);
        net.heal(this.acms.host);
        break;
      case 'acmsDies':
        await net.crash(this.acms.host);
        await this.#stage.sleep(step.secs);
        await net.restart(this.acms.host);
        this.acms = await this.#stage.acms({ after: this.acms });
        break;
    }
    await this.#stage.sleep(step.pauseMillis / 1000);
  }

  /** What was begun is over, well or not. */
  async finish(): Promise<void> {
    await Promise.all(this.#pending);
  }

  #talk(from: string, to: string, kind: 'send' | 'ack'): void {
    const client = this.clients.get(from);
    if (client === undefined) return;
    const call =
      kind === 'send'
        ? client.send(to, 90, this.#stage.payload())
        : client.sendCertainly(to, 90, this.#stage.payload());
    this.#pending.push(call.catch(() => undefined));
  }

  /** The machine loses power and is back some seconds later, in its old place. */
  async #crash(index: number): Promise<void> {
    const { acms } = this;
    const old = this.servers[index]!;
    await this.#stage.net.crash(old.host);
    await this.#stage.sleep(3);
    await this.#stage.net.restart(old.host);
    const { host, port } = old;
    const options = { ...SERVER_OPTIONS, relogonMode: this.#relogonMode, acms, serverID: index + 1, host, port };
    for (let attempt = 1; ; attempt++) {
      try {
        this.servers[index] = await this.#stage.server(options);
        return;
      } catch (error) {
        // The platform server may be away just now; an operator would try again.
        if (attempt === 5) throw error;
        await this.#stage.sleep(5);
      }
    }
  }
}

export const scenarios: readonly AnyScenario[] = [
  scenario({
    id: 'CLU-W0XG',
    title:
      'whatever dies, is cut off or moves: afterwards each user has one connection, the tables agree, and what was acknowledged was delivered',
    clauses: ['CLU-028', 'CLU-007', 'CLU-019', 'CLU-023', 'CLU-026', 'CLU-027', 'CLU-031', 'CLU-045'],
    kind: 'property',
    noParity: 'the plan is a race of faults, which real time decides otherwise',
    clients: 'reference',
    timeLimitSecs: 1200,
    plan: () =>
      fc.record({
        relogonMode: fc.constantFrom('ReplaceOld' as const, 'ReplaceOld' as const, 'IgnoreNew' as const),
        policy: fc.constantFrom(0 as const, 1 as const, 2 as const),
        lossPerMille: fc.constantFrom(0, 0, 20),
        delayMillis: fc.constantFrom(1, 5, 60),
        steps: fc.array(step, { minLength: 3, maxLength: 18 }),
      }),
    async run(stage, { relogonMode, policy, lossPerMille, delayMillis, steps }) {
      const of = await cluster(stage, SERVERS, { acms: { policy }, server: { ...SERVER_OPTIONS, relogonMode } });
      const story = new Story(stage, of, relogonMode);
      for (const [index, userID] of USERS.entries()) await story.enter(userID, of.servers[index % SERVERS]!);
      stage.net.conditions(of.acms.host, { lossPerMille, delayMillis });
      for (const each of steps) await story.do(each);
      await story.finish();
      // Calm: everybody is back within the longest reconnect, the heartbeat timeout, and the waits of both.
      const now = (): Parameters<typeof settled>[1] => ({ acms: story.acms, servers: story.servers });
      await stage.until(
        () => story.servers.every((each) => each.member?.platformConnected === true),
        60,
        'every server is in the cluster again',
        'CLU-011',
      );
      await stage.sleep(30);
      await settled(stage, now(), 'CLU-028', 60);
      for (const userID of USERS) {
        const client = story.clients.get(userID);
        const bound = boundOn(story.servers, userID).length;
        stage.check(bound <= 1, 'CLU-028', `${userID} is bound ${bound} times`);
        if (client?.engine?.connected !== true) continue;
        stage.equal(bound, 1, 'CLU-028', `connections of ${userID}, who is connected`);
        for (const other of USERS) {
          if (other === userID || boundOn(story.servers, other).length === 0) continue;
          await client.sendCertainly(other, 91, stage.payload());
        }
      }
    },
  }),
];
